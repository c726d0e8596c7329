"""S7: what an attacker can work out about few people from the figures that Kith publishes.

    python -m benchmarks.assurance.s7_disclosure [--full]

Random tables of people sent to activities of one kind are published by the real code, twice: once
now, and again when the code itself finds enough new people behind them. The attacker knows the
rules to the letter and that the parts of a row add up, and narrows every cell, shown or not, and
every change of a cell between the two, until nothing moves. A cell of one to seven people is
recovered when one value is left. Controls: the same tables with exact totals beside the hidden
cells, and the same with the floor at five, where it used to be.
"""

import random
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks.assurance import goals
from core import disclosure
from core.disclosure import could_be
from referrals.evidence import publishing
from referrals.evidence.counting import Went
from referrals.measures import ONS4
from referrals.models import Figures
from referrals.outcomes import COUNTS_ONLY_BELOW

TABLES = {False: 300, True: 2_000}
ACTIVITIES = 6
FEW = range(1, 8)
"""How many people are so few that their number must not be known: the HES rule."""

MOST = 10_000
QUESTIONS = [question.key for question in ONS4.questions]
SUMS = [("referred", "known", "not_known"), ("known", "started", "stayed_away")]
SUMS += [("started", "often", "seldom")]
SUMS += [("referred", f"{key}:twice", f"{key}:missing") for key in QUESTIONS]
"""The whole and its two parts; not all of them are printed."""

Range = tuple[int, int]
Cells = dict[str, int]
Ranges = dict[str, Range]


@dataclass
class Found:
    """What the attacker looked at, and what came of it."""

    small: int = 0
    recovered: int = 0
    printed: int = 0
    of_few: int = 0
    moved_by_one: int = 0

    @property
    def percent(self) -> float:
        return 100 * self.recovered / max(1, self.small)


class Table:
    """The people sent to the activities of one kind, as the database would count them."""

    def __init__(self, lot: random.Random) -> None:
        self.lot = lot
        self.ids = [uuid.UUID(int=lot.getrandbits(128)) for _ in range(ACTIVITIES)]
        self.went: dict[uuid.UUID, Went] = {}
        self.moved: dict[uuid.UUID, dict[str, list[int]]] = {}
        for each in self.ids:
            self.went[each] = Went(0, 0, 0, 0)
            self.moved[each] = {key: [] for key in QUESTIONS}
            self.send(each, lot.choice((8, 12, 15, 20, 30, 60)) + lot.randint(0, 7))

    def send(self, activity: uuid.UUID, people: int) -> None:
        """So many more people were sent there, and this became of them."""
        lot, was = self.lot, self.went[activity]
        not_known = sum(lot.random() < 0.15 for _ in range(people))
        started = sum(lot.random() < 0.7 for _ in range(people - not_known))
        often = sum(lot.random() < 0.6 for _ in range(started))
        self.went[activity] = Went(
            was.referred + people,
            was.started + started,
            was.often + often,
            was.not_known + not_known,
        )
        for gains in self.moved[activity].values():
            gains += [lot.randint(-2, 4) for _ in range(people) if lot.random() < 0.7]

    def published(self) -> Iterator[tuple[uuid.UUID, dict[str, Any], dict[str, int]]]:
        """What the real code prints of each activity, and on how many people that rests."""
        group = [each for each in self.ids if self.went[each].known >= COUNTS_ONLY_BELOW]
        yield from publishing._parts_of(group, self.went, self.moved)

    def cells(self, activity: uuid.UUID) -> Cells:
        """The truth."""
        went = self.went[activity]
        cells = {
            "referred": went.referred,
            "known": went.known,
            "not_known": went.not_known,
            "started": went.started,
            "stayed_away": went.known - went.started,
            "often": went.often,
            "seldom": went.started - went.often,
        }
        for key, gains in self.moved[activity].items():
            cells[f"{key}:twice"] = len(gains)
            cells[f"{key}:missing"] = went.referred - len(gains)
        return cells


def main() -> int:
    """Print the figures; 0 if they hold."""
    tables = TABLES[goals.is_full()]
    ours = attack(tables)
    met = [
        goals.at_most("S7a", f"of {ours.small} small cells recovered", ours.percent, 0.5, "%"),
        goals.exactly("S7b", f"of {ours.printed} printed, from 1 to 7 people", ours.of_few),
        goals.exactly("S7c", "figures changed by one more person", ours.moved_by_one),
        goals.control("S7d", "recovered beside exact totals", attack(tables, exact=True).recovered),
    ]
    with_floor = disclosure.FEWEST
    disclosure.FEWEST = 5
    try:
        met.append(goals.control("S7e", "printed of few, floor at five", attack(tables).of_few))
    finally:
        disclosure.FEWEST = with_floor
    return 0 if all(met) else 1


