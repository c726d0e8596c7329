"""Directory: the packed file of postcodes and places, opened once and held as plain columns."""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

# Built by tools/pack_places.py; whose data it is stands in LICENCE-places.txt beside it.
PACKED = Path(__file__).parent / "data" / "places.npz"

SCALE = 10_000  # coordinates are kept as whole ten-thousandths of a degree, 11 metres or less

# The last two letters of a postcode are never C, I, K, M, O or V, so 20 × 20 to a sector.
UNIT_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"
IN_A_SECTOR = len(UNIT_LETTERS) ** 2
IN_AN_OUTCODE = 10 * IN_A_SECTOR

_APOSTROPHES = str.maketrans("", "", "'’‘ʼ`´")
_SAME_WORD = {"saint": "st"}
_TEXTS = (
    "outcodes",
    "far_outcodes",
    "district_codes",
    "district_names",
    "keys",
    "names",
    "areas",
    "wheres",
)


def name_key(text: str) -> str:
    """A name without case, accents, hyphens or full stops, so that people can type it anyhow."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_APOSTROPHES))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    words = re.sub(r"[^a-z0-9]+", " ", plain.replace("&", " and ")).split()
    return " ".join(_SAME_WORD.get(word, word) for word in words)


def code_within_outcode(inward: str) -> int:
    """The number of the last three characters of a postcode within its outcode."""
    first, second = (UNIT_LETTERS.index(letter) for letter in inward[1:])
    return int(inward[0]) * IN_A_SECTOR + first * len(UNIT_LETTERS) + second


@dataclass(frozen=True, slots=True)
class Atlas:
    """Postcodes as sorted numbers with what stands at each, place names as sorted keys."""

    codes: NDArray[np.uint32]
    lats: NDArray[np.int32]
    lons: NDArray[np.int32]
    run_starts: NDArray[np.uint32]
    run_districts: NDArray[np.uint16]
    outcodes: dict[str, int]
    far_outcodes: dict[str, tuple[float, float, str]]
    districts: list[tuple[str, str]]
    keys: list[str]
    names: list[str]
    points: NDArray[np.int32]
    place_districts: NDArray[np.uint16]
    place_areas: NDArray[np.uint16]
    areas: list[str]
    place_wheres: NDArray[np.uint16]
    wheres: list[str]
    ranks: NDArray[np.uint16]

    def span(self, first: int, size: int) -> tuple[int, int]:
        """Where the postcodes numbered first … first + size stand."""
        # The key must be of the column's own type, or numpy copies the whole column to compare.
        low, high = self.codes.searchsorted(np.array((first, first + size), dtype=np.uint32))
        return int(low), int(high)

    def postcode_row(self, postcode: str) -> int | None:
        """The row of one postcode, written as the Post Office writes it."""
        outward, inward = postcode.split()
        if outward not in self.outcodes:
            return None
        code = self.outcodes[outward] * IN_AN_OUTCODE + code_within_outcode(inward)
        row, end = self.span(code, 1)
        return row if end > row else None

    def district_at(self, row: int) -> tuple[str, str]:
        """Code and name of the district of one postcode."""
        run = self.run_starts.searchsorted(np.uint32(row), side="right") - 1
        return self.districts[int(self.run_districts[run])]

    def main_district(self, start: int, end: int) -> tuple[str, str]:
        """Code and name of the district most of these postcodes lie in."""
        edges = np.array((start, end - 1), dtype=np.uint32)
        first, last = self.run_starts.searchsorted(edges, side="right")
        runs = slice(int(first) - 1, int(last))
        bounds = np.append(self.run_starts[runs], np.uint32(end)).clip(min=start)
        lengths = np.diff(bounds)
        return self.districts[int(np.bincount(self.run_districts[runs], lengths).argmax())]

    def rows_called(self, key: str) -> range:
        """The rows of places with exactly this name, the largest place first."""
        first = bisect_left(self.keys, key)
        return range(first, bisect_left(self.keys, key + "\0", lo=first))

    def rows_beginning(self, key: str) -> range:
        """The rows of places with this name or a longer one."""
        first = bisect_left(self.keys, key)
        return range(first, bisect_left(self.keys, key + "\x7f", lo=first))

    def area_of(self, row: int) -> str:
        """What to show after a place's name."""
        return self.areas[int(self.place_areas[row])]

    def lies_in(self, row: int, words: Sequence[str]) -> bool:
        """Whether every one of these words is in the names around the place."""
        where = self.wheres[int(self.place_wheres[row])]
        return all(f" {word} " in where for word in words)


_opening = Lock()


def atlas() -> Atlas:
    """The packed file, opened at first need and then shared by all threads."""
    with _opening:  # two first requests at once must not both build it
        return _open(PACKED)


@cache
def _open(path: Path) -> Atlas:
    with np.load(path, allow_pickle=False) as file:
        column = {name: file[name] for name in file.files}
    lines = {name: bytes(column.pop(name)).decode().split("\n") for name in _TEXTS}
    codes = np.cumsum(column.pop("code_steps"), dtype=np.uint32)
    outcodes = {outcode: number for number, outcode in enumerate(lines["outcodes"])}
    firsts = np.searchsorted(codes, np.arange(len(outcodes), dtype=np.uint32) * IN_AN_OUTCODE)
    column |= {
        "codes": codes,
        "lats": _unwind(column.pop("lat_steps"), firsts, column.pop("lat_firsts")),
        "lons": _unwind(column.pop("lon_steps"), firsts, column.pop("lon_firsts")),
    }
    for shared in column.values():
        shared.flags.writeable = False
    return Atlas(
        **column,
        outcodes=outcodes,
        far_outcodes=dict(map(_far_outcode, lines["far_outcodes"])),
        districts=list(zip(lines["district_codes"], lines["district_names"], strict=True)),
        keys=lines["keys"],
        names=lines["names"],
        areas=lines["areas"],
        wheres=lines["wheres"],
    )


def _unwind(
    steps: NDArray[np.uint8], firsts: NDArray[np.intp], starts: NDArray[np.int32]
) -> NDArray[np.int32]:
    """Undo the packing: two planes of bytes, zigzag, steps from neighbour to neighbour."""
    folded = steps[1].astype(np.int32)
    folded <<= 8
    folded |= steps[0]
    sign = folded & 1
    folded >>= 1
    folded ^= -sign
    # Each outcode begins at its own start: undo what had been walked since the last one's.
    folded[firsts] = 0
    walked = np.cumsum(folded, dtype=np.int32)
    none = np.int32(0)
    folded[firsts] = np.diff(starts, prepend=none) - np.diff(walked[firsts], prepend=none)
    return np.cumsum(folded, dtype=np.int32, out=walked)


def _far_outcode(line: str) -> tuple[str, tuple[float, float, str]]:
    name, latitude, longitude, area = line.split("\t")
    return name, (float(latitude), float(longitude), area)
