"""Directory search: what can be ticked of a listing, packed: a row of bytes each, a bit a choice.

What is not known stands apart from what is known, in bytes of its own. The day and the time of
something are kept as slots as well, for a day counts only with the times that are ticked with it.
"""

import json
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass
from functools import cache
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from directory import taxonomy
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
    MAY_BE_UNKNOWN,
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
    SLOTS,
    TIMES_OF_DAY,
    UNKNOWN_COST,
    WEEKDAYS,
    Facts,
)

Bytes = NDArray[np.uint8]
Counts = NDArray[np.int64]

WHEN = "when"
FACETS = (
    KINDS,
    NEEDS,
    DAYS,
    TIMES,
    COST,
    AGES,
    AUDIENCES,
    LANGUAGES,
    ACCESS,
    ATTENDING,
    OFFERS,
)

_AT_ONCE = 255
"""So many bits add up within a byte."""

_ADDED, _MANY = 15, 4_000
"""So many rows are added bit by bit into four, where there are many of them."""


@dataclass(frozen=True, slots=True)
class Span:
    """Where the choices of a facet are in a row: from which bit on, in the order of their codes."""

    codes: tuple[str, ...]
    first: int

    @property
    def start(self) -> int:
        """The first byte they take up."""
        return self.first // 8

    @property
    def stop(self) -> int:
        """The byte after the last."""
        return (self.first + len(self.codes) + 7) // 8

    @property
    def bytes(self) -> slice:
        """The whole bytes they take up."""
        return slice(self.start, self.stop)

    def masks(self, chosen: Set[str]) -> list[tuple[int, int]]:
        """These choices as (byte, its bits); those that do not exist are left out."""
        found: dict[int, int] = {}
        for nth, code in enumerate(self.codes, self.first):
            if code in chosen:
                byte, bit = divmod(nth, 8)
                found[byte] = found.get(byte, 0) | 1 << bit
        return [*found.items()]


@cache
def spans() -> dict[str, Span]:
    """Where every facet is; what is counted comes first, then slots and what is not known."""
    found, first = {}, 0
    for facet in (*FACETS, WHEN, *map(doubted, sorted(MAY_BE_UNKNOWN))):
        found[facet] = Span(codes_of(facet.removeprefix("?")), first)
        first += -(-len(found[facet].codes) // 8) * 8
    return found


@cache
def width() -> int:
    """The bytes of a row."""
    last = max(span.stop for span in spans().values())
    return 8 * -(-last // 8)


@cache
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
    WHEN: SLOTS,
    COST: COSTS,
    AGES: tuple(AGE_GROUPS),
    ACCESS: tuple(each.value for each in Access),
    ATTENDING: tuple(each.value for each in Attending),
    OFFERS: OFFERED,
}


def doubted(facet: str) -> str:
    """The name under which stands what nobody has said of a facet."""
    return f"?{facet}"


def packed(facts: Sequence[Facts]) -> Bytes:
    """A row for each of these listings."""
    table = np.zeros((len(facts), width()), dtype=np.uint8)
    for facet, span in spans().items():
        said = _SAID[facet]
        at = {code: divmod(span.first + n, 8) for n, code in enumerate(span.codes)}
        for row, each in enumerate(facts):
            for code in said(each):
                if code in at:
                    byte, bit = at[code]
                    table[row, byte] |= 1 << bit
    return table


@cache
def names() -> Bytes:
    """What each bit stands for, to be kept beside a table."""
    said = {facet: (span.first, span.codes) for facet, span in spans().items()}
    return np.frombuffer(json.dumps([width(), said]).encode(), dtype=np.uint8)


def laid_out(table: Bytes, named: Bytes) -> Bytes:
    """A table that was kept with the names of its bits, as bits are laid out today.

    Choices that came since are nobody's yet; those that went are forgotten.
    """
    if np.array_equal(named, names()):
        return table
    _, said = json.loads(named.tobytes())
    bits = np.unpackbits(table, axis=1, bitorder="little")
    fresh = np.zeros((len(table), width() * 8), dtype=np.uint8)
    for facet, span in spans().items():
        first, codes = said.get(facet, (0, []))
        was = {code: first + n for n, code in enumerate(codes)}
        for n, code in enumerate(span.codes):
            if code in was:
                fresh[:, span.first + n] = bits[:, was[code]]
    return np.packbits(fresh, axis=1, bitorder="little")


def slots_of(days: Iterable[str], times: Iterable[str]) -> frozenset[str]:
    """Every slot on one of these days at one of these times."""
    times = tuple(times)
    return frozenset(f"{day}-{part}" for day in days for part in times)


def tally(table: Bytes) -> Counts:
    """How many rows have each bit."""
    if len(table) >= _MANY:
        end = len(table) // _ADDED * _ADDED
        planes = _added_up([*table[:end].reshape(_ADDED, -1, table.shape[1])])
        found = tally(table[end:])
        for n, plane in enumerate(planes):
            found += tally(plane) << n
        return found
    bits = np.unpackbits(np.ascontiguousarray(table), bitorder="little")
    # A byte holds one bit now, so eight bits of a row are added in one go, as one number.
    eights = bits.view(np.uint64).reshape(table.shape)
    starts = range(0, len(eights), _AT_ONCE)
    sums = [eights[n : n + _AT_ONCE].sum(axis=0, dtype=np.uint64).view(np.uint8) for n in starts]
    counted: Counts = np.array(sums, dtype=np.int64).reshape(-1, table.shape[1] * 8).sum(axis=0)
    return counted


def _added_up(planes: list[Bytes]) -> list[Bytes]:
    """Every bit of these summed into a binary number of its own: the ones, the twos, the fours."""
    digits = []
    while planes:
        carried = []
        while len(planes) > 2:
            one, two, three = planes.pop(), planes.pop(), planes.pop()
            either = one ^ two
            carried.append((one & two) | (either & three))
            planes.append(either ^ three)
        digits += planes
        planes = carried
    return digits


def _doubted_costs(facts: Facts) -> tuple[str, ...]:
    return (FREE, PAID) if facts.cost == UNKNOWN_COST else ()


_SAID: dict[str, Callable[[Facts], Iterable[str]]] = {
    **{facet: attrgetter(facet) for facet in (KINDS, NEEDS, AGES, AUDIENCES, LANGUAGES, ACCESS)},
    DAYS: lambda facts: {slot.partition("-")[0] for slot in facts.slots},
    TIMES: lambda facts: {slot.partition("-")[2] for slot in facts.slots},
    WHEN: attrgetter("slots"),
    COST: lambda facts: (facts.cost,),
    ATTENDING: lambda facts: (facts.attending,),
    OFFERS: attrgetter("offers"),
    doubted(COST): _doubted_costs,
    doubted(ACCESS): attrgetter("access_unknown"),
    doubted(OFFERS): attrgetter("offers_unknown"),
}