def attack(tables: int, *, exact: bool = False) -> Found:
    """Publish random tables twice, and narrow all that was not printed."""
    lot, found = random.Random(7), Found()
    for _ in range(tables):
        table = Table(lot)
        rows, early = {}, {}
        for activity, parts, rests_on in table.published():
            rows[activity] = Figures(service_id=activity, parts=parts, rests_on=rests_on)
            early[activity] = look(table.cells(activity), parts, found, exact=exact)
        table.send(table.ids[0], 1)
        found.moved_by_one += sum(
            changes(rows[activity], parts, rests_on)
            for activity, parts, rests_on in table.published()
            if activity in rows
        )
        before = {activity: table.cells(activity) for activity in rows}
        for each in table.ids:
            table.send(each, lot.randint(1, 16))
        for activity, parts, rests_on in table.published():
            row = rows.get(activity)
            if row is None or not publishing._write_down(row, activity, parts, rests_on):
                continue
            if row.parts == parts:  # all of it is new: set it against what stood there
                late = look(table.cells(activity), parts, found, exact=exact)
                compare(before[activity], table.cells(activity), early[activity], late, found)
    return found


def changes(row: Figures, parts: dict[str, Any], rests_on: dict[str, int]) -> bool:
    """Whether a figure that stood there is another now. (One that is new has its tenth person.)"""
    stood = dict(row.parts)
    publishing._write_down(row, row.service_id, parts, rests_on)
    return any(row.parts[name] != part for name, part in stood.items())


def look(true: Cells, parts: dict[str, Any], found: Found, *, exact: bool) -> Ranges:
    """Narrow the cells of one page, count what was recovered, and return what is left."""
    ranges = shown(true, parts, found, exact=exact)
    narrow(ranges)
    for name, (least, most) in ranges.items():
        assert least <= true[name] <= most, (name, true[name], least, most)
        if true[name] in FEW:
            found.small += 1
            found.recovered += least == most
    return ranges


def said_by(parts: dict[str, Any]) -> dict[str, int | None]:
    """Every count on the page; None where it says only that they are few."""
    went = parts[publishing.WENT]
    said = {name: went[name] for name in ("referred", "known", "not_known")}
    said |= {name: went[name]["did"] for name in publishing.SHARES}
    for key in QUESTIONS:
        if key in parts:
            said |= {f"{key}:{name}": parts[key][name] for name in ("twice", "missing")}
    return said


def shown(true: Cells, parts: dict[str, Any], found: Found, *, exact: bool) -> Ranges:
    """What the page alone says of each cell: printed, masked, or not spoken of."""
    ranges = dict.fromkeys(true, (0, MOST))
    for name, value in said_by(parts).items():
        possible = could_be(value)
        ranges[name] = (possible[0], possible[-1])
        if exact and name in {"referred", "known"}:
            ranges[name] = (true[name], true[name])
        if value is not None:
            found.printed += 1
            found.of_few += true[name] in FEW
    enough = ["known", *(f"{key}:twice" for key in QUESTIONS if key in parts)]
    for name in enough:  # it would not be printed at all otherwise
        ranges[name] = (max(ranges[name][0], COUNTS_ONLY_BELOW), ranges[name][1])
    for key in QUESTIONS:
        if key not in parts:
            ranges[f"{key}:twice"] = (0, COUNTS_ONLY_BELOW - 1)
    return ranges


def narrow(ranges: Ranges) -> None:
    """Set each whole against its parts until nothing moves."""
    was: Ranges = {}
    while was != ranges:
        was = dict(ranges)
        for whole, one, other in SUMS:
            (w0, w1), (a0, a1), (b0, b1) = ranges[whole], ranges[one], ranges[other]
            ranges[whole] = max(w0, a0 + b0), min(w1, a1 + b1)
            ranges[one] = max(a0, w0 - b1), min(a1, w1 - b0)
            ranges[other] = max(b0, w0 - a1), min(b1, w1 - a0)


def compare(before: Cells, after: Cells, early: Ranges, late: Ranges, found: Found) -> None:
    """Narrow how many came between the two pages, and count what was recovered."""
    between = {
        name: (max(0, late[name][0] - early[name][1]), max(0, late[name][1] - early[name][0]))
        for name in early
    }
    narrow(between)
    for name, (least, most) in between.items():
        if after[name] - before[name] in FEW:
            found.small += 1
            found.recovered += least == most


if __name__ == "__main__":
    sys.exit(main())
