"""Directory: sessions as calendars know them (RFC 5545): one to keep, or all of them to follow.

A calendar that follows a listing asks again twice a day, so what is cancelled leaves it by itself.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from urllib.parse import urlsplit

from icalendar import Calendar, Component, Event, Timezone, vDuration, vRecur

from core import clock, site
from core.errors import NotFound
from core.languages import _
from directory.cards import cost_words, where_words
from directory.models import Location, Service
from directory.rules import Attending, Life
from directory.taxonomy import KINDS
from directory.timing.recurrence import Rule, named_days, rule_of
from directory.timing.series import Series, series_of, times_of
from directory.timing.sessions import LOOKS_AHEAD, next_sessions
from directory.timing.timetables import WEEK

ASKS_AGAIN = timedelta(hours=12)

_LONDON = b"""BEGIN:VTIMEZONE\r
TZID:Europe/London\r
X-LIC-LOCATION:Europe/London\r
BEGIN:DAYLIGHT\r
TZOFFSETFROM:+0000\r
TZOFFSETTO:+0100\r
TZNAME:BST\r
DTSTART:19700329T010000\r
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r
END:DAYLIGHT\r
BEGIN:STANDARD\r
TZOFFSETFROM:+0100\r
TZOFFSETTO:+0000\r
TZNAME:GMT\r
DTSTART:19701025T020000\r
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r
END:STANDARD\r
END:VTIMEZONE\r
"""


def has_calendar(service: Service) -> bool:
    """Whether there is a rule or a date to put into a calendar, not words alone."""
    return next(series_of(service), None) is not None


def calendar_of(service: Service) -> bytes:
    """All sessions of a listing, as a calendar to follow."""
    made = _calendar()
    made.add("url", _page(service))
    made.add("x-wr-calname", _plain(service.name))
    made.add("name", _plain(service.name))
    made.add("x-wr-timezone", "Europe/London")
    made.add("refresh-interval", ASKS_AGAIN, parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", vDuration(ASKS_AGAIN))
    for series in series_of(service):
        made.add_component(_recurring(service, series))
    return bytes(made.to_ical())


def session_on(service: Service, on: date) -> bytes:
    """The sessions of one day, as a file to keep; those called off are marked. NotFound if none."""
    if not timedelta(days=-31) <= on - clock.today() <= LOOKS_AHEAD:
        raise NotFound
    made = _calendar()
    events = list(_of_one_day(service, on))
    if not events:
        raise NotFound
    for event in events:
        made.add_component(event)
    return bytes(made.to_ical())


def no_sessions() -> bytes:
    """A calendar with nothing in it: whoever follows what has ended is told of no session."""
    return bytes(_calendar().to_ical())


def _calendar() -> Calendar:
    made = Calendar()
    made.add("version", "2.0")
    made.add("prodid", f"-//{_plain(site.name())}//Directory//EN")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    made.add_component(_london())
    return made


def _recurring(service: Service, series: Series) -> Event:
    event = _event(service, f"{service.id}-{series.position}", is_off=series.is_resting)
    _set_time(event, series, series.first)
    rule = rule_of(series.schedule)
    if rule is not None:
        event.add("rrule", _recur(rule, series))
    if series.called_off:
        event.add("exdate", [_start(series, on) for on in series.called_off])
    return event


def _of_one_day(service: Service, on: date) -> Iterator[Event]:
    since = datetime.combine(on, time.min, clock.LONDON)
    held = [each for each in next_sessions(service, after=since, count=48) if each.on == on]
    times = {(each.starts_at, each.ends_at) for each in held}
    for position, schedule in enumerate(service.schedules):
        if on not in set(named_days(schedule, on, on)):
            continue
        mine = schedule.opens_at, schedule.closes_at
        series = Series(schedule, position, (on,), (), on)
        event = _event(service, f"{service.id}-{position}-{on:%Y%m%d}", is_off=mine not in times)
        _set_time(event, series, on)
        yield event


def _event(service: Service, uid: str, *, is_off: bool) -> Event:
    event = Event()
    event.add("uid", f"{uid}@{urlsplit(site.address('/')).hostname}")
    changed = max([service.last_modified, *(each.made_at for each in service.notices)])
    # The same listing always gives the same file, so the moment is that of its last change.
    event.add("dtstamp", changed)
    event.add("last-modified", changed)
    event.add("sequence", service.version + len(service.notices))
    event.add("summary", _plain(service.name))
    event.add("description", _plain("\n".join(_about(service))))
    event.add("url", _page(service))
    event.add("status", _status(service, is_off=is_off))
    kinds = [each.term.name for each in service.attributes if each.term.taxonomy == KINDS]
    if kinds:
        event.add("categories", [_plain(each) for each in kinds])
    event.add("location", _plain(_where(service)))
    place = service.location
    if place is not None and place.latitude is not None and place.longitude is not None:
        event.add("geo", (place.latitude, place.longitude))
    return event


def _status(service: Service, *, is_off: bool) -> str:
    if is_off:
        return "CANCELLED"
    return "TENTATIVE" if service.life is Life.NEEDS_CHECKING else "CONFIRMED"


def _set_time(event: Event, series: Series, on: date) -> None:
    event.add("dtstart", _start(series, on))
    times = times_of(on, series.schedule)
    if times is None:
        # It takes a day in the calendar, and keeps nobody from doing something else on it.
        event.add("transp", "TRANSPARENT")
    elif times[1] is not None:
        event.add("dtend", times[1])


def _start(series: Series, on: date) -> date | datetime:
    times = times_of(on, series.schedule)
    return times[0] if times else on


def _recur(rule: Rule, series: Series) -> vRecur:
    said: dict[str, object] = {
        "freq": "MONTHLY" if rule.monthly else "WEEKLY",
        "interval": rule.interval,
        "wkst": "MO",
    }
    if rule.weekdays:
        said["byday"] = [f"{which or ''}{WEEK[day]}" for which, day in rule.weekdays]
    numbers = [each for each in rule.month_days if 1 <= abs(each) <= 31]
    if rule.monthly and numbers:
        said["bymonthday"] = numbers
    end = _end(series)
    if end is not None:
        timed = series.schedule.opens_at is not None
        late = datetime.combine(end, time(23, 59, 59), clock.LONDON)
        said["until"] = late.astimezone(UTC) if timed else end
    return vRecur(said)


def _end(series: Series) -> date | None:
    """The last day the rule holds for; that of school terms is only known as far as one can see."""
    schedule = series.schedule
    ends = [each for each in (schedule.until, schedule.valid_to) if each is not None]
    if schedule.term_time:
        ends.append(series.sees_to)
    return min(ends, default=None)


def _about(service: Service) -> Iterable[str]:
    if service.summary:
        yield service.summary
    yield cost_words(service)
    phone = service.phones[0].number if service.phones else service.organisation.phone
    if phone:
        yield _("Ring %(number)s if you want to make sure it is on.", number=phone)
    yield _page(service)


def _where(service: Service) -> str:
    place: Location | None = service.location
    if service.attending is not Attending.VENUE or place is None:
        return where_words(service)
    lines = place.name, place.address_1, place.address_2, place.city, place.postcode
    return ", ".join(dict.fromkeys(filter(None, lines))) or where_words(service)


def _page(service: Service) -> str:
    return site.address(f"/activities/{service.slug}")


def _plain(text: str) -> str:
    """Text without characters that no calendar may hold."""
    return "".join(each if each.isprintable() or each == "\n" else " " for each in text)


@cache
def _london() -> Component:
    """Clocks in Britain since 1996, by their rule and not by a table that runs out."""
    return Timezone.from_ical(_LONDON)
