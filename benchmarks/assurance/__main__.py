"""Benchmarks: run the scripts of trust one after another and write docs/assurance/figures.md.

    python -m benchmarks.assurance [--full] [--ci] [--write] [NAME ...]

`--ci` leaves out the scripts that say `SLOW = True`, and tells figures of time without judging
them: a machine that others use too is no measure. Ends with 1 if any figure falls short.
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
from benchmarks.assurance.page import in_order, keep

HERE = Path(__file__).resolve().parents[2]
LONGEST = {"short": 300, "full": 7_200}  # seconds a script may take


def names() -> list[str]:
    """Every script, in order."""
    found = [each.name for each in pkgutil.iter_modules(scripts.__path__)]
    return sorted((each for each in found if re.match(r"[rs]\d", each)), key=in_order)


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
    full, in_ci = "--full" in sys.argv, "--ci" in sys.argv
    asked = [each for each in sys.argv[1:] if not each.startswith("--")] or names()
    if in_ci:
        asked = [each for each in asked if not _is_slow(each)]
    figures = {name: run(name, full=full) for name in asked}
    goals = [goal for found in figures.values() for goal in found]
    short = [goal for goal in goals if not goal.met and not (in_ci and goal.is_timed)]
    print(f"# {len(goals) - len(short)} of {len(goals)} figures hold", flush=True)
    if "--write" in sys.argv:
        keep(figures, form="full" if full else "short")
    return 1 if short else 0


def _is_slow(name: str) -> bool:
    return bool(getattr(importlib.import_module(f"benchmarks.assurance.{name}"), "SLOW", False))


if __name__ == "__main__":
    sys.exit(main())
