"""Accounts: how often somebody may be wrong, counted in the database so all workers count alike.

A try is counted before anything is hashed, and taken back when it was right: guessing costs the
guesser more than us, and a hundred guesses sent at once are still a hundred.
"""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select

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


@dataclass(frozen=True, slots=True)
class Try:
    """One try, counted against an account and an address until it turns out to be right."""

    account: str
    at_address: uuid.UUID


def begin_try(account: str, address: str, *, most: int = MOST_PER_ACCOUNT) -> Try | None:
    """Count a try in a transaction of its own; None when there were too many of late."""
    limits = {account: most, f"at {address}": MOST_PER_ADDRESS}
    if _is_over(limits):  # asked first without writing: a flood of guesses is only read
        return None
    with saving(keyed=False):
        for who in sorted(_key(each) for each in limits):
            _take_turns(who)
        if _is_over(limits):
            return None
        rows = [WrongTry(who=_key(who), at=clock.now()) for who in limits]
        db.session.add_all(rows)
        db.session.flush()
        return Try(account, rows[1].id)


def was_right(made: Try) -> None:
    """Take a try back, and begin to count the account anew."""
    mine = (WrongTry.who == _key(made.account)) | (WrongTry.id == made.at_address)
    db.session.execute(delete(WrongTry).where(mine))


def was_wrong(user: User | None, account: str, *, tried: str) -> None:
    """Note what was tried in vain; the owner hears of it when the account has just shut."""
    whose = f"user:{user.id}" if user else "user:unknown"
    audit.record(VISITOR, "sign-in failed", about=whose, tried=tried)
    if _failed(account) < MOST_PER_ACCOUNT:  # asked first: it must take as long for nobody
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
    return any(_failed(who) >= most for who, most in limits.items())


def _failed(who: str) -> int:
    lately = (
        select(func.count())
        .select_from(WrongTry)
        .where(WrongTry.who == _key(who), WrongTry.at > clock.now() - WINDOW)
    )
    return db.session.scalar(lately) or 0


def _key(who: str) -> str:
    return hashlib.sha256(who.strip().lower().encode("utf-8", "replace")).hexdigest()


def _take_turns(who: str) -> None:
    """On PostgreSQL two could count at once and both find room; SQLite has one writer anyway."""
    if db.engine.dialect.name == "postgresql":
        number = int.from_bytes(bytes.fromhex(who[:16]), signed=True)
        db.session.execute(select(func.pg_advisory_xact_lock(number)))
