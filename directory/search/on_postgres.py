"""Directory search: the index in PostgreSQL, one for every machine; nothing lies on their disks.

`search_state` names the parts that are in force and who is gone from each; a part never changes.
A change leaves a SearchJob in its own commit, and the job stays: until a later pack, every process
reads the listings that have one from their own tables, so an edit is in the next answer of each.
Jobs only ever come, but for a pack, which makes another generation; so their number tells a process
whether it has seen them all, in whatever order they were committed.
"""

import logging
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

import numpy as np
import psycopg
from sqlalchemy import Engine, delete
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from core.db import may_write
from directory.models import SearchState
from directory.search import at_once, backlog, documents, packing, tables
from directory.search.backlog import Progress
from directory.search.behind import Behind
from directory.search.columns import rows_among
from directory.search.documents import Document
from directory.search.packing import Packed
from directory.search.shelf import SCHEMA, Unusable
from directory.search.snapshot import Segment, Snapshot
from directory.search.tables import Fetched

PACKED_AT = 100
"""So many jobs are packed; before that each process reads their listings for itself."""

AT_ONCE = 300
"""So many listings are read, or packed, while somebody waits; more, behind them."""

MOST_ROUNDS = 5

_STAMP = """
SELECT layout, generation, (SELECT count(*) FROM search_job) FROM search_state
"""

log = logging.getLogger(__name__)

Told = TypeVar("Told")


class Stamp(NamedTuple):
    """What state is in force, and how many jobs have come since."""

    generation: uuid.UUID
    jobs: int


@dataclass(frozen=True, slots=True)
class Held:
    """What a process has read: the parts, and the listings changed since, None if not shown."""

    stamp: Stamp
    snapshot: Snapshot
    segments: Mapping[uuid.UUID, Segment]
    seen: frozenset[uuid.UUID] = frozenset()
    changed: Mapping[uuid.UUID, Document | None] = field(default_factory=dict)


