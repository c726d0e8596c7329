"""Directory: any postcode or place name to a point on the map, offline and in microseconds."""

import heapq
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

import numpy as np
from geopy import units
from geopy.distance import EARTH_RADIUS, great_circle
from geopy.exc import GeocoderNotFound
from geopy.geocoders import SERVICE_TO_GEOCODER, get_geocoder_for_service
from geopy.geocoders.base import DEFAULT_SENTINEL, Geocoder
from geopy.location import Location
from numpy.typing import ArrayLike, NDArray

from directory.atlas import (
    IN_A_SECTOR,
    IN_AN_OUTCODE,
    SCALE,
    UNIT_LETTERS,
    Atlas,
    atlas,
    name_key,
)

LONGEST_TEXT = 100
MOST_SUGGESTIONS = 50

RADIUS_MILES: float = units.miles(kilometers=EARTH_RADIUS)
"""That of the sphere which the earth is taken for."""

_OUTWARD = r"([A-PR-UWYZ][A-HK-Y]?[0-9][0-9A-HJKMNPR-Y]?)"
_INWARD = rf"([0-9O])([{UNIT_LETTERS}]{{2}})"  # people type the letter O for nought
_POSTCODE = re.compile(_OUTWARD + _INWARD)
_POSTCODE_AT_END = re.compile(rf"(?<![A-Z0-9]){_OUTWARD}\s*{_INWARD}\W*$")
_OUTCODE_OR_SECTOR = re.compile(rf"{_OUTWARD}(?:\s+([0-9]))?")
_DEGREES = r"([-+−]?[0-9]{1,3}(?:\.[0-9]{1,20})?)"
_POINT = re.compile(rf"\(?\s*{_DEGREES}\s*[,;\s]\s*{_DEGREES}\s*\)?")
# The United Kingdom and its near islands, with a little sea around.
_SOUTH, _NORTH, _WEST, _EAST = 49.0, 61.0, -8.7, 1.9

# Words of "Bow, near Stratford, in the UK" that narrow nothing.
_SAYS_NOTHING = frozenset(("uk", "gb", "united", "kingdom", "britain", "near", "nr", "of", "the"))


class PlaceKind(StrEnum):
    """What a text turned out to be."""

    POSTCODE = "postcode"
    OUTCODE = "outcode"
    SECTOR = "sector"
    PLACE = "place"
    POINT = "point"


@dataclass(frozen=True, slots=True)
class Place:
    """A point on the map, what it is called, and the ONS district it lies in ("" if unknown)."""

    name: str
    kind: PlaceKind
    latitude: float
    longitude: float
    district_code: str = ""
    area: str = ""

    @property
    def label(self) -> str:
        """The name with enough around it to tell it from its namesakes; `find_place` reads it."""
        return f"{self.name}, {self.area}" if self.area else self.name


def load_places() -> None:
    """Open the packed file now: before gunicorn forks, so that all workers share the memory."""
    atlas()


def format_postcode(text: str) -> str | None:
    """The postcode as the Post Office writes it ("E3 3BQ"), or None if it cannot be one."""
    if len(text) > LONGEST_TEXT:
        return None
    bare = re.sub(r"[^A-Z0-9]", "", unicodedata.normalize("NFKC", text).upper())
    return _spaced(_POSTCODE.fullmatch(bare))


def _spaced(found: re.Match[str] | None) -> str | None:
    return f"{found[1]} {found[2].replace('O', '0')}{found[3]}" if found else None


def is_known_postcode(text: str) -> bool:
    """Whether we hold this very postcode: no for those of Northern Ireland and the islands."""
    postcode = format_postcode(text)
    return postcode is not None and atlas().postcode_row(postcode) is not None


def find_place(text: str) -> Place | None:
    """The one place this text means: a postcode, part of one, a name, or "latitude, longitude"."""
    return _find_place(text) if len(text) <= LONGEST_TEXT else None


@lru_cache(maxsize=2_000)
def _find_place(text: str) -> Place | None:
    typed = unicodedata.normalize("NFKC", text).strip()
    if len(typed) > LONGEST_TEXT:
        return None
    book = atlas()
    for reading in (_as_point, _as_postcode, _as_outcode_or_sector, _as_name):
        if place := reading(book, typed):
            return place
    return None


def _as_point(_: Atlas, typed: str) -> Place | None:
    found = _POINT.fullmatch(typed)
    if found is None:
        return None
    latitude, longitude = (float(number.replace("−", "-")) for number in found.groups())
    if not (_SOUTH <= latitude <= _NORTH and _WEST <= longitude <= _EAST):
        return None
    return Place(f"{latitude:.4f}, {longitude:.4f}", PlaceKind.POINT, latitude, longitude)


