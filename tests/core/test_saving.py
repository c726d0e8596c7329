"""The unit of work: one commit or nothing, once for a form however often it is pressed."""

import socket
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from core import audit, clock, outbox
from core.actors import system
from core.audit import AuditEntry
from core.db import db
from core.outbox import Draft, Letter
from core.saving import afterwards, saving


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def a_draft(occasion: str = "one") -> Draft:
    return Draft(
        kind="test", about="thing:1", same_as=occasion, to_address="a@b.example", body="Hello."
    )


@pytest.mark.asvs("2.3.3", "16.5.3")
def test_a_failure_leaves_neither_letter_nor_audit(app: Flask) -> None:
    with pytest.raises(ZeroDivisionError), saving():
        outbox.put(a_draft())
        audit.record(system("test"), "tried", about="thing:1")
        db.session.flush()
        _ = 1 / 0
    assert (count(Letter), count(AuditEntry)) == (0, 0)


@pytest.mark.asvs("3.5.3")
def test_writing_outside_saving_is_refused_by_the_database(app: Flask) -> None:
    with pytest.raises(RuntimeError, match="noted outside"):
        audit.record(system("test"), "slipped", about="thing:1")
    outbox.put(a_draft())
    with pytest.raises(SQLAlchemyError):
        db.session.commit()
    db.session.rollback()
    assert (count(Letter), count(AuditEntry)) == (0, 0)


def test_saving_does_not_nest(app: Flask) -> None:
    with pytest.raises(RuntimeError, match="nest"), saving(), saving():
        pass


def test_what_follows_runs_once_after_the_commit_and_not_after_a_failure(app: Flask) -> None:
    seen: list[int] = []

    def follow() -> None:
        seen.append(count(Letter))

    with saving():
        outbox.put(a_draft())
        afterwards(follow)
        afterwards(follow)
    assert seen == [1]
    with pytest.raises(ValueError, match="no"), saving():
        afterwards(follow)
        raise ValueError("no")
    assert seen == [1]


def test_nobody_asks_another_machine_within_a_transaction(app: Flask) -> None:
    with pytest.raises(RuntimeError, match="another machine"), saving():
        socket.create_connection(("127.0.0.1", 9))


def test_the_same_occasion_is_written_to_once(app: Flask) -> None:
    with saving():
        outbox.put(a_draft())
    with saving():
        outbox.put(a_draft())
        outbox.put(a_draft("another"))
    assert count(Letter) == 2


@pytest.mark.asvs("16.2.2")
def test_times_come_back_aware_and_in_utc(app: Flask) -> None:
    moment = datetime(2026, 7, 1, 12, 30, tzinfo=clock.LONDON)
    with clock.set_to(moment), saving():
        audit.record(system("test"), "noted", about="thing:1")
    entry = db.session.scalars(select(AuditEntry)).one()
    assert entry.at == datetime(2026, 7, 1, 11, 30, tzinfo=UTC)
    assert entry.at.utcoffset() is not None
