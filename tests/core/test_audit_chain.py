"""The audit: nobody can change it from within, and whoever changes it from without is found out."""

import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pysqlite3
import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from core import audit, clock, work
from core.actors import system
from core.audit import AuditEntry, AuditSeal, anchors
from core.audit.anchors import Anchor
from core.audit.chain import seal_of, seal_waiting
from core.audit.entries import AuditWaiting
from core.db import db, may_write
from core.saving import saving
from tests.engines import on_postgresql

BY = system("test")
WHEN = datetime(2026, 11, 23, 9, tzinfo=UTC)

WITHIN = {
    "change": "UPDATE audit_entry SET action = 'nothing'",
    "take out": "DELETE FROM audit_entry",
    "change a seal": "UPDATE audit_seal SET seal = 'x'",
    "take out a seal": "DELETE FROM audit_seal WHERE id = 3",
    "leave a gap": "INSERT INTO audit_seal (id, entry_id, seal) VALUES (9, '00', 'x')",
}
ONLY_SQLITE = {
    "replace": "INSERT OR REPLACE INTO audit_seal (id, entry_id, seal) VALUES (2, '00', 'x')",
    "replace by row": (
        "INSERT OR REPLACE INTO audit_entry (rowid, id, at, by, action, about, facts, request_id)"
        " SELECT rowid, '00', at, by, 'x', about, facts, request_id FROM audit_entry LIMIT 1"
    ),
    "update or replace": "UPDATE OR REPLACE audit_seal SET id = 1 WHERE id = 3",
}
ONLY_POSTGRESQL = {"empty": "TRUNCATE audit_entry", "empty all": "TRUNCATE audit_seal CASCADE"}


def fill(number: int = 5) -> None:
    """Some entries, sealed."""
    for each in range(number):
        with clock.set_to(WHEN), saving():
            audit.record(BY, "did", about=f"thing:{each}", number=each, kinds=("a", "b"))
    work.run_until_empty()


def raw(*statements: str) -> None:
    """What somebody does who has the database and takes the guards away first."""
    if db.engine.dialect.name == "sqlite":
        db.session.rollback()
        with pysqlite3.connect(str(db.engine.url.database)) as beside:
            for (name,) in beside.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
                beside.execute(f"DROP TRIGGER {name}")
            for statement in statements:
                beside.execute(statement)
        beside.close()
        return
    with may_write(), db.engine.begin() as connection:
        connection.execute(text("SET LOCAL ROLE NONE"))
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in statements:
            connection.execute(text(statement))


def test_what_was_noted_is_sealed_in_order(app: Flask) -> None:
    fill()
    found = audit.verify()
    assert (found.sealed, found.waiting, found.troubles) == (5, 0, [])
    seals = db.session.scalars(db.select(AuditSeal).order_by(AuditSeal.id)).all()
    assert found.head == seals[-1].seal


@pytest.mark.asvs("16.4.2")
def test_nobody_changes_it_from_within(app: Flask) -> None:
    fill()
    mine = ONLY_SQLITE if db.engine.dialect.name == "sqlite" else ONLY_POSTGRESQL
    for name, statement in {**WITHIN, **mine}.items():
        with may_write(), pytest.raises(DBAPIError):
            db.session.execute(text(statement.replace("'00'", f"'{'0' * 32}'")))
            pytest.fail(name)
        db.session.rollback()
    assert audit.verify().is_whole


