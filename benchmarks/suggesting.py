"""What it takes to suggest while somebody types, letter by letter, and how much memory it holds.

    python -m benchmarks.suggesting [LISTINGS …]

One line of JSON a figure. The target at 20,000 listings is five milliseconds for each letter, of
this process's own time: others may be at work on the machine.
"""

import json
import statistics
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Sequence
from pathlib import Path

import flask_migrate
from sqlalchemy import insert

from accounts import OrganisationKind, set_up
from app import create_app
from benchmarks.invented import listings
from core import clock
from core.actors import system
from core.db import db, may_write
from core.saving import saving
from core.settings import Settings
from directory.models import Location, Service, ServiceAtLocation
from directory.places import find_place
from directory.rules import Life
from directory.search import suggesting
from directory.search.suggesting import Names

SIZES = (20_000, 200_000)
TYPED = (
    "knitting group",
    "walking",
    "skint",
    "lonely since my husband died",
    "bromley by bow",
    "debt advice",
    "choir",
    "stratford",
    "my husband hits me",
)
MOST_MS = 5.0
AT_A_TIME = 5_000


def main(sizes: Sequence[int]) -> None:
    """Measure each size."""
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            measure(size, Path(folder))


def measure(size: int, folder: Path) -> None:
    """Type everything into a directory of so many listings."""
    url = f"sqlite:///{folder / 'kith.db'}"
    app = create_app(Settings(env="test", secret_key="b" * 40, data_dir=folder, database_url=url))
    with app.app_context():
        flask_migrate.upgrade()
        fill(size)
        names = Names(db.engine, in_background=True)
        here = find_place("E3 3BQ")
        suggesting.suggest(names, "warm", here, 8, None)
        again = Names(db.engine, in_background=True)
        tracemalloc.start()
        began = time.perf_counter()
        list(again.like("knit", None, 1))
        say("read the names, seconds", size, time.perf_counter() - began)
        say("memory held, MB", size, tracemalloc.get_traced_memory()[0] / 1e6)
        tracemalloc.stop()
        times = []
        for text in TYPED * 3:
            for end in range(2, len(text) + 1):
                began = time.process_time()
                suggesting.suggest(names, text[:end], here, 8, None)
                times.append((time.process_time() - began) * 1000)
        say("a letter, median ms", size, statistics.median(times), MOST_MS)
        say("a letter, p95 ms", size, statistics.quantiles(times, n=20)[-1], MOST_MS)
        db.session.remove()
        db.engine.dispose()


def fill(size: int) -> None:
    """Put so many invented names and places into the database."""
    with saving():
        group = set_up("Invented", OrganisationKind.GROUP, by=system("benchmark"))
        db.session.flush()
        group_id = group.id
    now = clock.now()
    documents = list(listings(size))
    with may_write(), db.engine.begin() as connection:
        for start in range(0, size, AT_A_TIME):
            some = documents[start : start + AT_A_TIME]
            services = [
                {
                    "id": each.facts.id,
                    "slug": f"s-{start + at}",
                    "organisation_id": group_id,
                    "name": each.texts["name"],
                    "life": Life.LIVE,
                    "created_at": now,
                    "last_modified": now,
                }
                for at, each in enumerate(some)
            ]
            connection.execute(insert(Service), services)
            placed = [each.facts for each in some if each.facts.points]
            spots = [
                {"id": each.id, "latitude": each.points[0][0], "longitude": each.points[0][1]}
                for each in placed
            ]
            connection.execute(insert(Location), spots)
            at = [{"service_id": each.id, "location_id": each.id} for each in placed]
            connection.execute(insert(ServiceAtLocation), at)


def say(name: str, size: int, value: float, target: float | None = None) -> None:
    """Print one figure."""
    line = {"name": f"suggestions: {name}", "listings": size, "value": round(value, 3)}
    if target is not None:
        line |= {"target": target, "ok": value <= target}
    sys.stdout.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or SIZES)
