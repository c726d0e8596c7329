"""Directory search: what lies beside Whoosh's files, so that a reader needs none of those.

Of each segment, which never changes, its words and its columns as arrays; of each state of the
index, which segments it is made of and which of their listings are gone since.
"""

import re
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from whoosh.codec.base import Segment
from whoosh.index import FileIndex
from whoosh.reading import SegmentReader

from directory.search import inverting, lexicon, postings, sidecars
from directory.search.columns import Columns, rows_among
from directory.search.documents import Document, Facts
from directory.search.sidecars import Arrays
from directory.search.texts import Rows

WORDS, COLUMNS = "words", "columns"

_STATE = re.compile(r"state\.([0-9]+)")

_READ = f".{WORDS}", f".{COLUMNS}"

Gone = Mapping[str, NDArray[np.int32]]


class Kept(NamedTuple):
    """What is kept of one segment."""

    words: Arrays
    columns: Arrays


def is_read(name: str) -> bool:
    """Whether readers open a file of this name; the others are for who writes."""
    return name.endswith(_READ) or bool(_STATE.fullmatch(name))


def number(names: Iterable[str]) -> int:
    """Which state these files are the last of; 0 if of none."""
    return max((int(found[1]) for name in names if (found := _STATE.fullmatch(name))), default=0)


def gone(folder: Path, names: Iterable[str]) -> Gone:
    """The segments of the state of which these are the files, and who is gone from each."""
    last = number(names)
    return sidecars.open_(folder / f"state.{last}") if last else {}


def kept(folder: Path, segment: str) -> Kept:
    """What is kept of a segment."""
    return Kept(*(sidecars.open_(_path(folder, segment, what)) for what in (WORDS, COLUMNS)))


def rows_of(folder: Path, segment: str, ids: Iterable[uuid.UUID]) -> Rows:
    """The rows of a segment in which these listings are."""
    return rows_among(sidecars.open_(_path(folder, segment, COLUMNS), ["ids"])["ids"], ids)


def laid_out(documents: Iterable[Document]) -> Kept:
    """What is to be kept of a segment of these documents."""
    facts, digests = [], []

    def told() -> Iterator[Document]:
        for each in documents:
            facts.append(each.facts)
            digests.append(each.digest())
            yield each

    return Kept(inverting.arrays_of(told()), _columns(facts, digests))


def complete(
    folder: Path, index: FileIndex, segments: Iterable[Segment], fresh: Kept | None = None
) -> frozenset[str]:
    """Write what a new state needs beside Whoosh's files; returns the names that are outlived.

    `segments` are all of it; `fresh` is what is to be kept of the new one, which is read back
    from Whoosh if others were merged into it.
    """
    names = [path.name for path in folder.iterdir()]
    before = gone(folder, names)
    after = {segment.segment_id(): segment for segment in segments}
    now: dict[str, NDArray[np.int32]] = {}
    for name, segment in after.items():
        if name not in before:
            _keep(folder, name, fresh or _read_back(folder, index, segment, before.keys() - after))
        now[name] = np.array(sorted(segment.deleted_docs()), dtype=np.int32)
    state = f"state.{index.latest_generation()}"
    sidecars.write(folder / state, now)
    return frozenset(name for name in names if _STATE.fullmatch(name) and name != state)


def _keep(folder: Path, segment: str, kept: Kept) -> None:
    sidecars.write(_path(folder, segment, WORDS), kept.words)
    sidecars.write(_path(folder, segment, COLUMNS), kept.columns)


def _read_back(folder: Path, index: FileIndex, segment: Segment, merged: Iterable[str]) -> Kept:
    """What is to be kept of a segment that these were merged into, but for who was gone."""
    counts: Counter[str] = Counter()
    for name in merged:
        counts += lexicon.counted(sidecars.open_(_path(folder, name, WORDS)))
    with closing(SegmentReader(index.storage, index.schema, segment)) as reader:
        found = postings.arrays_of(reader)
        stored = [reader.stored_fields(row) for row in range(reader.doc_count_all())]
    words = {**found, **lexicon.arrays_of(counts, found["words"])}
    digests = [each["digest"] for each in stored]
    return Kept(words, _columns([_facts(each) for each in stored], digests))


def _columns(facts: Sequence[Facts], digests: Sequence[int]) -> Arrays:
    return {**Columns.of(facts).arrays(), "digests": np.array(digests, dtype=np.uint64)}


def _facts(stored: Mapping[str, Any]) -> Facts:
    return Facts(uuid.UUID(hex=stored["id"]), *stored["facts"])


def _path(folder: Path, segment: str, what: str) -> Path:
    # Whoosh takes this for a file of its segment, and lets it go with that.
    return folder / f"{segment}.{what}"
