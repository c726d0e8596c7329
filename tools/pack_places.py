"""Packs open postcode and place tables into directory/data/places.npz, the file Kith looks up.

    python -m tools.pack_places postcodes.csv.xz outcodes.csv sectors.csv gazetteer.csv

postcodes: postcode, lat_e4, lon_e4, ladcd (ONS district), in any order, plain or .xz.
outcodes: outcode, lat, lon, ladcd, ladnm, source; those without a ladcd are kept as they are.
sectors: ladcd and ladnm, for the districts' names.
gazetteer: name, type, context, lat, lon (OS Open Names; "Postcode District" rows are left out).
"""

import argparse
import csv
import lzma
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from directory.atlas import IN_AN_OUTCODE, PACKED, SCALE, code_within_outcode, name_key

MORE = PACKED.with_name("places.more.csv")
COUNTIES = PACKED.with_name("places.counties.csv")

# A city before a town, a town before a borough's own middle, that before a village or suburb.
IMPORTANCE = {"City": 0, "Town": 1, "District": 2, "Hamlet": 4}
OTHERWISE = 3

NATIONS = {"E": "England", "S": "Scotland", "W": "Wales", "": "Northern Ireland"}
SHOWN = {"IOM": "Isle of Man", "County Armagh": "Armagh", "County Fermanagh": "Fermanagh"}

Row = dict[str, str]
Columns = dict[str, NDArray[np.generic]]


@dataclass(frozen=True)
class Spot:
    """One place name to be packed."""

    name: str
    sort: str
    latitude: float
    longitude: float
    context: str = ""
    district: str = ""
    also_called: str = ""
    neighbours: int = 0  # postcodes within a mile or so: a stand-in for how many people live there

    @property
    def importance(self) -> tuple[int, int, str, float]:
        """What to sort by so that the place most people mean comes first."""
        band = IMPORTANCE.get(self.sort, OTHERWISE)
        return band, -self.neighbours, self.name, self.latitude


def rows_of(path: Path) -> list[Row]:
    """The rows of a CSV file, less lines that begin with #."""
    opener = lzma.open if path.suffix == ".xz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


class Postcodes:
    """Every postcode, sorted by its number."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.outcodes = sorted({row["postcode"][:-3] for row in rows})
        number = {outcode: index for index, outcode in enumerate(self.outcodes)}
        self.codes = np.array([
            number[row["postcode"][:-3]] * IN_AN_OUTCODE + code_within_outcode(row["postcode"][-3:])
            for row in rows
        ])  # fmt: skip
        order = np.argsort(self.codes)
        self.codes = self.codes[order]
        self.lats = np.array([int(row["lat_e4"]) for row in rows])[order]
        self.lons = np.array([int(row["lon_e4"]) for row in rows])[order]
        self.districts = np.array([row["ladcd"] for row in rows])[order]
        self.points = {rows[row]["postcode"]: place for place, row in enumerate(order)}
        by_latitude = np.argsort(self.lats)
        self.by_latitude = by_latitude[self.districts[by_latitude] != ""]
        self.sorted_lats = self.lats[self.by_latitude]
        for row in np.flatnonzero(self.districts == ""):  # a few large users' own postcodes
            self.districts[row] = self.nearest_district(
                self.lats[row] / SCALE, self.lons[row] / SCALE
            )

    def near(self, latitude: float, longitude: float, km: float) -> tuple[int, str]:
        """How many postcodes stand within so many kilometres, and the nearest one's district."""
        reach = km / 111.2 * SCALE
        low, high = np.searchsorted(
            self.sorted_lats, (latitude * SCALE - reach, latitude * SCALE + reach)
        )
        rows = self.by_latitude[low:high]
        up = self.lats[rows] - latitude * SCALE
        across = (self.lons[rows] - longitude * SCALE) * np.cos(np.radians(latitude))
        apart = np.hypot(up, across)
        count = int((apart <= reach).sum())
        return count, str(self.districts[rows[apart.argmin()]]) if count else ""

    def nearest_district(self, latitude: float, longitude: float) -> str:
        """The district of the nearest postcode, however far."""
        for km in (1, 4, 16, 64):
            count, district = self.near(latitude, longitude, km)
            if count:
                return district
        return ""

    def columns(self, district_numbers: dict[str, int]) -> Columns:
        """These postcodes as the small numbers that compress well."""
        firsts = np.searchsorted(self.codes, np.arange(len(self.outcodes)) * IN_AN_OUTCODE)
        numbers = np.array([district_numbers[code] for code in self.districts])
        runs = np.flatnonzero(np.diff(numbers, prepend=-1))
        return {
            "code_steps": fitted(np.diff(self.codes, prepend=0), np.uint16),
            "lat_steps": steps(self.lats, firsts),
            "lat_firsts": self.lats[firsts].astype(np.int32),
            "lon_steps": steps(self.lons, firsts),
            "lon_firsts": self.lons[firsts].astype(np.int32),
            "run_starts": runs.astype(np.uint32),
            "run_districts": fitted(numbers[runs], np.uint16),
            "outcodes": text(self.outcodes),
        }


