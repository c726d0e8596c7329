"""Directory: what is known of many listings at once when it is decided whom to ask."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, func, or_, select

from accounts import Organisation
from core import clock
from core.db import db
from directory.desk import reports
from directory.freshness.doubt import Move, Standing
from directory.freshness.evidence import checks_of
from directory.models import (
    Contact,
    CostOption,
    Enquiry,
    ListingStep,
    Notice,
    Phone,
    Schedule,
    Service,
    ServiceAtLocation,
)
from directory.rules import VITAL, Aspect, How, NoticeKind


@dataclass(slots=True)
class Found:
    """A listing the round has come to."""

    id: uuid.UUID
    address: str
    standing: Standing
    is_resting: bool
    due: frozenset[Move] = frozenset()


def find(which: ColumnElement[bool], today: date) -> list[tuple[uuid.UUID, Found]]:
    """These listings as the model reads them, by organisation; read in a handful of queries."""
    rows = db.session.execute(_columns(today).where(which)).all()
    ids = [row.id for row in rows]
    checks, reported = checks_of(rows), reports.doubted(ids)
    asked, changes, letters = open_enquiries(ids), _changes(ids), _letters(ids)
    return [
        (
            row.organisation_id,
            Found(
                row.id,
                row.letters_to or row.group_email or row.email,
                _standing(
                    row,
                    checks[row.id],
                    reported.get(row.id, frozenset()),
                    changes.get(row.id, 0),
                    letters.get(row.id, (0, 0)),
                    asked.get(row.id),
                ),
                row.is_resting,
            ),
        )
        for row in rows
    ]


def _columns(today: date) -> Any:
    def has(model: type[Any]) -> Any:
        return exists().where(model.service_id == Service.id)

    resting = exists().where(
        Notice.service_id == Service.id,
        Notice.kind == NoticeKind.PAUSE,
        Notice.taken_down_at.is_(None),
        Notice.first_on <= today,
        Notice.last_on >= today,
    )
    return select(
        Service.id,
        Service.organisation_id,
        Service.life,
        Service.created_at,
        Service.assured_on,
        Service.source,
        Service.email,
        Service.letters_to,
        Organisation.email.label("group_email"),
        has(Schedule).label(Aspect.TIME.name),
        has(ServiceAtLocation).label(Aspect.PLACE.name),
        has(CostOption).label(Aspect.PRICE.name),
        or_(Service.email != "", Service.url != "", has(Phone), has(Contact)).label(
            Aspect.CONTACT.name
        ),
        resting.label("is_resting"),
    ).join(Service.organisation)


def _standing(
    row: Any,
    checks: Mapping[Aspect, Sequence[Any]],
    reported: frozenset[Aspect],
    changes: int,
    letters: tuple[int, int],
    asked: Enquiry | None,
) -> Standing:
    heard = [each.at for said in checks.values() for each in said if each.how is How.GROUP]
    return Standing(
        life=row.life,
        began_on=clock.local_date(row.created_at),
        assured_on=row.assured_on,
        is_fed=bool(row.source),
        spoken_of=[each for each in Aspect if each not in VITAL or getattr(row, each.name)],
        checks={
            aspect: [(each.how, clock.local_date(each.at)) for each in said]
            for aspect, said in checks.items()
        },
        reported=reported,
        changes=changes,
        letters=letters[0],
        answers=letters[1],
        asked_on=_day(asked.asked_at if asked else None),
        reminded_on=_day(asked.reminded_at if asked else None),
        passed_on_on=_day(asked.passed_on_at if asked else None),
        heard_on=_day(max(heard, default=None)),
    )


def _day(at: datetime | None) -> date | None:
    return clock.local_date(at) if at else None


def open_enquiries(ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Enquiry]:
    """The latest question about each listing, where it was not answered yet."""
    unanswered = select(Enquiry).where(Enquiry.service_id.in_(ids), Enquiry.answered_at.is_(None))
    rows = db.session.scalars(unanswered.order_by(Enquiry.asked_at))
    return {each.service_id: each for each in rows}


def _changes(ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
    """How often people have changed each of these listings."""
    by_people = or_(ListingStep.by.startswith("user:"), ListingStep.by.startswith("link:"))
    counted = (
        select(ListingStep.service_id, func.count())
        .where(ListingStep.service_id.in_(ids), ListingStep.said_after.is_not(None), by_people)
        .group_by(ListingStep.service_id)
    )
    return dict(db.session.execute(counted).all())


def _letters(ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, tuple[int, int]]:
    """How many letters have asked about each of these listings, and how many were answered."""
    asked = (
        select(
            Enquiry.service_id,
            func.count() + func.count(Enquiry.reminded_at),
            func.count(Enquiry.answered_at.distinct()),
        )
        .where(Enquiry.service_id.in_(ids), Enquiry.has_letter)
        .group_by(Enquiry.service_id)
    )
    return {each: (sent, answered) for each, sent, answered in db.session.execute(asked)}


def letters_to(organisation_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, frozenset[date]]:
    """The days on which these groups were written to, in the last year or so."""
    since = clock.now() - timedelta(days=400)
    wanted = (
        select(Service.organisation_id, Enquiry.asked_at, Enquiry.reminded_at, Enquiry.has_letter)
        .join(Enquiry.service)
        .where(Service.organisation_id.in_(organisation_ids), Enquiry.asked_at > since)
    )
    days: dict[uuid.UUID, frozenset[date]] = {}
    for organisation_id, asked_at, reminded_at, has_letter in db.session.execute(wanted):
        if has_letter:
            sent = {clock.local_date(at) for at in (asked_at, reminded_at) if at}
            days[organisation_id] = days.get(organisation_id, frozenset()) | sent
    return days
