"""Referrals: what came of them, for one person and for a practice, and never more than is known.

The rules of honest statement are those of our standards notes §4.6: only people who answered both
times are compared, how many did not is said as loudly, and few people give counts, not averages.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import fmean, median
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import aliased

from accounts import Field, May
from core import audit, clock
from core.actors import Actor
from core.db import db, hold
from core.errors import Forbidden, Refused
from referrals.measures import NOISE, ONS4, Instrument, Question
from referrals.models import ContactMade, FilledIn, FirstVisit, Measure, Referral
from referrals.rights.history import kept
from referrals.rules import (
    CLOSED,
    NOT_YOURS,
    OPEN,
    UNDER_WAY,
    Came,
    ContactHow,
    Part,
    Point,
    Status,
)
from referrals.sight import parts_of

COUNTS_ONLY_BELOW = 10
"""Standards notes §4.6 rule 2: with fewer people print counts, no averages or percentages."""

TOO_FEW_BELOW = 30
"""The same rule: with fewer people say that they are too few to draw conclusions."""

CAUTION = (
    "These people chose to take part and there is no comparison group, so we cannot say the "
    "activity caused the change; people referred at a low point often improve anyway."
)
"""§4.6 rule 3: printed wherever a change is."""

ASKED_WHILE = UNDER_WAY | {Status.CLOSED_COMPLETED}
ENDED = CLOSED - {Status.ENTERED_IN_ERROR}
SPOKEN_TO = (ContactHow.PHONE, ContactHow.VISIT)


@dataclass(frozen=True, slots=True)
class Change:
    """How the answers to one question moved, among those of `closed` who answered it twice."""

    question: Question
    answered_twice: int
    missing: int
    better: int
    same: int
    worse: int
    before: float | None
    after: float | None

    @property
    def counts_only(self) -> bool:
        """Whether they are so few that only counts may be printed."""
        return self.answered_twice < COUNTS_ONLY_BELOW

    def percent(self, count: int) -> int | None:
        """A count as a share of those who answered twice; None when they are too few for it."""
        return None if self.counts_only else round(100 * count / self.answered_twice)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What became of the people a practice referred between two days, both included."""

    since: date
    until: date
    referred: int
    reached: int
    attended: int
    still_open: int
    closed: int
    ended: Mapping[Status, int]
    answers_shown: bool
    answered_twice: int
    median_days: int | None
    changes: tuple[Change, ...]

    @property
    def missing(self) -> int:
        """How many of those whose referral has ended did not answer twice."""
        return self.closed - self.answered_twice

    @property
    def too_few(self) -> bool:
        """Whether to say that these are too few people to draw conclusions."""
        return self.answered_twice < TOO_FEW_BELOW


@dataclass(frozen=True, slots=True)
class _Pair:
    before: Mapping[str, int]
    after: Mapping[str, int]
    days: int


def record_measure(
    referral: Referral,
    point: Point,
    answers: Mapping[str, int],
    *,
    taken_on: date,
    instrument: Instrument = ONS4,
    filled_in: FilledIn = FilledIn.TOGETHER,
    by: Actor,
) -> Measure:
    """Write down what somebody answered; a question they did not answer is left out, never 0."""
    hold(referral)
    if referral.is_onward or Part.RECEIVER not in parts_of(by, referral):
        raise Forbidden(NOT_YOURS.reason)
    return note_answers(
        referral,
        point,
        answers,
        taken_on=taken_on,
        instrument=instrument,
        filled_in=filled_in,
        by=by,
    )


def note_answers(
    referral: Referral,
    point: Point,
    answers: Mapping[str, int],
    *,
    taken_on: date,
    instrument: Instrument,
    filled_in: FilledIn,
    by: Actor,
) -> Measure:
    """The same for a caller who has held the referral and seen that it is theirs to say."""
    if referral.status not in ASKED_WHILE:
        raise Refused("These questions are asked once a referral has been accepted.")
    _check(instrument, answers, taken_on)
    measure, person = measures_of(referral, instrument.key).get(point), referral.person
    if measure is None:
        measure = Measure(instrument=instrument.key, point=point)
        referral.measures.append(measure)
    with kept(measure, person, by=by):
        measure.answers, measure.taken_on, measure.by = dict(answers), taken_on, by.ref
        measure.filled_in = filled_in
    db.session.flush()
    audit.record(
        by,
        "answers noted",
        about=referral.about,
        point=point,
        instrument=instrument.key,
        answered=len(answers),
        filled_in=filled_in,
    )
    return measure


def measures_of(referral: Referral, instrument: str = ONS4.key) -> dict[Point, Measure]:
    """What the person answered to one set of questions, by when they were asked."""
    found = select(Measure).where(
        Measure.referral_id == referral.id, Measure.instrument == instrument
    )
    return {measure.point: measure for measure in db.session.scalars(found)}


