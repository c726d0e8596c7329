"""Ground floor: run the web pages and the background loop together, and stop them together.

Both are forked from the program that asks for them, which has read all the code already: a start
takes half the time of two new programs.
"""

import multiprocessing
import signal
import sys
import time
from multiprocessing.process import BaseProcess
from types import FrameType

from core import work
from core.inputs import LONGEST_QUESTION

GRACE_SECONDS = 10
LONGEST_LINE = LONGEST_QUESTION + 1_000
POLL_SECONDS = 0.2


def serve(host: str, port: int, *, workers: int = 2) -> int:
    """Serve until told to stop, or until one of the two ends by itself; returns an exit code.

    Call it within an application context and with no connection open. Access is not logged:
    addresses of pages can be keys (signed links).
    """
    forked = multiprocessing.get_context("fork")
    pages = forked.Process(target=_serve_pages, args=(host, port, workers), name="pages")
    loop = forked.Process(target=work.run_forever, name="loop")
    both: tuple[BaseProcess, ...] = (pages, loop)
    for process in both:
        process.start()

    def stop(_sign: int, _frame: FrameType | None) -> None:
        for process in both:
            process.terminate()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    while all(process.is_alive() for process in both):
        time.sleep(POLL_SECONDS)
    stop(signal.SIGTERM, None)
    for process in both:
        process.join(GRACE_SECONDS)
        if process.is_alive():
            process.kill()
    return pages.exitcode or 0


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
