"""Referrals, the day: whose people somebody looks after today, their own and those they cover for.

Everybody in a team may open every record of the team. Cover says whose work is on whose list; what
is done then is written down as done on the other's behalf.
"""

import uuid
from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import joinedload

from accounts import May, User, actor_for
from core import audit, clock
from core.actors import Actor
from core.db import db
from core.errors import Forbidden, NotFound, Refused
from referrals.models import Cover, Referral
from referrals.rules import NOT_YOURS, Status
from referrals.sight import referrals_for


def referrals_of(actor: Actor, *, team: bool = False) -> Select[Referral]:
    """What came to the actor's teams. Without `team`: what is theirs, and what nobody has taken on.

    Theirs is also what belongs to somebody they cover for today.
    """
    came = referrals_for(actor).where(
        Referral.parent_id.is_(None),
        Referral.to_organisation_id.in_(actor.where(May.WORK_CASELOAD)),
        Referral.status != Status.DRAFT,
    )
    return came if team else came.where(or_(_theirs(actor), Referral.owner_id.is_(None)))


def begin(away: User, covering: User, *, from_on: date, until_on: date, by: Actor) -> Cover:
    """Agree who looks after somebody's people while they are away."""
    if by.user_id not in {away.id, covering.id} and not _leads(by, away):
        raise Forbidden(NOT_YOURS.reason)
    if until_on < from_on or until_on < clock.today():
        raise Refused("The last day must not be before the first, or already over.")
    if away.id == covering.id or not _teams_of(away) & _teams_of(covering):
        raise Refused("Choose somebody else of the same team.")
    cover = Cover(
        away=away,
        covering=covering,
        from_on=from_on,
        until_on=until_on,
        by=by.ref,
        at=clock.now(),
    )
    db.session.add(cover)
    db.session.flush()
    audit.record(by, "cover agreed", about=f"user:{away.id}", covering=str(covering.id))
    return cover


def end(cover: Cover, *, by: Actor) -> None:
    """The cover is over from now on; to end it again changes nothing."""
    if cover.ended_at is None:
        cover.ended_at = clock.now()
        db.session.flush()
        audit.record(by, "cover ended", about=f"user:{cover.away_id}")


def get_cover(cover_id: uuid.UUID, *, seen_by: Actor) -> Cover:
    """A cover the actor has a part in, or leads the team of; NotFound otherwise."""
    found = db.session.get(Cover, cover_id)
    if found is None:
        raise NotFound
    if seen_by.user_id in {found.away_id, found.covering_id} or _leads(seen_by, found.away):
        return found
    raise NotFound


def covers_of(users: Sequence[User]) -> Sequence[Cover]:
    """The covers of these people that are on or to come, the nearest first."""
    return db.session.scalars(
        select(Cover)
        .where(
            Cover.away_id.in_([user.id for user in users]),
            Cover.until_on >= clock.today(),
            Cover.ended_at.is_(None),
        )
        .options(joinedload(Cover.away), joinedload(Cover.covering))
        .order_by(Cover.from_on)
    ).all()


def covers_for(actor: Actor) -> Sequence[Cover]:
    """For whom the actor covers today."""
    wanted = select(Cover).where(_now(actor)).options(joinedload(Cover.away))
    return db.session.scalars(wanted.order_by(Cover.until_on)).all()


def on_behalf_of(actor: Actor, referral: Referral) -> str:
    """For whom the actor acts when they cover for whoever looks after this person, else ""."""
    owner = referral.owner_id
    if owner is None or actor.user_id is None or owner == actor.user_id:
        return ""
    covering = select(Cover.id).where(_now(actor), Cover.away_id == owner).limit(1)
    return f"user:{owner}" if db.session.scalar(covering) else ""


def _theirs(actor: Actor) -> ColumnElement[bool]:
    away = select(Cover.away_id).where(_now(actor))
    return or_(Referral.owner_id == actor.user_id, Referral.owner_id.in_(away))


def _now(actor: Actor) -> ColumnElement[bool]:
    return and_(
        Cover.covering_id == actor.user_id,
        Cover.from_on <= clock.today(),
        Cover.until_on >= clock.today(),
        Cover.ended_at.is_(None),
    )


def _teams_of(user: User) -> frozenset[uuid.UUID]:
    return actor_for(user).where(May.WORK_CASELOAD)


def _leads(actor: Actor, user: User) -> bool:
    return bool(actor.where(May.LEAD_TEAM) & _teams_of(user))
