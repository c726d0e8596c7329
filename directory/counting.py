"""Directory: how often listings are seen and taken along, by day. It counts acts, never people."""

import uuid
from collections import Counter
from collections.abc import Collection, Iterable
from datetime import date

from sqlalchemy import func, select

from core import clock
from core.db import db
from directory.models import DayCount, Service
from directory.tallies import Tally, add_to

SEEN, SHORTLISTED, CALENDAR, LEAFLET = "seen", "shortlisted", "calendar", "leaflet"
ACTS = frozenset({SEEN, SHORTLISTED, CALENDAR, LEAFLET})

_tally: Tally[tuple[uuid.UUID, date, str]] = Tally()


def count(service_ids: Iterable[uuid.UUID], what: str) -> None:
    """Count an act with each of these listings today. It costs nothing and cannot fail a page."""
    if what not in ACTS:
        raise ValueError(f"nobody counts {what!r}")
    today = clock.today()
    _tally.add((each, today, what) for each in service_ids)


def totals(service_ids: Collection[uuid.UUID], since: date) -> dict[str, int]:
    """How often each act was done with any of these listings since a day."""
    added = (
        select(DayCount.what, func.sum(DayCount.number))
        .where(DayCount.service_id.in_(service_ids), DayCount.on >= since)
        .group_by(DayCount.what)
    )
    found = Counter(dict.fromkeys(sorted(ACTS), 0))
    found.update({what: int(number) for what, number in db.session.execute(added).all()})
    for (service_id, on, what), number in _tally.waiting():
        if on >= since and service_id in service_ids:
            found[what] += number
    return dict(found)


def is_due() -> bool:
    """Whether something has waited long enough to be written down."""
    return _tally.is_due()


def write_down() -> None:
    """Write down what waits."""
    _tally.write_down(_add)


def _add(taken: dict[tuple[uuid.UUID, date, str], int]) -> None:
    wanted = {service_id for service_id, _, _ in taken}
    known = set(db.session.scalars(select(Service.id).where(Service.id.in_(wanted))))
    # In one order everywhere: two processes that write at once must not wait for each other.
    rows = [
        {"service_id": service_id, "on": on, "what": what, "number": number}
        for (service_id, on, what), number in sorted(taken.items())
        if service_id in known
    ]
    add_to(DayCount, ["service_id", "on", "what"], rows)
