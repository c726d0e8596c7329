"""Ground floor: run pages, background loop and figures together, and stop them together.

All are forked from the program that asks for them, which has read all the code already: a start
takes half the time of new programs. Told to stop, the pages finish the requests they have and the
loop the thing it is at.
"""

import multiprocessing
import signal
import sys
import time
from collections.abc import Sequence
from multiprocessing.process import BaseProcess
from types import FrameType

from core import ballast, figures, footing, work
from core.inputs import LONGEST_QUESTION
from core.settings import Settings

GRACE_SECONDS = 25
"""Longer than the slowest letter may take, shorter than what systemd and containers wait."""
LONGEST_LINE = LONGEST_QUESTION + 1_000
POLL_SECONDS = 0.2


def serve(
    host: str, port: int, settings: Settings, *, workers: int = 2, with_loop: bool = True
) -> int:
    """Serve until told to stop, or until one of them ends by itself; returns an exit code.

    Call it within an application context and with no connection open. Access is not logged:
    addresses of pages can be keys (signed links).
    """
    footing.look_before_serving()
    figures.forget_old_counts(settings)
    ballast.take_in(settings)
    forked = multiprocessing.get_context("fork")
    pages = forked.Process(target=_serve_pages, args=(host, port, workers), name="pages")
    processes: list[BaseProcess] = [pages]
    if with_loop:
        processes.append(forked.Process(target=work.run_forever, name="loop"))
    if settings.metrics_port:
        processes.append(forked.Process(target=figures.show, args=(settings,), name="figures"))
    for process in processes:
        process.start()
    _stay_with(processes)
    return pages.exitcode or 0


def _stay_with(processes: Sequence[BaseProcess]) -> None:
    """Until told to stop or one has ended; then have all of them end."""

    def stop(_sign: int, _frame: FrameType | None) -> None:
        for process in processes:
            process.terminate()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    while all(process.is_alive() for process in processes):
        time.sleep(POLL_SECONDS)
    stop(signal.SIGTERM, None)
    until = time.monotonic() + GRACE_SECONDS
    for process in processes:
        process.join(max(0.0, until - time.monotonic()))
        if process.is_alive():
            process.kill()


def _serve_pages(host: str, port: int, workers: int) -> None:
    # Read only here: no other command serves.
    from gunicorn.app.wsgiapp import WSGIApplication  # type: ignore[import-untyped]
    from gunicorn.http import message  # type: ignore[import-untyped]

    # Beyond its own bound gunicorn answers with a bare page, before we are asked.
    message.MAX_REQUEST_LINE = LONGEST_LINE
    sys.argv = [
        "gunicorn",
        "--no-control-socket",
        f"--limit-request-line={LONGEST_LINE}",
        "--preload",
        f"--bind={host}:{port}",
        f"--workers={workers}",
        "--threads=4",
        "--worker-class=gthread",
        f"--graceful-timeout={GRACE_SECONDS}",
        "--log-level=warning",
        "app:create_app()",
    ]
    WSGIApplication("%(prog)s [OPTIONS] [APP_MODULE]", prog="gunicorn").run()
