"""Benchmarks: what the scripts of trust measured last, kept as JSON and printed as a page.

Not a script itself. Each script's figures are kept for its short and its long form apart, with the
day they were made, so that one script can be run again without the others.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TypedDict

from benchmarks.assurance.goals import Goal

HERE = Path(__file__).resolve().parents[2] / "docs" / "assurance"
KEPT, PAGE = HERE / "figures.json", HERE / "figures.md"
FORMS = {"short": "Short form", "full": "Long form"}

HEAD = """# Figures of trust

Printed from `figures.json`, which `make assure` (short form) and `make assure-full` (long form)
write; do not edit it. Each line is a figure printed by a script in `benchmarks/assurance/`; a
control takes one guard away and must find what the guard prevents. {met} of {all} hold.
"""

COLUMNS = """
| Goal | Figure | Measured | Should be | | Day |
|---|---|---|---|---|---|
"""


class Run(TypedDict):
    """What one script printed in one form, when, and on what."""

    day: str
    cores: int | None
    python: str
    goals: list[dict[str, str | bool]]


def keep(figures: dict[str, list[Goal]], *, form: str) -> None:
    """Put these scripts' figures in the place of what they measured before, and print the page."""
    kept = _read()
    for script, goals in figures.items():
        kept.setdefault(form, {})[script] = Run(
            day=time.strftime("%Y-%m-%d"),
            cores=os.cpu_count(),
            python=sys.version.split()[0],
            goals=[asdict(goal) for goal in goals],
        )
    KEPT.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")


def page() -> str:
    """The page of all that is kept."""
    kept = _read()
    goals = [goal for runs in kept.values() for run in runs.values() for goal in run["goals"]]
    head = HEAD.format(met=sum(bool(goal["met"]) for goal in goals), all=len(goals))
    return head + "".join(
        f"\n## {words}\n{_made_on(kept[form])}{COLUMNS}" + "".join(_rows(kept[form]))
        for form, words in FORMS.items()
        if form in kept
    )


def _read() -> dict[str, dict[str, Run]]:
    kept: dict[str, dict[str, Run]] = {}
    if KEPT.exists():
        kept = json.loads(KEPT.read_text(encoding="utf-8"))
    return kept


def _made_on(runs: dict[str, Run]) -> str:
    made = sorted({f"{run['cores']} cores with Python {run['python']}" for run in runs.values()})
    return f"\nMade on {' and on '.join(made)}.\n"


def _rows(runs: dict[str, Run]) -> Iterator[str]:
    for script in sorted(runs, key=in_order):
        for goal in runs[script]["goals"]:
            yield (
                f"| {goal['id']} | {goal['what']} | {goal['value']} | {goal['target']} | "
                f"{'holds' if goal['met'] else '**short**'} | {runs[script]['day']} |\n"
            )


def in_order(script: str) -> tuple[str, int, str]:
    """By the id in a script's name: r1 before r2 before r10 before s1."""
    number = "".join(each for each in script.partition("_")[0] if each.isdigit())
    return script[0], int(number or 0), script
