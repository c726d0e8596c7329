"""Referrals, groups: the groups a link-worker team sends people to, and how each of them stands."""

import uuid
from dataclasses import dataclass

from sqlalchemy import case, func, or_, select

from accounts import May
from core.actors import Actor
from core.db import db
from core.errors import NotFound
from directory import Service
from referrals.groups.capacity import Room, room_at
from referrals.models import Referral, WaitingPlace
from referrals.rules import OPEN, UNANSWERED


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One group: how many of the team's people it has, how many it has not answered for."""

    service: Service
    people: int
    unanswered: int
    room: Room


def groups_for(actor: Actor) -> list[GroupRow]:
    """The groups that have somebody of the actor's teams, or are asked for them, by name."""
    unanswered = func.sum(case((Referral.status.in_(UNANSWERED), 1), else_=0))
    counted = (
        select(Referral.service_id, func.count(), unanswered)
        .where(
            Referral.parent_id.is_not(None),
            Referral.from_organisation_id.in_(actor.where(May.WORK_CASELOAD)),
            Referral.status.in_(OPEN),
        )
        .group_by(Referral.service_id)
    )
    found = {key: (people, int(waits)) for key, people, waits in db.session.execute(counted)}
    services = select(Service).where(Service.id.in_(found)).order_by(Service.name, Service.id)
    return [GroupRow(each, *found[each.id], room_at(each)) for each in db.session.scalars(services)]


def get_group(service_id: uuid.UUID, *, seen_by: Actor) -> Service:
    """A group that the actor's teams have sent somebody to, or wait for; NotFound otherwise."""
    teams = seen_by.where(May.WORK_CASELOAD)
    sent = select(Referral.service_id).where(
        Referral.parent_id.is_not(None), Referral.from_organisation_id.in_(teams)
    )
    waits = (
        select(WaitingPlace.service_id)
        .join(Referral, Referral.id == WaitingPlace.referral_id)
        .where(Referral.to_organisation_id.in_(teams))
    )
    known = or_(Service.id.in_(sent), Service.id.in_(waits))
    found = db.session.scalar(select(Service).where(Service.id == service_id, known))
    if found is None:
        raise NotFound
    return found
