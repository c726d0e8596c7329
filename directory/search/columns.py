"""Directory search: listings as columns, and the choosing, counting and ordering done on them.

How hits are ordered. With a text:
`score = relevance * ((1 - DISTANCE_WEIGHT) + DISTANCE_WEIGHT * nearness)`, where
relevance is the share of the best match's, and nearness halves with every quarter of the radius
asked for; what is held nowhere (online, by phone, or nobody said where) is near to nobody, yet in
everybody's reach. Without a text: the nearest first, by tenths of a mile, what is held nowhere
last. Then, and with neither: what was confirmed last, then by name.
"""

import math
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from directory import taxonomy
from directory.places import miles_from
from directory.rules import Access, Attending
from directory.search.asking import (
    ACCESS,
    ATTENDING,
    COST,
    DAYS,
    KINDS,
    Answer,
    Hit,
    Query,
)
from directory.search.documents import COSTS, WEEKDAYS, Facts

DISTANCE_WEIGHT = 0.6
"""How much of the score distance may take away: the best match far off keeps 40% of it."""

HALVED_WITHIN = 0.25
"""The share of the radius over which nearness halves: who looks further is ready to travel."""

SAME_MILES = 0.1
"""Nearer together than this, no place is nearer than another."""

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Found:
    """The listings a text finds: a score above 0 for each, and whether it had to be loosened."""

    scores: Floats
    loosened: bool = False


@dataclass(frozen=True)
class Columns:
    """Listings side by side; row n of each column speaks of listing n."""

    ids: list[uuid.UUID]
    names: list[str]
    checked: NDArray[np.int32]
    owners: NDArray[np.int32]
    points: Floats
    flags: dict[str, Mask]

    @classmethod
    def of(cls, facts: Sequence[Facts]) -> "Columns":
        """Columns of these listings, in this order."""
        points = [(row, *point) for row, each in enumerate(facts) for point in each.points]
        table = np.array(points, dtype=np.float64).reshape(-1, 3)
        return cls(
            ids=[each.id for each in facts],
            names=[each.name for each in facts],
            checked=np.array([each.checked for each in facts], dtype=np.int32),
            owners=table[:, 0].astype(np.int32),
            points=np.ascontiguousarray(table[:, 1:].T),
            flags={
                KINDS: _flags(KINDS, [each.kinds for each in facts]),
                DAYS: _flags(DAYS, [each.days for each in facts]),
                COST: _flags(COST, [(each.cost,) for each in facts]),
                ACCESS: _flags(ACCESS, [each.access for each in facts]),
                ATTENDING: _flags(ATTENDING, [(each.attending,) for each in facts]),
            },
        )

    @classmethod
    def joined(cls, parts: Sequence["Columns"]) -> "Columns":
        """Several columns as one, one after the other."""
        if len(parts) == 1:
            return parts[0]
        starts = np.cumsum([0, *(len(part.ids) for part in parts)])
        owners = [part.owners + start for part, start in zip(parts, starts, strict=False)]
        empty = cls.of([])  # of no parts, the join still has every column
        return cls(
            ids=[each for part in parts for each in part.ids],
            names=[each for part in parts for each in part.names],
            checked=np.concatenate([empty.checked, *(part.checked for part in parts)]),
            owners=np.concatenate([empty.owners, *owners]).astype(np.int32),
            points=np.concatenate([empty.points, *(part.points for part in parts)], axis=1),
            flags={
                facet: np.concatenate([none, *(part.flags[facet] for part in parts)], axis=1)
                for facet, none in empty.flags.items()
            },
        )

    @cached_property
    def by_name(self) -> NDArray[np.int32]:
        """Where each listing stands in the alphabet."""
        ranks = np.empty(len(self.ids), dtype=np.int32)
        order = sorted(range(len(self.ids)), key=lambda row: (self.names[row], self.ids[row].bytes))
        ranks[order] = np.arange(len(order), dtype=np.int32)
        return ranks

    def distances(self, query: Query) -> Floats | None:
        """Miles to the nearest place of each listing; infinitely many where it has none."""
        if query.near is None:
            return None
        found = np.full(len(self.ids), np.inf)
        here = query.near.latitude, query.near.longitude
        np.minimum.at(found, self.owners, miles_from(*here, *self.points))
        return found


def codes_of(facet: str) -> tuple[str, ...]:
    """Every choice there is in a facet, in the order people see it."""
    if facet == KINDS:
        return tuple(term.code for term in taxonomy.kinds())
    return _FIXED_CODES[facet]


