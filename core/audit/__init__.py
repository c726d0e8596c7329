"""Ground floor: the append-only record of who changed and who looked at what, for investigation.

Rows hold references and plain facts (statuses, counts), never names, words or numbers of people.
They have no foreign keys: history neither blocks a deletion nor goes with it. Each is sealed into
a chain (`chain`), and the database refuses to change one (`entries`).
"""

import uuid
from collections.abc import Sequence
from datetime import datetime

from flask import g, has_request_context
from sqlalchemy import func, select

from core import clock, work
from core.actors import Actor
from core.audit.anchors import Anchor
from core.audit.chain import seal_waiting
from core.audit.checking import Verdict, verify
from core.audit.entries import AuditEntry, AuditSeal, Fact
from core.db import db

__all__ = ["Anchor", "AuditEntry", "AuditSeal", "Verdict", "verify"]


def init_app() -> None:
    """Have the background loop seal what waits."""
    work.queue("audit seals", seal_waiting)


def record(by: Actor, action: str, *, about: str, **facts: Fact) -> None:
    """Note a change in the transaction that makes it. `about` is a reference: `referral:<id>`."""
    db.session.add(
        AuditEntry(
            id=uuid.uuid4(),
            at=clock.now(),
            by=by.ref,
            action=action,
            about=about,
            facts=facts,
            request_id=g.get("request_id", "") if has_request_context() else "",
        )
    )


def looked(by: Actor, *, about: str, classes: Sequence[str]) -> None:
    """Note that a person's record was opened, before it is shown; the caller saves."""
    record(by, "looked", about=about, classes=sorted(classes))


def looks_at(abouts: Sequence[str], *, most: int, besides: str = "") -> Sequence[AuditEntry]:
    """The latest looks at these things, newest first: somebody may ask who read about them.

    `besides`: how the references of those begin who are left out.
    """
    found = select(AuditEntry).where(AuditEntry.about.in_(abouts), AuditEntry.action == "looked")
    if besides:
        found = found.where(~AuditEntry.by.startswith(besides, autoescape=True))
    return db.session.scalars(found.order_by(AuditEntry.at.desc()).limit(most)).all()


def last_looks(abouts: Sequence[str], *, by: str) -> dict[str, datetime]:
    """When each of those whose reference begins like this looked last: a program looks often."""
    found = (
        select(AuditEntry.by, func.max(AuditEntry.at))
        .where(AuditEntry.about.in_(abouts), AuditEntry.action == "looked")
        .where(AuditEntry.by.startswith(by, autoescape=True))
        .group_by(AuditEntry.by)
    )
    return dict(db.session.execute(found).all())


def latest(most: int) -> Sequence[AuditEntry]:
    """The newest of all that is kept, newest first."""
    return db.session.scalars(select(AuditEntry).order_by(AuditEntry.at.desc()).limit(most)).all()
