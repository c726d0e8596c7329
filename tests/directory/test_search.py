"""Search: what people type finds what they mean, near them, with or without an index."""

from dataclasses import replace
from decimal import Decimal

import pytest
from flask import Flask

from core.saving import saving
from directory.facts import ContactFacts, CostFacts, PlaceFacts, ScheduleFacts
from directory.keeping import facts_of
from directory.listings import change_listing, shown_listings, step
from directory.models import Service
from directory.places import find_place
from directory.rules import Access, Answer, Attending, Frequency, Life, Step
from directory.search import Query, search
from directory.search.asking import LONGEST_TEXT, MOST_PER_PAGE
from tests.builders import BUILDER, a_listing, an_organisation
from tests.engines import lose_index

ON_TUESDAYS = ScheduleFacts(freq=Frequency.WEEKLY, byday="TU")
FIRST_SATURDAY = ScheduleFacts(freq=Frequency.MONTHLY, byday="1SA")
PRESTON = PlaceFacts(name="St Walburge's", city="Preston", postcode="PR1 2HE")
MILE_END = PlaceFacts(name="Mile End Park Pavilion", postcode="E3 4HG")


@pytest.fixture(params=["index", "database"])
def answering(request: pytest.FixtureRequest, app: Flask) -> str:
    """Who answers: each test here is true of both."""
    return str(request.param)


class Searching:
    """Somebody who searches, with the index at hand or lost."""

    def __init__(self, app: Flask, answering: str) -> None:
        self.app = app
        self.answering = answering

    def __call__(self, text: str = "", **asked: object) -> list[str]:
        return self.names(Query(text, **asked))  # type: ignore[arg-type]

    def names(self, query: Query) -> list[str]:
        if self.answering == "database":
            lose_index(self.app)
        answer = search(query)
        assert answer.from_sql is (self.answering == "database")
        services = {each.id: each.name for each in shown_listings([h.id for h in answer.hits])}
        return [services[hit.id] for hit in answer.hits]


@pytest.fixture
def find(app: Flask, answering: str) -> Searching:
    return Searching(app, answering)


def test_words_are_found_whatever_their_form(find: Searching) -> None:
    a_listing("Walking for health", summary="A gentle walk in the park.")
    a_listing("Painters' corner")
    for typed in ("walk", "WALKS", "walking", "Wálking!", "(walk*", '"walk', "walk~99 AND"):
        assert "Walking for health" in find(typed), typed
    assert find("painter's") == find("painters") == ["Painters' corner"]


def test_name_group_and_description_are_searched(find: Searching) -> None:
    group = an_organisation("Lantern Trust")
    a_listing("Supper club", organisation=group, description="<p>Soup &amp; <b>bread</b>.</p>")
    a_listing("Film night", summary="Old films, with popcorn.")
    assert find("lantern") == find("bread") == find("supper") == ["Supper club"]
    assert find("popcorn") == ["Film night"]


def test_a_name_counts_more_than_a_mention(find: Searching) -> None:
    a_listing("Craft hour", description="Sometimes there is singing too, and much else besides.")
    a_listing("Singing for fun")
    assert find("singing") == ["Singing for fun", "Craft hour"]


def test_all_words_first_and_some_of_them_only_if_nothing_has_all(app: Flask) -> None:
    a_listing("Knitting group")
    a_listing("Walking group")
    both = search(Query("knitting group"))
    assert (both.total, both.loosened) == (1, False)
    some = search(Query("knitting submarine"))
    assert (some.hits[0].id, some.loosened) == (both.hits[0].id, True)


def test_a_word_that_is_only_begun_is_completed_when_nothing_else_fits(app: Flask) -> None:
    a_listing("Gardening club")
    for begun in ("gard", "gardeni", "gard club"):
        answer = search(Query(begun, exact=True))
        assert (answer.total, answer.loosened) == (1, True), begun


def test_lonely_and_loneliness_are_one_word(app: Flask) -> None:
    a_listing("Tea and company", summary="For anybody who knows loneliness.")
    assert search(Query("lonely")).total == 1


def test_our_words_for_kinds_and_needs_are_found(app: Flask) -> None:
    a_listing("Tuesday table", kinds=("food-and-cooking",), needs=("bereavement",))
    assert search(Query("cooking")).total == search(Query("bereaved")).total == 1


def test_nothing_typed_lists_everything(find: Searching) -> None:
    a_listing("Bingo")
    a_listing("Chess")
    for nothing in ("", "   ", "the", "?!", "***"):
        assert sorted(find(nothing)) == ["Bingo", "Chess"]


def test_what_nobody_offers_is_an_empty_answer(find: Searching) -> None:
    a_listing("Bingo")
    assert find("zzxqj") == []
    assert not search(Query("zzxqj")).loosened


def test_what_has_a_word_to_be_left_out_is_left_out(find: Searching) -> None:
    a_listing("Bingo for men")
    a_listing("Bingo")
    assert find("bingo -men") == ["Bingo"]
    assert find('"bingo" -"men"') == ["Bingo"]


HOSTILE = (
    "((((a* OR b*)",
    "*",
    "a~9999",
    '"',
    "x' OR 1=1 --",
    "<b>%_\\",
    "\u202eabc\x00\x07",
    "ab " * 9_000,
)


def test_whatever_is_typed_is_only_text(find: Searching) -> None:
    a_listing("Bingo")
    for typed in HOSTILE:
        find(typed)


