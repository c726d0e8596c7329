"""Directory: each schedule of a listing with the days it is held, and those it is called off.

Calendars and search engines are told a rule and its exceptions. Both come from the same dates that
a page shows, so that they never say another thing than it does.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from core import clock
from directory.models import Schedule, Service
from directory.rules import Life
from directory.timing.recurrence import named_days
from directory.timing.sessions import LOOKS_AHEAD, next_sessions

_MANY = 100_000


@dataclass(frozen=True, slots=True)
class Series:
    """One schedule: the days it is held on, from the first of this month as far as one can see."""

    schedule: Schedule
    position: int
    held: tuple[date, ...]
    called_off: tuple[date, ...]
    """The days its rule names between the first it is held on and the last one can see."""

    sees_to: date
    is_resting: bool = False

    @property
    def first(self) -> date:
        """The day it begins with."""
        return self.held[0]


def series_of(service: Service) -> Iterator[Series]:
    """The schedules of a listing that have dates. No meeting is told twice.

    Of a listing that rests, the days are told that would have been.
    """
    begin = clock.today().replace(day=1)
    end = begin + LOOKS_AHEAD
    resting = service.life is Life.PAUSED
    left = _meetings(service, begin)
    for position, schedule in enumerate(service.schedules):
        named = list(named_days(schedule, begin, end))
        mine = {on: _key(on, schedule.opens_at, schedule.closes_at) for on in named}
        held = tuple(on for on in named if resting or mine[on] in left)
        left -= {mine[on] for on in held}
        if held:
            off = tuple(on for on in named if on > held[0] and on not in set(held))
            yield Series(schedule, position, held, off, end, resting)


def times_of(on: date, schedule: Schedule) -> tuple[datetime, datetime | None] | None:
    """When it begins and ends on a day, in London's time; None where nobody has told the time."""
    if schedule.opens_at is None:
        return None
    begins = datetime.combine(on, schedule.opens_at, clock.LONDON)
    if schedule.closes_at is None:
        return begins, None
    # What closes before it opens goes on past midnight.
    last = on if schedule.closes_at > schedule.opens_at else on + timedelta(days=1)
    return begins, datetime.combine(last, schedule.closes_at, clock.LONDON)


def _meetings(service: Service, begin: date) -> set[tuple[date, time, time]]:
    since = datetime.combine(begin, time.min, clock.LONDON)
    coming = next_sessions(service, after=since, count=_MANY)
    return {_key(each.on, each.starts_at, each.ends_at) for each in coming}


def _key(on: date, starts_at: time | None, ends_at: time | None) -> tuple[date, time, time]:
    return on, starts_at or time.min, ends_at or time.max
