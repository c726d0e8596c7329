"""Ground floor: working days in England and Wales, for every date we promise somebody."""

from datetime import date, timedelta
from functools import cache, lru_cache

from dateutil.easter import easter

MONDAY, SATURDAY = 0, 5


def is_working_day(day: date) -> bool:
    """Whether people are at work: no weekend, no bank holiday."""
    return day.weekday() < SATURDAY and day not in bank_holidays(day.year)


@lru_cache(maxsize=1024)
def working_days_after(day: date, count: int) -> date:
    """The last of so many working days after this day: two after a Friday is Tuesday."""
    while count > 0:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return day


@cache
def bank_holidays(year: int) -> frozenset[date]:
    """The bank holidays that come every year (Banking and Financial Dealings Act 1971).

    Single ones, as for a coronation, are proclaimed and not known here.
    """
    movable = {
        easter(year) - timedelta(days=2),
        easter(year) + timedelta(days=1),
        _monday_from(date(year, 5, 1)),
        _monday_from(date(year, 5, 25)),
        _monday_from(date(year, 8, 25)),
    }
    fixed = [date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)]
    holidays = movable | {day for day in fixed if day.weekday() < SATURDAY}
    for day in fixed:
        if day.weekday() >= SATURDAY:
            # Kept on the next weekday that is not a holiday already.
            while day.weekday() >= SATURDAY or day in holidays:
                day += timedelta(days=1)
            holidays.add(day)
    return frozenset(holidays)


def _monday_from(day: date) -> date:
    return day + timedelta(days=(MONDAY - day.weekday()) % 7)
