"""Ground floor: whether the audit is whole: every seal right, nothing missing, nothing added."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, exists, func, select

from core import clock, keys
from core.audit.anchors import Anchor
from core.audit.chain import BEFORE_THE_FIRST, seal_of
from core.audit.entries import AuditEntry, AuditSeal, AuditWaiting, whole
from core.db import db

PAGE = 5_000
MOST_NAMED = 20
SEALED_WITHIN = timedelta(minutes=5)


@dataclass
class Verdict:
    """What was found: how many entries are in the chain, its newest seal, and what is wrong."""

    sealed: int = 0
    head: str = BEFORE_THE_FIRST
    waiting: int = 0
    seconds: float = 0.0
    troubles: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return not self.troubles

    def blame(self, trouble: str) -> None:
        """Note what is wrong; after the first few only that there is more."""
        if len(self.troubles) < MOST_NAMED:
            self.troubles.append(trouble)


def verify(anchors: Sequence[Anchor] = ()) -> Verdict:
    """Read the whole chain and compare it with what was anchored outside the database."""
    began, found, key = time.perf_counter(), Verdict(), keys.derive("audit")
    anchored = {each.number: each for each in anchors}
    expected = 1
    for row in _chain():
        if row.id != expected:
            found.blame(f"entries {expected} to {row.id - 1} are missing")
            expected = row.id
        if row.at is None:
            found.blame(f"entry {row.id} has been taken out")
        else:
            said = whole(row.at, row.by, row.action, row.about, row.facts, row.request_id)
            if seal_of(key, row.id, found.head, said) != row.seal:
                found.blame(f"entry {row.id} is not what was sealed")
        found.sealed, found.head = row.id, row.seal
        anchor = anchored.pop(row.id, None)
        if anchor is not None and anchor.seal != row.seal:
            found.blame(f"entry {row.id} is not the one that was anchored on {anchor.at:%d %B %Y}")
        expected += 1
    for left in anchored.values():
        if left.number:
            found.blame(
                f"the chain ends at {found.sealed}, but {left.number} entries were anchored on "
                f"{left.at:%d %B %Y}"
            )
    _count_unsealed(found)
    found.seconds = time.perf_counter() - began
    return found


def _chain() -> Iterator[Row[Any]]:
    """The seals in order, each beside its entry, a page at a time: no transaction lasts long."""
    last = 0
    columns = (
        AuditSeal.id,
        AuditSeal.seal,
        AuditEntry.at,
        AuditEntry.by,
        AuditEntry.action,
        AuditEntry.about,
        AuditEntry.facts,
        AuditEntry.request_id,
    )
    wanted = select(*columns).outerjoin(AuditEntry, AuditEntry.id == AuditSeal.entry_id)
    while True:
        page = wanted.where(AuditSeal.id > last).order_by(AuditSeal.id).limit(PAGE)
        rows = db.session.execute(page).all()
        db.session.rollback()
        if not rows:
            return
        yield from rows
        last = rows[-1].id


def _count_unsealed(found: Verdict) -> None:
    sealed = exists().where(AuditSeal.entry_id == AuditEntry.id)
    waits = exists().where(AuditWaiting.entry_id == AuditEntry.id)
    loose = select(AuditEntry.id).where(~sealed, ~waits).limit(MOST_NAMED)
    for entry_id in db.session.scalars(loose):
        found.blame(f"the entry {entry_id} was added past the chain")
    late = AuditWaiting.since < clock.now() - SEALED_WITHIN
    overdue = db.session.scalar(select(func.count()).select_from(AuditWaiting).where(late))
    if overdue:
        found.blame(f"{overdue} entries wait for their seal: is `flask work` running?")
    found.waiting = db.session.scalar(select(func.count()).select_from(AuditWaiting)) or 0
    db.session.rollback()
