"""Referrals: how many went where, and how their answers moved, counted for all activities at once.

Counted are people referred to a group at least twelve weeks ago: long enough for those who start to
have started, so that a slow one is not taken for a no, nor a new one left out only because nothing
is known yet. An activity's own page is never counted by itself, and there are no filters.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select, union
from sqlalchemy.orm import aliased

from core import clock
from core.db import db
from referrals.measures import ONS4
from referrals.models import Attendance, FirstVisit, Measure, Referral, Telling
from referrals.outcomes import in_the_same_way
from referrals.rules import Came, Point, Status

LONG_ENOUGH = timedelta(weeks=12)
OFTEN = 3
"""Who came so many times came again by their own wish."""

NEVER_WAS = (Status.DRAFT, Status.ENTERED_IN_ERROR)


@dataclass(frozen=True, slots=True)
class Went:
    """Of those referred to one activity: how many started, came often, and are not known of."""

    referred: int
    started: int
    often: int
    not_known: int

    @property
    def known(self) -> int:
        """Of how many it is known whether they started."""
        return self.referred - self.not_known


Moved = Mapping[str, list[int]]
"""For each question, by how many points those who answered it twice moved for the better."""


def who_went() -> dict[uuid.UUID, Went]:
    """Every activity that somebody was referred to, in one statement."""
    days, unsure = _days_there(), _not_known()
    started = func.coalesce(days.c.days, 0)
    counted = (
        select(
            Referral.service_id,
            func.count(),
            _how_many(started >= 1),
            _how_many(started >= OFTEN),
            _how_many(and_(started == 0, unsure.c.referral_id.is_not(None))),
        )
        .outerjoin(days, days.c.referral_id == Referral.id)
        .outerjoin(unsure, unsure.c.referral_id == Referral.id)
        .where(*_ripe())
        .group_by(Referral.service_id)
    )
    return {row[0]: Went(*row[1:]) for row in db.session.execute(counted) if row[0]}


def how_moved() -> dict[uuid.UUID, Moved]:
    """Every activity: the changes of those who answered both times, each question by itself."""
    moved: dict[uuid.UUID, defaultdict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for service_id, before, after in db.session.execute(_both_answers()):
        for key, gain in _gains(before, after):
            moved[service_id][key].append(gain)
    return dict(moved)


def _gains(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    for question in ONS4.questions:
        key = question.key
        if key in before and key in after:
            yield key, (after[key] - before[key]) * question.good


def _both_answers() -> Select[Any]:
    """One row a person and activity: who was sent twice to one place still answered once."""
    before, after = aliased(Measure), aliased(Measure)
    sent = select(Referral.service_id, Referral.parent_id).where(*_ripe()).distinct().subquery()
    return (
        select(sent.c.service_id, before.answers, after.answers)
        .join(before, before.referral_id == sent.c.parent_id)
        .join(after, after.referral_id == before.referral_id)
        .where(before.instrument == ONS4.key, before.point == Point.BEFORE)
        .where(after.instrument == ONS4.key, after.point == Point.AFTER)
        .where(in_the_same_way(before.filled_in, after.filled_in))
    )


def _ripe() -> tuple[ColumnElement[bool], ...]:
    return (
        Referral.parent_id.is_not(None),
        Referral.status.not_in(NEVER_WAS),
        Referral.sent_at < clock.now() - LONG_ENOUGH,
        Referral.person_id.not_in(select(Telling.person_id).where(Telling.counted.is_(False))),
    )


def _days_there() -> Any:
    """On how many days each came; a first visit and the register may tell of the same day."""
    told = union(
        select(Attendance.referral_id, Attendance.on).where(Attendance.came == Came.CAME),
        select(FirstVisit.referral_id, FirstVisit.session_on).where(FirstVisit.came == Came.CAME),
    ).subquery()
    return (
        select(told.c.referral_id, func.count().label("days"))
        .group_by(told.c.referral_id)
        .subquery()
    )


def _not_known() -> Any:
    """Those of whom somebody said that they do not know."""
    return union(
        select(Attendance.referral_id).where(Attendance.came == Came.NOT_KNOWN),
        select(FirstVisit.referral_id).where(FirstVisit.came == Came.NOT_KNOWN),
    ).subquery()


def _how_many(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
