"""Suggestions as somebody types: what begins so, some of each sort, nothing that is not there."""

import pytest
from flask import Flask

from core.saving import saving
from directory.facts import PlaceFacts
from directory.listings import step
from directory.places import find_place
from directory.rules import Life, way
from directory.search import Suggestion, suggest
from directory.search.beginnings import Beginnings
from tests.builders import BUILDER, a_listing
from tests.client import Client

PRESTON = PlaceFacts(name="Lamplight House", city="Preston", postcode="PR1 3SB")


def texts(typed: str, kind: str, **how: int) -> list[str]:
    return [each.text for each in suggest(typed, **how) if each.kind == kind]


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    "typed", ["kn", "KNIT", "nat", "knit nat", "natter kn", "and natter", "Kńit"]
)
def test_an_activity_is_known_by_the_beginning_of_any_of_its_words(typed: str) -> None:
    a_listing("Knit and natter")
    assert texts(typed, "activity") == ["Knit and natter"]


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    "typed", ["", "k", " k ", "nitter", "knit zebra", "(((*", "%", "_", "\u200f", "'--"]
)
def test_what_nothing_begins_with_suggests_no_activity(typed: str) -> None:
    a_listing("Knit and natter")
    assert texts(typed, "activity") == []


@pytest.mark.usefixtures("app")
def test_a_name_that_begins_so_comes_before_one_with_such_a_word() -> None:
    a_listing("A walk to remember")
    a_listing("Walking football for all who like it")
    assert texts("walk", "activity")[0] == "Walking football for all who like it"


def test_the_nearby_ones_come_first(app: Flask) -> None:
    a_listing("Walk", places=(PRESTON,))
    a_listing("Walk and talk along the canal")
    here = suggest("walk", find_place("E3 3BQ"))
    assert next(each.text for each in here if each.kind == "activity").startswith("Walk and talk")
    assert app


@pytest.mark.usefixtures("app")
def test_a_name_that_several_share_is_suggested_once_and_means_all_of_them() -> None:
    a_listing("Tea and talk")
    a_listing("TEA AND TALK", places=(PRESTON,))
    a_listing("Tea dance")
    found = {each.text.casefold(): each.slug_or_code for each in suggest("tea")}
    assert found["tea and talk"] == ""
    assert found["tea dance"] == "tea-dance-london"
    assert len([text for text in found if text == "tea and talk"]) == 1


@pytest.mark.usefixtures("app")
def test_what_not_everybody_may_see_is_not_suggested() -> None:
    service = a_listing("Knit and natter")
    a_listing("Knit in secret", life=Life.DRAFT)
    assert texts("knit", "activity") == ["Knit and natter"]
    with saving():
        for each in way(Life.LIVE, Life.RETIRED):
            step(service, each, by=BUILDER)
    assert texts("knit", "activity") == []


@pytest.mark.usefixtures("app")
def test_slang_suggests_the_need_it_speaks_of() -> None:
    [first, *_] = suggest("skin")
    assert (first.kind, first.because) == ("need", "skint")
    assert "money" in first.text.casefold()


@pytest.mark.usefixtures("app")
def test_a_need_is_suggested_once_and_only_from_three_letters_on() -> None:
    needs = texts("lonely", "need", limit=20)
    assert needs
    assert len(needs) == len(set(needs))
    assert texts("lo", "need") == []


@pytest.mark.usefixtures("app")
def test_kinds_and_places_are_suggested_by_name() -> None:
    a_listing("Tea")
    assert "Meeting people" in texts("meet", "kind")
    assert "Bromley-by-Bow, Tower Hamlets" in texts("bromley", "place")
    assert next(each.text for each in suggest("presto", only="place")) == "Preston, Lancashire"


@pytest.mark.usefixtures("app")
def test_places_where_there_is_something_come_before_larger_ones() -> None:
    a_listing("Tea")
    bows = [each.text for each in suggest("bromley", only="place")]
    assert bows.index("Bromley-by-Bow, Tower Hamlets") < bows.index("Bromley, Dudley")


@pytest.mark.usefixtures("app")
def test_no_sort_takes_the_room_of_the_others() -> None:
    for number in range(12):
        a_listing(f"Money morning {number}")
    for limit in (0, 1, 5, 8):
        found = suggest("mon", limit=limit)
        assert len(found) == limit
        assert len({each.kind for each in found}) >= min(limit, 3)
        assert len(found) == len(set(found))


@pytest.mark.usefixtures("app")
def test_the_number_is_bounded() -> None:
    for number in range(30):
        a_listing(f"Money morning {number}")
    for limit in (-5, 10_000):
        assert len(suggest("mon", limit=limit)) <= 20


def test_beginnings_are_those_a_search_through_all_names_finds() -> None:
    names = [
        "Tai chi",
        "Chi kung by the tide",
        "Tea",
        "Chai and chat",
        "Été à la mer",
        "",
        "سلام چائے",
    ]
    beginnings = Beginnings(names)
    for typed in ("t", "ch", "chi", "ti ch", "ete", "la é", "سل", "tea dance", "x", "…"):
        rows, begins = beginnings.like(typed)
        found = {names[row]: bool(first) for row, first in zip(rows, begins, strict=True)}
        assert found == _by_hand(names, typed), typed


def _by_hand(names: list[str], typed: str) -> dict[str, bool]:
    def words(text: str) -> list[str]:
        plain = text.casefold().replace("é", "e").replace("à", "a")
        return "".join(letter if letter.isalnum() else " " for letter in plain).split()

    asked = words(typed)
    return {
        name: words(name)[0].startswith(asked[0])
        for name in names
        if asked and all(any(word.startswith(each) for word in words(name)) for each in asked)
    }


def test_the_page_offers_each_as_a_link_that_keeps_the_place(client: Client) -> None:
    a_listing("Meeting point")
    said = client.get("/suggest?q=mee&near=E3+3BQ").get_json()
    by_sort = {each["sort"]: each for each in said["suggestions"]}
    assert by_sort["Activity"]["href"] == "/activities/meeting-point-london"
    assert by_sort["Kind of thing"]["href"] == "/activities?near=E3+3BQ&kind=meeting-people"
    assert said["said"] == f"{len(said['suggestions'])} suggestions"


def test_what_is_suggested_for_a_need_is_understood(client: Client) -> None:
    [first, *_] = client.get("/suggest?q=skin").get_json()["suggestions"]
    assert first["sort"] == "Help with"
    assert first["href"] == "/activities?q=skint"


def test_the_box_for_places_is_offered_places_alone(client: Client) -> None:
    said = client.get("/suggest?place=brom").get_json()["suggestions"]
    assert {each["sort"] for each in said} == {"Place"}


def test_suggestions_are_kept_nowhere(client: Client) -> None:
    answer = client.get("/suggest?q=my+husband+hits+me")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert answer.get_json() == {"said": "No suggestions", "suggestions": []}


def test_a_suggestion_is_a_value() -> None:
    assert Suggestion("place", "Bow", "Bow") == Suggestion("place", "Bow", "Bow")


def test_the_names_of_needs_are_said_to_be_english_on_pages_that_are_not(client: Client) -> None:
    [english, *_] = client.get("/suggest?q=skin").get_json()["suggestions"]
    client.set_cookie("language", "cy")
    [welsh, *_] = client.get("/suggest?q=skin").get_json()["suggestions"]
    assert (english["lang"], welsh["lang"]) == ("", "en")
    assert client.get("/suggest?place=brom").get_json()["suggestions"][0]["lang"] == ""
