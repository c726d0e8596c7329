"""Measures an import of many listings: how long, how much memory, and what others notice of it.

`python -m benchmarks.imports [count …]` invents as many listings as a feed of Open Referral UK and
as a sheet, brings each into an empty site on SQLite in a process of its own, and meanwhile opens
pages and saves things from another one, as people would. The search index is built afterwards, in
the background, as in production. Then some of the same feed come in the plain way, all in one
transaction and object by object, to compare.
"""

import csv
import json
import multiprocessing
import resource
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from http import HTTPStatus
from multiprocessing.synchronize import Event
from pathlib import Path
from random import Random
from typing import Any

import flask_migrate
from flask import Flask
from sqlalchemy import func, select

from accounts import Organisation, OrganisationKind, set_up
from app import create_app
from core import audit
from core.actors import system
from core.db import db
from core.saving import saving
from core.settings import PRODUCTION, Settings
from directory.feeds import oruk
from directory.feeds.importing import import_file
from directory.feeds.proposals import Proposal
from directory.feeds.translating import facts_in
from directory.listings import draft_listing, step
from directory.models import ImportRun, Service
from directory.places import load_places
from directory.rules import SHOWN, ImportState, Step
from directory.taxonomy import ensure_terms

COUNT = 50_000
MOST_PLAINLY = 1_000
BETWEEN_VISITS = 0.2
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


def measure(name: str, path: Path, count: int) -> float:
    """Bring one file into an empty site, with people about; returns how many in a second of CPU."""
    done, beside = _with_people_about(_import, path)
    seconds, cpu = done["seconds"], done["cpu"]
    print(f"{name}: {path.stat().st_size / 1e6:.0f} MB")
    print(f"  {done['shown']:,} of {count:,} in {seconds:.1f} s ({count / seconds:,.0f}/s)")
    print(f"  read in {done['read']:.1f} s, brought in in {seconds - done['read']:.1f} s")
    print(f"  {cpu:.1f} s of a processor, peak memory {done['peak']:.0f} MB")
    print(f"  then indexed in the background in {done['index']:.1f} s, {done['after']:.0f} MB")
    _tell_of(beside)
    return float(count / cpu)


def measure_plainly(path: Path, count: int) -> float:
    """The same in one transaction, object by object; returns how many in a second of CPU."""
    done, beside = _with_people_about(_import_plainly, path)
    seconds, cpu = done["seconds"], done["cpu"]
    print(f"In one transaction: {count:,} in {seconds:.1f} s ({count / seconds:,.0f}/s)")
    print(f"  {cpu:.1f} s of a processor, peak memory {done['peak']:.0f} MB")
    _tell_of(beside)
    return float(count / cpu)


def _tell_of(beside: dict[str, float]) -> None:
    print(f"  meanwhile {beside['pages']} pages, slowest {beside['page']:.2f} s")
    print(
        f"  and {beside['saves']} saves, slowest {beside['save']:.2f} s, {beside['failed']} failed;"
        f" {beside['half']} times some listings were seen before all"
    )


def _with_people_about(bring_in: Any, path: Path) -> tuple[dict[str, float], dict[str, float]]:
    """What an import cost, and what people noticed of it from its first moment to its last."""
    with tempfile.TemporaryDirectory(prefix="kith-benchmark-") as folder:
        _in_a_process(_set_up, folder)
        forked = multiprocessing.get_context("fork")
        about, over, told = forked.Event(), forked.Event(), forked.Queue()
        people = forked.Process(target=_people, args=(folder, about, over, told))
        importer = forked.Process(target=bring_in, args=(folder, path, told))
        people.start()
        about.wait()
        importer.start()
        answers = dict([told.get()])
        over.set()
        answers |= dict([told.get(), told.get()])
        people.join()
        importer.join()
    return answers["import"] | answers["indexed"], answers["people"]


def _app(folder: str) -> Flask:
    url = f"sqlite:///{folder}/kith.db"
    key = "b" * 40
    return create_app(
        Settings(env=PRODUCTION, secret_key=key, data_dir=Path(folder), database_url=url)
    )


