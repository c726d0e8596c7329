"""Referrals: what a practice sees of those it sent: what came last, what is next, what it owes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, case, func, true

from accounts import Field, May
from core import clock
from core.actors import Actor
from core.db import db
from referrals.history import Event, events_for_practice, everything
from referrals.models import Referral
from referrals.record import first_contact_due, reasons_in_words
from referrals.rules import CLOSED, OPEN, UNANSWERED, Came, Status
from referrals.sight import facts_shown, referrals_for

PER_PAGE = 25


class Tab(StrEnum):
    """Which of its referrals a practice looks at."""

    ALL = "all"
    OPEN = "open"
    ASKED = "asked"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks to see: one of the tabs, of their own or of the whole practice."""

    tab: Tab = Tab.ALL
    practice: bool = False
    page: int = 1


@dataclass(frozen=True, slots=True)
class Coming:
    """What happens next, and on which day if that is known."""

    words: str
    on: date | None = None

    @property
    def is_late(self) -> bool:
        """Whether it should have happened by now."""
        return self.on is not None and self.on < clock.today()


@dataclass(frozen=True, slots=True)
class Row:
    """One referral as its practice follows it. `reasons` is empty for who may not read them."""

    referral: Referral
    reasons: str
    last: Event | None
    coming: Coming | None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of them."""

    rows: list[Row]
    pages: int


def counts(actor: Actor, *, practice: bool) -> dict[Tab, int]:
    """How many there are behind each tab."""
    by_status = _sent_by(actor, practice=practice).with_only_columns(Referral.status, func.count())
    found = db.session.execute(by_status.group_by(Referral.status)).all()
    return {tab: sum(number for status, number in found if status in _statuses(tab)) for tab in Tab}


def followed(actor: Actor, wanted: Wanted, *, total: int) -> Page:
    """A page of what was asked for, questions to the practice first; `total` is how many in all."""
    listed = (
        _sent_by(actor, practice=wanted.practice)
        .where(Referral.status.in_(_statuses(wanted.tab)))
        .order_by(_asked().desc(), Referral.sent_at.desc(), Referral.id)
        .limit(PER_PAGE)
        .offset((wanted.page - 1) * PER_PAGE)
        .options(*everything())
    )
    rows = [_row(referral, actor) for referral in db.session.scalars(listed)]
    return Page(rows, max(1, -(-total // PER_PAGE)))


def coming_next(referral: Referral) -> Coming | None:
    """What happens next; None when nothing more will."""
    if referral.status in CLOSED:
        return None
    if referral.status is Status.INFO_REQUESTED:
        return Coming("Your practice answers")
    if referral.status in UNANSWERED:
        return Coming("First contact by", first_contact_due(referral))
    visit = _next_visit(referral)
    if visit is not None:
        return visit
    if referral.status is Status.ON_HOLD:
        return Coming("Waits until they are ready")
    if referral.next_contact_on is not None:
        return Coming("Next contact", referral.next_contact_on)
    return Coming("To be planned")


def may_read_reasons(referral: Referral, actor: Actor) -> bool:
    """Whether reasons, notes and answers may be shown; a practice's administrators see none."""
    return Field.NEEDS in facts_shown(referral, actor)


def _row(referral: Referral, actor: Actor) -> Row:
    events = events_for_practice(referral, notes=False)
    return Row(
        referral=referral,
        reasons=reasons_in_words(referral) if may_read_reasons(referral, actor) else "",
        last=events[0] if events else None,
        coming=coming_next(referral),
    )


def _next_visit(referral: Referral) -> Coming | None:
    planned = [
        (visit.session_on, onward)
        for onward in referral.onward
        for visit in onward.visits
        if visit.came is Came.PLANNED and visit.session_on >= clock.today()
    ]
    if not planned:
        return None
    on, onward = min(planned, key=lambda each: each[0])
    return Coming(f"First visit to {onward.service.name if onward.service else 'a group'}", on)


def _sent_by(actor: Actor, *, practice: bool) -> Select[Referral]:
    practices = actor.where(May.SEE_PRACTICE_REFERRALS) | actor.where(May.REFER)
    return referrals_for(actor).where(
        Referral.parent_id.is_(None),
        Referral.from_organisation_id.in_(practices),
        Referral.status != Status.DRAFT,
        true() if practice else Referral.referrer_id == actor.user_id,
    )


def _statuses(tab: Tab) -> Sequence[Status]:
    return {
        Tab.ALL: [*OPEN, *CLOSED],
        Tab.OPEN: [*OPEN],
        Tab.ASKED: [Status.INFO_REQUESTED],
        Tab.FINISHED: [*CLOSED],
    }[tab]


def _asked() -> ColumnElement[int]:
    return case((Referral.status == Status.INFO_REQUESTED, 1), else_=0)
