"""The directory's maps, worked out on the server: what to draw where, as plain numbers.

A map is first of all a set of links; script may lay a livelier one over it (static/js/map.js).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, dist, radians, sqrt
from typing import Any

from core.languages import _
from directory.outlines import CREDIT, WARD, Box, outlines_in
from directory.places import Place, miles, place_around, places_within

WIDTH, HEIGHT = 480, 420
CELL = 46
"""Pins within a square of this size become one circle: a finger is about that wide."""

APART = 38
"""Circles closer than this become one, for they would lie over each other."""

NARROWEST = 0.008
"""Degrees of latitude from top to bottom, at least: half a mile."""

INSEPARABLE = 0.08
"""Miles within which not even the narrowest map parts two pins."""

WITHINS = (0.25, 0.5, 1, 2, 3, 5, 10, 15, 30)
"""Distances in miles that a circle may lead to."""

COARSE_PAPER = 3
"""The grid, in the drawing's own numbers, that the lines of a wide map keep to: it is lighter."""

BRITAIN = Box(-6.5, 49.9, 1.9, 58.7)


@dataclass(frozen=True, slots=True)
class Pin:
    """One activity on the map."""

    name: str
    when: str
    where: str
    href: str
    latitude: float
    longitude: float

    @property
    def words(self) -> str:
        """What is said of it to those who do not see the map."""
        return ", ".join(part for part in (self.name, self.when, self.where) if part)


@dataclass(frozen=True, slots=True)
class Mark:
    """A pin or a circle as it is drawn: where, how many, where it leads and what it says."""

    x: float
    y: float
    href: str
    words: str
    count: int = 1

    @property
    def radius(self) -> float:
        return round(min(22.0, 11 + 1.6 * sqrt(self.count)), 1)


@dataclass(frozen=True, slots=True)
class Name:
    """A name on the map: where on the paper, and where in the world."""

    x: float
    y: float
    text: str
    longitude: float
    latitude: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """All that is drawn, in the drawing's own numbers."""

    width: int
    height: int
    land: tuple[str, ...]
    names: tuple[Name, ...]
    marks: tuple[Mark, ...]
    here: tuple[float, float] | None
    box: Box
    credit: str = CREDIT


