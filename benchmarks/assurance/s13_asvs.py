"""S13: how much of OWASP ASVS 5.0, levels 1 and 2, a passing test or a named document shows.

    python -m benchmarks.assurance.s13_asvs [--full]

A requirement is shown when a test with its marker passes and none of them fails, or when the
heading is there that docs/assurance/asvs.csv names. Continuous integration runs every test anyway;
the short form asks as few of them as show every requirement once, on SQLite where they run there,
and of a test with many cases the first two. --full runs all, those in a browser too. Control: with
the headers of every answer taken away, fewer are shown.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.assurance import goals
from tools import assurance_docs

SLOW = True

ENOUGH = 190
HEADERS = "tests/assurance/test_headers.py"


def main() -> int:
    """Print the figures; 0 if they hold."""
    asked = {each.id: each for each in assurance_docs.requirements() if each.applies}
    first = {each for each in asked if asked[each].level == 1}
    written = {each.id for each in assurance_docs.written() if each.applies}
    by_test = shown_by(["tests", "-m", "asvs"]) if goals.is_full() else shown_in_short()
    shown = (by_test | written) & asked.keys()
    for each in sorted(asked.keys() - shown, key=lambda each: [*map(int, each.split("."))]):
        print(f"# not shown: {each} (level {asked[each].level}) {asked[each].words}")
    met = [
        goals.at_least(
            "S13a", "ASVS level 1 shown, of all that apply", len(shown & first), len(first)
        ),
        goals.at_least("S13b", f"ASVS levels 1 and 2 shown, of {len(asked)}", len(shown), ENOUGH),
        goals.control(
            "S13c", "requirements no longer shown without headers", lost_without_headers(by_test)
        ),
    ]
    return 0 if all(met) else 1


def shown_in_short() -> set[str]:
    """What a few tests show; of what they leave out, what all the tests of it show."""
    tests = {
        each: [test for test in found if not test.startswith("tests/browser/")]
        for each, found in assurance_docs.marked().items()
    }
    quick = shown_by([*fewest(tests), "-k", "not postgresql"], KITH_MOST_CASES="2")
    rest = {test for each in tests.keys() - quick for test in tests[each]}
    return quick | (shown_by(sorted(rest), KITH_MOST_CASES="2") if rest else set())


def fewest(tests: Mapping[str, Sequence[str]]) -> list[str]:
    """Few tests that have every requirement among them: always the one that adds most."""
    shows: defaultdict[str, set[str]] = defaultdict(set)
    for each, found in tests.items():
        for test in found:
            shows[test].add(each)
    chosen, left = [], {each for each, found in tests.items() if found}
    while left:
        best = max(shows, key=lambda test: (len(shows[test] & left), test))
        chosen.append(best)
        left -= shows[best]
    return chosen


def lost_without_headers(shown: set[str]) -> int:
    """How many of these requirements fall when no answer carries its headers."""
    asked = {
        each
        for each, tests in assurance_docs.marked().items()
        if any(test.startswith(HEADERS) for test in tests)
    }
    return len(
        (asked & shown) - shown_by([HEADERS], KITH_WITHOUT_HEADERS="yes", KITH_MOST_CASES="2")
    )


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
