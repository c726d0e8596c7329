"""Directory: the county a postcode lies in, for addresses that must name one."""

import csv
from functools import cache, lru_cache
from pathlib import Path

from directory.places import Place, find_place, place_around

COUNTIES = Path(__file__).parent / "data" / "places.counties.csv"


def county_of(postcode: str) -> str:
    """The county, or the district where no county is above it; "" for a postcode nobody knows."""
    place = _around(postcode)
    return (_counties().get(place.district_code) or place.area) if place else ""


@lru_cache(maxsize=4096)
def county_at(latitude: float, longitude: float) -> str:
    """The county around a point on the map."""
    near = place_around(latitude, longitude)
    return _counties().get(near.district_code) or near.area


def district_of(postcode: str) -> str:
    """The district, as a stand-in for a town nobody has named."""
    place = _around(postcode)
    return place.area if place else ""


def _around(postcode: str) -> Place | None:
    """Where it is; one too new for our file lies somewhere in its outcode."""
    if not postcode:
        return None
    return find_place(postcode) or find_place(postcode.split()[0])


@cache
def _counties() -> dict[str, str]:
    found: dict[str, str] = {}
    lines = COUNTIES.read_text(encoding="utf-8").splitlines()
    for row in csv.DictReader(line for line in lines if not line.startswith("#")):
        for code in row["districts"].split():
            found.setdefault(code, row["county"])
    return found
