"""Ground floor: a transaction that stays open is told of, and on SQLite keeps nobody out for ever.

It holds up whoever writes to the same rows, on SQLite whoever writes at all. Told are how long it
has been open and where in our code it stands: never a statement, never what was typed.
"""

import logging
import os
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from sqlalchemy import Connection, Engine, event

from core.turns import LONGEST_TURN, Turns

LONG = 2.0
LOOK_EVERY = 0.5
PLACES = 3

HERE = str(Path(__file__).resolve().parent.parent)
OURS_BELOW = ("core/db.py", "core/saving.py", "core/overdue.py")
"""Where every transaction passes through: it says nothing of whose it is."""

log = logging.getLogger(__name__)


@dataclass
class Open:
    """One transaction under way in this process."""

    since: float
    thread: int
    writes: bool
    told: bool = False


class Watch:
    """Knows the open transactions of this process, and looks at them from a thread of its own."""

    def __init__(self, turns: Turns | None) -> None:
        self._turns = turns
        self._pid = 0
        self._open: dict[int, Open] = {}

    def begun(self, key: int, *, writes: bool) -> None:
        """A transaction has begun on the connection of this key."""
        if self._pid != os.getpid():  # a fork has none of its parent's threads
            self._pid, self._open = os.getpid(), {}
            threading.Thread(target=self._look_always, name="overdue", daemon=True).start()
        self._open[key] = Open(time.monotonic(), threading.get_ident(), writes)

    def ended(self, key: int) -> None:
        """It is over."""
        self._open.pop(key, None)

    def look(self, now: float) -> None:
        """Tell once of each transaction that is open for long; end a turn that keeps all out."""
        for key, each in list(self._open.items()):
            lasts = now - each.since
            if lasts > LONG and not each.told:
                each.told = True
                doing = "writing" if each.writes else "reading"
                log.warning("open for %.1f s, %s: %s", lasts, doing, _place_of(each.thread))
            if lasts > LONGEST_TURN and self._turns is not None:
                self._turns.end(key)

    def _look_always(self) -> None:
        while True:
            time.sleep(LOOK_EVERY)
            self.look(time.monotonic())


def keep(engine: Engine, turns: Turns | None, *, writes: Any) -> Watch:
    """Watch over the transactions of an engine; `writes()` says whether one about to begin may."""
    watch = Watch(turns)

    def begun(connection: Connection) -> None:
        watch.begun(id(connection.connection.dbapi_connection), writes=writes())

    def over(connection: Connection) -> None:
        if not connection.invalidated:
            watch.ended(id(connection.connection.dbapi_connection))

    event.listen(engine, "begin", begun)
    event.listen(engine, "commit", over)
    event.listen(engine, "rollback", over)
    event.listen(engine, "checkin", lambda driver, _record: watch.ended(id(driver)))
    event.listen(engine, "invalidate", lambda driver, _record, _error: watch.ended(id(driver)))
    return watch


def _place_of(thread: int) -> str:
    """Where in our own code a thread stands, innermost first."""
    found: list[str] = []
    frame: FrameType | None = sys._current_frames().get(thread)
    while frame is not None and len(found) < PLACES:
        path = frame.f_code.co_filename
        where = path.removeprefix(HERE + "/")
        if where != path and not where.startswith((".venv", *OURS_BELOW)):
            found.append(f"{where}:{frame.f_lineno} {frame.f_code.co_name}")
        frame = frame.f_back
    return " < ".join(found) or "somewhere outside our code"
