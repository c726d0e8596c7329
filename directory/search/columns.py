"""Directory search: listings as columns, one array a fact, for choosing and counting among them.

Columns are plain arrays, so that they can be kept beside an index and mapped from there into the
memory of every worker. What a question runs through is copied where columns are joined; what is
looked up of single listings (ids, names, points, concepts, vectors) stays where it lies, in pieces.
"""

import json
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from directory.meaning.vectors import SIZE, Marks, likeness, marks, nearest
from directory.outlines import Box
from directory.places import Place
from directory.search import ticks
from directory.search.documents import Facts
from directory.search.points import Floats, Homes, Points
from directory.search.texts import Rows
from directory.search.ticks import Bytes

Ints = NDArray[np.int32]
Mask = NDArray[np.bool_]
Keys = NDArray[np.uint64]
Weights = NDArray[np.float32]
Vectors = NDArray[np.int8]
Likeness = NDArray[np.float32]

NAME_BYTES = 32
"""By so much of their names listings that are otherwise equal are put in order."""

LETTERS = (NAME_BYTES + 16) // 8


@dataclass(frozen=True, eq=False)
class Concepts:
    """Which listings speak of which need, and how surely: need after need, by listing."""

    codes: tuple[str, ...]
    starts: Ints
    rows: Rows
    weights: Weights

    @classmethod
    def of(cls, facts: Sequence[Facts]) -> Self:
        """Those of these listings."""
        told = sorted(
            (code, row, weight) for row, each in enumerate(facts) for code, weight in each.concepts
        )
        codes = sorted({code for code, _, _ in told})
        which = [code for code, _, _ in told]
        return cls(
            codes=tuple(codes),
            starts=np.searchsorted(which, [*codes, "\U0010ffff"]).astype(np.int32),
            rows=np.array([row for _, row, _ in told], dtype=np.int32),
            weights=np.array([weight for _, _, weight in told], dtype=np.float32),
        )

    def of_code(self, code: str) -> tuple[Rows, Weights]:
        """The listings that speak of a need."""
        if code not in self.codes:
            return self.rows[:0], self.weights[:0]
        at = self.codes.index(code)
        run = slice(self.starts[at], self.starts[at + 1])
        return self.rows[run], self.weights[run]


@dataclass(frozen=True, eq=False)
class Piece:
    """What is looked up of listings that were written together; the first of them is row `start`.

    `ids` are of 16 bytes each, `names` of four numbers that are in the order of the alphabet.
    """

    start: int
    ids: Bytes
    names: Keys
    points: Points
    concepts: Concepts
    vectors: Vectors
    marks: Marks


