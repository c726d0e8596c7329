"""Ground floor: a file of nothing, to be thrown overboard when the disk is full.

Without it a full disk stops everything that writes until somebody comes. With it the first refused
saving makes room for the next ones, and a letter calls for help meanwhile.
"""

import logging
import os
import shutil
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from core.settings import Settings

MEGABYTE = 1 << 20
ROOM_FOR = 4
"""The ballast is taken in only where the disk has so many times its size left."""

log = logging.getLogger(__name__)


def is_full(error: DBAPIError) -> bool:
    """Whether the database says that there is no room."""
    said = str(error.orig).lower()
    return getattr(error.orig, "sqlstate", "") == "53100" or "disk is full" in said


def path(settings: Settings) -> Path:
    """Where the ballast lies."""
    return settings.data_dir / "ballast"


def take_in(settings: Settings) -> bool:
    """Put the ballast in its place if there is room for it; whether it is there."""
    place, size = path(settings), settings.ballast_megabytes * MEGABYTE
    if settings.is_demo or not size or place.exists():
        return place.exists()
    if shutil.disk_usage(settings.data_dir).free < ROOM_FOR * size:
        return False
    draft = place.with_name(f".ballast.{os.getpid()}")
    try:
        with draft.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, size)
        os.replace(draft, place)
    except OSError:
        draft.unlink(missing_ok=True)
        return False
    return True


def throw_over(settings: Settings) -> bool:
    """Make room; whether there was anything to throw."""
    try:
        path(settings).unlink()
    except OSError:
        return False
    log.error("the disk is full; the ballast was thrown over to make room")
    return True
