"""Referrals, measuring: one number of several answers, and whether a change is more than chance.

No answer is ever made up: where a score needs an answer that is missing, there is no score.

The reliable change of one person is that of Jacobson and Truax (1991, J Consult Clin Psychol
59:12–19): the change divided by √2 times the standard error of measurement; 1.96 or more is more
than the scale's own noise. It needs a published reliability:

- SWEMWBS, metric score: Shah and others (2018), Responsiveness
  of the Short Warwick Edinburgh Mental Well-Being Scale, Health Qual Life Outcomes 16:239, a
  clinical sample of 172: standard error 1.03, and 2.77 (1.96 × √2) of them, unrounded, 2.87 points.
- ONS4, the loneliness questions and goals in somebody's own words: we know of no published figure
  for adults that could be trusted with one person, and say so.

The conversion of SWEMWBS sums to metric scores is that of its owners (Stewart-Brown
and others, 2009, Health Qual Life Outcomes 7:15).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

from referrals.measures import LONELINESS, SWEMWBS, UCLA3, Instrument

METRIC = (
    *(7.00, 9.51, 11.25, 12.40, 13.33, 14.08, 14.75, 15.32, 15.84, 16.36, 16.88, 17.43, 17.98),
    *(18.59, 19.25, 19.98, 20.73, 21.54, 22.35, 23.21, 24.11, 25.03, 26.02, 27.03, 28.13, 29.31),
    *(30.70, 32.55, 35.00),
)
"""The metric score of each sum from 7 to 35."""

LEAST_SUM = 7
SWEMWBS_SEM = 1.03
SWEMWBS_RELIABLE = 2.87
NINETY_FIVE = 1.96


class Verdict(StrEnum):
    """What can be said of one person's change."""

    BETTER = "better"
    WORSE = "worse"
    NO_CLEAR_CHANGE = "no-clear-change"
    UP_BY_MORE_THAN_A_DAY = "up-by-more-than-a-day"
    DOWN_BY_MORE_THAN_A_DAY = "down-by-more-than-a-day"
    WITHIN_A_DAY = "within-a-day"
    NO_FIGURE = "no-figure"
    NOT_TWICE = "not-twice"


@dataclass(frozen=True, slots=True)
class Scale:
    """A score: its range, which way is better, and its standard error where one is published."""

    name: str
    least: float
    most: float
    good: int
    error: float | None = None
    reliable: float | None = None

    def margin(self) -> float | None:
        """How far either way the true score may lie, in 95 of 100 cases."""
        return None if self.error is None else round(NINETY_FIVE * self.error, 2)


SCALES = {
    SWEMWBS: Scale("Wellbeing score", 7, 35, 1, SWEMWBS_SEM, SWEMWBS_RELIABLE),
    LONELINESS.key: Scale("Loneliness score (lower is better)", 3, 9, -1),
}


def score(instrument: Instrument, answers: Mapping[str, int]) -> float | None:
    """The one number that all the answers make; None where one is missing or none may be made."""
    if instrument.key == LONELINESS.key:
        given = [answers[key] for key in UCLA3 if key in answers]
        return float(sum(given)) if len(given) == len(UCLA3) else None
    if instrument.key == SWEMWBS:
        given = [answers[each.key] for each in instrument.questions if each.key in answers]
        complete = len(given) == len(instrument.questions)
        return METRIC[sum(given) - LEAST_SUM] if complete else None
    return None


def reliable_change(scale: Scale, before: float | None, after: float | None) -> Verdict:
    """Whether one person's change is more than the scale's own noise."""
    if before is None or after is None:
        return Verdict.NOT_TWICE
    if scale.reliable is None:
        return Verdict.NO_FIGURE
    gain = (after - before) * scale.good
    if abs(gain) < scale.reliable:
        return Verdict.NO_CLEAR_CHANGE
    return Verdict.BETTER if gain > 0 else Verdict.WORSE


def change_index(scale: Scale, before: float, after: float) -> float | None:
    """The Jacobson–Truax index itself; None without a published standard error."""
    if scale.error is None:
        return None
    return round((after - before) / (sqrt(2) * scale.error), 2)
