"""Benchmarks: a plugin of pytest that counts what the tests with a marker show.

`pytest -p benchmarks.assurance.markers` writes, into the file that KITH_SHOWN names, which tests of
each requirement passed and which did not. With KITH_MOST_CASES set, a test that is asked many
things is asked the first few of them. With KITH_WITHOUT_HEADERS set, no answer carries its security
headers: the control.
"""

import json
import os
from collections import Counter, defaultdict
from pathlib import Path

import pytest

import core.web

passed: defaultdict[str, set[str]] = defaultdict(set)
failed: defaultdict[str, set[str]] = defaultdict(set)
asked: dict[str, tuple[str, ...]] = {}


def pytest_configure() -> None:
    """Take the headers away where the control asks for it."""
    if os.environ.get("KITH_WITHOUT_HEADERS"):
        core.web._add_headers = lambda response, _settings: response


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Remember what each test says that it shows, and leave out what is more of the same."""
    most, cases = int(os.environ.get("KITH_MOST_CASES", "0")), Counter[str]()
    for item in list(items):
        test = item.nodeid.partition("[")[0]
        cases[test] += bool(item.get_closest_marker("asvs"))
        if most and cases[test] > most:
            items.remove(item)
    for item in items:
        marks = item.iter_markers("asvs")
        asked[item.nodeid] = tuple(str(each) for mark in marks for each in mark.args)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count a test that passed, or that failed anywhere on its way."""
    for each in asked.get(report.nodeid, ()):
        if report.failed:
            failed[each].add(report.nodeid)
        elif report.when == "call" and report.passed:
            passed[each].add(report.nodeid)


def pytest_sessionfinish() -> None:
    """Write down what was counted."""
    said = {
        "passed": {each: sorted(tests) for each, tests in passed.items()},
        "failed": {each: sorted(tests) for each, tests in failed.items()},
    }
    Path(os.environ["KITH_SHOWN"]).write_text(json.dumps(said), encoding="utf-8")
