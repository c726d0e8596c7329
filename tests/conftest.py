"""What every test stands on: a fresh, migrated database on each engine, and a strict browser.

A test that asks for `app` runs twice, on SQLite and on PostgreSQL. `on_sqlite` (tests/engines.py)
keeps a test to one engine where the database is not what it is about.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import settings

from core.db import db, is_writing
from tests.client import Client
from tests.engines import Engines

ENGINES = ("sqlite", "postgresql")

# The same cases at every run, so that a run fails for what was changed; HYPOTHESIS_PROFILE=search
# looks for new ones.
settings.register_profile("same", derandomize=True)
settings.register_profile("search", print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


def _no_line_in_a_transaction(event: str, _args: tuple[object, ...]) -> None:
    """Who waits for another machine keeps everybody waiting who wants to write."""
    if event in {"socket.connect", "socket.getaddrinfo"} and is_writing():
        raise RuntimeError("another machine is asked within a transaction that writes")


sys.addaudithook(_no_line_in_a_transaction)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long begins first: nobody waits at the end for one test that another began late.

    Those with a browser stand together, so that one worker fills the demo for all of them.
    """
    items.sort(key=lambda item: (not item.get_closest_marker("browser"), not _is_slow(item)))


def _is_slow(item: pytest.Item) -> bool:
    return item.get_closest_marker("slow") is not None


@pytest.fixture(scope="session")
def engines() -> Iterator[Engines]:
    """The applications of this run, one an engine, each over its own migrated database."""
    folder = Path(tempfile.mkdtemp(prefix="kith-tests-"))
    made = Engines(folder)
    yield made
    made.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    """The engine this run of the test is on."""
    return str(request.param)


@pytest.fixture
def app(engine_name: str, engines: Engines) -> Iterator[Flask]:
    """The application over an empty, migrated database, with its context pushed."""
    application = engines.fresh(engine_name)
    with application.app_context():
        yield application
        unsaved = [*db.session.new, *db.session.dirty, *db.session.deleted]
        db.session.rollback()
        db.session.remove()
    assert not unsaved, f"the test left work unsaved: {unsaved}"


@pytest.fixture
def client(app: Flask) -> Client:
    """Somebody at a browser, who reads every page strictly."""
    app.test_client_class = Client
    made = app.test_client()
    assert isinstance(made, Client)
    return made