class _Paper:
    """Turns degrees into the drawing's numbers; north is up, and a mile is a mile both ways."""

    def __init__(self, box: Box, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.shrink = cos(radians((box.south + box.north) / 2))
        self.scale = min(
            width / ((box.east - box.west) * self.shrink), height / (box.north - box.south)
        )
        self.middle = (box.west + box.east) / 2, (box.south + box.north) / 2

    def at(self, longitude: float, latitude: float) -> tuple[float, float]:
        x = self.width / 2 + (longitude - self.middle[0]) * self.shrink * self.scale
        y = self.height / 2 - (latitude - self.middle[1]) * self.scale
        return round(x, 1), round(y, 1)

    @property
    def box(self) -> Box:
        """What the whole paper shows, which is more than what was asked for."""
        across = self.width / 2 / self.scale / self.shrink
        up = self.height / 2 / self.scale
        (x, y) = self.middle
        return Box(x - across, y - up, x + across, y + up)


def draw(
    pins: Sequence[Pin],
    *,
    here: Place | None = None,
    narrow: Callable[[float, float, float | None], str],
) -> Drawing:
    """The map of many: near pins become a circle, which leads to `narrow(lat, lng, miles)`.

    Where narrowing would not part them, for they are next door to each other, miles is None.
    """
    points = [(pin.longitude, pin.latitude) for pin in pins]
    if here is not None:
        points.append((here.longitude, here.latitude))
    paper = _Paper(_around(points), WIDTH, HEIGHT)
    marks = tuple(_marks(pins, paper, narrow))
    spot = paper.at(here.longitude, here.latitude) if here is not None else None
    taken = [(mark.x, mark.y) for mark in marks]
    return Drawing(
        WIDTH, HEIGHT, _land(paper), _names(paper, taken, most=9), marks, spot, paper.box
    )


def draw_one(latitude: float, longitude: float) -> Drawing:
    """The small map of one place, with the names around it."""
    width, height = 360, 300
    paper = _Paper(_around([(longitude, latitude)], least=0.05), width, height)
    x, y = paper.at(longitude, latitude)
    names = _names(paper, [(x, y - 14)], most=7)
    return Drawing(width, height, _land(paper), names, (Mark(x, y, "", ""),), None, paper.box)


def ground(box: Box) -> dict[str, Any]:
    """The outlines and names of a piece of the map, as GeoJSON, for script to draw."""
    grid = _grid(box)
    features = [
        {
            "type": "Feature",
            "properties": {"name": outline.name},
            "geometry": {
                "type": "MultiPolygon",
                "coordinates": [
                    [line] for ring in outline.rings if (line := _closed(ring.points, grid))
                ],
            },
        }
        for outline in outlines_in(box)
    ]
    names = [
        {
            "type": "Feature",
            "properties": {"name": name.text, "x": name.longitude, "y": name.latitude},
            "geometry": None,
        }
        for name in _names(_Paper(box, WIDTH * 2, HEIGHT * 2), [], most=24)
    ]
    return {"type": "FeatureCollection", "attribution": CREDIT, "features": features + names}


def points(pins: Sequence[Pin]) -> dict[str, Any]:
    """The pins as GeoJSON."""
    features = [
        {
            "type": "Feature",
            "properties": {
                "name": pin.name,
                "when": pin.when,
                "where": pin.where,
                "href": pin.href,
            },
            "geometry": {
                "type": "Point",
                "coordinates": [round(pin.longitude, 5), round(pin.latitude, 5)],
            },
        }
        for pin in pins
    ]
    return {"type": "FeatureCollection", "features": features}


def _around(points: Sequence[tuple[float, float]], least: float = NARROWEST) -> Box:
    """A box with room to spare around the points; the whole country if there are none."""
    if not points:
        return BRITAIN
    across, up = [point[0] for point in points], [point[1] for point in points]
    box = Box(min(across), min(up), max(across), max(up)).grown(0.09)
    middle = (box.west + box.east) / 2, (box.south + box.north) / 2
    tall, wide = max(box.north - box.south, least), max(box.east - box.west, least * 1.6)
    return Box(
        middle[0] - wide / 2, middle[1] - tall / 2, middle[0] + wide / 2, middle[1] + tall / 2
    )


def _marks(
    pins: Sequence[Pin], paper: _Paper, narrow: Callable[[float, float, float | None], str]
) -> Iterator[Mark]:
    for x, y, group in sorted(_groups(pins, paper), key=lambda group: (group[1], group[0])):
        if len(group) == 1:
            yield Mark(x, y, group[0].href, group[0].words)
        else:
            yield _circle(x, y, group, narrow)


def _groups(pins: Sequence[Pin], paper: _Paper) -> list[tuple[float, float, list[Pin]]]:
    """Pins that stand close together, by cells of a grid; and cells whose middles are close."""
    cells: dict[tuple[int, int], list[tuple[float, float, Pin]]] = {}
    for pin in pins:
        x, y = paper.at(pin.longitude, pin.latitude)
        cells.setdefault((int(x // CELL), int(y // CELL)), []).append((x, y, pin))
    groups: list[list[tuple[float, float, Pin]]] = []
    for cell in sorted(cells.values(), key=len, reverse=True):
        beside = next((each for each in groups if dist(_middle(each), _middle(cell)) < APART), None)
        if beside is None:
            groups.append(cell)
        else:
            beside.extend(cell)
    return [(*_middle(group), [pin for _x, _y, pin in group]) for group in groups]


def _middle(group: Sequence[tuple[float, float, Pin]]) -> tuple[float, float]:
    x = sum(each[0] for each in group) / len(group)
    y = sum(each[1] for each in group) / len(group)
    return round(x, 1), round(y, 1)


def _circle(
    x: float, y: float, pins: list[Pin], narrow: Callable[[float, float, float | None], str]
) -> Mark:
    latitude = sum(pin.latitude for pin in pins) / len(pins)
    longitude = sum(pin.longitude for pin in pins) / len(pins)
    reach = max(miles(latitude, longitude, pin.latitude, pin.longitude) for pin in pins)
    if reach <= INSEPARABLE:
        alike = len({pin.where for pin in pins}) == 1
        named = {"count": len(pins), "place": pins[0].where}
        words = (
            _("%(count)s activities at %(place)s", **named)
            if alike
            else _("%(count)s activities by %(place)s", **named)
        )
        return Mark(x, y, narrow(latitude, longitude, None), words, len(pins))
    within = next((each for each in WITHINS if each >= reach * 1.05), WITHINS[-1])
    near = place_around(latitude, longitude).name
    words = _("%(count)s activities near %(place)s: zoom in", count=len(pins), place=near)
    return Mark(x, y, narrow(latitude, longitude, within), words, len(pins))


def _land(paper: _Paper) -> tuple[str, ...]:
    outlines = list(outlines_in(paper.box))
    districts = [outline for outline in outlines if outline.level != WARD]
    wards = [outline for outline in outlines if outline.level == WARD]
    return tuple(
        "".join(_path(paper, ring.points) for ring in outline.rings)
        for outline in (*districts, *wards)
    )


def _path(paper: _Paper, line: Sequence[tuple[float, float]]) -> str:
    """One closed line, told in steps from point to point: small numbers, many of them alike."""
    grid = COARSE_PAPER if _is_wide(paper.box) else 1
    whole = (paper.at(*point) for point in line)
    points = list(dict.fromkeys((round(x / grid) * grid, round(y / grid) * grid) for x, y in whole))
    if len(points) < 3:
        return ""
    steps = (f"{x - u} {y - v}" for (u, v), (x, y) in pairwise(points))
    return f"M{points[0][0]} {points[0][1]}l{' '.join(steps)}z"


def _names(paper: _Paper, taken: Sequence[tuple[float, float]], most: int) -> tuple[Name, ...]:
    """The best-known places that can be named without writing over anything."""
    box = paper.box
    chosen: list[Name] = []
    spots = [(x, y, 24.0) for x, y in taken]
    for place in places_within(box.south, box.west, box.north, box.east, limit=60):
        x, y = paper.at(place.longitude, place.latitude)
        half = len(place.name) * 3.6
        fits = half < x < paper.width - half and 18 < y < paper.height - 10
        free = all(abs(y - v) > 22 or abs(x - u) > half + w for u, v, w in spots)
        if fits and free:
            chosen.append(Name(x, y, place.name, place.longitude, place.latitude))
            spots.append((x, y, half))
        if len(chosen) == most:
            break
    return tuple(chosen)


def _is_wide(box: Box) -> bool:
    return box.east - box.west > 1.5


def _grid(box: Box) -> float:
    """How exactly the ground is told, in degrees: ten metres close by, miles for a country."""
    wide = box.east - box.west
    return 0.05 if wide > 6 else 0.02 if wide > 1.5 else 0.001 if wide > 0.3 else 0.0001


def _closed(line: Sequence[tuple[float, float]], grid: float) -> list[tuple[float, float]]:
    # Neighbours have their points in common, and those go to the same point of the grid.
    near = ((round(round(x / grid) * grid, 4), round(round(y / grid) * grid, 4)) for x, y in line)
    steps = list(dict.fromkeys(near))
    return [*steps, steps[0]] if len(steps) > 2 else []
