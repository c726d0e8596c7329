"""Referrals: what a few answers can tell, read in the light of many of their kind.

Shares: a beta-binomial model. Changes: a normal-normal model. Both are empirical Bayes after
C. N. Morris, "Parametric empirical Bayes inference: theory and applications", Journal of the
American Statistical Association 78 (1983), 47-55: how activities of a kind differ is read from all
of them, and each one's figure is drawn towards its kind the more, the less is known of itself. How
they differ is itself uncertain where they are few; so it is not taken at its likeliest value but
averaged over a grid, without which the intervals would be too short.

A share is reckoned from the counts as they are shown, rounded: any count that would be shown alike
is as possible as any other. So the interval says no more than the counts beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from core.disclosure import ROUNDED_TO, could_be

LOW, HIGH = 0.025, 0.975
"""The ends of a 95 % interval."""

NORMAL = 1.959964
MEANS = np.linspace(0.02, 0.98, 33)
STRENGTHS = np.linspace(0.06, 0.8, 18) ** -2.0
"""Even in their spread, as SPREADS are: A. Gelman and others, Bayesian Data Analysis, 5.3."""

STEPS = (np.arange(1200) + 0.5) / 1200
SPREADS = np.linspace(0.0, 3.0, 41)
"""How far apart in points activities of one kind may lie (a standard deviation)."""

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Interval:
    """A best guess and the two ends of its 95 % interval."""

    guess: float
    low: float
    high: float


class Shares:
    """The activities of one kind: of how many people each, how many did the thing."""

    def __init__(self, of: Sequence[int], did: Sequence[int]) -> None:
        self._of, self._did = np.array(of, dtype=np.int64), np.array(did, dtype=np.int64)
        mean, strength = np.meshgrid(MEANS, STRENGTHS)
        self._a = (mean * strength).ravel()
        self._b = ((1 - mean) * strength).ravel()
        most = int(self._of.max(initial=0)) + ROUNDED_TO
        self._rising = tuple(_log_rising(each, most) for each in (self._a, self._b, self._both))

    @property
    def _both(self) -> Floats:
        return self._a + self._b

    @cached_property
    def _all(self) -> Floats:
        """How well each way they may differ fits all of them."""
        total: Floats = self._fit(self._did, self._of).sum(axis=1)
        return total

    def share(self, number: int, shown_of: int, shown_did: int) -> Interval:
        """The share at one of them, given only its counts as they are shown."""
        did, of = (
            np.array(each)
            for each in zip(
                *((d, n) for n in could_be(shown_of) for d in could_be(shown_did) if d <= n),
                strict=True,
            )
        )
        own = self._fit(self._did[number : number + 1], self._of[number : number + 1])[:, 0]
        weights = (self._all - own)[:, None] + self._fit(did, of) + _log_ways(did, of)
        weights = np.exp(weights - weights.max())
        weights /= weights.sum()
        a, b = self._a[:, None] + did, self._b[:, None] + (of - did)
        mean = a / (a + b)
        guess = float((weights * mean).sum())
        spread = mean * (1 - mean) / (a + b + 1) + (mean - guess) ** 2
        return _of_beta(guess, float((weights * spread).sum()))

    def _fit(self, did: Ints, of: Ints) -> Floats:
        """The logarithm of the chance of each count, but for the ways to draw it."""
        rising_a, rising_b, rising_both = self._rising
        fit: Floats = rising_a[:, did] + rising_b[:, of - did] - rising_both[:, of]
        return fit


class Changes:
    """The activities of one kind: how many answered twice at each, and the average change."""

    def __init__(
        self, answered: Sequence[int], average: Sequence[float], *, variance: float
    ) -> None:
        self._average = np.array(average, dtype=np.float64)
        self._error = variance / np.array(answered, dtype=np.float64)

    def change(self, number: int) -> Interval:
        """The average change at one of them."""
        others = np.arange(self._average.size) != number
        weights, middle, unsure = self._kind(self._average[others], self._error[others])
        error, seen = self._error[number], self._average[number]
        spread = unsure + SPREADS**2
        weights = weights - 0.5 * (np.log(error + spread) + (seen - middle) ** 2 / (error + spread))
        weights = np.exp(weights - weights.max())
        weights /= weights.sum()
        pull = error / (error + spread)
        mean = pull * middle + (1 - pull) * seen
        guess = float((weights * mean).sum())
        variance = float((weights * (error * (1 - pull) + (mean - guess) ** 2)).sum())
        reach = NORMAL * variance**0.5
        return Interval(guess, guess - reach, guess + reach)

    @staticmethod
    def _kind(average: Floats, error: Floats) -> tuple[Floats, Floats, Floats]:
        """For each spread: how well it fits, the middle of the kind, how unsure that is."""
        if not average.size:  # nothing of its kind to lean on: any middle is as likely
            return np.zeros_like(SPREADS), np.zeros_like(SPREADS), np.full_like(SPREADS, 1e6)
        precision = 1 / (error[None, :] + SPREADS[:, None] ** 2)
        unsure = 1 / precision.sum(axis=1)
        middle = (precision * average).sum(axis=1) * unsure
        off = (precision * (average - middle[:, None]) ** 2).sum(axis=1)
        fit = 0.5 * (np.log(precision).sum(axis=1) + np.log(unsure) - off)
        return fit, middle, unsure


def _log_rising(start: Floats, most: int) -> Floats:
    """log of start × (start + 1) × … for 0 to `most` factors, one row for each start."""
    factors = np.log(start[:, None] + np.arange(most))
    return np.concatenate([np.zeros((start.size, 1)), np.cumsum(factors, axis=1)], axis=1)


def _log_ways(did: Ints, of: Ints) -> Floats:
    """log of the number of ways to draw so many of so many."""
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, int(of.max()) + 1)))])
    ways: Floats = logs[of] - logs[did] - logs[of - did]
    return ways


def _of_beta(mean: float, variance: float) -> Interval:
    """The interval of the beta distribution with this mean and variance."""
    size = mean * (1 - mean) / variance - 1
    a, b = mean * size, (1 - mean) * size
    logs = (a - 1) * np.log(STEPS) + (b - 1) * np.log1p(-STEPS)
    rising = np.cumsum(np.exp(logs - logs.max()))
    low, high = np.searchsorted(rising / rising[-1], [LOW, HIGH])
    return Interval(mean, float(STEPS[low]), float(STEPS[high]))
