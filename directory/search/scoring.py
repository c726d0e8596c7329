"""Directory search: what texts find in the index: by BM25F, exactly, over all of its parts.

What Whoosh's parser made of a text is worked out here on arrays. Its own collector leaves listings
out of its first page that belong there; scoring everything with it finds what is found here, which
tests see to.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from heapq import nlargest, nsmallest
from math import log
from typing import TypeVar

import numpy as np
from whoosh.query import And, AndNot, DisjunctionMax, NullQuery, Or, Phrase, Prefix, Query, Term

from directory.search import parts
from directory.search.lexicon import slips_allowed
from directory.search.parsing import ANYWHERE, any_of, parsed
from directory.search.parts import Leaf, Listed, Mask, Part, Weights
from directory.search.texts import FIELDS, Scored
from directory.search.words import asked_words, stem, written_words

MOST_BEGUN = 3
MOST_COMPLETIONS = 15
MOST_KEPT = 5_000

Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Known:
    """A word in the index: its number in each part, and how rare it is in each field."""

    numbers: Sequence[int | None]
    rarity: Weights


class Words:
    """The words of all listings, as they were at one commit."""

    def __init__(self, found: Sequence[Part], alive: Mask) -> None:
        self._parts = found
        self._starts = [sum(each.size for each in found[:at]) for at in range(len(found))]
        self._size = len(alive)
        self._alive: list[Mask | None] = [
            None if here.all() else here
            for here in (
                alive[start : start + part.size]
                for start, part in zip(self._starts, found, strict=True)
            )
        ]
        totals = np.array([each.totals for each in found]).reshape(-1, len(FIELDS)).sum(axis=0)
        self._averages = tuple((total / max(self._size, 1)) or 1.0 for total in totals.tolist())
        self._looked_up: dict[bytes, Known] = {}
        self._completed: dict[str, tuple[bytes, ...]] = {}

    def has_words(self, text: str) -> bool:
        """Whether there is any word in it to look for."""
        return bool(asked_words(text))

    def all_of(self, text: str) -> Scored:
        """Those that have all of it, by BM25F summed over words and fields."""
        return self.found(parsed(text))

    def any_of(self, text: str) -> Scored:
        """Those that have any of it, and none of what is to be left out."""
        return self.found(any_of(parsed(text)))

    def begun(self, text: str) -> Scored:
        """Those that have all of it, taking the last and the unknown words as only begun."""
        return self.found(self.taken_as_begun(text))

    def nearest_words(self, word: str, most: int = 3) -> Sequence[tuple[str, int]]:
        """Known words, as people write them, that it may be a slip for, with how many have each."""
        for typed in written_words(word)[:1]:
            if not self._count(typed) and not self._known(stem(typed).encode()).rarity.any():
                return self._near(typed, most)
        return []

    def taken_as_begun(self, text: str) -> Query:
        """What is asked, if the last word and the first few unknown ones are only begun."""
        query = parsed(text)
        typed = {word.stem: word.typed for word in asked_words(text)}
        single = [each.text for each in _split(query)[0] if isinstance(each, Term)]
        unknown = [each for each in single[:-1] if not self._known(each.encode()).rarity.any()]
        begun = {*single[-1:], *unknown[: MOST_BEGUN - 1]}

        def either(each: Query) -> Query:
            if not isinstance(each, Term) or each.text not in begun:
                return each
            return DisjunctionMax([each, Prefix(ANYWHERE, typed[each.text])])

        if isinstance(query, AndNot):
            return AndNot(_each(query.a, either), query.b)
        return _each(query, either)

    def completions(self, beginning: str) -> tuple[bytes, ...]:
        """The words that the commonest written words that begin so are found by."""
        found = self._completed.get(beginning)
        if found is None:
            found = self._complete(beginning)
            _keep(self._completed, beginning, found)
        return found

    def found(self, query: Query) -> Scored:
        """What a parsed text finds."""
        wanted, unwanted = _split(query)
        if not wanted:
            return Scored.none()
        every = not isinstance(query.a if isinstance(query, AndNot) else query, Or)
        each = [
            (start, self._alone(at, wanted, unwanted, every=every))
            for at, start in enumerate(self._starts)
        ]
        told = [(start, found) for start, found in each if len(found)]
        if len(told) == 1 and not told[0][0]:
            return told[0][1]
        rows = [(found.rows + start).astype(np.int32) for start, found in told]
        return Scored(
            np.concatenate([np.zeros(0, dtype=np.int32), *rows]),
            np.concatenate([np.zeros(0), *(found.scores for _, found in told)]),
        )

    def _alone(
        self, at: int, wanted: Sequence[Query], unwanted: Sequence[Query], *, every: bool
    ) -> Scored:
        """What is found in one part, of those that are there still."""
        leaves = self._leaves(at, wanted)
        if not leaves or (every and len(leaves) < len(wanted)):
            return Scored.none()
        found = parts.all_of(leaves) if every else parts.any_of(leaves, self._parts[at].size)
        alive = self._alive[at]
        if alive is not None:
            found = found.taken(np.flatnonzero(alive.take(found.rows)))
        return parts.without(found, self._leaves(at, unwanted))

    def _leaves(self, at: int, queries: Sequence[Query]) -> list[Leaf]:
        """Those that find anything in this part."""
        found = (self._leaf(at, query) for query in queries)
        return [leaf for leaf in found if leaf is not None]

    def _leaf(self, at: int, query: Query) -> Leaf | None:
        part = self._parts[at]
        if isinstance(query, Term):
            return self._term(at, query.text.encode())
        if isinstance(query, Phrase):
            scored = self._phrase(at, [word.encode() for word in query.words])
        else:
            words = dict.fromkeys(self._meant(query))
            terms = [term for word in words if (term := self._term(at, word)) is not None]
            scored = parts.any_of(terms, part.size, best=True) if terms else Scored.none()
        return Listed(part.size, scored) if len(scored) else None

    def _term(self, at: int, word: bytes) -> parts.Term | None:
        known = self._known(word)
        number = known.numbers[at]
        return (
            None if number is None else self._parts[at].term(number, self._averages, known.rarity)
        )

    def _meant(self, query: Query) -> Iterator[bytes]:
        """The words that any of which is meant."""
        if isinstance(query, Prefix):
            yield from self.completions(query.text)
        elif isinstance(query, Term):
            yield query.text.encode()
        else:
            for each in query.subqueries:
                yield from self._meant(each)

    def _phrase(self, at: int, words: Sequence[bytes]) -> Scored:
        terms = [self._term(at, word) for word in words]
        numbers = [self._known(word).numbers[at] for word in words]
        if None in numbers:
            return Scored.none()
        part = self._parts[at]
        rows, fields = part.together([number for number in numbers if number is not None])
        scores = np.zeros(len(rows))
        for term in filter(None, terms):
            scores += term.table[term.among(rows), fields] * term.rarity[fields]
        each, number = np.unique(rows, return_inverse=True)
        total = np.bincount(number, weights=scores, minlength=len(each))
        return Scored(each, total.astype(np.float64, copy=False))

    def _known(self, word: bytes) -> Known:
        found = self._looked_up.get(word)
        if found is None:
            found = self._look_up(word)
            _keep(self._looked_up, word, found)
        return found

    def _look_up(self, word: bytes) -> Known:
        numbers = [part.number(word) for part in self._parts]
        found = [
            part.frequencies(number)
            for part, number in zip(self._parts, numbers, strict=True)
            if number is not None
        ]
        often = [sum(each) for each in zip(*found, strict=True)] or [0] * len(FIELDS)
        rarity = [log(self._size / (each + 1)) + 1 if each else 0.0 for each in often]
        return Known(numbers, np.array(rarity))

    def _complete(self, beginning: str) -> tuple[bytes, ...]:
        found: dict[str, bytes] = {}
        largest = max(self._parts, key=lambda part: part.size, default=None)
        for part in self._parts:
            run, counts = part.lexicon.beginning_with(beginning)
            if part is largest and len(run) > MOST_COMPLETIONS:
                run = run[np.argpartition(-counts, MOST_COMPLETIONS)[:MOST_COMPLETIONS]]
            for at in run.tolist():
                word, by = part.lexicon.word(at)
                found[word] = part.word(by)
        likely = nlargest(MOST_COMPLETIONS, found, key=lambda word: (self._count(word), word))
        return tuple(dict.fromkeys(found[word] for word in likely))

    def _count(self, word: str) -> int:
        return sum(part.lexicon.count(word) for part in self._parts)

    def _near(self, typed: str, most: int) -> Sequence[tuple[str, int]]:
        slips: dict[str, int] = {}
        counts: Counter[str] = Counter()
        for part in self._parts:
            for word, slip, count in part.lexicon.near(typed, slips_allowed(typed)):
                slips[word] = slip
                counts[word] += count

        def likelihood(word: str) -> tuple[int, bool, int, str]:
            return slips[word], word[0] != typed[0], -counts[word], word

        return [(word, counts[word]) for word in nsmallest(most, slips, key=likelihood)]


def _keep(kept: dict[Key, Value], key: Key, value: Value) -> None:
    if len(kept) >= MOST_KEPT:
        kept.clear()
    kept[key] = value


def _split(query: Query) -> tuple[Sequence[Query], Sequence[Query]]:
    """What is to be found, and what is to be left out."""
    if isinstance(query, AndNot):
        return _split(query.a)[0], _split(query.b)[0]
    if isinstance(query, (And, Or)):
        return query.subqueries, []
    return ([] if query is NullQuery else [query]), []


def _each(query: Query, change: Callable[[Query], Query]) -> Query:
    return And(list(map(change, query.subqueries))) if isinstance(query, And) else change(query)
