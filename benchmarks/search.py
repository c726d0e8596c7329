"""Ours beside stock Whoosh, on the same index, question by question in turn.

    python -m benchmarks.search [LISTINGS …]

One line of JSON a figure. Milliseconds are this machine's, now; ratios are what to compare.
"""

import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from whoosh.qparser import AndGroup, MultifieldParser
from whoosh.scoring import BM25F
from whoosh.searching import Searcher

from benchmarks.invented import listings, point, questions
from directory.places import Place, PlaceKind
from directory.search import segments
from directory.search.asking import Query
from directory.search.choosing import answer
from directory.search.documents import Document
from directory.search.parts import K1, B
from directory.search.relaxing import relaxations
from directory.search.snapshot import Snapshot, open_state
from directory.search.texts import FIELDS
from directory.search.words import asked_words

SIZES = (1_000, 20_000)
QUESTIONS, ROUNDS, TOP = 60, 3, 20
LONGEST_MS = 50.0


def main(sizes: Sequence[int]) -> None:
    """Measure each size."""
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            measure(size, Path(folder))


def measure(size: int, folder: Path) -> None:
    """Build an index of so many listings and ask it."""
    # Stock Whoosh knows nothing of what was not checked lately.
    documents = [replace(each, facts=replace(each.facts, stale=False)) for each in listings(size)]
    segments.create(folder)
    say("build, seconds", size, timed(lambda: segments.write(folder, (), documents)) / 1000)
    found: dict[str, Any] = {}
    say("open, ms", size, timed(lambda: found.update(ours=opened(folder, found))))
    ours = found["ours"][0]
    asked = [text for text in questions(QUESTIONS * 2) if len(answer(ours, Query(text)).hits)]
    with segments.open_index(folder, names(folder)).searcher(weighting=BM25F(B=B, K1=K1)) as stock:
        beside(size, ours, stock, asked[:QUESTIONS])
    places(size, ours, asked[:QUESTIONS])
    edits(size, folder, documents, found)


def beside(size: int, ours: Snapshot, stock: Searcher, asked: Sequence[str]) -> None:
    """All words, the first page: how long each takes, and whose first page is wrong."""
    parser = MultifieldParser(list(FIELDS), stock.schema, group=AndGroup)
    took: dict[str, list[float]] = {"ours": [], "stock": []}
    wrong = {"ours": 0, "stock": 0}
    for round_ in range(ROUNDS):
        for text in asked:
            words = " ".join(word.stem for word in asked_words(text))
            query = parser.parse(words)
            took["ours"].append(timed(lambda text=text: answer(ours, Query(text))))
            took["stock"].append(timed(lambda query=query: stock.search(query, limit=TOP)))
            if round_ == 0:
                right = [hit.score for hit in stock.search(query, limit=None)][:TOP]
                found = answer(ours, Query(text, per_page=TOP))
                best = right[0] if right else 1.0
                mine = [] if found.loosened else [hit.score * best for hit in found.hits]
                wrong["ours"] += differs(mine, right)
                wrong["stock"] += differs(
                    [hit.score for hit in stock.search(query, limit=TOP)], right
                )
    told = {who: statistics.median(times) for who, times in took.items()}
    ratio = told["stock"] / told["ours"]
    say("text AND with facets, ours, ms", size, told["ours"], LONGEST_MS, ratio=ratio)
    say("text AND, stock Whoosh, ms", size, told["stock"])
    say(f"wrong first pages of {len(asked)}, ours", size, wrong["ours"], 0)
    say(f"wrong first pages of {len(asked)}, stock Whoosh", size, wrong["stock"])


def places(size: int, ours: Snapshot, asked: Sequence[str]) -> None:
    """The questions people really ask: near somewhere, with boxes ticked, or in the wrong words."""
    chance = random.Random(3)
    kinds: dict[str, Callable[[str], Query]] = {
        "text and place": lambda text: near(chance, Query(text)),
        "text, place and two facets": lambda text: near(
            chance, Query(text, days={"TU", "WE"}, free=True)
        ),
        "place only": lambda _: near(chance, Query()),
        "some of the words": lambda text: Query(f"{text} zzyzx"),
        "a word only begun": lambda text: Query(text[:4]),
        "everything": lambda _: Query(),
    }
    nothing = [near(chance, Query(f"{text} zzyzx", languages={"none"})) for text in asked]
    relaxed = [timed(lambda query=query: relaxations(ours, query)) for query in nothing]
    say("nothing found, what to relax, median ms", size, statistics.median(relaxed), LONGEST_MS)
    for name, ask in kinds.items():
        queries = [ask(text) for text in asked]
        times = [timed(lambda query=query: answer(ours, query)) for query in queries for _ in "12"]
        say(f"{name}, median ms", size, statistics.median(times), LONGEST_MS)
        say(f"{name}, 95th of 100, ms", size, statistics.quantiles(times, n=20)[-1])


def edits(size: int, folder: Path, documents: list[Document], found: dict[str, Any]) -> None:
    """One listing changed: until it is written, and until this process has opened it."""
    written, seen = [], []
    for document in documents[:20]:
        changed = replace(document, texts=document.texts | {"name": "quite another name"})
        write = lambda each=changed: segments.write(folder, [each.facts.id], [each])  # noqa: E731
        written.append(timed(write))
        seen.append(timed(lambda: found.update(ours=opened(folder, found))))
    say("an edit: written, median ms", size, statistics.median(written))
    say("an edit: opened, median ms", size, statistics.median(seen))


def opened(folder: Path, found: dict[str, Any]) -> Any:
    known = found["ours"][1] if found else {}
    return open_state(folder, names(folder), known)


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.is_file()]


def near(chance: random.Random, query: Query) -> Query:
    place = Place("there", PlaceKind.POINT, *point(chance))
    return replace(query, near=place, within=chance.choice((1.0, 5.0, 10.0)))


def differs(ours: Sequence[float], right: Sequence[float]) -> bool:
    pairs = zip(ours, right, strict=False)
    return len(ours) != len(right) or any(abs(a - b) > 1e-6 * max(b, 1) for a, b in pairs)


def timed(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return (time.perf_counter() - began) * 1000


def say(
    name: str, size: int, value: float, target: float | None = None, ratio: float | None = None
) -> None:
    told: dict[str, Any] = {"name": f"search: {name}", "listings": size, "value": round(value, 3)}
    if target is not None:
        told |= {"target": target, "ok": value <= target}
    if ratio is not None:
        told |= {"ratio": round(ratio, 1)}
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or SIZES)
