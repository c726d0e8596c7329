"""Directory: what stands on paper: one activity as a leaflet, and a month for the noticeboard."""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise

from core import clock
from core.languages import _, ngettext
from core.templating import day as short_day
from core.templating import on_the_clock
from directory.cards import access_of, cost_words, is_free, places_words, where_words
from directory.listings import shown_listings
from directory.models import Service
from directory.places import Place
from directory.rules import Access, Answer, Attending, Life
from directory.search import Query, search
from directory.timing.sessions import Session, next_sessions, when_words

DATES_ON_LEAFLET = 3
MOST_IN_BOOKLET = 120
MOST_SESSIONS_A_MONTH = 62
BOOKLET_MILES = 2.0


class Size(StrEnum):
    """How a leaflet is laid out."""

    A4 = "a4"
    LARGE = "large"
    EASY = "easy"


@dataclass(frozen=True, slots=True)
class Row:
    """One fact: its heading, the fact itself, and what else is worth knowing of it."""

    heading: str
    fact: str
    more: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sentence:
    """One short sentence and the name of its picture."""

    picture: str
    words: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One activity in the booklet: the days of the month it is on, and what one must know."""

    name: str
    slug: str
    time: str
    dates: str
    where: str
    cost: str
    phone: str


@dataclass(frozen=True, slots=True)
class Booklet:
    """What is on in one month near a place, by day of the week, and what has no fixed day."""

    place: Place
    month: date
    days: tuple[tuple[str, tuple[Entry, ...]], ...]
    any_time: tuple[Entry, ...]


def rows_of(service: Service, phone: str) -> tuple[Row, ...]:
    """The facts of a leaflet, in the order people ask for them."""
    location = service.location
    coming = next_sessions(service, after=clock.now(), count=DATES_ON_LEAFLET)
    dates = ", ".join(short_day(each.on) for each in coming)
    when = (_("Next: %(dates)s", dates=dates),) if dates else ()
    where: tuple[str, ...] = ()
    if service.attending is Attending.VENUE and location:
        address = ", ".join(filter(None, (location.address_1, location.postcode)))
        ways = (location.bus, location.walk, location.lift)
        where = tuple(filter(None, (address, *ways, _no_steps(service))))
    rows = [
        Row(_("When"), when_words(service), when),
        Row(_("Where"), where_words(service), where),
        Row(_("Cost"), cost_words(service), tuple(filter(None, [places_words(service)]))),
    ]
    if phone:
        met = (
            (_("You can be met at the door. Ask when you ring."),) if service.meets_at_door else ()
        )
        rows.append(Row(_("Ring"), _ask_for(service, phone), met))
    return tuple(rows)


def easy_words(service: Service, phone: str) -> tuple[Sentence, ...]:
    """The same in short sentences with pictures, in the layout of Easy Read.

    They are put together from the facts, so nobody has tested them with readers: the page says so.
    """
    said = [
        Sentence("heart", _("This page is about %(name)s.", name=service.name)),
        Sentence("clock", _("When: %(when)s.", when=when_words(service))),
    ]
    coming = next_sessions(service, after=clock.now(), count=1)
    said.extend(Sentence("cal", _next_time(each)) for each in coming)
    if service.attending is Attending.VENUE:
        said.append(Sentence("pin", _("It is at %(where)s.", where=where_words(service))))
        said.append(Sentence("walk", _steps_in_words(service)))
    else:
        said.append(Sentence("phone", _("You can join from home.")))
    said.append(Sentence("tag", _cost_in_words(service)))
    if service.meets_at_door:
        said.append(Sentence("people", _("Somebody can meet you at the door.")))
    if phone:
        said.append(Sentence("phone", _("You can ring %(number)s to ask about it.", number=phone)))
    said.append(Sentence("tick", _("You do not have to go. You can stop at any time.")))
    return tuple(said)


def booklet(near: Place, month: date, *, within: float = BOOKLET_MILES) -> Booklet:
    """What is on near a place in the month of that day, the nearest activities first chosen."""
    hits = search(Query(near=near, within=within, per_page=MOST_IN_BOOKLET)).hits
    services = [each for each in shown_listings([hit.id for hit in hits]) if _is_here(each)]
    by_day: dict[int, list[tuple[time, Entry]]] = defaultdict(list)
    any_time = []
    for service in services:
        sessions = _in_month(service, month)
        for weekday, on_that_day in _by_weekday(sessions).items():
            starts = on_that_day[0].starts_at or time.max
            by_day[weekday].append((starts, _entry(service, on_that_day)))
        if not sessions and not service.schedules:
            any_time.append(_entry(service, []))
    days = tuple(
        (_WEEKDAYS[weekday], tuple(entry for _start, entry in sorted(entries, key=_soonest)))
        for weekday, entries in sorted(by_day.items())
    )
    return Booklet(near, month.replace(day=1), days, tuple(any_time))


def _soonest(timed: tuple[time, Entry]) -> tuple[time, str]:
    return timed[0], timed[1].name


_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _is_here(service: Service) -> bool:
    return (
        service.attending is Attending.VENUE
        and service.location is not None
        and service.location.latitude is not None
        and service.life is not Life.PAUSED
    )


def _in_month(service: Service, month: date) -> list[Session]:
    first = month.replace(day=1)
    last = first.replace(day=monthrange(first.year, first.month)[1])
    begins = datetime.combine(first, time(), tzinfo=clock.LONDON)
    coming = next_sessions(service, after=begins, count=MOST_SESSIONS_A_MONTH)
    return [each for each in coming if each.on <= last]


def _by_weekday(sessions: Sequence[Session]) -> dict[int, list[Session]]:
    found: dict[int, list[Session]] = defaultdict(list)
    for each in sessions:
        found[each.on.weekday()].append(each)
    return found


def _entry(service: Service, sessions: Sequence[Session]) -> Entry:
    dates = [each.on for each in sessions]
    weekly = all(b - a == timedelta(7) for a, b in pairwise(dates))
    whole = weekly and len(dates) >= 4
    return Entry(
        name=service.name,
        slug=service.slug,
        time=_times(sessions[0]) if sessions else when_words(service),
        dates=_("every week") if whole else ", ".join(str(each.day) for each in dates),
        where=where_words(service),
        cost=cost_words(service),
        phone=service.phones[0].number if service.phones else service.organisation.phone,
    )


def _times(session: Session) -> str:
    if session.starts_at is None:
        return _("Ask for the time")
    starts = on_the_clock(session.starts_at)
    if session.ends_at is None:
        return starts
    return _("%(starts)s to %(ends)s", starts=starts, ends=on_the_clock(session.ends_at))


def _ask_for(service: Service, phone: str) -> str:
    name = next((each.name for each in service.contacts if each.name), "")
    return _("%(name)s on %(number)s", name=name, number=phone) if name else phone


def _no_steps(service: Service) -> str:
    known = access_of(service)[Access.STEP_FREE]
    return _("You can get in without steps.") if known is Answer.YES else ""


def _next_time(session: Session) -> str:
    day = short_day(session.on)
    if session.starts_at is None:
        return _("The next one is on %(day)s.", day=day)
    starts = on_the_clock(session.starts_at)
    return _("The next one is on %(day)s. It starts at %(starts)s.", day=day, starts=starts)


def _steps_in_words(service: Service) -> str:
    return {
        Answer.YES: _("There are no steps to get in."),
        Answer.NO: _("There are steps to get in."),
        Answer.UNKNOWN: _("We do not know if there are steps. You can ring to ask."),
    }[access_of(service)[Access.STEP_FREE]]


def _cost_in_words(service: Service) -> str:
    if is_free(service):
        return _("It is free. You do not have to pay.")
    return _("Cost: %(cost)s.", cost=cost_words(service))


def how_many(found: Booklet) -> str:
    """How much is in a booklet, in words."""
    slugs = {entry.slug for _day, entries in found.days for entry in entries}
    number = len(slugs | {entry.slug for entry in found.any_time})
    return ngettext("%(num)s activity", "%(num)s activities", number)
