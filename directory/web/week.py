"""The directory's search as the coming week: what is on, day by day, at what time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from core import clock
from core.languages import _
from core.templating import on_the_clock
from directory.cards import Card, card
from directory.listings import shown_in_brief, shown_listings
from directory.models import Service
from directory.search import Query
from directory.search.documents import WEEKDAYS, time_of_day
from directory.timing.sessions import Session, next_sessions

DAYS_AHEAD = 7
MOST_A_DAY = 30
MOST_SESSIONS = 40


@dataclass(frozen=True, slots=True)
class Meeting:
    """One session of one activity: its times in words, and the card of the activity."""

    when: str
    card: Card


@dataclass(frozen=True, slots=True)
class Day:
    """A day with what is on, the earliest first; `more` meetings found no room."""

    on: date
    code: str
    meetings: tuple[Meeting, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Week:
    """The days on which something is on, and how many activities have none this week."""

    days: tuple[Day, ...]
    without: int


def coming_week(away: Mapping[UUID, float | None], query: Query) -> Week:
    """The sessions of these listings within a week, of the days and times that were asked for."""
    today = clock.today()
    last = today + timedelta(days=DAYS_AHEAD - 1)
    found = shown_in_brief(list(away))
    held = [(session, each) for each in found for session in _sessions(each, last, query)]
    # Those known to begin at some hour stand in the order of the hours, the nearest first.
    held.sort(key=lambda one: (one[0].starts_at is None, one[0].starts_at))
    by_day = {
        on: [one for one in held if one[0].on == on]
        for on in (today + timedelta(days=number) for number in range(DAYS_AHEAD))
    }
    shown = {each.id for of_day in by_day.values() for _session, each in of_day[:MOST_A_DAY]}
    cards = {each.id: card(each, away[each.id]) for each in shown_listings(list(shown))}
    days = tuple(_day(on, of_day, cards) for on, of_day in by_day.items() if of_day)
    return Week(days, len(found) - len({each.id for _session, each in held}))


def _sessions(service: Service, last: date, query: Query) -> list[Session]:
    coming = next_sessions(service, after=clock.now(), count=MOST_SESSIONS)
    return [each for each in coming if each.on <= last and _is_asked_for(each, query)]


def _is_asked_for(session: Session, query: Query) -> bool:
    if query.days and WEEKDAYS[session.on.weekday()] not in query.days:
        return False
    if not query.times:
        return True
    return session.starts_at is not None and time_of_day(session.starts_at) in query.times


def _day(on: date, held: Sequence[tuple[Session, Service]], cards: Mapping[UUID, Card]) -> Day:
    meetings = [
        Meeting(_times(session), cards[each.id])
        for session, each in held[:MOST_A_DAY]
        if each.id in cards
    ]
    return Day(on, WEEKDAYS[on.weekday()], tuple(meetings), max(0, len(held) - MOST_A_DAY))


def _times(session: Session) -> str:
    if session.starts_at is None:
        return _("Ask what time")
    if session.ends_at is None:
        return on_the_clock(session.starts_at)
    times = on_the_clock(session.starts_at), on_the_clock(session.ends_at)
    return _("%(start)s to %(end)s", start=times[0], end=times[1])
