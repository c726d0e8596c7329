"""Benchmarks: R14, machines that are killed, cut off, or have the wrong time, while others refer.

    python -m benchmarks.assurance.r14_nodes [--full]

Two machines that answer and two that work, each a network namespace with an address and a DATA_DIR
of its own, over one PostgreSQL. Clinicians refer without a pause; where one machine does not answer
they send the same form to the other, as a load balancer and a second press of the button do. Who
works holds a letter for three seconds instead of two minutes, so that the run need not wait long.
"""

import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from http.client import HTTPException
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

import app as kith
from benchmarks.assurance.goals import at_least, control, exactly, is_full
from benchmarks.assurance.machines import OURS, Database, Machine, go_apart, lay_cable
from benchmarks.assurance.post_office import PostOffice
from benchmarks.assurance.r7_backup import id_in, referrals_in
from benchmarks.assurance.surgery import Clinician, Surgery, a_key
from core import clock, outbox, work
from core.db import db
from core.outbox import Letter

SLOW = True

CLINICIANS = 4
ROUNDS = 10 if is_full() else 1
CALM, TROUBLE = 3.0, 6.0  # seconds
PATIENCE = 3.0
LEFT_OUT = 10.0
WRONG_BY = timedelta(minutes=5)
OFF = "KITH_BENCHMARK_CLOCK"
SETTLES_WITHIN = 180


class Trouble:
    """Clinicians who refer through whichever machine answers."""

    def __init__(self, surgery: Surgery, answering: list[Machine]) -> None:
        self.saved: dict[str, str] = {}
        self.turned_away = 0
        self._stop = threading.Event()
        self._threads = []
        for number in range(CLINICIANS):
            pair = [
                Clinician(surgery, number, host=each.address, patience=PATIENCE)
                for each in answering
            ]
            for person in pair:
                _until(lambda person=person: _opened(person), 60)
            self._threads.append(threading.Thread(target=self._refer, args=(pair, number)))
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let everybody finish the form they are at."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _refer(self, pair: list[Clinician], turn: int) -> None:
        rests = [0.0] * len(pair)
        while not self._stop.is_set():
            key = a_key()
            while key not in self.saved:
                # As nginx does: one that failed is left out for a while, unless both did.
                turn += 1
                at = min(
                    range(len(pair)),
                    key=lambda each: (rests[each] > time.monotonic(), each != turn % 2),
                )
                with suppress(OSError, HTTPException):
                    status, place = pair[at].refer(key)
                    if status == 303:
                        self.saved[key] = id_in(place)
                        break
                rests[at] = time.monotonic() + LEFT_OUT
                self.turned_away += 1
                time.sleep(0.05)


def main() -> None:
    """Print the figures of R14."""
    if "--work" in sys.argv:
        with_wrong_clock().app_context().push()
        outbox.LEASE = timedelta(seconds=3)
        work.run_forever()
        return
    go_apart("r14_nodes")
    lay_cable()
    place = Path(tempfile.mkdtemp(prefix="kith-machines-"))
    place.chmod(0o755)
    try:
        with Database(place / "pg") as database:
            _suffer(database, place)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def with_wrong_clock() -> Flask:
    """The application of a machine whose clock is off by what its environment says."""
    off, right = timedelta(seconds=float(os.environ.get(OFF, "0"))), clock.now
    if off:
        clock.now = lambda: right() + off
    return kith.create_app()


def _suffer(database: Database, place: Path) -> None:
    with Surgery("postgresql", clinicians=CLINICIANS, url=database.url) as surgery:
        before = referrals_in(database.url)
        post = PostOffice(place, at=OURS)
        post.open()
        machines = _machines(surgery, post, place)
        try:
            for machine in machines:
                _start(machine, surgery.port)
            trouble = Trouble(surgery, machines[:2])
            counts = _go_wrong(machines, trouble, surgery.port)
            trouble.stop()
            left = _settle(surgery)
        finally:
            for machine in machines:
                machine.kill()
            post.close()
        there = referrals_in(database.url) - before
        saved = set(trouble.saved.values())
        taken = {name.strip("<>").partition("@")[0] for _to, name in post.delivered()}
        letters = _letters(surgery)
    control("R14a", "forms that had to be sent again, to another machine", trouble.turned_away)
    for what, count in counts.items():
        at_least("R14b", f"referrals confirmed while {what}", count, 1)
    exactly("R14c", "referrals confirmed and lost", len(saved - there))
    exactly("R14d", "forms that made two referrals, or one nobody knows of", len(there - saved))
    exactly("R14e", "forms answered with another's referral", len(trouble.saved) - len(saved))
    exactly("R14f", "letters never delivered", len(letters - taken) + left)
    exactly("R14g", "letters with a second effect at the receiver", len(taken - letters))
    at_least("R14h", "referrals confirmed in all", len(saved), 20)


