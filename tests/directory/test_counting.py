"""Counts: by day and by act, never by person; no page waits for them and none fails by them."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from core import clock
from core.db import db
from directory import counting
from directory.counting import CALENDAR, SEEN, SHORTLISTED, count, totals, write_down
from directory.models import DayCount
from directory.tallies import WRITTEN_EVERY
from tests.builders import MONDAY_MORNING, a_listing

MONDAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def _monday_morning() -> Iterator[None]:
    with clock.set_to(MONDAY_MORNING):
        yield


@pytest.fixture(autouse=True)
def _nothing_waits(app: Flask) -> None:
    write_down()


def written() -> list[tuple[date, str, int]]:
    rows = db.session.scalars(select(DayCount).order_by(DayCount.on, DayCount.what))
    return [(each.on, each.what, each.number) for each in rows]


def test_acts_are_counted_by_day(app: Flask) -> None:
    service = a_listing()
    count([service.id], SEEN)
    count([service.id], SEEN)
    count([service.id], CALENDAR)
    with clock.set_to(MONDAY_MORNING + timedelta(days=1)):
        count([service.id], SEEN)
    write_down()
    tuesday = MONDAY + timedelta(days=1)
    assert written() == [(MONDAY, CALENDAR, 1), (MONDAY, SEEN, 2), (tuesday, SEEN, 1)]


def test_later_counts_are_added_to_the_days_earlier_ones(app: Flask) -> None:
    service = a_listing()
    for _ in range(3):
        count([service.id], SEEN)
        write_down()
    assert written() == [(MONDAY, SEEN, 3)]


def test_totals_are_those_of_the_listings_asked_for_since_a_day(app: Flask) -> None:
    mine, also_mine, other = a_listing("Walk"), a_listing("Choir"), a_listing("Art")
    count([mine.id, also_mine.id, other.id], SEEN)
    write_down()
    with clock.set_to(MONDAY_MORNING + timedelta(days=8)):
        count([mine.id], SEEN)
        count([mine.id], SHORTLISTED)
        found = totals([mine.id, also_mine.id], MONDAY)
        recent = totals([mine.id, also_mine.id], MONDAY + timedelta(days=7))
    assert found == {"seen": 3, "shortlisted": 1, "calendar": 0, "leaflet": 0}
    assert (recent["seen"], recent["shortlisted"]) == (1, 1)


def test_what_is_gone_meanwhile_is_not_counted(app: Flask) -> None:
    service = a_listing()
    count([service.organisation_id, service.id], SEEN)
    write_down()
    assert written() == [(MONDAY, SEEN, 1)]


def test_nothing_is_written_more_than_twice_a_minute(app: Flask) -> None:
    service = a_listing()
    assert not counting.is_due()
    count([service.id], SEEN)
    assert not counting.is_due()
    with clock.set_to(MONDAY_MORNING + WRITTEN_EVERY):
        assert counting.is_due()
        write_down()
        assert not counting.is_due()


def test_what_cannot_be_written_waits(app: Flask) -> None:
    service = a_listing()
    count([service.id], SEEN)
    db.session.add(DayCount(service_id=service.id, on=MONDAY, what="x"))
    write_down()  # refused: something else was left unsaved
    db.session.rollback()
    assert written() == []
    write_down()
    assert written() == [(MONDAY, SEEN, 1)]


def test_only_the_acts_there_are_can_be_counted(app: Flask) -> None:
    with pytest.raises(ValueError, match="nobody counts"):
        count([], "person")
