"""How days, times, distances, prices and numbers are said."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from core import clock, templating

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)


def test_days_are_short_and_name_the_year_only_when_it_is_another() -> None:
    with clock.set_to(NOW):
        assert templating.day(date(2026, 11, 24)) == "Tue 24 Nov"
        assert templating.day(date(2027, 1, 5)) == "Tue 5 Jan 2027"
    assert templating.day_long(date(2026, 11, 24)) == "Tuesday 24 November 2026"


def test_a_moment_is_said_in_london_time() -> None:
    assert templating.day_long(datetime(2026, 6, 30, 23, 30, tzinfo=UTC)).startswith("Wednesday 1")
    assert templating.on_the_clock(datetime(2026, 6, 30, 9, 0, tzinfo=UTC)) == "10am"
    assert templating.on_the_clock(datetime(2026, 12, 1, 9, 0, tzinfo=UTC)) == "9am"


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (time(0), "midnight"),
        (time(0, 30), "12:30am"),
        (time(9), "9am"),
        (time(11, 5), "11:05am"),
        (time(12), "midday"),
        (time(12, 45), "12:45pm"),
        (time(19, 30), "7:30pm"),
    ],
)
def test_clock_times_are_said_as_people_say_them(at: time, words: str) -> None:
    assert templating.on_the_clock(at) == words


@pytest.mark.parametrize(
    ("miles", "words"),
    [
        (0.0, "less than 0.1 miles"),
        (0.44, "0.4 miles"),
        (0.99, "1 mile"),
        (1.0, "1 mile"),
        (2.04, "2 miles"),
        (12.3, "12 miles"),
    ],
)
def test_distances(miles: float, words: str) -> None:
    assert templating.miles(miles) == words


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (0, "Free"),
        (2, "£2"),
        (Decimal("1.50"), "£1.50"),
        (Decimal("10.00"), "£10"),
        (0.45, "£0.45"),
    ],
)
def test_prices(amount: Decimal | float, words: str) -> None:
    assert templating.pounds(amount) == words


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (-3, "today"),
        (0, "today"),
        (1, "yesterday"),
        (6, "6 days ago"),
        (13, "13 days ago"),
        (14, "2 weeks ago"),
        (31, "1 month ago"),
        (62, "2 months ago"),
        (364, "11 months ago"),
        (365, "1 year ago"),
        (800, "2 years ago"),
    ],
)
def test_how_long_ago(days: int, words: str) -> None:
    with clock.set_to(NOW):
        assert templating.ago(clock.today() - timedelta(days=days)) == words


def test_an_nhs_number_is_printed_in_three_groups() -> None:
    assert templating.nhs("9990000018") == "999 000 0018"
