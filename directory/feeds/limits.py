"""Directory: how much a file or a feed may ask of us before it is refused."""

from dataclasses import dataclass
from pathlib import Path

from core.settings import Settings

MEGABYTE = 1024 * 1024

LONGEST_CELL = 131_072
LONGEST_RECORD = 4_000_000
MOST_FILES = 200
MOST_SQUEEZED = 200
"""A file in an archive may unfold to so many times its size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one import may cost; `private_addresses` is for tests, whose feeds live next door.

    `most_memory` is what reading may use beyond what the program itself does, `most_silence` for
    how many seconds it may come to nothing.
    """

    most_bytes: int = 200 * MEGABYTE
    most_rows: int = 200_000
    most_seconds: int = 1_800
    most_memory: int = 512 * MEGABYTE
    most_silence: int = 120
    private_addresses: bool = False


@dataclass(slots=True)
class _Chosen:
    limits: Limits
    folder: Path


_chosen = _Chosen(Limits(), Path("instance") / "imports")


def set_up(data_dir: Path, limits: Limits) -> None:
    """Say where files wait to be read, and how much they may cost."""
    _chosen.limits, _chosen.folder = limits, data_dir / "imports"


def of(settings: Settings) -> Limits:
    """The limits a deployment has chosen."""
    return Limits(
        most_bytes=settings.import_megabytes * MEGABYTE,
        most_rows=settings.import_rows,
        most_seconds=settings.import_minutes * 60,
    )


def present() -> Limits:
    """The limits of this deployment."""
    return _chosen.limits


def waiting_room() -> Path:
    """The folder where files wait to be read; nobody but this program reads it."""
    _chosen.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return _chosen.folder
