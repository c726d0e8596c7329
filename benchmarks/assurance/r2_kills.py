"""Benchmarks: R2, kill -9 under load: is what was acknowledged there, once, and nothing twice?

    python -m benchmarks.assurance.r2_kills [--full]

Clinicians refer invented people through the real form, each form with its key, while workers are
killed at random; every tenth time all of them at once, and on PostgreSQL now and then the database
server with all its processes. A form whose answer never came is sent again with the same key. At
the end there must be one referral for every key, where its answer said, and a whole audit chain.
The control runs PostgreSQL with synchronous_commit=off: killing it must then lose something.
"""

import contextlib
import http.client
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import psutil
from sqlalchemy import select

from benchmarks.assurance.goals import control, exactly, is_full
from benchmarks.assurance.surgery import Clinician, Surgery, a_key
from core import audit
from core.db import db
from referrals.models import Referral

SLOW = True
KILLS = 500 if is_full() else 100
CLIENTS = 8
SERVER_KILLS = 20 if is_full() else 3
AGAIN = 30.0
BETWEEN, LONGEST_WAIT = 3 if is_full() else 2, 5.0
"""How many referrals are acknowledged between two kills, and how many seconds are given them."""


@dataclass
class Sent:
    """What one clinician sent, and what they were answered. A key counts for its sender alone."""

    answered: dict[str, str] = field(default_factory=dict)
    unanswered: list[str] = field(default_factory=list)
    changed: int = 0

    def send(self, person: Clinician) -> None:
        """Send a form whose answer never came, or a new one."""
        key = self.unanswered.pop() if self.unanswered else a_key()
        try:
            status, location = person.refer(key)
        except (OSError, http.client.HTTPException):
            status, location = 0, ""
        if status != 303 or "/refer/sent/" not in location:
            self.unanswered.append(key)
            time.sleep(0.02)
        else:  # another answer than before to the same key is a change
            self.changed += self.answered.setdefault(key, location) != location


@dataclass
class Found:
    """What is in the database in the end."""

    answered: int
    lost: int
    twice: int
    strangers: int
    changed: int
    troubles: int


def main() -> None:
    """Print the figures of R2."""
    for letter, engine in (("a", "sqlite"), ("b", "postgresql")):
        found = _run(engine)
        print(f"# {engine}: {found.answered} referrals were acknowledged", flush=True)
        goal = f"R2{letter}"
        exactly(f"{goal}1", f"{engine}, {KILLS} kills: acknowledged and lost", found.lost)
        exactly(f"{goal}2", f"{engine}: referred twice under one key", found.twice)
        exactly(f"{goal}3", f"{engine}: referrals that nobody was told of", found.strangers)
        exactly(f"{goal}4", f"{engine}: keys answered in two ways", found.changed)
        exactly(f"{goal}5", f"{engine}: troubles in the audit chain", found.troubles)
    control(
        "R2c",
        "acknowledged referrals lost with synchronous_commit=off when the server is killed",
        _run_careless(),
    )


def _run(engine: str) -> Found:
    with Surgery(engine, clinicians=CLIENTS) as surgery:
        surgery.serve()
        people = [Clinician(surgery, number) for number in range(CLIENTS)]
        lot = random.Random(20)
        whole_server = set(lot.sample(range(KILLS), SERVER_KILLS)) if surgery.postgres else set()
        with _referring(people) as sent:
            for number in range(KILLS):
                _wait_for_answers(sent)
                time.sleep(lot.uniform(0.0, 0.15))
                _kill(surgery, lot, everything=number % 25 == 24, server=number in whole_server)
        _send_the_rest(people, sent)
        return _look(surgery, sent)


def _wait_for_answers(sent: list[Sent]) -> None:
    """A kill tells something only where referrals are acknowledged between it and the last one."""
    before, until = _answers(sent), time.monotonic() + LONGEST_WAIT
    while _answers(sent) < before + BETWEEN and time.monotonic() < until:
        time.sleep(0.005)


def _answers(sent: list[Sent]) -> int:
    return sum(len(each.answered) for each in sent)


@contextlib.contextmanager
def _referring(people: list[Clinician]) -> Iterator[list[Sent]]:
    """Within the block every clinician refers one person after another."""
    stop, sent = threading.Event(), [Sent() for _ in people]
    for person in people:
        person.open_form()

    def refer_on_and_on(number: int) -> None:
        while not stop.is_set():
            sent[number].send(people[number])

    threads = [
        threading.Thread(target=refer_on_and_on, args=(each,)) for each in range(len(people))
    ]
    for thread in threads:
        thread.start()
    yield sent
    stop.set()
    for thread in threads:
        thread.join()


def _kill(surgery: Surgery, lot: random.Random, *, everything: bool, server: bool) -> None:
    if server:
        _kill_server(surgery)
    elif everything:
        surgery.kill()
        surgery.serve()
    else:
        with contextlib.suppress(ProcessLookupError, IndexError):
            os.kill(lot.choice(surgery.workers()), signal.SIGKILL)


def _kill_server(surgery: Surgery) -> None:
    """End the database server and all it has forked, and start it on what is left."""
    assert surgery.postgres is not None
    first = psutil.Process(surgery.postgres.get_pid())
    family = [*first.children(recursive=True), first]
    for process in reversed(family):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(family, timeout=10)
    surgery.postgres.ensure_postgres_running()


def _send_the_rest(people: list[Clinician], sent: list[Sent]) -> None:
    """Send what was never answered, and some of what was, with the keys of the first time."""
    until = time.monotonic() + AGAIN
    for person, each in zip(people, sent, strict=True):
        each.unanswered += list(each.answered)[-5:]
        while each.unanswered and time.monotonic() < until:
            each.send(person)


def _look(surgery: Surgery, sent: list[Sent]) -> Found:
    with surgery.app.app_context():
        made = {
            str(each.id): each.person.name.removeprefix("Mavis ")
            for each in db.session.scalars(select(Referral))
        }
        troubles = len(audit.verify().troubles)
        db.session.remove()
    keys = Counter(made.values())
    answered = {key: place for each in sent for key, place in each.answered.items()}
    return Found(
        answered=len(answered),
        lost=sum(place.rpartition("/")[2] not in made for place in answered.values()),
        twice=sum(number > 1 for number in keys.values()),
        strangers=sum(key not in answered for key in keys) - 1,  # one was there from the beginning
        changed=sum(each.changed for each in sent),
        troubles=troubles,
    )


def _run_careless() -> int:
    with Surgery("postgresql", clinicians=CLIENTS) as surgery:
        assert surgery.postgres is not None
        surgery.postgres.psql("ALTER SYSTEM SET synchronous_commit = off")
        surgery.postgres.psql("ALTER SYSTEM SET wal_writer_delay = '10s'")
        surgery.postgres.psql("SELECT pg_reload_conf()")
        surgery.serve()
        with _referring([Clinician(surgery, number) for number in range(CLIENTS)]) as sent:
            time.sleep(5)
            _kill_server(surgery)
        return _look(surgery, sent).lost


if __name__ == "__main__":
    main()