def fitted(numbers: NDArray[np.int64], kind: type[np.uint16]) -> NDArray[np.uint16]:
    """The same numbers in a smaller type, or an error if one does not fit."""
    small = numbers.astype(kind)
    if not np.array_equal(small, numbers):
        raise OverflowError("A number is too large for the packed file.")
    return small


def steps(column: NDArray[np.int64], firsts: NDArray[np.intp]) -> NDArray[np.uint8]:
    """Steps from neighbour to neighbour, zigzag, low bytes then high; none into a new outcode."""
    walk = np.diff(column, prepend=0)
    walk[firsts] = 0
    folded = fitted((walk << 1) ^ (walk >> 63), np.uint16)
    return np.stack((folded & 0xFF, folded >> 8)).astype(np.uint8)


def text(lines: Iterable[str]) -> NDArray[np.uint8]:
    """Lines of text as bytes."""
    return np.frombuffer("\n".join(lines).encode(), dtype=np.uint8)


class Districts:
    """ONS districts and how people name what lies around them."""

    def __init__(self, named: Iterable[Row], counties: Iterable[Row]) -> None:
        self.names = {row["ladcd"]: plain(row["ladnm"]) for row in named if row["ladcd"]}
        self.by_name = {bare(name): code for code, name in self.names.items()}
        self.by_name["na h eileanan an iar"] = self.by_name["na h eileanan siar"]
        self.counties: dict[str, list[Row]] = {}
        for row in counties:
            for code in row["districts"].split():
                self.counties.setdefault(code, []).append(row)

    def area(self, spot: Spot) -> str:
        """What to show after the name: the county of a city or of two tiers, else the district."""
        nation = NATIONS[spot.district[:1]]
        if not spot.district:
            return nation
        choices = [self.names[spot.district], nation]
        if spot.district[0] == "E":  # the old counties of Wales and Scotland are little used
            county = self.counties[spot.district][0]["county"]
            if spot.sort == "City":
                choices = [county, nation]
            else:
                choices.insert(0 if spot.district[:3] == "E07" else 1, county)
        own = [set(name_key(name).split()) for name in (spot.name, spot.also_called) if name]
        for choice in choices:
            if not any(words <= set(name_key(choice).split()) for words in own):
                return choice
        return ""

    def around(self, spot: Spot) -> str:
        """Every name somebody may write after this place's own, as words between spaces."""
        counties = self.counties.get(spot.district, [])
        names = [
            spot.context,
            self.names.get(spot.district, ""),
            *(row["county"] for row in counties),
            *(row["also"] for row in counties),
            NATIONS.get(spot.district[:1], ""),
        ]
        words = dict.fromkeys(word for name in names for word in name_key(name).split())
        return f" {' '.join(words)} "


def plain(name: str) -> str:
    """A district's name as people say it: "Bristol", not "Bristol, City of"."""
    return re.sub(r", (City|County) of$", "", name)


def bare(name: str) -> str:
    """A district's name without its styles, to match the gazetteer's way of writing them."""
    own = name_key(name.split(" - ")[-1])
    return re.sub(
        r"^(the )?(city |county |city and county )?(of )?(the )?(city of )?| city$", "", own
    )


def gazetteer(rows: Iterable[Row], postcodes: Postcodes, districts: Districts) -> list[Spot]:
    """The gazetteer's places, each with its district."""
    spots = []
    for row in rows:
        if row["type"] == "Postcode District":
            continue
        spot = Spot(
            row["name"],
            row["type"],
            float(row["lat"]),
            float(row["lon"]),
            row["context"].strip('"'),
        )
        code = districts.by_name.get(bare(spot.context)) or postcodes.nearest_district(
            spot.latitude, spot.longitude
        )
        if spot.sort not in IMPORTANCE and bare(spot.name) == bare(districts.names.get(code, "")):
            spot = replace(spot, sort="District")  # Hackney in Hackney: the middle of the borough
        spots.append(replace(spot, district=code))
    return spots


def whole_districts(spots: list[Spot], postcodes: Postcodes, districts: Districts) -> list[Spot]:
    """Districts whose name is no place in them ("Tower Hamlets"), at the middle of their people."""
    taken = {(name_key(spot.name), spot.district) for spot in spots}
    taken |= {(name_key(spot.name), "") for spot in spots if spot.sort in ("City", "Town")}
    added = []
    for code, name in districts.names.items():
        own = postcodes.districts == code
        if not own.any() or {(name_key(name), code), (name_key(name), "")} & taken:
            continue
        latitude, longitude = (
            float(column[own].mean()) / SCALE for column in (postcodes.lats, postcodes.lons)
        )
        added.append(Spot(name, "District", latitude, longitude, district=code))
    return added


