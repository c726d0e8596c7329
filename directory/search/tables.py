"""Directory search: the parts of the index as PostgreSQL keeps them, for any number of machines.

What every question runs through is read once by each process; what stands in listings is fetched
word by word, when it is asked for, and kept while there is room.
"""

import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, delete, insert, select
from sqlalchemy.orm import Session

from core.db import Model, may_write
from directory.models import SearchArray, SearchWord
from directory.search import at_once, inverting
from directory.search.columns import Columns
from directory.search.documents import Document
from directory.search.parts import Cases, Part
from directory.search.postings import COMMON, SMALL
from directory.search.sidecars import Arrays
from directory.search.snapshot import Segment
from directory.search.texts import Rows
from directory.search.ticks import Bytes

KEPT_BYTES = 48 << 20
"""So much of what stands in listings each process keeps in memory."""

MOST_AT_ONCE = 2_000
_BYTES_AT_ONCE = 4 << 20

_ABSENT: Mapping[str, str] = {
    "rows": "i4",
    "cases": "u1",
    "places": "u1",
    "common": "i8",
    "dense": "u1",
}
"""What is kept word by word, or made of that; no process has it whole."""

_POSTINGS = "SELECT rows, cases FROM search_word WHERE part_id = %s AND number = %s"
_PLACES = "SELECT places FROM search_word WHERE part_id = %s AND number = %s"

_LISTINGS, _WORDS = "listings.", "words."


class Torn(Exception):
    """Something of the index is not there, or not as it was written."""


class Fetched:
    """What stands in listings, from the database, and what of it this process has at hand."""

    def __init__(self, engine: Engine, most: int = KEPT_BYTES) -> None:
        self._engine = engine
        self._most = most
        self._size = 0
        self._kept: OrderedDict[tuple[object, ...], tuple[NDArray[Any], ...]] = OrderedDict()
        self._guard = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def of(
        self,
        part: uuid.UUID,
        number: int,
        wanted: str,
        made: Callable[..., tuple[NDArray[Any], ...]],
    ) -> tuple[NDArray[Any], ...]:
        """What is made of what is wanted of a word of a part."""
        key = part, number, wanted
        with self._guard:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        found = made(*self._fetch(part, number, wanted))
        with self._guard:
            if key not in self._kept:
                self._kept[key] = found
                self._size += _size_of(found)
            while self._size > self._most and len(self._kept) > 1:
                self._size -= _size_of(self._kept.popitem(last=False)[1])
        return found

    def _fetch(self, part: uuid.UUID, number: int, wanted: str) -> tuple[Any, ...]:
        found = at_once.first(self._engine, wanted, (part, number))
        if found is None:
            raise Torn(f"word {number} is not there")
        return found


class FetchedPart(Part):
    """The words of a part, of which only the list is at hand."""

    def __init__(self, part: uuid.UUID, arrays: Arrays, fetched: Fetched) -> None:
        absent = {name: np.zeros(0, kind) for name, kind in _ABSENT.items()}
        super().__init__({**arrays, **absent})
        self._part = part
        self._fetched = fetched
        self._case_kind = np.min_scalar_type(len(arrays["case_weights"]))
        self._place_kind = arrays["text_starts"].dtype

    def postings(self, number: int) -> tuple[Rows, Cases, Cases | None]:
        """The listings that have a word, the case of each, and the row of a common word."""
        rows, cases, *row = self._fetched.of(self._part, number, _POSTINGS, self._postings)
        return rows, cases, row[0] if row else None

    def places(self, number: int) -> NDArray[Any]:
        """Every place a word stands in."""
        return self._fetched.of(self._part, number, _PLACES, self._places_from)[0]

    def _postings(self, rows: bytes, cases: bytes) -> tuple[NDArray[Any], ...]:
        found = np.frombuffer(rows, np.int32), np.frombuffer(cases, self._case_kind)
        if len(found[0]) != len(found[1]):
            raise Torn("a word is cut short")
        if self.size <= SMALL or len(found[0]) <= COMMON * self.size:
            return found
        row = np.zeros(self.size, dtype=self._case_kind)
        row[found[0]] = found[1]
        return *found, row

    def _places_from(self, places: bytes) -> tuple[NDArray[Any], ...]:
        return (np.frombuffer(places, self._place_kind),)


