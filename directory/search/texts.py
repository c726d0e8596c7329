"""Directory search: what each engine can say of words, whichever keeps them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from directory.meaning import Understood

FIELDS = {
    "name": 3.0,
    "organisation": 1.5,
    "about": 1.0,
    "categories": 2.0,
    "eligibility": 0.7,
    "place": 1.0,
}
"""What a text is looked for in, and how much a word counts there."""

Rows = NDArray[np.int32]
Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scored:
    """Listings by row, each once and in rising order, with a score above 0 for each."""

    rows: Rows
    scores: Scores

    @classmethod
    def none(cls) -> "Scored":
        """Nothing was found."""
        return cls(np.zeros(0, dtype=np.int32), np.zeros(0))

    def __len__(self) -> int:
        return len(self.rows)

    def taken(self, at: NDArray[np.intp]) -> "Scored":
        """Some of them."""
        return Scored(self.rows.take(at), self.scores.take(at))


@dataclass(frozen=True, slots=True)
class Found:
    """One way to take a text: the listings it finds, as `Scored`, and how the scores came about.

    `parts`: what each part of the formula gave each row ("words", "need", "sense"), in the order of
    `rows`. `loosened`: nothing has all the words, so this is of some of them. `understood`: what it
    was taken to mean; `corrected`: as it was probably meant, if a word of it was mistyped.
    """

    rows: Rows
    scores: Scores
    parts: Mapping[str, Scores] = field(default_factory=dict)
    loosened: bool = False
    understood: Understood | None = None
    corrected: str = ""


class Texts(Protocol):
    """What can be asked of the words of the listings. Only living listings are ever returned.

    A text may hold "words in quotes", -words to leave out and begun* words; whatever else is typed
    only ends a word, and no text is an error.
    """

    def all_of(self, text: str) -> Scored:
        """Those that have all of it, by BM25F summed over words and fields."""

    def any_of(self, text: str) -> Scored:
        """Those that have any of it, and none of what is to be left out."""

    def begun(self, text: str) -> Scored:
        """Those that have all of it, taking the last and the unknown words as only begun."""

    def has_words(self, text: str) -> bool:
        """Whether there is any word in it to look for."""

    def nearest_words(self, word: str, most: int = 3) -> Sequence[tuple[str, int]]:
        """Known words, as people write them, that it may be a slip for, with how many have each.

        Empty if the word is known itself.
        """
