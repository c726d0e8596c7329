"""What groups write back is read when it is clear, and never guessed when it is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referrals.groups.replies import parse
from referrals.rules import Came

YES, NO, UNKNOWN = Came.CAME, Came.DID_NOT_COME, Came.NOT_KNOWN

CLEAR = [
    ("1 yes 2 no", {1: YES, 2: NO}),
    ("1 ✔ 2 x", {1: YES, 2: NO}),
    ("1 ✔ 2 ✖", {1: YES, 2: NO}),
    ("1y 2n", {1: YES, 2: NO}),
    ("1: yes, 2: no.", {1: YES, 2: NO}),
    ("1 = Yes\n2 = No\nThanks", {1: YES, 2: NO}),
    ("1 and 2 yes", {1: YES, 2: YES}),
    ("1,2 came", {1: YES, 2: YES}),
    ("2 ?", {2: UNKNOWN}),
    ("1 came 2 didn’t come", {1: YES, 2: NO}),
    ("1 yes 2 don't know", {1: YES, 2: UNKNOWN}),
    ("Hello, 1 yes and 2 no, kind regards", {1: YES, 2: NO}),
    ("both came", {1: YES, 2: YES}),
    ("Both came!", {1: YES, 2: YES}),
    ("Everybody came, thanks", {1: YES, 2: YES}),
    ("all yes", {1: YES, 2: YES}),
    ("none", {1: NO, 2: NO}),
    ("Nobody came", {1: NO, 2: NO}),
    ("1 yes 2 no\n\nOn 25 Nov Kith wrote:\n> 1, 2", {1: YES, 2: NO}),
    ("1 yes\n> 2 no", {1: YES}),
]


@pytest.mark.parametrize(("words", "marks"), CLEAR)
def test_what_is_clear_is_read(words: str, marks: dict[int, Came]) -> None:
    reading = parse(words, {1, 2})
    assert reading is not None
    assert reading.marks == marks
    assert not reading.says_more


@pytest.mark.parametrize(
    "words",
    [
        "",
        "yes",
        "no",
        "thanks",
        "3 yes",
        "1 yes 1 no",
        "1 yes 2",
        "1 yes but 2 was ill and did not come",
        "Please ring me about 2",
        "one came",
        "STOP",
        "> 1 yes",
        "Mavis came",
        "not both came",
    ],
)
def test_what_is_not_quite_clear_is_not_guessed(words: str) -> None:
    assert parse(words, {1, 2}) is None


@pytest.mark.parametrize(("words", "came"), [("yes", YES), ("She came", YES), ("No.", NO)])
def test_of_one_person_a_single_word_will_do(words: str, came: Came) -> None:
    reading = parse(words, [7])
    assert reading is not None
    assert reading.marks == {7: came}


def test_both_of_three_is_not_clear() -> None:
    assert parse("both came", {1, 2, 3}) is None


def test_more_that_is_said_goes_to_a_person_too() -> None:
    reading = parse("1 yes 2 no. Could somebody ring Sheila about the kettle", {1, 2})
    assert reading is not None
    assert reading.marks == {1: YES, 2: NO}
    assert reading.says_more


@given(st.text(max_size=200), st.sets(st.integers(1, 20), max_size=5))
def test_whatever_is_written_nobody_else_is_spoken_of(words: str, numbers: set[int]) -> None:
    reading = parse(words, numbers)
    assert reading is None or set(reading.marks) <= numbers
