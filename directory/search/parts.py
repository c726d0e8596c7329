"""Directory search: the words of one segment, as arrays that are mapped into memory, and asked."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from directory.search.lexicon import Lexicon
from directory.search.sidecars import Arrays
from directory.search.texts import Rows, Scored, Scores

K1, B = 1.2, 0.75

FAR_MORE = 12
"""So many times longer a list is, it is cheaper to search in than to run through."""

FEW_MORE = 8
"""So many times as much memory is as quickly cleared as a part of it that is scattered."""

SMALL = 5_000
"""So few words are looked up in a dictionary."""

Cases = NDArray[Any]
Mask = NDArray[np.bool_]
Weights = NDArray[np.float64]


class Leaf(Protocol):
    """What one thing that is asked finds in a part: rows, a case for each, and scores by case.

    Case 0 is that of a listing in which it is not found.
    """

    rows: Rows
    cases: Cases

    def among(self, rows: Rows) -> Cases:
        """The case of each of these rows."""

    def scores(self, cases: Cases) -> Scores:
        """What it adds to the score in each of these cases."""

    def add(self, total: Scores) -> None:
        """Add its scores to those of all rows."""


class _Scratch(threading.local):
    """Memory that is kept for who needs it next; it begins as zeros."""

    def __init__(self) -> None:
        self._kept: dict[str, NDArray[Any]] = {}

    def of(self, size: int, kind: Any) -> NDArray[Any]:
        """So many numbers of a kind."""
        found = self._kept.get(kind)
        if found is None or len(found) < size:
            found = self._kept[kind] = np.zeros(size, dtype=kind)
        return found[:size]


scratch = _Scratch()
"""Whoever uses this leaves it as zeros."""

rough = _Scratch()
"""In this may be anything."""


class Part:
    """The words of the listings that were written at once."""

    def __init__(self, arrays: Arrays) -> None:
        self.size = int(arrays["size"][0])
        self.totals: list[int] = arrays["totals"].tolist()
        self.lexicon = Lexicon(arrays)
        self._words = arrays["words"]
        self._frequencies = arrays["frequencies"]
        self._starts = arrays["starts"]
        self._rows: Rows = arrays["rows"]
        self._cases: Cases = arrays["cases"]
        self._dense = dict(zip(arrays["common"].tolist(), arrays["dense"], strict=True))
        self._weights = arrays["case_weights"]
        self._lengths = arrays["case_lengths"]
        self._places = arrays["places"]
        self._place_starts = arrays["place_starts"]
        self._text_starts = arrays["text_starts"]
        self._tables: tuple[tuple[float, ...], Weights] | None = None
        words = self._words.tolist() if len(self._words) <= SMALL else []
        self._numbers = {each: at for at, each in enumerate(words)}

    def number(self, word: bytes) -> int | None:
        """Which of its words this is; None if it has no such word."""
        if self._numbers:
            return self._numbers.get(word)
        at = int(np.searchsorted(self._words, np.array(word)))
        return at if at < len(self._words) and self._words[at] == word else None

    def word(self, number: int) -> bytes:
        """The word of a number."""
        found: bytes = self._words[number]
        return found

    def frequencies(self, number: int) -> list[int]:
        """How many listings have a word, in each field."""
        found: list[int] = self._frequencies[number].tolist()
        return found

    def table(self, averages: tuple[float, ...]) -> Weights:
        """What a word adds to a score in each case and field, but for how rare it is.

        This is the formula of BM25, with the average lengths of texts in the whole index.
        """
        if self._tables is None or self._tables[0] != averages:
            often, long_ = self._weights.astype(np.float64), self._lengths / np.array(averages)
            table = often * (K1 + 1) / (often + K1 * (1 - B + B * long_))
            self._tables = averages, table
        return self._tables[1]

    def term(self, number: int, averages: tuple[float, ...], rarity: Weights) -> "Term":
        """A word, to be asked."""
        return Term(self.size, *self.postings(number), self.table(averages), rarity)

    def postings(self, number: int) -> tuple[Rows, Cases, Cases | None]:
        """The listings that have a word, the case of each, and the row of a common word."""
        run = slice(self._starts[number], self._starts[number + 1])
        return self._rows[run], self._cases[run], self._dense.get(number)

    def places(self, number: int) -> NDArray[Any]:
        """Every place a word stands in."""
        found: NDArray[Any] = self._places[
            self._place_starts[number] : self._place_starts[number + 1]
        ]
        return found

    def together(self, numbers: Sequence[int]) -> tuple[Rows, NDArray[np.int64]]:
        """The texts in which these words stand together in this order: their rows and fields."""
        places = self.places(numbers[0]).astype(np.int64)
        for at, number in enumerate(numbers[1:], 1):
            places = _common(places, self.places(number).astype(np.int64) - at)
        texts = np.searchsorted(self._text_starts, places, side="right") - 1
        fields, rows = np.divmod(np.unique(texts), max(self.size, 1))
        return rows.astype(np.int32), fields


@dataclass(slots=True)
class Term:
    """One word in any field."""

    size: int
    rows: Rows
    cases: Cases
    row: Cases | None
    table: Weights
    rarity: Weights

    def among(self, rows: Rows) -> Cases:
        """The case of each of these rows."""
        if self.row is not None:
            return self.row.take(rows)
        return _looked_up(self.rows, self.cases, rows, self.size)

    def scores(self, cases: Cases) -> Scores:
        """The sum over the fields, by how rare the word is in each."""
        if len(cases) > len(self.table):
            return np.take(self.table @ self.rarity, cases)
        few: Scores = self.table[cases] @ self.rarity
        return few

    def add(self, total: Scores) -> None:
        """Add its scores to those of all rows."""
        if self.row is None:
            np.add.at(total, self.rows, self.scores(self.cases))
            return
        # To be given so much new memory takes longer than to fill it.
        added = rough.of(self.size, "f8")
        np.take(self.table @ self.rarity, self.row, out=added, mode="clip")
        total += added


class Listed:
    """Listings whose scores are known already."""

    def __init__(self, size: int, found: Scored) -> None:
        self.rows = found.rows
        self.cases: Cases = np.arange(1, len(found) + 1, dtype=np.uint32)
        self._size = size
        self._scores = np.concatenate([[0.0], found.scores])

    def among(self, rows: Rows) -> Cases:
        """The case of each of these rows."""
        return _looked_up(self.rows, self.cases, rows, self._size)

    def scores(self, cases: Cases) -> Scores:
        """Their scores."""
        found: Scores = self._scores[cases]
        return found

    def add(self, total: Scores) -> None:
        """Add its scores to those of all rows."""
        np.add.at(total, self.rows, self._scores[1:])


def all_of(leaves: Sequence[Leaf]) -> Scored:
    """The listings that all of these find, with the sum of their scores."""
    first, *others = sorted(leaves, key=lambda each: len(each.rows))
    rows, cases = first.rows, [first.cases]
    for leaf in others:
        here = leaf.among(rows)
        kept = np.flatnonzero(here > 0)
        rows, cases = rows.take(kept), [each.take(kept) for each in (*cases, here)]
    scores = [leaf.scores(each) for leaf, each in zip((first, *others), cases, strict=True)]
    return Scored(rows, sum(scores[1:], scores[0]))


def any_of(leaves: Sequence[Leaf], size: int, *, best: bool = False) -> Scored:
    """The listings that any of these finds, with the sum, or the best, of their scores."""
    if len(leaves) == 1:
        return Scored(leaves[0].rows, leaves[0].scores(leaves[0].cases))
    total = scratch.of(size, "f8")
    for leaf in leaves:
        if best:
            total[leaf.rows] = np.maximum(total[leaf.rows], leaf.scores(leaf.cases))
        else:
            leaf.add(total)
    rows = _touched([leaf.rows for leaf in leaves], total)
    found = Scored(rows, np.take(total, rows))
    if len(rows) * FEW_MORE > size:
        total.fill(0.0)
    else:
        total[rows] = 0.0
    return found


def without(found: Scored, leaves: Sequence[Leaf]) -> Scored:
    """The same but for what any of these finds."""
    for leaf in leaves:
        found = found.taken(np.flatnonzero(leaf.among(found.rows) == 0))
    return found


def _touched(rows: Sequence[Rows], total: Scores) -> Rows:
    if sum(map(len, rows)) * FAR_MORE < len(total):
        touched = np.concatenate(rows)
        touched.sort(kind="stable")
        return touched[np.diff(touched, prepend=-1) > 0]
    return np.flatnonzero(total != 0).astype(np.int32)  # four times as fast as of the numbers


def _looked_up(rows: Rows, cases: Cases, wanted: Rows, size: int) -> Cases:
    """The case of each row that is wanted; 0 where it is not among those that have one."""
    if len(rows) > FAR_MORE * len(wanted):
        at = np.searchsorted(rows, wanted)
        at[at == len(rows)] = 0
        return np.where(rows[at] == wanted, cases[at], 0)
    paper = scratch.of(size, cases.dtype.str)
    paper[rows] = cases
    found: Cases = paper[wanted]
    paper[rows] = 0
    return found


def _common(some: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.int64]:
    """What is in both, each of which is in rising order, once each."""
    # Sorting finds that there are but two runs to merge, which is faster than to search in one.
    both = np.concatenate([some, others])
    both.sort(kind="stable")
    found: NDArray[np.int64] = both[:-1][both[1:] == both[:-1]]
    return found
