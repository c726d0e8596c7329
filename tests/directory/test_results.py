"""Results: what is kept of a card is never older than the listing, its notices, or the hour."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from core import clock
from core.saving import saving
from directory.keeping import facts_of
from directory.listings import change_listing
from directory.models import Service
from directory.notices import say_full, take_down
from directory.search import Hit, Query
from directory.web.results import Result, results
from tests.builders import BUILDER, MONDAY_MORNING, TUESDAYS_AT_TEN, a_listing

LATER = MONDAY_MORNING + timedelta(minutes=5)


@pytest.fixture(autouse=True)
def _monday_morning(app: Flask) -> Iterator[None]:
    with clock.set_to(MONDAY_MORNING), app.test_request_context():
        yield


def found(service: Service, query: Query | None = None, away: float | None = None) -> Result:
    [result] = results([Hit(service.id, 1.0, away)], query or Query())
    return result


def changed(service: Service, **facts: object) -> None:
    with saving():
        said = replace(facts_of(service), **facts)  # type: ignore[arg-type]
        change_listing(service, said, version=service.version, by=BUILDER)


def test_a_change_of_any_part_is_seen_at_once() -> None:
    service = a_listing()
    assert found(service).told.card.when == "Tuesdays, 10am to 11:30am"
    with clock.set_to(LATER):
        changed(service, schedules=(replace(TUESDAYS_AT_TEN, byday="WE"),))
        assert found(service).told.card.when == "Wednesdays, 10am to 11:30am"


def test_a_renamed_group_is_seen_at_once() -> None:
    service = a_listing()
    assert found(service).told.card.organisation == "Bow Common Knitters"
    with saving():
        service.organisation.name = "Bow Knitters"
    assert found(service).told.card.organisation == "Bow Knitters"


def test_a_notice_is_seen_when_it_is_put_up_and_gone_when_it_is_taken_down() -> None:
    service = a_listing()
    assert not found(service).told.card.is_full
    with saving():
        notice = say_full(service, by=BUILDER)
    assert found(service).told.card.is_full
    with saving():
        take_down(notice, by=BUILDER)
    assert not found(service).told.card.is_full


def test_a_session_of_today_is_the_next_until_it_is_over() -> None:
    service = a_listing(schedules=(replace(TUESDAYS_AT_TEN, byday="MO,TU"),))
    at_eleven = datetime(2026, 11, 23, 11, tzinfo=UTC)
    with clock.set_to(at_eleven):
        assert found(service).told.card.next_on == at_eleven.date()
    with clock.set_to(at_eleven + timedelta(hours=1)):
        assert found(service).told.card.next_on == at_eleven.date() + timedelta(days=1)


def test_each_is_told_how_far_it_is_from_them_and_what_they_asked_for() -> None:
    service = a_listing(meets_at_door=True)
    near = found(service, Query(offers=frozenset({"door"})), 0.4)
    assert (near.miles, near.told.answers) == (0.4, ("Somebody meets you at the door",))
    assert (found(service, away=7.0).miles, found(service).told.answers) == (7.0, ())


def test_what_is_taken_off_is_found_no_more() -> None:
    service = a_listing()
    assert found(service)
    with saving():
        service.life = type(service.life).RETIRED
    assert results([Hit(service.id, 1.0, None)], Query()) == []