def what_happened(actor: Actor, *, since: date, until: date) -> Story:
    """What became of the referrals of the actor's own practice sent between two days.

    Answers are shown to those who may read what people answered; others see the counts alone.
    """
    sent = _sent(actor, since, until)
    by_status = _by_status(sent)
    closed = sum(by_status[status] for status in ENDED)
    answers_shown = Field.NEEDS in actor.reads
    pairs = _pairs(sent) if answers_shown else []
    return Story(
        since=since,
        until=until,
        referred=sum(by_status.values()),
        reached=_reached(sent),
        attended=_attended(sent),
        still_open=sum(by_status[status] for status in OPEN),
        closed=closed,
        ended={status: by_status[status] for status in Status if status in ENDED},
        answers_shown=answers_shown,
        answered_twice=len(pairs),
        median_days=round(median(pair.days for pair in pairs)) if pairs else None,
        changes=tuple(_change(question, pairs, closed) for question in ONS4.questions),
    )


def change_of(question: Question, before: int, after: int) -> int:
    """1 for better, -1 for worse, 0 for about the same: within the noise of a day."""
    gain = (after - before) * question.good
    return 0 if abs(gain) <= NOISE else (1 if gain > 0 else -1)


def _check(instrument: Instrument, answers: Mapping[str, int], taken_on: date) -> None:
    known = {question.key: question for question in instrument.questions}
    if not answers or not answers.keys() <= known.keys():
        raise Refused("Give at least one answer to the questions.")
    if any(not known[key].least <= said <= known[key].most for key, said in answers.items()):
        raise Refused("Each answer is one of those on the page.")
    if taken_on > clock.today():
        raise Refused("The day the questions were asked cannot be in the future.")


def _sent(actor: Actor, since: date, until: date) -> ColumnElement[bool]:
    practices = actor.where(May.SEE_PRACTICE_REFERRALS)
    return and_(
        Referral.parent_id.is_(None),
        Referral.from_organisation_id.in_(practices),
        Referral.sent_at >= _midnight(since),
        Referral.sent_at < _midnight(until + timedelta(days=1)),
        Referral.status != Status.ENTERED_IN_ERROR,
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=clock.LONDON)


def _by_status(sent: ColumnElement[bool]) -> Counter[Status]:
    counted = select(Referral.status, func.count()).where(sent).group_by(Referral.status)
    return Counter(dict(db.session.execute(counted).all()))


def _reached(sent: ColumnElement[bool]) -> int:
    spoken = (
        select(func.count(ContactMade.referral_id.distinct()))
        .join(Referral)
        .where(sent, ContactMade.how.in_(SPOKEN_TO))
    )
    return db.session.scalar(spoken) or 0


def _attended(sent: ColumnElement[bool]) -> int:
    onward = aliased(Referral)
    came = (
        select(func.count(onward.parent_id.distinct()))
        .join(FirstVisit, FirstVisit.referral_id == onward.id)
        .join(Referral, Referral.id == onward.parent_id)
        .where(sent, FirstVisit.came == Came.CAME, onward.status != Status.ENTERED_IN_ERROR)
    )
    return db.session.scalar(came) or 0


def in_the_same_way(one: Any, other: Any) -> ColumnElement[bool]:
    """Both together, or both alone: people answer more kindly when somebody waits (§4.6 rule 1)."""
    return or_(
        and_(one == FilledIn.TOGETHER, other == FilledIn.TOGETHER),
        and_(one != FilledIn.TOGETHER, other != FilledIn.TOGETHER),
    )


def _pairs(sent: ColumnElement[bool]) -> list[_Pair]:
    """Both answers of those whose referral has ended; who answered once is not among them."""
    before, after = aliased(Measure), aliased(Measure)
    rows = db.session.execute(
        select(before.answers, after.answers, before.taken_on, after.taken_on)
        .join(after, and_(after.referral_id == before.referral_id, after.point == Point.AFTER))
        .join(Referral, Referral.id == before.referral_id)
        .where(sent, Referral.status.in_(ENDED), before.point == Point.BEFORE)
        .where(before.instrument == ONS4.key, after.instrument == ONS4.key)
        .where(in_the_same_way(before.filled_in, after.filled_in))
    )
    pairs = [_Pair(first, then, (later - day).days) for first, then, day, later in rows]
    return [pair for pair in pairs if pair.before.keys() & pair.after.keys()]


def _change(question: Question, pairs: Sequence[_Pair], closed: int) -> Change:
    key = question.key
    twice = [(p.before[key], p.after[key]) for p in pairs if key in p.before and key in p.after]
    moved = Counter(change_of(question, before, after) for before, after in twice)
    enough = len(twice) >= COUNTS_ONLY_BELOW
    return Change(
        question=question,
        answered_twice=len(twice),
        missing=closed - len(twice),
        better=moved[1],
        same=moved[0],
        worse=moved[-1],
        before=_mean(before for before, _ in twice) if enough else None,
        after=_mean(after for _, after in twice) if enough else None,
    )


def _mean(answers: Iterable[int]) -> float:
    return round(fmean(answers), 1)
