"""Benchmarks: R5, many who write to SQLite at once: how long the slowest waits, and who fails.

    python -m benchmarks.assurance.r5_writers [--full]

The goal is that of the least unit of work: a referral, its letter, its entry of the audit and the
key of the request in one commit, asked for by HTTP. Sixteen clients want one each second on
average, whenever they like: 57,600 an hour. Beside it stands the same without the queue. What a
clinician waits for is told by sixteen who refer by the real form, each every four seconds.

Then loads that never pause. There it is no queue that decides how long all wait: sixteen in a
closed loop wait sixteen times for what one takes, of the processor shared by the cores that serve,
or of the disk, where each has a commit of its own made safe. Both laws are printed beside what was
measured, and have no target. What the queue does for the slowest shows there; errors are never
allowed.
"""

import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.assurance.goals import at_most, control, exactly, is_full
from benchmarks.assurance.surgery import Clinician, Surgery, a_key

SLOW = ALONE = True
SECONDS = 60 if is_full() else 4
PACED = 3 * SECONDS
UNITS = "benchmarks.assurance.surgery:with_units"
EVERY, EVERY_FORM = 1.0, 4.0
CORES = os.cpu_count() or 1
UNITS_WITHOUT_TURNS = "benchmarks.assurance.surgery:with_units_without_turns"

Send = Callable[[Clinician, str], int]


@dataclass
class Load:
    """What a number of clients saw."""

    clients: int
    took: list[float] = field(default_factory=list)
    errors: int = 0
    seconds: float = 0.0
    used: float = 0.0

    @property
    def p99(self) -> float:
        return sorted(self.took)[int(len(self.took) * 0.99)] if self.took else 9e9

    @property
    def worst(self) -> float:
        return max(self.took, default=9e9)


def main() -> None:
    """Print the figures of R5."""
    paced = _run(16, _unit, UNITS, pause=EVERY)
    _tell("16 clients, the least unit of work", paced)
    exactly("R5a", "16 clients, a unit of work every second each: errors", paced.errors)
    at_most("R5b", "99 of 100 of those took", paced.p99, 50, "ms")
    at_most("R5c", "the slowest of those took", paced.worst, 150, "ms")
    _tell("the same without the queue", _run(16, _unit, UNITS_WITHOUT_TURNS, pause=EVERY))
    queued, pushed = _run(16, _unit, UNITS), _run(16, _unit, UNITS_WITHOUT_TURNS)
    _tell("16 without a pause, the least unit of work", queued)
    _tell("the same without the queue", pushed)
    slower = round(pushed.worst - queued.worst)
    control("R5d", "ms by which the slowest is slower without the queue", max(slower, 0))
    exactly("R5e", "16 clients without a pause, units of work: errors", queued.errors)
    crowd = _run(64, _unit, UNITS)
    _tell("64 without a pause, the least unit of work", crowd)
    exactly("R5f", "64 clients without a pause, units of work: errors", crowd.errors)
    clinic = _run(16, _form, pause=EVERY_FORM)
    _tell("16 clinicians, the real form", clinic)
    exactly("R5g", "16 clinicians, a referral every four seconds each: errors", clinic.errors)
    at_most("R5h", "99 of 100 of their referrals took", clinic.p99, 150, "ms")
    form = _run(16, _form)
    _tell("16 without a pause, the real form", form)
    exactly("R5i", "16 clients without a pause, the real form: errors", form.errors)


def _run(clients: int, send: Send, factory: str = "app:create_app", *, pause: float = 0) -> Load:
    load = Load(clients, seconds=PACED if pause else SECONDS)
    with Surgery("sqlite", clinicians=clients) as surgery:
        surgery.serve(factory=factory, threads=8)
        people = [Clinician(surgery, number) for number in range(clients)]
        for person in people:  # a worker's first requests make ready what all later ones use
            person.open_form()
            send(person, a_key())
            person.hang_up()
        before, until = _used_by(surgery), time.monotonic() + load.seconds
        with ThreadPoolExecutor(clients) as pool:
            done = [
                pool.submit(_work, person, send, pause, until, random.Random(number))
                for number, person in enumerate(people)
            ]
        for each in done:
            took, errors = each.result()
            load.took += took
            load.errors += errors
        load.used = _used_by(surgery) - before
    return load


def _work(
    person: Clinician, send: Send, pause: float, until: float, lot: random.Random
) -> tuple[list[float], int]:
    """What one client saw: how long each took, and how many failed."""
    took, errors = list[float](), 0
    while True:
        time.sleep(lot.uniform(0, 2 * pause))
        if time.monotonic() > until:
            return took, errors
        began = time.perf_counter()
        try:
            errors += send(person, a_key()) != 303
        except OSError:
            errors += 1
        took.append((time.perf_counter() - began) * 1000)
        if pause:  # a line left idle is cut by the server
            person.hang_up()


def _used_by(surgery: Surgery) -> float:
    """Seconds of processor that the workers have used."""
    return sum(
        int(Path(f"/proc/{worker}/task/{thread.name}/schedstat").read_text().split()[0]) / 1e9
        for worker in surgery.workers()
        for thread in Path(f"/proc/{worker}/task").iterdir()
    )


def _unit(person: Clinician, key: str) -> int:
    return person.do_unit(key)[0]


def _form(person: Clinician, key: str) -> int:
    return person.refer(key)[0]


def _tell(what: str, load: Load) -> None:
    rate, each = len(load.took) / load.seconds, load.used / max(len(load.took), 1)
    law = load.clients * each * 1000 / CORES
    print(
        f"# {what}: {rate:.0f} a second, half within {statistics.median(load.took):.0f} ms, "
        f"99 in 100 within {load.p99:.0f} ms, the slowest {load.worst:.0f} ms; each takes "
        f"{each * 1000:.1f} ms of processor: all at once on {CORES} cores, {law:.0f} ms; "
        f"all at once on the disk, {load.clients * _made_safe():.0f} ms",
        flush=True,
    )


def _made_safe() -> float:
    """Milliseconds that the disk takes to make one short write safe, median."""
    took = []
    with tempfile.TemporaryFile() as file:
        for _ in range(20):
            file.write(b"\0" * 8192)
            file.flush()
            began = time.perf_counter()
            os.fsync(file.fileno())
            took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)


if __name__ == "__main__":
    main()
