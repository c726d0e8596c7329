"""Ground floor: one row of the audit, and what of it is sealed."""

import json
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from core import guards
from core.db import Model, new_id

Fact = str | int | bool | None | Sequence[str]

_Number = BigInteger().with_variant(Integer, "sqlite")


class AuditEntry(Model):
    """One thing somebody did or looked at."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_about_at", "about", "at"),)

    id: Mapped[uuid.UUID] = new_id()
    at: Mapped[datetime] = mapped_column(index=True)
    by: Mapped[str] = mapped_column(String(80), index=True)
    action: Mapped[str] = mapped_column(String(60))
    about: Mapped[str] = mapped_column(String(80))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    request_id: Mapped[str] = mapped_column(String(32), default="")


class AuditSeal(Model):
    """The place of an entry in the chain: a code over the entry and over the seal before it."""

    __tablename__ = "audit_seal"

    id: Mapped[int] = mapped_column(_Number, primary_key=True, autoincrement=False)
    entry_id: Mapped[uuid.UUID] = mapped_column(unique=True)
    seal: Mapped[str] = mapped_column(String(64))


class AuditWaiting(Model):
    """An entry that is in the database and not yet in the chain (PostgreSQL, for a second)."""

    __tablename__ = "audit_waiting"

    id: Mapped[int] = mapped_column(_Number, primary_key=True)
    entry_id: Mapped[uuid.UUID] = mapped_column(unique=True)
    since: Mapped[datetime]


def whole(
    at: datetime, by: str, action: str, about: str, facts: dict[str, Any], request_id: str
) -> bytes:
    """All that an entry says, in one unmistakable way of writing it."""
    said = [at.astimezone(UTC).isoformat(), by, action, about, facts, request_id]
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()


guards.only_add_to("audit_entry")
guards.only_add_to("audit_seal")

_NEXT = "(SELECT COALESCE(MAX(id), 0) + 1 FROM audit_seal)"
_KNOWN = "EXISTS (SELECT 1 FROM audit_seal WHERE entry_id = NEW.entry_id)"
guards.declare(
    "the chain has no gaps",
    engine=guards.SQLITE,
    up=(
        (
            f"CREATE TRIGGER audit_seal_next BEFORE INSERT ON audit_seal WHEN NEW.id <> {_NEXT} "
            f"OR {_KNOWN} BEGIN SELECT RAISE(ABORT, 'the chain has no gaps'); END"
        ),
    ),
    down=("DROP TRIGGER IF EXISTS audit_seal_next",),
)
guards.declare(
    "the chain has no gaps",
    engine=guards.POSTGRESQL,
    up=(
        (
            "CREATE FUNCTION audit_seal_next() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN "
            f"IF NEW.id <> {_NEXT} THEN RAISE EXCEPTION 'the chain has no gaps'; END IF; "
            "RETURN NEW; END$$"
        ),
        (
            "CREATE TRIGGER audit_seal_next BEFORE INSERT ON audit_seal "
            "FOR EACH ROW EXECUTE FUNCTION audit_seal_next()"
        ),
    ),
    down=(
        "DROP TRIGGER IF EXISTS audit_seal_next ON audit_seal",
        "DROP FUNCTION IF EXISTS audit_seal_next",
    ),
)
