"""Directory search: where listings are held, laid out for "how far" and "which are near".

A place is a point on a sphere of radius one, so that a distance is a few multiplications; the
straight line between two points, squared, is called `apart` here. Listings that are held nowhere
are infinitely far from everywhere.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import asin, cos, degrees, pi, radians, sin
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from directory.outlines import Box
from directory.places import RADIUS_MILES, Place
from directory.search.texts import Rows

Floats = NDArray[np.float64]

CELL = 0.05
_SOUTH, _WEST, _UP, _ACROSS = 49.0, -9.0, 250, 230
"""The grid that covers these islands; what lies outside counts to the cells at its edge."""

_FEW = 500
"""So many points are looked through faster than a grid."""


@dataclass(frozen=True, eq=False)
class Points:
    """The places of the listings that were written together, cell by cell of a grid."""

    owners: Rows
    degrees: Floats
    positions: Floats
    cells: NDArray[np.int32]

    @classmethod
    def of(cls, points: Sequence[Sequence[tuple[float, float]]]) -> Self:
        """The points, as (latitude, longitude), of each listing in turn."""
        owners = np.repeat(np.arange(len(points), dtype=np.int32), [len(each) for each in points])
        where = np.array([one for each in points for one in each], dtype=np.float64).reshape(-1, 2)
        cells = _cell(where[:, 0], _SOUTH, _UP) * _ACROSS + _cell(where[:, 1], _WEST, _ACROSS)
        order = np.argsort(cells, kind="stable")
        starts = np.searchsorted(cells[order], np.arange(_UP * _ACROSS + 1)).astype(np.int32)
        return cls(
            owners=owners[order],
            degrees=np.ascontiguousarray(where[order].T),
            positions=_on_sphere(where[order]),
            cells=starts if len(owners) > _FEW else starts[:0],
        )

    def within(self, here: Place, miles: float) -> tuple[Rows, Floats]:
        """The listings not further off than this, and how far apart they are squared."""
        runs = self._runs(_around(here, miles))
        owners = _run_together([self.owners[run] for run in runs])
        apart = _apart(
            [_run_together([each[run] for run in runs]) for each in self.positions], here
        )
        inside = np.flatnonzero(apart <= apart_of(miles))
        return owners.take(inside), apart.take(inside)

    def inside(self, box: Box) -> Rows:
        """The listings with a place in a box."""
        runs = self._runs(box)
        up, along = (_run_together([each[run] for run in runs]) for each in self.degrees)
        found = (box.south <= up) & (up <= box.north) & (box.west <= along) & (along <= box.east)
        owners = _run_together([self.owners[run] for run in runs])
        return owners.take(np.flatnonzero(found))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All of it, to be kept."""
        return {
            "point_owners": self.owners,
            "point_degrees": self.degrees,
            "point_positions": self.positions,
            "point_cells": self.cells,
        }

    @classmethod
    def from_arrays(cls, kept: Mapping[str, NDArray[Any]]) -> Self:
        """What was kept."""
        return cls(*(kept[f"point_{name}"] for name in ("owners", "degrees", "positions", "cells")))

    def _runs(self, box: Box) -> list[slice]:
        """Runs of points among which is every point of a box."""
        if not len(self.cells):
            return [slice(0, len(self.owners))]
        south, north = _cell(np.array([box.south, box.north]), _SOUTH, _UP).tolist()
        west, east = _cell(np.array([box.west, box.east]), _WEST, _ACROSS).tolist()
        rows = np.arange(south, north + 1) * _ACROSS
        starts = self.cells[rows + west].tolist()
        ends = self.cells[rows + east + 1].tolist()
        runs = [slice(*run) for run in zip(starts, ends, strict=True) if run[0] < run[1]]
        return runs or [slice(0, 0)]


