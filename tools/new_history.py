"""Rewrite the migrations from the models, one a room. Only until the first release, never after.

What follows the rooms' own (0005 and later) is written by hand, and stays as it is.

python -m tools.new_history
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import flask_migrate
from flask import Flask

from app import create_app
from core.db import Base
from core.settings import Settings

VERSIONS = Path(__file__).resolve().parent.parent / "migrations" / "versions"

ROOMS = ("core", "accounts", "directory", "referrals")


def main() -> None:
    """Write migrations/versions anew."""
    for old in VERSIONS.glob("*.py"):
        if int(old.name[:4]) <= len(ROOMS):
            old.unlink()
    by_hand = {each: each.read_bytes() for each in VERSIONS.glob("*.py")}
    for each in by_hand:
        each.unlink()  # they build on what is only about to be written
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings.from_env({"KITH_ENV": "test", "DATA_DIR": folder}))
        with app.app_context():
            for number, room in enumerate(ROOMS, start=1):
                _write(app, number, room)
    for path, kept in by_hand.items():
        path.write_bytes(kept)
    subprocess.run([sys.executable, "-m", "ruff", "check", "-q", "--fix", VERSIONS], check=False)
    subprocess.run([sys.executable, "-m", "ruff", "format", "-q", VERSIONS], check=True)


def _write(app: Flask, number: int, room: str) -> None:
    upto = ROOMS[: ROOMS.index(room) + 1]
    tables = {
        str(mapper.local_table.description)
        for mapper in Base.registry.mappers
        if mapper.class_.__module__.partition(".")[0] in upto
    }
    app.extensions["migrate"].configure_args["include_name"] = lambda name, kind, _parents: (
        kind != "table" or name in tables
    )
    app.extensions["migrate"].configure_args["include_object"] = (
        lambda _thing, name, kind, _reflected, _other: kind != "table" or name in tables
    )
    flask_migrate.revision(autogenerate=True, rev_id=f"{number:04}", message=room)
    flask_migrate.upgrade()


if __name__ == "__main__":
    main()
