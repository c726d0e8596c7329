"""The needs that come with the software: enough of them, and none that leads astray."""

from collections import defaultdict

from directory import taxonomy
from directory.meaning import folding
from directory.meaning.concept import SHIPPED, shipped
from directory.reading_age import reading

CONCEPTS = list(shipped().values())

MEANT_TWICE = {
    "breakfast club": {"food", "parenting"},
    "chair yoga": {"gentle-exercise", "yoga"},
    "day centre": {"respite", "warm-places"},
    "knit and natter": {"crafts", "making-friends"},
    "somebody to talk to": {"listening", "loneliness"},
    "someone to talk to": {"listening", "loneliness"},
    "struggling": {"low-mood", "money"},
}
"""The phrases that speak of two needs alike; any other would be a slip of ours."""

ONLY_NAME_THERE_IS = {"learning-disability"}
"""What it is called is long, and those it is about chose the name."""


def alike(phrase: str) -> str:
    """A phrase as it is compared, without case, accents and apostrophes."""
    return " ".join(word.folded for word in folding.words(folding.tidy(phrase)))


def phrases_by_likeness() -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for concept in CONCEPTS:
        for phrase in concept.phrases:
            found[alike(phrase)].add(concept.code)
    return found


def test_there_are_enough_needs_and_enough_ways_to_say_them() -> None:
    assert len(CONCEPTS) >= 120
    assert len(phrases_by_likeness()) >= 7_000


def test_no_two_needs_bear_one_name() -> None:
    assert len({concept.name for concept in CONCEPTS}) == len(CONCEPTS)
    assert len({concept.shown_as for concept in CONCEPTS}) == len(CONCEPTS)


def test_a_need_points_only_at_what_there_is() -> None:
    for concept in CONCEPTS:
        assert set(concept.kinds) <= {kind.code for kind in taxonomy.kinds()}
        assert set(concept.needs) <= {need.code for need in taxonomy.needs()}
        assert set(concept.near) <= set(shipped()) - {concept.code}


def test_a_need_is_known_by_several_words_and_phrases() -> None:
    for concept in CONCEPTS:
        assert len(concept.words) >= 3
        assert len(concept.phrases) >= 10
        assert all(len(each) >= 2 and each == each.strip() for each in concept.phrases)
        assert all(alike(each) for each in (*concept.phrases, *concept.words))


def test_no_phrase_and_no_word_stands_twice_in_one_need() -> None:
    for concept in CONCEPTS:
        assert len({each.casefold() for each in concept.phrases}) == len(concept.phrases)
        assert len(set(concept.words)) == len(concept.words)


def test_a_phrase_means_two_needs_only_where_that_is_meant() -> None:
    found = phrases_by_likeness()
    assert {phrase: codes for phrase, codes in found.items() if len(codes) > 1} == MEANT_TWICE


def test_what_was_understood_is_said_in_plain_words() -> None:
    for concept in CONCEPTS:
        read = reading(f"{concept.name}. We show you {concept.shown_as}, as you wrote of it to us.")
        assert read is not None
        assert read.is_easy or concept.code in ONLY_NAME_THERE_IS


def test_every_file_says_what_it_is_about_and_stays_short() -> None:
    for path in SHIPPED.glob("*.toml"):
        lines = path.read_text(encoding="utf-8").splitlines()
        assert lines[0].startswith("# ")
        assert len(lines) <= 400
        assert max(map(len, lines)) <= 100
