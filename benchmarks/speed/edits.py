"""How soon an edit is seen by every worker, while all of them are being asked."""

import multiprocessing
import random
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app import create_app
from benchmarks.speed.asked import texts
from benchmarks.speed.beside import p95
from benchmarks.speed.sites import Site
from benchmarks.speed.telling import Figure, Told
from core.db import db
from core.saving import saving
from core.settings import Settings
from directory import search
from directory.models import Service
from directory.search import Query

WORKERS, EDITS = 3, 30
MOST_MS = 100.0
THINKS, RESTS, AT_MOST_WAITS = 0.01, 0.1, 30.0


def measure(site: Site, told: Told, edits: int = EDITS, workers: int = WORKERS) -> None:
    """Edit one listing after another in a copy of the site."""
    spawned = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        copy = site.copied(Path(folder) / "copy")
        ready, stop = spawned.Barrier(workers + 1), spawned.Event()
        wanted, seen = spawned.Value("i", 0), spawned.Queue()
        shared = (ready, stop, wanted, seen)
        started = [
            spawned.Process(target=_asked, args=(copy.environment, number, *shared))
            for number in range(workers)
        ]
        for worker in started:
            worker.start()
        saved, visible = _edit(copy, edits, workers, ready, wanted, seen)
        stop.set()
        reads = [seen.get(timeout=AT_MOST_WAITS) for _ in started]
        for worker in started:
            worker.join(AT_MOST_WAITS)
    tell(site, told, saved, visible, reads)


def tell(
    site: Site,
    told: Told,
    saved: Sequence[float],
    visible: Sequence[float],
    reads: Sequence[Mapping[str, Any]],
) -> None:
    """When edits were seen, and how the reading went meanwhile."""
    where = f"in {len(reads)} workers that read on"
    told.say(Figure(f"an edit seen {where}, p95", site.size, p95(visible), "ms", MOST_MS))
    told.say(Figure("an edit saved and indexed, p95", site.size, p95(saved), "ms"))
    took = [each for worker in reads for each in worker["took"]]
    told.say(Figure("reading while edits go on, p95", site.size, p95(took), "ms"))
    by_sql = sum(worker["from_sql"] for worker in reads)
    told.say(Figure("readers sent to the database meanwhile", site.size, by_sql, "questions", 0))


def _edit(
    site: Site, edits: int, workers: int, ready: Any, wanted: Any, seen: Any
) -> tuple[list[float], list[float]]:
    """The milliseconds until each edit was saved, and until the last worker had seen it."""
    saved, visible = [], []
    with site.application().app_context():
        ids = list(db.session.scalars(select(Service.id).limit(edits + 1)))
        db.session.rollback()
        _rename(ids[0], "warming up")
        ready.wait(AT_MOST_WAITS * 4)
        for number, id_ in enumerate(ids[1:], 1):
            wanted.value = number
            began = time.time()
            _rename(id_, _token(number))
            saved.append((time.time() - began) * 1000)
            last = max(seen.get(timeout=AT_MOST_WAITS) for _ in range(workers))
            visible.append((last - began) * 1000)
            time.sleep(RESTS)
    return saved, visible


def _rename(id_: Any, name: str) -> None:
    with saving():
        service = db.session.get_one(Service, id_)
        service.name = f"Walking group {name}"
        search.mark(service)


def _asked(
    environment: Mapping[str, str], number: int, ready: Any, stop: Event, wanted: Any, seen: Any
) -> None:
    """One worker: asks what people ask, and looks out for the edit."""
    chance = random.Random(number)
    took: list[float] = []
    by_sql = found = 0
    with create_app(Settings.from_env(environment)).app_context():
        search.search(Query(texts(chance)))
        ready.wait(AT_MOST_WAITS * 4)
        while not stop.is_set():
            by_sql += _timed(took, lambda: search.search(Query(texts(chance))).from_sql)
            if (looked_for := wanted.value) > found:
                answer = search.search(Query(_token(looked_for), exact=True))
                if answer.total and not answer.loosened:
                    seen.put(time.time())
                    found = looked_for
            time.sleep(THINKS)
    seen.put({"took": took, "from_sql": by_sql})


def _timed(took: list[float], ask: Callable[[], bool]) -> bool:
    began = time.perf_counter()
    said = ask()
    took.append((time.perf_counter() - began) * 1000)
    return said


def _token(number: int) -> str:
    return f"zqx{number}q"
