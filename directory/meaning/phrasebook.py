"""Directory meaning: finds phrases in texts, however people inflect and pad them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
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
        self._means: dict[Key, list[Meaning]] = defaultdict(list)
        self.words: set[Word] = set()
        for phrase, meaning in phrases:
            split = words(tidy(phrase))[:MOST_WORDS]
            self.words.update(word._replace(start=0, end=0) for word in split)
            for key in _keys(split):
                if meaning not in self._means[key]:
                    self._means[key].append(meaning)
        self._longest: dict[str, int] = {}
        for key in self._means:
            self._longest[key[0]] = max(len(key), self._longest.get(key[0], 0))

    def find(self, text: Sequence[Word], *, gaps: bool = False) -> list[Match[Meaning]]:
        """The phrases in a text, none overlapping another, the longest first.

        With `gaps` any one word may stand within a phrase: "my husband sadly died".
        """
        everything = list(enumerate(text))
        views = [
            [(at, word.root) for at, word in everything if word.folded not in dropped]
            for dropped in _DROPPED
        ]
        found = [match for view in views for match in self._in(view)]
        if gaps:
            mattering = views[0]
            found += self._with_gaps(mattering)
        found.sort(key=lambda each: (-each.length, each.first - each.last, each.first))
        taken: set[int] = set()
        chosen = []
        for match in found:
            span = range(match.first, match.last + 1)
            if taken.isdisjoint(span):
                taken.update(span)
                chosen.append(match)
        return chosen

    def _in(self, view: Sequence[tuple[int, str]]) -> list[Match[Meaning]]:
        found = []
        for start, (first, root) in enumerate(view):
            longest = min(self._longest.get(root, 0), len(view) - start)
            for length in range(longest, 0, -1):
                key = tuple(each for _, each in view[start : start + length])
                means = self._means.get(key)
                if means:
                    last = view[start + length - 1][0]
                    found.append(Match(first, last, length, means))
                    break
        return found

    def _with_gaps(self, view: Sequence[tuple[int, str]]) -> list[Match[Meaning]]:
        found = []
        for start, (first, root) in enumerate(view):
            longest = min(self._longest.get(root, 0), len(view) - start - 1)
            for length in range(longest, 1, -1):
                span = [each for _, each in view[start : start + length + 1]]
                for gap in range(1, length):
                    means = self._means.get((*span[:gap], *span[gap + 1 :]))
                    if means:
                        found.append(Match(first, view[start + length][0], length - 1, means))
        return found


def _keys(phrase: Sequence[Word]) -> Iterable[Key]:
    """By what a phrase is looked up: without fillers, unless too few words are left then."""
    for dropped in _DROPPED:
        key = tuple(word.root for word in phrase if word.folded not in dropped)
        if len(key) > 1 or (key and not dropped):
            yield key
            break
    joined = "".join(word.folded for word in phrase)
    if len(phrase) == 2 and len(joined) >= SHORTEST_JOINED:
        yield (words(joined)[0].root,)
