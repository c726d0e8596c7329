"""Benchmarks: R6, letters whose senders are killed, and a carrier that is down for a day.

    python -m benchmarks.assurance.r6_outbox [--full]

Real background loops (forked, as `core.serve` does) send to a mail server of our own and are
killed with `kill -9`, at random and also just between a letter's sending and its mark. Leases are
cut from two minutes to two seconds, so that the run does not wait for those of the dead. The day
without a carrier passes by a clock that is set; what is added to it is the real time of sending.
"""

import os
import random
import signal
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import app as kith
from benchmarks.assurance.goals import at_least, at_most, control, exactly, is_full
from benchmarks.assurance.post_office import PostOffice
from benchmarks.assurance.surgery import Surgery
from core import clock, outbox, work
from core.db import db
from core.outbox import Draft, Letter
from core.saving import saving
from core.settings import Settings

SLOW = True

LETTERS, KILLS = (4_000, 200) if is_full() else (400, 20)
WORKERS = 2
SHORT_LEASE = timedelta(seconds=2)
LONGEST = 1_800 if is_full() else 120
DIES_AFTER_SENDING = 0.02
GROUPS = "@groups.example"

TakeOne = Callable[[outbox.Transport], bool]


def main() -> None:
    """Print the figures of R6."""
    for mark, engine in (("a", "sqlite"), ("b", "postgresql")):
        with Surgery(engine, clinicians=0) as surgery:
            kills, lost, double = _deliver(surgery, outbox.send_next)
            at_least(f"R6{mark}1", f"{engine}: senders killed while letters waited", kills, KILLS)
            exactly(f"R6{mark}2", f"{engine}: of {LETTERS} letters never delivered", lost)
            exactly(f"R6{mark}3", f"{engine}: letters with two effects at the receiver", double)
    with Surgery("sqlite", clinicians=0) as surgery:
        _kills, lost, _double = _deliver(surgery, _mark_then_send)
        control("R6c", "letters lost where they are marked before they are sent", lost)
    with Surgery("sqlite", clinicians=0) as surgery:
        waited, left = _after_a_day(surgery)
        exactly("R6d1", "carrier down for 24 hours: letters not delivered afterwards", left)
        at_most("R6d2", "the last of them went so long after it was back", waited, 300, "s")


def _deliver(surgery: Surgery, take_one: TakeOne) -> tuple[int, int, int]:
    """Have letters sent by loops that are killed; kills, letters lost, letters with two effects."""
    with tempfile.TemporaryDirectory(prefix="kith-post-") as folder:
        post = PostOffice(Path(folder), for_whom=GROUPS)
        post.open()
        _write(surgery, LETTERS)
        settings = _settings(surgery, post.port)
        try:
            kills = _kill_senders(settings, post, take_one)
            taken = post.delivered()
        finally:
            post.close()
    names = {name for _to, name in taken}
    recipients = {to for to, _name in taken}
    return kills, LETTERS - len(recipients), len(names) - len(recipients)


def _kill_senders(settings: Settings, post: PostOffice, take_one: TakeOne) -> int:
    senders = [_fork(settings, take_one) for _ in range(WORKERS)]
    chance, kills = random.Random(6), 0
    until, still, last = time.monotonic() + LONGEST, 0.0, 0
    pause = 0.05
    while time.monotonic() < until and still < 3 * SHORT_LEASE.total_seconds():
        time.sleep(chance.uniform(0.5, 1.5) * pause)
        gone = len({to for to, _name in post.delivered()})
        if gone >= LETTERS:
            break
        still, last = (still + pause if gone == last else 0.0), gone
        # As many kills as there are to be, spread over the letters that are left.
        if kills < KILLS and gone >= LETTERS * kills / (KILLS + 1):
            with suppress(ProcessLookupError):
                os.kill(chance.choice(senders), signal.SIGKILL)
        for number, sender in enumerate(senders):
            if os.waitpid(sender, os.WNOHANG)[0]:
                kills += 1
                senders[number] = _fork(settings, take_one)
    for sender in senders:
        os.kill(sender, signal.SIGKILL)
        os.waitpid(sender, 0)
    return kills


def _fork(settings: Settings, take_one: TakeOne) -> int:
    """A background loop in a process of its own; letters are all it has to do."""
    child = os.fork()
    if child:
        return child
    try:
        outbox.LEASE = SHORT_LEASE
        app = kith.create_app(settings)
        send = app.extensions["kith.transport"]
        chance = random.Random(os.getpid())

        def sometimes_die(letter: Letter) -> None:
            if take_one is _mark_then_send and chance.random() < DIES_AFTER_SENDING:
                os.kill(os.getpid(), signal.SIGKILL)
            send(letter)
            if chance.random() < DIES_AFTER_SENDING:
                os.kill(os.getpid(), signal.SIGKILL)

        work._chores.clear()
        work._queues.clear()
        work.queue("letters", lambda: take_one(sometimes_die))
        with app.app_context():
            work.run_forever()
    finally:
        os._exit(1)


def _mark_then_send(send: outbox.Transport) -> bool:
    """The wrong order: a letter whose sender dies in between is never sent."""
    letter = outbox._lease()
    if letter is None:
        return False
    outbox._mark_sent(letter)
    send(letter)
    return True


def _after_a_day(surgery: Surgery) -> tuple[float, int]:
    """Letters of a day without a carrier: seconds to the last one's going, and how many stay."""
    count = LETTERS // 8
    began = clock.now()
    back = began + timedelta(days=1)
    with tempfile.TemporaryDirectory(prefix="kith-post-") as folder:
        post = PostOffice(Path(folder), for_whom=GROUPS)
        send = kith.create_app(_settings(surgery, post.port)).extensions["kith.transport"]

        def carry(letter: Letter) -> None:
            if clock.now() < back:
                raise ConnectionRefusedError
            send(letter)

        try:
            with clock.set_to(began):
                _write(surgery, count)
            with surgery.app.app_context():
                moment = began
                while moment < back:
                    with clock.set_to(moment):
                        while outbox.send_next(carry):
                            pass
                    moment += timedelta(minutes=1, seconds=7)
                post.open()
                waited = _drain(carry, moment) + (moment - back).total_seconds()
                left = len(outbox.waiting())
                db.session.remove()
            left = max(left, count - len({to for to, _name in post.delivered()}))
        finally:
            post.close()
    return waited, left


def _drain(carry: outbox.Transport, start: datetime) -> float:
    """Send what waits, the clock going on; seconds until nothing is left, at most ten minutes."""
    began = time.monotonic()
    skipped = 0.0
    while time.monotonic() - began + skipped < 600:
        passed = timedelta(seconds=time.monotonic() - began + skipped)
        with clock.set_to(start + passed):
            if outbox.send_next(carry):
                continue
        if not outbox.waiting():
            break
        skipped += 1
    return time.monotonic() - began + skipped


def _write(surgery: Surgery, count: int) -> None:
    with surgery.app.app_context():
        for number in range(count):
            with saving():
                outbox.put(
                    Draft(
                        kind="benchmark",
                        about=f"thing:{number}",
                        same_as=f"benchmark {number}",
                        to_address=f"a{number}{GROUPS}",
                        subject="You have news",
                        body="You have news. Sign in to read it.",
                    )
                )
        db.session.remove()
        db.engine.dispose()


def _settings(surgery: Surgery, port: int) -> Settings:
    by_smtp = {"MAIL": "smtp", "SMTP_HOST": "127.0.0.1", "SMTP_STARTTLS": "no"}
    return Settings.from_env({**surgery.environ, **by_smtp, "SMTP_PORT": str(port)})


if __name__ == "__main__":
    main()
