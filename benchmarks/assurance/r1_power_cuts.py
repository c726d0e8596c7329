"""Benchmarks: R1, the power fails: does a referral that was acknowledged survive?

    python -m benchmarks.assurance.r1_power_cuts [--full]

Four processes refer invented people while every write and every sync of the database's files is
noted (power_cut.c, compiled here). Then the power is cut between two notes: what was synced is
kept; of the rest nothing, all, the first part, or a random half with torn writes. The database is
opened as it then lies: every acknowledged referral must be there, whole. Taken as durable at once:
that a file was made or removed.
"""

import multiprocessing
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import flask_migrate
import pysqlite3
from flask import Flask
from sqlalchemy import Select, select

import app as kith
from accounts import Role, User
from accounts.models import Membership
from benchmarks.assurance.goals import control, exactly, is_full
from core import db as handle
from core.db import db
from core.saving import saving
from core.settings import Settings
from referrals.pathway import refer
from referrals.people import NewPerson
from referrals.rules import Basis, Reason
from tests.referral_builders import a_clinician, a_new_person, as_actor

HERE = Path(__file__).resolve().parent
NOTE = struct.Struct("<cQIH")
SECTOR = 512
WRITERS = 4
ROUNDS, REFERRALS, CUTS = (10, 40, 200) if is_full() else (2, 12, 150)
CHECKPOINT_PAGES = 20
"""Far below the usual 1,000: so that checkpoints, where most can go wrong, happen all the time."""

Files = dict[str, bytearray]


class Note(NamedTuple):
    """One thing that happened to a file, or (A) a referral that was acknowledged."""

    kind: str
    name: str
    offset: int
    written: bytes


@dataclass
class Found:
    """What a number of power cuts did."""

    cuts: int = 0
    acknowledged: int = 0
    lost: int = 0
    corrupt: int = 0
    half: int = 0


def main() -> None:
    """Print the figures of R1."""
    full, normal = Found(), Found()
    with tempfile.TemporaryDirectory(prefix="kith-power-") as made:
        _prepare(Path(made))
        for seed in range(ROUNDS):
            _round(full, "FULL", Path(made), seed)
        _round(normal, "NORMAL", Path(made), seed=1)
    exactly("R1a", "power cuts tried", full.cuts, ROUNDS * CUTS)
    print(f"# {full.acknowledged} referrals were acknowledged", flush=True)
    exactly("R1b", "power cuts that lost an acknowledged referral", full.lost)
    exactly("R1c", "power cuts that left a corrupt database", full.corrupt)
    exactly("R1d", "power cuts that left half a piece of work", full.half)
    control("R1e", "power cuts that lose a referral with synchronous=NORMAL", normal.lost)


def _round(found: Found, synchronous: str, prepared: Path, seed: int) -> None:
    with tempfile.TemporaryDirectory(prefix="kith-power-") as made:
        folder = Path(made) / "data"
        shutil.copytree(prepared, folder)
        base = {path.name: bytearray(path.read_bytes()) for path in folder.glob("kith.db*")}
        _write_all(folder, synchronous)
        notes = list(_read((folder / "notes").read_bytes()))
        found.acknowledged += sum(note.kind == "A" for note in notes)
        _cut(found, notes, base, folder, seed)


def _prepare(folder: Path) -> None:
    app = _app(folder)
    with app.app_context():
        flask_migrate.upgrade()
        for _ in range(WRITERS):
            a_clinician()
        db.session.remove()
        db.engine.dispose()
    recorder = folder / "power_cut.so"
    command = ["cc", "-O1", "-shared", "-fPIC", "-o", recorder, HERE / "power_cut.c", "-ldl"]
    subprocess.run(command, check=True)


def _app(folder: Path) -> Flask:
    environ = {"KITH_ENV": "demo", "DATA_DIR": str(folder), "DATABASE_URL": ""}
    return kith.create_app(Settings.from_env(environ))


def _write_all(folder: Path, synchronous: str) -> None:
    recorder = folder / "power_cut.so"
    environ = {
        **os.environ,
        "LD_PRELOAD": str(recorder),
        "POWER_CUT_NOTES": str(folder / "notes"),
        "POWER_CUT_DATABASE": "kith.db",
    }
    command = [sys.executable, "-m", __spec__.name, "--write", str(folder), synchronous]
    subprocess.run(command, cwd=HERE.parents[1], env=environ, check=True)


