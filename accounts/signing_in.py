"""Accounts: signing in and out, over a session row that can be ended from here at once."""

import hashlib
import secrets
import threading
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import joinedload

from accounts.models import Membership, SignIn, User, WrongTry
from core import audit, clock
from core.actors import VISITOR, Actor
from core.db import change_rows, db
from core.languages import lazy
from core.saving import saving

WINDOW = timedelta(minutes=15)
MOST_PER_ACCOUNT = 10
MOST_PER_ADDRESS = 100
SEEN_EVERY = timedelta(minutes=1)
CLOCK_SLACK = timedelta(minutes=5)

# OWASP password storage: 46 MiB, one pass; about 27 ms of one core a try.
_hasher = PasswordHasher(memory_cost=46 * 1024, time_cost=1, parallelism=1)
_at_most_two = threading.BoundedSemaphore(2)
_nobodys_hash = _hasher.hash(secrets.token_hex(16))

WRONG = lazy("The email address or the password is not right. Check both and try again.")
TOO_MANY = lazy("Too many tries. Wait 15 minutes, then try again.")


def hash_password(password: str) -> str:
    """The argon2id hash to keep."""
    with _at_most_two:
        return _hasher.hash(password)


def is_password(kept_hash: str, typed: str) -> bool:
    """Whether this is what was hashed; slow on purpose, so never within a transaction."""
    with _at_most_two:
        try:
            return _hasher.verify(kept_hash, typed)
        except (VerificationError, InvalidHashError):
            return False


def is_throttled(email: str, address: str) -> bool:
    """Whether this account or this address has failed too often lately; asked before hashing."""
    return any(
        (
            db.session.scalar(
                select(func.count())
                .select_from(WrongTry)
                .where(WrongTry.who == _key(who), WrongTry.at > clock.now() - WINDOW)
            )
            or 0
        )
        >= most
        for who, most in ((email, MOST_PER_ACCOUNT), (address, MOST_PER_ADDRESS))
    )


def find_user(email: str, password: str) -> User | None:
    """The user with this address and password; as slow for an unknown address as for a known."""
    user = db.session.scalar(select(User).where(User.email == email.strip().lower()))
    kept = user.password_hash if user and user.disabled_at is None else _nobodys_hash
    # Hashing takes a while and needs no database: let nobody wait for our transaction.
    db.session.rollback()
    is_right = is_password(kept, password)
    return user if is_right and user and user.disabled_at is None else None


def note_wrong_try(email: str, address: str) -> None:
    """Count a failed sign-in; what was typed is not kept."""
    for who in (_key(email), _key(address)):
        db.session.add(WrongTry(who=who, at=clock.now()))


def start(user: User, *, by: Actor, device: str, replaces: str = "") -> str:
    """Begin a session and return the token for its cookie; an old session of this browser ends."""
    if replaces:
        end(replaces, by=by)
    token = secrets.token_urlsafe(32)
    now = clock.now()
    db.session.add(
        SignIn(
            token_hash=_key(token),
            user_id=user.id,
            started_at=now,
            seen_at=now,
            device=device[:120],
        )
    )
    db.session.execute(delete(WrongTry).where(WrongTry.who == _key(user.email)))
    audit.record(by, "signed in", about=f"user:{user.id}")
    return token


def find(token: str, *, idle: timedelta, longest: timedelta) -> SignIn | None:
    """The live session behind a cookie, with its user and memberships; None fails closed."""
    now = clock.now()
    whole = joinedload(SignIn.user).joinedload(User.memberships).joinedload(Membership.organisation)
    found = db.session.scalars(
        select(SignIn)
        .where(SignIn.token_hash == _key(token), SignIn.ended_at.is_(None))
        .options(whole)  # one question: it is asked for every page
    )
    session = found.unique().one_or_none()
    if session is None or session.user.disabled_at is not None:
        return None
    too_old = now - session.started_at > longest or now - session.seen_at > idle
    clock_ran_back = now < session.seen_at - CLOCK_SLACK
    return None if too_old or clock_ran_back else session


def is_due_to_be_seen(session: SignIn) -> bool:
    """Whether the row should note that the browser is still there: once a minute at most."""
    return clock.now() - session.seen_at > SEEN_EVERY


def note_seen(session: SignIn) -> None:
    """Keep the session alive, inside saving()."""
    db.session.execute(update(SignIn).where(SignIn.id == session.id).values(seen_at=clock.now()))


def end(token: str, *, by: Actor) -> None:
    """End a session: its cookie is worthless from now on, wherever it was copied to."""
    db.session.execute(
        update(SignIn)
        .where(SignIn.token_hash == _key(token), SignIn.ended_at.is_(None))
        .values(ended_at=clock.now())
    )
    if by is not VISITOR:
        audit.record(by, "signed out", about=by.ref)


def forget_wrong_tries() -> int:
    """Drop the failed tries that count no longer; returns how many."""
    with saving():
        return change_rows(delete(WrongTry).where(WrongTry.at < clock.now() - WINDOW))


def _key(text: str) -> str:
    return hashlib.sha256(text.strip().lower().encode("utf-8", "replace")).hexdigest()
