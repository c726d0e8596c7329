"""Accounts: passwords: how they are kept, and which are too easily guessed to be taken.

Kept as argon2id at 46 MiB and one pass (OWASP password storage), about 27 ms of one core a try.
What makes a password good is its length and that nobody has thought of it; nobody is made to mix
in signs, and none runs out.
"""

import re
import secrets
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from accounts.models import User
from accounts.signing_in.common import SHORTEST, is_common
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

_hasher = PasswordHasher(memory_cost=46 * 1024, time_cost=1, parallelism=1)
_at_most_two = threading.BoundedSemaphore(2)
_nobodys_hash = _hasher.hash(secrets.token_hex(16))
_WORD = re.compile(r"[^\W_]{4,}")


def hash_password(password: str) -> str:
    """The argon2id hash to keep."""
    with _at_most_two:
        return _hasher.hash(password)


def is_password(kept_hash: str, typed: str) -> bool:
    """Whether this is what was hashed; slow on purpose, so never within a transaction.

    Without a hash to compare with it takes as long, and the answer is no.
    """
    with _at_most_two:
        try:
            return _hasher.verify(kept_hash or _nobodys_hash, typed) and bool(kept_hash)
        except (VerificationError, InvalidHashError):
            return False


def is_kept_as_of_old(kept_hash: str) -> bool:
    """Whether the hash was made at another cost than today's, and should be made anew."""
    return _hasher.check_needs_rehash(kept_hash)


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
