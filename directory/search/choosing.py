"""Directory search: the choosing, counting and ordering done on the columns of listings.

How hits are ordered. With a text:
`score = relevance * ((1 - DISTANCE_WEIGHT) + DISTANCE_WEIGHT * nearness)`, where
relevance is the share of the best match's, and nearness halves with every quarter of the radius
asked for; what is held nowhere (online, by phone, or nobody said where) is near to nobody, yet in
everybody's reach. Without a text: the nearest first, by tenths of a mile, what is held nowhere
last. Then, and with neither: what was confirmed last, then by name. A listing that needs checking
keeps STALE_WEIGHT of its score, or counts as STALE_MILES further off. What fits only if an answer
nobody gave is a yes comes after all that fits.
"""

import math
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core import clock
from directory.places import Place
from directory.search.asking import (
    DAYS,
    MAY_BE_UNKNOWN,
    NEEDED_TOGETHER,
    TIMES,
    Answer,
    Hit,
    Query,
)
from directory.search.columns import Columns, Floats, Mask, codes_of

DISTANCE_WEIGHT = 0.6
"""How much of the score distance may take away: the best match far off keeps 40% of it."""

HALVED_WITHIN = 0.25
"""The share of the radius over which nearness halves: who looks further is ready to travel."""

SAME_MILES = 0.1
"""Nearer together than this, no place is nearer than another."""

STALE_WEIGHT, STALE_MILES = 0.75, 2.0
"""What it costs a listing that nobody has checked for long."""

_NOWHERE, _PERHAPS = 1e6, 1e8

_TOGETHER = {DAYS: {DAYS, TIMES}, TIMES: {DAYS, TIMES}}
"""Facets whose choices are made with one another; both stand aside when one of them is counted."""

FACETS = tuple(Query().chosen())


@dataclass(frozen=True, slots=True)
class Found:
    """The listings a text finds: a score above 0 for each, and whether it had to be loosened."""

    scores: Floats
    loosened: bool = False


class Listings(Protocol):
    """What can be asked: listings as columns, which of them are there, and what a text finds."""

    columns: Columns
    alive: Mask

    def readings(self, text: str) -> Iterator[Found]:
        """The ways to take a text, the strictest first; none if it has no words."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Those in reach of a text and a place, before anything is ticked."""

    inside: Mask
    text: Found | None
    distances: Floats | None


class Sieve:
    """Which listings pass which limits. What was worked out for one question serves the next."""

    def __init__(self, listings: Listings) -> None:
        self.columns = listings.columns
        self._listings = listings
        self._today = clock.today().toordinal()
        self._distances: dict[Place, Floats] = {}
        self._reaches: dict[tuple[str, Place | None, float], Reach] = {}
        self._read: dict[str, tuple[list[Found], Iterator[Found]]] = {}
        self._kept: dict[Hashable, Mask] = {}

    def reach(self, query: Query) -> Reach:
        """Who is in reach: the first reading of the text that finds anything there."""
        key = query.text, query.near, query.within
        if key not in self._reaches:
            self._reaches[key] = self._reach(query)
        return self._reaches[key]

    def keeps(self, query: Query) -> dict[str, Mask]:
        """Who fits what is ticked in each facet in which something is."""
        return {
            facet: self._keep(facet, codes, query)
            for facet, codes in query.chosen().items()
            if codes
        }

    def flags(self, facet: str, query: Query) -> Mask:
        """Who fits each choice of a facet."""
        known = self.columns.known(facet, query.days, query.times, self._today)
        if query.unknown and facet in MAY_BE_UNKNOWN:
            return known | self.columns.possible(facet, self._today)
        return known

    def passing(self, query: Query) -> Mask:
        """Who is in reach and fits all that is ticked."""
        return _all(self.reach(query).inside, self.keeps(query).values())

    def count(self, query: Query) -> int:
        """How many these are."""
        return int(np.count_nonzero(self.passing(query)))

    def _reach(self, query: Query) -> Reach:
        inside, distances = self._listings.alive, None
        if query.near is not None:
            if query.near not in self._distances:
                self._distances[query.near] = self.columns.distances(query.near)
            distances = self._distances[query.near]
            inside = inside & ((distances <= query.within) | np.isinf(distances))
        text = _first_that_finds(self._readings(query.text), inside)
        if text is not None:
            inside = inside & (text.scores > 0)
        return Reach(inside, text, distances)

    def _readings(self, text: str) -> Iterator[Found]:
        """The ways to take a text, each worked out when it is first wanted."""
        if text not in self._read:
            self._read[text] = [], self._listings.readings(text)
        known, others = self._read[text]
        yield from known
        for found in others:
            known.append(found)
            yield found

    def _keep(self, facet: str, codes: frozenset[str], query: Query) -> Mask:
        when = (frozenset(query.days), frozenset(query.times)) if facet in _TOGETHER else ()
        key = facet, codes, query.unknown, when
        if key not in self._kept:
            self._kept[key] = _keep(facet, self.flags(facet, query), codes)
        return self._kept[key]


