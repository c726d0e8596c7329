"""Directory search: who is in reach of a question and passes what is ticked, as rows of columns.

Everything is worked out on candidates: the rows a text finds, or those near a place, or else all.
What was worked out for one question serves the next.
"""

import weakref
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core import clock
from directory.outlines import Box
from directory.places import Place
from directory.search import ranking
from directory.search.asking import (
    DAYS,
    MAY_BE_UNKNOWN,
    NEEDED_TOGETHER,
    OFFERS,
    TIMES,
    Query,
)
from directory.search.columns import Columns, Mask
from directory.search.documents import PLACES_NOW
from directory.search.points import Floats, apart_of
from directory.search.reading import Listings, readings
from directory.search.texts import Found, Rows
from directory.search.ticks import WHEN, Bytes, Counts, doubted, slots_of, spans, width

Keeps = dict[str, Mask]

TOGETHER = {DAYS: frozenset({DAYS, TIMES, WHEN}), TIMES: frozenset({DAYS, TIMES, WHEN})}
"""Facets whose choices are made with one another; all stand aside when one of them is counted."""


@dataclass(frozen=True, eq=False)
class Reach:
    """Those in reach of a text and a place, before anything is ticked: each once, all alive.

    `at` says where they are in what the text finds, if there is one; `apart` how far they are. The
    last `nowhere` of the rows are all that are held nowhere.
    """

    rows: Rows
    found: Found | None = None
    at: NDArray[np.intp] | None = None
    apart: Floats | None = None
    nowhere: int = 0
    kept: dict[Hashable, Mask] = field(default_factory=dict)

    @property
    def is_all(self) -> bool:
        """Whether this is whatever there is."""
        return self.found is None and self.apart is None


class Lasting:
    """What stays true of one state of the index for a day, whatever is asked; worked out once."""

    def __init__(self, columns: Columns, alive: Mask, today: int) -> None:
        self.today = today
        self.tallies: dict[Hashable, Counts] = {}
        self._columns = columns
        self._alive = alive

    @cached_property
    def everywhere(self) -> Rows:
        """All that are alive."""
        return np.flatnonzero(self._alive).astype(np.int32)

    @cached_property
    def nowhere(self) -> Rows:
        """All that are held nowhere, or nobody said where."""
        rows = self._columns.homes.nowhere()
        return rows[self._alive[rows]]

    @cached_property
    def evidence(self) -> Floats:
        """The part of the score that comes from the listing alone."""
        rows = np.arange(len(self._columns), dtype=np.int32)
        return ranking.evidence(self._columns, rows, self.today)


_lasting: weakref.WeakKeyDictionary[Listings, Lasting] = weakref.WeakKeyDictionary()


