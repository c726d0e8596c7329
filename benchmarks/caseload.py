"""What a link worker's pages cost with 400 open referrals, each with groups and contacts.

    python -m benchmarks.caseload [REFERRALS]

The goal is 300 ms or less for 95 pages in 100, on both engines, answered by the application itself
(no network). The number of queries is printed beside it: it must not grow with the list. What it
is compared with is the same page for a team of a tenth of the size. On a machine that does other
things as well, what the processor spent (`cpu_…`; `server_cpu_ms` is PostgreSQL's own part, on the
average, rules of rows included) tells what a page costs, and the clock on the wall how long others
made it wait.
"""

import math
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import event, text

from accounts import User
from core import clock
from core.db import db
from core.saving import saving
from directory import Service
from referrals.contacts import log_contact
from referrals.day import tasks
from referrals.rules import ContactHow, Status
from tests.client import Client
from tests.engines import Engines
from tests.referral_builders import (
    a_clinician,
    a_link_worker,
    a_new_person,
    a_practice,
    a_referral,
    a_service,
    a_team,
    an_onward,
    as_actor,
)

GOAL_MS = 300
TIMES = 40
PAGES = ("/today", "/caseload", "/caseload?tab=active&sort=person", "/caseload?page=4", "/team")
STATUSES = (Status.SENT, Status.ACCEPTED, Status.CONTACTING, Status.IN_PROGRESS, Status.ON_HOLD)

TICKS = os.sysconf("SC_CLK_TCK")

Cost = tuple[list[float], list[float], float, int]
"""Milliseconds by the clock on the wall and of the processor, a page each, and of the server's
processor on the average; and how many queries."""


def main(number: int) -> int:
    """Print a line a page and engine; returns how many goals were missed."""
    missed = 0
    engines = Engines(Path(tempfile.mkdtemp(prefix="kith-bench-")))
    for name in ("sqlite", "postgresql"):
        small = _costs(engines.fresh(name), number // 10)
        for path, (took, spent, server, queries) in _costs(engines.fresh(name), number).items():
            before, _, _, few = small.get(path, ([], [], 0.0, 0))
            p95 = _at(took, 0.95)
            missed += p95 > GOAL_MS
            row = {
                "engine": name,
                "page": path,
                "referrals": number,
                "p50_ms": round(statistics.median(took)),
                "p95_ms": round(p95),
                "cpu_p50_ms": round(statistics.median(spent)),
                "cpu_p95_ms": round(_at(spent, 0.95)),
                "server_cpu_ms": round(server, 1),
                "queries": queries,
                f"p95_ms_at_{number // 10}": round(_at(before, 0.95)) if before else "-",
                f"queries_at_{number // 10}": few,
                "goal": "ok" if p95 <= GOAL_MS else "short",
            }
            print(" ".join(f"{key}={value}" for key, value in row.items()), flush=True)
    engines.stop()
    return missed


def _costs(app: Flask, number: int) -> dict[str, Cost]:
    app.test_client_class = Client
    with app.app_context():
        worker = _fill(number)
        client = app.test_client()
        assert isinstance(client, Client)
        client.as_(worker)
        client.is_strict = False
        return {path: _cost(client, path) for path in PAGES if client.get(path).status_code == 200}


def _cost(client: Client, path: str) -> Cost:
    with _counting() as counted:
        client.get(path)
    took, spent, served = [], [], _server_seconds()
    for _ in range(TIMES):
        began, spent_before = time.perf_counter(), time.process_time()
        client.get(path)
        took.append((time.perf_counter() - began) * 1000)
        spent.append((time.process_time() - spent_before) * 1000)
    server = (_server_seconds() - served) * 1000 / TIMES
    return took, spent, server, counted[0]


def _server_seconds() -> float:
    """What PostgreSQL's processes that serve us have spent so far; 0 where there are none."""
    if db.engine.dialect.name != "postgresql":
        return 0.0
    asked = text("SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'")
    db.session.execute(text("SET LOCAL ROLE NONE"))  # who runs the service is told of itself alone
    pids = db.session.scalars(asked).all()
    db.session.rollback()
    stats = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
    return sum(int(each[11]) + int(each[12]) for each in stats) / TICKS


@contextmanager
def _counting() -> Iterator[list[int]]:
    counted = [0]

    def count(*_rest: object) -> None:
        counted[0] += 1

    event.listen(db.engine, "before_cursor_execute", count)
    yield counted
    event.remove(db.engine, "before_cursor_execute", count)


def _fill(number: int) -> User:
    """So many open referrals of one team, most of one worker, by the real moves."""
    lot = random.Random(number)
    with saving():
        team = a_team()
        clinician, worker = a_clinician(a_practice(team)), a_link_worker(team)
        services = [a_service() for _ in range(20)]
    for at in range(number):
        with saving():  # one for each: what is held for a commit is looked through at every step
            _refer_one(at, clinician, worker, services, lot)
    return worker


def _refer_one(
    at: int, clinician: User, worker: User, services: list[Service], lot: random.Random
) -> None:
    status, by = STATUSES[at % len(STATUSES)], as_actor(worker)
    person = a_new_person(name=f"Person {at:04}")
    referral = a_referral(status, referrer=clinician, link_worker=worker, person=person)
    if status is Status.SENT:
        return
    for how in lot.choices([ContactHow.TEXT, ContactHow.LETTER], k=lot.randint(1, 6)):
        on = clock.today() + timedelta(days=lot.randint(-5, 20))
        log_contact(referral, how, minutes=5, note="", next_contact_on=on, by=by)
    if status is Status.IN_PROGRESS:
        for service in lot.sample(services, k=2):
            answer = lot.choice([Status.SENT, Status.ACCEPTED])
            an_onward(answer, parent=referral, service=service)
    tasks.add(referral, "Ring the library", clock.today(), by=by)


def _at(took: list[float], share: float) -> float:
    return sorted(took)[math.ceil(share * len(took)) - 1]


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 400))
