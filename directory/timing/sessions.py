"""Directory: when a listing is on: its next dates, and the same in words.

Times are those on the wall clock in Britain, so a class at ten stays at ten when clocks change.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from heapq import merge
from itertools import groupby, islice

from core import clock
from core.languages import _, date_words, language, lazy
from core.marking import marked
from core.templating import on_the_clock
from directory.facts import ScheduleFacts
from directory.models import Schedule, Service
from directory.rules import Frequency, Life, NoticeKind
from directory.timing import terms
from directory.timing.recurrence import is_monthly, month_days, named_days, weekdays
from directory.timing.timetables import WEEK

LOOKS_AHEAD = timedelta(days=400)
"""How far ahead dates are looked for."""

_DAY = (
    lazy("Monday"),
    lazy("Tuesday"),
    lazy("Wednesday"),
    lazy("Thursday"),
    lazy("Friday"),
    lazy("Saturday"),
    lazy("Sunday"),
)
_DAYS = (
    lazy("Mondays"),
    lazy("Tuesdays"),
    lazy("Wednesdays"),
    lazy("Thursdays"),
    lazy("Fridays"),
    lazy("Saturdays"),
    lazy("Sundays"),
)
_RUNS = {WEEK: lazy("Every day"), WEEK[:5]: lazy("Weekdays"), WEEK[5:]: lazy("Weekends")}
_WHICH = {
    1: marked("first %(day)s"),
    2: marked("second %(day)s"),
    3: marked("third %(day)s"),
    4: marked("fourth %(day)s"),
    5: marked("fifth %(day)s"),
    -1: marked("last %(day)s"),
    -2: marked("second to last %(day)s"),
    -3: marked("third to last %(day)s"),
}
_EVERY = {
    2: marked("Every other %(days)s"),
    3: marked("Every third %(days)s"),
    4: marked("Every fourth %(days)s"),
}
_MONTHS = {
    1: marked("%(days)s of the month"),
    2: marked("%(days)s of every other month"),
    3: marked("%(days)s of every third month"),
}


@dataclass(frozen=True, slots=True)
class Session:
    """One meeting: a day, and the times if they are known.

    `if_term`: it is held in term time only, and nobody has told us whether that day is.
    """

    on: date
    starts_at: time | None = None
    ends_at: time | None = None
    if_term: bool = False
    cancelled: bool = False

    @property
    def over_at(self) -> datetime | None:
        """When it is over, if it is known when it is held."""
        times = [each for each in (self.starts_at, self.ends_at) if each is not None]
        return datetime.combine(self.on, max(times), clock.LONDON) if times else None


def next_sessions(
    service: Service, *, after: datetime, count: int = 4, with_cancelled: bool = False
) -> list[Session]:
    """The next meetings, soonest first; today's counts until it is over.

    None falls in a pause. A cancelled one is left out, or else said to be cancelled.
    """
    if service.life in {Life.PAUSED, Life.RETIRED}:
        return []
    moment = clock.local(after)
    each = (_sessions(schedule, moment.date()) for schedule in service.schedules)
    alike = groupby(merge(*each, key=_order), key=_order)
    held = _as_noticed(service, (min(same, key=_sureness) for _, same in alike))
    coming = (
        session
        for session in held
        if not _is_over(session, moment) and (with_cancelled or not session.cancelled)
    )
    return list(islice(coming, count))


def when_words(service: Service) -> str:
    """When it is on, as one would say it: "Tuesdays, 10am to 11:30am"."""
    if not service.schedules:
        return _("Ring to arrange") if service.phones else _("Ask when it is on")
    today = clock.today()
    running = [each for each in service.schedules if not _has_ended(each, today)]
    if not running:
        return _("Has finished for now")
    said = (_words(group) for group in _alike(running))
    return "; ".join(dict.fromkeys(filter(None, said))) or _("Ask when it is on")


def schedule_words(schedule: ScheduleFacts) -> str:
    """One schedule as one would say it, with the days it begins and ends."""
    words = _words([schedule])
    if schedule.freq is None:
        return words
    first = _on_one_day(schedule.dtstart) if schedule.dtstart else ""
    last = _on_one_day(schedule.until) if schedule.until else ""
    words = _("%(when)s, from %(day)s", when=words, day=first) if first else words
    return _("%(when)s, until %(day)s", when=words, day=last) if last else words


def _order(session: Session) -> tuple[date, time, time]:
    return session.on, session.starts_at or time.min, session.ends_at or time.max


def _sureness(session: Session) -> bool:
    return session.if_term


def _as_noticed(service: Service, sessions: Iterable[Session]) -> Iterator[Session]:
    """The same, without those in a pause, and with those that are cancelled marked."""
    standing = [each for each in service.notices if each.taken_down_at is None]
    pauses = [each for each in standing if each.kind is NoticeKind.PAUSE]
    cancelled = [each for each in standing if each.kind is NoticeKind.CANCELLED]
    for session in sessions:
        if any(each.holds_on(session.on) for each in pauses):
            continue
        if any(each.holds_on(session.on) for each in cancelled):
            session = replace(session, cancelled=True)
        yield session


def _is_over(session: Session, moment: datetime) -> bool:
    if session.on != moment.date():
        return session.on < moment.date()
    return session.over_at is not None and session.over_at <= moment


def _sessions(schedule: Schedule, today: date) -> Iterator[Session]:
    """The meetings of one schedule from a day on, in order."""
    for on in named_days(schedule, today, today + LOOKS_AHEAD):
        is_term = terms.is_term(on) if schedule.term_time else True
        if is_term is not False:
            yield Session(on, schedule.opens_at, schedule.closes_at, if_term=is_term is None)


def _has_ended(schedule: Schedule, today: date) -> bool:
    ends = [schedule.until, schedule.valid_to]
    if schedule.freq is None:
        ends.append(schedule.dtstart)
    return any(end is not None and end < today for end in ends)


def _alike(schedules: Sequence[Schedule]) -> list[list[Schedule]]:
    """Weekly schedules that differ in nothing but their days go together."""
    groups: dict[object, list[Schedule]] = {}
    for each in schedules:
        weekly = each.freq is Frequency.WEEKLY and each.byday and each.interval == 1
        times = (each.opens_at, each.closes_at, each.term_time)
        groups.setdefault(times if weekly else each.id, []).append(each)
    return list(groups.values())


def _words(group: Sequence[Schedule | ScheduleFacts]) -> str:
    one = group[0]
    days = _days_in_words(one, [day for each in group for day in weekdays(each.byday)])
    if not days:
        return one.description or _times(one)
    if one.term_time:
        days = _("%(days)s in term time", days=days)
    return ", ".join(filter(None, (days, _times(one))))


def _times(schedule: Schedule | ScheduleFacts) -> str:
    opens, closes = schedule.opens_at, schedule.closes_at
    if opens and closes:
        times = on_the_clock(opens), on_the_clock(closes)
        return _("%(start)s to %(end)s", start=times[0], end=times[1])
    if opens:
        return on_the_clock(opens)
    return _("until %(end)s", end=on_the_clock(closes)) if closes else ""


def _days_in_words(schedule: Schedule | ScheduleFacts, days: list[tuple[int | None, int]]) -> str:
    if schedule.freq is None:
        return _on_one_day(schedule.dtstart) if schedule.dtstart else ""
    every_week = days and schedule.interval == 1 and not any(which for which, _day in days)
    if is_monthly(schedule, days) and not every_week:
        return _monthly(schedule, days)
    if not days and schedule.dtstart:
        days = [(None, schedule.dtstart.weekday())]
    return _weekly(sorted({day for _which, day in days}), schedule.interval) if days else ""


def _on_one_day(on: date) -> str:
    return date_words(on, "EEEE d MMMM y")


def _weekly(days: list[int], interval: int) -> str:
    if interval > 1:
        names = _and([str(_DAY[day]) for day in days])
        if every := _EVERY.get(interval):
            return _(every, days=names)
        return _("%(days)s every %(count)s weeks", days=names, count=interval)
    if run := _RUNS.get(tuple(WEEK[day] for day in days)):
        return str(run)
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return _("%(first)s to %(last)s", first=_DAY[days[0]], last=_DAY[days[-1]])
    return _and([str(_DAYS[day]) for day in days])


def _monthly(schedule: Schedule | ScheduleFacts, days: list[tuple[int | None, int]]) -> str:
    if days and all(which for which, _day in days):
        said = [_(_WHICH[which], day=_DAY[day]) for which, day in days if which in _WHICH]
    elif days:
        said = [str(_DAYS[day]) for _which, day in days]
    else:
        numbers = month_days(schedule.bymonthday)
        if not numbers and schedule.dtstart:
            numbers = [schedule.dtstart.day]
        said = [
            _("last day") if number == -1 else _("the %(number)s", number=_nth(number))
            for number in numbers
        ]
    if not said:
        return ""
    words = _and(said)
    words = words[0].upper() + words[1:]
    if of := _MONTHS.get(schedule.interval):
        return _(of, days=words)
    return _("%(days)s of every %(count)s months", days=words, count=schedule.interval)


def _nth(number: int) -> str:
    """A day of the month; only English has endings for them."""
    if language().code != "en":
        return str(number)
    endings = {1: "st", 2: "nd", 3: "rd"}
    teens = 10 < number % 100 < 14
    return f"{number}{'th' if teens else endings.get(number % 10, 'th')}"


def _and(words: list[str]) -> str:
    return _(" and ").join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else ""
