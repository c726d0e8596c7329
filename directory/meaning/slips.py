"""Directory meaning: puts mistyped words right, where only one known word can have been meant."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

from directory.meaning.folding import FILLERS, Word, root

SHORTEST = 6
"""Shorter words are too like one another to guess between them."""

LONG = 9
"""In words this long two slips are forgiven, in shorter ones one."""


class Slips:
    """The words a thesaurus knows, to be found again where somebody mistyped them."""

    def __init__(self, known: Iterable[Word]) -> None:
        self.known = {word.root for word in known}
        self._starting: dict[str, list[str]] = defaultdict(list)
        for folded in sorted({word.folded for word in known}):
            if len(folded) >= SHORTEST:
                self._starting[folded[0]].append(folded)

    def put_right(self, text: Sequence[Word]) -> dict[int, Word]:
        """The words of a text that are mistyped, by their place, as they were meant."""
        found = {}
        for at, word in enumerate(text):
            meant = self.nearest(word)
            if meant is not None:
                found[at] = word._replace(folded=meant, root=root(meant))
        return found

    def nearest(self, word: Word) -> str | None:
        """The known word this one is a slip for; None if it is known itself, or too far off."""
        folded = word.folded
        if len(folded) < SHORTEST or folded in FILLERS or word.root in self.known:
            return None
        most = 2 if len(folded) >= LONG else 1
        near = process.extractOne(
            folded, self._starting.get(folded[0], ()), scorer=OSA.distance, score_cutoff=most
        )
        return None if near is None else str(near[0])
