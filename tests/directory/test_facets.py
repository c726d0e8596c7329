"""Filters: each keeps to what is on record, counts truly, and never takes "not known" for a yes."""

from collections.abc import Callable
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from core import clock
from core.saving import saving
from directory.facts import CostFacts, LanguageFacts, PlaceFacts, ScheduleFacts
from directory.listings import shown_listings
from directory.notices import say_full
from directory.places import find_place
from directory.rules import Access, Answer, Attending, Frequency, Life
from directory.search import Answer as Found
from directory.search import Limit, Query, Relaxation, relaxations, search
from directory.taxonomy import ensure_terms
from tests.builders import BUILDER, MONDAY_MORNING, a_listing, an_organisation
from tests.engines import lose_index

PRESTON = PlaceFacts(name="St Walburge's", city="Preston", postcode="PR1 2HE")

Ask = Callable[[Query], Found]


def at(day: str, hour: int) -> ScheduleFacts:
    return ScheduleFacts(freq=Frequency.WEEKLY, byday=day, opens_at=time(hour))


def a_hall(**access: Answer) -> PlaceFacts:
    said = {Access(name): answer for name, answer in access.items()}
    return PlaceFacts(name="Hall", postcode="E3 3BQ", access=said)


@pytest.fixture(params=["index", "database"])
def lost(request: pytest.FixtureRequest, app: Flask) -> Callable[[], None]:
    """Loses the index where the database is to answer: each test here is true of both."""

    def lose() -> None:
        if request.param == "database":
            lose_index(app)

    return lose


@pytest.fixture
def ask(lost: Callable[[], None]) -> Ask:
    def asking(query: Query) -> Found:
        lost()
        return search(query)

    return asking


@pytest.fixture
def find(ask: Ask) -> Callable[..., list[str]]:
    def finding(**asked: Any) -> list[str]:
        hits = ask(Query(**asked)).hits
        return [each.name for each in shown_listings([hit.id for hit in hits])]

    return finding


@pytest.fixture
def loosen(lost: Callable[[], None]) -> Callable[[Query], list[Relaxation]]:
    def loosening(query: Query) -> list[Relaxation]:
        lost()
        return relaxations(query)

    return loosening


def test_an_age_is_met_by_what_names_no_limit_and_by_what_reaches_into_it(
    find: Callable[..., list[str]],
) -> None:
    a_listing("Anybody")
    a_listing("Over sixty", minimum_age=60)
    a_listing("Young", minimum_age=16, maximum_age=24)
    assert sorted(find(ages={"under-18"})) == ["Anybody", "Young"]
    assert sorted(find(ages={"18-25"})) == ["Anybody", "Young"]
    assert sorted(find(ages={"26-64"})) == ["Anybody", "Over sixty"]
    assert sorted(find(ages={"65-over"})) == ["Anybody", "Over sixty"]
    assert len(find(ages={"under-18", "65-over"})) == 3


def test_audiences_and_languages_are_those_on_record(find: Callable[..., list[str]]) -> None:
    with saving():
        ensure_terms(by=BUILDER)
    bengali = LanguageFacts(code="bn", name="Bengali")
    a_listing("Carers' tea", audiences=("carers",), languages=(bengali,))
    a_listing("Open door")
    assert find(audiences={"carers", "veterans"}) == ["Carers' tea"]
    assert find(languages={"bn"}) == ["Carers' tea"]
    assert find(languages={"pl"}) == []


def test_what_is_going_on_for_somebody_finds_what_helps_with_it(
    ask: Ask, find: Callable[..., list[str]]
) -> None:
    with saving():
        ensure_terms(by=BUILDER)
    a_listing("Tea and chat", needs=("lonely", "bereavement"))
    a_listing("Debt advice", needs=("money-housing",))
    a_listing("Choir")
    a_listing("Secret tea", needs=("lonely",), life=Life.DRAFT)
    assert find(needs={"lonely"}) == ["Tea and chat"]
    assert sorted(find(needs={"bereavement", "money-housing"})) == ["Debt advice", "Tea and chat"]
    assert find(needs={"memory"}) == []
    counts = ask(Query(needs={"lonely"})).facets["needs"]
    assert {code: count for code, count in counts.items() if count} == {
        "lonely": 1,
        "bereavement": 1,
        "money-housing": 1,
    }


