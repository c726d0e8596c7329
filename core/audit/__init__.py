"""Ground floor: the append-only record of who changed and who looked at what, for investigation.

Rows hold references and plain facts (statuses, counts), never names, words or numbers of people.
They have no foreign keys: history neither blocks a deletion nor goes with it. Each is sealed into
a chain (`chain`), and the database refuses to change one (`entries`).
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from flask import Flask
from sqlalchemy import and_, func, or_, select

from core import work
from core.audit.anchors import Anchor, anchor_today
from core.audit.apart import denied, note_page, read, record_apart
from core.audit.chain import seal_waiting
from core.audit.checking import Verdict, verify
from core.audit.entries import AuditEntry, AuditSeal
from core.audit.noting import LOOKED, looked, record
from core.db import db

__all__ = [
    "Anchor",
    "AuditEntry",
    "AuditSeal",
    "Verdict",
    "anchor_today",
    "denied",
    "looked",
    "newest_first",
    "read",
    "record",
    "record_apart",
    "verify",
]

PAGE = 500


def init_app(app: Flask) -> None:
    """Have what waits sealed by the background loop, and no private page shown without a note."""
    work.queue("audit seals", seal_waiting)
    app.after_request(note_page)


def looks_at(abouts: Sequence[str], *, most: int, besides: str = "") -> Sequence[AuditEntry]:
    """The latest looks at these things, newest first: somebody may ask who read about them.

    `besides`: how the references of those begin who are left out.
    """
    found = select(AuditEntry).where(AuditEntry.about.in_(abouts), AuditEntry.action == LOOKED)
    if besides:
        found = found.where(~AuditEntry.by.startswith(besides, autoescape=True))
    return db.session.scalars(found.order_by(AuditEntry.at.desc()).limit(most)).all()


def last_looks(abouts: Sequence[str], *, by: str) -> dict[str, datetime]:
    """When each of those whose reference begins like this looked last: a program looks often."""
    found = (
        select(AuditEntry.by, func.max(AuditEntry.at))
        .where(AuditEntry.about.in_(abouts), AuditEntry.action == LOOKED)
        .where(AuditEntry.by.startswith(by, autoescape=True))
        .group_by(AuditEntry.by)
    )
    return dict(db.session.execute(found).all())


def newest_first(since: datetime) -> Iterator[Sequence[AuditEntry]]:
    """All that was noted from a moment on, newest first, a page at a time."""
    order = (AuditEntry.at.desc(), AuditEntry.id.desc())
    wanted = select(AuditEntry).where(AuditEntry.at >= since).order_by(*order).limit(PAGE)
    page = wanted
    while entries := db.session.scalars(page).all():
        yield entries
        last = entries[-1]
        before = and_(AuditEntry.at == last.at, AuditEntry.id < last.id)
        page = wanted.where(or_(AuditEntry.at < last.at, before))
