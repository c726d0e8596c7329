"""The background loop killed outright in the middle of an import: another one finishes the work."""

import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Select, func, select

from core import clock
from core.db import db
from core.saving import saving
from core.settings import Settings
from directory.feeds import arriving, importing, limits, runs, staging
from directory.models import ImportRow, ImportRun, ListingStep, Service
from directory.rules import ImportState
from directory.search import Query, search
from tests.builders import an_editor

pytestmark = pytest.mark.slow

COUNT = 4 * arriving.NEW_AT_ONCE
PATIENCE_SECONDS = 60
ROOT = Path(__file__).parents[2]


@pytest.fixture
def run_id(app: Flask, monkeypatch: pytest.MonkeyPatch) -> uuid.UUID:
    """An import that waits to be read."""
    settings: Settings = app.extensions["kith.settings"]
    monkeypatch.setattr(limits._chosen, "folder", settings.data_dir / "imports")
    importing._under_way.clear()
    with saving():
        own_id = runs.begin(name="bow.json", source="bow", by=an_editor()).id
    services = [{"id": f"s{n}", "name": f"Choir {n}", "status": "active"} for n in range(COUNT)]
    runs.file_of(own_id).write_text(json.dumps(services))
    return own_id


@pytest.fixture
def loop(app: Flask, run_id: uuid.UUID) -> Iterator[subprocess.Popen[bytes]]:
    """`flask work` as a process of its own, over the same database."""
    settings: Settings = app.extensions["kith.settings"]
    said = {
        "KITH_ENV": "test",
        "SECRET_KEY": settings.secret_key,
        "DATA_DIR": str(settings.data_dir),
        "DATABASE_URL": settings.database_url,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "work"],
        cwd=ROOT,
        env=os.environ | said,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    yield process
    process.kill()
    process.wait()


def wait_until(happened: Callable[[], bool]) -> None:
    """Look every few milliseconds whether it has happened."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)


def state_of(run_id: uuid.UUID) -> ImportState:
    db.session.rollback()
    return runs.get_run(run_id).state


def how_many(wanted: Select[Any]) -> int:
    db.session.rollback()
    return db.session.scalar(wanted) or 0


def arrived() -> int:
    coming = select(func.count()).select_from(Service)
    return how_many(coming.where(Service.arriving_with.is_not(None)))


def staged() -> int:
    return how_many(select(func.count()).select_from(ImportRow))


def confirm(run_id: uuid.UUID) -> None:
    db.session.rollback()
    with saving():
        runs.go_ahead(runs.get_run(run_id), by=an_editor())


def go_on_until(run_id: uuid.UUID, state: ImportState) -> None:
    """Have this process take the work over, once the lease of the other has run out."""
    with clock.set_to(clock.now() + 2 * runs.LEASE):
        while state_of(run_id) is not state:
            assert importing.take_one()


def test_killed_while_bringing_in_nobody_sees_any_and_then_all_are_there_once(
    app: Flask, run_id: uuid.UUID, loop: subprocess.Popen[bytes]
) -> None:
    wait_until(lambda: state_of(run_id) is ImportState.READY)
    confirm(run_id)
    wait_until(lambda: arrived() > 0)
    loop.kill()
    loop.wait()

    assert state_of(run_id) is ImportState.BRINGING_IN
    assert 0 < arrived() < COUNT
    assert arrived() == runs.get_run(run_id).done
    assert search(Query("")).total == 0
    db.session.rollback()
    assert not importing.take_one(), "its lease still runs"

    go_on_until(run_id, ImportState.DONE)
    names = list(db.session.scalars(select(Service.name)))
    assert sorted(names) == sorted(f"Choir {number}" for number in range(COUNT))
    assert arrived() == 0
    assert how_many(select(func.count()).select_from(ListingStep)) == COUNT
    assert search(Query("")).total == COUNT


def test_killed_while_reading_it_is_read_again_from_the_start(
    app: Flask, run_id: uuid.UUID, loop: subprocess.Popen[bytes]
) -> None:
    wait_until(lambda: staged() > 0)
    loop.kill()
    loop.wait()

    assert state_of(run_id) is ImportState.READING
    assert staged() % staging.AT_ONCE == 0

    go_on_until(run_id, ImportState.READY)
    assert staged() == COUNT
    created = select(ImportRun.created).where(ImportRun.id == run_id)
    assert how_many(created) == COUNT
