"""Ground floor: where the chain was, written down outside the database once a day.

Who can change the database could cut off the end of the chain and seal on from there. An anchor,
kept where they cannot reach it, tells.
"""

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from core import clock
from core.audit.chain import BEFORE_THE_FIRST
from core.audit.entries import AuditSeal
from core.db import db
from core.settings import in_force

FOLDER = "anchors"


@dataclass(frozen=True, slots=True)
class Anchor:
    """How many entries the chain had at a moment, and its newest seal."""

    number: int
    seal: str
    at: datetime


def anchor_now() -> Anchor:
    """Where the chain is."""
    newest = db.session.execute(
        select(AuditSeal.id, AuditSeal.seal).order_by(AuditSeal.id.desc()).limit(1)
    ).first()
    number, seal = (newest.id, newest.seal) if newest else (0, BEFORE_THE_FIRST)
    return Anchor(number, seal, clock.now())


def anchor_today() -> Anchor:
    """Write down where the chain is, beside the database; the anchor that counts for today."""
    settings = in_force()
    return read(keep(anchor_now(), settings.data_dir))


def keep(anchor: Anchor, data_dir: Path) -> Path:
    """Write an anchor into a file of its day; the first of a day stays."""
    folder = data_dir / FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"audit-{clock.local_date(anchor.at).isoformat()}.json"
    try:
        file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400), "w")
    except FileExistsError:
        return path
    with file:
        json.dump({**asdict(anchor), "at": anchor.at.isoformat()}, file)
        file.flush()
        os.fsync(file.fileno())
    return path


def read(path: Path) -> Anchor:
    """The anchor in a file."""
    said = json.loads(path.read_text())
    return Anchor(int(said["number"]), str(said["seal"]), datetime.fromisoformat(said["at"]))


def kept(data_dir: Path) -> list[Anchor]:
    """Every anchor of this site, oldest first."""
    return [read(path) for path in sorted((data_dir / FOLDER).glob("audit-*.json"))]
