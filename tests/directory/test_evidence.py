"""Evidence: who confirmed which part of a listing, how and when; and what follows from it."""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask

from core import clock
from core.actors import Actor, system
from core.saving import saving
from directory.facts import CostFacts, ListingFacts, PhoneFacts
from directory.freshness.evidence import (
    aspects_in,
    checks_of,
    confirm,
    confirmed_here,
    evidence_of,
    people_came,
    words_of,
)
from directory.keeping import facts_of
from directory.listings import change_listing, draft_listing, step
from directory.models import Service
from directory.rules import VITAL, Access, Answer, Aspect, How, Step
from tests.builders import (
    BOW_HALL,
    MONDAY_MORNING,
    a_listing,
    an_editor,
    an_organisation,
    an_organiser_of,
)
from tests.client import Client

TWO_POUNDS = (CostFacts(amount=Decimal(2)),)
LATER = MONDAY_MORNING + timedelta(days=20)


def test_a_change_by_the_group_confirms_what_it_changes_and_nothing_else(app: Flask) -> None:
    service = a_listing()
    sheila = an_organiser_of(service.organisation)
    with clock.set_to(MONDAY_MORNING):
        said(service, by=sheila, cost_options=TWO_POUNDS)
    assert hows(service) == {Aspect.PRICE: How.GROUP}
    assert check_of(service, Aspect.PRICE) == MONDAY_MORNING
    assert service.assured_on is None


def test_an_editors_change_counts_as_an_editors(app: Flask) -> None:
    service = a_listing()
    said(service, by=an_editor(), phones=(PhoneFacts(number="01632 960123"),))
    assert hows(service) == {Aspect.CONTACT: How.EDITOR}


def test_a_check_confirms_everything(app: Flask) -> None:
    service = a_listing()
    with clock.set_to(MONDAY_MORNING), saving():
        step(service, Step.CHECK, by=an_organiser_of(service.organisation))
    assert hows(service) == dict.fromkeys(Aspect, How.GROUP)
    assert service.assured_on == MONDAY_MORNING.date()


def test_a_group_that_adds_its_listing_has_said_everything(app: Flask) -> None:
    group = an_organisation()
    with clock.set_to(MONDAY_MORNING), saving():
        service = draft_listing(ListingFacts(name="Knit"), group, by=an_organiser_of(group))
    assert hows(service) == dict.fromkeys(Aspect, How.GROUP)
    assert service.assured_on == MONDAY_MORNING.date()


def test_a_listing_is_as_sure_as_the_oldest_of_time_place_price_and_contact(app: Flask) -> None:
    service = a_listing()
    editor = an_editor()
    confirmed(service, {Aspect.PRICE, Aspect.CONTACT}, How.GROUP, by=editor, at=MONDAY_MORNING)
    assert service.assured_on is None
    before = service.last_modified
    confirmed(service, {Aspect.TIME, Aspect.PLACE}, How.EDITOR, by=editor, at=LATER)
    assert service.assured_on == MONDAY_MORNING.date()
    assert service.last_modified > before
    confirmed(service, VITAL, How.EDITOR, by=editor, at=LATER)
    assert service.assured_on == LATER.date()


def test_an_older_word_never_takes_the_place_of_a_newer(app: Flask) -> None:
    service = a_listing()
    editor = an_editor()
    confirmed(service, {Aspect.TIME}, How.EDITOR, by=editor, at=LATER)
    confirmed(service, {Aspect.TIME}, How.EDITOR, by=editor, at=MONDAY_MORNING)
    assert check_of(service, Aspect.TIME) == LATER


def test_what_a_feed_says_is_evidence_as_old_as_the_feed_says(app: Flask) -> None:
    service = a_listing(assured_on=date(2026, 3, 1))
    assert hows(service) == dict.fromkeys(Aspect, How.IMPORTED)
    assert clock.local_date(check_of(service, Aspect.PRICE)) == date(2026, 3, 1)
    confirmed(service, {Aspect.PRICE}, How.GROUP, by=an_editor(), at=MONDAY_MORNING)
    assert hows(service)[Aspect.PRICE] is How.GROUP
    assert clock.local_date(check_of(service, Aspect.TIME)) == date(2026, 3, 1)
    assert service.assured_on == date(2026, 3, 1)


def test_a_feed_cannot_take_back_what_people_vouched_for(app: Flask) -> None:
    service = a_listing()
    with clock.set_to(MONDAY_MORNING), saving():
        step(service, Step.CHECK, by=an_editor())
    said(service, by=system("import"), assured_on=None, summary="From a feed.")
    assert service.assured_on == MONDAY_MORNING.date()
    assert hows(service)[Aspect.ABOUT] is How.IMPORTED
    assert hows(service)[Aspect.TIME] is How.EDITOR