def _as_postcode(book: Atlas, typed: str) -> Place | None:
    # Alone, or as the last thing in an address.
    postcode = format_postcode(typed) or _spaced(_POSTCODE_AT_END.search(typed.upper()))
    if postcode is None:
        return None
    row = book.postcode_row(postcode)
    if row is None:
        return _far_outcode(book, postcode.split()[0])
    latitude, longitude = float(book.lats[row]) / SCALE, float(book.lons[row]) / SCALE
    return Place(postcode, PlaceKind.POSTCODE, latitude, longitude, *book.district_at(row))


def _as_outcode_or_sector(book: Atlas, typed: str) -> Place | None:
    found = _OUTCODE_OR_SECTOR.fullmatch(typed.upper().strip(".,;: "))
    if found is None:
        return None
    outcode, sector = found.groups()
    if outcode not in book.outcodes:
        return _far_outcode(book, outcode)
    first = book.outcodes[outcode] * IN_AN_OUTCODE
    if sector is None:
        return _middle(book, outcode, PlaceKind.OUTCODE, first, IN_AN_OUTCODE)
    first += int(sector) * IN_A_SECTOR
    return _middle(book, f"{outcode} {sector}", PlaceKind.SECTOR, first, IN_A_SECTOR)


def _far_outcode(book: Atlas, outcode: str) -> Place | None:
    # Of Northern Ireland and the islands only the middles of outcodes are open data.
    if outcode not in book.far_outcodes:
        return None
    latitude, longitude, area = book.far_outcodes[outcode]
    return Place(outcode, PlaceKind.OUTCODE, latitude, longitude, "", area)


def _middle(book: Atlas, name: str, kind: PlaceKind, first: int, size: int) -> Place | None:
    """The middle of a run of postcodes, and the district most of them lie in."""
    start, end = book.span(first, size)
    if start == end:
        return None
    latitude, longitude = (float(column[start:end].mean()) for column in (book.lats, book.lons))
    district = book.main_district(start, end)
    return Place(name, kind, latitude / SCALE, longitude / SCALE, *district)


def _as_name(book: Atlas, typed: str) -> Place | None:
    for key, around in _readings(typed):
        rows = book.rows_called(key)
        if not around:
            fitting = list(rows[:1])
        else:
            fitting = [row for row in rows if book.lies_in(row, _telling_words(around))]
        if fitting:
            return _place(book, min(fitting, key=lambda row: _misses_label(book, row, around)))
        if "," in typed and len(rows) == 1:
            return _place(book, rows[0])  # there is only the one, whatever was said of its county
    return None


def place_in_row(row: int) -> Place:
    """The place that stands in this row of the atlas."""
    return _place(atlas(), row)


def _place(book: Atlas, row: int) -> Place:
    latitude, longitude = (float(degrees) / SCALE for degrees in book.points[row])
    district, _ = book.districts[int(book.place_districts[row])]
    area = book.area_of(row)
    return Place(book.names[row], PlaceKind.PLACE, latitude, longitude, district, area)


def _readings(typed: str) -> Iterator[tuple[str, str]]:
    """Each way to read a text as a name and what is around it, the likeliest first."""
    whole = name_key(typed)
    yield whole, ""
    mark = "," if "," in typed else " "
    parts = (typed if "," in typed else whole).split(mark)
    for cut in range(len(parts) - 1, 0, -1):
        yield name_key(mark.join(parts[:cut])), name_key(mark.join(parts[cut:]))


def _telling_words(around: str) -> list[str]:
    return [word for word in around.split() if word not in _SAYS_NOTHING]


def _misses_label(book: Atlas, row: int, around: str) -> tuple[bool, int]:
    # Somebody who picked one of our own labels means that very one, not a larger namesake.
    return name_key(book.area_of(row)) != around, row


def places_named(text: str, limit: int = 8) -> list[Place]:
    """Places somebody may mean by this text, likeliest first: that very name, then longer ones."""
    if len(text) > LONGEST_TEXT:
        return []
    name, _, around = text.partition(",")
    key, words = name_key(name), _telling_words(name_key(around))
    if not key:
        return []
    book, limit = atlas(), min(limit, MOST_SUGGESTIONS)
    found: dict[str, Place] = {}
    points: set[tuple[float, float]] = set()
    for row in _rows_like(book, key):
        if len(found) >= limit:
            break
        place = _place(book, row)
        # Two names for one spot (Hull, Kingston upon Hull) are one suggestion, and so are two
        # spots of one label, for nobody could choose between them.
        point = place.latitude, place.longitude
        if book.lies_in(row, words) and point not in points:
            found.setdefault(name_key(place.label), place)
            points.add(point)
    return list(found.values())


