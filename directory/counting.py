"""Directory: how often listings are seen and taken along, by day. It counts acts, never people.

Counts wait in memory and are written down together, after an answer has been sent: no page waits
for them and none fails by them. A process that is killed loses those of its last half minute.
"""

import logging
import threading
import uuid
from collections import Counter
from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite

from core import clock
from core.db import db
from core.saving import saving
from directory.models import DayCount, Service

SEEN, SHORTLISTED, CALENDAR, LEAFLET = "seen", "shortlisted", "calendar", "leaflet"
ACTS = frozenset({SEEN, SHORTLISTED, CALENDAR, LEAFLET})

WRITTEN_EVERY = timedelta(seconds=30)

log = logging.getLogger(__name__)

_lock = threading.Lock()
_waiting: Counter[tuple[uuid.UUID, date, str]] = Counter()
_written_at: list[datetime] = []


def count(service_ids: Iterable[uuid.UUID], what: str) -> None:
    """Count an act with each of these listings today. It costs nothing and cannot fail a page."""
    if what not in ACTS:
        raise ValueError(f"nobody counts {what!r}")
    today = clock.today()
    with _lock:
        _waiting.update((each, today, what) for each in service_ids)


def totals(service_ids: Collection[uuid.UUID], since: date) -> dict[str, int]:
    """How often each act was done with any of these listings since a day."""
    added = (
        select(DayCount.what, func.sum(DayCount.number))
        .where(DayCount.service_id.in_(service_ids), DayCount.on >= since)
        .group_by(DayCount.what)
    )
    found = Counter(dict.fromkeys(sorted(ACTS), 0))
    found.update({what: int(number) for what, number in db.session.execute(added).all()})
    with _lock:
        waiting = list(_waiting.items())
    for (service_id, on, what), number in waiting:
        if on >= since and service_id in service_ids:
            found[what] += number
    return dict(found)


def is_due() -> bool:
    """Whether something has waited long enough to be written down."""
    with _lock:
        if not _waiting:
            return False
        if not _written_at:
            _written_at.append(clock.now())
        return clock.now() - _written_at[0] >= WRITTEN_EVERY


def write_down() -> None:
    """Write down what waits, in a unit of work of its own. What cannot be written waits on."""
    with _lock:
        taken = dict(_waiting)
        _waiting.clear()
        _written_at[:] = [clock.now()]
    try:
        with saving():
            _add(taken)
    except Exception:
        log.exception("the counts could not be written down; they wait")
        with _lock:
            _waiting.update(taken)


def _add(taken: dict[tuple[uuid.UUID, date, str], int]) -> None:
    wanted = {service_id for service_id, _, _ in taken}
    known = set(db.session.scalars(select(Service.id).where(Service.id.in_(wanted))))
    # In one order everywhere: two processes that write at once must not wait for each other.
    rows = [
        {"service_id": service_id, "on": on, "what": what, "number": number}
        for (service_id, on, what), number in sorted(taken.items())
        if service_id in known
    ]
    if not rows:
        return
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    adding = insert(DayCount).values(rows)
    more = DayCount.number + adding.excluded.number
    keys = ["service_id", "on", "what"]
    db.session.execute(adding.on_conflict_do_update(index_elements=keys, set_={"number": more}))
