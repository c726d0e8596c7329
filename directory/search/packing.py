"""Directory search: packs changed listings into the index in PostgreSQL; who packs, and what with.

One process packs at a time, by a lock in the database. A part is written unseen; what puts it in
force is one short transaction, which also ticks off the jobs it did.
"""

import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Engine, Row, Select, delete, func, insert, inspect, select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from core.db import Model, act_as_owner, may_write
from directory.models import SearchArray, SearchState, SearchWord
from directory.search import backlog, documents, tables
from directory.search.backlog import Progress
from directory.search.columns import rows_among
from directory.search.documents import Document
from directory.search.shelf import SCHEMA

PART_SIZE = 100_000
"""So many listings are packed as one: what it takes is memory."""

_LOCK = 7_319_004
_LOOK_EVERY = 0.2


class Overtaken(Exception):
    """Another process put its own state in force meanwhile."""


@dataclass(frozen=True, slots=True)
class Packed:
    """A part in force, how many rows it has, and which of them are gone."""

    part: uuid.UUID
    size: int
    gone: Sequence[int] = ()

    @property
    def living(self) -> int:
        """How many listings it has still."""
        return self.size - len(self.gone)

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> "Packed":
        """As it was written down."""
        return cls(uuid.UUID(said["part"]), said["size"], said["gone"])


@dataclass(frozen=True, slots=True)
class State:
    """What is in force."""

    generation: uuid.UUID
    parts: Sequence[Packed]

    @property
    def living(self) -> int:
        """How many listings there are in it still."""
        return sum(each.living for each in self.parts)


def state(session: Session) -> State | None:
    """What is in force, if there is anything that this version can read."""
    wanted = select(SearchState.generation, SearchState.parts).where(SearchState.layout == SCHEMA)
    found = _first(session, wanted)
    if found is None:
        return None
    return State(found.generation, [Packed.of(each) for each in found.parts])


def is_of_newer_version(session: Session) -> bool:
    """Whether what is in force was written by a version that came after this one."""
    return _first(session, select(SearchState.id).where(SearchState.layout > SCHEMA)) is not None


def _first(session: Session, wanted: Select[Any]) -> Row[Any] | None:
    """The first row; None too if there is no such table."""
    try:
        return session.execute(wanted).first()
    except ProgrammingError:
        session.rollback()
        return None


@contextmanager
def lock(engine: Engine, *, wait: bool = False) -> Iterator[bool]:
    """Hold the one lock there is among all machines; False if another does."""
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        asked = select(func.pg_try_advisory_lock(_LOCK))
        while not (mine := bool(connection.scalar(asked))) and wait:
            time.sleep(_LOOK_EVERY)
        try:
            yield mine
        finally:
            if mine:
                connection.execute(select(func.pg_advisory_unlock(_LOCK)))


def pack(engine: Engine, *, anew: bool = False, progress: Progress | None = None) -> int:
    """Pack what waits, or everything anew; returns how many listings are in it now.

    For who has the lock. What is smaller than what is packed is packed with it, so that a listing
    is packed again only a few times.
    """
    with Session(engine) as session:
        # The jobs first: what changes after this is either read below or has a job left.
        jobs = backlog.waiting(session)
        before = state(session)
        if before is None:
            _make_tables(engine)
        kept = [] if anew or before is None else list(before.parts)
        ids = set(jobs.values())
        while kept and kept[-1].living <= len(ids):
            ids.update(_living(session, kept.pop()))
        whole = sorted(ids) if kept else documents.shown_ids(session)
        kept = [_without(session, each, ids) for each in kept]
        fresh = list(_write(engine, session, whole, progress))
    now = State(uuid.uuid4(), [*kept, *fresh])
    put_in_force(engine, before, now, jobs)
    return now.living


def _make_tables(engine: Engine) -> None:
    """Whoever dropped a table of the index gets it back, where we may sign in as its owner."""
    names = [table.__tablename__ for table in (SearchState, SearchArray, SearchWord)]
    known = Model.metadata.tables
    with may_write(), engine.begin() as connection:
        there = inspect(connection)
        gone = [known[name] for name in names if not there.has_table(name)]
        if gone:
            act_as_owner(connection)
            Model.metadata.create_all(connection, tables=gone)


def _write(
    engine: Engine, session: Session, ids: Sequence[uuid.UUID], progress: Progress | None
) -> Iterator[Packed]:
    for start in range(0, len(ids), PART_SIZE):
        some = ids[start : start + PART_SIZE]
        part = uuid.uuid4()
        found = backlog.counted(documents.read(session, some), len(ids), progress, start)
        if size := tables.write(engine, part, _to_the_end(session, found)):
            yield Packed(part, size)


def _to_the_end(session: Session, found: Iterable[Document]) -> Iterator[Document]:
    """The same; what follows the last of them takes longer than a transaction may lie idle."""
    yield from found
    session.rollback()


def _living(session: Session, packed: Packed) -> list[uuid.UUID]:
    ids = np.delete(tables.ids_of(session, packed.part), packed.gone, axis=0)
    return [uuid.UUID(bytes=each.tobytes()) for each in ids]


def _without(session: Session, packed: Packed, ids: Iterable[uuid.UUID]) -> Packed:
    """A part as it is now that these are packed elsewhere."""
    rows = rows_among(tables.ids_of(session, packed.part), ids)
    return Packed(packed.part, packed.size, sorted({*packed.gone, *rows.tolist()}))


def put_in_force(
    engine: Engine, before: State | None, now: State, done: Iterable[uuid.UUID]
) -> None:
    """Have every process answer from this state, unless another took the place of the one before.

    A lock is lost with its connection: two who pack at once must not undo each other's work.
    """
    parts = [
        {"part": str(each.part), "size": each.size, "gone": list(each.gone)} for each in now.parts
    ]
    row = {"id": 1, "layout": SCHEMA, "generation": now.generation, "parts": parts}
    others = select(SearchState.id).where(SearchState.layout == SCHEMA)
    if before is not None:
        others = others.where(SearchState.generation != before.generation)
    with may_write(), engine.begin() as connection:
        connection.execute(text("LOCK TABLE search_state IN EXCLUSIVE MODE"))
        if connection.execute(others).first() is not None:
            raise Overtaken
        connection.execute(delete(SearchState))
        connection.execute(insert(SearchState), row)
        backlog.forget(connection, done)
        tables.forget(connection, [each.part for each in now.parts])
