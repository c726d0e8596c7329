"""Referrals, groups: what a group gave, as lines never changed; a statement is their sum.

For each person it welcomed and each visit a group is credited hours and pounds, by a rate agreed
with its funder or else by a round notional one, which says so. What turns out wrong is taken back
by a line of its own. Posting again posts nothing new.
"""

import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement, func, select

from core import audit, clock
from core.actors import Actor, system
from core.db import db, hold
from core.languages import _
from core.saving import saving
from core.spreadsheets import as_csv
from directory import Service
from referrals.groups.room import may_say
from referrals.models import Attendance, Given, Referral, Step, ValueEntry, ValueRate
from referrals.rules import Action, Came

NOTIONAL_HOURS = {Given.WELCOME: Decimal("1.00"), Given.VISIT: Decimal("0.50")}
NOTIONAL_POUNDS = {Given.WELCOME: Decimal("15.00"), Given.VISIT: Decimal("7.50")}
"""Round figures of fifteen pounds an hour, to start a talk with a funder; no fact, and not paid."""


@dataclass(frozen=True, slots=True)
class Worth:
    """What one welcome or visit counts for."""

    hours: Decimal
    pounds: Decimal
    agreed: bool


@dataclass(frozen=True, slots=True)
class Statement:
    """What a group gave from one day to another: the sum of its lines, and how many of what."""

    first: date
    last: date
    welcomes: int
    visits: int
    hours: Decimal
    pounds: Decimal
    all_agreed: bool


def set_rate(
    service: Service,
    *,
    welcome: tuple[Decimal, Decimal],
    visit: tuple[Decimal, Decimal],
    agreed_with: str = "",
    by: Actor,
) -> ValueRate:
    """Agree what a welcome and a visit count for, as hours and pounds; from now on, not before."""
    may_say(service, by)
    hold(service)
    rate = db.session.scalar(select(ValueRate).where(ValueRate.service_id == service.id))
    if rate is None:
        rate = ValueRate(service_id=service.id)
        db.session.add(rate)
    rate.welcome_hours, rate.welcome_pounds = welcome
    rate.visit_hours, rate.visit_pounds = visit
    rate.agreed_with = agreed_with.strip()
    rate.changed_at, rate.changed_by = clock.now(), by.ref
    db.session.flush()
    audit.record(by, "value rate set", about=f"service:{service.id}")
    return rate


def worth_of(service_id: uuid.UUID, given: Given) -> Worth:
    """What one welcome or visit counts for there now."""
    rate = db.session.scalar(select(ValueRate).where(ValueRate.service_id == service_id))
    if rate is None:
        return Worth(NOTIONAL_HOURS[given], NOTIONAL_POUNDS[given], agreed=False)
    agreed = bool(rate.agreed_with)
    if given is Given.WELCOME:
        return Worth(rate.welcome_hours, rate.welcome_pounds, agreed)
    return Worth(rate.visit_hours, rate.visit_pounds, agreed)


def post_all() -> int:
    """Write down whatever is not written down yet; returns how many lines."""
    services = list(db.session.scalars(select(Referral.service_id).where(_sent_on()).distinct()))
    db.session.rollback()
    posted = 0
    for service_id in services:
        with saving():
            posted += post(db.session.get_one(Service, service_id), by=system("value given"))
    return posted


def post(service: Service, *, by: Actor) -> int:
    """Bring one group's lines up to what was accepted and who came; returns how many it took."""
    hold(service)  # two who post at once would each add the same line
    standing = _standing(service.id)
    wanted = {about: (given, on) for about, given, on in _earned(service.id)}
    posted = 0
    for about, (given, on) in wanted.items():
        if about not in standing:
            _add(service, about, given, on, worth_of(service.id, given), times=1, by=by)
            posted += 1
    for about, entry in standing.items():
        if about not in wanted:
            worth = Worth(entry.hours, entry.pounds, entry.agreed)
            _add(service, about, entry.given, entry.on, worth, times=-1, by=by)
            posted += 1
    db.session.flush()
    return posted