@dataclass(frozen=True, eq=False)
class Homes:
    """The places of each listing, by listing: one of them beside it, the others apart.

    The others of row n begin at `starts[n]`; there are none before `starts[n + 1]` for most.
    """

    first: Floats
    starts: NDArray[np.int32]
    others: Floats

    @classmethod
    def of(cls, points: Sequence[Sequence[tuple[float, float]]]) -> Self:
        """The points, as (latitude, longitude), of each listing in turn."""
        where = np.array([each[0] if each else (0.0, 0.0) for each in points]).reshape(-1, 2)
        first = _on_sphere(where)
        first[:, [not each for each in points]] = np.inf
        others = [one for each in points for one in each[1:]]
        return cls(
            first=first,
            starts=np.cumsum([0, *(max(len(each) - 1, 0) for each in points)], dtype=np.int32),
            others=_on_sphere(np.array(others, dtype=np.float64).reshape(-1, 2)),
        )

    @classmethod
    def joined(cls, parts: Sequence["Homes"]) -> "Homes":
        """Those of several columns as one, one after the other."""
        before = np.cumsum([0, *(part.starts[-1] for part in parts)], dtype=np.int32)
        starts = [part.starts[:-1] + start for part, start in zip(parts, before, strict=False)]
        return Homes(
            first=np.concatenate([part.first for part in parts], axis=1),
            starts=np.concatenate([*starts, before[-1:]]),
            others=np.concatenate([part.others for part in parts], axis=1),
        )

    def nearest(self, rows: Rows, here: Place) -> Floats:
        """How far apart, squared, the nearest place of each of these listings is."""
        apart = _apart([each.take(rows) for each in self.first], here)
        begins, counts = self._others_of(rows)
        at = np.flatnonzero(counts)
        if len(at):
            begins, counts = begins.take(at), counts.take(at)
            offsets = np.cumsum(counts) - counts
            which = np.repeat(begins - offsets, counts) + np.arange(counts.sum())
            further = _apart([each.take(which) for each in self.others], here)
            apart[at] = np.minimum(apart.take(at), np.minimum.reduceat(further, offsets))
        return apart

    def nearest_of_each(self, rows: Rows, apart: Floats) -> tuple[Rows, Floats]:
        """Each listing once, with the nearest of its places that were found."""
        several = self._others_of(rows)[1] > 0
        at = np.flatnonzero(several)
        at = at.take(np.argsort(rows.take(at)))
        mine = rows.take(at)
        changes = np.flatnonzero(mine[1:] != mine[:-1]) + 1
        if len(changes) + 1 >= len(at):
            return rows, apart
        begins = np.concatenate(([0], changes))
        once = np.flatnonzero(~several)
        nearest = np.minimum.reduceat(apart.take(at), begins)
        return (
            np.concatenate((rows.take(once), mine.take(begins))),
            np.concatenate((apart.take(once), nearest)),
        )

    def nowhere(self) -> Rows:
        """The listings without a place."""
        return np.flatnonzero(np.isinf(self.first[0])).astype(np.int32)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All of it, to be kept."""
        return {
            "home_first": self.first,
            "home_starts": self.starts,
            "home_others": self.others,
        }

    @classmethod
    def from_arrays(cls, kept: Mapping[str, NDArray[Any]]) -> Self:
        """What was kept."""
        return cls(*(kept[f"home_{name}"] for name in ("first", "starts", "others")))

    def _others_of(self, rows: Rows) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Where the other places of these listings begin, and how many they are."""
        begins = self.starts.take(rows)
        return begins, self.starts[1:].take(rows) - begins


def apart_of(miles: float) -> float:
    """How far apart, squared, two places so many miles from each other are."""
    return float((2 * sin(min(miles / RADIUS_MILES, pi) / 2)) ** 2)


def miles_of(apart: Floats) -> Floats:
    """The miles between places that are so far apart, squared."""
    half = np.sqrt(apart)
    half *= 0.5
    miles: Floats = np.arcsin(np.minimum(half, 1.0))
    miles *= 2 * RADIUS_MILES
    miles[half == np.inf] = np.inf
    return miles


def _around(here: Place, miles: float) -> Box:
    """A box in which everything is that is within so many miles."""
    angle = min(miles / RADIUS_MILES, pi / 2)
    up = degrees(angle)
    narrow = cos(radians(here.latitude))
    across = degrees(asin(sin(angle) / narrow)) if sin(angle) < narrow else 360.0
    return Box(
        here.longitude - across, here.latitude - up, here.longitude + across, here.latitude + up
    )


def _apart(positions: Iterable[Floats], here: Place) -> Floats:
    up, along = radians(here.latitude), radians(here.longitude)
    ours = cos(up) * cos(along), cos(up) * sin(along), sin(up)
    squares = []
    for there, mine in zip(positions, ours, strict=True):
        across = there - mine
        across *= across
        squares.append(across)
    apart, *others = squares
    for square in others:
        apart += square
    return apart


def _on_sphere(where: Floats) -> Floats:
    latitudes, longitudes = np.radians(where).T
    across = np.cos(latitudes)
    return np.array([across * np.cos(longitudes), across * np.sin(longitudes), np.sin(latitudes)])


def _cell(angles: Floats, first: float, count: int) -> NDArray[np.int64]:
    return np.clip(np.floor((angles - first) / CELL), 0, count - 1).astype(np.int64)


def _run_together(runs: Sequence[NDArray[Any]]) -> NDArray[Any]:
    return runs[0] if len(runs) == 1 else np.concatenate(runs)
