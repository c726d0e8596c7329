"""Benchmark of disclosure: what somebody who watches every day can work out about single people.

    python -m benchmarks.disclosure

The attacker opens the pages of all activities every day, keeps what they show, knows our rules of
rounding and of waiting for eight more people to the letter, knows from elsewhere of how many people
each page tells, and sets each day against every later one. (There are no filters to set against
each other: time is the only one.) A cell is how many people, up to a day or between two days,
started, did not start, came often, or started and did not come often. It is recovered when it
holds one to seven people and what was shown leaves only its true value. Goal: none. Beside it, on
the same people: exact numbers shown daily, and rounded ones shown daily without waiting.
"""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations

from core.disclosure import FEWEST, could_be, rounded
from referrals.outcomes import COUNTS_ONLY_BELOW

ACTIVITIES, DAYS = 300, 60

Counts = tuple[int, int, int]
"""Of how many it is known, how many started, how many came often."""

Range = tuple[int, int]


@dataclass(frozen=True)
class Seen:
    """What a page showed: the true counts, and for each the least and the most it could be."""

    true: Counts
    could: tuple[Range, Range, Range]


def main() -> int:
    """Print a line for each way of showing; returns how many goals were missed."""
    lot = random.Random(7)
    lives = [_life(lot) for _ in range(ACTIVITIES)]
    ways: dict[str, Callable[[list[Counts]], list[Seen]]] = {
        "exact, daily": lambda life: [Seen(each, _exact(each)) for each in life],
        "rounded, daily": lambda life: [Seen(each, _rounded(each)) for each in _enough(life)],
        "ours": lambda life: [Seen(each, _rounded(each)) for each in _waiting(_enough(life))],
    }
    missed = 0
    for name, show in ways.items():
        recovered = total = 0
        for life in lives:
            for true, could in _cells(show(life)):
                if 0 < true < FEWEST:
                    total += 1
                    recovered += could[0] == could[1]
        line: dict[str, object] = {"shown": name, "small_cells": total, "recovered": recovered}
        if name == "ours":
            line["goal"] = "short" if recovered or not total else "ok"
            missed += bool(recovered or not total)
        print(json.dumps(line))
    return missed


def _life(lot: random.Random) -> list[Counts]:
    """The counts of one activity day by day, as people come to be known one by one."""
    starts, stays, busy = lot.uniform(0.2, 0.95), lot.uniform(0.2, 0.95), lot.uniform(0.1, 1)
    known = started = often = 0
    life = []
    for _ in range(DAYS):
        if lot.random() < busy:
            known += 1
            if lot.random() < starts:
                started += 1
                often += lot.random() < stays
        life.append((known, started, often))
    return life


def _enough(life: list[Counts]) -> list[Counts]:
    return [each for each in life if each[0] >= COUNTS_ONLY_BELOW]


def _waiting(life: list[Counts]) -> list[Counts]:
    """What stands on the page: made up anew only when eight more people are behind it."""
    shown: list[Counts] = []
    for each in life:
        if not shown or each[0] - shown[-1][0] >= FEWEST:
            shown.append(each)
    return shown


def _exact(true: Counts) -> tuple[Range, Range, Range]:
    known, started, often = ((each, each) for each in true)
    return known, started, often


def _rounded(true: Counts) -> tuple[Range, Range, Range]:
    """How many are known of, the attacker learns exactly from elsewhere: the worst case."""
    started, often = _narrow(true[1]), _narrow(true[2])
    started = (max(started[0], often[0]), min(started[1], true[0]))
    return (true[0], true[0]), started, (often[0], min(often[1], started[1]))


def _narrow(count: int) -> Range:
    possible = could_be(rounded(count))
    return possible[0], possible[-1]


def _cells(seen: list[Seen]) -> Iterator[tuple[int, Range]]:
    """Every cell of every page, and of every page set against a later one."""
    for each in seen:
        yield from _parts(each.true, each.could)
    for early, late in combinations(seen, 2):
        true = tuple(b - a for a, b in zip(early.true, late.true, strict=True))
        could = tuple(
            (max(b[0] - a[1], 0), b[1] - a[0]) for a, b in zip(early.could, late.could, strict=True)
        )
        if true[0]:
            yield from _parts((true[0], true[1], true[2]), (could[0], could[1], could[2]))


def _parts(true: Counts, could: tuple[Range, Range, Range]) -> Iterator[tuple[int, Range]]:
    known, started, often = could
    yield true[1], (started[0], min(started[1], known[1]))
    yield true[0] - true[1], (max(known[0] - started[1], 0), known[1] - started[0])
    yield true[2], (often[0], min(often[1], started[1]))
    yield true[1] - true[2], (max(started[0] - often[1], 0), started[1] - often[0])


if __name__ == "__main__":
    raise SystemExit(main())
