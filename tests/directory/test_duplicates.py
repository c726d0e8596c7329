"""Duplicates: what is likely one listing is shown before it is made twice, and no sister of it."""

from dataclasses import replace
from datetime import time

import pytest
from flask import Flask

from directory.duplicates import likely, pairs
from directory.facts import ListingFacts, PhoneFacts, PlaceFacts, ScheduleFacts
from directory.likeness import name_likeness, words_of
from directory.rules import Frequency, Life
from tests.builders import BOW_HALL, TUESDAYS_AT_TEN, a_listing, an_organisation

HERE, PRESTON = PlaceFacts(postcode="E3 3BQ"), PlaceFacts(postcode="PR1 3SB")
PHONE = PhoneFacts(number="01632 960 201")
FRIDAYS = ScheduleFacts(freq=Frequency.WEEKLY, byday="FR", opens_at=time(19))


def a_new(name: str, **facts: object) -> ListingFacts:
    """What a volunteer types, at a known place and time unless told otherwise."""
    said = ListingFacts(name=name, places=(HERE,), schedules=(TUESDAYS_AT_TEN,))
    return replace(said, **facts)  # type: ignore[arg-type]


def names(facts: ListingFacts) -> list[str]:
    return [each.name for each in likely(facts)]


@pytest.mark.parametrize(
    "typed",
    ["Knit & Natter", "KNIT AND NATTER", "Knit and chat", "Kniting and natter", "Knit 'n' natter"],
)
def test_the_same_said_otherwise_is_found(app: Flask, typed: str) -> None:
    a_listing("Knit and natter")
    assert names(a_new(typed)) == ["Knit and natter"]


def test_it_says_why(app: Flask) -> None:
    a_listing("St Mary's lunch club", phones=(PHONE,))
    [found] = likely(a_new("Saint Marys Lunch Club", phones=(PHONE,)))
    assert found.why == (
        "the same name",
        "the same place",
        "the same day and time",
        "the same telephone number",
    )
    assert found.slug == "st-marys-lunch-club-london"
    assert 0.5 < found.score < 1


def test_a_group_under_another_name_is_known_by_its_hall_hour_and_number(app: Flask) -> None:
    a_listing("Knit and natter", phones=(PHONE,))
    assert names(a_new("Bow Wool Circle", phones=(PhoneFacts(number="01632960201"),))) == [
        "Knit and natter"
    ]


def test_a_group_that_moved_is_known_by_its_name_and_number(app: Flask) -> None:
    a_listing("Knit and natter", phones=(PHONE,))
    moved = PlaceFacts(postcode="E14 6DZ")
    assert names(a_new("Knit and natter", places=(moved,), phones=(PHONE,))) == ["Knit and natter"]


def test_what_is_held_nowhere_is_known_by_its_name_and_address(app: Flask) -> None:
    a_listing("Grief by telephone", places=(), schedules=(), email="ring@quiet.example")
    typed = ListingFacts(name="Grief by phone", email="Ring@Quiet.example")
    assert names(typed) == ["Grief by telephone"]


def test_the_same_name_in_another_town_is_another(app: Flask) -> None:
    a_listing("Walking football")
    assert names(a_new("Walking football", places=(PRESTON,))) == []


def test_sisters_in_one_hall_with_one_number_are_two(app: Flask) -> None:
    a_listing("Women's swim", phones=(PHONE,))
    for sister in ("Men's swim", "Aqua zumba", "Swim for beginners and babies"):
        assert names(a_new(sister, schedules=(FRIDAYS,), phones=(PHONE,))) == []


def test_words_that_any_group_uses_make_no_likeness(app: Flask) -> None:
    a_listing("Tuesday coffee morning")
    nearby = PlaceFacts(postcode="E3 2HA")
    assert names(a_new("Tuesday craft morning", places=(nearby,))) == []


def test_only_what_everybody_can_see_is_shown(app: Flask) -> None:
    a_listing("Knit and natter", life=Life.DRAFT)
    a_listing("Knit and natter again", life=Life.RETIRED)
    assert names(a_new("Knit and natter")) == []


def test_among_some_only_those_are_looked_at(app: Flask) -> None:
    group = an_organisation()
    one, other = (a_listing("Knit and natter", organisation=group) for _ in range(2))
    found = likely(a_new("Knit and natter"), among=[other.id])
    assert [each.service_id for each in found] == [other.id]
    assert one.id not in {each.service_id for each in found}


def test_editors_are_shown_pairs_the_likeliest_first(app: Flask) -> None:
    group = an_organisation()
    a_listing("Chess for all", organisation=group, schedules=(FRIDAYS,))
    first = a_listing("Knit and natter", organisation=group)
    second = a_listing("Knit & natter", organisation=group, life=Life.DRAFT)
    third = a_listing("Knit and natters", organisation=group, schedules=(FRIDAYS,))
    found = pairs(10)
    assert {found[0].first_id, found[0].second_id} == {first.id, second.id}
    assert len(found) == 3
    assert third.id in {found[1].first_id, found[1].second_id}
    assert len(pairs(1)) == 1
    known = frozenset((first.id, second.id))
    assert known not in {
        frozenset((each.first_id, each.second_id)) for each in pairs(10, leave_out=[known])
    }


def test_a_name_is_as_like_another_as_the_other_is_like_it() -> None:
    listed = ["Knit and natter", "Knitters", "Bow Common Hall", "St Mary's", "Men’s shed", "A"]
    for one in listed:
        for other in listed:
            ours, theirs = words_of(one), words_of(other)
            alike = name_likeness(ours, theirs)
            assert alike == pytest.approx(name_likeness(theirs, ours))
            assert 0 <= alike <= 1
    assert name_likeness((), words_of("Knitters")) == 0


@pytest.mark.parametrize("name", ["", "?", "the", "a" * 200, "100% %_\\ club", "毛糸"])
def test_any_name_can_be_looked_for(app: Flask, name: str) -> None:
    a_listing("Knit and natter", places=(BOW_HALL,))
    assert names(ListingFacts(name=name)) == []