_FIXED_CODES: dict[str, tuple[str, ...]] = {
    DAYS: WEEKDAYS,
    COST: COSTS,
    ACCESS: tuple(each.value for each in Access),
    ATTENDING: tuple(each.value for each in Attending),
}


def answer(columns: Columns, alive: Mask, readings: Iterable[Found], query: Query) -> Answer:
    """The page asked for: the first reading of the text that finds anything here, filtered."""
    distances = columns.distances(query)
    inside = alive
    if distances is not None:
        inside = alive & ((distances <= query.within) | np.isinf(distances))
    text = _first_that_finds(readings, inside)
    if text is not None:
        inside = inside & (text.scores > 0)
    chosen = query.chosen()
    keeps = {facet: _keep(columns, facet, codes) for facet, codes in chosen.items() if codes}
    rows = np.flatnonzero(_all(inside, keeps.values()))
    scores = np.zeros(len(rows)) if text is None else _blend(text.scores, rows, distances, query)
    order = _order(columns, rows, scores, distances, query)
    return Answer(
        total=len(rows),
        hits=[_hit(columns, rows[at], scores[at], distances) for at in order],
        facets=_count(columns, inside, keeps),
        page=query.page,
        pages=max(1, math.ceil(len(rows) / query.per_page)),
        loosened=text is not None and text.loosened,
    )


def _flags(facet: str, said: Sequence[Sequence[str]]) -> Mask:
    codes = {code: at for at, code in enumerate(codes_of(facet))}
    flags = np.zeros((len(codes), len(said)), dtype=np.bool_)
    for row, of_listing in enumerate(said):
        for code in of_listing:
            if code in codes:
                flags[codes[code], row] = True
    return flags


def _first_that_finds(readings: Iterable[Found], inside: Mask) -> Found | None:
    nothing = None
    for found in readings:
        if np.any(found.scores[inside] > 0):
            return found
        nothing = replace(found, loosened=False)
    return nothing


def _keep(columns: Columns, facet: str, chosen: frozenset[str]) -> Mask:
    """Which listings fit what is ticked. A choice that does not exist fits none."""
    known = codes_of(facet)
    rows = [known.index(code) for code in chosen if code in known]
    flags = columns.flags[facet][rows]
    enough = len(chosen) if facet == ACCESS else 1
    return np.asarray(np.count_nonzero(flags, axis=0) >= enough)


def _all(inside: Mask, keeps: Iterable[Mask]) -> Mask:
    for keep in keeps:
        inside = inside & keep
    return inside


def _count(columns: Columns, inside: Mask, keeps: dict[str, Mask]) -> dict[str, dict[str, int]]:
    """What each choice would find, with all the other facets as they are.

    Access needs add up, so there the others that are ticked count too.
    """
    counts = {}
    for facet, flags in columns.flags.items():
        others = [keep for each, keep in keeps.items() if each != facet or facet == ACCESS]
        found = np.count_nonzero(flags & _all(inside, others), axis=1)
        counts[facet] = dict(zip(codes_of(facet), found.tolist(), strict=True))
    return counts


def _blend(
    relevance: Floats, rows: NDArray[np.intp], distances: Floats | None, query: Query
) -> Floats:
    scores = relevance[rows]
    if len(rows):
        scores = scores / scores.max()
    if distances is None:
        return scores
    nearness = np.exp2(-distances[rows] / (query.within * HALVED_WITHIN))
    blended: Floats = scores * ((1 - DISTANCE_WEIGHT) + DISTANCE_WEIGHT * nearness)
    return blended


def _order(
    columns: Columns,
    rows: NDArray[np.intp],
    scores: Floats,
    distances: Floats | None,
    query: Query,
) -> NDArray[np.intp]:
    """Where in `rows` the listings of this page are, the best first."""
    end = query.page * query.per_page
    first = -scores
    if distances is not None and not scores.any():
        first = np.round(distances[rows] / SAME_MILES)
    among = np.arange(len(rows))
    if end < len(rows):
        among = np.flatnonzero(first <= np.partition(first, end - 1)[end - 1])
    of = rows[among]
    ranked = np.lexsort((columns.by_name[of], -columns.checked[of], first[among]))
    return among[ranked[end - query.per_page : end]]


def _known_miles(miles: Any) -> float | None:
    return float(miles) if np.isfinite(miles) else None


def _hit(columns: Columns, row: Any, score: Any, distances: Floats | None) -> Hit:
    return Hit(
        id=columns.ids[row],
        score=float(score),
        distance_miles=None if distances is None else _known_miles(distances[row]),
    )