def _machines(surgery: Surgery, post: PostOffice, place: Path) -> list[Machine]:
    keys = surgery.folder / "keys"
    told = {
        **surgery.environ,
        "SECRET_KEY": (keys / "secret_key").read_text(),
        "KEY_FILE": str(keys / "root_key.json"),
        "MAIL": "smtp",
        "SMTP_HOST": OURS,
        "SMTP_PORT": str(post.port),
        "SMTP_STARTTLS": "no",
    }
    names = ("pages1", "pages2", "work1", "work2")
    return [
        Machine(name, number, {**told, "DATA_DIR": str(place / name)})
        for number, name in enumerate(names, start=1)
    ]


def _start(machine: Machine, port: int, *, off: float = 0) -> None:
    wrong = {OFF: str(off)}
    if machine.name.startswith("work"):
        name = "benchmarks.assurance.r14_nodes"
        machine.run(sys.executable, "-m", name, "--work", **wrong)
        return
    machine.run(
        *(sys.executable, "-m", "gunicorn", "--no-control-socket", "--preload"),
        *("--workers", "2", "--threads", "4", "--worker-class", "gthread"),
        *("--log-level", "critical", "--bind", f"{machine.address}:{port}"),
        "benchmarks.assurance.r14_nodes:with_wrong_clock()",
        **wrong,
    )


def _go_wrong(machines: list[Machine], trouble: Trouble, port: int) -> dict[str, int]:
    """One trouble after another; the referrals that were confirmed during each."""
    first, second, works, works_too = machines
    counts: dict[str, int] = {}

    def meanwhile(what: str, seconds: float) -> None:
        before = len(trouble.saved)
        time.sleep(seconds)
        counts[what] = counts.get(what, 0) + len(trouble.saved) - before

    for _ in range(ROUNDS):
        meanwhile("all was well", CALM)
        first.kill()
        meanwhile("a machine that answers was dead", TROUBLE)
        _start(first, port)
        meanwhile("it came back", 2 * TROUBLE)
        second.cut_off()
        works.cut_off()
        meanwhile("one of each sort was cut off", 2 * TROUBLE)
        second.join_again()
        works.join_again()
        works.kill()
        meanwhile("one that works was dead", CALM)
        _start(works, port)
        _start(first, port, off=WRONG_BY.total_seconds())
        _start(works_too, port, off=-WRONG_BY.total_seconds())
        meanwhile("clocks were five minutes off", 3 * TROUBLE)
        _start(first, port)
        _start(works_too, port)
        # What a fast clock dated is due five minutes later: for this one that is now.
        _start(works, port, off=WRONG_BY.total_seconds())
    return counts


def _settle(surgery: Surgery) -> int:
    """Wait until every letter has gone; how many have not."""
    with surgery.app.app_context():
        _until(lambda: not _waiting(), SETTLES_WITHIN)
        return _waiting()


def _waiting() -> int:
    waiting = select(func.count()).where(Letter.state == outbox.State.WAITING)
    count = db.session.scalar(waiting) or 0
    db.session.rollback()
    return count


def _letters(surgery: Surgery) -> set[str]:
    with surgery.app.app_context():
        found = select(Letter.id).where(Letter.state != outbox.State.CANCELLED)
        return {str(each) for each in db.session.scalars(found)}


def _opened(person: Clinician) -> bool:
    try:
        person.open_form()
    except (OSError, HTTPException, SystemExit):
        person.hang_up()
        return False
    return True


def _until(fine: Callable[[], bool], longest: float) -> bool:
    end = time.monotonic() + longest
    while time.monotonic() < end:
        if fine():
            return True
        time.sleep(0.2)
    return False


if __name__ == "__main__":
    main()
