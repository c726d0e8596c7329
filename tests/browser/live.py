"""The site as people meet it: the demo, served on this machine, at a moment that a test can choose.

It is filled once a run, by whichever of several workers comes first; the others copy it. Before
each test the filled database and its search index are put back, so a test may change what it likes.
"""

import fcntl
import shutil
import threading
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import flask_migrate
from flask import Flask
from sqlalchemy import select, text
from werkzeug.serving import WSGIRequestHandler, make_server

from accounts import User
from accounts.signing_in import start
from app import create_app
from core import clock, site
from core.actors import system
from core.db import db
from core.outbox import Letter
from core.saving import saving
from core.settings import Settings
from demo import seed
from demo.cast import CAST

MONDAY = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
"""When every test begins. The demo is counted back from then, so pages are the same each run."""

KEPT = ("kith.db", "index")
EMAILS = {member.key: member.email for member in CAST}


class Quiet(WSGIRequestHandler):
    """Serves without a line on the screen for each request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


class Live:
    """The demo, filled and served. Its clock goes on from the moment it was last set to."""

    def __init__(self, folder: Path, shared: Path) -> None:
        self._folder, self._shared = folder, shared
        self._one_at_a_time = threading.Lock()
        self._server = make_server(
            "127.0.0.1", 0, self._answer, threaded=True, request_handler=Quiet
        )
        self.address = f"http://127.0.0.1:{self._server.port}"
        self.settings = Settings(
            env="demo",
            secret_key="b" * 40,
            data_dir=folder / "data",
            database_url=f"sqlite:///{folder / 'data' / 'kith.db'}",
            base_url=self.address,
            inbound_secret="i" * 40,
        )
        self.move_to(MONDAY)
        self.app = self._filled()
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()

    def move_to(self, moment: datetime) -> None:
        """It is now `moment`, for everybody who opens a page. Whoever was signed in is so no more
        once they have been away for long."""
        self._moment, self._since = moment, time.monotonic()

    def now(self) -> datetime:
        """The present moment on this site."""
        return self._moment + timedelta(seconds=time.monotonic() - self._since)

    def put_back(self) -> None:
        """Everything is as it was when the demo had just been filled."""
        self.move_to(MONDAY)
        site.set_up(self.settings)  # another application of this run may have said otherwise
        with self._one_at_a_time, self.app.app_context():
            db.session.remove()
            db.engine.dispose()
            data, kept = self._folder / "data", self._folder / "kept"
            for leftover in ("kith.db-wal", "kith.db-shm"):
                (data / leftover).unlink(missing_ok=True)
            shutil.copy(kept / "kith.db", data / "kith.db")
            shutil.rmtree(data / "index", ignore_errors=True)
            shutil.copytree(kept / "index", data / "index")

    def session_of(self, key: str) -> str:
        """A new session of one of the cast, as its cookie holds it."""
        with self.app.app_context(), clock.set_to(self.now()), saving():
            user = db.session.scalars(select(User).where(User.email == EMAILS[key])).one()
            return start(user, by=system("test"), device="browser")

    def letters_to(self, address: str) -> list[Letter]:
        """The letters to an address, oldest first."""
        with self.app.app_context():
            every = db.session.scalars(select(Letter).order_by(Letter.written_at)).all()
            # Words are opened here and now: afterwards there is no application to open them.
            letters = [letter for letter in every if letter.to_address == address and letter.body]
            db.session.expunge_all()
            return letters

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        with self._one_at_a_time, clock.set_to(self.now()):
            return self.app(environ, start_response)

    def _filled(self) -> Flask:
        app = create_app(self.settings)
        data, made = self._folder / "data", self._shared / "demo-made"
        with (self._shared / "demo-lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # let go of when the file is shut
            if not made.exists():
                self._fill(app)
                making = made.with_suffix(".making")
                shutil.copytree(data, making)
                (making / "address").write_text(self.address, encoding="utf-8")
                making.rename(made)
        shutil.copytree(made, data, dirs_exist_ok=True)
        app.extensions["kith.keys"].look_again()  # they came with the database
        with app.app_context():
            self._live_here((made / "address").read_text(encoding="utf-8"))
            self._at_rest()
        kept = self._folder / "kept"
        kept.mkdir()
        shutil.copy(data / "kith.db", kept / "kith.db")
        shutil.copytree(data / "index", kept / "index")
        return app

    def _fill(self, app: Flask) -> None:
        with app.app_context(), clock.set_to(self._moment):
            flask_migrate.upgrade()
            seed.load()
            self._at_rest()

    def _live_here(self, address: str) -> None:
        """The letters lead to this site, not to that of the worker who filled it."""
        with saving():
            for letter in db.session.scalars(select(Letter)).all():
                letter.body = letter.body.replace(address, self.address)

    def _at_rest(self) -> None:
        """Everything is in the one file of the database."""
        db.session.remove()
        with db.engine.connect() as connection:
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        db.engine.dispose()