def _rows_like(book: Atlas, key: str) -> Iterator[int]:
    exact = book.rows_called(key)
    yield from exact
    longer = range(exact.stop, book.rows_beginning(key).stop)
    yield from heapq.nsmallest(MOST_SUGGESTIONS * 4, longer, key=book.ranks.__getitem__)
    within = [row for row, other in enumerate(book.keys) if f" {key}" in other]
    yield from sorted(within, key=book.ranks.__getitem__)


def miles(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Miles between two points as the crow flies.

    On a sphere: for points in Britain at most 0.4% off the true ellipsoid (20 yards in three
    miles), far less than the roads differ, and ten times faster.
    """
    return float(great_circle((lat1, lon1), (lat2, lon2)).miles)


def miles_from(lat: float, lon: float, lats: ArrayLike, lons: ArrayLike) -> NDArray[np.float64]:
    """Miles from one point to each of many, by the same sphere as `miles`."""
    here, there = np.radians(lat), np.radians(np.asarray(lats, dtype=np.float64))
    turn = np.radians(np.asarray(lons, dtype=np.float64)) - np.radians(lon)
    across = np.cos(there) * np.sin(turn)
    up = np.cos(here) * np.sin(there) - np.sin(here) * np.cos(there) * np.cos(turn)
    along = np.sin(here) * np.sin(there) + np.cos(here) * np.cos(there) * np.cos(turn)
    angle = np.arctan2(np.hypot(across, up), along)
    return np.asarray(angle * RADIUS_MILES, dtype=np.float64)


def places_within(
    south: float, west: float, north: float, east: float, limit: int = 24
) -> list[Place]:
    """The best-known places in a piece of the map, the largest first."""
    book = atlas()
    lats, lons = book.points[:, 0] / SCALE, book.points[:, 1] / SCALE
    inside = (lats >= south) & (lats <= north) & (lons >= west) & (lons <= east)
    rows = np.flatnonzero(inside)
    return [_place(book, int(row)) for row in rows[np.argsort(book.ranks[rows])][:limit]]


@lru_cache(maxsize=1024)
def place_around(latitude: float, longitude: float) -> Place:
    """What people would call this spot: the best-known place within a mile, or the nearest."""
    book = atlas()
    # A mile is a 69th of a degree to the north: what lies in no such strip is not looked at.
    strip = np.flatnonzero(np.abs(book.points[:, 0] - latitude * SCALE) <= SCALE / 60)
    away = _miles_to_rows(book, latitude, longitude, strip)
    if not len(near := strip[away <= 1]):
        everywhere = np.arange(len(book.points))
        return _place(book, int(_miles_to_rows(book, latitude, longitude, everywhere).argmin()))
    return _place(book, int(near[book.ranks[near].argmin()]))


def _miles_to_rows(
    book: Atlas, latitude: float, longitude: float, rows: NDArray[np.int_]
) -> NDArray[np.float64]:
    points = book.points[rows]
    return miles_from(latitude, longitude, points[:, 0] / SCALE, points[:, 1] / SCALE)


def roughly(place: Place) -> str:
    """A place as coarsely as it helps: of a postcode its first half, of a point its town."""
    if place.kind in {PlaceKind.POSTCODE, PlaceKind.SECTOR}:
        return place.name.split()[0]
    if place.kind is PlaceKind.POINT:
        return place_around(place.latitude, place.longitude).label
    return place.label


class OfflineGeocoder(Geocoder):  # type: ignore[misc]
    """A geopy geocoder over our own file: no network, so an online one can take its place."""

    def geocode(
        self,
        query: str,
        *,
        exactly_one: bool = True,
        timeout: Any = DEFAULT_SENTINEL,
    ) -> Any:
        """A geopy Location, or None; with `exactly_one=False` a list of those it may be."""
        del timeout  # nothing is waited for
        best = find_place(query)
        if exactly_one:
            return _location(best) if best else None
        others = [place for place in places_named(query) if place != best]
        return [_location(place) for place in ([best] if best else []) + others] or None


def _location(place: Place) -> Location:
    return Location(place.label, (place.latitude, place.longitude), {"place": place})


def online_geocoder(name: str, **settings: Any) -> Any:
    """The geopy geocoder of that name ("nominatim", …), for a deployment that sets one."""
    if name.lower() == "offline":
        return OfflineGeocoder(**settings)
    try:
        service = get_geocoder_for_service(name)
    except GeocoderNotFound:
        known = ", ".join(sorted({"offline", *SERVICE_TO_GEOCODER}))
        raise ValueError(f"There is no geocoder called {name!r}. There are: {known}.") from None
    return service(**settings)
