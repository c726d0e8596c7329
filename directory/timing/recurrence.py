"""Directory: which days a schedule names, before terms, holidays and notices are thought of."""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from directory.facts import ScheduleFacts
from directory.models import Schedule
from directory.rules import Frequency
from directory.timing.timetables import WEEK

Weekdays = Sequence[tuple[int | None, int]]
"""Days of the week as (which of the month or None, 0 for Monday)."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How a schedule comes round: every so many weeks or months, on these days."""

    monthly: bool
    interval: int
    weekdays: Weekdays
    month_days: Sequence[int]
    anchor: date | None

    def names(self, day: date) -> bool:
        """Whether it falls on this day.

        Each day is asked by itself. A library that looks for the next one would look until the
        year 9999 for the first Monday that is a 31st.
        """
        since = _months if self.monthly else _weeks
        start = since(self.anchor) if self.anchor else 0
        if (since(day) - start) % self.interval:
            return False
        if self.monthly:
            return _fits_month(day, self.weekdays, self.month_days)
        return (None, day.weekday()) in self.weekdays


def named_days(schedule: Schedule, first: date, last: date) -> Iterable[date]:
    """The days a schedule names from a first day to a last, in order."""
    first = max(filter(None, (schedule.dtstart, schedule.valid_from, first)))
    last = min(filter(None, (schedule.until, schedule.valid_to, last)))
    if schedule.freq is None:
        once = schedule.dtstart
        return [once] if once and first <= once <= last else []
    rule = rule_of(schedule)
    if rule is None:
        return []
    coming = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return filter(rule.names, coming)


def rule_of(schedule: Schedule) -> Rule | None:
    """How it comes round; None if the schedule does not say enough for that."""
    if schedule.freq is None:
        return None
    anchor = schedule.dtstart
    days, numbers = weekdays(schedule.byday), month_days(schedule.bymonthday)
    monthly = is_monthly(schedule, days)
    if not days and not (monthly and numbers):
        if anchor is None:
            return None
        days, numbers = ([], [anchor.day]) if monthly else ([(None, anchor.weekday())], [])
    if schedule.interval > 1 and anchor is None:
        return None  # every second week, but nobody knows which
    return Rule(monthly, schedule.interval, days, numbers, anchor)


def is_monthly(schedule: Schedule | ScheduleFacts, days: Weekdays) -> bool:
    """Whether it goes by the month; a first Saturday does, whatever a feed calls it."""
    return schedule.freq is Frequency.MONTHLY or any(which for which, _ in days)


def weekdays(byday: str) -> list[tuple[int | None, int]]:
    """ "1SA,-1FR" as [(1, 5), (-1, 4)]; a plain "SA" as [(None, 5)]."""
    parts = [part.strip() for part in byday.split(",") if part.strip()]
    return [(int(part[:-2]) if part[:-2] else None, WEEK.index(part[-2:])) for part in parts]


def month_days(text: str) -> list[int]:
    """ "1,-1" as [1, -1]: the first day of the month and the last."""
    return [int(part) for part in text.split(",") if part.strip()]


def _months(day: date) -> int:
    return day.year * 12 + day.month


def _weeks(day: date) -> int:
    # The first day of the year 1 was a Monday.
    return (day.toordinal() - 1) // 7


def _fits_month(day: date, days: Weekdays, numbers: Sequence[int]) -> bool:
    """Whether a day is one of these weekdays of its month, and one of these days of it."""
    left = monthrange(day.year, day.month)[1] - day.day
    which = (None, (day.day - 1) // 7 + 1, -(left // 7) - 1)
    return (not days or any((each, day.weekday()) in days for each in which)) and (
        not numbers or day.day in numbers or -left - 1 in numbers
    )