def _in_a_process(do: Any, *args: Any) -> None:
    process = multiprocessing.get_context("fork").Process(target=do, args=args)
    process.start()
    process.join()


def _set_up(folder: str) -> None:
    with _app(folder).app_context():
        flask_migrate.upgrade()


def _import(folder: str, path: Path, told: Any) -> None:
    with _app(folder).app_context():
        load_places()
        started, before, read = time.monotonic(), time.process_time(), 0.0

        def progress(done: int, _total: int) -> None:
            nonlocal read
            if (
                done
                and not read
                and db.session.scalar(select(ImportRun.state)) is ImportState.BRINGING_IN
            ):
                read = time.monotonic() - started

        import_file(path.name, path, by=BESIDE, source="benchmark", progress=progress)
        told.put(("import", _cost(started, before) | {"read": read, "shown": _shown()}))
        _wait_for_the_index(told)


def _import_plainly(folder: str, path: Path, told: Any) -> None:
    with _app(folder).app_context(), path.open("rb") as file:
        load_places()
        started, before = time.monotonic(), time.process_time()
        with saving():
            ensure_terms(by=BESIDE)
            groups: dict[str, Organisation] = {}
            for _, said in oruk.read(file):
                if isinstance(said, Proposal) and said.organisation:
                    own = said.organisation
                    if own.source_id not in groups:
                        groups[own.source_id] = set_up(
                            own.name, OrganisationKind.GROUP, description=own.description, by=BESIDE
                        )
                    facts = facts_in(said, "benchmark")
                    listing = draft_listing(facts, groups[own.source_id], by=BESIDE)
                    step(listing, Step.PUBLISH, by=BESIDE)
        told.put(("import", _cost(started, before)))
        _wait_for_the_index(told)


def _cost(started: float, before: float) -> dict[str, float]:
    return {
        "seconds": time.monotonic() - started,
        "cpu": time.process_time() - before,
        "peak": _peak(),
    }


def _peak() -> float:
    """The most memory this process and those it started have had, in MB."""
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(resource.getrusage(each).ru_maxrss for each in who) / 1024


def _wait_for_the_index(told: Any) -> None:
    started = time.monotonic()
    for thread in threading.enumerate():
        if thread.name == "search index":
            thread.join()
    told.put(("indexed", {"index": time.monotonic() - started, "after": _peak()}))


def _shown() -> int:
    shown = select(func.count()).select_from(Service).where(Service.life.in_(SHOWN))
    return db.session.scalar(shown) or 0


def _people(folder: str, about: Event, over: Event, told: Any) -> None:
    app = _app(folder)
    client = app.test_client()
    for page in PAGES:
        client.get(page)  # the first of each waits for its template
    about.set()
    pages, saves, failed = [], [], 0
    halves: set[int] = set()
    while not over.is_set():
        for page in PAGES:
            started = time.monotonic()
            if client.get(page).status_code != HTTPStatus.OK:
                failed += 1
            pages.append(time.monotonic() - started)
        with app.app_context():
            started = time.monotonic()
            try:
                with saving():
                    audit.record(BESIDE, "saved", about="nothing")
            except Exception:
                failed += 1
            saves.append(time.monotonic() - started)
            halves.add(_shown())
        time.sleep(BETWEEN_VISITS)
    seen = {
        "pages": len(pages),
        "page": max(pages),
        "saves": len(saves),
        "save": max(saves),
        "failed": failed,
        "half": len(halves - {0, max(halves)}),
    }
    told.put(("people", seen))


if __name__ == "__main__":
    for wanted in [int(each) for each in sys.argv[1:]] or [COUNT]:
        with tempfile.TemporaryDirectory(prefix="kith-benchmark-") as at:
            feed, sheet = Path(at) / "feed.json", Path(at) / "sheet.csv"
            write_feed(feed, wanted)
            ours = measure("Open Referral UK", feed, wanted)
            write_sheet(sheet, wanted)
            measure("Sheet", sheet, wanted)
            few = min(wanted, MOST_PLAINLY)
            write_feed(feed, few)
            plainly = measure_plainly(feed, few)
            print(f"Ours takes {plainly / ours:.0%} of the processor time of the plain way.")
