"""Ground floor: figures for whoever watches the service, at `/metrics` of a port of their own.

Counts and times only, by route and status; never an address, an id or a name. Requests are counted
by the processes that answer them, in files beside the database that the one process behind the
port adds up; what waits is counted in the database when it is asked.
"""

import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, current_app, request

from core import breaker, clock, logs, outbox, work
from core.db import db
from core.settings import Settings

if TYPE_CHECKING:
    from prometheus_client.core import GaugeMetricFamily

LATE = timedelta(minutes=15)
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

Count = Callable[[], float]
_watched: dict[str, tuple[str, Count]] = {}


def watch(name: str, about: str, count: Count) -> None:
    """Have a figure shown that is counted in the database. It says nothing of anybody."""
    _watched[name] = (about, count)


def init_app(app: Flask, settings: Settings) -> None:
    """Count requests, if there is a port at which the figures are asked for."""
    watch("kith_letters_late", "Letters due for over 15 minutes.", _late_letters)
    watch("kith_letter_oldest_seconds", "Age of the oldest letter that is due.", _oldest_letter)
    watch("kith_chores_overdue", "Chores overdue by an hour.", lambda: len(_overdue()))
    watch("kith_chores_failing", "Chores that failed last time.", lambda: len(work.failing()))
    watch("kith_carriers_down", "Carriers of letters that are down.", lambda: len(breaker.down()))
    if not settings.metrics_port:
        return
    os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(settings.data_dir / "figures"))
    os.makedirs(os.environ["PROMETHEUS_MULTIPROC_DIR"], mode=0o700, exist_ok=True)
    # Read only now: the library decides at its import how processes share their counts.
    from prometheus_client import CollectorRegistry, Histogram

    took = Histogram(
        "kith_request_seconds",
        "How long requests took.",
        ["route", "method", "status"],
        buckets=SECONDS,
        registry=CollectorRegistry(),
    )

    def note(response: Response) -> Response:
        labels = (logs.route(), request.method, str(response.status_code))
        took.labels(*labels).observe(logs.seconds())
        return response

    app.after_request(note)


def forget_old_counts(settings: Settings) -> None:
    """Begin the counts of requests anew, before any process counts."""
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")
    if settings.metrics_port and folder:
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder, mode=0o700, exist_ok=True)


def show(settings: Settings) -> None:
    """Answer at the port until told to stop; the whole work of one process."""
    from prometheus_client import CollectorRegistry, multiprocess, start_http_server

    stop = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: stop.set())
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    registry.register(Waiting(current_app._get_current_object()))  # type: ignore[attr-defined]
    server, _thread = start_http_server(
        settings.metrics_port, settings.metrics_host, registry=registry
    )
    stop.wait()
    server.shutdown()


class Waiting:
    """What waits in the database, counted when asked; a count that fails is left out."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def describe(self) -> Iterator[Any]:
        """Nothing is counted before the first question."""
        return iter(())

    def collect(self) -> Iterator["GaugeMetricFamily"]:
        """Every watched figure."""
        from prometheus_client.core import GaugeMetricFamily

        with self._app.app_context():
            for name, (about, count) in _watched.items():
                try:
                    yield GaugeMetricFamily(name, about, value=float(count()))
                finally:
                    db.session.remove()


def _late_letters() -> float:
    return outbox.late(clock.now() - LATE)


def _oldest_letter() -> float:
    return outbox.oldest_due().total_seconds()


def _overdue() -> list[str]:
    return work.overdue(clock.now() - timedelta(hours=1))
