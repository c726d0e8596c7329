"""How fast the search is: beside Whoosh, SQLite FTS5 and tantivy, and its page beside a bare one.

    python -m benchmarks.bench [--full] [--write] [LISTINGS …]

20,000 listings; --full measures 200,000 as well, and compares with exhaustive Whoosh at each size;
sizes that are named are measured without that. One line of JSON a figure, with its target where it
has one and whether that is met; a target that is missed is told, and is no failure. Milliseconds
are this machine's, now; ratios are what to compare. --write puts the table into docs/speed.md.

The invented directory and all indexes of it are kept in `kith-bench` in the system's temporary
folder until the code that makes them changes: to make them takes a minute at 20,000 listings and
half an hour at 200,000.
"""

import logging
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import search_oracle
from benchmarks.speed import beside, edits, pages, workers
from benchmarks.speed.sites import Site
from benchmarks.speed.telling import Figure, Told, progress
from core import clock

SMALL, LARGE = 20_000, 200_000
ORACLE = 2_000
QUESTIONS, SECONDS = 40, 3.0
DOCS = Path(__file__).parent.parent / "docs" / "speed.md"
BEGIN, END = "<!-- figures: written by benchmarks/bench.py -->\n", "<!-- end of figures -->\n"
VERDICTS = {True: "met", False: "**missed**", None: ""}


def main(sizes: Sequence[int], *, compared: Sequence[int], write: bool) -> None:
    """Measure each size; compare with exhaustive Whoosh at those."""
    logging.disable(logging.INFO)
    told = Told()
    oracle(told, compared)
    for size in sizes:
        measure(Site(size), told)
    if write:
        text = DOCS.read_text(encoding="utf-8")
        before, after = text.split(BEGIN)[0], text.split(END)[1]
        DOCS.write_text(f"{before}{BEGIN}{table(told.figures)}{END}{after}", encoding="utf-8")


def measure(site: Site, told: Told, questions: int = QUESTIONS, seconds: float = SECONDS) -> None:
    """Everything that is measured at one size."""
    site.prepare()
    beside.prepare(site)
    with progress("all engines beside one another"):
        beside.tell(site, beside.measure(site, questions), told)
    with progress("workers"):
        workers.measure(site, told)
    with progress("edits"):
        edits.measure(site, told)
    with progress("pages"):
        pages.measure(site, told, seconds)


def oracle(told: Told, sizes: Sequence[int]) -> None:
    """Whether we find what Whoosh finds when it scores everything."""
    for size in sizes:
        with progress("answers compared with exhaustive Whoosh"):
            asked, wrong = search_oracle.compared(size)
        name = f"answers of {asked} unlike exhaustive Whoosh"
        told.say(Figure(name, size, len(wrong), "questions", 0))


def table(figures: Sequence[Figure]) -> str:
    """The same in Markdown."""
    head = (
        f"Measured on {clock.today():%-d %B %Y} by `python -m benchmarks.bench` on "
        f"{os.cpu_count()} cores with Python {platform.python_version()}; "
        f"load at the end {os.getloadavg()[0]:.1f}.\n\n"
        "| what | listings | value | beside | ratio | target | |\n|---|---|---|---|---|---|---|\n"
    )
    return head + "".join(
        f"| {each.name} | {each.listings:,} | {each.value:.4g} {each.unit} | {each.beside} "
        f"| {'' if each.ratio is None else format(each.ratio, '.3g')} "
        f"| {_target(each)} | {VERDICTS[each.ok]} |\n"
        for each in figures
    )


def _target(figure: Figure) -> str:
    if figure.target is None:
        return ""
    sign = "≤" if figure.bound == "most" else "≥"
    return f"{sign} {figure.target:g}{'' if figure.ratio is None else '×'}"


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:] if each.isdigit()]
    full = [SMALL, LARGE] if "--full" in sys.argv else []
    main(given or full or [SMALL], compared=[ORACLE, *full], write="--write" in sys.argv)
