"""Directory search: what Whoosh keeps on disk: its schema, how it is written, how it is opened."""

import os
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import astuple
from math import log
from pathlib import Path
from typing import Any

from whoosh.analysis import SpaceSeparatedTokenizer
from whoosh.codec.base import Segment
from whoosh.fields import ID, STORED, TEXT, Schema
from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex
from whoosh.reading import SegmentReader
from whoosh.writing import NO_MERGE, SegmentWriter

from directory.search import state
from directory.search.documents import Document
from directory.search.texts import FIELDS
from directory.search.words import stems, written_words

TOGETHER = 8
"""So many segments of about one size become one, some eight times as large."""

_MEMORY_MB = 256


class _Storage(FileStorage):  # type: ignore[misc]
    """A folder of which Whoosh sees only the files of one state, and deletes none.

    A reader that is just opening the state before must still find its files; the shelf removes
    them when the new state is published.
    """

    def __init__(self, folder: Path, names: Iterable[str] | None = None) -> None:
        super().__init__(str(folder), supports_mmap=False)
        self.discarded: set[str] = set()
        self._names = None if names is None else sorted(names)

    def list(self) -> list[str]:
        return os.listdir(self.folder) if self._names is None else self._names

    def __iter__(self) -> Any:
        return iter(self.list())

    def delete_file(self, name: str) -> None:
        self.discarded.add(name)


def create(folder: Path) -> None:
    """Begin an empty index in an empty folder."""
    _Storage(folder).create_index(_schema())


def write(
    folder: Path,
    ids: Iterable[uuid.UUID],
    documents: Iterable[Document],
    *,
    tidily: bool = False,
) -> frozenset[str]:
    """Put the documents in place of all that was known of `ids`; returns the files outlived.

    `tidily`: segments of about the same size are merged, if there are too many of them.
    """
    storage = _Storage(folder)
    index = storage.open_index()
    written: Counter[str] = Counter()
    writer = index.writer(compound=False, limitmb=_MEMORY_MB)
    try:
        for each in ids:
            writer.delete_by_term("id", each.hex)
        for document in documents:
            writer.add_document(**_fields(document))
            words = {word for name in FIELDS for word in written_words(document.texts[name])}
            written.update(words)
    except BaseException:
        writer.cancel()
        raise
    writer.commit(mergetype=_merge if tidily else NO_MERGE)
    outlived = state.complete(folder, storage.open_index(), written)
    return frozenset({*storage.discarded, *outlived, f"{index.indexname}_WRITELOCK"})


def too_many(sizes: Sequence[int]) -> list[int]:
    """Which of the segments of these sizes to merge into one: the smallest, TOGETHER of a kind."""
    kinds: dict[int, list[int]] = {}
    for at, size in enumerate(sizes):
        kinds.setdefault(int(log(max(size, 1), TOGETHER)), []).append(at)
    return next((kinds[each] for each in sorted(kinds) if len(kinds[each]) >= TOGETHER), [])


def _merge(writer: SegmentWriter, segments: Sequence[Segment]) -> list[Segment]:
    merged = too_many([each.doc_count_all() for each in segments])
    for at in merged:
        reader = SegmentReader(writer.storage, writer.schema, segments[at])
        writer.add_reader(reader)
        reader.close()
    return [each for at, each in enumerate(segments) if at not in merged]


def open_index(folder: Path, names: Iterable[str]) -> FileIndex:
    """The index that these files of a folder make up."""
    return _Storage(folder, names).open_index()


def _schema() -> Schema:
    # Texts come in as stems already: one function makes the words of a listing and of a question.
    texts = {
        name: TEXT(analyzer=SpaceSeparatedTokenizer(), phrase=True, field_boost=boost)
        for name, boost in FIELDS.items()
    }
    return Schema(id=ID(unique=True, stored=True), facts=STORED, digest=STORED, **texts)


def _fields(document: Document) -> dict[str, Any]:
    said: Sequence[Any] = astuple(document.facts)
    told = {"id": document.facts.id.hex, "facts": said[1:], "digest": document.digest()}
    texts = {name: " ".join(stems(document.texts[name])) for name in FIELDS}
    return told | texts
