"""Ground floor: what a deployment suffers from, in plain words, for whoever runs it.

Nothing here stops the site; `/readyz` does that. Each symptom says what is so and what to do.
"""

import os
import shutil
import stat
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

import pysqlite3
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from core import clock, footing, keys, outbox, outlasting, sealing, work
from core.db import db, is_safe_sqlite
from core.ops import backups, findings
from core.settings import Settings

FULL_AT = 0.80
BACKUP_LATE = timedelta(hours=26)
CLOCKS_APART = timedelta(seconds=5)
OLDEST_PYTHON = (3, 11)


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing looked at: whether it is well, and what there is to say."""

    well: bool
    words: str


def fine(words: str) -> Sign:
    """Nothing to be done."""
    return Sign(well=True, words=words)


def wrong(words: str) -> Sign:
    """Something to be put right."""
    return Sign(well=False, words=words)


Symptom = Callable[[Settings], Iterable[Sign]]


def examine(settings: Settings) -> list[Sign]:
    """Everything looked at. What cannot be looked at is itself a sign that something is wrong."""
    signs: list[Sign] = []
    for look in SYMPTOMS:
        try:
            signs += look(settings)
        except (OSError, SQLAlchemyError) as error:
            signs.append(wrong(f"{look.__name__.capitalize()}: {type(error).__name__}."))
        db.session.rollback()
    return signs


def is_migrated() -> bool:
    """Whether this code can run over the database's schema: its own, or a later release's.

    Migrations widen and never narrow, so that the release before can run on meanwhile.
    """
    here, known = _migration(), _revisions(current_app.extensions["migrate"].directory)
    return here is not None and (here == known[0] or here not in known)


def disk_used(settings: Settings) -> float:
    """How full the disk of DATA_DIR is, from 0 to 1."""
    usage = shutil.disk_usage(settings.data_dir)
    return 1 - usage.free / usage.total


def surroundings(settings: Settings) -> Iterable[Sign]:
    """The versions of what Kith stands on, and for what it is run."""
    yield Sign(
        sys.version_info >= OLDEST_PYTHON,
        f"Python {sys.version.split()[0]}; Kith needs 3.11 or later.",
    )
    yield Sign(
        is_safe_sqlite(pysqlite3.sqlite_version_info),
        f"SQLite {pysqlite3.sqlite_version}; safe are 3.51.3 and later.",
    )
    if not settings.is_production:
        yield fine(f"KITH_ENV is {settings.env}: no real person’s details belong here.")


def database(_settings: Settings) -> Iterable[Sign]:
    """Whether the database answers, with the right schema, and stores what it says it stores."""
    db.session.execute(text("SELECT 1"))
    yield fine(f"The database answers ({db.engine.dialect.name}).")
    here, head = _migration(), _head()
    yield Sign(
        here == head,
        f"The schema is {here or 'not there'}; the code is for {head}."
        + ("" if here == head else " Run `flask db upgrade`."),
    )
    yield from _durable()


def keys_and_files(settings: Settings) -> Iterable[Sign]:
    """Whether only the service's own user can read what is private."""
    private = [settings.data_dir, keys.path_for(settings)]
    if settings.backup_dir:
        private.append(Path(settings.backup_dir))
    for path in private:
        if path.exists() and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            yield wrong(f"Others can read {path}. Run `chmod go= {path}`.")
        elif path.exists() and path.stat().st_uid != os.geteuid():
            yield wrong(f"{path} belongs to another user than the one who asks.")
    yield Sign(settings.data_dir.is_dir(), f"DATA_DIR is {settings.data_dir}.")


def outlasting_file(settings: Settings) -> Iterable[Sign]:
    """Whether what must hold after a restore can be written down, and holds."""
    path = outlasting.path_for(settings)
    if not outlasting.can_be_written(settings):
        yield wrong(f"{path} cannot be written, so nobody can be forgotten.")
    back = len(sealing.back_again())
    if back:
        yield wrong(f"{back} who were forgotten are here again. Run `flask ops repeat`.")
    elif path.parent == settings.data_dir and settings.is_production:
        yield wrong("OUTLASTING_FILE lies beside the database, and would be lost with it.")
    else:
        yield fine("Nobody who was forgotten is here again.")


