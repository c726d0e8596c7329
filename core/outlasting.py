"""Ground floor: what must hold after a restore too, written down outside the database.

A backup brings back whoever was forgotten since it was made, and what was agreed to and has been
taken back since. Each such act is written into a file of its own, ids and times alone: one line
before its commit, one after, each on the disk before anything goes on. An act with both lines is
repeated after a restore (`flask ops repeat`); one that was only begun was perhaps never done, so
somebody has to look at it. The file is only ever added to, and half a line says nothing.
"""

import logging
import os
import re
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from pathlib import Path

from core import clock
from core.saving import afterwards
from core.settings import Settings, in_force

NAME = "outlasting.log"

log = logging.getLogger(__name__)


class Act(StrEnum):
    """What is written down; the last of one thing counts."""

    FORGOTTEN = "forgotten"
    WITHDRAWN = "withdrawn"
    AGREED_AGAIN = "agreed-again"


class Phase(StrEnum):
    """How far an act had come."""

    BEGUN = "begun"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the file."""

    at: datetime
    act: Act
    key: uuid.UUID
    phase: Phase


TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*\+00:00"
KEY = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
WHOLE = re.compile(f"({TIME}) ({'|'.join(Act)}) ({KEY}) ({'|'.join(Phase)})")

Repeat = Callable[[uuid.UUID], bool]
"""Does an act again; whether there was anything to do."""

_repeats: dict[Act, Repeat] = {}


def repeated_by(act: Act, repeat: Repeat) -> None:
    """Register how an act is done again. Called once by a room."""
    _repeats[act] = repeat


def repeats() -> dict[Act, Repeat]:
    """How each act is done again."""
    return dict(_repeats)


def will_do(act: Act, key: uuid.UUID) -> None:
    """Write an act down, inside saving(): now that it is begun, and after the commit that it is
    done. OSError if that cannot be: whoever acts decides whether it is done none the less."""
    _add(act, key, Phase.BEGUN)
    afterwards(partial(_add, act, key, Phase.DONE))


def to_repeat(act: Act) -> list[uuid.UUID]:
    """What was done and has to hold, oldest first."""
    return [key for key, line in _last_done().items() if line.act is act]


def in_doubt() -> list[Line]:
    """What was begun, and never written down as done or begun anew; the oldest first."""
    open_acts: dict[tuple[Act, uuid.UUID], Line] = {}
    for line in lines():
        if line.phase is Phase.BEGUN:
            open_acts[line.act, line.key] = line
        else:
            open_acts.pop((line.act, line.key), None)
    return list(open_acts.values())


def settle(act: Act, keys: Iterable[uuid.UUID]) -> None:
    """Say of acts in doubt that they were done after all."""
    for key in keys:
        _add(act, key, Phase.DONE)


def lines() -> list[Line]:
    """All that the file says; what is not a whole line was never finished."""
    path = path_for(in_force())
    if not path.exists():
        return []
    said = (WHOLE.fullmatch(each) for each in path.read_text("ascii", "replace").splitlines())
    return [
        Line(datetime.fromisoformat(each[1]), Act(each[2]), uuid.UUID(each[3]), Phase(each[4]))
        for each in said
        if each
    ]


def path_for(settings: Settings) -> Path:
    """Where the file is: not where the database is lost."""
    if settings.outlasting_file:
        return Path(settings.outlasting_file)
    return Path(settings.backup_dir or settings.data_dir) / NAME


def can_be_written(settings: Settings) -> bool:
    """Whether an act could be written down now."""
    path = path_for(settings)
    return os.access(path if path.exists() else path.parent, os.W_OK)


def _last_done() -> dict[uuid.UUID, Line]:
    """The last that was done with each; a person's id and a referral's are never the same."""
    return {line.key: line for line in lines() if line.phase is Phase.DONE}


def _add(act: Act, key: uuid.UUID, phase: Phase) -> None:
    path = path_for(in_force())
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    is_new = not path.exists()
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        # After half a line of somebody who was cut off, ours begins a line of its own.
        size = os.fstat(file).st_size
        cut_off = size and os.pread(file, 1, size - 1) != b"\n"
        said = f"{clock.now().isoformat()} {act} {key} {phase}\n"
        os.write(file, ("\n" if cut_off else "").encode() + said.encode())
        os.fsync(file)
    finally:
        os.close(file)
    if is_new:
        settle_folder(path.parent)


def settle_folder(folder: Path) -> None:
    """Have the folder itself on the disk: a file's name is an entry there."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
