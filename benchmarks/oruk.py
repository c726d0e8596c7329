"""Puts the whole demo through the schemas of the Open Referral UK validator, as its clients would.

    python -m benchmarks.oruk

Prints a line of JSON for each kind of answer: how many were asked for (every page of every list,
every id), how many passed, and how long an answer took; then a control, which must fail; then how
fast whole files are written.
"""

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import flask_migrate
from flask import Flask

from app import create_app
from core.settings import Settings
from demo.seed import load
from directory import exporting
from tests.client import Client
from tests.directory.open_feed import API, ITEMS, everything, faults, pages

PAGES = 15


def main() -> int:
    """Ask, check and measure; the exit code says whether anything failed."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            env="test",
            secret_key="t" * 40,
            data_dir=Path(folder),
            database_url=f"sqlite:///{folder}/kith.db",
            mail="letterbox",
        )
        app = create_app(settings)
        with app.app_context():
            flask_migrate.upgrade()
            load()
            return _measure(app)


def _measure(app: Flask) -> int:
    client = Client(app)
    wrong = _check("GET /", [partial(_timed, client, "/")], "api_details")
    for name, item in ITEMS.items():
        for query in ("", "?full=true"):
            wrong += _lists(client, name + query, item)
        ids = [each["id"] for each in everything(client, name)]
        asks = [partial(_timed, client, f"/{name}/{each}") for each in ids]
        wrong += _check(f"GET /{name}/{{id}}", asks, item)
    sample = everything(client, "services")[0]
    caught = [bool(faults("service", sample | each)) for each in ({"status": "open"}, {"id": "1"})]
    print(json.dumps({"control": "a broken record", "is_found_out": all(caught)}))
    listings = len(everything(client, "services"))
    for form, write in exporting.FORMATS.items():
        began = time.process_time()
        size = sum(map(len, write()))
        seconds = time.process_time() - began
        rate = {
            "processor_seconds": round(seconds, 2),
            "listings_a_second": int(listings / seconds),
        }
        print(json.dumps({"export": form, "bytes": size} | rate))
    for name in ("services", "service_at_locations"):
        print(json.dumps(_page_of_fifty(client, name)))
    return 0 if not wrong and all(caught) else 1


def _page_of_fifty(client: Client, name: str) -> dict[str, Any]:
    """How much work a page of fifty whole records is, whatever else the machine does."""
    took = []
    for _ in range(PAGES):
        began = time.process_time()
        client.get(f"{API}/{name}?full=true&per_page=50")
        took.append((time.process_time() - began) * 1000)
    return {"page_of_50": name, "processor_ms": round(statistics.median(took), 1)}


def _lists(client: Client, path: str, item: str) -> int:
    """Every page of one list. The page itself has a schema for all but organisations."""
    asked, passed, records = 0, 0, 0
    began = time.perf_counter()
    for page in pages(client, path, size=50):
        asked += 1
        found = [] if item == "organization" else faults(f"{item}_list", page)
        found += [fault for each in page["contents"] for fault in faults(item, each)]
        passed += not found
        records += len(page["contents"])
    seconds = time.perf_counter() - began
    told = {"asked": f"GET /{path}", "pages": asked, "passed": passed, "records": records}
    print(json.dumps(told | {"seconds_with_checking": round(seconds, 1)}))
    return asked - passed


def _check(what: str, asks: list[Callable[[], tuple[Any, float]]], schema: str) -> int:
    answers = [ask() for ask in asks]
    passed = sum(not faults(schema, said) for said, _ in answers)
    times = [milliseconds for _, milliseconds in answers]
    told = {"asked": what, "answers": len(answers), "passed": passed}
    print(json.dumps(told | {"median_ms": round(statistics.median(times), 1)}))
    return len(answers) - passed


def _timed(client: Client, path: str) -> tuple[Any, float]:
    began = time.perf_counter()
    answer = client.get(API + path)
    return answer.get_json(), (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    sys.exit(main())