OF_THIRD = "(SELECT entry_id FROM audit_seal WHERE id = 3)"
TAMPERED: dict[str, tuple[str, ...]] = {
    "an entry changed": (f"UPDATE audit_entry SET action = 'other' WHERE id = {OF_THIRD}",),
    "an entry taken out": (f"DELETE FROM audit_entry WHERE id = {OF_THIRD}",),
    "a seal taken out too": (
        f"DELETE FROM audit_entry WHERE id = {OF_THIRD}",
        "DELETE FROM audit_seal WHERE id = 3",
    ),
    "taken out and renumbered": (
        f"DELETE FROM audit_entry WHERE id = {OF_THIRD}",
        "DELETE FROM audit_seal WHERE id = 3",
        "UPDATE audit_seal SET id = 3 WHERE id = 4",
        "UPDATE audit_seal SET id = 4 WHERE id = 5",
    ),
    "two changed places": (
        "UPDATE audit_seal SET id = 9 WHERE id = 3",
        "UPDATE audit_seal SET id = 3 WHERE id = 4",
        "UPDATE audit_seal SET id = 4 WHERE id = 9",
    ),
    "an entry added past the chain": (
        (
            "INSERT INTO audit_entry (id, at, by, action, about, facts, request_id) "
            f"SELECT '{'0' * 32}', at, by, action, about, facts, request_id "
            f"FROM audit_entry WHERE id = {OF_THIRD}"
        ),
    ),
}


@pytest.mark.asvs("16.4.2")
@pytest.mark.parametrize("how", TAMPERED)
def test_whoever_changes_it_from_without_is_found_out(app: Flask, how: str) -> None:
    fill()
    raw(*TAMPERED[how])
    assert not audit.verify().is_whole


def cut_off(connection_says: Callable[..., Any] = raw) -> None:
    """Take the last two away, seals and all."""
    connection_says(
        "DELETE FROM audit_entry WHERE id IN (SELECT entry_id FROM audit_seal WHERE id > 3)",
        "DELETE FROM audit_seal WHERE id > 3",
    )


def test_an_end_cut_off_is_seen_only_by_an_anchor(app: Flask) -> None:
    fill()
    anchor = anchors.anchor_now()
    cut_off()
    assert audit.verify().is_whole
    assert audit.verify([anchor]).troubles == [
        f"the chain ends at 3, but 5 entries were anchored on {anchor.at:%d %B %Y}"
    ]
    fill(4)  # and gone on from there, with the program's own key
    assert not audit.verify([anchor]).is_whole


def test_the_first_anchor_of_a_day_stays(app: Flask, tmp_path: Any) -> None:
    fill(2)
    first = anchors.anchor_now()
    path = anchors.keep(first, tmp_path)
    anchors.keep(Anchor(9, "x", first.at), tmp_path)
    assert anchors.kept(tmp_path) == [first]
    assert json.loads(path.read_text())["number"] == 2


@pytest.mark.asvs("11.4.3")
def test_a_seal_covers_the_number_and_the_seal_before() -> None:
    one = seal_of(b"k", 1, "a", b"said")
    others = {
        seal_of(b"l", 1, "a", b"said"),
        seal_of(b"k", 2, "a", b"said"),
        seal_of(b"k", 1, "b", b"said"),
        seal_of(b"k", 1, "a", b"other"),
    }
    assert one not in others
    assert len(others) == 4


def test_what_is_undone_leaves_no_seal(app: Flask) -> None:
    fill(1)
    with pytest.raises(RuntimeError), saving():
        audit.record(BY, "did", about="thing:lost")
        raise RuntimeError
    fill(1)
    assert audit.verify().is_whole
    assert db.session.query(AuditEntry).count() == 2


def test_what_is_undone_by_itself_leaves_what_was_noted_before_and_after(app: Flask) -> None:
    with saving():
        audit.record(BY, "did", about="thing:before")
        with pytest.raises(ZeroDivisionError), db.session.begin_nested():
            audit.record(BY, "did", about="thing:lost")
            _ = 1 / 0
        with db.session.begin_nested():
            audit.record(BY, "did", about="thing:after")
    noted = db.session.scalars(select(AuditEntry.about).order_by(AuditEntry.at)).all()
    assert noted == ["thing:before", "thing:after"]
    assert audit.verify().is_whole


@on_postgresql
def test_who_finds_that_another_has_sealed_meanwhile_seals_nothing(app: Flask) -> None:
    fill()
    with saving():
        db.session.add(AuditWaiting(entry_id=uuid.uuid4(), since=clock.now()))
    assert seal_waiting() is False
    assert db.session.scalar(select(func.count()).select_from(AuditSeal)) == 5
