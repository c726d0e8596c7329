"""Directory search: the listings that are to be indexed anew, and why: changed, or found to differ.

Each change of a listing leaves a SearchJob in its own commit.
"""

import logging
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping

from sqlalchemy import Connection, Engine, delete, func, insert, select
from sqlalchemy.orm import Session

from core import clock
from core.db import may_write
from directory.models import SearchJob
from directory.search import documents
from directory.search.documents import Document

log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]


def waiting(session: Session, most: int | None = None) -> dict[uuid.UUID, uuid.UUID]:
    """The jobs there are, or the oldest of them, and the listing of each."""
    oldest_first = select(SearchJob.id, SearchJob.service_id).order_by(SearchJob.at, SearchJob.id)
    return {each.id: each.service_id for each in session.execute(oldest_first.limit(most))}


def how_many(session: Session) -> int:
    """How many jobs there are."""
    return session.scalar(select(func.count()).select_from(SearchJob)) or 0


def forget(connection: Connection, done: Iterable[uuid.UUID]) -> None:
    """Let go of jobs that are done."""
    ids = list(done)
    for start in range(0, len(ids), documents.AT_A_TIME):
        some = ids[start : start + documents.AT_A_TIME]
        connection.execute(delete(SearchJob).where(SearchJob.id.in_(some)))


def compare(engine: Engine, known: Mapping[uuid.UUID, int]) -> int:
    """Look for listings that are not indexed as they are, and leave jobs for them; how many."""
    with Session(engine) as session:
        ids = documents.shown_ids(session)
        differ = known.keys() - set(ids)
        for document in documents.read(session, ids):
            if known.get(document.facts.id) != document.digest():
                differ.add(document.facts.id)
    rows = [{"id": uuid.uuid4(), "service_id": each, "at": clock.now()} for each in differ]
    for start in range(0, len(rows), documents.AT_A_TIME):
        with may_write(), engine.begin() as connection:
            connection.execute(insert(SearchJob), rows[start : start + documents.AT_A_TIME])
    if rows:
        log.warning("%s listings were not indexed as they are", len(rows))
    return len(rows)


def counted(
    found: Iterable[Document], total: int, progress: Progress | None, before: int = 0
) -> Iterator[Document]:
    """The same documents, counted as they pass, of whom so many passed before."""
    for done, document in enumerate(found, before + 1):
        yield document
        if progress is not None:
            progress(done, total)
