"""Directory: the outlines of districts and wards to draw a map on, offline."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

# Built by tools/pack_outlines.py.
PACKED = Path(__file__).parent / "data" / "outlines.json"
SCALE = 10_000
DISTRICT, WARD = "district", "ward"
CREDIT = (
    "Source: Office for National Statistics licensed under the Open Government Licence v3.0. "
    "Contains OS data © Crown copyright and database right 2025"
)

CLOSE = 0.4
"""Degrees from west to east within which wards are worth drawing."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """A piece of the map, in degrees."""

    west: float
    south: float
    east: float
    north: float

    def touches(self, other: "Box") -> bool:
        """Whether the two pieces have anything in common."""
        return (
            self.west <= other.east
            and other.west <= self.east
            and self.south <= other.north
            and other.south <= self.north
        )

    def holds(self, longitude: float, latitude: float) -> bool:
        """Whether the point lies within."""
        return self.west <= longitude <= self.east and self.south <= latitude <= self.north

    def grown(self, share: float) -> "Box":
        """The box with so much of its own size added on every side."""
        across, up = (self.east - self.west) * share, (self.north - self.south) * share
        return Box(self.west - across, self.south - up, self.east + across, self.north + up)


@dataclass(frozen=True, slots=True)
class Ring:
    """One closed line of (longitude, latitude) points; the last joins the first."""

    points: tuple[Point, ...]
    box: Box


@dataclass(frozen=True, slots=True)
class Outline:
    """A district or a ward: its name and the lines around it."""

    level: str
    name: str
    rings: tuple[Ring, ...]


def outlines_in(box: Box) -> Iterator[Outline]:
    """What to draw in this piece of the map: districts, and over them wards if it is small."""
    levels = (DISTRICT, WARD) if box.east - box.west <= CLOSE else (DISTRICT,)
    for outline in _all():
        if outline.level in levels:
            near = tuple(ring for ring in outline.rings if ring.box.touches(box))
            if near:
                yield Outline(outline.level, outline.name, near)


@cache
def _all() -> tuple[Outline, ...]:
    packed = json.loads(PACKED.read_text(encoding="utf-8"))
    return tuple(
        Outline(each["level"], each["name"], tuple(map(_ring, each["rings"])))
        for each in packed["shapes"]
    )


def _ring(steps: list[int]) -> Ring:
    x = y = 0
    points: list[Point] = []
    for dx, dy in zip(steps[::2], steps[1::2], strict=True):
        x, y = x + dx, y + dy
        points.append((x / SCALE, y / SCALE))
    across, up = [point[0] for point in points], [point[1] for point in points]
    return Ring(tuple(points), Box(min(across), min(up), max(across), max(up)))
