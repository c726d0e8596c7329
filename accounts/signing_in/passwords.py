"""Accounts: passwords: how they are kept, and which are too easily guessed to be taken.

Kept as argon2id at 46 MiB and one pass (OWASP password storage), made by a helper (`hasher`).
What makes a password good is its length and that nobody has thought of it; nobody is made to mix
in signs, and none runs out.
"""

import re
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from accounts.models import User
from accounts.signing_in.common import SHORTEST, is_common
from accounts.signing_in.hasher import HASHER, Apart
from core import site
from core.languages import lazy

LONGEST = 200
FEWEST_SIGNS = 5
"""With fewer different signs it is a pattern: aaaaaaaaaaaa, 121212121212."""

IN_A_ROW = "0123456789012345678909876543210987654321 abcdefghijklmnopqrstuvwxyz qwertyuiopasdfghjkl"

TOO_SHORT = lazy("Your password must have 12 characters or more. Three words do well.")
TOO_COMMON = lazy("This password is one that thieves try first. Choose another.")
TOO_SIMPLE = lazy(
    "This password is too easy to guess. Try three words that do not belong together."
)
ABOUT_YOU = lazy("Leave your name, your email address and the name of this site out of it.")

MOST_AT_ONCE = 3
"""Strangers whose passwords a worker compares or is about to; it has one thread more for pages."""

_apart = Apart()
_strangers = threading.BoundedSemaphore(MOST_AT_ONCE)
_nobodys_hash = HASHER.hash(secrets.token_hex(16))
_WORD = re.compile(r"[^\W_]{4,}")


@contextmanager
def a_place(*, is_known: bool) -> Iterator[bool]:
    """Have a place among those whose passwords are compared; False where all are taken.

    A browser that is known has one always: whoever floods us must not keep its owner out.
    """
    if is_known:
        yield True
        return
    has_one = _strangers.acquire(blocking=False)
    try:
        yield has_one
    finally:
        if has_one:
            _strangers.release()


def hash_password(password: str) -> str:
    """The argon2id hash to keep."""
    return str(_apart.ask(password))


def is_password(kept_hash: str, typed: str) -> bool:
    """Whether this is what was hashed; slow on purpose, so never within a transaction.

    Without a hash to compare with it takes as long, and the answer is no.
    """
    return _apart.ask(typed, kept_hash or _nobodys_hash) is True and bool(kept_hash)


def is_kept_as_of_old(kept_hash: str) -> bool:
    """Whether the hash was made at another cost than today's, and should be made anew."""
    return HASHER.check_needs_rehash(kept_hash)


def objection_to(password: str, user: User) -> str:
    """Why this person should choose another password; "" if it will do."""
    if len(password) < SHORTEST:
        return str(TOO_SHORT)
    if _says_who(password.casefold(), user):
        return str(ABOUT_YOU)
    if len(set(password.casefold())) < FEWEST_SIGNS or password.casefold() in IN_A_ROW:
        return str(TOO_SIMPLE)
    return str(TOO_COMMON) if is_common(password) else ""


def _says_who(password: str, user: User) -> bool:
    """Whether little is left of it when the words about its owner are taken out."""
    mailbox, _, host = user.email.partition("@")
    about = _WORD.findall(f"{user.name} {mailbox} {host} {site.name()}".casefold())
    left = password
    for word in sorted([*about, site.name().casefold()], key=len, reverse=True):
        left = left.replace(word, "")
    return left != password and len(left) < SHORTEST
