"""A place among other words: found where one is meant, left alone where it is a word."""

import pytest

from directory.meaning.whereabouts import is_about_here, whereabouts_in
from directory.places import find_place


@pytest.mark.parametrize(
    ("text", "place", "rest"),
    [
        ("walking group in Bow", "Bow, Tower Hamlets", "walking group"),
        ("walking group in bow", "Bow, Tower Hamlets", "walking group"),
        ("debt advice bs5", "BS5, Bristol", "debt advice"),
        ("near horsham", "Horsham, West Sussex", ""),
        ("horsham", "Horsham, West Sussex", ""),
        ("yoga Horsham", "Horsham, West Sussex", "yoga"),
        ("e33aa yoga", "E3 3AA, Tower Hamlets", "yoga"),
        ("yoga E3 3 AA", "E3 3AA, Tower Hamlets", "yoga"),
        ("knit in e3 4qq please", "E3 4QQ, Tower Hamlets", "knit please"),
        ("bromley by bow", "Bromley-by-Bow, Tower Hamlets", ""),
        ("knitting Bromley-by-Bow", "Bromley-by-Bow, Tower Hamlets", "knitting"),
        ("carers close to Bow, London", "Bow, Tower Hamlets", "carers"),
        ("walks in Bow for women", "Bow, Tower Hamlets", "walks for women"),
        ("swimming in Bath", "Bath, Somerset", "swimming"),
        ("help in lancaster", "Lancaster, Lancashire", "help"),
    ],
)
def test_a_place_is_taken_out_of_the_words(text: str, place: str, rest: str) -> None:
    told = whereabouts_in(text)
    assert told is not None
    assert (told.place.label, told.rest) == (place, rest)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "bath",
        "reading group",
        "I want to improve my reading",
        "interested in reading",
        "hope",
        "help in a crisis",
        "chair yoga bow",
        "walks around the park",
        "friends of Horsham",
        "someone to talk to",
        "in pain",
        "stuck in the house",
        "lonely in old age",
        "out in the country",
        "can't get out since my husband died",
        '"walking group in Horsham"',
        "51.5, -0.1",
        "((((a* OR b*",
        "in",
        "near",
        "in " * 60,
    ],
)
def test_words_that_are_no_place_are_left_alone(text: str) -> None:
    assert whereabouts_in(text) is None


@pytest.mark.parametrize(
    ("text", "sure"),
    [
        ("near Horsham", True),
        ("yoga E3 3AA", True),
        ("yoga e3", True),
        ("yoga Horsham", False),
        ("swimming in bath", False),
        ("english b1", False),
        ("vitamin b12", False),
    ],
)
def test_only_what_can_be_nothing_else_is_surely_a_place(text: str, sure: bool) -> None:
    told = whereabouts_in(text)
    assert told is not None
    assert told.is_sure is sure


@pytest.mark.parametrize("text", ["yoga near me", "Near me", "help near me please"])
def test_near_me_is_here_wherever_that_is(text: str) -> None:
    assert is_about_here(text)
    assert whereabouts_in(text) is None
    assert not is_about_here("nearly meeting")


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("e33aa", "E3 3AA"),
        ("E3 3 AA", "E3 3AA"),
        ("e3-3aa", "E3 3AA"),
        ("bs5", "BS5"),
        ("Bs5 ", "BS5"),
        ("bromley by bow", "Bromley-by-Bow"),
        ("BROMLEY-BY-BOW", "Bromley-by-Bow"),
    ],
)
def test_a_place_may_be_typed_anyhow(typed: str, name: str) -> None:
    found = find_place(typed)
    assert found is not None
    assert found.name == name
