"""Turns: on SQLite one writes at a time, in the order of asking, and nobody keeps a turn."""

import fcntl
import os
import threading
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from core import audit
from core.actors import system
from core.audit import AuditEntry
from core.db import db
from core.saving import saving
from tests.engines import on_sqlite

BY = system("test")


def a_turn_is_free(app: Flask) -> bool:
    """Whether somebody else could write this very moment."""
    path = Path(app.extensions["kith.settings"].data_dir) / "kith.db.lock"
    file = os.open(path, os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(file)
    return True


@on_sqlite
def test_a_turn_lasts_as_long_as_the_work_and_no_longer(app: Flask) -> None:
    with saving():
        db.session.connection()
        assert not a_turn_is_free(app)
    assert a_turn_is_free(app)
    with pytest.raises(ZeroDivisionError), saving():
        _ = 1 / 0
    assert a_turn_is_free(app)


@on_sqlite
def test_reading_takes_no_turn(app: Flask) -> None:
    db.session.scalar(select(func.count()).select_from(AuditEntry))
    assert a_turn_is_free(app)


@on_sqlite
def test_a_connection_that_is_lost_gives_up_its_turn(app: Flask) -> None:
    with pytest.raises(ValueError, match="gone"), saving():
        db.session.connection().invalidate()
        raise ValueError("gone")
    assert a_turn_is_free(app)


@on_sqlite
def test_many_threads_write_one_after_the_other(app: Flask) -> None:
    def write(number: int) -> None:
        with app.app_context():
            for _ in range(5):
                with saving():
                    seen = db.session.scalar(select(func.count()).select_from(AuditEntry)) or 0
                    audit.record(BY, "counted", about=f"thing:{number}", seen=seen)
            db.session.remove()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counted = [entry.facts["seen"] for entry in db.session.scalars(select(AuditEntry))]
    assert sorted(counted) == list(range(40))
