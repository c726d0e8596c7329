"""Ground floor: the chain. Each entry is sealed with a key that is not in the database.

The seal of an entry covers its number, all it says and the seal before it, so that nothing can be
changed, left out, put between or renumbered without every later seal being wrong. SQLite, where one
writes at a time, seals in the transaction that adds the entry. On PostgreSQL that would make all
writers wait for one another: there entries are sealed by the background loop within a second.
"""

import hashlib
import hmac
from collections.abc import Sequence

from sqlalchemy import delete, event, insert, select, text
from sqlalchemy.orm import Session

from core import clock, keys
from core.audit.entries import AuditEntry, AuditSeal, AuditWaiting, whole
from core.audit.noting import noted_in
from core.db import db
from core.saving import saving

BEFORE_THE_FIRST = "0" * 64
AT_ONCE = 1_000
LOCK = 6_021_876
"""The advisory lock of whoever seals: any number that nothing else locks."""


def seal_of(key: bytes, number: int, before: str, said: bytes) -> str:
    """The seal of one entry."""
    return hmac.new(key, f"{number}|{before}|".encode() + said, hashlib.sha256).hexdigest()


def seal_waiting() -> bool:
    """Seal the entries that wait, up to a thousand; whether there were any. (PostgreSQL.)"""
    is_idle = db.session.scalar(select(AuditWaiting.id).limit(1)) is None
    db.session.rollback()
    if is_idle:
        return False
    with saving():
        if not db.session.scalar(text(f"SELECT pg_try_advisory_xact_lock({LOCK})")):
            return False
        waiting = db.session.execute(
            select(AuditWaiting.id, AuditEntry)
            .join(AuditEntry, AuditEntry.id == AuditWaiting.entry_id)
            .order_by(AuditWaiting.id)
            .limit(AT_ONCE)
        ).all()
        done = [each.id for each in waiting]
        if done:  # between the look and the lock another worker may have sealed them
            seals = _seals(db.session(), [each.AuditEntry for each in waiting])
            db.session.execute(insert(AuditSeal), seals)
            db.session.execute(delete(AuditWaiting).where(AuditWaiting.id.in_(done)))
    return bool(done)


def _seals(session: Session, entries: Sequence[AuditEntry]) -> list[dict[str, object]]:
    """The seals of entries that come next, as rows."""
    newest = session.execute(
        select(AuditSeal.id, AuditSeal.seal).order_by(AuditSeal.id.desc()).limit(1)
    ).first()
    last, before = (newest.id, newest.seal) if newest else (0, BEFORE_THE_FIRST)
    key, rows = keys.derive("audit"), list[dict[str, object]]()
    for number, it in enumerate(entries, start=last + 1):
        said = whole(it.at, it.by, it.action, it.about, it.facts, it.request_id)
        before = seal_of(key, number, before, said)
        rows.append({"id": number, "entry_id": it.id, "seal": before})
    return rows


@event.listens_for(db.session, "before_commit")
def _write(session: Session) -> None:
    """Write what was noted: no entry without its seal, or a note that it waits for one."""
    if session.in_nested_transaction() or not noted_in(session):
        return
    session.flush()  # what notes something as it is written must have done so
    entries = [AuditEntry(**each) for each in noted_in(session)]
    connection = session.connection()
    connection.execute(insert(AuditEntry), noted_in(session))
    if connection.dialect.name == "sqlite":
        connection.execute(insert(AuditSeal), _seals(session, entries))
    else:
        now = clock.now()
        waiting = [{"entry_id": each.id, "since": now} for each in entries]
        connection.execute(insert(AuditWaiting), waiting)
