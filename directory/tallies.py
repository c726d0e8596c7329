"""Directory: counts that wait in memory until they are written down together.

No page waits for them and none fails by them. A process that is killed loses those of its last
half minute.
"""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from sqlalchemy.dialects import postgresql, sqlite

from core import clock
from core.db import Model, db
from core.saving import saving

WRITTEN_EVERY = timedelta(seconds=30)

Key = TypeVar("Key", bound=tuple[Any, ...])

log = logging.getLogger(__name__)


class Tally(Generic[Key]):
    """How often each thing was counted since the counts were last written down."""

    def __init__(self, most: int | None = None) -> None:
        """Hold at most so many different things; what comes on top is not counted."""
        self._most = most
        self._lock = threading.Lock()
        self._waiting: Counter[Key] = Counter()
        self._written_at: datetime | None = None

    def add(self, keys: Iterable[Key]) -> None:
        """Count each of these once."""
        with self._lock:
            for each in keys:
                has_room = self._most is None or len(self._waiting) < self._most
                if has_room or each in self._waiting:
                    self._waiting[each] += 1

    def waiting(self) -> list[tuple[Key, int]]:
        """What is counted and not written down yet."""
        with self._lock:
            return list(self._waiting.items())

    def is_due(self) -> bool:
        """Whether something has waited long enough to be written down."""
        with self._lock:
            if not self._waiting:
                return False
            if self._written_at is None:
                self._written_at = clock.now()
            return clock.now() - self._written_at >= WRITTEN_EVERY

    def write_down(self, write: Callable[[dict[Key, int]], None]) -> None:
        """Write down what waits, in a unit of work of its own. What cannot be written waits on."""
        with self._lock:
            taken = dict(self._waiting)
            self._waiting.clear()
            self._written_at = clock.now()
        try:
            with saving():
                write(taken)
        except Exception:
            log.exception("the counts could not be written down; they wait")
            with self._lock:
                self._waiting.update(taken)


def add_to(table: type[Model], keys: list[str], rows: list[dict[str, Any]]) -> None:
    """Add each row's `number` to the row with the same keys, or enter it."""
    if not rows:
        return
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    adding = insert(table).values(rows)
    more = adding.excluded.number + table.__table__.c.number
    db.session.execute(adding.on_conflict_do_update(index_elements=keys, set_={"number": more}))
