"""Accounts: how often somebody may be wrong, counted in the database so all workers count alike.

A try is counted before anything is hashed, and taken back when it was right: guessing costs the
guesser more than us, and a hundred guesses sent at once are still a hundred.
"""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, insert, select

from accounts.models import User, WrongTry
from accounts.signing_in import letters
from core import audit, clock, outbox
from core.actors import VISITOR
from core.db import change_rows, db
from core.languages import lazy
from core.saving import saving

WINDOW = timedelta(minutes=15)
MOST_PER_ACCOUNT = 10
MOST_PER_ADDRESS = 100

TOO_MANY = lazy("Too many tries. Wait 15 minutes, then try again.")
TOO_BUSY = lazy("Very many people are signing in just now. Wait a few seconds, then try again.")


@dataclass(frozen=True, slots=True)
class Try:
    """One try, counted against an account and an address until it turns out to be right."""

    account: str
    at_address: uuid.UUID | None


def begin_try(
    account: str, address: str, *, most: int = MOST_PER_ACCOUNT, device: str = ""
) -> Try | None:
    """Count a try in a transaction of its own; None when there were too many of late.

    `device`: where the account is known by the browser it was signed in with before, what others
    try from elsewhere does not count against it.
    """
    if device:
        account = f"{account} on {device}"
    limits = {account: most} if device else {account: most, f"at {address}": MOST_PER_ADDRESS}
    if _is_over(limits):  # asked first without writing: a flood of guesses is only read
        return None
    with saving(keyed=False):
        for who in sorted(_key(each) for each in limits):
            _take_turns(who)
        if _is_over(limits):
            return None
        ids = {who: uuid.uuid4() for who in limits}
        rows = [{"id": ids[who], "who": _key(who), "at": clock.now()} for who in limits]
        db.session.execute(insert(WrongTry), rows)
        return Try(account, ids.get(f"at {address}"))


def was_right(made: Try) -> None:
    """Take a try back, and begin to count the account anew."""
    mine = (WrongTry.who == _key(made.account)) | (WrongTry.id == made.at_address)
    db.session.execute(delete(WrongTry).where(mine))


def was_wrong(user: User | None, account: str, *, tried: str) -> None:
    """Note what was tried in vain; the owner hears of it when the account has just shut."""
    whose = f"user:{user.id}" if user else "user:unknown"
    audit.record(VISITOR, "sign-in failed", about=whose, tried=tried)
    if (
        _failed(account).get(_key(account), 0) < MOST_PER_ACCOUNT
    ):  # asked first: it must take as long for nobody
        return
    if user is None or user.disabled_at is not None:
        return
    audit.record(VISITOR, "account shut for a while", about=f"user:{user.id}")
    outbox.put(letters.shut_for_a_while(user, clock.now()))


def forget_wrong_tries() -> int:
    """Drop the failed tries that count no longer; returns how many."""
    with saving():
        return change_rows(delete(WrongTry).where(WrongTry.at <= clock.now() - WINDOW))


def _is_over(limits: dict[str, int]) -> bool:
    failed = _failed(*limits)
    return any(failed.get(_key(who), 0) >= most for who, most in limits.items())


def _failed(*names: str) -> dict[str, int]:
    lately = (
        select(WrongTry.who, func.count())
        .where(WrongTry.who.in_([_key(who) for who in names]), WrongTry.at > clock.now() - WINDOW)
        .group_by(WrongTry.who)
    )
    return dict(db.session.execute(lately).all())


def _key(who: str) -> str:
    return hashlib.sha256(who.strip().lower().encode("utf-8", "replace")).hexdigest()


def _take_turns(who: str) -> None:
    """On PostgreSQL two could count at once and both find room; SQLite has one writer anyway."""
    if db.engine.dialect.name == "postgresql":
        number = int.from_bytes(bytes.fromhex(who[:16]), signed=True)
        db.session.execute(select(func.pg_advisory_xact_lock(number)))
