"""All engines beside one another, in one process, question by question in turn."""

import gc
import random
import shutil
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

import numpy as np

from benchmarks.speed import asked
from benchmarks.speed.asked import Found, Question, questions
from benchmarks.speed.engine import Engine, Other, listings
from benchmarks.speed.others.fts5 import Fts5
from benchmarks.speed.others.stock_whoosh import StockWhoosh
from benchmarks.speed.others.tantivy_index import Tantivy
from benchmarks.speed.ours import Ours
from benchmarks.speed.sites import Site
from benchmarks.speed.telling import LEAST, Figure, Told, progress

OTHERS = (Fts5, Tantivy, StockWhoosh)
OURS, FTS5, TANTIVY, WHOOSH = (each.name for each in (Ours, *OTHERS))
SAME_TOTAL = (asked.ALL_WORDS, asked.SOME_WORDS, asked.RADIUS, asked.COMBINED, asked.FACETS)
BY_WORDS = (asked.ALL_WORDS, asked.COMBINED, asked.FACETS)
ROUNDS, WHOOSH_ROUNDS = 3, 1
TRIES = 8
LARGE = 100_000
SAMPLE_OF_WHOOSH = 10
"""At a large size stock Whoosh is asked so many of each kind: it takes up to seconds."""

TO_FTS5, TO_TANTIVY, OR_TO_TANTIVY, TAIL_TO_FTS5 = 1.0, 1.5, 2.5, 0.5
WHOOSH_SMALL, WHOOSH_LARGE = 20.0, 100.0


@dataclass
class Run:
    """What was measured: milliseconds by engine, kind of question and question; who disagreed."""

    rounds: dict[tuple[str, str], dict[Question, list[float]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    compared: int = 0
    differing: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def took(self, engine: str, kind: str) -> list[float]:
        """The milliseconds of each question: the middle of its rounds, whatever came between."""
        return [statistics.median_low(each) for each in self.rounds[engine, kind].values()]


def prepare(site: Site) -> None:
    """Build what is not there yet of the others' indexes."""
    missing = {engine: folder for engine in OTHERS if not (folder := _kept(site, engine)).exists()}
    if not missing:
        return
    with progress("listings read for the others"), site.documents() as documents:
        listed = list(listings(documents))
    for engine, folder in missing.items():
        draft = folder.with_suffix(".draft")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir()
        with progress(f"{engine.name} built"):
            engine.build(draft, listed)
        draft.rename(folder)


def opened(site: Site) -> list[Engine]:
    """Ours and the others, ready."""
    return [Ours(site.snapshot()), *(engine(_kept(site, engine)) for engine in OTHERS)]


def measure(site: Site, count: int, rounds: int = ROUNDS) -> Run:
    """Ask everybody everything; the first round warms up, and compares the answers."""
    engines, run = opened(site), Run()
    chance = random.Random(5)
    mix = findable(engines[1], count)
    gc.collect()
    gc.freeze()
    for round_ in range(rounds + 1):
        for number, question in enumerate(mix):
            answers = {}
            for engine in chance.sample(engines, len(engines)):
                if engine.name == WHOOSH and _rests(site.size, round_, number):
                    continue
                began = time.perf_counter()
                answers[engine.name] = engine.ask(question)
                if round_ or engine.name == WHOOSH:
                    spent = (time.perf_counter() - began) * 1000
                    run.rounds[engine.name, question.kind][question].append(spent)
            if not round_ and question.kind in SAME_TOTAL:
                _compare(run, answers)
    gc.unfreeze()
    return run


def findable(engine: Engine, count: int) -> list[Question]:
    """So many questions of each kind that find something.

    What finds nothing we answer with some of the words, which nobody else does.
    """
    found: dict[str, list[Question]] = {kind: [] for kind in asked.KINDS_OF_QUESTION}
    for question in questions(count * TRIES):
        these = found[question.kind]
        if len(these) < count and (question.kind == asked.SLIP or engine.ask(question).total):
            these.append(question)
    return [each for several in zip_longest(*found.values()) for each in several if each]


def tell(site: Site, run: Run, told: Told) -> None:
    """One figure for each kind of question and each of the others, with the targets there are."""
    for name, differing in run.differing.items():
        told.say(
            Figure(
                f"answers of {run.compared} with another total than {OURS}: {name}",
                site.size,
                differing,
                "questions",
            )
        )
    for kind in asked.KINDS_OF_QUESTION:
        ours, fts5, tantivy, whoosh = (
            run.took(name, kind) for name in (OURS, FTS5, TANTIVY, WHOOSH)
        )
        to_fts5 = TO_FTS5 if kind in BY_WORDS else None
        to_tantivy = TO_TANTIVY if kind in BY_WORDS else None
        to_tantivy = OR_TO_TANTIVY if kind == asked.SOME_WORDS else to_tantivy
        has_tail = kind in BY_WORDS or kind == asked.SOME_WORDS
        told.say(_ratio(f"{kind}, median", site, statistics.median, ours, fts5, FTS5, to_fts5))
        told.say(
            _ratio(f"{kind}, median", site, statistics.median, ours, tantivy, TANTIVY, to_tantivy)
        )
        told.say(
            _ratio(f"{kind}, p95", site, p95, ours, fts5, FTS5, TAIL_TO_FTS5 if has_tail else None)
        )
        told.say(_times_faster(kind, site, ours, whoosh, has_target=has_tail))


def p95(values: Sequence[float]) -> float:
    """What nineteen of twenty do not exceed."""
    return float(np.percentile(values, 95))


def _kept(site: Site, engine: type[Other]) -> Path:
    return site.beside(engine.name.replace(" ", "-"))


def _ratio(
    name: str,
    site: Site,
    of: Callable[[Sequence[float]], float],
    ours: Sequence[float],
    theirs: Sequence[float],
    beside: str,
    target: float | None,
) -> Figure:
    value = of(ours)
    return Figure(name, site.size, value, "ms", target, value / of(theirs), beside)


def _times_faster(
    kind: str, site: Site, ours: Sequence[float], theirs: Sequence[float], *, has_target: bool
) -> Figure:
    value = statistics.median(ours)
    least = WHOOSH_LARGE if site.size >= LARGE else WHOOSH_SMALL
    return Figure(
        f"{kind}, times as fast",
        site.size,
        value,
        "ms",
        least if has_target else None,
        statistics.median(theirs) / value,
        WHOOSH,
        LEAST,
    )


def _rests(size: int, round_: int, number: int) -> bool:
    """Whether stock Whoosh, which is slow, sits a question out."""
    most = SAMPLE_OF_WHOOSH * len(asked.KINDS_OF_QUESTION)
    return round_ >= WHOOSH_ROUNDS or (size >= LARGE and number >= most)


def _compare(run: Run, answers: Mapping[str, Found]) -> None:
    ours = answers[OURS]
    run.compared += 1
    for name, theirs in answers.items():
        differs = theirs.total != ours.total or any(
            theirs.facets[facet].get(code, 0) != count
            for facet, counts in ours.facets.items()
            for code, count in counts.items()
        )
        run.differing[name] += differs
    run.differing.pop(OURS, None)
