"""Directory search: listings as columns, one array a fact, for choosing and counting among them."""

import uuid
from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from directory import taxonomy
from directory.places import Place, miles_from
from directory.rules import Access, Attending
from directory.search.asking import (
    ACCESS,
    AGES,
    ATTENDING,
    AUDIENCES,
    COST,
    DAYS,
    KINDS,
    LANGUAGES,
    NEEDS,
    OFFERS,
    TIMES,
)
from directory.search.documents import (
    AGE_GROUPS,
    COSTS,
    FREE,
    OFFERED,
    PAID,
    PLACES_NOW,
    SLOTS,
    TIMES_OF_DAY,
    UNKNOWN_COST,
    WEEKDAYS,
    Facts,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Mask = NDArray[np.bool_]

_SLOTS = "slots"


@dataclass(frozen=True)
class Columns:
    """Listings side by side; row n of each column speaks of listing n.

    `flags` are what is known to be so, by facet and choice; `doubts` what nobody has said.
    `point_owners` and `full_owners` say whose each point and each spell of being full is.
    """

    ids: list[uuid.UUID]
    names: list[str]
    checked: Ints
    stale: Mask
    point_owners: Ints
    points: Floats
    full_owners: Ints
    full: Ints
    flags: dict[str, Mask]
    doubts: dict[str, Mask]

    @classmethod
    def of(cls, facts: Sequence[Facts]) -> "Columns":
        """Columns of these listings, in this order."""
        points = [(row, *point) for row, each in enumerate(facts) for point in each.points]
        table = np.array(points, dtype=np.float64).reshape(-1, 3)
        full = [(row, *days) for row, each in enumerate(facts) for days in each.full]
        spells = np.array(full, dtype=np.int32).reshape(-1, 3)
        return cls(
            ids=[each.id for each in facts],
            names=[each.name for each in facts],
            checked=np.array([each.checked for each in facts], dtype=np.int32),
            stale=np.array([each.stale for each in facts], dtype=np.bool_),
            point_owners=table[:, 0].astype(np.int32),
            points=np.ascontiguousarray(table[:, 1:].T),
            full_owners=spells[:, 0],
            full=np.ascontiguousarray(spells[:, 1:].T),
            flags={
                KINDS: _flags(KINDS, [each.kinds for each in facts]),
                NEEDS: _flags(NEEDS, [each.needs for each in facts]),
                _SLOTS: _flags(_SLOTS, [each.slots for each in facts]),
                COST: _flags(COST, [(each.cost,) for each in facts]),
                AGES: _flags(AGES, [each.ages for each in facts]),
                AUDIENCES: _flags(AUDIENCES, [each.audiences for each in facts]),
                LANGUAGES: _flags(LANGUAGES, [each.languages for each in facts]),
                ACCESS: _flags(ACCESS, [each.access for each in facts]),
                ATTENDING: _flags(ATTENDING, [(each.attending,) for each in facts]),
                OFFERS: _flags(OFFERS, [each.offers for each in facts]),
            },
            doubts={
                COST: _flags(COST, [_costs_possible(each.cost) for each in facts]),
                ACCESS: _flags(ACCESS, [each.access_unknown for each in facts]),
                OFFERS: _flags(OFFERS, [each.offers_unknown for each in facts]),
            },
        )

    @classmethod
    def joined(cls, parts: Sequence["Columns"]) -> "Columns":
        """Several columns as one, one after the other."""
        if len(parts) == 1:
            return parts[0]
        starts = np.cumsum([0, *(len(part.ids) for part in parts)]).tolist()
        empty = cls.of([])  # of no parts, the join still has every column
        all_ = [empty, *parts]
        places = [0, *starts[:-1]]
        return cls(
            ids=[each for part in parts for each in part.ids],
            names=[each for part in parts for each in part.names],
            checked=np.concatenate([part.checked for part in all_]),
            stale=np.concatenate([part.stale for part in all_]),
            point_owners=_shifted([part.point_owners for part in all_], places),
            points=np.concatenate([part.points for part in all_], axis=1),
            full_owners=_shifted([part.full_owners for part in all_], places),
            full=np.concatenate([part.full for part in all_], axis=1),
            flags=_side_by_side([part.flags for part in all_]),
            doubts=_side_by_side([part.doubts for part in all_]),
        )

    @cached_property
    def by_name(self) -> Ints:
        """Where each listing stands in the alphabet."""
        ranks = np.empty(len(self.ids), dtype=np.int32)
        order = sorted(range(len(self.ids)), key=lambda row: (self.names[row], self.ids[row].bytes))
        ranks[order] = np.arange(len(order), dtype=np.int32)
        return ranks

    def distances(self, near: Place) -> Floats:
        """Miles to the nearest place of each listing; infinitely many where it has none."""
        found = np.full(len(self.ids), np.inf)
        here = near.latitude, near.longitude
        np.minimum.at(found, self.point_owners, miles_from(*here, *self.points))
        return found

    def known(self, facet: str, days: Set[str], times: Set[str], today: int) -> Mask:
        """What is so of each choice of a facet.

        A day counts with the times of day that are ticked, and a time with the days: whoever is
        free on Tuesday evenings is not helped by a Tuesday morning and a Thursday evening.
        """
        if facet in {DAYS, TIMES}:
            slots = self.flags[_SLOTS].reshape(len(WEEKDAYS) + 1, len(TIMES_OF_DAY) + 1, -1)
            if facet == DAYS:
                return np.asarray(slots[:-1, _at(TIMES_OF_DAY, times)].any(axis=1))
            return np.asarray(slots[_at(WEEKDAYS, days), :-1].any(axis=0))
        return self._but_full(facet, self.flags[facet], today)

    def possible(self, facet: str, today: int) -> Mask:
        """What may be so of each choice of a facet, since nobody has said."""
        return self._but_full(facet, self.doubts[facet], today)

    def _but_full(self, facet: str, flags: Mask, today: int) -> Mask:
        if facet != OFFERS or not len(self.full_owners):
            return flags
        now = (self.full[0] <= today) & (today <= self.full[1])
        flags = flags.copy()
        flags[OFFERED.index(PLACES_NOW), self.full_owners[now]] = False
        return flags


def codes_of(facet: str) -> tuple[str, ...]:
    """Every choice there is in a facet, in the order people see it."""
    if facet == KINDS:
        return tuple(term.code for term in taxonomy.kinds())
    if facet == NEEDS:
        return tuple(term.code for term in taxonomy.needs())
    if facet == AUDIENCES:
        return tuple(term.code for term in taxonomy.audiences())
    if facet == LANGUAGES:
        return tuple(taxonomy.languages())
    return _FIXED_CODES[facet]


_FIXED_CODES: dict[str, tuple[str, ...]] = {
    DAYS: WEEKDAYS,
    TIMES: TIMES_OF_DAY,
    _SLOTS: SLOTS,
    COST: COSTS,
    AGES: tuple(AGE_GROUPS),
    ACCESS: tuple(each.value for each in Access),
    ATTENDING: tuple(each.value for each in Attending),
    OFFERS: OFFERED,
}


def _costs_possible(cost: str) -> tuple[str, ...]:
    return (FREE, PAID) if cost == UNKNOWN_COST else ()


def _at(codes: Sequence[str], chosen: Set[str]) -> list[int]:
    """Where the chosen codes are; with none chosen, all of them and the one not known."""
    if not chosen:
        return list(range(len(codes) + 1))
    return [codes.index(code) for code in chosen if code in codes]


def _flags(facet: str, said: Sequence[Sequence[str]]) -> Mask:
    codes = {code: at for at, code in enumerate(codes_of(facet))}
    flags = np.zeros((len(codes), len(said)), dtype=np.bool_)
    for row, of_listing in enumerate(said):
        for code in of_listing:
            if code in codes:
                flags[codes[code], row] = True
    return flags


def _shifted(owners: Sequence[Ints], by: Sequence[int]) -> Ints:
    moved = [each + start for each, start in zip(owners, by, strict=True)]
    return np.concatenate(moved).astype(np.int32)


def _side_by_side(parts: Sequence[dict[str, Mask]]) -> dict[str, Mask]:
    return {facet: np.concatenate([part[facet] for part in parts], axis=1) for facet in parts[0]}
