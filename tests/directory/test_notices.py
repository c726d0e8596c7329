"""Notices: what holds for some days, ends by itself, and takes no other session along."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select

from core import clock
from core.db import db
from core.errors import Forbidden, Refused
from core.saving import saving
from directory import notices
from directory.facts import ScheduleFacts
from directory.listings import get_service, history_of, shown_listings
from directory.models import Notice, Schedule, SearchJob, Service
from directory.rules import Frequency, Life, NoticeKind
from directory.timing import terms
from directory.timing.sessions import next_sessions
from tests.builders import BUILDER, MONDAY_MORNING, a_listing, an_organisation, an_organiser_of

TUESDAY = date(2026, 11, 24)


@pytest.fixture(autouse=True)
def _monday_morning() -> Iterator[None]:
    with clock.set_to(MONDAY_MORNING):
        yield


@pytest.fixture
def no_terms_after() -> Iterator[None]:
    yield
    terms.set_up("")


def days(service: Service, count: int = 3) -> list[str]:
    return [str(each.on) for each in next_sessions(service, after=clock.now(), count=count)]


@pytest.mark.usefixtures("app")
def test_a_cancelled_session_is_left_out_and_only_that_one() -> None:
    service = a_listing()
    sheila = an_organiser_of(service.organisation)
    with saving():
        notices.cancel_session(service, TUESDAY, "The hall is being painted.", by=sheila)
    assert days(service) == ["2026-12-01", "2026-12-08", "2026-12-15"]
    shown = next_sessions(service, after=clock.now(), count=2, with_cancelled=True)
    assert [(each.on, each.cancelled) for each in shown] == [
        (TUESDAY, True),
        (TUESDAY + timedelta(days=7), False),
    ]
    [one] = notices.told(service, clock.today())
    assert one.words == "Cancelled on Tuesday 24 November 2026."
    assert one.is_warning
    told = {(each.what, each.by_name) for each in history_of(service)}
    assert ("one session cancelled", "Sheila Dunn") in told


@pytest.mark.usefixtures("app")
def test_cancelling_twice_is_once_and_a_day_without_a_session_is_refused() -> None:
    service = a_listing()
    with saving():
        first = notices.cancel_session(service, TUESDAY, by=BUILDER)
        assert notices.cancel_session(service, TUESDAY, by=BUILDER) is first
    with pytest.raises(Refused, match="no session on Wed 25 Nov"), saving():
        notices.cancel_session(service, TUESDAY + timedelta(days=1), by=BUILDER)


@pytest.mark.usefixtures("app")
def test_nobody_else_puts_up_or_takes_down_a_notice() -> None:
    service = a_listing()
    stranger = an_organiser_of(an_organisation("Poplar Ramblers"))
    with saving():
        notice = notices.say_full(service, by=BUILDER)
    for act in (
        lambda: notices.cancel_session(service, TUESDAY, by=stranger),
        lambda: notices.pause_between(service, TUESDAY, TUESDAY, by=stranger),
        lambda: notices.say_full(service, by=stranger),
        lambda: notices.say_news(service, "Gone", TUESDAY, by=stranger),
        lambda: notices.take_down(notice, by=stranger),
    ):
        with pytest.raises(Forbidden), saving():
            act()


@pytest.mark.usefixtures("app")
def test_full_this_week_ends_by_itself_on_sunday() -> None:
    service = a_listing()
    with saving():
        notices.say_full(service, by=BUILDER)
    assert notices.is_full(service, clock.today())
    [one] = notices.told(service, clock.today())
    assert one.words == "Full this week."
    with clock.set_to(datetime(2026, 11, 29, 23, 30, tzinfo=UTC)):
        assert notices.is_full(service, clock.today())
    with clock.set_to(datetime(2026, 11, 30, 0, 30, tzinfo=UTC)):
        assert not notices.is_full(service, clock.today())
        assert notices.told(service, clock.today()) == []


@pytest.mark.usefixtures("app")
def test_saying_full_again_for_longer_replaces_the_first() -> None:
    service = a_listing()
    with saving():
        notices.say_full(service, by=BUILDER)
        notices.say_full(service, date(2026, 12, 6), by=BUILDER)
        notices.say_full(service, date(2026, 12, 6), by=BUILDER)
    [one] = notices.now_on(get_service(service.id), clock.today())
    assert one.last_on == date(2026, 12, 6)


@pytest.mark.usefixtures("app")
def test_a_pause_for_the_holidays_ends_by_itself() -> None:
    service = a_listing()
    with saving():
        notices.pause_between(service, date(2026, 12, 15), date(2027, 1, 4), by=BUILDER)
    assert days(service, 4) == ["2026-11-24", "2026-12-01", "2026-12-08", "2027-01-05"]
    assert notices.told(service, date(2026, 11, 23)) == []
    [before] = notices.told(service, date(2026, 12, 1))
    assert "Not on from Tuesday 15 December 2026 to Monday 4 January 2027." in before.words
    [during] = notices.told(service, date(2026, 12, 20))
    assert during.words == "Paused until Monday 4 January 2027."
    assert notices.is_resting(service, date(2026, 12, 20))
    assert not notices.is_resting(service, date(2027, 1, 5))


@pytest.mark.usefixtures("app")
def test_a_notice_taken_down_is_as_if_it_had_not_been() -> None:
    service = a_listing()
    with saving():
        notice = notices.cancel_session(service, TUESDAY, by=BUILDER)
    with saving():
        notices.take_down(notice, by=BUILDER)
        notices.take_down(notice, by=BUILDER)
    assert days(get_service(service.id), 1) == ["2026-11-24"]
    assert "cancelled session put back" in {each.what for each in history_of(service)}


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("first", "last", "why"),
    [
        (date(2026, 12, 2), date(2026, 12, 1), "must not be before"),
        (date(2026, 11, 1), date(2026, 11, 22), "is over"),
        (date(2026, 12, 1), date(2029, 1, 1), "more than a year"),
    ],
)
def test_a_pause_that_makes_no_sense_is_refused_with_the_reason(
    first: date, last: date, why: str
) -> None:
    service = a_listing()
    with pytest.raises(Refused, match=why), saving():
        notices.pause_between(service, first, last, by=BUILDER)


@pytest.mark.usefixtures("app")
def test_a_listing_is_indexed_anew_once_when_its_notice_begins_and_once_when_it_ends() -> None:
    service = a_listing()
    with saving():
        notices.pause_between(service, date(2026, 12, 1), date(2026, 12, 7), by=BUILDER)

    def turned(on: date) -> int:
        with clock.set_to(datetime.combine(on, time(9), UTC)):
            with saving():
                db.session.execute(delete(SearchJob))
            return notices.mark_turned()

    assert [turned(date(2026, 11, 30)), turned(date(2026, 12, 2))] == [0, 1]
    assert [turned(date(2026, 12, 3)), turned(date(2026, 12, 9))] == [0, 1]
    assert turned(date(2026, 12, 10)) == 0
    assert db.session.scalar(select(SearchJob)) is None


@pytest.mark.usefixtures("app")
def test_a_list_of_listings_reads_its_notices_in_one_go() -> None:
    service = a_listing()
    with saving():
        notices.say_full(service, by=BUILDER)
    service_id = service.id
    db.session.expunge_all()
    [one] = shown_listings([service_id])
    assert "notices" in one.__dict__
    db.session.rollback()


@given(
    cancelled=st.sets(st.integers(0, 60), max_size=8),
    pauses=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)), max_size=3),
    down=st.booleans(),
)
def test_no_cancelled_or_paused_day_is_ever_among_the_next_sessions(
    cancelled: set[int], pauses: list[tuple[int, int]], down: bool
) -> None:
    start = MONDAY_MORNING.date()
    at = [start + timedelta(days=each) for each in sorted(cancelled)]
    spans = [(start + timedelta(days=a), start + timedelta(days=a + b)) for a, b in pauses]
    spent = clock.now() if down else None
    service = Service(
        life=Life.LIVE,
        schedules=[
            Schedule(freq=Frequency.WEEKLY, interval=1, byday="MO,TH,SA", bymonthday=""),
        ],
        notices=[
            *(_notice(NoticeKind.CANCELLED, day, day, spent) for day in at),
            *(_notice(NoticeKind.PAUSE, first, last, spent) for first, last in spans),
            _notice(NoticeKind.FULL, start, start + timedelta(days=60), None),
        ],
    )
    found = [each.on for each in next_sessions(service, after=MONDAY_MORNING, count=40)]
    off = set(at) | {
        first + timedelta(days=each)
        for first, last in spans
        for each in range((last - first).days + 1)
    }
    every = [start + timedelta(days=each) for each in range(401)]
    open_days = [day for day in every if day.weekday() in {0, 3, 5}]
    assert found == [day for day in open_days if down or day not in off][:40]


def _notice(kind: NoticeKind, first: date, last: date, down: datetime | None) -> Notice:
    return Notice(kind=kind, first_on=first, last_on=last, words="", taken_down_at=down)


@pytest.mark.usefixtures("no_terms_after")
def test_term_time_says_to_ask_until_the_terms_are_known(app: Flask, tmp_path: Path) -> None:
    in_term = ScheduleFacts(freq=Frequency.WEEKLY, byday="TU", term_time=True)
    service = a_listing(schedules=(in_term,))
    assert {each.if_term for each in next_sessions(service, after=clock.now())} == {True}
    file = tmp_path / "terms.toml"
    file.write_text(
        "[[term]]\nfirst_day = 2027-01-05\nlast_day = 2027-02-12\n"
        "[[term]]\nfirst_day = 2026-09-02\nlast_day = 2026-11-27\n"
    )
    terms.set_up(str(file))
    found = next_sessions(service, after=clock.now(), count=8)
    assert [str(each.on) for each in found[:2]] == ["2026-11-24", "2027-01-05"]
    assert not any(each.if_term for each in found[:7])
    assert found[7].on > date(2027, 2, 12)
    assert found[7].if_term


@pytest.mark.usefixtures("no_terms_after")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "[[term]]\nfirst_day = 2026-09-02",
        "[[term]]\nfirst_day = 2026-09-02\nlast_day = 2026-09-01",
        "[[term]]\nfirst_day = 2026-09-02\nlast_day = 'soon'",
        "not toml",
    ],
)
def test_a_file_of_terms_that_cannot_be_read_says_so(tmp_path: Path, text: str) -> None:
    file = tmp_path / "terms.toml"
    file.write_text(text)
    with pytest.raises(ValueError, match="SCHOOL_TERMS"):
        terms.set_up(str(file))
