"""Benchmarks: R13, the search index damaged at twenty points: answers at once, and whole again.

    python -m benchmarks.assurance.r13_index_damage [--full]

After each damage the index is opened anew, as by a process that begins. In the short form over the
demo's listings, in the long one over a county's. The control answers from the index alone.
"""

import os
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import flask_migrate

import app as kith
from accounts import Organisation
from benchmarks.assurance.goals import at_most, control, exactly, is_full
from core.db import db
from core.saving import saving
from core.settings import Settings
from demo import scale, seed
from demo.organisations import load_organisations
from directory import search
from directory.search import Query

SLOW = True
POINTS = 20
LONGEST_REPAIR = 60
QUESTIONS = ("", "walking", "lonely", "debt advice", "knitting")

Answers = list[tuple[int, list[str]]]
Damage = Callable[[Path], None]


def gone(path: Path) -> None:
    """The file is not there."""
    path.unlink()


def empty(path: Path) -> None:
    """Nothing is in it."""
    path.write_bytes(b"")


def halved(path: Path) -> None:
    """Its second half never reached the disk."""
    os.truncate(path, path.stat().st_size // 2)


def zeroed(path: Path) -> None:
    """Its end is zeros, as after a power cut."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(max(0, size - 4096))
        file.write(bytes(min(size, 4096)))


def scrambled(path: Path) -> None:
    """Something else is in it."""
    path.write_bytes(random.Random(13).randbytes(path.stat().st_size))


KINDS: tuple[Damage, ...] = (gone, empty, halved, zeroed, scrambled)


def main() -> None:
    """Print the figures of R13."""
    with tempfile.TemporaryDirectory(prefix="kith-index-") as folder:
        settings = Settings.from_env({"KITH_ENV": "demo", "DATA_DIR": folder})
        with kith.create_app(settings).app_context():
            flask_migrate.upgrade()
            if is_full():
                seed.load()
                scale.load(scale.SIZES["icb"])
            else:
                _load_listings()
            search.rebuild()
            _damage(settings)
            db.session.remove()
            db.engine.dispose()


def _load_listings() -> None:
    """The demo's activities, without its people."""
    groups: dict[str, Organisation] = {}
    with saving() as work:
        groups |= load_organisations(by=seed.DEMO)
        seed._load_towns(groups, {}, seed.in_silence)
        work.afterwards.clear()


def _damage(settings: Settings) -> None:
    right, _longest, _sql = _ask(settings)
    chance = random.Random(6)
    wrong, unrepaired, slowest, repair, noticed = 0, 0, 0.0, 0.0, 0
    for number in range(POINTS):
        KINDS[number % len(KINDS)](chance.choice(_files(settings, number)))
        began = time.monotonic()
        answers, longest, from_sql = _ask(settings)
        noticed += from_sql
        wrong += any(was and not now for (was, _), (now, _) in zip(right, answers, strict=True))
        slowest = max(slowest, longest)
        while from_sql and time.monotonic() - began < LONGEST_REPAIR:
            time.sleep(0.05)
            answers, _longest, from_sql = _ask(settings, anew=False)
        repair = max(repair, time.monotonic() - began)
        unrepaired += from_sql or answers != right
    exactly("R13a", f"of {POINTS} damages after which a question found nothing", wrong)
    at_most("R13b", "the slowest answer right after a damage took", slowest, 1, "s")
    exactly("R13c", "damages after which the index did not become whole again", unrepaired)
    at_most("R13d", "the longest until it was whole again", repair, 10, "s")
    control("R13e", "damages that an index alone could not have answered over", noticed)


def _files(settings: Settings, number: int) -> list[Path]:
    """The files of one sort, another each time: every sort has its turn."""
    there = [path for path in (settings.data_dir / "index").rglob("*") if path.is_file()]
    sorts = sorted({path.suffix for path in there})
    return sorted(path for path in there if path.suffix == sorts[number % len(sorts)])


def _ask(settings: Settings, *, anew: bool = True) -> tuple[Answers, float, bool]:
    """Every question: the answers, the seconds of the slowest, whether the database had to."""
    if anew:
        search.begin(settings)
    answers, slowest, from_sql = [], 0.0, False
    for text in QUESTIONS:
        began = time.perf_counter()
        found = search.search(Query(text=text))
        slowest = max(slowest, time.perf_counter() - began)
        answers.append((found.total, sorted(str(hit.id) for hit in found.hits)))
        from_sql |= found.from_sql
    db.session.rollback()
    return answers, slowest, from_sql


if __name__ == "__main__":
    main()
