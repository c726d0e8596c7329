"""Benchmarks: run the scripts of trust one after another and write docs/assurance/figures.md.

    python -m benchmarks.assurance [--full] [--ci] [--write] [NAME ...]

`--ci` leaves out the scripts that say `SLOW = True`. Ends with 1 if any figure falls short.
"""

import importlib
import os
import pkgutil
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import benchmarks.assurance as scripts
from benchmarks.assurance.goals import Goal, read

HERE = Path(__file__).resolve().parents[2]
PAGE = HERE / "docs" / "assurance" / "figures.md"
LONGEST = {"short": 300, "full": 7_200}  # seconds a script may take

HEAD = """# Figures of trust

Made by `make {make}` on {cores} cores with Python {python}, {day}. Each line is a figure printed by
a script in `benchmarks/assurance/`; a control takes one guard away and must find what the guard
prevents. {met} of {all} hold.

| Goal | Figure | Measured | Should be | |
|---|---|---|---|---|
"""


def names() -> list[str]:
    """Every script, by the id in its name: r1 before r2 before r10 before s1."""
    found = [each.name for each in pkgutil.iter_modules(scripts.__path__)]
    return sorted((each for each in found if re.match(r"[rs]\d", each)), key=_order)


def _order(name: str) -> tuple[str, int, str]:
    number = re.match(r"[rs](\d+)", name)
    return name[0], int(number.group(1)) if number else 0, name


def run(name: str, *, full: bool) -> list[Goal]:
    """One script in its own process; a script that breaks is itself a figure that falls short."""
    began = time.monotonic()
    command = [sys.executable, "-m", f"benchmarks.assurance.{name}", *(["--full"] if full else [])]
    longest = LONGEST["full" if full else "short"]
    with subprocess.Popen(  # its errors go to the terminal, its figures to us
        command, cwd=HERE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as script:
        try:
            said, _ = script.communicate(timeout=longest)
        except subprocess.TimeoutExpired:
            os.killpg(script.pid, signal.SIGKILL)
            said, _ = script.communicate()
    goals = [goal for line in said.splitlines() if (goal := read(line))]
    if not goals or (script.returncode and all(goal.met for goal in goals)):
        goals.append(Goal(name.split("_")[0].upper(), f"{name} ran to its end", "no", "yes", False))
    for goal in goals:
        print(goal, flush=True)
    print(f"# {name}: {time.monotonic() - began:.1f} s", flush=True)
    return goals


def main() -> int:
    """Run what was asked for; 0 if every figure holds."""
    full = "--full" in sys.argv
    asked = [each for each in sys.argv[1:] if not each.startswith("--")] or names()
    if "--ci" in sys.argv:
        asked = [
            each
            for each in asked
            if not getattr(importlib.import_module(f"benchmarks.assurance.{each}"), "SLOW", False)
        ]
    goals = [goal for name in asked for goal in run(name, full=full)]
    short = [goal for goal in goals if not goal.met]
    print(f"# {len(goals) - len(short)} of {len(goals)} figures hold", flush=True)
    if "--write" in sys.argv:
        _write(goals, full=full)
    return 1 if short else 0


def _write(goals: list[Goal], *, full: bool) -> None:
    head = HEAD.format(
        make="assure-full" if full else "assure",
        cores=os.cpu_count(),
        python=sys.version.split()[0],
        day=time.strftime("%-d %B %Y"),
        met=sum(goal.met for goal in goals),
        all=len(goals),
    )
    rows = (
        f"| {goal.id} | {goal.what} | {goal.value} | {goal.target} | "
        f"{'holds' if goal.met else '**short**'} |\n"
        for goal in goals
    )
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(head + "".join(rows))


if __name__ == "__main__":
    sys.exit(main())
