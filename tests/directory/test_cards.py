"""Cards: what a list says of an activity, and what it does not pretend to know."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask

from core import clock
from directory.cards import access_of, card, cost_words, where_words
from directory.facts import CostFacts, PlaceFacts
from directory.rules import Access, Answer, Attending, Life
from tests.builders import BOW_HALL, MONDAY_MORNING, a_listing


@pytest.fixture(autouse=True)
def _monday_morning(app: Flask) -> Iterator[None]:
    with clock.set_to(MONDAY_MORNING):
        yield


def test_a_card_says_what_when_where_and_how_much() -> None:
    service = a_listing(
        summary="Bring your knitting.",
        kinds=("arts-and-crafts", "meeting-people"),
        places_free=6,
        assured_on=date(2026, 11, 20),
    )
    shown = card(service, 0.4)
    assert (shown.name, shown.slug) == ("Knit and natter", "knit-and-natter-london")
    assert (shown.kind, shown.organisation) == ("Arts and crafts", "Bow Common Knitters")
    assert (shown.when, shown.next_on) == ("Tuesdays, 10am to 11:30am", date(2026, 11, 24))
    assert (shown.where, shown.miles) == ("Bow Common Hall, London", 0.4)
    assert (shown.cost, shown.is_free) == ("Free", True)
    assert (shown.places, shown.is_full) == ("6 places left", False)
    assert shown.access == ("Step-free access",)
    assert (shown.checked_on, shown.is_fresh) == (date(2026, 11, 20), True)


def test_a_card_of_which_little_is_known_says_so() -> None:
    service = a_listing(kinds=(), places=(), schedules=(), cost_options=())
    shown = card(service)
    assert (shown.kind, shown.miles, shown.next_on) == ("", None, None)
    assert (shown.when, shown.where) == ("Ask when it is on", "Ask where it is")
    assert (shown.cost, shown.is_free) == ("Ask about the cost", False)
    assert (shown.places, shown.is_full, shown.access) == ("", False, ())
    assert (shown.checked_on, shown.is_fresh) == (None, False)


def test_an_old_check_is_not_fresh() -> None:
    assert not card(a_listing(assured_on=clock.today() - timedelta(days=91))).is_fresh


def test_a_full_activity_says_so() -> None:
    shown = card(a_listing(places_free=0))
    assert (shown.places, shown.is_full) == ("Full at the moment", True)
    assert card(a_listing(places_free=1)).places == "1 place left"


def test_a_paused_activity_has_no_next_day() -> None:
    shown = card(a_listing(life=Life.PAUSED))
    assert (shown.is_paused, shown.next_on) == (True, None)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            [CostFacts(amount=Decimal("1.50"), amount_description="includes tea")],
            "£1.50, includes tea",
        ),
        ([CostFacts(amount=Decimal(2), amount_description="£2.00")], "£2"),
        ([CostFacts(amount=Decimal(0), amount_description="Free")], "Free"),
        ([CostFacts(amount=Decimal(4)), CostFacts(amount=Decimal(2))], "£2 to £4"),
        (
            [CostFacts(amount=Decimal(0), option="carers"), CostFacts(amount=Decimal(3))],
            "Free to £3",
        ),
        ([CostFacts(amount_description="Pay what you can")], "Pay what you can"),
        ([CostFacts(option="Members only")], "Members only"),
    ],
)
def test_it_says_what_it_costs(options: list[CostFacts], words: str) -> None:
    assert cost_words(a_listing(cost_options=tuple(options))) == words


@pytest.mark.parametrize(
    ("attending", "words"),
    [
        (Attending.ONLINE, "Online"),
        (Attending.PHONE, "By phone"),
        (Attending.HOME_VISIT, "At your home"),
        (Attending.VENUE, "Bow Common Hall, London"),
    ],
)
def test_it_says_where_or_how_else_one_takes_part(attending: Attending, words: str) -> None:
    assert where_words(a_listing(attending=attending)) == words


def test_a_place_without_a_name_goes_by_its_street_or_postcode() -> None:
    street = replace(BOW_HALL, name="")
    assert where_words(a_listing(places=(street,))) == "12 Roman Road, London"
    assert where_words(a_listing(places=(PlaceFacts(postcode="E3 3BQ"),))) == "E3 3BQ"


def test_what_nobody_has_said_of_access_is_not_known() -> None:
    answers = access_of(a_listing())
    assert set(answers) == set(Access)
    assert answers[Access.STEP_FREE] is Answer.YES
    assert answers[Access.HEARING_LOOP] is Answer.NO
    assert answers[Access.BSL] is Answer.UNKNOWN
