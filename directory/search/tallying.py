"""Directory search: how many listings each further choice of a facet would find.

A facet in which any choice will do stands aside while its own choices are counted; where all that
is ticked must be met, what is ticked counts too.
"""

from collections.abc import Iterable

import numpy as np

from directory.search.asking import (
    DAYS,
    MAY_BE_UNKNOWN,
    NEEDED_TOGETHER,
    OFFERS,
    TIMES,
    Query,
)
from directory.search.columns import Mask
from directory.search.documents import TIMES_OF_DAY, WEEKDAYS
from directory.search.sieve import PLACES_BIT, TOGETHER, Keeps, Reach, Sieve, together
from directory.search.texts import Rows
from directory.search.ticks import FACETS, WHEN, Counts, doubted, slots_of, spans, tally

_COUNTED = spans()[FACETS[-1]].stop
"""So many bytes of a row are counted."""


def counts(sieve: Sieve, reach: Reach, keeps: Keeps, query: Query) -> dict[str, dict[str, int]]:
    """What each choice would find, with all the other facets as they are."""
    asked = [facet for facet in FACETS if query.counting is None or facet in query.counting]
    groups: dict[frozenset[str], list[str]] = {}
    for facet in asked:
        own = TOGETHER.get(facet, frozenset({facet}))
        aside = frozenset() if facet in NEEDED_TOGETHER else own.intersection(keeps)
        groups.setdefault(aside, []).append(facet)
    told: dict[str, list[int]] = {}
    for aside, facets in groups.items():
        told |= _of_group(sieve, reach, together(keeps, aside), facets, query)
    return {facet: dict(zip(spans()[facet].codes, told[facet], strict=True)) for facet in asked}


def _of_group(
    sieve: Sieve, reach: Reach, passing: Mask | None, facets: list[str], query: Query
) -> dict[str, list[int]]:
    """The counts of facets that are counted among the same listings."""
    by_slot = [facet for facet in facets if _ticked_with(facet, query)]
    at_once = [facet for facet in facets if facet not in by_slot]
    told = {}
    if at_once:
        counted = _tallied(sieve, reach, passing, at_once, unknown=query.unknown)
        for facet in at_once:
            span = spans()[facet]
            told[facet] = counted[span.first : span.first + len(span.codes)].tolist()
    if by_slot:
        rows = reach.rows if passing is None else reach.rows[passing]
        for facet in by_slot:
            told[facet] = _by_slot(sieve, rows, facet, query)
    return told


def _tallied(
    sieve: Sieve, reach: Reach, passing: Mask | None, facets: list[str], *, unknown: bool
) -> Counts:
    """How many of those passing have each bit of these facets; other bits are not counted."""
    if passing is not None:
        return _tally(sieve, reach.rows[passing], facets, unknown=unknown)
    if reach.is_all:
        return _lasting(sieve, "all", reach.rows, unknown=unknown)
    somewhere = reach.rows[: len(reach.rows) - reach.nowhere]
    counted = _tally(sieve, somewhere, facets, unknown=unknown)
    if reach.nowhere:
        nowhere = sieve.lasting.nowhere
        counted = counted + _lasting(sieve, "nowhere", nowhere, unknown=unknown)
    return counted


def _lasting(sieve: Sieve, name: str, rows: Rows, *, unknown: bool) -> Counts:
    known = sieve.lasting.tallies
    if (name, unknown) not in known:
        known[name, unknown] = _tally(sieve, rows, FACETS, unknown=unknown)
    return known[name, unknown]


def _tally(sieve: Sieve, rows: Rows, facets: Iterable[str], *, unknown: bool) -> Counts:
    """How many of these rows have each bit of these facets."""
    table = sieve.columns.ticks.take(rows, axis=0)
    wanted = [spans()[facet].bytes for facet in facets]
    if unknown:
        for facet in MAY_BE_UNKNOWN.intersection(facets):
            table[:, spans()[facet].bytes] |= table[:, spans()[doubted(facet)].bytes]
    full = sieve.columns.full_on(sieve.today) if OFFERS in facets else None
    if full is not None:
        table[np.flatnonzero(full.take(rows)), spans()[OFFERS].start] &= ~PLACES_BIT
    found = np.zeros(_COUNTED * 8, dtype=np.int64)
    places = [byte for span in wanted for byte in range(span.start, span.stop)]
    if 2 * len(places) > _COUNTED:
        found[:] = tally(table[:, :_COUNTED])
    else:
        found.reshape(-1, 8)[places] = tally(table.take(places, axis=1)).reshape(-1, 8)
    return found


def _ticked_with(facet: str, query: Query) -> bool:
    """Whether a day is to be counted with times that are ticked, or a time with days."""
    return bool(query.times) if facet == DAYS else bool(facet == TIMES and query.days)


def _by_slot(sieve: Sieve, rows: Rows, facet: str, query: Query) -> list[int]:
    """How many there are on each day at the times ticked, or at each time on the days ticked."""
    if facet == DAYS:
        wanted = [slots_of([day], query.times) for day in WEEKDAYS]
    else:
        wanted = [slots_of(query.days, [part]) for part in TIMES_OF_DAY]
    return [int(np.count_nonzero(sieve.fitting(rows, WHEN, slots))) for slots in wanted]
