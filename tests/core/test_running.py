"""Running for real: ready or not, figures, the log's fields, a full disk, and a graceful stop."""

import json
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from core import ballast, keys, logs
from core.db import db, may_write
from core.settings import Settings
from tests.client import Client
from tests.engines import Engines, on_sqlite

ROOT = Path(__file__).resolve().parents[2]


def test_it_is_ready_only_with_the_schema_of_this_code(app: Flask, client: Client) -> None:
    assert client.get("/readyz").json == {"status": "ready"}
    with may_write():
        head = db.session.scalar(text("SELECT version_num FROM alembic_version"))
        db.session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        db.session.commit()
    answer = client.get("/readyz")
    with may_write():
        db.session.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": head})
        db.session.commit()
    assert (answer.status_code, answer.json) == (503, {"status": "not ready"})


@on_sqlite
def test_it_is_not_ready_with_the_key_of_another_database(
    app: Flask, client: Client, tmp_path: Path
) -> None:
    ours = app.extensions[keys.EXTENSION]
    assert client.get("/readyz").status_code == 200
    keys.make_file(tmp_path / "another.json")
    app.extensions[keys.EXTENSION] = keys.KeyRing(tmp_path / "another.json")
    assert client.get("/readyz").status_code == 503
    app.extensions[keys.EXTENSION] = ours
    assert client.get("/readyz").status_code == 200


@pytest.mark.asvs("16.2.4", "16.2.5", "16.3.4")
def test_a_line_of_the_log_holds_no_address_and_no_words_of_an_error() -> None:
    try:
        raise ValueError("Mrs Private of 1 Secret Lane")
    except ValueError:
        record = logging.getLogger("core.saving").makeRecord(
            "core.saving",
            logging.ERROR,
            "saving.py",
            1,
            "saving %s failed",
            ("it",),
            sys.exc_info(),
            extra={"route": "/g/<token>", "email": "private@a.example"},
        )
    line = logs.AsJson().format(record)
    assert json.loads(line) | {"at": "", "place": []} == {
        "at": "",
        "level": "error",
        "from": "core.saving",
        "said": "saving it failed",
        "route": "/g/<token>",
        "error": "ValueError",
        "place": [],
    }
    assert "private" not in (line + logs.Plain().format(record)).lower()


@pytest.mark.asvs("16.5.2")
@on_sqlite
def test_a_full_disk_is_said_and_room_is_made(
    app: Flask, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    before: Settings = app.extensions["kith.settings"]
    app.extensions["kith.settings"] = settings = replace(before, ballast_megabytes=1)
    ballast.path(settings).unlink(missing_ok=True)  # another test may have left one
    try:
        assert ballast.take_in(settings)
        assert ballast.path(settings).stat().st_size == ballast.MEGABYTE
        _fill_up_and_ask(app, client)
    finally:
        app.extensions["kith.settings"] = before
    assert not ballast.path(settings).exists()
    assert "the ballast was thrown over" in caplog.text


def _fill_up_and_ask(app: Flask, client: Client) -> None:
    def full() -> str:
        raise OperationalError("INSERT", None, Exception("database or disk is full"))

    view = app.view_functions["health.healthz"]
    full.__dict__.update(view.__dict__)
    app.view_functions["health.healthz"] = full
    try:
        answer = client.get("/healthz")
    finally:
        app.view_functions["health.healthz"] = view
    assert answer.status_code == 503
    assert "no room left" in answer.text


@on_sqlite
@pytest.mark.slow
def test_told_to_stop_it_finishes_what_it_has_begun(
    app: Flask, engines: Engines, tmp_path: Path
) -> None:
    shutil.copy(engines.folder / "sqlite" / "template.db", tmp_path / "kith.db")
    shutil.copytree(engines.folder / "sqlite" / "keys", tmp_path / "keys")
    with running(tmp_path) as (process, port, figures):
        answer = get(f"http://127.0.0.1:{port}/readyz")
        assert answer == '{"status":"ready"}\n'
        with socket.create_connection(("127.0.0.1", port), timeout=10) as asked:
            asked.sendall(
                b"POST /sign-in HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n"
                b"Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n\r\na="
            )
            shown = get(f"http://127.0.0.1:{figures}/metrics")
            assert (
                'kith_request_seconds_count{method="GET",route="/readyz",status="200"} 1' in shown
            )
            assert "kith_letters_late 0.0" in shown
            process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            asked.sendall(b"bcd")
            assert asked.recv(65_536).startswith(b"HTTP/1.1 400")
        assert process.wait(20) == 0


@contextmanager
def running(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], int, int]]:
    """The site with its loop and its figures, as real processes over an empty database."""
    port, figures = free_port(), free_port()
    surroundings = {
        **os.environ,
        "DATA_DIR": str(folder),
        "METRICS_PORT": str(figures),
        "PROMETHEUS_MULTIPROC_DIR": str(folder / "figures"),
    }
    command = [sys.executable, "-m", "flask", "serve", "--port", str(port), "--with-work"]
    process = subprocess.Popen(command, cwd=ROOT, env=surroundings)
    try:
        for _ in range(150):
            try:
                get(f"http://127.0.0.1:{port}/healthz")
                get(f"http://127.0.0.1:{figures}/metrics")
                break
            except OSError:
                time.sleep(0.1)
        yield process, port, figures
    finally:
        process.kill()
        process.wait()


def get(address: str) -> str:
    with urllib.request.urlopen(address, timeout=10) as answer:
        return answer.read().decode()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