def test_marks_of_a_page_are_not_words(app: Flask) -> None:
    a_listing("Supper", description="<p>Soup &amp; <b>bread</b>.</p>")
    assert search(Query("bread")).total == 1
    assert search(Query("strong")).total == search(Query("amp")).total == 0


def test_long_questions_are_cut(app: Flask) -> None:
    a_listing("Bingo")
    assert search(Query("x" * LONGEST_TEXT + " bingo")).total == 0
    assert len(search(Query(per_page=10**9, page=-3)).hits) == 1
    assert Query(per_page=10**9).bounded().per_page == MOST_PER_PAGE
    assert Query(within=float("nan")).bounded().within < 10


def test_only_what_everybody_may_see_is_found(find: Searching) -> None:
    for life in Life:
        a_listing(f"Bingo {life}", life=life)
    assert sorted(find("bingo")) == ["Bingo live", "Bingo needs-checking", "Bingo paused"]


def test_nothing_of_a_contact_person_is_searched(find: Searching) -> None:
    a_listing("Bingo", contacts=(ContactFacts(name="Sheila"),), email="sheila@bingo.example")
    assert find("sheila") == []


def test_near_means_within_so_many_miles(find: Searching) -> None:
    a_listing("Bingo in Bow")
    a_listing("Bingo in Mile End", places=(MILE_END,))
    a_listing("Bingo in Preston", places=(PRESTON,))
    bow, preston = find_place("E3 3BQ"), find_place("Preston")
    assert find("bingo", near=bow, within=3) == ["Bingo in Bow", "Bingo in Mile End"]
    assert find(near=bow, within=3) == ["Bingo in Bow", "Bingo in Mile End"]
    assert find("", near=preston, within=10) == ["Bingo in Preston"]


def test_what_is_held_nowhere_is_in_everybodys_reach_but_last(find: Searching) -> None:
    a_listing("Chat by phone", places=(), attending=Attending.PHONE)
    a_listing("Chat in Bow")
    assert find("chat", near=find_place("E3 3BQ")) == ["Chat in Bow", "Chat by phone"]
    by_phone = search(Query(near=find_place("E3 3BQ"))).hits[-1]
    assert by_phone.distance_miles is None


def test_of_several_places_the_nearest_counts(find: Searching) -> None:
    a_listing("Two halls", places=(PRESTON, MILE_END))
    answer = search(Query(near=find_place("E3 3BQ"), within=3))
    assert answer.hits[0].distance_miles is not None
    assert answer.hits[0].distance_miles < 2


def test_without_text_the_lately_confirmed_come_first(find: Searching) -> None:
    a_listing("Almost forgotten")
    fresh = a_listing("Zumba")
    with saving():
        step(fresh, Step.CHECK, by=BUILDER)
    assert find() == ["Zumba", "Almost forgotten"]


def a_town() -> None:
    a_listing("Bingo", schedules=(ON_TUESDAYS,), kinds=("meeting-people",))
    a_listing(
        "Choir",
        schedules=(FIRST_SATURDAY,),
        kinds=("music-and-singing", "meeting-people"),
        cost_options=(CostFacts(amount=Decimal(0)), CostFacts(amount=Decimal(2))),
        places=(PlaceFacts(postcode="E3 3BQ", access={Access.STEP_FREE: Answer.UNKNOWN}),),
    )
    a_listing(
        "Advice by phone",
        schedules=(),
        kinds=("money-and-benefits",),
        cost_options=(),
        places=(),
        attending=Attending.PHONE,
    )


def test_what_is_ticked_narrows(find: Searching) -> None:
    a_town()
    assert find(kinds={"music-and-singing", "money-and-benefits"}) == ["Advice by phone", "Choir"]
    assert find(days={"SA"}) == ["Choir"]
    assert find(free=True) == ["Bingo"]
    assert find(access={"step_free"}) == ["Bingo"]
    assert find(access={"step_free", "bsl"}) == []
    assert find(attending={"phone", "online"}) == ["Advice by phone"]
    assert find(kinds={"meeting-people"}, days={"TU"}) == ["Bingo"]
    assert find(kinds={"no such kind"}) == find(access={"no such need"}) == []


def test_counts_say_what_each_choice_would_find(find: Searching, app: Flask) -> None:
    a_town()
    if find.answering == "database":
        lose_index(app)
    facets = search(Query(kinds={"meeting-people"})).facets
    assert facets["kinds"]["money-and-benefits"] == 1
    assert facets["kinds"]["meeting-people"] == 2
    assert (facets["days"]["TU"], facets["days"]["SA"], facets["days"]["MO"]) == (1, 1, 0)
    assert facets["cost"] == {"free": 1, "paid": 1, "unknown": 0}
    assert facets["access"]["step_free"] == 1
    assert facets["attending"]["phone"] == 0


def test_a_change_is_found_by_the_next_question(app: Flask) -> None:
    service = a_listing("Bingo")
    _rename(service, "Skittles")
    assert search(Query("skittles")).total == 1
    assert search(Query("bingo", exact=True)).total == 0
    assert not search(Query("bingo")).from_sql


def test_a_retired_listing_is_found_no_more(app: Flask) -> None:
    service = a_listing("Bingo")
    a_listing("Bingo for beginners")
    with saving():
        step(service, Step.RETIRE, by=BUILDER)
    assert search(Query("bingo")).total == 1
    assert search(Query()).total == 1


def _rename(service: Service, name: str) -> None:
    with saving():
        facts = replace(facts_of(service), name=name)
        change_listing(service, facts, version=service.version, by=BUILDER)
