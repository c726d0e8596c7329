"""Accounts: sessions: rows that end from here at once, wherever their cookie was copied to."""

import hashlib
import secrets
import uuid
from datetime import timedelta

from sqlalchemy import Update, delete, select, update
from sqlalchemy.orm import joinedload

from accounts.models import Membership, SignIn, User
from accounts.rules import Proof
from core import audit, clock
from core.actors import VISITOR, Actor
from core.db import change_rows, db
from core.errors import NotFound
from core.saving import saving

SEEN_EVERY = timedelta(minutes=1)
CLOCK_SLACK = timedelta(minutes=5)
SECOND_STEP_WITHIN = timedelta(minutes=10)
KEPT_FOR = timedelta(days=90)
"""How long one's past sessions can be looked up (security.md §5.1)."""


def start(
    user: User,
    *,
    by: Actor,
    device: str,
    replaces: str = "",
    proof: Proof = Proof.PASSWORD,
    whole: bool = True,
    outside: tuple[str, str] = ("", ""),
) -> str:
    """Begin a session and return the token for its cookie; an old session of this browser ends.

    `outside`: the provider that vouched, and what it calls the session.
    """
    if replaces:
        end(replaces, by=by)
    token = secrets.token_urlsafe(32)
    now = clock.now()
    db.session.add(
        SignIn(
            token_hash=hash_of(token),
            user_id=user.id,
            proof=proof,
            whole=whole,
            started_at=now,
            proved_at=now,
            seen_at=now,
            device=device[:120],
            outside=outside[0],
            outside_session=hash_of(outside[1]) if outside[1] else "",
        )
    )
    if whole:
        audit.record(by, "signed in", about=f"user:{user.id}", proof=proof)
    return token


def find(token: str, *, idle: timedelta, longest: timedelta) -> SignIn | None:
    """The live session behind a cookie, with its user and memberships; None fails closed."""
    session = _find(token)
    return session if session and session.whole and is_live(session, idle, longest) else None


def find_waiting(token: str) -> SignIn | None:
    """The session that waits for its second step, with its user."""
    session = _find(token)
    limit = SECOND_STEP_WITHIN
    return session if session and not session.whole and is_live(session, limit, limit) else None


def is_live(session: SignIn, idle: timedelta, longest: timedelta) -> bool:
    """Whether a session still opens what it opened."""
    now = clock.now()
    too_old = now - session.started_at > longest or now - session.seen_at > idle
    clock_ran_back = now < session.seen_at - CLOCK_SLACK
    return session.ended_at is None and not too_old and not clock_ran_back


def is_due_to_be_seen(session: SignIn) -> bool:
    """Whether the row should note that the browser is still there: once a minute at most."""
    return clock.now() - session.seen_at > SEEN_EVERY


def note_seen(session: SignIn) -> None:
    """Keep the session alive, inside saving()."""
    db.session.execute(update(SignIn).where(SignIn.id == session.id).values(seen_at=clock.now()))


def note_proved(session: SignIn, proof: Proof) -> str:
    """They have shown again who they are, inside saving(): the session goes on under the new token
    that is returned, and the old one is worthless."""
    now, token = clock.now(), secrets.token_urlsafe(32)
    shown = update(SignIn).where(SignIn.id == session.id, SignIn.ended_at.is_(None))
    values = {"proved_at": now, "seen_at": now, "proof": proof, "token_hash": hash_of(token)}
    if change_rows(shown.values(values)) != 1:
        raise NotFound
    by = Actor.of_user(session.user_id)
    audit.record(by, "proved", about=by.ref, proof=proof)
    return token


def count_as_password_only(user: User) -> None:
    """Their second step is gone: none of their sessions counts as more than a password's."""
    two = SignIn.proof.in_((Proof.TWO_STEPS, Proof.PASSKEY))
    theirs = update(SignIn).where(SignIn.user_id == user.id, SignIn.ended_at.is_(None), two)
    db.session.execute(theirs.values(proof=Proof.PASSWORD))


def live_sessions(user: User, *, idle: timedelta, longest: timedelta) -> list[SignIn]:
    """Where somebody is signed in, the latest first."""
    found = (
        select(SignIn)
        .where(SignIn.user_id == user.id, SignIn.whole, SignIn.ended_at.is_(None))
        .order_by(SignIn.seen_at.desc())
    )
    return [each for each in db.session.scalars(found) if is_live(each, idle, longest)]


def end(token: str, *, by: Actor) -> None:
    """End a session: its cookie is worthless from now on, wherever it was copied to."""
    _end(update(SignIn).where(SignIn.token_hash == hash_of(token)))
    if by is not VISITOR:
        audit.record(by, "signed out", about=by.ref)


def end_one(session_id: uuid.UUID, user: User, *, by: Actor) -> None:
    """End one session of somebody's; NotFound if it is no live one of theirs."""
    if not _end(update(SignIn).where(SignIn.id == session_id, SignIn.user_id == user.id)):
        raise NotFound
    audit.record(by, "signed out elsewhere", about=f"user:{user.id}")


def end_all(user: User, *, by: Actor, but: uuid.UUID | None = None) -> int:
    """End every session of somebody's, or every other; how many."""
    theirs = update(SignIn).where(SignIn.user_id == user.id)
    ended = _end(theirs.where(SignIn.id != but) if but else theirs)
    audit.record(by, "signed out elsewhere", about=f"user:{user.id}", count=ended)
    return ended


def end_from_outside(provider: str, *, sid: str, user_id: uuid.UUID | None) -> int:
    """An identity provider says that somebody has left there: the same session ends here, or all
    that it vouched for where it names none."""
    theirs = update(SignIn).where(SignIn.outside == provider)
    if sid:
        return _end(theirs.where(SignIn.outside_session == hash_of(sid)))
    return _end(theirs.where(SignIn.user_id == user_id))


def forget_old_sessions() -> int:
    """Drop sessions that were over three months ago; returns how many."""
    with saving():
        return change_rows(delete(SignIn).where(SignIn.seen_at < clock.now() - KEPT_FOR))


def hash_of(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _end(sessions: Update) -> int:
    return change_rows(sessions.where(SignIn.ended_at.is_(None)).values(ended_at=clock.now()))


def _find(token: str) -> SignIn | None:
    whole = joinedload(SignIn.user).joinedload(User.memberships).joinedload(Membership.organisation)
    found = db.session.scalars(
        select(SignIn)
        .where(SignIn.token_hash == hash_of(token), SignIn.ended_at.is_(None))
        .options(whole)  # one question: it is asked for every page
    )
    session = found.unique().one_or_none()
    return session if session and session.user.disabled_at is None else None