def like(row: Row, spots: list[Spot], postcodes: Postcodes, districts: Districts) -> Spot:
    """One addition: where a named place is, at a postcode, or at a latitude and longitude."""
    postcode = row["like"].replace(" ", "")
    if re.fullmatch(r"[\d. -]+", row["like"]):
        latitude, longitude = map(float, row["like"].split())
        return Spot(row["name"], row["type"], latitude, longitude)
    if postcode in postcodes.points:
        at = postcodes.points[postcode]
        latitude, longitude = postcodes.lats[at] / SCALE, postcodes.lons[at] / SCALE
        code = str(postcodes.districts[at])
        return Spot(row["name"], row["type"], latitude, longitude, district=code)
    name, _, around = row["like"].partition(", ")
    words = set(name_key(around).split())
    fitting = [
        spot for spot in spots if spot.name == name and words <= set(districts.around(spot).split())
    ]
    if not fitting:
        raise LookupError(f"{MORE.name}: there is no {row['like']!r} for {row['name']!r}.")
    meant = min(fitting, key=lambda spot: spot.importance)
    return replace(meant, name=row["name"], also_called=meant.name)


def counted(spots: list[Spot], postcodes: Postcodes) -> list[Spot]:
    """The same places with how many postcodes are near, the most important first."""
    reach = {"City": 3.0, "Town": 2.0}
    known = [
        replace(
            spot,
            neighbours=postcodes.near(spot.latitude, spot.longitude, reach.get(spot.sort, 1.0))[0],
        )
        for spot in spots
    ]
    return sorted(known, key=lambda spot: spot.importance)


def place_columns(
    ranked: list[Spot], districts: Districts, district_numbers: dict[str, int]
) -> Columns:
    """The place names sorted by key and then importance, with all that hangs on them."""
    order = sorted(range(len(ranked)), key=lambda rank: (name_key(ranked[rank].name), rank))
    spots = [ranked[rank] for rank in order]
    areas, area_of = numbered(districts.area(spot) for spot in spots)
    wheres, where_of = numbered(districts.around(spot) for spot in spots)
    points = [(spot.latitude * SCALE, spot.longitude * SCALE) for spot in spots]
    return {
        "keys": text(name_key(spot.name) for spot in spots),
        "names": text(spot.name for spot in spots),
        "points": np.array(points).round().astype(np.int32),
        "place_districts": fitted(
            np.array([district_numbers[spot.district] for spot in spots]), np.uint16
        ),
        "areas": text(areas),
        "place_areas": area_of,
        "wheres": text(wheres),
        "place_wheres": where_of,
        "ranks": fitted(np.array(order), np.uint16),
    }


def numbered(names: Iterable[str]) -> tuple[list[str], NDArray[np.uint16]]:
    """Each different name once, and for each place the number of its own."""
    numbers: dict[str, int] = {}
    column = np.array([numbers.setdefault(name, len(numbers)) for name in names])
    return list(numbers), fitted(column, np.uint16)


def far_outcodes(rows: Iterable[Row]) -> NDArray[np.uint8]:
    """The outcodes of Northern Ireland and the islands, where full postcodes are not open data."""
    return text(
        "\t".join((row["outcode"], row["lat"], row["lon"], SHOWN.get(row["ladnm"], row["ladnm"])))
        for row in rows
        if not row["ladcd"]
    )


def pack(postcode_file: Path, outcode_file: Path, sector_file: Path, names_file: Path) -> Columns:
    """Everything that goes into the packed file."""
    outcode_rows = rows_of(outcode_file)
    districts = Districts([*outcode_rows, *rows_of(sector_file)], rows_of(COUNTIES))
    postcodes = Postcodes(rows_of(postcode_file))
    spots = gazetteer(rows_of(names_file), postcodes, districts)
    spots += [like(row, spots, postcodes, districts) for row in rows_of(MORE)]
    spots += whole_districts(spots, postcodes, districts)
    codes = ["", *sorted(districts.names)]
    numbers = {code: number for number, code in enumerate(codes)}
    return {
        **postcodes.columns(numbers),
        **place_columns(counted(spots, postcodes), districts, numbers),
        "district_codes": text(codes),
        "district_names": text(districts.names.get(code, "") for code in codes),
        "far_outcodes": far_outcodes(outcode_rows),
    }


def main() -> None:
    """Pack the files named on the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    for name in ("postcodes", "outcodes", "sectors", "gazetteer"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--out", type=Path, default=PACKED)
    wanted = parser.parse_args()
    columns = pack(wanted.postcodes, wanted.outcodes, wanted.sectors, wanted.gazetteer)
    np.savez_compressed(wanted.out, allow_pickle=False, **columns)
    print(f"{wanted.out}: {wanted.out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
