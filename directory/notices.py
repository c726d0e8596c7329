"""Directory: what holds for some days and ends by itself: cancelled, paused, full, news.

A notice changes what people are told, and never the listing itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import and_, or_, select

from core import clock, work
from core.actors import Actor
from core.db import db
from core.errors import Forbidden, Refused
from core.languages import _
from core.saving import saving
from core.templating import day, day_long
from directory import search
from directory.cleaning import one_line
from directory.listings import may_keep, record_step
from directory.models import Notice, Service
from directory.rules import Life, NoticeKind
from directory.timing.sessions import next_sessions

EVERY_HOUR = timedelta(hours=1)

LONGEST = timedelta(days=366)
"""No notice holds for more than a year: what is true for so long belongs in the listing."""

TOLD_BEFORE = timedelta(days=21)
"""So long before it begins people are told of a pause or a cancelled session."""

MANY_SESSIONS = 400

DONE = {
    NoticeKind.CANCELLED: "one session cancelled",
    NoticeKind.PAUSE: "paused for some days",
    NoticeKind.FULL: "said to be full",
    NoticeKind.NEWS: "news given",
}
TAKEN_DOWN = {
    NoticeKind.CANCELLED: "cancelled session put back",
    NoticeKind.PAUSE: "pause taken back",
    NoticeKind.FULL: "said to have room again",
    NoticeKind.NEWS: "news taken down",
}
"""What was done, as the history of a listing tells it."""


@dataclass(frozen=True, slots=True)
class Told:
    """A notice in words for everybody; a warning may save somebody a journey."""

    notice: Notice
    words: str
    more: str
    is_warning: bool


def init_app() -> None:
    """Have the beginnings and ends of notices noticed."""
    work.chore("turn notices", EVERY_HOUR, mark_turned)


def cancel_session(service: Service, on: date, words: str = "", *, by: Actor) -> Notice:
    """Say that the sessions of one day are off. A second time, it is the notice there is."""
    _check_keeper(service, by)
    standing = _standing(service, NoticeKind.CANCELLED)
    already = next((each for each in standing if each.first_on == on), None)
    if already is not None:
        return already
    coming = sessions_to_cancel(service)
    if coming and on not in coming and on <= coming[-1]:
        raise Refused(_("There is no session on %(day)s, so none can be cancelled.", day=day(on)))
    return _put_up(service, NoticeKind.CANCELLED, on, on, words, by=by)


def pause_between(
    service: Service, first_on: date, last_on: date, words: str = "", *, by: Actor
) -> Notice:
    """Say that nothing is on from one day to another, both included."""
    return _put_up(service, NoticeKind.PAUSE, first_on, last_on, words, by=by)


def say_full(service: Service, until: date | None = None, *, by: Actor) -> Notice:
    """Say that there is no room until the end of a day: of this Sunday, unless another is given."""
    _check_keeper(service, by)
    today = clock.today()
    until = until or end_of_week(today)
    for already in _standing(service, NoticeKind.FULL):
        if already.holds_on(today) and already.last_on == until:
            return already
        take_down(already, by=by)
    return _put_up(service, NoticeKind.FULL, today, until, "", by=by)


def say_news(service: Service, words: str, until: date, *, by: Actor) -> Notice:
    """Tell everybody something until the end of a day."""
    if not words.strip():
        raise Refused(_("Write the news first."))
    return _put_up(service, NoticeKind.NEWS, clock.today(), until, words, by=by)


def take_down(notice: Notice, *, by: Actor) -> None:
    """Take a notice back before it ends. Twice is once."""
    _check_keeper(notice.service, by)
    if notice.taken_down_at is not None:
        return
    notice.taken_down_at = clock.now()
    _note(notice.service, TAKEN_DOWN[notice.kind], by=by)


def now_on(service: Service, on: date) -> list[Notice]:
    """The notices that hold on a day."""
    return [each for each in service.notices if each.holds_on(on)]


def is_full(service: Service, on: date) -> bool:
    """Whether nobody new can come on that day."""
    full = (each for each in now_on(service, on) if each.kind is NoticeKind.FULL)
    return service.places_free == 0 or any(full)


def is_resting(service: Service, on: date) -> bool:
    """Whether it is paused on that day, by its life or by a notice."""
    resting = (each for each in now_on(service, on) if each.kind is NoticeKind.PAUSE)
    return service.life is Life.PAUSED or any(resting)


def to_come(service: Service, today: date) -> list[Notice]:
    """The notices that have not ended yet, the soonest first."""
    standing = (each for each in service.notices if each.taken_down_at is None)
    return [each for each in standing if each.last_on >= today]


def told(service: Service, today: date) -> list[Told]:
    """What people are told today, warnings first."""
    said = [
        Told(each, words_of(each, today), each.words, each.kind is not NoticeKind.NEWS)
        for each in to_come(service, today)
        if each.first_on - today <= TOLD_BEFORE
    ]
    return sorted(said, key=lambda one: not one.is_warning)


def end_of_week(on: date) -> date:
    """The Sunday that ends a week."""
    return on + timedelta(days=6 - on.weekday())


def sessions_to_cancel(service: Service) -> list[date]:
    """The days of the coming sessions, as far ahead as dates are known."""
    coming = next_sessions(service, after=clock.now(), count=MANY_SESSIONS)
    return list(dict.fromkeys(each.on for each in coming))


def mark_turned() -> int:
    """Have listings indexed anew whose notice has begun or ended since it was last looked at."""
    today = clock.today()
    began = and_(Notice.first_on <= today, Notice.indexed_on < Notice.first_on)
    ended = and_(Notice.last_on < today, Notice.indexed_on <= Notice.last_on)
    with saving():
        standing = Notice.taken_down_at.is_(None)
        turned = list(db.session.scalars(select(Notice).where(standing, or_(began, ended))))
        for each in turned:
            each.indexed_on = today
        for service in {each.service for each in turned}:
            search.mark(service)
    return len(turned)


def _put_up(
    service: Service, kind: NoticeKind, first_on: date, last_on: date, words: str, *, by: Actor
) -> Notice:
    _check_keeper(service, by)
    today = clock.today()
    if last_on < first_on:
        raise Refused(_("The last day must not be before the first."))
    if last_on < today:
        raise Refused(_("%(day)s is over. Choose a day that is still to come.", day=day(last_on)))
    if last_on - max(first_on, today) > LONGEST:
        raise Refused(_("That is more than a year away. Choose a nearer day."))
    notice = Notice(
        kind=kind,
        first_on=first_on,
        last_on=last_on,
        words=one_line(words)[:200],
        made_at=clock.now(),
        by=by.ref,
        by_name=by.name,
        indexed_on=today,
    )
    service.notices.append(notice)
    _note(service, DONE[kind], by=by)
    return notice


def _note(service: Service, what: str, *, by: Actor) -> None:
    record_step(service, what, was=service.life, by=by)


def _standing(service: Service, kind: NoticeKind) -> Iterator[Notice]:
    return (each for each in to_come(service, clock.today()) if each.kind is kind)


def _check_keeper(service: Service, by: Actor) -> None:
    if not may_keep(by, service.organisation_id):
        raise Forbidden(_("This activity belongs to another group."))


def words_of(notice: Notice, today: date) -> str:
    """A notice in words, without what its group added."""
    first, last = day_long(notice.first_on), day_long(notice.last_on)
    if notice.kind is NoticeKind.CANCELLED:
        return _("Cancelled on %(day)s.", day=first)
    if notice.kind is NoticeKind.PAUSE:
        if notice.first_on > today:
            return _("Not on from %(first)s to %(last)s.", first=first, last=last)
        return _("Paused until %(last)s.", last=last)
    if notice.kind is NoticeKind.FULL:
        if notice.last_on == end_of_week(today):
            return _("Full this week.")
        return _("Full until %(last)s.", last=last)
    return _("News")
