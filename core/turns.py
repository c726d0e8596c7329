"""Ground floor: turns. On SQLite whoever writes waits in one queue, thread and process alike.

SQLite lets one write at a time and has the others ask again after a nap; who naps longest may wait
for a second while others pass. Here the kernel keeps the order (flock on a file beside the
database), and a turn lasts until COMMIT or ROLLBACK has returned: what a commit tidies up (the
checkpoint) is done within it. A process that is killed gives up its turn.
"""

import fcntl
import os
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

LONGEST_TURN = 10.0
"""Seconds after which the next one is let in, to be told by SQLite itself that it is busy."""


class Turns:
    """The queue of one database; each connection stands in it by its own open file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pid = os.getpid()
        self._files: dict[int, int] = {}
        self._held: set[int] = set()

    def take(self, connection: Any) -> bool:
        """Wait until this connection may write; False if that took longer than a turn may last."""
        began, file = time.monotonic(), self._file_of(id(connection))
        fcntl.flock(file, fcntl.LOCK_EX)
        self._held.add(id(connection))
        return time.monotonic() - began < LONGEST_TURN

    def give_up(self, connection: Any) -> None:
        """Let the next one write. Nothing happens where the turn is over already."""
        self.end(id(connection))

    def end(self, key: int) -> None:
        """The same, by the key of the connection: for who watches over long turns."""
        if key in self._held:
            self._held.discard(key)
            fcntl.flock(self._files[key], fcntl.LOCK_UN)

    def leave(self, connection: Any) -> None:
        """The connection is closed: so is its file."""
        self._held.discard(id(connection))
        file = self._files.pop(id(connection), None)
        if file is not None:
            os.close(file)

    def _file_of(self, key: int) -> int:
        if self._pid != os.getpid():
            # What a fork brought along is the parent's place in the queue, not ours.
            self._pid, self._held = os.getpid(), set()
            for file in self._files.values():
                os.close(file)
            self._files = {}
        if key not in self._files:
            self._files[key] = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return self._files[key]


def keep(engine: Engine) -> Turns | None:
    """Have the engine's writers take turns; None for a database that is not a file."""
    if not engine.url.database or engine.url.database == ":memory:":
        return None
    turns = Turns(Path(f"{engine.url.database}.lock"))
    dialect: Any = engine.dialect
    commit, roll_back = dialect.do_commit, dialect.do_rollback

    # Not the engine's events: those tell that a commit begins, and the turn lasts until it is done.
    def do_commit(connection: Any) -> None:
        try:
            commit(connection)
        finally:
            turns.give_up(_plain(connection))

    def do_rollback(connection: Any) -> None:
        try:
            roll_back(connection)
        finally:
            turns.give_up(_plain(connection))

    dialect.do_commit, dialect.do_rollback = do_commit, do_rollback
    event.listen(engine, "close", lambda connection, _record: turns.leave(connection))
    event.listen(engine, "close_detached", turns.leave)
    return turns


def _plain(connection: Any) -> Any:
    """The driver's own connection: the pool hands over its wrapping when it takes one back."""
    return getattr(connection, "dbapi_connection", connection)