def statement(service: Service, first: date, last: date) -> Statement:
    """The sum of the lines of some days."""
    lines = entries(service, first, last)
    return Statement(
        first,
        last,
        welcomes=sum(line.times for line in lines if line.given is Given.WELCOME),
        visits=sum(line.times for line in lines if line.given is Given.VISIT),
        hours=sum((line.hours for line in lines), Decimal()),
        pounds=sum((line.pounds for line in lines), Decimal()),
        all_agreed=all(line.agreed for line in lines),
    )


def entries(service: Service, first: date, last: date) -> list[ValueEntry]:
    """The lines of some days, in order."""
    found = select(ValueEntry).where(
        ValueEntry.service_id == service.id, ValueEntry.on >= first, ValueEntry.on <= last
    )
    order = (ValueEntry.on, ValueEntry.at, ValueEntry.occasion)
    return list(db.session.scalars(found.order_by(*order)))


def statement_as_csv(service: Service, first: date, last: date) -> str:
    """The lines and their sum, for the funder's spreadsheet; nobody is named."""
    heading = [_("Group"), _("Day"), _("Given"), _("Number"), _("Hours"), _("Pounds"), _("Rate")]
    words = {Given.WELCOME: _("Person welcomed"), Given.VISIT: _("Visit")}
    rates = {True: _("agreed"), False: _("notional")}
    rows: list[list[object]] = [
        [
            service.name,
            line.on.isoformat(),
            words[line.given],
            line.times,
            float(line.hours),
            float(line.pounds),
            rates[line.agreed],
        ]
        for line in entries(service, first, last)
    ]
    total = statement(service, first, last)
    rows.append([service.name, "", _("Sum"), "", float(total.hours), float(total.pounds), ""])
    return as_csv(heading, rows)


def this_year() -> tuple[date, date]:
    """The financial year up to today: from the first of April."""
    today = clock.today()
    april = date(today.year, 4, 1)
    return (april if today >= april else date(today.year - 1, 4, 1)), today


def _earned(service_id: uuid.UUID) -> Iterator[tuple[str, Given, date]]:
    accepted = (
        select(Referral.id, func.min(Step.at))
        .join(Step, Step.referral_id == Referral.id)
        .where(_sent_on(), Referral.service_id == service_id, Step.action == Action.ACCEPT)
        .group_by(Referral.id)
    )
    for referral_id, at in db.session.execute(accepted):
        yield f"welcome:{referral_id}", Given.WELCOME, clock.local_date(at)
    came = select(Attendance.referral_id, Attendance.on).where(
        Attendance.service_id == service_id, Attendance.came == Came.CAME
    )
    for referral_id, on in db.session.execute(came):
        yield f"visit:{referral_id}:{on.isoformat()}", Given.VISIT, on


def _standing(service_id: uuid.UUID) -> dict[str, ValueEntry]:
    """The newest line about each thing that is credited and not taken back."""
    found = select(ValueEntry).where(ValueEntry.service_id == service_id)
    standing: dict[str, ValueEntry] = {}
    balance: Counter[str] = Counter()
    for entry in db.session.scalars(found):
        balance[entry.about] += entry.times
        if entry.times > 0 and entry.occasion >= _occasion(standing.get(entry.about)):
            standing[entry.about] = entry
    return {about: entry for about, entry in standing.items() if balance[about] > 0}


def _occasion(entry: ValueEntry | None) -> str:
    return entry.occasion if entry is not None else ""


def _add(
    service: Service, about: str, given: Given, on: date, worth: Worth, *, times: int, by: Actor
) -> None:
    turn = select(func.count()).where(ValueEntry.about == about)
    db.session.add(
        ValueEntry(
            occasion=f"{about}#{(db.session.scalar(turn) or 0) + 1:03}",
            service_id=service.id,
            about=about,
            given=given,
            on=on,
            times=times,
            hours=times * worth.hours,
            pounds=times * worth.pounds,
            agreed=worth.agreed,
            by=by.ref,
            at=clock.now(),
        )
    )


def _sent_on() -> ColumnElement[bool]:
    return Referral.parent_id.is_not(None)
