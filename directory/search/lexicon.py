"""Directory search: the words of the listings as people write them, and how many have each."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

from directory.search.sidecars import Arrays
from directory.search.words import stem

LONG = 6
"""A word of so many letters may hold two slips, a shorter one only one."""

SHORTEST_MISTYPED = 4

Words = NDArray[Any]


class Lexicon:
    """The written words of one segment, sorted, each with a count and the word it is found by."""

    def __init__(self, arrays: Arrays) -> None:
        self._words: Words = arrays["written"]
        self._counts: NDArray[np.int32] = arrays["written_counts"]
        self._stems: NDArray[np.int32] = arrays["written_stems"]
        self._by_length: Mapping[int, _OfOneLength] = {}

    def count(self, word: str) -> int:
        """How many listings have it, written so."""
        at = int(np.searchsorted(self._words, np.array(word.encode())))
        found = at < len(self._words) and self._words[at] == word.encode()
        return int(self._counts[at]) if found else 0

    def beginning_with(self, beginning: str) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Which words begin so, and how many listings have each."""
        first = beginning.encode()
        # No letter of a word is coded as 0xFF.
        ends = np.array([first, first + b"\xff"], dtype=f"S{len(first) + 1}")
        start, end = np.searchsorted(self._words, ends).tolist()
        return np.arange(start, end), self._counts[start:end]

    def word(self, at: int) -> tuple[str, int]:
        """A word, and the number of the word it is found by."""
        return self._words[at].decode(), int(self._stems[at])

    def near(self, word: str, slips: int) -> Iterable[tuple[str, int, int]]:
        """The words that are one to so many slips away, with how many, and how many have each."""
        for length in range(len(word) - slips, len(word) + slips + 1) if slips else ():
            known = self._lengths().get(length)
            likely = known.may_be(word, slips) if known else {}
            for found, distance, at in process.extract(
                word, likely, scorer=OSA.distance, score_cutoff=slips, limit=None
            ):
                yield found, distance, int(self._counts[at])

    def _lengths(self) -> Mapping[int, "_OfOneLength"]:
        if not self._by_length:
            by_length: dict[int, dict[int, str]] = {}
            for at, each in enumerate(self._words.tolist()):
                written = each.decode()
                by_length.setdefault(len(written), {})[at] = written
            self._by_length = {size: _OfOneLength(each) for size, each in by_length.items()}
        return self._by_length


class _OfOneLength:
    """Words of one length, by their places among all words."""

    def __init__(self, words: Mapping[int, str]) -> None:
        self._words = words
        self._places = np.fromiter(words, dtype=np.int64, count=len(words))
        letters = (_letters_of(each) for each in words.values())
        self._letters = np.fromiter(letters, dtype=np.uint64, count=len(words))

    def may_be(self, word: str, slips: int) -> Mapping[int, str]:
        """Those whose letters are all but so many the same; no other can be so few slips away."""
        asked = np.uint64(_letters_of(word))
        missing = np.bitwise_count(asked & ~self._letters) <= slips
        added = np.bitwise_count(self._letters & ~asked) <= slips
        return {at: self._words[at] for at in self._places[missing & added].tolist()}


def _letters_of(word: str) -> int:
    """Which letters it has, as bits; a few rare ones share theirs."""
    found = 0
    for letter in word:
        found |= 1 << (ord(letter) & 63)
    return found


def slips_allowed(word: str) -> int:
    """How many slips a word of this length may hold."""
    if len(word) < SHORTEST_MISTYPED or not word.isalpha():
        return 0
    return 2 if len(word) >= LONG else 1


def arrays_of(counts: Counter[str], words: Words) -> Arrays:
    """The counted words, of those that are found by one of `words`."""
    known = {each: at for at, each in enumerate(words.tolist())}
    found = sorted(
        (word.encode(), count, known[by])
        for word, count in counts.items()
        if (by := stem(word).encode()) in known
    )
    return {
        "written": np.array([word for word, _, _ in found] or [b""]),
        "written_counts": np.array([count for _, count, _ in found] or [0], dtype=np.int32),
        "written_stems": np.array([at for _, _, at in found] or [0], dtype=np.int32),
    }


def counted(arrays: Arrays) -> Counter[str]:
    """The words that were counted, if there is no telling how often they are there still."""
    counts = arrays["written_counts"].tolist()
    pairs = zip(arrays["written"].tolist(), counts, strict=True)
    return Counter({word.decode(): count for word, count in pairs})
