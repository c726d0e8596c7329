"""Referrals: a link worker leaves: each person they look after goes to a colleague."""

import uuid
from collections.abc import Sequence

from sqlalchemy import Select, delete, func, or_, select

from accounts import Holding, Role, User, members, say_what_is_held
from core import links, rows
from core.actors import Actor
from core.db import db
from referrals.day.appointments import calendar_about
from referrals.day.team import hand_back
from referrals.models import Cover, Referral
from referrals.rules import OPEN

WHY = "who leaves hands over all the people they look after"


def init_app() -> None:
    """Tell the accounts what people hold here."""
    say_what_is_held(Holding(count=count, takers=takers, hand_over=hand_over))


def count(user: User, team_id: uuid.UUID) -> int:
    """How many people somebody of a team looks after."""
    with rows.all_shown(WHY):
        return db.session.scalar(_theirs(user, team_id).with_only_columns(func.count())) or 0


def takers(user: User, team_id: uuid.UUID) -> Sequence[User]:
    """The colleagues who look after people."""
    team = [*members(team_id, Role.LINK_WORKER), *members(team_id, Role.TEAM_LEAD)]
    return [each for each in team if each.id != user.id]


def hand_over(user: User, team_id: uuid.UUID, to: User | None, by: Actor) -> None:
    """Give everybody to the colleague; nobody covers for who is gone, and their calendar ends."""
    with rows.all_shown(WHY):
        for referral in db.session.scalars(_theirs(user, team_id)).all():
            hand_back(referral, to.id if to else None, by=by)
    db.session.execute(
        delete(Cover).where(or_(Cover.away_id == user.id, Cover.covering_id == user.id))
    )
    links.revoke(calendar_about(user.id), by=by)


def _theirs(user: User, team_id: uuid.UUID) -> Select[Referral]:
    return select(Referral).where(
        Referral.owner_id == user.id,
        Referral.to_organisation_id == team_id,
        Referral.parent_id.is_(None),
        Referral.status.in_(OPEN),
    )
