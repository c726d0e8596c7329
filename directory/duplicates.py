"""Directory: which listings may be one and the same: by name, place, time and how they are reached.

Each likeness is worth some points for or against, as in Fellegi and Sunter's "A theory for record
linkage" (1969); the points were set by hand on one half of benchmarks/data/pairs.csv and measured
on the other (`python -m benchmarks.duplicates`). Only listings that share something cheap to look
up (a district of the post, a number, an address, a rare word) are ever compared.
"""

import math
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from core.languages import _
from directory.facts import ListingFacts
from directory.likeness import Likeness, likeness
from directory.rules import SHOWN, Life
from directory.sides import Side, every_side, side_of, sides_like

ENOUGH = 3.0
"""Points from which two listings are shown as likely one. Zero would be as likely as not."""

MOST_SHOWN = 5
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
    lives = SHOWN | {Life.DRAFT}
    by_id = {each.id: each for each in every_side(lives)}
    skipped = set(leave_out)
    found = []
    for first_id, second_id in _blocked(by_id.values()):
        if frozenset((first_id, second_id)) in skipped:
            continue
        alike = likeness(by_id[first_id], by_id[second_id])
        if alike.points >= ENOUGH:
            found.append(Pair(first_id, second_id, _score(alike), why_words(alike)))
    found.sort(key=lambda pair: (-pair.score, str(pair.first_id), str(pair.second_id)))
    return found[:limit]


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


def _score(alike: Likeness) -> float:
    return round(1 / (1 + math.exp(-alike.points / 2)), 3)


def _blocked(sides: Iterable[Side]) -> Iterator[tuple[uuid.UUID, uuid.UUID]]:
    """The pairs worth comparing: those that share a key few others have. Each once."""
    blocks: dict[str, list[uuid.UUID]] = defaultdict(list)
    for side in sides:
        for key in side.keys:
            blocks[key].append(side.id)
    seen: set[tuple[uuid.UUID, uuid.UUID]] = set()
    for block in blocks.values():
        if len(block) > LARGEST_BLOCK:
            continue  # a whole town shares it: those that are one share something rarer too
        for pair in combinations(sorted(block), 2):
            if pair not in seen:
                seen.add(pair)
                yield pair
