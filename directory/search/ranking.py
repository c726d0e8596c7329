"""Directory search: in what order listings come: one formula, with a reason for each factor.

    score = relevance × nearness × freshness × room

relevance   the share of the best match's; 1 without a text
nearness    1 - DISTANCE_WEIGHT + DISTANCE_WEIGHT × 2^(-miles / (HALVED_WITHIN × radius)); what is
            held nowhere is near to nobody, yet in everybody's reach; 1 without a place
freshness   1 - FRESHNESS_WEIGHT + FRESHNESS_WEIGHT × 2^(-days since it was confirmed /
            HALVED_AFTER_DAYS); times STALE_WEIGHT if it needs checking
room        1 + ROOM_WEIGHT if there are places now, 1 - ROOM_WEIGHT if there are none, else 1

The highest score comes first, then names by the alphabet. Without a text there is nothing to weigh
a distance against: there the nearest come first, by steps of SAME_MILES, what needs checking as if
it were STALE_MILES further off, what is held nowhere last; the score parts those equally near. What
fits only if an answer nobody gave is a yes comes after all that fits.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.languages import _, ngettext
from directory.search.asking import OFFERS, Factor, Query
from directory.search.columns import LETTERS, Columns, Keys, Mask
from directory.search.documents import PLACES_NOW
from directory.search.points import Floats, miles_of
from directory.search.texts import Rows
from directory.search.ticks import doubted, spans, width

Places = NDArray[np.intp]
Key = Callable[[Places], NDArray[Any]]

DISTANCE_WEIGHT = 0.6
"""How much of the score distance may take away: the best match far off keeps 40% of it."""

HALVED_WITHIN = 0.25
"""The share of the radius over which nearness halves: who looks further is ready to travel."""

FRESHNESS_WEIGHT, HALVED_AFTER_DAYS = 0.15, 180
"""How much it costs never to have been confirmed, and how soon half of that."""

STALE_WEIGHT, STALE_MILES = 0.75, 2.0
"""What it costs a listing that it needs checking."""

ROOM_WEIGHT = 0.05
"""What it gives to have places now, and costs to have none."""

SAME_MILES = 0.1
"""Nearer together than this, no place is nearer than another."""

RELEVANCE, NEARNESS, FRESHNESS, ROOM = "relevance", "nearness", "freshness", "room"
NEAREST_FIRST, NOT_KNOWN = "nearest first", "not known"

MOST_EVIDENCE = 1 + ROOM_WEIGHT
"""Nothing but relevance multiplies a score by more."""

_LONGEST_DAYS = 3_650
_FRESHNESS = 1 - FRESHNESS_WEIGHT * (1 - np.exp2(-np.arange(_LONGEST_DAYS) / HALVED_AFTER_DAYS))
_FRESHNESS[-1] = 1 - FRESHNESS_WEIGHT
_ROOM = np.array([1 - ROOM_WEIGHT, 1.0, 1 + ROOM_WEIGHT])
_NO_ROOM, _ROOM_UNSAID, _HAS_ROOM = range(3)
_NOWHERE_MILES = 1e6
_SAME_SCORE = 1e-9

_COLUMNS, _SHALLOWEST = 4, 8

_FEW = 2_000
"""So many are put in order faster than it is found who need not be."""


@dataclass(frozen=True, eq=False)
class Passing:
    """The listings that fit a question, with what decides on their order.

    `relevance` and `apart`, which is how far they are, are missing without a text and a place;
    `perhaps` says who fits only if an answer nobody gave is a yes.
    """

    rows: Rows
    relevance: Floats | None
    apart: Floats | None
    perhaps: Mask | None = None

    @cached_property
    def miles(self) -> Floats | None:
        """How far away they are."""
        return None if self.apart is None else miles_of(self.apart)

    def taken(self, at: Places) -> "Passing":
        """Some of them."""
        return Passing(
            self.rows.take(at),
            None if self.relevance is None else self.relevance.take(at),
            None if self.apart is None else self.apart.take(at),
            None if self.perhaps is None else self.perhaps.take(at),
        )


def scores(passing: Passing, evidence: Floats, query: Query) -> Floats:
    """What the formula gives each of these; `evidence` is of all there are."""
    found = evidence.take(passing.rows)
    if passing.miles is not None:
        found = found * nearness(passing.miles, query.within)
    if passing.relevance is not None:
        found = found * passing.relevance
    return found


def contenders(passing: Passing, evidence: Floats, query: Query, last: int) -> Places:
    """Where in `passing` those are whose relevance may be enough for the first so many."""
    relevance = passing.relevance
    if relevance is None or passing.perhaps is not None or len(relevance) <= max(last, _FEW):
        return np.arange(len(passing.rows))
    edge = -_nth(-relevance, last)
    leading = passing.taken(np.flatnonzero(relevance >= edge))
    enough = _nth(-scores(leading, evidence, query), last)
    return np.flatnonzero(relevance * -MOST_EVIDENCE <= enough + 2 * _SAME_SCORE)


def nearness(miles: Floats, radius: float) -> Floats:
    """The factor of what is so far away (infinitely far: nowhere)."""
    found: Floats = np.exp2(miles * (-1 / (radius * HALVED_WITHIN)))
    found *= DISTANCE_WEIGHT
    found += 1 - DISTANCE_WEIGHT
    return found


def evidence(columns: Columns, rows: Rows, today: int) -> Floats:
    """What is known of each listing whatever was asked: freshness and room."""
    room: Floats = _ROOM.take(_room(columns, rows, today))
    return freshness(columns, rows, today) * room


def freshness(columns: Columns, rows: Rows, today: int) -> Floats:
    """The factor of being confirmed lately."""
    days = np.clip(today - columns.checked.take(rows), 0, _LONGEST_DAYS - 1)
    found: Floats = _FRESHNESS.take(days)
    return np.where(columns.stale.take(rows), found * STALE_WEIGHT, found)


def in_order(columns: Columns, passing: Passing, scored: Floats, last: int) -> Places:
    """Where in `passing` the first so many stand, the best first."""
    known = [np.rint(scored * (-1 / _SAME_SCORE))]
    if passing.relevance is None and passing.miles is not None:
        known.insert(0, _steps(passing.miles, columns.stale.take(passing.rows)))
    if passing.perhaps is not None:
        known.insert(0, passing.perhaps.astype(np.float64))
    keys: list[Key] = [each.take for each in known]
    keys += [partial(_letters, columns, passing.rows, nth) for nth in range(LETTERS)]
    return _first(keys, len(passing.rows), last)


def explained(
    columns: Columns, passing: Passing, query: Query, today: int
) -> list[tuple[Factor, ...]]:
    """Why each of these has its score, factor by factor."""
    told: list[list[Factor]] = []
    if passing.relevance is not None:
        told.append([Factor(RELEVANCE, x, _relevance_words(x)) for x in passing.relevance.tolist()])
    if passing.miles is not None:
        values = nearness(passing.miles, query.within).tolist()
        words = [_near_words(miles) for miles in passing.miles.tolist()]
        told.append([Factor(NEARNESS, *each) for each in zip(values, words, strict=True)])
    values = freshness(columns, passing.rows, today).tolist()
    words = [_fresh_words(columns, row, today) for row in passing.rows.tolist()]
    told.append([Factor(FRESHNESS, *each) for each in zip(values, words, strict=True)])
    rooms = _room(columns, passing.rows, today).tolist()
    told.append([Factor(ROOM, float(_ROOM[room]), _room_words(room)) for room in rooms])
    if passing.relevance is None and passing.miles is not None:
        first = Factor(NEAREST_FIRST, 1.0, _("No words were typed, so the nearest come first."))
        told.append([first] * len(rooms))
    if passing.perhaps is not None:
        said = _("Whether it fits is not known, so it comes after all that does.")
        surely = _("It surely fits.")
        of = [Factor(NOT_KNOWN, 1.0, said if doubt else surely) for doubt in passing.perhaps]
        told.append(of)
    return list(zip(*told, strict=True))


def _room(columns: Columns, rows: Rows, today: int) -> NDArray[np.intp]:
    """Whether each listing has places now, as one of `_NO_ROOM`, `_ROOM_UNSAID`, `_HAS_ROOM`."""
    known, unsaid = spans()[OFFERS], spans()[doubted(OFFERS)]
    bit = known.codes.index(PLACES_NOW)
    table, base = columns.ticks.reshape(-1), rows.astype(np.intp) * width()
    has = (table.take(base + known.first // 8) >> bit) & 1
    may = (table.take(base + unsaid.first // 8) >> bit) & 1
    found = has * _HAS_ROOM + may * _ROOM_UNSAID
    full = columns.full_on(today)
    if full is not None:
        found = np.where(full.take(rows), _NO_ROOM, found)
    return found.astype(np.intp)


def _steps(miles: Floats, stale: Mask) -> Floats:
    """How far each is, in steps within which nothing is nearer than another."""
    counted = np.minimum(miles, _NOWHERE_MILES) + STALE_MILES * stale
    steps: Floats = np.rint(counted / SAME_MILES)
    return steps


def _letters(columns: Columns, rows: Rows, nth: int, at: Places) -> Keys:
    return columns.letters(rows[at], nth)


def _first(keys: Sequence[Key], size: int, last: int) -> Places:
    """The first so many of a number of things, by the first key, then the second, and so on.

    A key is only asked of what the keys before it leave in doubt.
    """
    doubtful: Places = np.arange(size)
    sure: list[Places] = []
    wanted = last
    for key in keys:
        if len(doubtful) <= wanted:
            break
        values = key(doubtful)
        edge = _nth(values, wanted)
        sure.append(doubtful[values < edge])
        wanted -= len(sure[-1])
        doubtful = doubtful[values == edge]
    return _sorted(keys, np.concatenate([*sure, doubtful]))[:last]


def _nth(values: NDArray[Any], nth: int) -> Any:
    """The nth smallest value."""
    depth = len(values) // (_COLUMNS * nth)
    if depth >= _SHALLOWEST:
        # In columns, n of which have something as small as this, the nth smallest is no larger.
        least = values[: depth * _COLUMNS * nth].reshape(depth, -1).min(axis=0)
        values = values[values <= np.partition(least, nth - 1)[nth - 1]]
    return np.partition(values, nth - 1)[nth - 1]


def _sorted(keys: Sequence[Key], picked: Places) -> Places:
    known: list[NDArray[Any]] = []
    for key in keys:
        known.append(key(picked))
        order = np.lexsort(known[::-1])
        in_turn = [values[order] for values in known]
        if not np.logical_and.reduce([each[1:] == each[:-1] for each in in_turn]).any():
            break
    return picked[order]


def _fresh_words(columns: Columns, row: int, today: int) -> str:
    if columns.stale[row]:
        return _("It needs checking.")
    checked = int(columns.checked[row])
    if not checked:
        return _("Nobody has confirmed it yet.")
    days = max(today - checked, 0)
    return ngettext("Confirmed %(num)s day ago.", "Confirmed %(num)s days ago.", days)


def _room_words(room: int) -> str:
    words = {
        _NO_ROOM: _("There are no places now."),
        _ROOM_UNSAID: _("Nobody has said whether there are places."),
        _HAS_ROOM: _("There are places now."),
    }
    return words[room]


def _near_words(miles: float) -> str:
    if np.isinf(miles):
        return _("It is not held at a place.")
    return _("It is %(miles)s miles away.", miles=f"{miles:.1f}")


def _relevance_words(share: float) -> str:
    if share == 1:
        return _("Nothing matches the words better.")
    return _("It matches the words %(share)s%% as well as the best.", share=f"{share * 100:.0f}")
