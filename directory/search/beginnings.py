"""Directory search: names by the beginnings of their words, found in a fraction of a millisecond.

The words of all names stand sorted once, and beside each the names it is in: what begins with a few
letters is one run of them.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from directory.search.words import fold

MOST_WORDS = 6
LAST = "\U0010ffff"

_WORD = re.compile(r"[^\W_]+")

Rows = NDArray[np.int32]


class Beginnings:
    """Numbered names. Case, accents and marks matter neither in them nor in what is asked."""

    def __init__(self, names: Iterable[str]) -> None:
        held: dict[str, list[int]] = {}
        for row, name in enumerate(names):
            for at, word in enumerate(dict.fromkeys(words_of(name))):
                # The row, and in the lowest bit whether the name begins with something else.
                held.setdefault(word, []).append(row << 1 | (at > 0))
        self._words: Sequence[str] = sorted(held)
        sizes = [len(held[word]) for word in self._words]
        self._starts = np.cumsum([0, *sizes], dtype=np.int64)
        every = chain.from_iterable(held[word] for word in self._words)
        self._rows = np.fromiter(every, np.int32, sum(sizes))

    def like(self, typed: str) -> tuple[Rows, NDArray[np.bool_]]:
        """The names in which each word typed begins one, and which of them begin with the first."""
        runs = [self._run(word) for word in words_of(typed)[:MOST_WORDS]]
        if not runs:
            return self._rows[:0], np.zeros(0, dtype=np.bool_)
        found = np.unique(runs[0] >> 1)
        for run in runs[1:]:
            found = np.intersect1d(found, run >> 1)
        return found, np.isin(found, runs[0][runs[0] & 1 == 0] >> 1)

    def _run(self, beginning: str) -> Rows:
        low = bisect_left(self._words, beginning)
        high = bisect_left(self._words, beginning + LAST, lo=low)
        return self._rows[self._starts[low] : self._starts[high]]


def words_of(name: str) -> list[str]:
    """The words of a name, as they are compared."""
    return _WORD.findall(fold(name))
