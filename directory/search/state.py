"""Directory search: what lies beside Whoosh's files, so that a reader needs none of those.

Of each segment, which never changes, its words and its columns as arrays; of each state of the
index, which segments it is made of and which of their listings are gone since.
"""

import re
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from whoosh.index import FileIndex
from whoosh.reading import SegmentReader

from directory.search import lexicon, postings, sidecars
from directory.search.columns import Columns
from directory.search.documents import Facts
from directory.search.sidecars import Arrays

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


def complete(folder: Path, index: FileIndex, written: Counter[str]) -> frozenset[str]:
    """Write what a new state needs beside Whoosh's files; returns the names that are outlived.

    `written` counts the words of the documents that were added, as they are written.
    """
    names = [path.name for path in folder.iterdir()]
    before = gone(folder, names)
    readers = {reader.segment().segment_id(): reader for reader, _ in index.reader().leaf_readers()}
    counts = Counter(written)
    for segment in before.keys() - readers.keys():
        # It was merged into the new one, with all its words but those of who was gone.
        counts += lexicon.counted(sidecars.open_(_path(folder, segment, WORDS)))
    now: dict[str, NDArray[np.int32]] = {}
    for segment, reader in readers.items():
        if segment not in before:
            _keep(folder, segment, reader, counts)
        now[segment] = np.array(sorted(reader.segment().deleted_docs()), dtype=np.int32)
        reader.close()
    state = f"state.{index.latest_generation()}"
    sidecars.write(folder / state, now)
    return frozenset(name for name in names if _STATE.fullmatch(name) and name != state)


def _keep(folder: Path, segment: str, reader: SegmentReader, counts: Counter[str]) -> None:
    found = postings.arrays_of(reader)
    words = {**found, **lexicon.arrays_of(counts, found["words"])}
    stored = [reader.stored_fields(row) for row in range(reader.doc_count_all())]
    digests = np.array([each["digest"] for each in stored], dtype=np.uint64)
    columns = Columns.of([_facts(each) for each in stored]).arrays()
    sidecars.write(_path(folder, segment, WORDS), words)
    sidecars.write(_path(folder, segment, COLUMNS), {**columns, "digests": digests})


def _facts(stored: Mapping[str, Any]) -> Facts:
    return Facts(uuid.UUID(hex=stored["id"]), *stored["facts"])


def _path(folder: Path, segment: str, what: str) -> Path:
    # Whoosh takes this for a file of its segment, and lets it go with that.
    return folder / f"{segment}.{what}"
