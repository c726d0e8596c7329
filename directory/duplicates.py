"""Directory: which listings may be one and the same: by name, place, time and how they are reached.

Each likeness is worth some points for or against, as in Fellegi and Sunter's "A theory for record
linkage" (1969); the points were set by hand on one half of benchmarks/data/pairs.csv and measured
on the other (`python -m benchmarks.duplicates`). Only listings that share something cheap to look
up (a district of the post, a number, an address, a rare word) are ever compared.
"""

import heapq
import math
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from core.languages import _
from directory.facts import ListingFacts
from directory.likeness import Likeness, likeness
from directory.rules import SHOWN, Life
from directory.sides import Side, every_side, side_of, sides_like, sides_of

ENOUGH = 3.0
"""Points from which two listings are shown as likely one. Zero would be as likely as not."""

LOOK = "look for what is here twice"
"""The chore that looks through everything."""

MOST_SHOWN = 5
LIVES = SHOWN | {Life.DRAFT}
LARGEST_BLOCK = 80


@dataclass(frozen=True, slots=True)
class Likely:
    """A listing that may be the one somebody is about to add; `why` in words, `score` below 1."""

    service_id: uuid.UUID
    name: str
    slug: str
    where: str
    score: float
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two listings that may be one."""

    first_id: uuid.UUID
    second_id: uuid.UUID
    score: float
    why: tuple[str, ...]


def likely(facts: ListingFacts, *, among: Collection[uuid.UUID] | None = None) -> list[Likely]:
    """The listings everybody can see that may be this one, the likeliest first.

    `among`: only these, if any are named.
    """
    mine = side_of(facts)
    compared = [(likeness(mine, each), each) for each in sides_like(mine, among)]
    found = [pair for pair in compared if pair[0].points >= ENOUGH]
    found.sort(key=lambda pair: (-pair[0].points, pair[1].name))
    return [
        Likely(
            service_id=each.id,
            name=each.name,
            slug=each.slug,
            where=each.where,
            score=_score(alike),
            why=why_words(alike),
        )
        for alike, each in found[:MOST_SHOWN]
    ]


def pairs(limit: int, *, leave_out: Collection[frozenset[uuid.UUID]] = ()) -> list[Pair]:
    """The pairs of listings that are likeliest one, drafts among them, for editors to look at."""
    sides = every_side(LIVES)
    skipped = set(leave_out)
    alike = (
        _pair(one, other)
        for one, other in _blocked(sides)
        if frozenset((one.id, other.id)) not in skipped
    )
    return heapq.nsmallest(limit, filter(None, alike), key=_likeliest_first)


def still_alike(known: Collection[tuple[uuid.UUID, uuid.UUID]]) -> list[Pair]:
    """Those of these pairs that look like one today, the likeliest first."""
    by_id = {each.id: each for each in sides_of({key for pair in known for key in pair}, LIVES)}
    there = [pair for pair in known if all(key in by_id for key in pair)]
    alike = (_pair(by_id[one_id], by_id[other_id]) for one_id, other_id in there)
    return sorted(filter(None, alike), key=_likeliest_first)


def why_words(alike: Likeness) -> tuple[str, ...]:
    """What two listings have in common, for people."""
    said = (
        (alike.name >= 0.95, _("the same name")),
        (0.55 <= alike.name < 0.95, _("a name much like it")),
        (alike.same_spot, _("the same place")),
        (alike.near and not alike.same_spot, _("close by")),
        (alike.same_time, _("the same day and time")),
        (alike.phone, _("the same telephone number")),
        (alike.email, _("the same email address")),
        (alike.web, _("the same web page")),
    )
    return tuple(words for is_so, words in said if is_so)


def _pair(one: Side, other: Side) -> Pair | None:
    alike = likeness(one, other)
    if alike.points < ENOUGH:
        return None
    return Pair(one.id, other.id, _score(alike), why_words(alike))


def _likeliest_first(pair: Pair) -> tuple[float, str, str]:
    return -pair.score, str(pair.first_id), str(pair.second_id)


def _score(alike: Likeness) -> float:
    return round(1 / (1 + math.exp(-alike.points / 2)), 3)


def _blocked(sides: Sequence[Side]) -> Iterator[tuple[Side, Side]]:
    """The pairs worth comparing: those that share a key few others have. Each once.

    One listing's others are put together at a time: all pairs at once would not fit in memory.
    """
    ordered = sorted(sides, key=lambda side: side.id)
    blocks: dict[str, list[int]] = defaultdict(list)
    for at, side in enumerate(ordered):
        for key in set(side.keys):
            blocks[key].append(at)
    # What a whole town shares says nothing: those that are one share something rarer too.
    rare = {key: block for key, block in blocks.items() if 1 < len(block) <= LARGEST_BLOCK}
    for at, side in enumerate(ordered):
        shared = {other for key in side.keys for other in rare.get(key, ()) if other > at}
        for other in sorted(shared):
            yield side, ordered[other]
