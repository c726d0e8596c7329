"""What the running program may not ask of its own database."""

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from core import guards
from core.db import db, may_write
from tests.engines import on_sqlite

TAKES_A_GUARD_AWAY = (
    "DROP TABLE audit_entry",
    "ALTER TABLE audit_entry RENAME TO other",
    "DROP INDEX ix_audit_entry_by",
    "ATTACH DATABASE ':memory:' AS beside",
    "PRAGMA writable_schema=1",
    "PRAGMA synchronous=OFF",
)


@pytest.mark.asvs("13.2.2", "16.4.2")
@on_sqlite
@pytest.mark.parametrize("statement", TAKES_A_GUARD_AWAY)
def test_a_running_program_cannot_take_its_guards_away(app: Flask, statement: str) -> None:
    with may_write(), pytest.raises(DatabaseError, match="not authorized"):
        db.session.execute(text(statement))
    db.session.rollback()


@on_sqlite
def test_a_migration_may(app: Flask) -> None:
    with may_write(), guards.lowered():
        db.session.execute(text("DROP INDEX ix_audit_entry_by"))
    db.session.rollback()