def segment_of(documents: Sequence[Document]) -> Segment:
    """The same of documents that are at hand whole."""
    words = Part(inverting.arrays_of(documents))
    digests = np.array([each.digest() for each in documents], dtype=np.uint64)
    return Segment(Columns.of([each.facts for each in documents]), words, digests)


def write(engine: Engine, part: uuid.UUID, documents: Iterable[Document]) -> int:
    """Keep these documents as a part of the index, which nobody sees yet; returns how many."""
    facts, digests = [], []

    def told() -> Iterator[Document]:
        for each in documents:
            facts.append(each.facts)
            digests.append(each.digest())
            yield each

    words = inverting.arrays_of(told())
    listings = {**Columns.of(facts).arrays(), "digests": np.array(digests, dtype=np.uint64)}
    arrays = {f"{_LISTINGS}{name}": array for name, array in listings.items()}
    arrays |= {f"{_WORDS}{name}": words[name] for name in words.keys() - _ABSENT.keys()}
    for some in _in_turn(_array_by_array(part, arrays)):
        _insert(engine, SearchArray, some)
    for some in _in_turn(_word_by_word(part, words)):
        _insert(engine, SearchWord, some)
    return len(facts)


def read(connection: Connection, part: uuid.UUID, fetched: Fetched) -> Segment:
    """A part that was kept."""
    wanted = (SearchArray.name, SearchArray.kind, SearchArray.shape, SearchArray.content)
    told = connection.execute(select(*wanted).where(SearchArray.part_id == part))
    try:
        arrays = {
            name: np.frombuffer(content, kind).reshape(shape) for name, kind, shape, content in told
        }
        listings, words = (_of(prefix, arrays) for prefix in (_LISTINGS, _WORDS))
        columns = Columns.from_arrays(listings)
        return Segment(columns, FetchedPart(part, words, fetched), listings["digests"])
    except (KeyError, TypeError, ValueError) as error:
        raise Torn(f"a part cannot be read: {error!r}") from error


def ids_of(session: Session, part: uuid.UUID) -> Bytes:
    """Whose the rows of a part are, 16 bytes each."""
    named = SearchArray.part_id == part, SearchArray.name == f"{_LISTINGS}ids"
    found = session.scalar(select(SearchArray.content).where(*named)) or b""
    return np.frombuffer(found[: len(found) // 16 * 16], np.uint8).reshape(-1, 16)


def forget(connection: Connection, but: Sequence[uuid.UUID]) -> None:
    """Let go of all parts but these."""
    for table in (SearchArray, SearchWord):
        connection.execute(delete(table).where(table.part_id.not_in(but)))


def _array_by_array(part: uuid.UUID, arrays: Arrays) -> Iterator[dict[str, Any]]:
    for name, array in arrays.items():
        kept = {"kind": array.dtype.str, "shape": array.shape, "content": array.tobytes()}
        yield {"part_id": part, "name": name, **kept}


def _word_by_word(part: uuid.UUID, words: Arrays) -> Iterator[dict[str, Any]]:
    rows, cases, places = words["rows"], words["cases"], words["places"]
    starts, place_starts = words["starts"].tolist(), words["place_starts"].tolist()
    for number in range(len(starts) - 1):
        run = slice(starts[number], starts[number + 1])
        stands = slice(place_starts[number], place_starts[number + 1])
        yield {
            "part_id": part,
            "number": number,
            "rows": rows[run].tobytes(),
            "cases": cases[run].tobytes(),
            "places": places[stands].tobytes(),
        }


def _in_turn(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    some: list[dict[str, Any]] = []
    size = 0
    for row in rows:
        some.append(row)
        size += sum(len(each) for each in row.values() if isinstance(each, bytes))
        if len(some) >= MOST_AT_ONCE or size >= _BYTES_AT_ONCE:
            yield some
            some, size = [], 0
    if some:
        yield some


def _insert(engine: Engine, table: type[Model], rows: Sequence[dict[str, Any]]) -> None:
    with may_write(), engine.begin() as connection:
        connection.execute(insert(table), rows)


def _of(prefix: str, arrays: Arrays) -> Arrays:
    return {
        name.removeprefix(prefix): each for name, each in arrays.items() if name.startswith(prefix)
    }


def _size_of(arrays: Iterable[NDArray[Any]]) -> int:
    return sum(each.nbytes for each in arrays)
