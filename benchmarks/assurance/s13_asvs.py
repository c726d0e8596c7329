"""S13: how much of OWASP ASVS 5.0, levels 1 and 2, a passing test or a named document shows.

    python -m benchmarks.assurance.s13_asvs [--full]

A requirement is shown when a test with its marker passes and none of them fails, or when the
heading is there that docs/assurance/asvs.csv names. The short form takes one engine, and of a test
with many cases the first two; --full takes all, and the tests in a browser. Control: with the
headers of every answer taken away, fewer are shown.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.assurance import goals
from tools import assurance_docs

SLOW = True
"""CI runs these tests anyway."""

ENOUGH = 190
HEADERS = "tests/assurance/test_headers.py"


def main() -> int:
    """Print the figures; 0 if they hold."""
    asked = {each.id: each for each in assurance_docs.requirements() if each.applies}
    first = {each for each in asked if asked[each].level == 1}
    written = {each.id for each in assurance_docs.written() if each.applies}
    if goals.is_full():
        shown = shown_by(["tests", "-m", "asvs"])
    else:
        quick = ["-m", "asvs and not browser", "-k", "not postgresql"]
        shown = shown_by(["tests", *quick], KITH_MOST_CASES="2")
    shown = (shown | written) & asked.keys()
    for each in sorted(asked.keys() - shown, key=lambda each: [*map(int, each.split("."))]):
        print(f"# not shown: {each} (level {asked[each].level}) {asked[each].words}")
    met = [
        goals.at_least(
            "S13a", "ASVS level 1 shown, of all that apply", len(shown & first), len(first)
        ),
        goals.at_least("S13b", f"ASVS levels 1 and 2 shown, of {len(asked)}", len(shown), ENOUGH),
        goals.control(
            "S13c", "requirements no longer shown without headers", lost_without_headers()
        ),
    ]
    return 0 if all(met) else 1


def lost_without_headers() -> int:
    """How many requirements fall when no answer carries its headers."""
    return len(shown_by([HEADERS]) - shown_by([HEADERS], KITH_WITHOUT_HEADERS="yes"))


def shown_by(arguments: list[str], **environment: str) -> set[str]:
    """The requirements whose marked tests pass in this run of pytest."""
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "shown.json"
        subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-q", "--no-header", "--tb=line"),
                *("-p", "benchmarks.assurance.markers", *arguments),
            ],
            cwd=assurance_docs.ROOT,
            env={**os.environ, "KITH_SHOWN": str(kept), **environment},
            stdout=sys.stderr,
            check=False,
        )
        said = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    return set(said.get("passed", {})) - set(said.get("failed", {}))


if __name__ == "__main__":
    sys.exit(main())
