"""Packs the outlines of districts and wards into directory/data/outlines.json, drawn under maps.

    python -m tools.pack_outlines districts.geojson wards.geojson

districts: ltla24_code, ltla24_name (ONS local authority districts, whole United Kingdom).
wards: ward22_code, ward22_name (ONS wards, of the places that are looked at closely).
Needs shapely, which Kith itself does not: `pip install shapely` where this is run.
"""

import argparse
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import shape

from directory.outlines import CREDIT, DISTRICT, PACKED, SCALE, WARD

# How far a line may move, in degrees, and how small an island may be, in square degrees.
ROUGHLY = {DISTRICT: (0.015, 0.0003), WARD: (0.0004, 0.0)}


def features_of(path: Path, name: str) -> tuple[list[str], list[Any]]:
    """The names and the shapes of one file."""
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    names = [_plain(feature["properties"][name]) for feature in features]
    return names, [shape(feature["geometry"]) for feature in features]


def _plain(name: str) -> str:
    """Herefordshire, County of → Herefordshire."""
    return name.split(", ")[0]


def pack(level: str, names: list[str], shapes: list[Any]) -> list[dict[str, Any]]:
    """Each shape simplified together with its neighbours, so that no gaps open between them."""
    tolerance, smallest = ROUGHLY[level]
    packed = []
    for name, whole in zip(names, shapely.coverage_simplify(shapes, tolerance), strict=True):
        parts = sorted(getattr(whole, "geoms", [whole]), key=lambda part: -part.area)
        kept = [part for part in parts if part.area > smallest] or parts[:1]
        packed.append({"level": level, "name": name, "rings": [_steps(part) for part in kept]})
    return packed


def _steps(polygon: Any) -> list[int]:
    """The outer ring as whole steps from point to point: x, y, dx, dy, dx, dy …"""
    points = [(round(x * SCALE), round(y * SCALE)) for x, y in polygon.exterior.coords[:-1]]
    steps = [*points[0]]
    for (x0, y0), (x1, y1) in pairwise(points):
        if (x0, y0) != (x1, y1):
            steps += [x1 - x0, y1 - y0]
    return steps


def main() -> None:
    """Read both files, write the packed one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("districts", type=Path)
    parser.add_argument("wards", type=Path)
    given = parser.parse_args()
    shapes = [
        *pack(DISTRICT, *features_of(given.districts, "ltla24_name")),
        *pack(WARD, *features_of(given.wards, "ward22_name")),
    ]
    whole = {"credit": CREDIT, "shapes": shapes}
    PACKED.write_text(
        json.dumps(whole, separators=(",", ":"), ensure_ascii=False) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