def _write(folder: Path, synchronous: str) -> None:
    """All who refer, forked from this process, which the recorder was loaded into."""
    pragmas = [each for each in handle.SQLITE_PRAGMAS if not each.startswith("synchronous")]
    pages = CHECKPOINT_PAGES if synchronous == "FULL" else 1_000  # a checkpoint syncs what NORMAL
    handle.SQLITE_PRAGMAS = (  # leaves unsynced: the control has as many as usual
        *pragmas,
        f"synchronous={synchronous}",
        f"wal_autocheckpoint={pages}",
    )
    app = _app(folder)
    with app.app_context():
        users = db.session.scalars(_clinicians()).all()
        db.session.remove()
        db.engine.dispose()
    fork = multiprocessing.get_context("fork")
    writers = [
        fork.Process(target=_refer, args=(app, user.id, folder / "notes"))
        for user in users[:WRITERS]
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    sys.exit(sum(writer.exitcode or 0 for writer in writers))


def _refer(app: Flask, user_id: uuid.UUID, path: Path) -> None:
    """Refer one after another; acknowledge each referral once it is saved."""
    notes = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with app.app_context():
        for _ in range(REFERRALS):
            with saving():
                by = as_actor(db.session.get_one(User, user_id))
                made = refer(a_person(), reasons=[Reason.LONELY], basis=Basis.AGREED, by=by)
                said = made.id.hex.encode()
            os.write(notes, NOTE.pack(b"A", 0, len(said), 0) + said)
        db.session.remove()


def a_person() -> NewPerson:
    """Somebody without an NHS number: the writers would draw the same ones."""
    return a_new_person(nhs_number=None, name=f"Mavis {uuid.uuid4().hex}")


def _clinicians() -> Select[User]:
    holds = select(Membership.user_id).where(Membership.role == Role.CLINICIAN)
    return select(User).where(User.id.in_(holds)).order_by(User.id)


def _read(noted: bytes) -> Iterator[Note]:
    at = 0
    while at < len(noted):
        kind, offset, count, length = NOTE.unpack_from(noted, at)
        at += NOTE.size
        name = Path(noted[at : at + length].decode()).name
        at += length
        written = noted[at : at + count] if kind in b"WA" else b""
        at += len(written)
        yield Note(kind.decode(), name, offset, written)


def _cut(found: Found, notes: list[Note], kept: Files, folder: Path, seed: int) -> None:
    """Walk through what happened and cut the power at places drawn by lot."""
    lot = random.Random(seed)
    places = set(lot.sample(range(len(notes)), min(CUTS, len(notes))))
    waiting: dict[str, list[Note]] = defaultdict(list)
    acknowledged: set[str] = set()
    for place, note in enumerate(notes):
        if note.kind == "A":
            acknowledged.add(note.written.decode())
        else:
            _happens(note, kept, waiting)
        if place in places:
            files = {name: bytearray(held) for name, held in kept.items()}
            how = lot.choice(("nothing", "all", "first", "torn"))
            for written in waiting.values():
                for each in _survives(written, how, lot):
                    _apply(files, each)
            _judge(found, files, acknowledged, folder / "after")


def _happens(note: Note, kept: Files, waiting: dict[str, list[Note]]) -> None:
    """A sync makes lasting what waited for it; a write waits."""
    if note.kind == "S":
        for each in waiting.pop(note.name, []):
            _apply(kept, each)
    elif note.kind == "U":
        kept.pop(note.name, None)
        waiting.pop(note.name, None)
    else:
        waiting[note.name].append(note)


def _survives(written: list[Note], how: str, lot: random.Random) -> list[Note]:
    """What of the writes that were never synced reaches the disk all the same."""
    if how == "nothing":
        return []
    if how == "first":
        return written[: lot.randint(0, len(written))]
    if how == "all":
        return written
    half = [note for note in written if lot.random() < 0.5]
    return [_torn(note, lot) if lot.random() < 0.3 else note for note in half]


def _torn(note: Note, lot: random.Random) -> Note:
    sectors = lot.randint(0, len(note.written) // SECTOR)
    return note._replace(written=note.written[: sectors * SECTOR])


def _apply(files: Files, note: Note) -> None:
    held = files.setdefault(note.name, bytearray())
    if note.kind == "T":
        del held[note.offset :]
    if len(held) < note.offset:
        held.extend(bytes(note.offset - len(held)))
    if note.kind == "W":
        held[note.offset : note.offset + len(note.written)] = note.written


def _judge(found: Found, files: Files, acknowledged: set[str], folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, held in files.items():
        (folder / name).write_bytes(held)
    found.cuts += 1
    opened = pysqlite3.connect(folder / "kith.db")
    try:
        is_whole = opened.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        there = {row[0] for row in opened.execute("SELECT id FROM referral")}
        half = opened.execute(
            "SELECT count(*) FROM referral r WHERE NOT EXISTS "
            "(SELECT 1 FROM step WHERE referral_id = r.id) OR NOT EXISTS "
            "(SELECT 1 FROM consent WHERE referral_id = r.id)"
        ).fetchone()[0]
    except pysqlite3.DatabaseError:
        is_whole, there, half = False, set(), 0
    opened.close()
    found.corrupt += not is_whole
    found.lost += bool(acknowledged - there)
    found.half += bool(half)


if __name__ == "__main__":
    if "--write" in sys.argv:
        _write(Path(sys.argv[-2]), sys.argv[-1])
    else:
        main()
