"""When a listing is on: dates over clock changes, and plain words for every kind of rule."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from dateutil import rrule
from hypothesis import given, settings
from hypothesis import strategies as st

from core import clock
from directory.models import Phone, Schedule, Service
from directory.rules import Frequency, Life
from directory.timing.sessions import LOOKS_AHEAD, Session, next_sessions, when_words
from directory.timing.timetables import WEEK
from tests.builders import MONDAY_MORNING

WEEKLY, MONTHLY = Frequency.WEEKLY, Frequency.MONTHLY


@pytest.fixture(autouse=True)
def _monday_morning() -> Iterator[None]:
    with clock.set_to(MONDAY_MORNING):
        yield


def a_service(*schedules: dict[str, Any], life: Life = Life.LIVE) -> Service:
    said = [Schedule(**{"interval": 1, "byday": "", "bymonthday": "", **s}) for s in schedules]
    return Service(life=life, schedules=said)


def days(service: Service, *, after: datetime = MONDAY_MORNING, count: int = 4) -> list[str]:
    return [str(each.on) for each in next_sessions(service, after=after, count=count)]


def test_a_weekly_session_falls_on_its_day() -> None:
    service = a_service(
        {"freq": WEEKLY, "byday": "TU", "opens_at": time(10), "closes_at": time(11)}
    )
    found = next_sessions(service, after=MONDAY_MORNING, count=2)
    assert found == [
        Session(date(2026, 11, 24), time(10), time(11)),
        Session(date(2026, 12, 1), time(10), time(11)),
    ]


def test_todays_session_counts_until_it_is_over() -> None:
    service = a_service({"freq": WEEKLY, "byday": "MO", "opens_at": time(9), "closes_at": time(11)})
    at = datetime(2026, 11, 23, 10, 59, tzinfo=UTC)
    assert days(service, after=at)[0] == "2026-11-23"
    assert days(service, after=at.replace(hour=11, minute=0))[0] == "2026-11-30"


def test_a_session_without_times_lasts_all_day() -> None:
    service = a_service({"freq": WEEKLY, "byday": "MO"})
    evening = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    assert days(service, after=evening)[0] == "2026-11-23"


def test_a_session_keeps_its_time_when_the_clocks_go_forward_and_back() -> None:
    service = a_service(
        {"freq": WEEKLY, "byday": "SU", "opens_at": time(10), "closes_at": time(11)}
    )
    for change in (datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 10, 24, 12, tzinfo=UTC)):
        found = next_sessions(service, after=change, count=2)
        assert [each.on.isoweekday() for each in found] == [7, 7]
        assert {each.starts_at for each in found} == {time(10)}


def test_it_is_over_by_the_clock_on_the_wall_in_summer() -> None:
    service = a_service({"freq": WEEKLY, "byday": "MO", "opens_at": time(9), "closes_at": time(11)})
    half_past_eleven_in_london = datetime(2026, 7, 6, 10, 30, tzinfo=UTC)
    assert days(service, after=half_past_eleven_in_london)[0] == "2026-07-13"


def test_late_on_a_summer_evening_it_is_already_tomorrow_in_london() -> None:
    service = a_service({"freq": WEEKLY, "byday": "MO"})
    assert days(service, after=datetime(2026, 7, 6, 23, 30, tzinfo=UTC))[0] == "2026-07-13"


@pytest.mark.parametrize(
    ("byday", "expected"),
    [
        ("1SA", ["2026-12-05", "2027-01-02"]),
        ("-1FR", ["2026-11-27", "2026-12-25"]),
        ("2TU,4TU", ["2026-11-24", "2026-12-08"]),
        ("5MO", ["2026-11-30", "2027-03-29"]),
    ],
)
def test_monthly_sessions_fall_on_their_day_of_the_month(byday: str, expected: list[str]) -> None:
    assert days(a_service({"freq": MONTHLY, "byday": byday}), count=2) == expected


def test_an_ordinal_is_monthly_whatever_the_feed_calls_it() -> None:
    assert days(a_service({"freq": WEEKLY, "byday": "1SA"}), count=1) == ["2026-12-05"]


def test_days_of_the_month() -> None:
    service = a_service({"freq": MONTHLY, "bymonthday": "1,-1"})
    assert days(service, count=3) == ["2026-11-30", "2026-12-01", "2026-12-31"]


def test_every_other_week_counts_from_its_first_day() -> None:
    service = a_service(
        {"freq": WEEKLY, "interval": 2, "byday": "TU", "dtstart": date(2026, 11, 17)}
    )
    assert days(service, count=2) == ["2026-12-01", "2026-12-15"]


def test_every_third_month_counts_from_its_first_day() -> None:
    begun = {"freq": MONTHLY, "interval": 3, "dtstart": date(1926, 2, 9)}
    assert days(a_service({**begun, "byday": "2TU"}), count=2) == ["2027-02-09", "2027-05-11"]
    assert days(a_service(begun), count=2) == ["2027-02-09", "2027-05-09"]


def test_a_rule_without_a_day_takes_that_of_its_first_date() -> None:
    assert days(a_service({"freq": WEEKLY, "dtstart": date(1926, 11, 24)}), count=1) == [
        "2026-11-25"
    ]


def test_every_other_week_from_nobody_knows_when_has_no_dates() -> None:
    assert days(a_service({"freq": WEEKLY, "interval": 2, "byday": "TU"})) == []


@pytest.mark.parametrize("ends", ["until", "valid_to"])
def test_sessions_end_with_the_schedule(ends: str) -> None:
    service = a_service({"freq": WEEKLY, "byday": "TU", ends: date(2026, 12, 1)})
    assert days(service) == ["2026-11-24", "2026-12-01"]


@pytest.mark.parametrize("begins", ["dtstart", "valid_from"])
def test_sessions_begin_with_the_schedule(begins: str) -> None:
    service = a_service({"freq": WEEKLY, "byday": "TU", begins: date(2027, 1, 6)})
    assert days(service, count=1) == ["2027-01-12"]


def test_one_day_alone() -> None:
    service = a_service({"freq": None, "dtstart": date(2026, 12, 6), "opens_at": time(14)})
    assert days(service) == ["2026-12-06"]
    assert when_words(service) == "Sunday 6 December 2026, 2pm"


def test_two_schedules_are_told_in_order_and_nothing_twice() -> None:
    tuesday = {"freq": WEEKLY, "byday": "TU", "opens_at": time(10)}
    service = a_service({"freq": WEEKLY, "byday": "TH,TU", "opens_at": time(10)}, tuesday)
    assert days(service, count=3) == ["2026-11-24", "2026-11-26", "2026-12-01"]


def test_a_club_in_term_time_rests_in_august_and_at_christmas() -> None:
    service = a_service({"freq": WEEKLY, "byday": "FR", "term_time": True})
    christmas = days(service, after=datetime(2026, 12, 19, tzinfo=UTC), count=1)
    summer = days(service, after=datetime(2026, 8, 1, tzinfo=UTC), count=1)
    assert (christmas, summer) == (["2027-01-08"], ["2026-09-04"])


@pytest.mark.parametrize("life", [Life.PAUSED, Life.RETIRED])
def test_what_is_paused_or_retired_has_no_sessions(life: Life) -> None:
    assert days(a_service({"freq": WEEKLY, "byday": "TU"}, life=life)) == []


def test_a_rule_no_day_fits_has_no_dates() -> None:
    assert days(a_service({"freq": MONTHLY, "byday": "1MO", "bymonthday": "31"})) == []


TEN_TO_NOON = {"opens_at": time(10), "closes_at": time(12)}


@pytest.mark.parametrize(
    ("schedules", "words"),
    [
        ([{"freq": WEEKLY, "byday": "TU", **TEN_TO_NOON}], "Tuesdays, 10am to midday"),
        ([{"freq": WEEKLY, "byday": "TU", "opens_at": time(19, 30)}], "Tuesdays, 7:30pm"),
        ([{"freq": WEEKLY, "byday": "TU", "closes_at": time(16)}], "Tuesdays, until 4pm"),
        ([{"freq": WEEKLY, "byday": "TU,TH"}], "Tuesdays and Thursdays"),
        ([{"freq": WEEKLY, "byday": "MO,WE,SA"}], "Mondays, Wednesdays and Saturdays"),
        ([{"freq": WEEKLY, "byday": "MO,TU,WE,TH,FR"}], "Weekdays"),
        ([{"freq": WEEKLY, "byday": "MO,TU,WE"}], "Monday to Wednesday"),
        ([{"freq": WEEKLY, "byday": "SA,SU"}], "Weekends"),
        ([{"freq": WEEKLY, "byday": "MO,TU,WE,TH,FR,SA,SU"}], "Every day"),
        ([{"freq": WEEKLY, "byday": "TU", "interval": 2}], "Every other Tuesday"),
        ([{"freq": WEEKLY, "byday": "TU", "interval": 6}], "Tuesday every 6 weeks"),
        ([{"freq": WEEKLY, "byday": "TU", "term_time": True}], "Tuesdays in term time"),
        (
            [{"freq": MONTHLY, "byday": "1SA", "opens_at": time(14)}],
            "First Saturday of the month, 2pm",
        ),
        ([{"freq": MONTHLY, "byday": "-1FR"}], "Last Friday of the month"),
        ([{"freq": MONTHLY, "byday": "1SA,3SA"}], "First Saturday and third Saturday of the month"),
        ([{"freq": MONTHLY, "byday": "2TU", "interval": 2}], "Second Tuesday of every other month"),
        ([{"freq": MONTHLY, "byday": "SA"}], "Saturdays"),
        ([{"freq": MONTHLY, "bymonthday": "1,22"}], "The 1st and the 22nd of the month"),
        ([{"freq": MONTHLY, "bymonthday": "-1"}], "Last day of the month"),
        ([{"freq": None, "description": "Most mornings"}], "Most mornings"),
        (
            [
                {"freq": WEEKLY, "byday": "TH", **TEN_TO_NOON},
                {"freq": WEEKLY, "byday": "TU", **TEN_TO_NOON},
            ],
            "Tuesdays and Thursdays, 10am to midday",
        ),
        (
            [{"freq": WEEKLY, "byday": "TU", **TEN_TO_NOON}, {"freq": MONTHLY, "byday": "1SA"}],
            "Tuesdays, 10am to midday; First Saturday of the month",
        ),
        ([{"freq": WEEKLY, "byday": "TU", "until": date(2026, 11, 22)}], "Has finished for now"),
        ([], "Ask when it is on"),
    ],
)
def test_it_says_when_in_plain_words(schedules: list[dict[str, Any]], words: str) -> None:
    assert when_words(a_service(*schedules)) == words


def test_with_a_telephone_number_and_no_times_one_rings() -> None:
    service = a_service()
    service.phones = [Phone(number="01632 960 101")]
    assert when_words(service) == "Ring to arrange"


TODAY = MONDAY_MORNING.date()
WEEKDAYS = {None: rrule.weekday(1), 1: rrule.weekday(1, 1), -1: rrule.weekday(1, -1)}


@settings(deadline=None)
@given(
    which=st.sampled_from(list(WEEKDAYS)),
    interval=st.integers(1, 5),
    begun=st.dates(date(2020, 1, 1), date(2026, 11, 1)),
)
def test_days_are_those_of_the_calendar_standard(
    which: int | None, interval: int, begun: date
) -> None:
    freq = WEEKLY if which is None else MONTHLY
    rule = rrule.rrule(
        rrule.WEEKLY if which is None else rrule.MONTHLY,
        dtstart=datetime.combine(begun, time()),
        until=datetime.combine(TODAY + LOOKS_AHEAD, time()),
        interval=interval,
        byweekday=[WEEKDAYS[which]],
    )
    expected = [str(each.date()) for each in rule if each.date() >= TODAY]
    said = {"freq": freq, "interval": interval, "byday": f"{which or ''}TU", "dtstart": begun}
    assert days(a_service(said), count=100) == expected


RULE_DAYS = st.builds(
    lambda which, day: f"{which}{day}",
    st.sampled_from(["", "1", "2", "3", "4", "5", "-1", "-2", "-5"]),
    st.sampled_from(WEEK),
)
DATES = st.none() | st.dates(date(1900, 1, 1), date(2199, 12, 31))


@settings(deadline=None)  # a busy machine is not a slow rule
@given(
    schedule=st.fixed_dictionaries(
        {
            "freq": st.sampled_from([None, WEEKLY, MONTHLY]),
            "interval": st.integers(1, 52),
            "byday": st.lists(RULE_DAYS, max_size=4).map(",".join),
            "bymonthday": st.lists(st.integers(1, 31), max_size=3).map(
                lambda found: ",".join(map(str, found))
            ),
            "dtstart": DATES,
            "until": DATES,
            "valid_to": DATES,
            "opens_at": st.none() | st.times(),
            "closes_at": st.none() | st.times(),
            "term_time": st.booleans(),
        }
    )
)
def test_any_schedule_has_words_and_coming_days_in_order(schedule: dict[str, Any]) -> None:
    service = a_service(schedule)
    found = next_sessions(service, after=MONDAY_MORNING, count=5)
    assert [each.on for each in found] == sorted(each.on for each in found)
    assert all(each.on >= MONDAY_MORNING.date() for each in found)
    assert when_words(service)
