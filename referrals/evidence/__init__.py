"""Referrals: what came of those sent to an activity, as honestly as few people allow it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.db import db
from core.disclosure import FEWEST
from directory import Service
from referrals.evidence.publishing import SHARES, WENT
from referrals.evidence.publishing import init_app as init_app
from referrals.evidence.publishing import make_up as make_up
from referrals.measures import ONS4, Question
from referrals.models import Figures
from referrals.outcomes import COUNTS_ONLY_BELOW, TOO_FEW_BELOW


@dataclass(frozen=True, slots=True)
class Share:
    """How many of those of whom it is known did something. `did` is None when they are too few.

    The percentages are drawn towards the activity's kind; they are None with the count.
    """

    did: int | None
    percent: int | None
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class Change:
    """How the answer to one question moved on average, in points of ten for the better."""

    question: Question
    twice: int
    missing: int | None
    guess: float
    low: float
    high: float

    @property
    def unclear(self) -> bool:
        """Whether no change at all lies within the interval."""
        return self.low <= 0 <= self.high


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What came of those sent to an activity. Counts are rounded to the nearest five."""

    made_on: date
    referred: int
    known: int
    not_known: int | None
    started: Share
    often: Share
    changes: tuple[Change, ...]
    hidden_below: int = FEWEST

    @property
    def few(self) -> bool:
        """Whether to say that these are too few people to draw conclusions."""
        return self.known < TOO_FEW_BELOW


@dataclass(frozen=True, slots=True)
class TooFew:
    """Of fewer people than this is known what came of it, so nothing is said."""

    fewer_than: int = COUNTS_ONLY_BELOW


def of(service: Service) -> Evidence | TooFew:
    """What came of those sent to this activity, or that they are too few to tell."""
    row = db.session.get(Figures, service.id)
    if row is None:
        return TooFew()
    went = row.parts[WENT]
    started, often = (_share(went[name]) for name in SHARES)
    return Evidence(
        made_on=row.made_on,
        referred=went["referred"],
        known=went["known"],
        not_known=went["not_known"],
        started=started,
        often=often,
        changes=tuple(
            Change(question, **row.parts[question.key])
            for question in ONS4.questions
            if question.key in row.parts
        ),
    )


def _share(said: Mapping[str, Any]) -> Share:
    percent, low, high = (
        round(100 * said[end]) if end in said else None for end in ("guess", "low", "high")
    )
    return Share(said["did"], percent, low, high)
