"""Referrals, groups: "who came?": one letter a week to each group, and the page behind its link.

The letter goes the morning after the last session of the week that somebody was expected at. It
speaks of people by their numbers alone; their first names are on the page.
"""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from core import audit, clock, outbox, site
from core.actors import Actor, system
from core.db import db
from core.languages import _
from core.saving import saving
from core.working_days import working_days_after
from directory import Service, next_sessions
from referrals import letters
from referrals.day import tasks
from referrals.groups.attendance import said_of_all
from referrals.groups.capacity import A_WEEK, monday_of
from referrals.groups.keys import is_of, week_key
from referrals.models import GroupPlace, GroupWeek, Referral, TaskKind
from referrals.rules import UNDER_WAY, Action, Came, Status

GOES_THERE = UNDER_WAY - {Status.ON_HOLD}
NOT_BEFORE = 8
"""The hour before which no group is written to."""

MOST_SESSIONS = 30


@dataclass(frozen=True, slots=True)
class Expected:
    """Somebody expected at a session: their number at the group, and what is known of the day."""

    onward: Referral
    number: int
    code: str
    on: date
    came: Came | None

    @property
    def called(self) -> str:
        return self.onward.person.called

    @property
    def activity(self) -> str:
        return self.onward.service.name if self.onward.service else ""

    @property
    def key(self) -> str:
        """How a form speaks of this line."""
        return f"p{self.number}-{self.on:%Y%m%d}"


def ask_who_came() -> int:
    """Write to every group whose sessions of a week are over; returns how many letters went."""
    if clock.local(clock.now()).hour < NOT_BEFORE:
        return 0
    last = monday_of(clock.today() - timedelta(days=1))
    written = 0
    for address, services in _groups():
        for monday in (last - A_WEEK, last):
            with saving():
                written += _ask(address, services, monday, by=system("who came"))
    return written


def expected_at(services: Sequence[Service], first: date, last: date) -> list[Expected]:
    """Who is expected at the sessions of these activities from one day to another, in order."""
    found: list[tuple[date, Referral]] = []
    for service in services:
        people = _people_of(service.id)
        held = _days_held(service, first, last) if people else set()
        for onward in people:
            days = held | {v.session_on for v in onward.visits if v.came is not Came.CALLED_OFF}
            begins = _begins(onward)
            found += [(day, onward) for day in days if max(first, begins) <= day <= last]
    if not found:
        return []
    people = [onward for _day, onward in found]
    said = said_of_all(people, {day for day, _onward in found})
    places = _places(people)
    lines = [
        Expected(o, places[o.id].number, places[o.id].code, day, said.get((o.id, day)))
        for day, o in found
        if o.id in places
    ]
    return sorted(lines, key=lambda line: (line.on, line.activity, line.number))


def lines_of(week: GroupWeek) -> list[Expected]:
    """Who was expected in the week of a letter; not whose referral has ended since."""
    services = [each for each in _services_of(week.organisation_id) if is_of(week, each)]
    last = min(week.monday + A_WEEK - timedelta(days=1), clock.today())
    return expected_at(services, week.monday, last)


def _groups() -> list[tuple[str, list[Service]]]:
    """The activities somebody goes to, by group and address."""
    going = select(Referral.service_id).where(
        Referral.parent_id.is_not(None), Referral.status.in_(GOES_THERE)
    )
    services = db.session.scalars(select(Service).where(Service.id.in_(going)))
    groups: dict[tuple[uuid.UUID, str], list[Service]] = defaultdict(list)
    for each in services:
        groups[each.organisation_id, letters.address_of(each).lower()].append(each)
    db.session.rollback()
    return [(address, services) for (_group, address), services in groups.items()]


def _services_of(organisation_id: uuid.UUID) -> list[Service]:
    found = select(Service).where(Service.organisation_id == organisation_id)
    return list(db.session.scalars(found.order_by(Service.name, Service.id)))


def _ask(address: str, services: Sequence[Service], monday: date, *, by: Actor) -> int:
    organisation = services[0].organisation
    already = select(GroupWeek.id).where(
        GroupWeek.organisation_id == organisation.id,
        GroupWeek.address == address,
        GroupWeek.monday == monday,
    )
    if db.session.scalar(already) is not None:
        return 0
    lines = expected_at(services, monday, monday + A_WEEK - timedelta(days=1))
    over = lines and lines[-1].on < clock.today()
    if not over or all(line.came is not None for line in lines):
        return 0
    week = GroupWeek(
        organisation_id=organisation.id, monday=monday, address=address, asked_at=clock.now()
    )
    db.session.add(week)
    db.session.flush()
    audit.record(by, "group asked who came", about=week.about)
    if not address:
        _have_it_rung(lines)
        return 0
    url = site.address(week_key(week, for_whom=organisation.name, by=by))
    outbox.put(letters.who_came(organisation, address, _sessions(lines), url, about=week.about))
    return 1


def _have_it_rung(lines: Sequence[Expected]) -> None:
    """A group that cannot be written to is rung by the link workers."""
    for line in lines:
        if line.came is None:
            words = _(
                "Ring %(name)s: did they come on %(day)s?",
                name=line.activity,
                day=letters.day_of(line.on),
            )
            due = working_days_after(clock.today(), 1)
            tasks.add(line.onward, words, due, kind=TaskKind.GROUP, by=system("who came"))


def _sessions(lines: Sequence[Expected]) -> list[tuple[str, date, list[int]]]:
    sessions: dict[tuple[str, date], list[int]] = defaultdict(list)
    for line in lines:
        sessions[line.activity, line.on].append(line.number)
    return [(name, on, numbers) for (name, on), numbers in sessions.items()]


def _people_of(service_id: uuid.UUID) -> list[Referral]:
    found = select(Referral).where(
        Referral.service_id == service_id,
        Referral.parent_id.is_not(None),
        Referral.status.in_(GOES_THERE),
    )
    return list(db.session.scalars(found.options(joinedload(Referral.person))))


def _places(people: Sequence[Referral]) -> dict[uuid.UUID, GroupPlace]:
    found = select(GroupPlace).where(GroupPlace.referral_id.in_([each.id for each in people]))
    return {place.referral_id: place for place in db.session.scalars(found)}


def _begins(onward: Referral) -> date:
    """The first day they are expected: of their first visit, else the day the group said yes."""
    planned = [v.session_on for v in onward.visits if v.came is not Came.CALLED_OFF]
    if planned:
        return min(planned)
    yes = (step.at for step in onward.steps if step.action is Action.ACCEPT)
    return clock.local_date(next(yes, onward.created_at))


def _days_held(service: Service, first: date, last: date) -> set[date]:
    start = datetime.combine(first, time.min, tzinfo=clock.LONDON)
    sessions = next_sessions(service, after=start, count=MOST_SESSIONS)
    return {session.on for session in sessions if first <= session.on <= last}
