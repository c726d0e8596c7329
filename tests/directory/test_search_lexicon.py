"""The written words of an index: those that a mistyped word may be, and no others."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from directory.search.lexicon import Lexicon

written = st.text("abcdeélno", min_size=1, max_size=8)


@given(st.sets(written, min_size=1, max_size=40), written, st.integers(0, 2))
def test_the_words_few_slips_away_are_those_that_comparing_each_finds(
    known: set[str], typed: str, slips: int
) -> None:
    words = sorted(known, key=str.encode)
    numbers = np.arange(len(words), dtype=np.int32)
    array = np.array([word.encode() for word in words])
    lexicon = Lexicon({"written": array, "written_counts": numbers, "written_stems": numbers})
    away = {word: OSA.distance(typed, word) for word in words}
    expected = {(word, away[word], at) for at, word in enumerate(words) if away[word] <= slips}
    assert set(lexicon.near(typed, slips)) == (expected if slips else set())
