"""Benchmarks: run the scripts of trust and write docs/assurance/figures.md.

    python -m benchmarks.assurance [--full] [--ci] [--write] [NAME ...]

`--ci` leaves out the scripts that say `SLOW = True`, and tells figures of time without judging
them: a machine that others use too is no measure. Without a name the short form leaves out those
that say `LONG_ONLY = True`. Ends with 1 if any figure falls short.
"""

import importlib
import os
import pkgutil
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import benchmarks.assurance as scripts
from benchmarks.assurance.goals import Goal, read
from benchmarks.assurance.page import in_order, keep

HERE = Path(__file__).resolve().parents[2]
LONGEST = {"short": 300, "full": 7_200}  # seconds a script may take
AT_A_TIME = 2


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
    if any(line.startswith("# skipped") for line in said.splitlines()):
        print(said.strip(), flush=True)
        return []
    if not goals or (script.returncode and all(goal.met for goal in goals)):
        goals.append(Goal(name.split("_")[0].upper(), f"{name} ran to its end", "no", "yes", False))
    took = f"# {name}: {time.monotonic() - began:.1f} s"
    print("\n".join([*map(str, goals), took]), flush=True)  # at once: another may be speaking too
    return goals


def run_all(asked: Sequence[str], *, full: bool) -> dict[str, list[Goal]]:
    """Two scripts at a time, then one after another those that say `ALONE = True`: they measure
    how long something takes.
    """
    alone = [name for name in asked if _says(name, "ALONE")]
    together = [name for name in asked if name not in alone]
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        found = dict(
            zip(together, pool.map(lambda name: run(name, full=full), together), strict=True)
        )
    return found | {name: run(name, full=full) for name in alone}


def main() -> int:
    """Run what was asked for; 0 if every figure holds."""
    full, in_ci = "--full" in sys.argv, "--ci" in sys.argv
    asked = [each for each in sys.argv[1:] if not each.startswith("--")]
    asked = asked or [each for each in names() if full or not _says(each, "LONG_ONLY")]
    if in_ci:
        asked = [each for each in asked if not _says(each, "SLOW")]
    figures = run_all(asked, full=full)
    goals = [goal for found in figures.values() for goal in found]
    short = [goal for goal in goals if not goal.met and not (in_ci and goal.is_timed)]
    print(f"# {len(goals) - len(short)} of {len(goals)} figures hold", flush=True)
    if "--write" in sys.argv:
        keep(
            {name: found for name, found in figures.items() if found},
            form="full" if full else "short",
        )
    return 1 if short else 0


def _says(name: str, what: str) -> bool:
    return bool(getattr(importlib.import_module(f"benchmarks.assurance.{name}"), what, False))


if __name__ == "__main__":
    sys.exit(main())
