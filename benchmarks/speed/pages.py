"""The full search page beside a bare one, under the same server, asked for by sixteen browsers."""

import gc
import itertools
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from urllib.parse import urlencode

from benchmarks.speed import asked, bare
from benchmarks.speed.asked import Question
from benchmarks.speed.beside import LARGE, findable, opened
from benchmarks.speed.sites import HERE, Site
from benchmarks.speed.telling import LEAST, Figure, Told
from benchmarks.speed.visitors import Seen, visit

LEAST_SMALL, LEAST_LARGE, MOST_MS = 0.35, 0.2, 50.0
TURNS = 3
WARMING = 0.5  # seconds: what came between has pushed out the pages that were kept
STARTS_WITHIN = 120.0
SERVER = ("--preload", "--workers=2", "--threads=4", "--worker-class=gthread")
FULL, BARE = "app:create_app()", "benchmarks.speed.bare:create_app()"
NEW = "the full page for addresses that nobody asked for before"


def measure(site: Site, told: Told, seconds: float, count: int = 20) -> None:
    """Both servers in turn."""
    paths = addresses(findable(opened(site)[1], count))
    database = {"KITH_DATABASE": str(site.folder / "kith.db")}
    turns: dict[str, list[Seen]] = {FULL: [], NEW: [], BARE: []}
    with served(FULL, site.environment) as full, served(BARE, database) as bare:
        for turn in range(TURNS + 1):
            asks = ((FULL, full, itertools.cycle(paths)), (NEW, full, _never_asked(paths, turn)))
            for what, port, wanted in (*asks, (BARE, bare, itertools.cycle(paths))):
                if what is FULL:
                    visit(port, itertools.cycle(paths), WARMING)
                seen = visit(port, wanted, seconds)
                if turn:
                    turns[what].append(seen)
    tell(site, told, turns)
    cost(site, told, paths)


def cost(site: Site, told: Told, paths: Sequence[str], rounds: int = 5) -> None:
    """What a page takes of a processor, whoever else wants it: in turn, in one process."""
    os.environ["KITH_DATABASE"] = str(site.folder / "kith.db")
    full, least = site.application().test_client(), bare.create_app().test_client()
    anew = _never_asked(paths, rounds)
    spent: dict[str, list[float]] = {NEW: [], BARE: []}
    for round_ in range(rounds + 1):
        for _ in paths:
            new = _spent(lambda: full.get(next(anew)).status_code)
            plain = _spent(lambda: least.get("/activities").status_code)
            if round_:
                spent[NEW].append(new)
                spent[BARE].append(plain)
        gc.collect()
    ours, theirs = (statistics.median(each) for each in (spent[NEW], spent[BARE]))
    name = "processor time of the full page, no address asked for twice"
    told.say(Figure(name, site.size, ours, "ms", None, ours / theirs, "a bare page"))


def _spent(ask: Callable[[], int]) -> float:
    began = time.process_time()
    if ask() != 200:
        raise RuntimeError("a page failed")
    return (time.process_time() - began) * 1000


def tell(site: Site, told: Told, turns: Mapping[str, Sequence[Seen]]) -> None:
    """How many pages a second, how long the slowest took."""
    full, new, bare = turns[FULL], turns[NEW], turns[BARE]
    ours, theirs, anew = (
        statistics.median(each.per_second for each in of) for of in (full, bare, new)
    )
    least = LEAST_LARGE if site.size >= LARGE else LEAST_SMALL
    name = "the full search page, 16 connections"
    told.say(Figure(name, site.size, ours, "pages/s", least, ours / theirs, "a bare page", LEAST))
    name = "the same, no address asked for twice"
    told.say(Figure(name, site.size, anew, "pages/s", None, anew / theirs, "a bare page"))
    most = None if site.size >= LARGE else MOST_MS
    name = "the full search page, p99, 16 connections"
    told.say(Figure(name, site.size, _p99(full), "ms", most))
    name = "the same, no address asked for twice, p99"
    told.say(Figure(name, site.size, _p99(new), "ms", None))
    failed = sum(each.failed for each in (*full, *new, *bare))
    told.say(Figure("pages that failed", site.size, failed, "pages", 0))
    for what, of in (("full search page", full), ("bare page", bare)):
        pages = sum(len(each.took) for each in of)
        size = sum(each.bytes for each in of) / max(pages, 1) / 1000
        told.say(Figure(f"size of the {what}, uncompressed", site.size, size, "kB"))


def _p99(turns: Sequence[Seen]) -> float:
    took = sorted(each for seen in turns for each in seen.took)
    return took[int(len(took) * 0.99)] if took else float("inf")


def addresses(mix: Sequence[Question]) -> list[str]:
    """The addresses of pages that ask these questions."""
    found = []
    for each in mix:
        wanted: dict[str, str] = {}
        if each.kind in (asked.ALL_WORDS, asked.COMBINED):
            wanted["q"] = each.text
        if each.kind in (asked.RADIUS, asked.COMBINED) and each.here is not None:
            wanted["near"] = f"{each.here.latitude:.5f},{each.here.longitude:.5f}"
            wanted["within"] = f"{each.miles:g}"
        if each.kind == asked.COMBINED:
            wanted |= {"day": each.day, "cost": "free"}
        if wanted:
            found.append(f"/activities?{urlencode(wanted)}")
    return found


def _never_asked(paths: Sequence[str], turn: int) -> Iterator[str]:
    """The same questions, by addresses of which no page can have been kept."""
    return (f"{path}&turn={turn}.{n}" for n in itertools.count() for path in paths)


@contextmanager
def served(app: str, environment: Mapping[str, str]) -> Iterator[int]:
    """The application under gunicorn, as `make run` starts it; its port."""
    port = _free_port()
    command = [sys.executable, "-m", "gunicorn", *SERVER, "--no-control-socket"]
    command += [f"--bind=127.0.0.1:{port}", "--log-level=warning", app]
    settled = {**os.environ, **environment, "PYTHONPATH": str(HERE)}
    server = subprocess.Popen(command, cwd=HERE, env=settled)
    try:
        _wait_for(port, server)
        yield port
    finally:
        server.terminate()
        server.wait(STARTS_WITHIN)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
    return port


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while server.poll() is None and time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the server did not start")
