"""Accounts: the people of an organisation, as whoever keeps them sees them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from accounts.models import Membership, Organisation, SignIn, User
from accounts.rules import May, Role
from core.actors import Actor
from core.db import db


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of an organisation, what they are there, and when they were last seen."""

    user: User
    roles: tuple[Role, ...]
    last_seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Staff:
    """An organisation and its people, by name."""

    organisation: Organisation
    people: Sequence[Colleague]


def staff_kept_by(actor: Actor) -> list[Staff]:
    """The people of every organisation whose users this actor keeps."""
    kept = select(Organisation).where(Organisation.id.in_(actor.where(May.KEEP_USERS)))
    return [Staff(each, _people_of(each.id)) for each in db.session.scalars(kept.order_by("name"))]


def _people_of(organisation_id: uuid.UUID) -> list[Colleague]:
    seen = dict(
        db.session.execute(
            select(SignIn.user_id, func.max(SignIn.seen_at)).group_by(SignIn.user_id)
        ).all()
    )
    people = (
        select(User)
        .where(User.memberships.any(Membership.organisation_id == organisation_id))
        .where(User.disabled_at.is_(None))
        .order_by(User.name)
        .options(selectinload(User.memberships))
    )
    return [
        Colleague(user, _roles_in(organisation_id, user), seen.get(user.id))
        for user in db.session.scalars(people)
    ]


def _roles_in(organisation_id: uuid.UUID, user: User) -> tuple[Role, ...]:
    return tuple(
        sorted(it.role for it in user.memberships if it.organisation_id == organisation_id)
    )
