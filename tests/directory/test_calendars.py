"""Calendars say what the page says: every date, over clock changes, and none that is off."""

import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
import recurring_ical_events
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from accounts import Organisation
from core import clock
from core.errors import NotFound
from core.saving import saving
from directory.facts import PlaceFacts, ScheduleFacts
from directory.models import Notice, Schedule, Service
from directory.notices import cancel_session, pause_between
from directory.rules import Attending, Frequency, Life, NoticeKind
from directory.timing.calendars import calendar_of, has_calendar, session_on
from directory.timing.sessions import Session, next_sessions
from tests.builders import BUILDER, MONDAY_MORNING, TUESDAYS_AT_TEN, a_listing
from tests.engines import on_sqlite

pytestmark = on_sqlite  # what is read is a listing; the rest is reckoning with days

WEEKLY, MONTHLY = Frequency.WEEKLY, Frequency.MONTHLY
A_YEAR = timedelta(days=366)
ROMAN = PlaceFacts(name="Roman Hall", address_1="12 Roman Road", city="London", postcode="E3 3BQ")


@pytest.fixture(autouse=True)
def _monday_morning(app: Flask) -> Iterator[None]:
    with clock.set_to(MONDAY_MORNING):
        yield


def expanded(raw: bytes, since: datetime, until: datetime) -> list[Session]:
    """What a calendar program makes of the file: day, begin and end on the wall in London."""
    found = []
    for event in recurring_ical_events.of(Calendar.from_ical(raw)).between(since, until):
        start, end = event["DTSTART"].dt, event.get("DTEND")
        if not isinstance(start, datetime):
            found.append(Session(start))
            continue
        ends_at = end.dt.astimezone(clock.LONDON).time() if end else None
        local = start.astimezone(clock.LONDON)
        found.append(Session(local.date(), local.time(), ends_at))
    return sorted(found, key=in_order)


def in_order(each: Session) -> tuple[date, time, time]:
    """Two that begin together may stand in either order."""
    return each.on, each.starts_at or time.min, each.ends_at or time.min


def on_the_page(service: Service, since: datetime, until: datetime) -> list[Session]:
    found = next_sessions(service, after=since, count=10_000)
    told = [
        # A program that was told no end makes one up, and a day without times has no end at all.
        Session(each.on, each.starts_at, each.ends_at if each.starts_at else None)
        for each in found
        if each.on < until.date()
    ]
    return sorted(told, key=in_order)


def events(raw: bytes) -> list[Any]:
    return list(Calendar.from_ical(raw).walk("VEVENT"))


def test_a_calendar_repeats_a_weekly_session_in_local_time(app: Flask) -> None:
    service = a_listing("Knit and natter", places=(ROMAN,), schedules=(TUESDAYS_AT_TEN,))
    raw = calendar_of(service)
    (event,) = events(raw)
    assert event["RRULE"].to_ical() == b"FREQ=WEEKLY;INTERVAL=1;BYDAY=TU;WKST=MO"
    assert event["DTSTART"].to_ical() == b"20261103T100000"
    assert event["DTSTART"].params["TZID"] == "Europe/London"
    assert event["DTEND"].to_ical() == b"20261103T113000"
    assert event["LOCATION"] == "Roman Hall, 12 Roman Road, London, E3 3BQ"
    assert event["URL"].endswith(f"/activities/{service.slug}")
    assert event["GEO"].to_ical().count(";") == 1
    assert "BEGIN:VTIMEZONE\r\nTZID:Europe/London" in raw.decode()


def test_a_calendar_asks_again_by_itself_and_asks_nobody_to_reply(app: Flask) -> None:
    raw = calendar_of(a_listing()).decode()
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT12H\r\n" in raw
    assert "X-PUBLISHED-TTL:PT12H\r\n" in raw
    assert "METHOD:PUBLISH\r\n" in raw
    assert "ATTENDEE" not in raw
    assert "ORGANIZER" not in raw


