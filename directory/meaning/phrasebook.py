"""Directory meaning: finds phrases in texts, however people inflect and pad them."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Generic, NamedTuple, TypeVar

from directory.meaning.folding import FILLERS, PADDING, Word, tidy, words

MOST_WORDS = 40
SHORTEST_JOINED = 7

_DROPPED: tuple[frozenset[str], ...] = (FILLERS, PADDING, frozenset())

Meaning = TypeVar("Meaning")
Key = tuple[str, ...]


class Match(NamedTuple, Generic[Meaning]):
    """A phrase that was found: from which word to which, how much of it matters, its meanings."""

    first: int
    last: int
    length: int
    means: Sequence[Meaning]


class Phrasebook(Generic[Meaning]):
    """Phrases and what each means. Fillers within a phrase may come and go.

    Where fewer than two words of a phrase matter ("on my own"), only padding may.
    """

    def __init__(self, phrases: Iterable[tuple[str, Meaning]]) -> None:
        self._tables = [_Table[Meaning](dropped) for dropped in _DROPPED]
        self.words: set[Word] = set()
        for phrase, meaning in phrases:
            split = words(tidy(phrase))[:MOST_WORDS]
            self.words.update(word._replace(start=0, end=0) for word in split)
            for nth, key in _keys(split):
                self._tables[nth].add(key, meaning)

    def find(self, text: Sequence[Word], *, gaps: bool = False) -> list[Match[Meaning]]:
        """The phrases in a text, none overlapping another, the longest first.

        With `gaps` any one word may stand within a phrase: "my husband sadly died".
        """
        found = [match for table in self._tables for match in table.find(text, gaps=gaps)]
        found.sort(key=lambda each: (-each.length, each.first - each.last, each.first))
        taken: set[int] = set()
        chosen = []
        for match in found:
            span = range(match.first, match.last + 1)
            if taken.isdisjoint(span):
                taken.update(span)
                chosen.append(match)
        return chosen


class _Table(Generic[Meaning]):
    """The phrases that are looked for in what is left of a text without some words."""

    def __init__(self, dropped: frozenset[str]) -> None:
        self._dropped = dropped
        self._means: dict[Key, list[Meaning]] = {}
        self._lengths: dict[str, list[int]] = {}

    def add(self, key: Key, meaning: Meaning) -> None:
        means = self._means.setdefault(key, [])
        if meaning not in means:
            means.append(meaning)
        lengths = self._lengths.setdefault(key[0], [])
        if len(key) not in lengths:
            lengths.append(len(key))
            lengths.sort(reverse=True)

    def find(self, text: Sequence[Word], *, gaps: bool) -> Iterator[Match[Meaning]]:
        places = [at for at, word in enumerate(text) if word.folded not in self._dropped]
        roots = tuple(text[at].root for at in places)
        for start, root in enumerate(roots):
            for length in self._lengths.get(root, ()):
                key = roots[start : start + length]
                means = self._means.get(key)
                if means:
                    yield Match(places[start], places[start + len(key) - 1], len(key), means)
                    break
        if gaps and self._dropped is FILLERS:
            yield from self._with_gaps(places, roots)

    def _with_gaps(self, places: Sequence[int], roots: Key) -> Iterator[Match[Meaning]]:
        for start, root in enumerate(roots):
            for length in self._lengths.get(root, ()):
                span = roots[start : start + length + 1]
                for gap in range(1, length if len(span) > length else 0):
                    means = self._means.get((*span[:gap], *span[gap + 1 :]))
                    if means:
                        yield Match(places[start], places[start + length], length - 1, means)


def _keys(phrase: Sequence[Word]) -> Iterator[tuple[int, Key]]:
    """By what a phrase is looked up, and in which table: without fillers, if enough is left."""
    for nth, dropped in enumerate(_DROPPED):
        key = tuple(word.root for word in phrase if word.folded not in dropped)
        if len(key) > 1 or (key and not dropped):
            yield nth, key
            break
    joined = "".join(word.folded for word in phrase)
    if len(phrase) == 2 and len(joined) >= SHORTEST_JOINED:
        yield len(_DROPPED) - 1, (words(joined)[0].root,)
