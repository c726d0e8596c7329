"""Accounts: choosing a password: the first, a new one, or one instead of what was forgotten."""

import uuid
from datetime import timedelta

from sqlalchemy import select

from accounts.models import OutsideIdentity, User
from accounts.signing_in import factors, letters, sessions
from core import links, outbox
from core.actors import VISITOR, Actor
from core.db import db
from core.errors import NotFound
from core.links import SignedLink

CHOOSE_PASSWORD = "choose-password"  # noqa: S105 - what a link is for
INVITED_FOR = timedelta(days=7)
FORGOTTEN_FOR = timedelta(minutes=30)
LETTERS_A_QUARTER = 3


def invitation_to(user: User, *, by: Actor) -> str:
    """The path of a page where somebody newly invited chooses their first password."""
    return _path(user, INVITED_FOR, by=by)


def send_way_back_in(email: str) -> None:
    """Write to somebody who forgot their password; to an unknown address nothing is sent.

    Nor to who signs in elsewhere and has no password: a letter must not lead round that. For them
    the same is done and undone, so that how long it takes tells nobody whom we know.
    """
    wanted = select(User).where(User.email == email.strip().lower(), User.disabled_at.is_(None))
    found = db.session.scalar(wanted)
    nobody = User(id=uuid.uuid4(), email=email, name=email[:80])
    is_to_go = not _only_from_outside(found or nobody) and found is not None
    user = found if found is not None and is_to_go else nobody
    writing = db.session.begin_nested()
    path = _path(user, FORGOTTEN_FOR, by=VISITOR)
    outbox.put(letters.way_back_in(user, path, uuid.uuid4().hex))
    db.session.flush()
    if is_to_go:
        writing.commit()
    else:
        writing.rollback()


def user_of(link: SignedLink) -> User:
    """Whom a link lets choose a password."""
    user = db.session.get(User, uuid.UUID(link.about.removeprefix("user:").split("/")[0]))
    if user is None or user.disabled_at is not None:
        raise NotFound
    return user


def choose_password(user: User, password_hash: str, *, link: SignedLink, by: Actor) -> None:
    """Keep a password that was chosen with a link. The link is spent, the others are shut, and
    whoever is signed in with the old password is so no more."""
    links.use(link)
    links.revoke(link.about, by=by)
    is_first = not user.password_hash
    user.password_hash = password_hash
    sessions.end_all(user, by=by)
    if not is_first:
        factors.tell_of_change(user, letters.PASSWORD_CHANGED, by=by)


def change_password(user: User, password_hash: str, *, but: uuid.UUID, by: Actor) -> None:
    """Keep a new password; every other session ends."""
    user.password_hash = password_hash
    sessions.end_all(user, by=by, but=but)
    factors.tell_of_change(user, letters.PASSWORD_CHANGED, by=by)


def _only_from_outside(user: User) -> bool:
    linked = select(OutsideIdentity.id).where(OutsideIdentity.user_id == user.id).limit(1)
    return not user.password_hash and db.session.scalar(linked) is not None


def _path(user: User, lasts: timedelta, *, by: Actor) -> str:
    token = links.make(
        CHOOSE_PASSWORD,
        about=f"user:{user.id}/password",
        for_whom=user.name,
        lasts=lasts,
        by=by,
        single_use=True,
    )
    return f"/choose-password/{token}"
