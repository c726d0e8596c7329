"""Measures an import of many listings: how long, how much memory, and what others notice of it.

`python -m benchmarks.imports [count]` invents as many listings as a feed of Open Referral UK and as
a sheet, brings each into an empty site on SQLite in a process of its own, and meanwhile opens pages
and saves things from another one, as people would.
"""

import csv
import json
import multiprocessing
import resource
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from multiprocessing.synchronize import Event
from pathlib import Path
from random import Random
from typing import Any

import flask_migrate
from flask import Flask
from sqlalchemy import func, select

from app import create_app
from core import audit
from core.actors import system
from core.db import db
from core.saving import saving
from core.settings import Settings
from directory.feeds.importing import import_file
from directory.models import ImportRun, Service
from directory.places import load_places
from directory.rules import SHOWN, ImportState

COUNT = 50_000
BESIDE = system("benchmark")
PAGES = ("/", "/activities?q=choir", "/activities?near=HX1+1UJ&within=10", "/healthz")


def _words(text: str) -> list[str]:
    return text.split()


CLUBS = ("Knit and natter", "Walking football", "Tea dance", "Choir", "Shed", "Gentle yoga")
POSTCODES = ("E3 3BQ", "HX1 1UJ", "OL14 5QQ", "LS1 4AP", "M1 1AE", "BB11 1AA", "BD1 1HY")
WORDS = _words(
    """come and join us for tea cake company warm welcome everybody friendly group people meet week
    hall town library walk gentle exercise chairs lunch music talk help form bus stop garden"""
)


def services(count: int) -> Iterator[dict[str, Any]]:
    """So many services of Open Referral UK, each with all the usual parts."""
    chance = Random(3)
    for number in range(count):
        yield _service(number, chance)