def test_a_feed_with_a_later_date_confirms_all_of_it_as_of_that_day(app: Flask) -> None:
    service = a_listing()
    with clock.set_to(MONDAY_MORNING), saving():
        step(service, Step.CHECK, by=an_editor())
    said(service, by=system("import"), assured_on=date(2026, 12, 24))
    assert hows(service) == dict.fromkeys(Aspect, How.IMPORTED)
    assert service.assured_on == date(2026, 12, 24)
    assert confirmed_here([service.id]) == {service.id: frozenset(Aspect)}


def test_evidence_for_the_old_words_is_none_for_the_new(app: Flask) -> None:
    service = a_listing()
    with clock.set_to(MONDAY_MORNING), saving():
        step(service, Step.CHECK, by=an_editor())
    with clock.set_to(LATER):
        said(service, by=an_organiser_of(service.organisation), cost_options=TWO_POUNDS)
    checks = checks_of([service])[service.id]
    assert [check.how for check in checks[Aspect.PRICE]] == [How.GROUP]
    assert [check.how for check in checks[Aspect.TIME]] == [How.EDITOR]


def test_imports_are_told_what_people_here_have_confirmed(app: Flask) -> None:
    untouched, kept = a_listing("Untouched", assured_on=date(2026, 3, 1)), a_listing("Kept")
    said(kept, by=an_organiser_of(kept.organisation), cost_options=TWO_POUNDS)
    came(kept, date(2026, 11, 19))
    assert confirmed_here([untouched.id, kept.id]) == {
        untouched.id: frozenset(),
        kept.id: {Aspect.PRICE},
    }


def test_when_somebody_came_the_week_is_kept_and_nobodys_name(app: Flask) -> None:
    service = a_listing()
    with clock.set_to(MONDAY_MORNING):
        came(service, date(2026, 11, 19))
    checks = checks_of([service])[service.id]
    assert set(checks) == {Aspect.TIME, Aspect.PLACE}
    [check] = checks[Aspect.TIME]
    assert (check.how, check.by_name) == (How.ATTENDED, "attendance")
    assert check.at == datetime(2026, 11, 16, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("change", "aspects"),
    [
        ({}, set()),
        ({"assured_on": date(2026, 1, 1)}, set()),
        ({"name": "Another"}, {Aspect.ABOUT}),
        ({"minimum_age": 50, "email": "a@b.example"}, {Aspect.WHO_FOR, Aspect.CONTACT}),
        ({"places": (replace(BOW_HALL, bus="25"),)}, {Aspect.PLACE}),
        ({"places": (replace(BOW_HALL, access={Access.BSL: Answer.YES}),)}, {Aspect.ACCESS}),
        ({"places": ()}, {Aspect.PLACE, Aspect.ACCESS}),
    ],
)
def test_which_aspects_differ(change: dict[str, object], aspects: set[Aspect]) -> None:
    before = ListingFacts(name="Knit", places=(BOW_HALL,))
    assert aspects_in(before, replace(before, **change)) == aspects  # type: ignore[arg-type]


def said(service: Service, *, by: Actor, **facts: object) -> None:
    with saving():
        now = replace(facts_of(service), **facts)  # type: ignore[arg-type]
        change_listing(service, now, version=service.version, by=by)


def confirmed(
    service: Service, aspects: Collection[Aspect], how: How, *, by: Actor, at: datetime
) -> None:
    with saving():
        confirm(service, aspects, how, by=by, at=at)


def came(service: Service, on: date) -> None:
    with saving():
        people_came(service.id, on)


def hows(service: Service) -> dict[Aspect, How]:
    return {aspect: each.how for aspect, each in evidence_of(service).items() if each}


def check_of(service: Service, aspect: Aspect) -> datetime:
    check = evidence_of(service)[aspect]
    assert check is not None
    return check.at


def test_the_words_say_how_sure_each_part_is(app: Flask) -> None:
    service = a_listing(phones=(PhoneFacts(number="01632 960123"),))
    editor = an_editor()
    with clock.set_to(MONDAY_MORNING):
        six_days_ago, in_march = (
            MONDAY_MORNING - timedelta(days=6),
            datetime(2026, 3, 9, tzinfo=UTC),
        )
        confirmed(service, {Aspect.TIME, Aspect.PLACE}, How.GROUP, by=editor, at=six_days_ago)
        confirmed(service, {Aspect.PRICE}, How.EDITOR, by=editor, at=in_march)
        assert words_of(service) == (
            "Time and place confirmed 6 days ago",
            "Price not checked since March",
            "Contact details not checked yet",
        )


def test_the_words_say_what_came_from_elsewhere_and_nothing_of_what_is_not_said(
    app: Flask,
) -> None:
    service = a_listing(assured_on=date(2026, 11, 20), cost_options=(), places=())
    with clock.set_to(MONDAY_MORNING):
        assert words_of(service) == ("Time taken from another list, 3 days ago",)


def test_the_page_of_an_activity_tells_how_we_know(client: Client) -> None:
    service = a_listing()
    came(service, clock.today())
    page = client.get(f"/activities/{service.slug}").text
    assert "Time and place confirmed" in page
    assert "How do we know?" in page
    assert "Time: people went and found it so" in page
    assert "Price: nobody has checked yet" in page