def answer(listings: Listings, query: Query) -> Answer:
    """The page asked for."""
    sieve = Sieve(listings)
    reach = sieve.reach(query)
    keeps = sieve.keeps(query)
    passing = _all(reach.inside, keeps.values())
    perhaps = _only_perhaps(sieve, query)
    rows = np.flatnonzero(passing)
    scores = _scores(sieve.columns, reach, rows, query)
    order = _order(sieve.columns, reach, rows, scores, perhaps if query.unknown else None, query)
    return Answer(
        total=len(rows),
        hits=[_hit(sieve.columns, rows[at], scores[at], reach.distances) for at in order],
        facets=_count(sieve, reach.inside, keeps, query),
        page=query.page,
        pages=max(1, math.ceil(len(rows) / query.per_page)),
        not_known=0 if perhaps is None else int(np.count_nonzero(perhaps)),
        loosened=reach.text is not None and reach.text.loosened,
    )


def _only_perhaps(sieve: Sieve, query: Query) -> Mask | None:
    """Who fits only if an answer nobody gave is a yes; None if no such answer was asked for."""
    chosen = query.chosen()
    if not any(chosen[facet] for facet in MAY_BE_UNKNOWN):
        return None
    surely = sieve.passing(replace(query, unknown=False))
    return sieve.passing(replace(query, unknown=True)) & ~surely


def _first_that_finds(readings: Iterable[Found], inside: Mask) -> Found | None:
    nothing = None
    for found in readings:
        if np.any(found.scores[inside] > 0):
            return found
        nothing = replace(found, loosened=False)
    return nothing


def _keep(facet: str, flags: Mask, chosen: frozenset[str]) -> Mask:
    """Which listings fit what is ticked. A choice that does not exist fits none."""
    known = codes_of(facet)
    rows = [known.index(code) for code in chosen if code in known]
    enough = len(chosen) if facet in NEEDED_TOGETHER else 1
    return np.asarray(np.count_nonzero(flags[rows], axis=0) >= enough)


def _all(inside: Mask, keeps: Iterable[Mask]) -> Mask:
    for keep in keeps:
        inside = inside & keep
    return inside


def _count(
    sieve: Sieve, inside: Mask, keeps: dict[str, Mask], query: Query
) -> dict[str, dict[str, int]]:
    """What each choice would find, with all the other facets as they are.

    Needs add up, so there the others that are ticked count too.
    """
    counts = {}
    for facet in FACETS:
        aside = set() if facet in NEEDED_TOGETHER else _TOGETHER.get(facet, {facet})
        others = _all(inside, (keep for each, keep in keeps.items() if each not in aside))
        found = np.count_nonzero(sieve.flags(facet, query) & others, axis=1)
        counts[facet] = dict(zip(codes_of(facet), found.tolist(), strict=True))
    return counts


def _scores(columns: Columns, reach: Reach, rows: NDArray[np.intp], query: Query) -> Floats:
    if reach.text is None or not len(rows):
        return np.zeros(len(rows))
    scores: Floats = reach.text.scores[rows]
    scores = scores / scores.max()
    if reach.distances is not None:
        nearness = np.exp2(-reach.distances[rows] / (query.within * HALVED_WITHIN))
        scores = scores * ((1 - DISTANCE_WEIGHT) + DISTANCE_WEIGHT * nearness)
    return np.where(columns.stale[rows], scores * STALE_WEIGHT, scores)


def _order(
    columns: Columns,
    reach: Reach,
    rows: NDArray[np.intp],
    scores: Floats,
    perhaps: Mask | None,
    query: Query,
) -> NDArray[np.intp]:
    """Where in `rows` the listings of this page are, the best first."""
    first = -scores
    if reach.text is None:
        miles = np.zeros(len(rows)) if reach.distances is None else reach.distances[rows]
        miles = np.where(np.isinf(miles), _NOWHERE, miles)
        first = np.round((miles + STALE_MILES * columns.stale[rows]) / SAME_MILES)
    if perhaps is not None:
        first = first + _PERHAPS * perhaps[rows]
    end = query.page * query.per_page
    among = np.arange(len(rows))
    if end < len(rows):
        among = np.flatnonzero(first <= np.partition(first, end - 1)[end - 1])
    of = rows[among]
    ranked = np.lexsort((columns.by_name[of], -columns.checked[of], first[among]))
    return among[ranked[end - query.per_page : end]]


def _hit(columns: Columns, row: Any, score: Any, distances: Floats | None) -> Hit:
    miles = None if distances is None or np.isinf(distances[row]) else float(distances[row])
    return Hit(id=columns.ids[row], score=float(score), distance_miles=miles)