@dataclass(frozen=True, eq=False)
class Columns:
    """Listings side by side; row n of each column speaks of listing n.

    `checked` is the day on which a listing was last confirmed, as an ordinal, 0 if it never was;
    `full` has a column (row, first day, last day) for each time a listing has no room.
    """

    checked: Ints
    stale: Mask
    ticks: Bytes
    homes: Homes
    full: Ints
    pieces: tuple[Piece, ...]
    _full_on: dict[int, Mask | None] = field(default_factory=dict)

    @classmethod
    def of(cls, facts: Sequence[Facts]) -> Self:
        """Columns of these listings, in this order."""
        points = [each.points for each in facts]
        full = [(row, *days) for row, each in enumerate(facts) for days in each.full]
        ids = b"".join(each.id.bytes for each in facts)
        vectors = _vectors([each.vector for each in facts])
        piece = Piece(
            start=0,
            ids=np.frombuffer(ids, dtype=np.uint8).reshape(-1, 16),
            names=_keys(b"".join(_in_order(each.name) for each in facts), NAME_BYTES),
            points=Points.of(points),
            concepts=Concepts.of(facts),
            vectors=vectors,
            marks=marks(vectors),
        )
        return cls(
            checked=np.array([each.checked for each in facts], dtype=np.int32),
            stale=np.array([each.stale for each in facts], dtype=np.bool_),
            ticks=ticks.packed(facts),
            homes=Homes.of(points),
            full=np.ascontiguousarray(np.array(full, dtype=np.int32).reshape(-1, 3).T),
            pieces=(piece,),
        )

    @classmethod
    def joined(cls, parts: Sequence["Columns"]) -> "Columns":
        """Several columns as one, one after the other."""
        if len(parts) == 1:
            return parts[0]
        parts = parts or [cls.of([])]
        starts = np.cumsum([0, *map(len, parts)]).tolist()
        by = list(zip(parts, starts, strict=False))
        moved = [part.full + np.array([[start], [0], [0]], dtype=np.int32) for part, start in by]
        return cls(
            checked=np.concatenate([part.checked for part in parts]),
            stale=np.concatenate([part.stale for part in parts]),
            ticks=np.concatenate([part.ticks for part in parts]),
            homes=Homes.joined([part.homes for part in parts]),
            full=np.concatenate(moved, axis=1),
            pieces=tuple(
                replace(piece, start=start + piece.start)
                for part, start in by
                for piece in part.pieces
            ),
        )

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything as arrays to be kept, of columns that are not joined."""
        (piece,) = self.pieces
        return {
            "checked": self.checked,
            "stale": self.stale,
            "ticks": self.ticks,
            "ticks_named": ticks.names(),
            "full": self.full,
            "ids": piece.ids,
            "names": piece.names,
            "concept_codes": _text(piece.concepts.codes),
            "concept_starts": piece.concepts.starts,
            "concept_rows": piece.concepts.rows,
            "concept_weights": piece.concepts.weights,
            "vectors": piece.vectors,
            "marks": piece.marks,
            **piece.points.arrays(),
            **self.homes.arrays(),
        }

    @classmethod
    def from_arrays(cls, kept: Mapping[str, NDArray[Any]]) -> Self:
        """Columns as they were kept, laid out anew if there are other choices since."""
        concepts = Concepts(
            tuple(json.loads(kept["concept_codes"].tobytes())),
            kept["concept_starts"],
            kept["concept_rows"],
            kept["concept_weights"],
        )
        points = Points.from_arrays(kept)
        piece = Piece(
            start=0,
            ids=kept["ids"],
            names=kept["names"],
            points=points,
            concepts=concepts,
            vectors=kept["vectors"],
            marks=kept["marks"],
        )
        return cls(
            checked=kept["checked"],
            stale=kept["stale"],
            ticks=ticks.laid_out(kept["ticks"], kept["ticks_named"]),
            homes=Homes.from_arrays(kept),
            full=kept["full"],
            pieces=(piece,),
        )

    def __len__(self) -> int:
        return len(self.checked)

    def ids(self, rows: Rows) -> list[uuid.UUID]:
        """Whose these rows are."""
        told = np.ascontiguousarray(self._looked_up(rows, lambda piece: piece.ids))
        halves = told.view(">u8").tolist()
        return [_uuid(first << 64 | second) for first, second in halves]

    def letters(self, rows: Rows, nth: int) -> Keys:
        """The nth of LETTERS numbers by which these stand in the alphabet, no two in one place."""
        if nth < NAME_BYTES // 8:
            return self._looked_up(rows, lambda piece: piece.names)[:, nth]
        ids = np.ascontiguousarray(self._looked_up(rows, lambda piece: piece.ids))
        return ids.view(">u8").astype(np.uint64)[:, nth - NAME_BYTES // 8]

    def concept_rows(self, code: str) -> tuple[Rows, Weights]:
        """The listings that speak of a need, in rising order, and how surely; dead ones too."""
        found = [(piece.start, *piece.concepts.of_code(code)) for piece in self.pieces]
        rows = [rows + np.int32(start) for start, rows, _ in found]
        return np.concatenate(rows), np.concatenate([weights for *_, weights in found])

    def called(self, name: str) -> Rows:
        """The listings whose name, folded, begins as this one does."""
        key = _keys(_in_order(name), NAME_BYTES)[0]
        found = [
            at[(piece.names[at] == key).all(axis=1)] + np.int32(piece.start)
            for piece in self.pieces
            for at in [np.flatnonzero(piece.names[:, 0] == key[0])]
        ]
        return np.concatenate(found).astype(np.int32)

    def near(self, here: Place, miles: float) -> tuple[Rows, Floats]:
        """The listings within so many miles, each once, and how far apart they are squared."""
        found = [(piece.start, *piece.points.within(here, miles)) for piece in self.pieces]
        rows = [rows + np.int32(start) for start, rows, _ in found]
        apart = [apart for *_, apart in found]
        return self.homes.nearest_of_each(np.concatenate(rows), np.concatenate(apart))

    def inside(self, box: Box) -> Rows:
        """The listings with a place in a box, each once."""
        found = [piece.points.inside(box) + np.int32(piece.start) for piece in self.pieces]
        rows = np.concatenate(found)
        return self.homes.nearest_of_each(rows, np.zeros(len(rows)))[0]

    def full_on(self, day: int) -> Mask | None:
        """Who has no room on a day; None if everybody may have."""
        if day not in self._full_on:
            rows = self.full[0, (self.full[1] <= day) & (day <= self.full[2])]
            mask = np.zeros(len(self), dtype=np.bool_)
            mask[rows] = True
            self._full_on.clear()
            self._full_on[day] = mask if len(rows) else None
        return self._full_on[day]

    def most_alike(self, asked: Likeness, most: int) -> tuple[Rows, Likeness]:
        """The listings most alike in sense, in rising order, and how alike; dead ones too."""
        found = [
            (piece.start, *nearest(piece.vectors, asked, most, piece.marks))
            for piece in self.pieces
        ]
        rows = np.concatenate([rows + start for start, rows, _ in found]).astype(np.int32)
        return rows, np.concatenate([alike for *_, alike in found])

    def likeness(self, rows: Rows, asked: Likeness) -> Likeness:
        """How alike in sense each of these is."""
        return likeness(self._looked_up(rows, lambda piece: piece.vectors), asked)

    def _looked_up(self, rows: Rows, of: Callable[[Piece], NDArray[Any]]) -> NDArray[Any]:
        if len(self.pieces) == 1:
            return of(self.pieces[0]).take(rows, axis=0)
        starts = [piece.start for piece in self.pieces]
        which = np.searchsorted(starts, rows, side="right") - 1
        table = of(self.pieces[0])
        found = np.empty((len(rows), table.shape[1]), dtype=table.dtype)
        for at in np.unique(which):
            piece = self.pieces[at]
            mine = which == at
            found[mine] = of(piece).take(rows[mine] - piece.start, axis=0)
        return found


def rows_among(ids: Bytes, wanted: Iterable[uuid.UUID]) -> Rows:
    """The rows in which these listings are, of all that have these ids."""
    keys = np.frombuffer(b"".join(each.bytes for each in wanted), np.uint64).reshape(-1, 2)
    halves = ids.reshape(-1).view(np.uint64).reshape(-1, 2)
    rows = np.flatnonzero(np.isin(halves[:, 0], keys[:, 0]))
    known = {each.tobytes() for each in keys}
    return np.array([row for row in rows if ids[row].tobytes() in known], dtype=np.int32)


def _uuid(number: int) -> uuid.UUID:
    """The UUID of a number: a page has hundreds, and `UUID` checks each three times as long."""
    found = object.__new__(uuid.UUID)
    object.__setattr__(found, "int", number)
    object.__setattr__(found, "is_safe", uuid.SafeUUID.unknown)
    return found


def _in_order(name: str) -> bytes:
    """The beginning of a name as bytes that sort as it does."""
    return name.encode(errors="replace")[:NAME_BYTES].ljust(NAME_BYTES, b"\0")


def _keys(told: bytes, size: int) -> Keys:
    """Bytes as numbers in the same order, so many bytes to a row."""
    return np.frombuffer(told, dtype=">u8").astype(np.uint64).reshape(-1, size // 8)


def _text(codes: Sequence[str]) -> Bytes:
    return np.frombuffer(json.dumps(codes).encode(), dtype=np.uint8)


def _vectors(told: Sequence[bytes]) -> Vectors:
    """A row for each listing, of noughts where it has none."""
    filled = b"".join(each.ljust(SIZE, b"\0") for each in told)
    return np.frombuffer(filled, dtype=np.int8).reshape(len(told), SIZE)
