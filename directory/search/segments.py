"""Directory search: what Whoosh keeps on disk: its schema, how it is written, how it is opened."""

import os
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
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
from whoosh.writing import SegmentWriter

from directory.search import state
from directory.search.documents import Document
from directory.search.texts import FIELDS
from directory.search.words import stems

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


def write(folder: Path, ids: Iterable[uuid.UUID], documents: Iterable[Document]) -> frozenset[str]:
    """Put the documents in place of all that was known of `ids`; returns the files outlived."""
    outdated = frozenset(ids)
    with _writing(folder) as (index, writer):
        for segment in writer.segments if outdated else ():
            for row in state.rows_of(folder, segment.segment_id(), outdated).tolist():
                segment.delete_document(row)
        fresh = state.laid_out(_added(writer, documents))
        final = _commit(writer, writer.segments)
    return _outlived(index, state.complete(folder, index, final, fresh))


def tidy(folder: Path) -> frozenset[str]:
    """Merge segments of about the same size, if there are too many; returns the files outlived."""
    with _writing(folder) as (index, writer):
        merged = too_many([each.doc_count_all() for each in writer.segments])
        for at in merged:
            with closing(SegmentReader(writer.storage, writer.schema, writer.segments[at])) as each:
                writer.add_reader(each)
        left = [each for at, each in enumerate(writer.segments) if at not in merged]
        final = _commit(writer, left)
    return _outlived(index, state.complete(folder, index, final))


def too_many(sizes: Sequence[int]) -> list[int]:
    """Which of the segments of these sizes to merge into one: the smallest, TOGETHER of a kind."""
    kinds: dict[int, list[int]] = {}
    for at, size in enumerate(sizes):
        kinds.setdefault(int(log(max(size, 1), TOGETHER)), []).append(at)
    return next((kinds[each] for each in sorted(kinds) if len(kinds[each]) >= TOGETHER), [])


@contextmanager
def _writing(folder: Path) -> Iterator[tuple[FileIndex, SegmentWriter]]:
    """An index and its writer, which lets go of what it wrote if anything goes wrong."""
    index = _Storage(folder).open_index()
    writer = index.writer(compound=False, limitmb=_MEMORY_MB)
    try:
        yield index, writer
    except BaseException:
        if not writer.is_closed:
            writer.cancel()
        raise


def _added(writer: SegmentWriter, documents: Iterable[Document]) -> Iterator[Document]:
    """The same documents, each of which Whoosh is told as it passes."""
    for document in documents:
        writer.add_document(**_fields(document))
        yield document


def _commit(writer: SegmentWriter, segments: Sequence[Segment]) -> list[Segment]:
    """Finish what was written; returns all the segments there are now: these, and what is new."""
    final = list(segments)
    writer.commit(mergetype=lambda *_: final)  # to which Whoosh adds the new one
    return final


def _outlived(index: FileIndex, outlived: frozenset[str]) -> frozenset[str]:
    return frozenset({*index.storage.discarded, *outlived, f"{index.indexname}_WRITELOCK"})


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