def test_a_day_and_a_time_must_come_together(ask: Ask, find: Callable[..., list[str]]) -> None:
    a_listing("Both", schedules=(at("TU", 10), at("TH", 19)))
    a_listing("Evening", schedules=(at("TU", 18),))
    a_listing("No time", schedules=(ScheduleFacts(freq=Frequency.WEEKLY, byday="TU"),))
    assert find(days={"TU"}, times={"evening"}) == ["Evening"]
    assert find(days={"TU"}, times={"morning"}) == ["Both"]
    assert sorted(find(times={"evening"})) == ["Both", "Evening"]
    counts = ask(Query(days={"TU"}, times={"evening"})).facets
    assert (counts["days"]["TU"], counts["days"]["TH"]) == (1, 1)
    assert (counts["times"]["morning"], counts["times"]["evening"]) == (1, 1)


def test_afternoon_begins_at_noon_and_evening_at_five(find: Callable[..., list[str]]) -> None:
    for hour in (11, 12, 16, 17):
        a_listing(f"At {hour}", schedules=(at("MO", hour),))
    assert find(times={"morning"}) == ["At 11"]
    assert sorted(find(times={"afternoon"})) == ["At 12", "At 16"]
    assert find(times={"evening"}) == ["At 17"]


def test_something_on_one_day_is_on_that_day_of_the_week(find: Callable[..., list[str]]) -> None:
    a_listing("Fair", schedules=(ScheduleFacts(dtstart=date(2026, 11, 28)),))
    assert find(days={"SA"}) == ["Fair"]


def a_few_halls() -> None:
    a_listing("Yes", places=(a_hall(step_free=Answer.YES),))
    a_listing("No", places=(a_hall(step_free=Answer.NO),))
    a_listing("Unknown", places=(a_hall(step_free=Answer.UNKNOWN),))
    a_listing("Unasked", places=(a_hall(),))
    a_listing("Nowhere yet", places=())
    a_listing("By phone", places=(), attending=Attending.PHONE)


def test_not_known_is_neither_yes_nor_no_and_is_counted_apart(
    ask: Ask, find: Callable[..., list[str]]
) -> None:
    a_few_halls()
    assert find(access={"step_free"}) == ["Yes"]
    answer = ask(Query(access={"step_free"}))
    assert (answer.total, answer.not_known) == (1, 3)
    assert answer.facets["access"]["step_free"] == 1


def test_what_is_not_known_can_be_asked_for_and_comes_last(
    ask: Ask, find: Callable[..., list[str]]
) -> None:
    a_few_halls()
    found = find(access={"step_free"}, unknown=True)
    assert found[0] == "Yes"
    assert sorted(found[1:]) == ["Nowhere yet", "Unasked", "Unknown"]
    answer = ask(Query(access={"step_free"}, unknown=True))
    assert (answer.total, answer.not_known) == (4, 3)
    assert answer.facets["access"]["step_free"] == 4


def test_two_needs_are_not_known_unless_both_are_met(ask: Ask) -> None:
    a_listing("One", places=(a_hall(step_free=Answer.YES),))
    a_listing("Neither", places=(a_hall(step_free=Answer.YES, bsl=Answer.NO),))
    answer = ask(Query(access={"step_free", "bsl"}))
    assert (answer.total, answer.not_known) == (0, 1)


