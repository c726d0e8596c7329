"""Referrals, groups: what a group says it can take: by its own link, or to a link worker."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import delete, select

from accounts import May
from core import audit, clock
from core.actors import Actor, Kind
from core.db import db, hold
from core.errors import Forbidden
from directory import Service
from referrals.groups.capacity import A_WEEK, monday_of
from referrals.groups.keys import opens_service
from referrals.groups.places import open_desk
from referrals.models import GroupDesk, RestWeek
from referrals.rules import NOT_YOURS

WEEKS_AHEAD = 12


def set_room(
    service: Service,
    *,
    places: int | None,
    new_per_week: int | None,
    high_support: int | None,
    by: Actor,
) -> GroupDesk:
    """Write down how many the group can take; nobody who comes already is sent away by it."""
    may_say(service, by)
    hold(service)
    desk = open_desk(service, by=by)
    desk.places, desk.new_per_week, desk.high_support = places, new_per_week, high_support
    desk.changed_at, desk.changed_by, desk.changed_by_name = clock.now(), by.ref, by.name
    db.session.flush()
    audit.record(
        by,
        "room set",
        about=f"service:{service.id}",
        places=places,
        new_per_week=new_per_week,
        high_support=high_support,
    )
    return desk


def rest(service: Service, mondays: Collection[date], *, by: Actor) -> None:
    """These and no other weeks to come are weeks in which nobody new is sent."""
    may_say(service, by)
    hold(service)
    to_come = delete(RestWeek).where(
        RestWeek.service_id == service.id, RestWeek.monday >= monday_of(clock.today())
    )
    db.session.execute(to_come)
    wanted = sorted(set(mondays) & set(weeks_ahead()))
    db.session.add_all([RestWeek(service_id=service.id, monday=monday) for monday in wanted])
    db.session.flush()
    weeks = " ".join(monday.isoformat() for monday in wanted)
    audit.record(by, "rest weeks set", about=f"service:{service.id}", weeks=weeks)


def rest_weeks(service: Service) -> list[date]:
    """The Mondays of the weeks to come, and of this one, in which the group rests."""
    found = select(RestWeek.monday).where(
        RestWeek.service_id == service.id, RestWeek.monday >= monday_of(clock.today())
    )
    return list(db.session.scalars(found.order_by(RestWeek.monday)))


def weeks_ahead() -> list[date]:
    """The Mondays a group can choose from."""
    first = monday_of(clock.today())
    return [first + number * A_WEEK for number in range(WEEKS_AHEAD)]


def may_say(service: Service, by: Actor) -> None:
    """Forbidden unless they are the group itself or a link worker."""
    keeps = service.organisation_id in by.where(May.KEEP_LISTINGS)
    holds_key = by.kind is Kind.LINK and opens_service(by, service)
    if not (keeps or holds_key or by.may(May.WORK_CASELOAD)):
        raise Forbidden(NOT_YOURS.reason)