def test_a_session_keeps_its_time_over_both_clock_changes(app: Flask) -> None:
    service = a_listing(
        schedules=(ScheduleFacts(freq=WEEKLY, byday="SU", opens_at=time(10), closes_at=time(12)),)
    )
    for year, month, day in ((2027, 3, 26), (2027, 10, 29)):
        since = datetime(year, month, day, tzinfo=clock.LONDON)
        found = expanded(calendar_of(service), since, since + timedelta(days=12))
        assert [each.starts_at for each in found] == [time(10)] * 2
    change = datetime(2027, 3, 28, 12, tzinfo=UTC)
    at = recurring_ical_events.of(Calendar.from_ical(calendar_of(service))).at(change.date())
    assert at[0]["DTSTART"].dt.astimezone(UTC).hour == 9


def test_cancelled_sessions_and_pauses_leave_the_calendar(app: Flask) -> None:
    service = a_listing()
    with saving():
        cancel_session(service, date(2026, 12, 1), by=BUILDER)
        pause_between(service, date(2026, 12, 14), date(2027, 1, 3), by=BUILDER)
    since = datetime(2026, 11, 24, tzinfo=clock.LONDON)
    days = [str(each.on) for each in expanded(calendar_of(service), since, since + timedelta(45))]
    assert days == ["2026-11-24", "2026-12-08", "2027-01-05"]


