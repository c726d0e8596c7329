"""Benchmarks: R5, many who write to SQLite at once: how long the slowest waits, and who fails.

    python -m benchmarks.assurance.r5_writers [--full]

Two loads, each sent through gunicorn workers by clients that never pause: the nearest thing to a
bare unit of work (key of the form, referral, audit row, letter: one commit), with and without the
queue of writers; and the real form by which a clinician refers. What a clinician waits for is told
by the third: sixteen who each refer somebody every two seconds.
"""

import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks.assurance.goals import at_most, control, exactly, is_full
from benchmarks.assurance.surgery import Clinician, Surgery, a_key

SLOW = ALONE = True
SECONDS = 60 if is_full() else 4
UNITS = "benchmarks.assurance.surgery:with_units"
UNITS_WITHOUT_TURNS = "benchmarks.assurance.surgery:with_units_without_turns"

Send = Callable[[Clinician, str], int]


@dataclass
class Load:
    """What a number of clients saw."""

    took: list[float] = field(default_factory=list)
    errors: int = 0

    @property
    def p99(self) -> float:
        return sorted(self.took)[int(len(self.took) * 0.99)] if self.took else 9e9

    @property
    def worst(self) -> float:
        return max(self.took, default=9e9)


def main() -> None:
    """Print the figures of R5."""
    queued = _run(16, _unit, UNITS)
    exactly("R5a", "16 clients without a pause, units of work on SQLite: errors", queued.errors)
    at_most("R5b", "99 of 100 units of work took", queued.p99, 50, "ms")
    at_most("R5c", "the slowest unit of work took", queued.worst, 150, "ms")
    pushed = _run(16, _unit, UNITS_WITHOUT_TURNS)
    _tell("with the queue", queued)
    _tell("without the queue", pushed)
    slower = round(pushed.worst - queued.worst)
    control("R5d", "ms by which the slowest is slower without the queue", max(slower, 0))
    crowd = _run(64, _unit, UNITS)
    _tell("64 clients", crowd)
    exactly("R5e", "64 clients without a pause, units of work: errors", crowd.errors)
    form = _run(16, _form)
    _tell("the real form without a pause", form)
    exactly("R5f", "16 clients without a pause, the real form: errors", form.errors)
    clinic = _run(16, _form, pause=2.0)
    _tell("the real form every two seconds", clinic)
    exactly("R5g", "16 clinicians, a referral every two seconds each: errors", clinic.errors)
    at_most("R5h", "99 of 100 of their referrals took", clinic.p99, 150, "ms")


def _run(clients: int, send: Send, factory: str = "app:create_app", *, pause: float = 0) -> Load:
    load, lock = Load(), threading.Lock()
    with Surgery("sqlite", clinicians=clients) as surgery:
        surgery.serve(factory=factory, threads=8)
        people = [Clinician(surgery, number) for number in range(clients)]
        for person in people:
            person.open_form()
        until = time.monotonic() + SECONDS

        def work(number: int) -> None:
            person, took, errors = people[number], [], 0
            time.sleep(pause * number / clients)
            while time.monotonic() < until:
                began = time.perf_counter()
                try:
                    errors += send(person, a_key()) != 303
                except OSError:
                    errors += 1
                took.append((time.perf_counter() - began) * 1000)
                time.sleep(max(0.0, pause - (time.perf_counter() - began)))
            with lock:
                load.took += took
                load.errors += errors

        threads = [threading.Thread(target=work, args=(number,)) for number in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return load


def _unit(person: Clinician, key: str) -> int:
    return person.do_unit(key)[0]


def _form(person: Clinician, key: str) -> int:
    return person.refer(key)[0]


def _tell(what: str, load: Load) -> None:
    rate = len(load.took) / SECONDS
    print(
        f"# {what}: {rate:.0f} a second, half within {statistics.median(load.took):.0f} ms, "
        f"99 in 100 within {load.p99:.0f} ms, the slowest {load.worst:.0f} ms",
        flush=True,
    )


if __name__ == "__main__":
    main()
