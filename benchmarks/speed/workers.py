"""What the search costs each worker: memory of its own, time to open, to understand, to suggest.

Memory is what no other process shares: two workers answer the same pages, and one is looked at.
"""

import multiprocessing
import random
import re
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from app import create_app
from benchmarks.speed.asked import texts
from benchmarks.speed.beside import LARGE, p95
from benchmarks.speed.sites import Site
from benchmarks.speed.telling import Figure, Told
from benchmarks.speed.vocabulary import RELATED, TOWNS
from core.settings import Settings
from directory import meaning, search
from directory.search import Query

MOST_MB, MOST_TO_OPEN_S, MOST_TO_UNDERSTAND_MS, MOST_TO_SUGGEST_MS = 100.0, 0.3, 3.0, 5.0
QUESTIONS = 60
AT_MOST_WAITS = 240.0

_PRIVATE = re.compile(r"^Private_(?:Clean|Dirty):\s+(\d+) kB", re.MULTILINE)


def measure(site: Site, told: Told, questions: int = QUESTIONS) -> None:
    """All of it."""
    memory(site, told, questions)
    spawned = multiprocessing.get_context("spawn")
    with spawned.Pool(1) as pool:
        seconds = pool.apply(_opening, (site,))
    told.say(Figure("the index opened, in a new process", site.size, seconds, "s", MOST_TO_OPEN_S))
    with site.application().app_context():
        understanding(site, told, questions)
        suggesting(site, told, questions)


def memory(site: Site, told: Told, questions: int) -> None:
    """How much a worker that answered so many pages holds, above one that shows a page of text."""
    chance = random.Random(11)
    paths = [f"/activities?q={texts(chance).replace(' ', '+')}" for _ in range(questions)]
    paths.append("/suggest?q=walk")
    spawned = multiprocessing.get_context("spawn")
    barrier, held = spawned.Barrier(2), spawned.Queue()
    workers = [
        spawned.Process(target=_answering, args=(site.environment, paths, barrier, held))
        for _ in range(2)
    ]
    for worker in workers:
        worker.start()
    before, after = held.get(timeout=AT_MOST_WAITS)
    for worker in workers:
        worker.join(AT_MOST_WAITS)
    name = "memory of a worker above the bare application"
    told.say(Figure(name, site.size, after - before, "MB", MOST_MB))
    told.say(Figure("memory of the bare application", site.size, before, "MB"))


def understanding(site: Site, told: Told, questions: int) -> None:
    """What it adds to a question, through the face: half as in the mix, half as people say it."""
    chance = random.Random(12)
    phrases = [phrase for each in meaning.thesaurus().concepts.values() for phrase in each.phrases]
    mix = [texts(chance) for _ in range(questions)] + chance.sample(phrases, questions)
    took: dict[bool, list[float]] = {True: [], False: []}
    for text in chance.sample(mix, len(mix)):
        for exact in chance.sample((True, False), 2):
            query = Query(text, exact=exact)
            search.search(query)
            took[exact].append(_milliseconds(lambda query=query: search.search(query)))
    plain, understood = (statistics.median(took[exact]) for exact in (True, False))
    name = "a question understood, more than its exact words, median"
    most = None if site.size >= LARGE else MOST_TO_UNDERSTAND_MS
    told.say(Figure(name, site.size, understood - plain, "ms", most))
    told.say(Figure("a question understood, median", site.size, understood, "ms"))


def suggesting(site: Site, told: Told, questions: int) -> None:
    """How long suggestions take, word after word as it is typed."""
    chance = random.Random(13)
    search.suggest("wal")
    words = [*RELATED, *(town.name.lower() for town in TOWNS)]
    took = [
        _milliseconds(lambda word=word, end=end: search.suggest(word[:end]))
        for word in chance.sample(words, questions)
        for end in range(2, min(len(word), 6) + 1)
    ]
    name = "suggestions while somebody types"
    most = MOST_TO_SUGGEST_MS
    told.say(Figure(f"{name}, median", site.size, statistics.median(took), "ms", most))
    told.say(Figure(f"{name}, p95", site.size, p95(took), "ms"))


def _opening(site: Site) -> float:
    began = time.perf_counter()
    site.snapshot()
    return time.perf_counter() - began


def _answering(
    environment: Mapping[str, str], paths: Sequence[str], barrier: Any, held: Any
) -> None:
    client = create_app(Settings.from_env(environment)).test_client()
    assert client.get("/about").status_code == 200
    barrier.wait(AT_MOST_WAITS)
    before = _private_mb()
    barrier.wait(AT_MOST_WAITS)
    for path in paths:
        assert client.get(path).status_code < 500
    if not barrier.wait(AT_MOST_WAITS):
        held.put((before, _private_mb()))
    barrier.wait(AT_MOST_WAITS)


def _private_mb() -> float:
    told = Path("/proc/self/smaps_rollup").read_text()
    return sum(int(kilobytes) for kilobytes in _PRIVATE.findall(told)) * 1024 / 1e6


def _milliseconds(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return (time.perf_counter() - began) * 1000