def test_a_need_met_in_one_of_two_places_is_met(find: Callable[..., list[str]]) -> None:
    halls = (a_hall(step_free=Answer.NO), a_hall(step_free=Answer.YES))
    a_listing("Two halls", places=halls)
    assert find(access={"step_free"}) == ["Two halls"]


def test_an_unknown_price_is_not_free_and_is_said_to_be_unknown(ask: Ask) -> None:
    a_listing("Free")
    a_listing("Paid", cost_options=(CostFacts(amount=Decimal(2)),))
    a_listing("Ask", cost_options=())
    answer = ask(Query(free=True))
    assert (answer.total, answer.not_known) == (1, 1)


def test_places_now_means_more_than_none_and_not_full_today(
    app: Flask, ask: Ask, find: Callable[..., list[str]]
) -> None:
    with clock.set_to(MONDAY_MORNING):
        a_listing("Room", places_free=3)
        a_listing("None", places_free=0)
        a_listing("Nobody said")
        service = a_listing("Full this week", places_free=5)
        with saving():
            say_full(service, clock.today() + timedelta(days=3), by=BUILDER)
        assert find(offers={"places"}) == ["Room"]
        assert ask(Query(offers={"places"})).not_known == 1
    with clock.set_to(MONDAY_MORNING + timedelta(days=4)):
        assert sorted(find(offers={"places"})) == ["Full this week", "Room"]


def test_met_at_the_door_and_no_referral_are_what_the_group_said(
    find: Callable[..., list[str]],
) -> None:
    a_listing("Easy", meets_at_door=True, referral_needed=False)
    a_listing("By letter", meets_at_door=True, referral_needed=True)
    a_listing("Quiet")
    assert sorted(find(offers={"door"})) == ["By letter", "Easy"]
    assert find(offers={"door", "no-referral"}) == ["Easy"]


def test_what_needs_checking_stands_behind_what_does_not(find: Callable[..., list[str]]) -> None:
    a_listing("A doubted choir", life=Life.NEEDS_CHECKING)
    a_listing("The sure choir")
    near = find_place("E3 3BQ")
    for asked in ({}, {"text": "choir"}, {"near": near}, {"text": "choir", "near": near}):
        assert find(**asked) == ["The sure choir", "A doubted choir"]


def test_letting_go_of_one_limit_is_counted_as_the_search_itself_would(
    ask: Ask, loosen: Callable[[Query], list[Relaxation]]
) -> None:
    a_listing("Knitting", kinds=("arts-and-crafts",))
    walkers = an_organisation("Preston Walkers")
    a_listing("Walk", organisation=walkers, places=(PRESTON,), kinds=("moving-more",))
    query = Query("knitting", kinds={"moving-more"}, near=find_place("E3 3BQ"), within=5)
    assert ask(query).total == 0
    offered = loosen(query)
    assert {each.limits for each in offered} == {(Limit("kinds"),)}
    assert [ask(each.query).total for each in offered] == [each.count for each in offered] == [1]


def test_the_shortest_distance_that_finds_something_is_offered(
    ask: Ask, loosen: Callable[[Query], list[Relaxation]]
) -> None:
    a_listing("Dinner", places=(PRESTON,))
    [only] = loosen(Query(near=find_place("Blackpool"), within=1))
    assert (only.query.within, only.count) == (15, 1)
    [anywhere] = loosen(Query(near=find_place("E3 3BQ"), within=5))
    assert (anywhere.limits, anywhere.query.near) == ((Limit("within"),), None)


def test_where_no_one_limit_is_enough_two_are_offered(
    loosen: Callable[[Query], list[Relaxation]],
) -> None:
    a_listing("Knitting", kinds=("arts-and-crafts",), places_free=0)
    query = Query("zeppelin", kinds={"moving-more"})
    assert [set(each.limits) for each in loosen(query)] == [{Limit("kinds"), Limit("text")}]
    assert loosen(Query("zeppelin", kinds={"moving-more"}, offers={"places"})) == []
    assert loosen(Query()) == []