class Index:
    """The index of one database, as this process sees it. Any number of threads may use it."""

    def __init__(self, engine: Engine, *, in_background: bool) -> None:
        self._engine = engine
        self._fetched = Fetched(engine)
        self._behind = Behind(in_background=in_background)
        self._guard = threading.Lock()
        self._held: Held | None = None

    def session(self) -> Session:
        """A session of our own: a request's may be in the midst of something."""
        return Session(self._engine)

    def ask(self, question: Callable[[Snapshot], Told]) -> Told:
        """What the index says to a question; Unusable if there is none that can be read."""
        for _ in range(MOST_ROUNDS):
            stamp = self._stamp()
            try:
                return question(self._present(stamp))
            except OperationalError as error:
                raise Unusable("the database cannot be asked") from error
            except Exception as error:  # whatever comes of arrays that are not what they were
                if self._stamp().generation == stamp.generation:
                    log.exception("the search index cannot be read")
                    self._condemn(stamp)
                    raise Unusable("it looked whole, but could not be read") from error
        raise Unusable("it changes faster than it can be read")

    def mend(self) -> None:
        """Have the index rebuilt, without waiting for it."""
        self._behind.later(self._work)

    def catch_up(self) -> None:
        """Pack what waits if there is enough of it: now if it is soon done, else behind."""
        if self._due() <= AT_ONCE:
            self._work()
        else:
            self._behind.later(self._work)

    def take_one(self) -> bool:
        """Pack what waits, for the background loop; False when nothing does or another does it."""
        if self._behind.rests() or not self._due():
            return False
        with packing.lock(self._engine) as mine:
            if mine:
                self._behind.quietly(self._pack)
            return mine

    def rebuild(self, progress: Progress | None = None) -> int:
        """Build the index anew beside the present one and swap; returns how many are in it."""
        with packing.lock(self._engine, wait=True):
            return packing.pack(self._engine, anew=True, progress=progress)

    def generation(self) -> str:
        """Another word whenever answers may be others; none while the database answers."""
        try:
            stamp = self._stamp()
        except Unusable:
            return ""
        return f"{stamp.generation}.{stamp.jobs}"

    def compare(self) -> int:
        """Look for listings that are not indexed as they are, and leave jobs for them; how many."""
        try:
            known = self.ask(Snapshot.digests)
        except Unusable:
            return 0  # it is built anew in any case
        return backlog.compare(self._engine, known)

    def settle(self) -> None:
        """Wait for what is going on in the background."""
        self._behind.settle()

    def _stamp(self) -> Stamp:
        """What is in force now."""
        try:
            found = at_once.first(self._engine, _STAMP)
        except psycopg.Error as error:
            raise Unusable("the tables of the index cannot be read") from error
        if found is None:
            raise Unusable("no index was built yet")
        layout, *stamp = found
        if layout != SCHEMA:
            raise Unusable("the index was written by another version")
        return Stamp(*stamp)

    def _present(self, stamp: Stamp) -> Snapshot:
        held = self._held
        if held is None or held.stamp != stamp:
            with self._guard:
                held = self._held
                if held is None or held.stamp != stamp:
                    held = self._held = self._read(held)
        return held.snapshot

    def _read(self, held: Held | None) -> Held:
        """What is in force now, in one look; of what is held already nothing is read again."""
        with self._engine.connect() as connection, Session(connection) as session:
            connection.execution_options(isolation_level="REPEATABLE READ")
            state = packing.state(session)
            if state is None:
                raise Unusable("no index is there any more")
            jobs = backlog.waiting(session, AT_ONCE)
            count = len(jobs) if len(jobs) < AT_ONCE else backlog.how_many(session)
            stamp = Stamp(state.generation, count)
            known = held.segments if held is not None else {}
            segments = {
                each.part: known.get(each.part) or tables.read(connection, each.part, self._fetched)
                for each in state.parts
            }
            same = held is not None and held.stamp.generation == state.generation
            before = held if same else None
            changed = _changed(session, jobs, before)
        snapshot = _snapshot(state.parts, segments, changed)
        return Held(stamp, snapshot, segments, frozenset(jobs), changed)

    def _due(self) -> int:
        """How many listings are to be packed now; 0 if that can wait."""
        with self.session() as session:
            state = packing.state(session)
            if state is None and packing.is_of_newer_version(session):
                return 0  # while some machines are updated and others not yet
            if state is None:
                return max(documents.how_many(session), 1)
            waits = backlog.how_many(session)
        return 0 if waits < PACKED_AT else waits

    def _condemn(self, stamp: Stamp) -> None:
        """Say to every process that the present state is not to be trusted."""
        of_now = SearchState.generation == stamp.generation
        with may_write(), self._engine.begin() as connection:
            connection.execute(delete(SearchState).where(of_now))

    def _work(self) -> None:
        # Looked at again after the lock is given back: others, who could not get it, relied on us.
        for _ in range(MOST_ROUNDS):
            if not self._due():
                return
            with packing.lock(self._engine) as mine:
                if not mine:
                    return
                self._pack()

    def _pack(self) -> None:
        packing.pack(self._engine)


def _changed(
    session: Session, jobs: Mapping[uuid.UUID, uuid.UUID], held: Held | None
) -> dict[uuid.UUID, Document | None]:
    """The listings of these jobs as they are now; those whose jobs were seen are not read again."""
    seen, known = (held.seen, held.changed) if held is not None else (frozenset(), {})
    unseen = {service for job, service in jobs.items() if job not in seen}
    read = {each.facts.id: each for each in documents.read(session, sorted(unseen))}
    return {each: read.get(each) if each in unseen else known.get(each) for each in jobs.values()}


def _snapshot(
    parts: Sequence[Packed],
    segments: Mapping[uuid.UUID, Segment],
    changed: Mapping[uuid.UUID, Document | None],
) -> Snapshot:
    """The parts without what is gone or changed, and what is changed after them."""
    told, alive = [], [np.zeros(0, dtype=np.bool_)]
    for each in parts:
        segment = segments[each.part]
        living = np.ones(segment.words.size, dtype=np.bool_)
        living[np.array(each.gone, dtype=np.intp)] = False
        if changed:
            living[rows_among(segment.columns.pieces[0].ids, changed)] = False
        told.append(segment)
        alive.append(living)
    fresh = [each for each in changed.values() if each is not None]
    if fresh:
        told.append(tables.segment_of(fresh))
        alive.append(np.ones(len(fresh), dtype=np.bool_))
    return Snapshot(told, np.concatenate(alive))