class Sieve:
    """Which listings pass which limits, today."""

    def __init__(self, listings: Listings) -> None:
        self.columns = listings.columns
        self.today = clock.today().toordinal()
        self.lasting = self._lasting(listings)
        self._listings = listings
        self._reaches: dict[Hashable, Reach] = {}
        self._read: dict[Hashable, tuple[list[Found], Iterator[Found]]] = {}
        self._apart: dict[Hashable, Floats] = {}

    def reach(self, query: Query) -> Reach:
        """Who is in reach: the first reading of the text that finds anything there."""
        key = query.text, query.exact, query.near, query.within
        if key not in self._reaches:
            self._reaches[key] = self._reach(query)
        return self._reaches[key]

    def reach_of_box(self, query: Query, box: Box) -> Reach:
        """Who of those that the text finds, or else of all, has a place in a box."""
        inside = self.columns.inside(box)
        nothing = None
        for found in self._readings(query):
            held_there = np.zeros(len(self.columns), dtype=np.bool_)
            held_there[inside] = True
            at = np.flatnonzero(held_there.take(found.rows))
            if len(at):
                return Reach(found.rows[at], found, at)
            nothing = found
        if nothing is not None:
            return _none(nothing)
        return Reach(inside[self._listings.alive.take(inside)])

    def keeps(self, reach: Reach, query: Query) -> Keeps:
        """Who of them fits what is ticked in each facet in which something is."""
        chosen = {facet: codes for facet, codes in query.chosen().items() if codes}
        if DAYS in chosen and TIMES in chosen:
            chosen[WHEN] = slots_of(chosen.pop(DAYS), chosen.pop(TIMES))
        return {facet: self._keep(reach, facet, codes, query) for facet, codes in chosen.items()}

    def fits(self, reach: Reach, query: Query) -> Mask:
        """Who of them fits all that is ticked."""
        found = together(self.keeps(reach, query))
        return np.ones(len(reach.rows), dtype=np.bool_) if found is None else found

    def count(self, query: Query) -> int:
        """How many are in reach and fit."""
        reach = self.reach(query)
        found = together(self.keeps(reach, query))
        return len(reach.rows) if found is None else int(np.count_nonzero(found))

    def _reach(self, query: Query) -> Reach:
        nothing = None
        for found in self._readings(query):
            reach = self._reach_of_text(found, query)
            if len(reach.rows):
                return reach
            nothing = found
        if nothing is not None:
            return _none(nothing)
        if query.near is None:
            return Reach(self.lasting.everywhere)
        return self._around(query.near, query.within)

    def _reach_of_text(self, found: Found, query: Query) -> Reach:
        if query.near is None:
            return Reach(found.rows, found)
        key = id(found), query.near
        if key not in self._apart:
            self._apart[key] = self.columns.homes.nearest(found.rows, query.near)
        apart = self._apart[key]
        at = np.flatnonzero((apart <= apart_of(query.within)) | np.isinf(apart))
        return Reach(found.rows.take(at), found, at, apart.take(at))

    def _around(self, here: Place, miles: float) -> Reach:
        rows, apart = self.columns.near(here, miles)
        alive = np.flatnonzero(self._listings.alive.take(rows))
        nowhere = self.lasting.nowhere
        return Reach(
            np.concatenate((rows.take(alive), nowhere)),
            apart=np.concatenate((apart.take(alive), np.full(len(nowhere), np.inf))),
            nowhere=len(nowhere),
        )

    def _lasting(self, listings: Listings) -> Lasting:
        known = _lasting.get(listings)
        if known is None or known.today != self.today:
            known = _lasting[listings] = Lasting(listings.columns, listings.alive, self.today)
        return known

    def _readings(self, query: Query) -> Iterator[Found]:
        """The ways to take a text, each worked out when it is first wanted."""
        key = query.text, query.exact
        if key not in self._read:
            self._read[key] = [], readings(self._listings, query)
        known, others = self._read[key]
        yield from known
        for found in others:
            known.append(found)
            yield found

    def fitting(
        self, rows: Rows, facet: str, codes: frozenset[str], *, unknown: bool = False
    ) -> Mask:
        """Who of these fits what is ticked. A choice that does not exist fits none."""
        span = spans()[facet]
        every = facet in NEEDED_TOGETHER
        if every and not codes <= set(span.codes):
            return np.zeros(len(rows), dtype=np.bool_)
        fits = np.full(len(rows), every)
        for byte, mask in span.masks(codes):
            bits = self._byte(rows, byte)
            if unknown:
                bits = bits | self._byte(rows, byte - span.start + spans()[doubted(facet)].start)
            bits &= np.uint8(mask)
            if facet == OFFERS and mask & PLACES_BIT:
                self._without_places(rows, bits)
            if every:
                fits &= bits == mask
            else:
                fits |= bits != 0
        return fits

    def _keep(self, reach: Reach, facet: str, codes: frozenset[str], query: Query) -> Mask:
        unknown = query.unknown and facet in MAY_BE_UNKNOWN
        key = facet, codes, unknown
        if key not in reach.kept:
            reach.kept[key] = self.fitting(reach.rows, facet, codes, unknown=unknown)
        return reach.kept[key]

    def _byte(self, rows: Rows, nth: int) -> Bytes:
        table = self.columns.ticks
        if len(rows) * 2 > len(table):
            return table[:, nth].take(rows)
        return table.reshape(-1).take(rows.astype(np.intp) * width() + nth)

    def _without_places(self, rows: Rows, offers: Bytes) -> None:
        """Take away what is said of places where there are none today."""
        full = self.columns.full_on(self.today)
        if full is not None:
            offers[full.take(rows)] &= ~PLACES_BIT


PLACES_BIT = np.uint8(1 << spans()[OFFERS].codes.index(PLACES_NOW))
"""In the first byte of what is offered: that there are places now."""


def together(keeps: Keeps, aside: frozenset[str] = frozenset()) -> Mask | None:
    """Who passes all of these but those that stand aside; None if that is everybody."""
    found = None
    for facet, keep in keeps.items():
        if facet not in aside:
            found = keep if found is None else found & keep
    return found


def _none(found: Found) -> Reach:
    nothing = np.zeros(0, dtype=np.intp)
    return Reach(found.rows[:0], replace(found, loosened=False), nothing, np.zeros(0))