def disk(settings: Settings) -> Iterable[Sign]:
    """Whether there is room."""
    used = disk_used(settings)
    yield Sign(used < FULL_AT, f"The disk is {used:.0%} full; from {FULL_AT:.0%} make room.")


def clocks(_settings: Settings) -> Iterable[Sign]:
    """Whether this machine and the database agree on the time; and whether time goes forward."""
    if db.engine.dialect.name != "sqlite":
        theirs = db.session.scalar(text("SELECT clock_timestamp()"))
        apart = abs(clock.now() - theirs) if theirs else CLOCKS_APART
        yield Sign(
            apart < CLOCKS_APART,
            f"This clock and the database’s are {apart.total_seconds():.0f} seconds apart.",
        )
    ahead = work.latest_due() - clock.now()
    yield Sign(ahead < timedelta(days=40), "The clock has not been set back.")


def mail(settings: Settings) -> Iterable[Sign]:
    """Whether letters can go, and do."""
    if settings.transport == "smtp":
        yield Sign(
            outbox.answers(settings),
            f"The mail server {settings.smtp_host}:{settings.smtp_port} must answer and take us.",
        )
    else:
        yield Sign(not settings.is_production, f"MAIL is {settings.transport}: no e-mail is sent.")
    late = outbox.late(clock.now() - findings.LATE)
    yield Sign(not late, f"{late} letters wait longer than 15 minutes.")


def loop(settings: Settings) -> Iterable[Sign]:
    """Whether the background loop runs."""
    late = work.overdue(clock.now() - timedelta(hours=1))
    if late:
        yield wrong(f"Overdue by an hour: {', '.join(late)}. Is `flask work` running?")
    elif settings.is_production and not work.has_run():
        yield wrong("The background loop has never run. Start `flask work`.")
    else:
        yield fine("The background loop keeps up.")


def backup(settings: Settings) -> Iterable[Sign]:
    """Whether there is a backup of today that was tried out."""
    if not settings.backup_dir:
        yield Sign(not settings.is_production, "BACKUP_DIR is not set: no backups are made.")
        return
    kept = backups.kept_in(Path(settings.backup_dir))
    if not kept:
        yield wrong("There is no backup yet. Run `flask ops backup`.")
        return
    age = clock.now() - backups.made_at(kept[-1])
    hours = age.total_seconds() / 3600
    yield Sign(age < BACKUP_LATE, f"The last backup is {hours:.0f} hours old; {len(kept)} kept.")
    failed = work.failing()
    if backups.CHORE in failed:
        yield wrong(f"The nightly backup failed: {failed[backups.CHORE]}")


def _durable() -> Iterable[Sign]:
    if db.engine.dialect.name == "sqlite":
        mode = db.session.scalar(text("PRAGMA journal_mode"))
        level = db.session.scalar(text("PRAGMA synchronous"))
        yield Sign(
            (mode, level) == ("wal", 2), "Every saving is on the disk before it is confirmed."
        )
        return
    found = [*footing.dangers_of(), *footing.doubts_of()]
    yield from map(wrong, found)
    if not found:
        yield fine("PostgreSQL keeps what it confirms, and binds us to the rules of rows.")


def _migration() -> str | None:
    found = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    return str(found) if found else None


def _head() -> str:
    return _revisions(current_app.extensions["migrate"].directory)[0]


@cache
def _revisions(folder: str) -> tuple[str, ...]:
    """Those this code knows, the newest first."""
    return tuple(each.revision for each in ScriptDirectory(folder).walk_revisions())


SYMPTOMS: tuple[Symptom, ...] = (
    surroundings,
    database,
    keys_and_files,
    outlasting_file,
    disk,
    clocks,
    mail,
    loop,
    backup,
)
