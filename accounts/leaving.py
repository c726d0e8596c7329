"""Accounts: somebody leaves, or does not come any more: nothing of theirs stays open or unowned.

What people hold is known to the rooms above, who say so with `say_what_is_held`.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from accounts.models import Organisation, SignIn, User
from accounts.signing_in import sessions
from accounts.staff import OWN_ACCOUNT, roles_in, take_role
from core import audit, clock, links
from core.actors import Actor, system
from core.db import db
from core.errors import Forbidden, NotFound, Refused
from core.languages import _
from core.saving import saving

DORMANT_AFTER = timedelta(days=90)
DORMANT = system("dormant")


@dataclass(frozen=True, slots=True)
class Holding:
    """What a room knows of somebody who leaves: how much is in their hands, who could take it."""

    count: Callable[[User, uuid.UUID], int]
    takers: Callable[[User, uuid.UUID], Sequence[User]]
    hand_over: Callable[[User, uuid.UUID, User | None, Actor], None]


_holdings: list[Holding] = []


def say_what_is_held(holding: Holding) -> None:
    """Register what a room puts into people's hands. Called once by a room."""
    if holding not in _holdings:
        _holdings.append(holding)


def held_by(user: User, organisation: Organisation) -> int:
    """How much is in somebody's hands that somebody else has to take."""
    return sum(each.count(user, organisation.id) for each in _holdings)


def takers_for(user: User, organisation: Organisation) -> list[User]:
    """Who can take it."""
    found = {it.id: it for each in _holdings for it in each.takers(user, organisation.id)}
    return sorted(found.values(), key=lambda user: user.name)


def leave(user: User, organisation: Organisation, *, to: User | None, by: Actor) -> None:
    """Somebody leaves: what they hold is handed over, every session and key ends, all at once."""
    if user.id == by.user_id:
        raise Forbidden(OWN_ACCOUNT)
    roles = roles_in(organisation.id, user)
    if not roles:
        raise NotFound
    if held_by(user, organisation) and (
        to is None or to.id not in {it.id for it in takers_for(user, organisation)}
    ):
        raise Refused(_("Say who takes over the people they look after."))
    for each in _holdings:
        each.hand_over(user, organisation.id, to, by)
    for role in roles:
        take_role(user, organisation, role, by=by)
    if not user.memberships:
        user.disabled_at = clock.now()
    shut_out(user, by=by)
    audit.record(
        by,
        "user left",
        about=f"user:{user.id}",
        organisation=str(organisation.id),
        to=str(to.id) if to else "",
    )


def shut_out(user: User, *, by: Actor) -> None:
    """End every session of somebody and every link that lets them in."""
    sessions.end_all(user, by=by)
    for about in (f"user:{user.id}", f"user:{user.id}/password"):
        links.revoke(about, by=by)


def suspend_dormant() -> int:
    """Shut out who has not been here for 90 days; whoever keeps them can let them in again."""
    since = clock.now() - DORMANT_AFTER
    here = select(SignIn.user_id).where(SignIn.seen_at > since)
    gone = select(User).where(
        User.disabled_at.is_(None), User.created_at < since, User.id.not_in(here)
    )
    with saving():
        found = list(db.session.scalars(gone))
        for user in found:
            user.disabled_at = clock.now()
            shut_out(user, by=DORMANT)
            audit.record(DORMANT, "user suspended", about=f"user:{user.id}")
    return len(found)


def find_user(email: str) -> User:
    """The user with this address, or NotFound."""
    found = db.session.scalar(select(User).where(User.email == email.strip().lower()))
    if found is None:
        raise NotFound
    return found
