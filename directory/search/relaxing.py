"""Directory search: when nothing is found, which limit to let go, and what that would bring back.

What is offered is true (each is counted as the search itself would) and least: a pair of limits
only where no one of them is enough, the whole text only where none of its words is, and of the
distances the shortest that finds anything.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

from directory.search.asking import (
    MOST_WORDS,
    NEEDED_TOGETHER,
    NOTHING,
    OFFERED_MILES,
    TEXT,
    WITHIN,
    Limit,
    Query,
    Relaxation,
)
from directory.search.reading import Listings
from directory.search.sieve import Sieve
from directory.search.words import asked, asked_words

MOST_OFFERED = 4

_TYPED = re.compile(r'-?"[^"]*"|\S+')


def relaxations(listings: Listings, query: Query) -> list[Relaxation]:
    """What to let go of a question, the most found first; none if it finds something as it is."""
    sieve = Sieve(listings)
    query = replace(query, page=1)
    if sieve.count(query):
        return []
    limits = _limits(query)
    found = _that_find(sieve, query, [(each,) for each in limits])
    if not found:
        pairs = combinations(limits, 2)
        found = _that_find(sieve, query, [pair for pair in pairs if not _both_in_text(pair)])
    return _least(found)[:MOST_OFFERED]


def texts_without_a_word(text: str) -> dict[str, str]:
    """Each word of a text, or words in quotes, as typed, and what is left without it."""
    typed = _TYPED.findall(text)
    words = [each for each in dict.fromkeys(typed) if asked(each)][:MOST_WORDS]
    if len(words) < 2:
        return {}
    return {word: " ".join(each for each in typed if each != word) for word in words}


def _limits(query: Query) -> list[Limit]:
    limits = []
    for facet, chosen in query.chosen().items():
        if facet in NEEDED_TOGETHER:
            limits += [Limit(facet, code) for code in sorted(chosen)]
        elif chosen:
            limits.append(Limit(facet))
    if query.near is not None:
        limits.append(Limit(WITHIN))
    limits += [Limit(TEXT, word) for word in texts_without_a_word(query.text)]
    if asked_words(query.text):
        limits.append(Limit(TEXT))
    return limits


def _both_in_text(pair: tuple[Limit, ...]) -> bool:
    return all(each.of == TEXT for each in pair)


def _that_find(sieve: Sieve, query: Query, groups: list[tuple[Limit, ...]]) -> list[Relaxation]:
    found = []
    for limits in groups:
        for other in _without(query, limits):
            if count := sieve.count(other):
                found.append(Relaxation(limits, count, other))
                break
    return found


def _without(query: Query, limits: tuple[Limit, ...]) -> Iterator[Query]:
    """The question without these limits; more than one way if it may look further and further."""
    if not limits:
        yield query
        return
    for other in _without(query, limits[1:]):
        yield from _without_one(other, limits[0])


def _without_one(query: Query, limit: Limit) -> Iterator[Query]:
    if limit.of == WITHIN:
        for miles in OFFERED_MILES:
            if miles > query.within:
                yield replace(query, within=miles)
        yield replace(query, near=None)
    elif limit.of == TEXT:
        yield replace(query, text=texts_without_a_word(query.text).get(limit.value, ""))
    else:
        fewer = query.chosen()[limit.of] - {limit.value} if limit.value else NOTHING
        yield query.ticking(limit.of, fewer)


def _least(found: list[Relaxation]) -> list[Relaxation]:
    """Without those that let go of the whole text where a word of it would do; most found first."""
    of_a_word = {_aside_from_text(each) for each in found if _lets_go(each, whole_text=False)}
    least = [
        each
        for each in found
        if not (_lets_go(each, whole_text=True) and _aside_from_text(each) in of_a_word)
    ]
    return sorted(least, key=lambda each: -each.count)


def _lets_go(relaxation: Relaxation, *, whole_text: bool) -> bool:
    return any(each.of == TEXT and (not each.value) is whole_text for each in relaxation.limits)


def _aside_from_text(relaxation: Relaxation) -> frozenset[Limit]:
    return frozenset(each for each in relaxation.limits if each.of != TEXT)
