"""Referrals, groups: how many more a group can take; a small one is never sent more than that.

Whoever was asked about counts from the asking until it ends, so that ten letters never go out for
one place. Asked within a transaction that holds the service, the answer stays true until the
commit.
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, func, select

from core import clock
from core.db import db
from core.languages import _
from core.rows import all_shown
from directory import Service
from referrals.models import GroupDesk, GroupPlace, Referral, RestWeek, WaitingPlace, Waits
from referrals.rules import OPEN, No, Status

A_WEEK = timedelta(days=7)
NEVER_CAME_ABOUT = frozenset(
    {Status.DRAFT, Status.REJECTED, Status.WITHDRAWN, Status.PERSON_DECLINED}
    | {Status.ENTERED_IN_ERROR}
)
NOT_RUNNING = frozenset({"paused", "retired"})
"""Lives of a listing in which nobody new is sent there."""


@dataclass(frozen=True, slots=True)
class Room:
    """What is free. None: there is no limit of that sort.

    `unsure`: the places are those of the listing, which nobody may have looked at lately.
    """

    places: int | None
    this_week: int | None
    high_support: int | None
    waiting: int
    resting: bool
    running: bool
    unsure: bool

    @property
    def is_full(self) -> bool:
        """Whether the group itself has said that there is no place; a listing's word is a hint."""
        return self.places == 0 and not self.unsure


@all_shown("how full a group is, whoever has people there: a count")
def room_at(service: Service, on: date | None = None) -> Room:
    """What is free in the week of a day, after those already asked about and those offered."""
    monday = monday_of(on or clock.today())
    desk = desk_of(service.id)
    resting = select(RestWeek.id).where(
        RestWeek.service_id == service.id, RestWeek.monday == monday
    )
    return Room(
        places=_places(service, desk),
        this_week=_this_week(service, desk, monday),
        high_support=_high_support(service, desk),
        waiting=_count_waiting(service.id, Waits.WAITING),
        resting=db.session.scalar(resting) is not None,
        running=service.life not in NOT_RUNNING,
        unsure=desk is None or desk.places is None,
    )


def may_take(service: Service, *, high_support: bool = False, has_turn: bool = False) -> No | None:
    """Why one more person cannot be sent there now; None when they can.

    Ask it while holding the service. `has_turn`: it is their turn on the waiting list.
    """
    room = room_at(service)
    name = service.name
    if not room.running:
        return No(_("%(name)s is not running at the moment.", name=name))
    if room.resting:
        return No(_("%(name)s takes nobody new this week.", name=name))
    if room.waiting and not has_turn:
        return No(_("Others wait for a place at %(name)s. Join the waiting list.", name=name))
    if room.is_full:
        return No(_("%(name)s is full. Join the waiting list.", name=name))
    if room.this_week == 0:
        return No(_("%(name)s has all the new people it can take this week.", name=name))
    if high_support and room.high_support == 0:
        return No(
            _("%(name)s cannot take one more person who needs a lot of support now.", name=name)
        )
    return None


def monday_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def desk_of(service_id: uuid.UUID) -> GroupDesk | None:
    """What the group has said it can take, if it has."""
    return db.session.scalar(select(GroupDesk).where(GroupDesk.service_id == service_id))


def at_group(service_id: uuid.UUID) -> tuple[ColumnElement[bool], ...]:
    """What is true of the referrals that hold a place there."""
    return (
        Referral.service_id == service_id,
        Referral.parent_id.is_not(None),
        Referral.status.in_(OPEN),
    )


def _places(service: Service, desk: GroupDesk | None) -> int | None:
    held = select(func.count()).select_from(Referral).where(*at_group(service.id))
    if desk is not None and desk.places is not None:
        limit = desk.places
    elif service.places_free is not None:
        # The listing says how many were free when it was last changed.
        limit = service.places_free
        held = held.where(Referral.created_at >= service.last_modified)
    else:
        return None
    return max(limit - _number(held) - _count_waiting(service.id, Waits.OFFERED), 0)


def _this_week(service: Service, desk: GroupDesk | None, monday: date) -> int | None:
    limit = desk.new_per_week if desk is not None else None
    limit = service.new_people_per_week if limit is None else limit
    if limit is None:
        return None
    start, end = _midnight(monday), _midnight(monday + A_WEEK)
    new = select(func.count()).where(
        Referral.service_id == service.id,
        Referral.parent_id.is_not(None),
        Referral.status.not_in(NEVER_CAME_ABOUT),
        Referral.created_at >= start,
        Referral.created_at < end,
    )
    offered = _offered(service.id).where(
        WaitingPlace.offered_at >= start, WaitingPlace.offered_at < end
    )
    return max(limit - _number(new) - _number(offered), 0)


def _high_support(service: Service, desk: GroupDesk | None) -> int | None:
    if desk is None or desk.high_support is None:
        return None
    there = (
        select(func.count())
        .select_from(Referral)
        .join(GroupPlace, GroupPlace.referral_id == Referral.id)
    )
    there = there.where(*at_group(service.id), GroupPlace.high_support.is_(True))
    offered = _offered(service.id).where(WaitingPlace.high_support.is_(True))
    return max(desk.high_support - _number(there) - _number(offered), 0)


def _offered(service_id: uuid.UUID) -> Select[int]:
    return select(func.count()).where(
        WaitingPlace.service_id == service_id, WaitingPlace.state == Waits.OFFERED
    )


def _count_waiting(service_id: uuid.UUID, state: Waits) -> int:
    return _number(
        select(func.count()).where(
            WaitingPlace.service_id == service_id, WaitingPlace.state == state
        )
    )


def _number(counted: Select[int]) -> int:
    return db.session.scalar(counted) or 0


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=clock.LONDON)
