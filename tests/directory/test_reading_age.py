"""Reading age: a hint at how hard words are to read, and at the sentence that is hardest."""

import pytest

from directory.reading_age import OLDEST, YOUNGEST, reading, syllables

PLAIN = "Bring your knitting. Or borrow needles from us. We sit at one table and talk. Tea is free."
JARGON = (
    "We facilitate a multidisciplinary, person-centred intervention which empowers beneficiaries "
    "to optimise psychosocial outcomes. Come along."
)
BEATS = {
    "tea": 1, "cake": 1, "walked": 1, "places": 2, "started": 2, "table": 2, "people": 2,
    "knitting": 2, "busy": 2, "quiet": 2, "welcome": 2, "coffee": 2, "wednesday": 2, "idea": 3,
    "area": 3, "video": 3, "wheelchair": 2, "everyone": 3, "activities": 4, "experience": 5,
    "community": 4, "organisation": 5, "multidisciplinary": 7,
}  # fmt: skip


def test_beats_of_common_words_are_counted_as_they_are_spoken() -> None:
    wrong = {word: syllables(word) for word, count in BEATS.items() if syllables(word) != count}
    assert set(wrong) <= {"experience"}  # ex-pe-ri-ence: some say four


def test_plain_words_read_young_and_jargon_reads_old() -> None:
    plain, jargon = reading(PLAIN), reading(JARGON)
    assert plain is not None
    assert jargon is not None
    assert plain.age <= 8
    assert plain.is_easy
    assert jargon.age == OLDEST
    assert not jargon.is_easy


def test_the_hardest_sentence_is_shown() -> None:
    found = reading(f"{PLAIN} {JARGON}")
    assert found is not None
    assert found.hardest.startswith("We facilitate")


def test_the_clock_and_a_title_end_no_sentence() -> None:
    found = reading(
        "Dr. Nair and St. John's meet us at 10.30 a.m. by the gate of the park to walk."
    )
    assert found is not None
    assert found.hardest.startswith("Dr Nair")


@pytest.mark.parametrize("text", ["", "Tea", "...", "12 34 56 !!", "\n\n"])
def test_too_few_words_tell_nothing(text: str) -> None:
    assert reading(text) is None


def test_any_text_is_read_in_no_time_and_within_bounds() -> None:
    for text in ("a " * 50_000, "strength" * 5_000, "Wait! " * 9_000, "e" * 90_000 + " x" * 9):
        found = reading(text)
        assert found is None or YOUNGEST <= found.age <= OLDEST