def test_a_newer_calendar_can_be_told_from_an_older_one(app: Flask) -> None:
    service = a_listing()
    (before,) = events(calendar_of(service))
    with clock.set_to(MONDAY_MORNING + timedelta(hours=1)), saving():
        cancel_session(service, date(2026, 12, 1), by=BUILDER)
    (after,) = events(calendar_of(service))
    assert after["UID"] == before["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after["LAST-MODIFIED"].dt > before["LAST-MODIFIED"].dt
    assert calendar_of(service) == calendar_of(service)


def test_everything_in_the_calendar_of_a_paused_listing_is_cancelled(app: Flask) -> None:
    service = a_listing(life=Life.PAUSED)
    assert [each["STATUS"] for each in events(calendar_of(service))] == ["CANCELLED"]


def test_a_doubtful_listing_is_tentative(app: Flask) -> None:
    service = a_listing(life=Life.NEEDS_CHECKING)
    assert [each["STATUS"] for each in events(calendar_of(service))] == ["TENTATIVE"]


def test_a_session_without_times_takes_the_day_and_blocks_nothing(app: Flask) -> None:
    service = a_listing(schedules=(ScheduleFacts(freq=WEEKLY, byday="TU"),))
    (event,) = events(calendar_of(service))
    assert event["DTSTART"].dt == date(2026, 11, 3)
    assert event["TRANSP"] == "TRANSPARENT"


def test_a_schedule_in_words_alone_has_no_calendar(app: Flask) -> None:
    told = a_listing(schedules=(ScheduleFacts(description="Ask Sheila"),))
    assert not has_calendar(told)
    assert events(calendar_of(told)) == []


def test_a_session_that_goes_on_past_midnight_ends_the_next_day(app: Flask) -> None:
    late = ScheduleFacts(freq=WEEKLY, byday="SA", opens_at=time(22), closes_at=time(1))
    (event,) = events(calendar_of(a_listing(schedules=(late,))))
    assert event["DTEND"].dt - event["DTSTART"].dt == timedelta(hours=3)


def test_one_session_is_a_file_of_its_own(app: Flask) -> None:
    (event,) = events(session_on(a_listing(), date(2026, 11, 24)))
    assert "RRULE" not in event
    assert event["DTSTART"].to_ical() == b"20261124T100000"
    assert event["STATUS"] == "CONFIRMED"


def test_the_file_of_a_cancelled_session_says_that_it_is_cancelled(app: Flask) -> None:
    service = a_listing()
    (before,) = events(session_on(service, date(2026, 12, 1)))
    with saving():
        cancel_session(service, date(2026, 12, 1), by=BUILDER)
    (after,) = events(session_on(service, date(2026, 12, 1)))
    assert (after["STATUS"], after["UID"]) == ("CANCELLED", before["UID"])


@pytest.mark.parametrize("on", ["2026-11-25", "1970-01-06", "9999-12-28"])
def test_there_is_no_file_for_a_day_without_a_session(app: Flask, on: str) -> None:
    service = a_listing()
    with pytest.raises(NotFound):
        session_on(service, date.fromisoformat(on))


@pytest.mark.parametrize(
    "name",
    [
        "Tea; coffee, cake \\ more: “yes”",
        "Line\u2028two BEGIN:VEVENT",
        "END:VCALENDAR",
        "كوفي صباحي " * 12,
        "🎉" * 60,
    ],
)
def test_a_hostile_name_stays_a_name_and_every_line_is_short(app: Flask, name: str) -> None:
    service = a_listing(name, description="<p>x</p>")
    raw = calendar_of(service)
    assert raw.endswith(b"\r\n")
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 75
    raw.decode()
    (event,) = events(raw)
    assert str(event["SUMMARY"]).split() == service.name.replace("\u2028", " ").split()


def test_two_schedules_that_name_the_same_meeting_give_it_once(app: Flask) -> None:
    twice = a_listing(schedules=(TUESDAYS_AT_TEN, TUESDAYS_AT_TEN))
    assert len(events(calendar_of(twice))) == 1


times = st.one_of(
    st.just((None, None)),
    st.tuples(
        st.builds(time, st.integers(3, 12), st.sampled_from((0, 15, 30))),
        st.builds(time, st.integers(13, 21), st.sampled_from((0, 45))),
    ),
)
days = st.dates(date(2026, 6, 1), date(2027, 6, 1))
maybe_day = st.one_of(st.none(), days)
weekly = st.lists(
    st.sampled_from(("MO", "TU", "WE", "TH", "FR", "SA", "SU")), min_size=1, max_size=3, unique=True
)
ordinal = st.lists(
    st.sampled_from(("1MO", "2TU", "3WE", "4TH", "5FR", "-1SA", "-2SU")),
    min_size=1,
    max_size=2,
    unique=True,
)
rules = st.one_of(
    st.fixed_dictionaries({"freq": st.just(WEEKLY), "byday": weekly.map(",".join)}),
    st.fixed_dictionaries({"freq": st.just(MONTHLY), "byday": ordinal.map(",".join)}),
    st.fixed_dictionaries({"freq": st.just(MONTHLY), "byday": weekly.map(",".join)}),
    st.fixed_dictionaries(
        {"freq": st.just(MONTHLY), "bymonthday": st.sampled_from(("1", "15,-1", "31", "29,30"))}
    ),
    st.fixed_dictionaries({"freq": st.sampled_from((WEEKLY, MONTHLY, None))}),
)


@st.composite
def schedules(draw: st.DrawFn) -> dict[str, Any]:
    said = {"byday": "", "bymonthday": "", **draw(rules)}
    opens_at, closes_at = draw(times)
    return {
        **said,
        "interval": draw(st.integers(1, 3)),
        "dtstart": draw(maybe_day),
        "until": draw(maybe_day),
        "opens_at": opens_at,
        "closes_at": closes_at,
        "term_time": draw(st.booleans()),
    }


@st.composite
def notices(draw: st.DrawFn) -> Notice:
    kind = draw(st.sampled_from((NoticeKind.CANCELLED, NoticeKind.PAUSE, NoticeKind.NEWS)))
    first_on = draw(st.dates(date(2026, 11, 1), date(2027, 11, 1)))
    length = 0 if kind is NoticeKind.CANCELLED else draw(st.integers(0, 60))
    last_on = first_on + timedelta(days=length)
    return Notice(kind=kind, first_on=first_on, last_on=last_on, made_at=MONDAY_MORNING)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(said=st.lists(schedules(), min_size=1, max_size=2), told=st.lists(notices(), max_size=3))
def test_a_calendar_holds_the_dates_of_the_page_for_a_year(
    app: Flask, said: list[dict[str, Any]], told: list[Notice]
) -> None:
    service = Service(
        id=uuid.uuid4(),
        version=1,
        slug="knit",
        name="Knit",
        summary="",
        life=Life.LIVE,
        attending=Attending.VENUE,
        last_modified=MONDAY_MORNING,
        organisation=Organisation(name="Knitters", phone=""),
        schedules=[Schedule(**each) for each in said],
        notices=told,
    )
    since = datetime(2026, 11, 23, tzinfo=clock.LONDON)
    until = since + A_YEAR
    assert expanded(calendar_of(service), since, until) == on_the_page(service, since, until)
