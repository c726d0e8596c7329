"""Directory search: keeps the index true to the listings, and has it built anew when it is lost.

Each change of a listing leaves a SearchJob in its own commit. Whoever can take the lock does the
jobs: the process that saved the change, right after it, or else `flask work`. A reader that finds
the index damaged has it rebuilt behind its back and asks the database meanwhile.
"""

import logging
import threading
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from core.db import may_write
from directory.models import SearchJob
from directory.search import backlog, documents, segments, state
from directory.search.backlog import Progress
from directory.search.behind import Behind
from directory.search.shelf import Manifest, Shelf, Unusable
from directory.search.snapshot import Segment, Snapshot, open_state

AT_ONCE = 300
"""So many listings are indexed while somebody waits (a third of a second); more, behind them."""

MOST_SEGMENTS = 30
"""With more, who saves a change merges some of them too."""

MOST_ROUNDS = 5

log = logging.getLogger(__name__)

Told = TypeVar("Told")


class Index:
    """The index of one database, as this process sees it. Any number of threads may use it."""

    def __init__(self, engine: Engine, data_dir: Path, *, in_background: bool) -> None:
        self._engine = engine
        self._shelf = Shelf(data_dir)
        self._behind = Behind(in_background=in_background)
        self._guard = threading.Lock()
        self._open: tuple[Manifest, Snapshot] | None = None
        self._segments: dict[str, Segment] = {}

    def session(self) -> Session:
        """A session of our own: a request's may be in the midst of something."""
        return Session(self._engine)

    def ask(self, question: Callable[[Snapshot], Told]) -> Told:
        """What the index says to a question; Unusable if there is none that can be read."""
        for _ in range(MOST_ROUNDS):
            manifest = self._shelf.manifest()
            try:
                return question(self._opened(manifest))
            except Exception as error:  # whatever Whoosh raises over files it cannot read
                if self._shelf.manifest() is manifest:
                    log.exception("the search index cannot be read")
                    self._shelf.condemn()
                    raise Unusable("it looked whole, but could not be read") from error
        raise Unusable("it changes faster than it can be opened")

    def mend(self) -> None:
        """Have the index rebuilt, without waiting for it."""
        self._behind.later(self._work)

    def catch_up(self) -> None:
        """Do the jobs that wait: now if they are few, else without waiting for it."""
        if self._how_much_waits() <= AT_ONCE:
            self._work()
        else:
            self._behind.later(self._work)

    def take_one(self) -> bool:
        """Do what waits, for the background loop; False when nothing does or another does it."""
        if self._behind.rests() or (not (behind := self._is_behind()) and not self._is_untidy()):
            return False
        with self._shelf.writing() as mine:
            if mine:
                self._behind.quietly(self._bring_up_to_date if behind else self._tidy)
            return mine

    def rebuild(self, progress: Progress | None = None) -> int:
        """Build the index anew beside the present one and swap; returns how many are in it."""
        with self._shelf.writing(wait=True):
            count = self._build(progress)
        self._work()
        return count

    def generation(self) -> str:
        """Another word whenever answers may be others; none while the database answers."""
        try:
            manifest = self._shelf.manifest()
        except Unusable:
            return ""
        return f"{manifest.generation}.{state.number(manifest.files)}"

    def compare(self) -> int:
        """Look for listings that are not indexed as they are, and leave jobs for them; how many.

        If much of the index is of what is gone, it is built anew.
        """
        try:
            if self.ask(lambda snapshot: len(snapshot) * 3 < len(snapshot.alive) * 2):
                self.rebuild()
            known = self.ask(Snapshot.digests)
        except Unusable:
            return 0  # it is built anew in any case
        return backlog.compare(self._engine, known)

    def settle(self) -> None:
        """Wait for what is going on in the background."""
        self._behind.settle()

    def _opened(self, manifest: Manifest) -> Snapshot:
        opened = self._open
        if opened is None or opened[0] is not manifest:
            with self._guard:
                opened = self._open
                if opened is None or opened[0] is not manifest:
                    opened = self._open = manifest, self._read(manifest)
        return opened[1]

    def _read(self, manifest: Manifest) -> Snapshot:
        folder = self._shelf.path(manifest)
        snapshot, self._segments = open_state(folder, manifest.files, self._segments)
        return snapshot

    def _usable(self) -> Manifest | None:
        """The state to write on, if there is one."""
        try:
            return self._shelf.whole()
        except Unusable as reason:
            log.debug("the search index is to be built: %s", reason)
            return None

    def _is_behind(self) -> bool:
        with self.session() as session:
            if session.scalar(select(SearchJob.id).limit(1)) is not None:
                return True
        return self._usable() is None

    def _how_much_waits(self) -> int:
        with self.session() as session:
            if self._usable() is None:
                return documents.how_many(session)
            return backlog.how_many(session)

    def _work(self) -> None:
        # Looked at again after the lock is given back: a job may have come while others, who
        # could not get the lock, relied on us.
        for _ in range(MOST_ROUNDS):
            if not self._is_behind():
                return
            with self._shelf.writing() as mine:
                if not mine:
                    return
                self._bring_up_to_date()

    def _bring_up_to_date(self) -> None:
        """Do the jobs that wait, or build if there is nothing to add to. For who has the lock."""
        manifest = self._usable()
        with self.session() as session:
            jobs = backlog.waiting(session)
            most = documents.how_many(session) // 2 if len(jobs) > AT_ONCE else AT_ONCE
        if manifest is None or len(jobs) > max(most, AT_ONCE):
            self._build()
        elif jobs:
            self._apply(manifest, jobs)

    def _apply(self, manifest: Manifest, jobs: dict[uuid.UUID, uuid.UUID]) -> None:
        ids = list(dict.fromkeys(jobs.values()))
        with self.session() as session:
            found = list(documents.read(session, ids))
            shown = documents.how_many(session)
            others_came = len(backlog.waiting(session)) != len(jobs)
        self._shelf.clear(manifest.generation, manifest.files)
        outlived = segments.write(self._shelf.path(manifest), ids, found)
        self._shelf.publish(manifest.generation, without=outlived)
        self._forget(jobs)
        if not others_came and len(self._opened(self._shelf.manifest())) != shown:
            log.warning("the search index was of other listings; it is built anew")
            self._build()
        elif len(self._segments) > MOST_SEGMENTS:
            self._tidy()  # which is left to the loop, as long as there is one

    def _is_untidy(self) -> bool:
        try:
            self._opened(self._shelf.manifest())
        except Unusable:
            return False
        return bool(segments.too_many([len(each.columns) for each in self._segments.values()]))

    def _tidy(self) -> None:
        """Merge small segments, of which there are more with every edit. For who has the lock."""
        manifest = self._shelf.whole()
        self._shelf.clear(manifest.generation, manifest.files)
        outlived = segments.tidy(self._shelf.path(manifest))
        self._shelf.publish(manifest.generation, without=outlived)

    def _build(self, progress: Progress | None = None) -> int:
        folder = self._shelf.new_generation()
        with self.session() as session:
            # The jobs first: what changes after this is either read below or has a job left.
            jobs = backlog.waiting(session)
            ids = documents.shown_ids(session)
            segments.create(folder)
            found = documents.read(session, ids)
            outlived = segments.write(folder, (), backlog.counted(found, len(ids), progress))
        self._shelf.publish(folder.name, without=outlived)
        self._forget(jobs)
        return len(ids)

    def _forget(self, jobs: Iterable[uuid.UUID]) -> None:
        # Not by saving(): within a request that would take the form for sent twice.
        with may_write(), self._engine.begin() as connection:
            backlog.forget(connection, jobs)