def _service(number: int, chance: Random) -> dict[str, Any]:
    words = " ".join(chance.choices(WORDS, k=60))
    return {
        "id": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
        "name": f"{chance.choice(CLUBS)} {chance.choice(WORDS)} {number}",
        "status": "active",
        "description": f"<p>{words}.</p>",
        "url": f"https://club{number}.example/",
        "email": f"club{number}@groups.example",
        "minimum_age": 18,
        "organization": {
            "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"group {number // 3}")),
            "name": f"Group number {number // 3}",
            "description": "A group.",
        },
        "schedules": [
            {
                "freq": "WEEKLY",
                "byday": chance.choice(("MO", "TU", "WE")),
                "opens_at": "10:00",
                "closes_at": "12:00",
            }
        ],
        "cost_options": [{"amount": chance.choice((0, 1.5, 2)), "amount_description": "with tea"}],
        "phones": [{"number": f"01632 960 {number % 1000:03d}"}],
        "attributes": [{"taxonomy_term": {"name": chance.choice(("Knitting", "Walking", "Food"))}}],
        "service_at_locations": [
            {
                "location": {
                    "name": f"Hall {number}",
                    "location_type": "physical",
                    "addresses": [
                        {
                            "address_1": f"{number} Roman Road",
                            "city": "Halifax",
                            "postal_code": chance.choice(POSTCODES),
                        }
                    ],
                    "accessibility": [{"description": "Step-free access"}],
                }
            }
        ],
    }


def write_feed(path: Path, count: int) -> None:
    """The services as one page of JSON."""
    with path.open("w", encoding="utf-8") as file:
        file.write('{"contents": [')
        for number, each in enumerate(services(count)):
            file.write(("," if number else "") + json.dumps(each))
        file.write("]}")


def write_sheet(path: Path, count: int) -> None:
    """Much the same as a sheet."""
    columns = ("id", "name", "organisation", "description", "postcode", "url", "email", "phone")
    with path.open("w", encoding="utf-8", newline="") as file:
        sheet = csv.writer(file)
        sheet.writerow((*columns, "category", "day", "opens_at", "closes_at", "cost", "address"))
        for each in services(count):
            [link] = each["service_at_locations"]
            [address] = link["location"]["addresses"]
            sheet.writerow(
                (
                    each["id"],
                    each["name"],
                    each["organization"]["name"],
                    each["description"],
                    address["postal_code"],
                    each["url"],
                    each["email"],
                    each["phones"][0]["number"],
                    each["attributes"][0]["taxonomy_term"]["name"],
                    "Tuesdays",
                    "10am",
                    "12pm",
                    "£1.50",
                    address["address_1"],
                )
            )


def measure(name: str, path: Path, count: int) -> None:
    """Bring one file into an empty site, with people about."""
    with tempfile.TemporaryDirectory(prefix="kith-benchmark-") as folder:
        _in_a_process(_set_up, folder)
        forked = multiprocessing.get_context("fork")
        over, told = forked.Event(), forked.Queue()
        people = forked.Process(target=_people, args=(folder, over, told))
        importer = forked.Process(target=_import, args=(folder, path, told))
        people.start()
        time.sleep(2)
        importer.start()
        answers = dict([told.get()])
        over.set()
        answers |= dict([told.get()])
        people.join()
        importer.join()
    done, beside = answers["import"], answers["people"]
    seconds = done["seconds"]
    print(f"{name}: {path.stat().st_size / 1e6:.0f} MB")
    print(f"  {done['shown']:,} of {count:,} in {seconds:.1f} s ({count / seconds:,.0f}/s)")
    print(f"  read {done['read']:.1f} s, brought in {seconds - done['read']:.1f} s")
    print(f"  {done['cpu']:.1f} s of a processor, peak memory {done['peak']:.0f} MB")
    print(f"  meanwhile {beside['pages']} pages, slowest {beside['page']:.2f} s")
    print(
        f"  and {beside['saves']} saves, slowest {beside['save']:.2f} s, {beside['failed']} failed;"
        f" {beside['half']} times some listings were seen before all"
    )


def _app(folder: str) -> Flask:
    url = f"sqlite:///{folder}/kith.db"
    return create_app(
        Settings(env="test", secret_key="b" * 40, data_dir=Path(folder), database_url=url)
    )


def _in_a_process(do: Any, *args: Any) -> None:
    process = multiprocessing.get_context("fork").Process(target=do, args=args)
    process.start()
    process.join()


def _set_up(folder: str) -> None:
    with _app(folder).app_context():
        flask_migrate.upgrade()


def _import(folder: str, path: Path, told: Any) -> None:
    load_places()
    with _app(folder).app_context():
        started, read = time.monotonic(), 0.0

        def progress(done: int, _total: int) -> None:
            nonlocal read
            if (
                done
                and not read
                and db.session.scalar(select(ImportRun.state)) is ImportState.BRINGING_IN
            ):
                read = time.monotonic() - started

        import_file(path.name, path, by=BESIDE, source="benchmark", progress=progress)
        seconds = time.monotonic() - started
        cpu = time.process_time()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        shown = select(func.count()).select_from(Service).where(Service.life.in_(SHOWN))
        count = db.session.scalar(shown)
        told.put(
            ("import", {"seconds": seconds, "read": read, "cpu": cpu, "peak": peak, "shown": count})
        )


def _people(folder: str, over: Event, told: Any) -> None:
    app = _app(folder)
    client = app.test_client()
    pages, saves, failed = [], [], 0
    halves: set[int] = set()
    while not over.is_set():
        for page in PAGES:
            started = time.monotonic()
            client.get(page)
            pages.append(time.monotonic() - started)
        with app.app_context():
            started = time.monotonic()
            try:
                with saving():
                    audit.record(BESIDE, "saved", about="nothing")
            except Exception:
                failed += 1
            saves.append(time.monotonic() - started)
            shown = select(func.count()).select_from(Service).where(Service.life.in_(SHOWN))
            halves.add(db.session.scalar(shown) or 0)
        time.sleep(0.05)
    half = len(halves - {0, max(halves)})
    told.put(
        (
            "people",
            {
                "pages": len(pages),
                "page": max(pages),
                "saves": len(saves),
                "save": max(saves),
                "failed": failed,
                "half": half,
            },
        )
    )


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    with tempfile.TemporaryDirectory(prefix="kith-benchmark-") as at:
        write_feed(Path(at) / "feed.json", wanted)
        write_sheet(Path(at) / "sheet.csv", wanted)
        measure("Open Referral UK", Path(at) / "feed.json", wanted)
        measure("Sheet", Path(at) / "sheet.csv", wanted)
