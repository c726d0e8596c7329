"""Directory: when a listing is on: its next dates, and the same in words.

Times are those on the wall clock in Britain, so a class at ten stays at ten when clocks change.
"""

from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from heapq import merge
from itertools import groupby, islice

from core import clock
from core.templating import on_the_clock
from directory.models import Schedule, Service
from directory.rules import Frequency, Life
from directory.timetables import WEEK

LOOKS_AHEAD = timedelta(days=400)
"""How far ahead dates are looked for."""

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_RUNS = {WEEK: "Every day", WEEK[:5]: "Weekdays", WEEK[5:]: "Weekends"}
_WHICH = {
    1: "first",
    2: "second",
    3: "third",
    4: "fourth",
    5: "fifth",
    -1: "last",
    -2: "second to last",
    -3: "third to last",
}
_EVERY = {2: "other", 3: "third", 4: "fourth"}


@dataclass(frozen=True, slots=True)
class Session:
    """One meeting: a day, and the times if they are known."""

    on: date
    starts_at: time | None = None
    ends_at: time | None = None


def next_sessions(service: Service, *, after: datetime, count: int = 4) -> list[Session]:
    """The next meetings, soonest first; today's counts until it is over."""
    if service.life in {Life.PAUSED, Life.RETIRED}:
        return []
    moment = clock.local(after)
    each = (_sessions(schedule, moment.date()) for schedule in service.schedules)
    coming = (
        session for session, _ in groupby(merge(*each, key=_order)) if not _is_over(session, moment)
    )
    return list(islice(coming, count))


def when_words(service: Service) -> str:
    """When it is on, as one would say it: "Tuesdays, 10am to 11:30am"."""
    if not service.schedules:
        return "Ring to arrange" if service.phones else "Ask when it is on"
    today = clock.today()
    running = [each for each in service.schedules if not _has_ended(each, today)]
    if not running:
        return "Has finished for now"
    said = (_words(group) for group in _alike(running))
    return "; ".join(dict.fromkeys(filter(None, said))) or "Ask when it is on"


def _order(session: Session) -> tuple[date, time, time]:
    return session.on, session.starts_at or time.min, session.ends_at or time.max


def _is_over(session: Session, moment: datetime) -> bool:
    if session.on != moment.date():
        return session.on < moment.date()
    times = [each for each in (session.starts_at, session.ends_at) if each is not None]
    return bool(times) and max(times) <= moment.time()


def _sessions(schedule: Schedule, today: date) -> Iterator[Session]:
    """The meetings of one schedule from a day on, in order."""
    for on in _days(schedule, today):
        if not (schedule.term_time and _is_holiday(on)):
            yield Session(on, schedule.opens_at, schedule.closes_at)


def _days(schedule: Schedule, today: date) -> Iterable[date]:
    first = max(filter(None, (schedule.dtstart, schedule.valid_from, today)))
    last = min(filter(None, (schedule.until, schedule.valid_to, today + LOOKS_AHEAD)))
    if schedule.freq is None:
        once = schedule.dtstart
        return [once] if once and first <= once <= last else []
    is_on = _rule(schedule)
    if is_on is None:
        return []
    coming = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return filter(is_on, coming)


def _rule(schedule: Schedule) -> Callable[[date], bool] | None:
    """Whether it is on, day by day; None if the schedule does not say enough for that.

    Each day is asked by itself. A library that looks for the next one would look until the year
    9999 for the first Monday that is a 31st.
    """
    anchor, interval = schedule.dtstart, schedule.interval
    days, numbers = _ordinals(schedule.byday), _numbers(schedule.bymonthday)
    monthly = _is_monthly(schedule, days)
    if not days and not (monthly and numbers):
        if anchor is None:
            return None
        days, numbers = ([], [anchor.day]) if monthly else ([(None, anchor.weekday())], [])
    if interval > 1 and anchor is None:
        return None  # every second week, but nobody knows which
    since = _months if monthly else _weeks
    start = since(anchor) if anchor else 0

    def is_on(day: date) -> bool:
        if (since(day) - start) % interval:
            return False
        return _fits_month(day, days, numbers) if monthly else (None, day.weekday()) in days

    return is_on


def _is_monthly(schedule: Schedule, days: Sequence[tuple[int | None, int]]) -> bool:
    return schedule.freq is Frequency.MONTHLY or any(which for which, _ in days)


def _months(day: date) -> int:
    return day.year * 12 + day.month


def _weeks(day: date) -> int:
    # The first day of the year 1 was a Monday.
    return (day.toordinal() - 1) // 7


