"""Referrals, measuring: how the answers of a team's people moved, with how sure one can be of it.

Of everybody whose referral ended in the last year. Only who answered both times, in the same way,
is compared; how many did not is said as loudly. Fewer than ten give no average at all.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import sqrt
from statistics import fmean, stdev

from sqlalchemy import ColumnElement, and_, func, select

from accounts import May
from core import clock
from core.actors import Actor
from core.db import db
from referrals.measures import LONELINESS, ONS4
from referrals.measuring.scores import SCALES, score
from referrals.models import FilledIn, Measure, Referral
from referrals.outcomes import COUNTS_ONLY_BELOW, ENDED, TOO_FEW_BELOW
from referrals.rules import Point

A_YEAR = timedelta(days=365)
NINETY_FIVE = 1.959964


@dataclass(frozen=True, slots=True)
class Moved:
    """How one question or score moved between the start and another time; `mean`: + is better."""

    name: str
    until: Point
    pairs: int
    missing: int
    mean: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def too_few(self) -> bool:
        """Whether they are too few people to draw conclusions."""
        return self.pairs < TOO_FEW_BELOW


def how_they_moved(actor: Actor) -> tuple[int, list[Moved]]:
    """How many ended, and how each question moved to the end and to some time later."""
    ended = _ended(actor)
    closed = db.session.scalar(select(func.count()).select_from(Referral).where(ended)) or 0
    gains = _gains(ended)
    moved = [
        _moved(name, until, gains[name, until], closed)
        for until in (Point.AFTER, Point.LATER)
        for name in _names()
    ]
    return closed, [each for each in moved if each.pairs or each.until is Point.AFTER]


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Where the true average lies, in 95 of 100 cases (Student's t, for ten values or more)."""
    free = len(values) - 1
    z = NINETY_FIVE
    # Cornish and Fisher's expansion: from nine degrees of freedom on right to three digits.
    t = z + (z**3 + z) / (4 * free) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * free**2)
    t += (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * free**3)
    half = t * stdev(values) / sqrt(len(values))
    middle = fmean(values)
    return middle - half, middle + half


def _ended(actor: Actor) -> ColumnElement[bool]:
    return and_(
        Referral.parent_id.is_(None),
        Referral.to_organisation_id.in_(actor.where(May.WORK_CASELOAD)),
        Referral.status.in_(ENDED),
        Referral.closed_at >= clock.now() - A_YEAR,
    )


def _names() -> list[str]:
    return [*(question.name for question in ONS4.questions), SCALES[LONELINESS.key].name]


def _gains(ended: ColumnElement[bool]) -> dict[tuple[str, Point], list[float]]:
    """For each question and time, by how many points each person moved for the better."""
    taken: defaultdict[tuple[object, str], dict[Point, Measure]] = defaultdict(dict)
    wanted = select(Measure).join(Referral, Referral.id == Measure.referral_id)
    keys = (ONS4.key, LONELINESS.key)
    for measure in db.session.scalars(wanted.where(ended, Measure.instrument.in_(keys))):
        taken[measure.referral_id, measure.instrument][measure.point] = measure
    gains: defaultdict[tuple[str, Point], list[float]] = defaultdict(list)
    for measures in taken.values():
        for name, until, gain in _of_one(measures):
            gains[name, until].append(gain)
    return gains


def _of_one(measures: dict[Point, Measure]) -> Iterator[tuple[str, Point, float]]:
    before = measures.get(Point.BEFORE)
    if before is None:
        return
    for until in (Point.AFTER, Point.LATER):
        then = measures.get(until)
        if then is not None and _alike(before, then):
            for name, first, last, good in _values(before, then):
                if first is not None and last is not None:
                    yield name, until, (last - first) * good


def _values(
    before: Measure, then: Measure
) -> Iterator[tuple[str, float | None, float | None, int]]:
    if before.instrument == LONELINESS.key:
        scale = SCALES[LONELINESS.key]
        first, last = (score(LONELINESS, each.answers) for each in (before, then))
        yield scale.name, first, last, scale.good
        return
    for question in ONS4.questions:
        key = question.key
        yield question.name, before.answers.get(key), then.answers.get(key), question.good


def _alike(one: Measure, other: Measure) -> bool:
    together = FilledIn.TOGETHER
    return (one.filled_in is together) is (other.filled_in is together)


def _moved(name: str, until: Point, gains: Sequence[float], closed: int) -> Moved:
    missing = closed - len(gains)
    if len(gains) < COUNTS_ONLY_BELOW:
        return Moved(name, until, len(gains), missing)
    low, high = interval(gains)
    return Moved(
        name, until, len(gains), missing, round(fmean(gains), 1), round(low, 1), round(high, 1)
    )
