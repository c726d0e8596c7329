"""The demo's days: nothing in the future, everything in its order, whenever the demo is filled."""

from datetime import date, datetime, time, timedelta
from itertools import pairwise, product

import pytest

from core import clock
from core.clock import LONDON
from demo import towns
from demo.days import Days
from demo.keeping import christmas
from demo.seed import people_files

MONDAY = datetime(2026, 11, 23, tzinfo=LONDON)
WHENEVER = [
    MONDAY + timedelta(days=day, hours=hour)
    for day, hour in product(range(7), (0, 1, 8, 12, 17, 23))
]


@pytest.mark.parametrize("now", WHENEVER, ids=str)
def test_moments_follow_each_other_on_working_days_and_never_lie_ahead(now: datetime) -> None:
    with clock.set_to(now):
        days = Days()
        moments = [
            days.at_work(ago, time(hour, 15))
            for ago in (9, 9, 4, 3, 2, 2, 1, 1, 0, 0, 0)
            for hour in (9, 15)
        ]
    assert all(earlier < later for earlier, later in pairwise(moments))
    assert moments[-1] < now
    assert all(clock.local(moment).weekday() < 5 for moment in moments)


@pytest.mark.parametrize("now", WHENEVER, ids=str)
def test_a_contact_is_due_on_a_working_day_unless_it_is_due_today(now: datetime) -> None:
    with clock.set_to(now):
        days = Days()
        assert days.due(0) == clock.today()
        assert all(days.due(ahead).weekday() < 5 for ahead in (*range(-9, 0), *range(1, 9)))
        assert all(days.due(ahead) < clock.today() for ahead in range(-9, 0))


def test_whichever_weekday_it_is_one_of_the_groups_asked_meets_that_day() -> None:
    meets = {
        entry["key"]: {
            day
            for part in entry.get("schedule", [])
            if part["freq"] == "WEEKLY" and part.get("interval", 1) == 1
            if not part.get("term_time")
            for day in part["byday"].split(",")
        }
        for path in towns.files()
        for entry in towns.read(path)["listing"]
    }
    events = [
        event
        for people in people_files()
        for entry in people["referral"]
        for event in entry["story"]
        if event["do"] == "ask-group" and "session" in event
    ]
    assert events
    for event in events:
        days = set().union(*(meets[key] for key in event["group"]))
        assert len(days) == 7, event


@pytest.mark.parametrize(
    ("today", "last_on"),
    [
        (date(2026, 11, 22), date(2027, 1, 3)),
        (date(2026, 12, 31), date(2027, 1, 3)),
        (date(2027, 1, 3), date(2027, 1, 3)),
        (date(2027, 1, 4), date(2028, 1, 3)),
    ],
)
def test_days_off_at_christmas_are_never_over(today: date, last_on: date) -> None:
    assert christmas(today)[1] == last_on