def _fits_month(day: date, days: Sequence[tuple[int | None, int]], numbers: Sequence[int]) -> bool:
    """Whether a day is one of these weekdays of its month, and one of these days of it."""
    left = monthrange(day.year, day.month)[1] - day.day
    which = (None, (day.day - 1) // 7 + 1, -(left // 7) - 1)
    return (not days or any((each, day.weekday()) in days for each in which)) and (
        not numbers or day.day in numbers or -left - 1 in numbers
    )


def _is_holiday(on: date) -> bool:
    # Half-terms differ from town to town; August and Christmas are holidays throughout England.
    return on.month == 8 or (on.month, on.day) >= (12, 22) or (on.month, on.day) <= (1, 2)


def _has_ended(schedule: Schedule, today: date) -> bool:
    ends = [schedule.until, schedule.valid_to]
    if schedule.freq is None:
        ends.append(schedule.dtstart)
    return any(end is not None and end < today for end in ends)


def _ordinals(byday: str) -> list[tuple[int | None, int]]:
    """ "1SA,-1FR" as [(1, 5), (-1, 4)]; a plain "SA" as [(None, 5)]."""
    parts = [part.strip() for part in byday.split(",") if part.strip()]
    return [(int(part[:-2]) if part[:-2] else None, WEEK.index(part[-2:])) for part in parts]


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",") if part.strip()]


def _alike(schedules: Sequence[Schedule]) -> list[list[Schedule]]:
    """Weekly schedules that differ in nothing but their days go together."""
    groups: dict[object, list[Schedule]] = {}
    for each in schedules:
        weekly = each.freq is Frequency.WEEKLY and each.byday and each.interval == 1
        times = (each.opens_at, each.closes_at, each.term_time)
        groups.setdefault(times if weekly else each.id, []).append(each)
    return list(groups.values())


def _words(group: list[Schedule]) -> str:
    one = group[0]
    days = _days_in_words(one, [day for each in group for day in _ordinals(each.byday)])
    if not days:
        return one.description or _times(one)
    if one.term_time:
        days += " in term time"
    return ", ".join(filter(None, (days, _times(one))))


def _times(schedule: Schedule) -> str:
    opens, closes = schedule.opens_at, schedule.closes_at
    if opens and closes:
        return f"{on_the_clock(opens)} to {on_the_clock(closes)}"
    if opens:
        return on_the_clock(opens)
    return f"until {on_the_clock(closes)}" if closes else ""


def _days_in_words(schedule: Schedule, days: list[tuple[int | None, int]]) -> str:
    if schedule.freq is None:
        return _on_one_day(schedule.dtstart) if schedule.dtstart else ""
    every_week = days and schedule.interval == 1 and not any(which for which, _ in days)
    if _is_monthly(schedule, days) and not every_week:
        return _monthly(schedule, days)
    if not days and schedule.dtstart:
        days = [(None, schedule.dtstart.weekday())]
    return _weekly(sorted({day for _, day in days}), schedule.interval) if days else ""


def _on_one_day(on: date) -> str:
    return f"{on:%A} {on.day} {on:%B} {on.year}"


def _weekly(days: list[int], interval: int) -> str:
    if interval > 1:
        names = _and([_DAYS[day] for day in days])
        every = _EVERY.get(interval)
        return f"Every {every} {names}" if every else f"{names} every {interval} weeks"
    if run := _RUNS.get(tuple(WEEK[day] for day in days)):
        return run
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return f"{_DAYS[days[0]]} to {_DAYS[days[-1]]}"
    return _and([f"{_DAYS[day]}s" for day in days])


def _monthly(schedule: Schedule, days: list[tuple[int | None, int]]) -> str:
    of = {1: "the month", 2: "every other month", 3: "every third month"}
    month = of.get(schedule.interval, f"every {schedule.interval} months")
    if days and all(which for which, _ in days):
        said = [f"{_WHICH[which]} {_DAYS[day]}" for which, day in days if which in _WHICH]
    elif days:
        said = [f"{_DAYS[day]}s" for _, day in days]
    else:
        numbers = _numbers(schedule.bymonthday)
        if not numbers and schedule.dtstart:
            numbers = [schedule.dtstart.day]
        said = ["last day" if number == -1 else f"the {_nth(number)}" for number in numbers]
    words = _and(said)
    return f"{words[0].upper()}{words[1:]} of {month}" if words else ""


def _nth(number: int) -> str:
    endings = {1: "st", 2: "nd", 3: "rd"}
    teens = 10 < number % 100 < 14
    return f"{number}{'th' if teens else endings.get(number % 10, 'th')}"


def _and(words: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else ""
