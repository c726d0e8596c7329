"""Referrals: a team's caseload: who is on it, in what order, how many where, and who is next."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, case, func, or_, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from core import clock
from core.actors import Actor
from core.db import db
from core.sealing import blind
from core.working_days import is_working_day, working_days_after
from referrals.day.attempts import answered_no_letter
from referrals.day.cover import referrals_of
from referrals.models import Consent, ContactMade, Person, Referral, Step
from referrals.people import clean_nhs_number
from referrals.rules import (
    CLOSED,
    OPEN,
    REASON_WORDS,
    UNANSWERED,
    UNDER_WAY,
    Action,
    Facts,
    Part,
    Status,
    actions_open_to,
)
from referrals.sight import parts_of

PER_PAGE = 50
MOST_FOUND = 50
FIRST_CONTACT_WITHIN = 2
"""Working days in which somebody newly accepted is first contacted."""

BY_NEXT = (Referral.next_contact_on, Referral.sent_at, Referral.id)
"""Who is next: the longest overdue, and of several on one day who was referred first."""


class Tab(StrEnum):
    """Where somebody stands, as the link worker sorts the day's work. OPEN is all but CLOSED."""

    OPEN = "open"
    NEW = "new"
    TRYING = "trying"
    ACTIVE = "active"
    WAITING = "waiting"
    ON_HOLD = "on-hold"
    CLOSED = "closed"


class Sort(StrEnum):
    """By what the list can be put in order."""

    PERSON = "person"
    STATUS = "status"
    NEXT = "next"
    REASON = "reason"
    CONTACTS = "contacts"
    REFERRED = "referred"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of the caseload somebody asks to see. None of it is about a person."""

    tab: Tab = Tab.OPEN
    sort: Sort = Sort.NEXT
    down: bool = False
    team: bool = False
    page: int = 1


@dataclass(frozen=True, slots=True)
class Row:
    """One person on the caseload, and what may be done for them now, all questions answered."""

    referral: Referral
    standing: Tab
    contacts: int
    may: frozenset[Action]
    can_be_worked: bool
    reader: str = ""

    @property
    def age(self) -> int:
        """How old they are today."""
        return age_of(self.referral.person, clock.today())

    @property
    def days_late(self) -> int | None:
        """How many days ago the next contact should have been; 0 is today, below it is to come."""
        planned = self.referral.next_contact_on
        return (clock.today() - planned).days if planned else None

    @property
    def is_late(self) -> bool:
        """Whether the next contact should have been before today."""
        return (self.days_late or 0) > 0


@dataclass(frozen=True, slots=True)
class Overview:
    """How many stand where, how many contacts are overdue, and how many are planned today."""

    counts: dict[Tab, int]
    overdue: int
    today: int


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the list, and how many there are in all."""

    rows: list[Row]
    total: int
    pages: int


def overview(actor: Actor, *, team: bool) -> Overview:
    """The numbers above the list."""
    planned = and_(Referral.status.in_(OPEN), Referral.next_contact_on.is_not(None))
    late = and_(planned, Referral.next_contact_on < clock.today())
    now = and_(planned, Referral.next_contact_on == clock.today())
    standing = _standing().label("standing")
    each = (
        _mine(actor, team=team)
        .with_only_columns(standing, func.count(), _how_many(late), _how_many(now))
        .group_by(standing)
    )
    found = db.session.execute(each).all()
    counts = dict.fromkeys(Tab, 0) | {Tab(where): number for where, number, _, _ in found}
    counts[Tab.OPEN] = sum(number for tab, number in counts.items() if tab is not Tab.CLOSED)
    return Overview(
        counts=counts,
        overdue=sum(number for _, _, number, _ in found),
        today=sum(number for _, _, _, number in found),
    )


