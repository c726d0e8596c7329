"""Ground floor: backups that are tried out: made while people work, sealed, restored and counted.

A backup is one file: what it holds, by table, then the database, sealed under the key `backup`.
The keys themselves are never in it, so neither the file nor the key says anything alone.
"""

import json
import os
import secrets
import shutil
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from flask import Flask, current_app

from core import clock, keys
from core.db import db, engine_options, set_beginnings
from core.ops import container, copying, findings
from core.ops.container import Unreadable
from core.ops.copying import CannotCopy
from core.settings import Settings

KEPT_FOR = timedelta(days=35)
ENDING = ".kithbackup"
CHORE = "back up"
BESIDE = ".kith-"
PIECE = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup says of itself."""

    made_at: str
    engine: str
    rows: dict[str, int]
    audit_sealed: int = 0
    audit_seal: str = ""

    @property
    def total(self) -> int:
        return sum(self.rows.values())


def address(settings: Settings) -> str:
    """The address by which the database is copied: that of a user who may read everything."""
    return settings.backup_database_url or settings.database_url


def name_of(moment: datetime) -> str:
    """What a backup made at a moment is called; names sort by age."""
    return f"kith-{moment:%Y%m%dT%H%M%SZ}{ENDING}"


def make(to: Path, settings: Settings) -> Manifest:
    """Back the database up into a new file, while the site runs."""
    if to.exists():
        raise CannotCopy(f"{to} is there already. A backup never takes another's place.")
    url = address(settings)
    with _folder_beside(to) as folder:
        copy = folder / "copy"
        held = copying.copy_out(url, copy, settings)
        if not held.rows:
            raise CannotCopy("There is nothing in the database yet. Run `flask db upgrade` first.")
        manifest = Manifest(
            made_at=clock.now().isoformat(timespec="seconds"),
            engine=_engine(url),
            rows=held.rows,
            audit_sealed=held.sealed,
            audit_seal=held.seal,
        )
        container.write(to, keys.derive("backup"), _told(manifest, copy))
    return manifest


def restore(kept: Path, url: str, settings: Settings) -> Manifest:
    """Put a backup where nothing is; CannotCopy if the rows are not those it says it holds."""
    with tempfile.TemporaryDirectory(prefix="kith-restoring-") as folder:
        copy = Path(folder) / "copy"
        manifest = _unpack(kept, copy)
        if manifest.engine != _engine(url):
            raise CannotCopy(f"This is a backup of {manifest.engine}, and the database is not.")
        held = copying.copy_in(copy, url, settings)
    differing = [name for name, count in manifest.rows.items() if held.rows.get(name) != count]
    if differing:
        raise CannotCopy(f"Restored, but the rows differ from the backup’s: {', '.join(differing)}")
    if manifest.audit_seal and manifest.audit_seal != held.seal:
        raise CannotCopy("Restored, but the audit does not end where the backup says it does.")
    return manifest


def verify(kept: Path, settings: Settings) -> tuple[Manifest, list[str]]:
    """Restore a backup beside the database, count and cross-check; what it holds, and what is
    wrong with it."""
    with tempfile.TemporaryDirectory(prefix="kith-trying-") as folder:
        place = Path(folder)
        name = f"kith_trying_{secrets.token_hex(6)}"
        with copying.scratch(address(settings), place, name) as url:
            manifest = restore(kept, url, settings)
            wrong = copying.damage(url)
            with _within(url):
                wrong += findings.all_of(findings.IN_ROWS)
    return manifest, wrong


def nightly(settings: Settings) -> Path | None:
    """Back up into BACKUP_DIR, try the file out, and let go of those kept long enough."""
    if not settings.backup_dir:
        return None
    folder = Path(settings.backup_dir)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in folder.glob(f"{BESIDE}*"):  # by one that was killed: it holds an open copy
        shutil.rmtree(left, ignore_errors=True)
    kept = folder / name_of(clock.now())
    make(kept, settings)
    _manifest, wrong = verify(kept, settings)
    if wrong:
        raise CannotCopy(f"{kept.name} was made, but: {'; '.join(wrong[:5])}")
    for old in kept_in(folder):
        if clock.now() - made_at(old) > KEPT_FOR:
            old.unlink()
    return kept


def kept_in(folder: Path) -> list[Path]:
    """The backups in a folder, oldest first."""
    return sorted(folder.glob(f"kith-*{ENDING}"))


def made_at(kept: Path) -> datetime:
    """When a backup was made, by its name."""
    return datetime.strptime(kept.name, f"kith-%Y%m%dT%H%M%S%z{ENDING}")


def _engine(url: str) -> str:
    return "SQLite" if url.startswith("sqlite") else "PostgreSQL"


@contextmanager
def _folder_beside(to: Path) -> Iterator[Path]:
    """A folder for the open copy, on the same disk as its place and readable by nobody else."""
    to.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix=BESIDE, dir=to.parent) as folder:
        yield Path(folder)


def _told(manifest: Manifest, copy: Path) -> Iterator[bytes]:
    head = json.dumps(asdict(manifest)).encode()
    yield len(head).to_bytes(4, "big") + head
    packed = zlib.compressobj(1)
    with copy.open("rb") as file:
        while piece := file.read(PIECE):
            yield packed.compress(piece)
    yield packed.flush()


def _unpack(kept: Path, copy: Path) -> Manifest:
    pieces = container.read(kept, keys.derive("backup"))
    first = next(pieces, b"")
    ends = 4 + int.from_bytes(first[:4], "big")
    manifest = Manifest(**json.loads(first[4:ends]))
    unpacked = zlib.decompressobj()
    with os.fdopen(os.open(copy, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
        for piece in _chain(first[ends:], pieces):
            file.write(unpacked.decompress(piece))
        file.write(unpacked.flush())
    if not unpacked.eof:
        raise Unreadable("This backup is damaged or cut short.")
    return manifest


def _chain(first: bytes, rest: Iterable[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


@contextmanager
def _within(url: str) -> Iterator[None]:
    """Have the code look at another database than the site's, for the block."""
    beside = Flask("kith.trying")
    beside.extensions |= {
        name: current_app.extensions[name] for name in ("kith.settings", keys.EXTENSION)
    }
    beside.config["SQLALCHEMY_DATABASE_URI"] = url
    beside.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(url)
    db.init_app(beside)
    with beside.app_context():
        set_beginnings(db.engine)
        try:
            yield
        finally:
            db.session.remove()
            db.engine.dispose()
