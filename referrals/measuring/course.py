"""Referrals, measuring: how the answers went, before, after and later, and how sure one can be.

What was not answered is counted and said; nothing stands in for it. Answers given in different ways
(together, or alone) are shown, but their difference is not called a change for better or worse.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from referrals.measures import NOISE, ONS4, Instrument, Question
from referrals.measuring.scores import SCALES, Scale, Verdict, reliable_change, score
from referrals.models import FilledIn, Measure, Referral
from referrals.outcomes import change_of, measures_of
from referrals.rules import Point

ORDER = (Point.BEFORE, Point.AFTER, Point.LATER)


@dataclass(frozen=True, slots=True)
class Mark:
    """One answer or score on the chart; `low` and `high` are how far it may be out."""

    point: Point
    value: float
    said: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Line:
    """One question or score over time."""

    name: str
    least: float
    most: float
    marks: tuple[Mark, ...]
    verdict: Verdict
    has_margin: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """Once that somebody was asked."""

    point: Point
    taken_on: date
    filled_in: FilledIn
    answered: int
    of: int

    @property
    def missing(self) -> int:
        """How many questions they did not answer."""
        return self.of - self.answered


@dataclass(frozen=True, slots=True)
class Course:
    """How the answers to one set of questions went."""

    instrument: Instrument
    lines: tuple[Line, ...]
    taken: tuple[Taken, ...]

    @property
    def ways_differ(self) -> bool:
        """Whether some were answered together and others alone."""
        return len({each.filled_in is FilledIn.TOGETHER for each in self.taken}) > 1


def course_of(referral: Referral, instrument: Instrument) -> Course:
    """The scores and each answer over time."""
    measures = measures_of(referral, instrument.key)
    taken = [measures[point] for point in ORDER if point in measures]
    scale = SCALES.get(instrument.key)
    lines = [_of_question(each, instrument, taken) for each in instrument.questions]
    if scale is not None:
        lines.insert(0, _of_score(scale, instrument, taken))
    return Course(
        instrument,
        tuple(line for line in lines if line.marks),
        tuple(_taken(each, instrument) for each in taken),
    )


def _of_score(scale: Scale, instrument: Instrument, taken: list[Measure]) -> Line:
    margin = scale.margin()
    marks = []
    for each in taken:
        value = score(instrument, each.answers)
        if value is not None:
            low, high = value - (margin or 0), value + (margin or 0)
            said = f"{value:g}"
            marks.append(
                Mark(each.point, value, said, max(low, scale.least), min(high, scale.most))
            )
    compared = _compared(taken, lambda answers: score(instrument, answers))
    verdict = Verdict.NOT_TWICE if compared is None else reliable_change(scale, *compared)
    return Line(scale.name, scale.least, scale.most, tuple(marks), verdict, margin is not None)


def _of_question(question: Question, instrument: Instrument, taken: list[Measure]) -> Line:
    """ONS4 moves by a point from day to day; for other single answers nobody has published that."""
    noise = NOISE if instrument.key == ONS4.key else 0
    marks = tuple(
        Mark(
            each.point,
            value,
            question.in_words(value),
            max(value - noise, question.least),
            min(value + noise, question.most),
        )
        for each in taken
        if (value := each.answers.get(question.key)) is not None
    )
    return Line(
        question.name,
        question.least,
        question.most,
        marks,
        _verdict(question, noise, taken),
        noise > 0,
    )


def _verdict(question: Question, noise: int, taken: list[Measure]) -> Verdict:
    compared = _compared(taken, lambda answers: answers.get(question.key))
    if compared is None:
        return Verdict.NOT_TWICE
    if not noise:
        return Verdict.NO_FIGURE
    moved = change_of(question, int(compared[0]), int(compared[1]))
    if moved == 0:
        return Verdict.WITHIN_A_DAY
    return Verdict.UP_BY_MORE_THAN_A_DAY if moved > 0 else Verdict.DOWN_BY_MORE_THAN_A_DAY


def _compared(
    taken: list[Measure], value_of: Callable[[Mapping[str, int]], float | None]
) -> tuple[float, float] | None:
    """The first value and the last one given in the same way; None when there are not two."""
    told = [(each, value) for each in taken if (value := value_of(each.answers)) is not None]
    if not told:
        return None
    first = told[0]
    alike = [each for each in told[1:] if _alone(each[0]) is _alone(first[0])]
    return (first[1], alike[-1][1]) if alike else None


def _alone(measure: Measure) -> bool:
    return measure.filled_in is not FilledIn.TOGETHER


def _taken(measure: Measure, instrument: Instrument) -> Taken:
    asked = {question.key for question in instrument.questions}
    return Taken(
        measure.point,
        measure.taken_on,
        measure.filled_in,
        len(asked & measure.answers.keys()),
        len(asked),
    )