def caseload(actor: Actor, wanted: Wanted, *, total: int) -> Page:
    """The people asked for, a page of them. `total` is how many the overview counted there."""
    which = Referral.status.in_(OPEN) if wanted.tab is Tab.OPEN else _standing() == wanted.tab.value
    listed, start = _mine(actor, team=wanted.team).where(which), (wanted.page - 1) * PER_PAGE
    if wanted.sort is Sort.PERSON:
        rows = _page_by_name(listed, start, actor, down=wanted.down)
    else:
        rows = _rows(listed.order_by(*_order(wanted)).limit(PER_PAGE).offset(start), actor)
    return Page(rows, total, max(1, -(-total // PER_PAGE)))


def people_called(actor: Actor, text: str) -> list[Row]:
    """Those of the team, past and present, with this name, NHS number or reference."""
    words = text.strip()
    if not words:
        return []
    number = blind(Person.nhs_number_index, clean_nhs_number(words))
    alike = or_(
        Person.id.in_(_called(words.casefold(), _mine(actor, team=True))),
        Person.nhs_number_index == number,
        Referral.ref == words.upper(),
    )
    found = _mine(actor, team=True).where(alike).order_by(Referral.sent_at).limit(MOST_FOUND)
    return sorted(
        _rows(found, actor),
        key=lambda row: (row.standing is Tab.CLOSED, row.referral.person.name.casefold()),
    )


def row_of(referral: Referral, actor: Actor) -> Row:
    """The one line of the list that is about this referral."""
    return _rows(_mine(actor, team=True).where(Referral.id == referral.id), actor)[0]


def due(actor: Actor) -> list[Row]:
    """The actor's own people whose next contact is late or today, the longest overdue first."""
    which = _mine(actor, team=False).where(
        Referral.status.in_(OPEN), Referral.next_contact_on <= clock.today()
    )
    return _rows(which.order_by(*BY_NEXT).limit(PER_PAGE), actor)


def queue(actor: Actor) -> list[Row]:
    """Those sent to the team whom nobody has taken yet, the longest waiting first."""
    which = _mine(actor, team=True).where(
        Referral.status.in_(UNANSWERED), Referral.owner_id.is_(None)
    )
    return _rows(which.order_by(Referral.sent_at, Referral.id).limit(PER_PAGE), actor)


def next_due(actor: Actor, *, after: Referral) -> Referral | None:
    """Whom the actor is to contact next: the longest overdue of their own, today's included."""
    due = _mine(actor, team=False).where(
        Referral.status.in_(OPEN),
        Referral.next_contact_on <= clock.today(),
        Referral.id != after.id,
    )
    return db.session.scalar(due.order_by(*BY_NEXT).limit(1))


def age_of(person: Person, today: date) -> int:
    """Whole years."""
    had_birthday = (today.month, today.day) >= (person.born_on.month, person.born_on.day)
    return today.year - person.born_on.year - (0 if had_birthday else 1)


def working_day(day: date) -> date:
    """The day itself, or the next one on which people work."""
    return day if is_working_day(day) else working_days_after(day, 1)


def first_contact_by(day: date) -> date:
    """The last day for the first contact with somebody accepted on `day`."""
    return working_days_after(day, FIRST_CONTACT_WITHIN)


def _mine(actor: Actor, *, team: bool) -> Select[Referral]:
    return referrals_of(actor, team=team).join(Referral.person)


def _standing() -> ColumnElement[str]:
    return case(
        (Referral.status.in_(CLOSED), Tab.CLOSED.value),
        (Referral.status.in_(UNANSWERED), Tab.NEW.value),
        (Referral.status == Status.ON_HOLD, Tab.ON_HOLD.value),
        (_waits_for_a_group(), Tab.WAITING.value),
        (Referral.status == Status.IN_PROGRESS, Tab.ACTIVE.value),
        else_=Tab.TRYING.value,
    )


def _waits_for_a_group() -> ColumnElement[bool]:
    onward = aliased(Referral)
    return (
        select(onward.id)
        .where(onward.parent_id == Referral.id, onward.status.in_(UNANSWERED))
        .correlate(Referral)
        .exists()
    )


def _agreed() -> ColumnElement[bool]:
    return (
        select(Consent.id)
        .where(Consent.referral_id == Referral.id, Consent.withdrawn_at.is_(None))
        .correlate(Referral)
        .exists()
    )


def _contacts() -> ColumnElement[int]:
    return (
        select(func.count(ContactMade.id))
        .where(ContactMade.referral_id == Referral.id)
        .correlate(Referral)
        .scalar_subquery()
    )


def _how_many(which: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((which, 1), else_=0))


def _order(wanted: Wanted) -> list[SQLColumnExpression[Any]]:
    if wanted.tab is Tab.CLOSED and wanted.sort is Sort.NEXT:
        ended = Referral.closed_at
        return [ended.asc() if wanted.down else ended.desc(), Referral.id]
    keys: dict[Sort, ColumnElement[Any]] = {
        Sort.STATUS: case({tab.value: at for at, tab in enumerate(Tab)}, value=_standing()),
        # Whoever has no date yet must not sink to the end of the list.
        Sort.NEXT: func.coalesce(Referral.next_contact_on, clock.today()),
        Sort.REASON: case(
            {reason.value: words for reason, words in REASON_WORDS.items()},
            value=Referral.reasons[0].as_string(),
            else_="",
        ),
        Sort.CONTACTS: _contacts(),
        Sort.REFERRED: func.coalesce(Referral.sent_at, Referral.created_at),
    }
    by = keys[wanted.sort]
    return [by.desc() if wanted.down else by.asc(), Referral.sent_at, Referral.id]


def _page_by_name(which: Select[Referral], start: int, actor: Actor, *, down: bool) -> list[Row]:
    """A page in the order of names, which the database cannot read."""
    listed = which.with_only_columns(Referral.id, Person)
    named = sorted(
        ((person.name.casefold(), each) for each, person in db.session.execute(listed).all()),
        reverse=down,
    )
    at = {each: place for place, (_, each) in enumerate(named[start : start + PER_PAGE])}
    rows = _rows(which.where(Referral.id.in_(at)), actor)
    return sorted(rows, key=lambda row: at[row.referral.id])


def _called(words: str, which: Select[Referral]) -> list[uuid.UUID]:
    """Those of a team with these words in their name, which the database cannot read."""
    people = select(Person).where(Person.id.in_(which.with_only_columns(Referral.person_id)))
    return [
        person.id
        for person in db.session.scalars(people).all()
        if words in person.name.casefold() or words in person.preferred_name.casefold()
    ]


def _rows(which: Select[Referral], actor: Actor) -> list[Row]:
    """The rows in a fixed number of queries, however many there are."""
    found = db.session.execute(
        which.add_columns(_standing(), _contacts(), _agreed(), answered_no_letter()).options(
            contains_eager(Referral.person), joinedload(Referral.owner)
        )
    ).all()
    readers = _readers([referral for referral, *_ in found if referral.status is Status.OPENED])
    return [
        Row(
            referral=referral,
            standing=Tab(standing),
            contacts=contacts,
            may=actions_open_to(
                Facts(referral.status, agreed=agreed, letter_sent=letter_sent),
                parts_of(actor, referral),
            ),
            can_be_worked=referral.status in UNDER_WAY
            and Part.RECEIVER in parts_of(actor, referral),
            reader=readers.get(referral.id, ""),
        )
        for referral, standing, contacts, agreed, letter_sent in found
    ]


def _readers(being_read: Sequence[Referral]) -> dict[uuid.UUID, str]:
    """Who said last that they are looking at each of these."""
    if not being_read:
        return {}
    said = (
        select(Step.referral_id, Step.by_name)
        .where(
            Step.referral_id.in_([referral.id for referral in being_read]),
            Step.action == Action.OPEN,
        )
        .order_by(Step.number)
    )
    return dict(db.session.execute(said).all())
