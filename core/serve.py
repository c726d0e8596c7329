"""Ground floor: run the web pages and the background loop together, and stop them together."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

GRACE_SECONDS = 10
POLL_SECONDS = 0.2


def serve(host: str, port: int, *, workers: int = 2) -> int:
    """Serve until told to stop, or until one of the two ends by itself; returns an exit code.

    Access is not logged: addresses of pages can be keys (signed links).
    """
    here = Path(sys.executable).parent
    os.environ.setdefault("BASE_URL", f"http://{host}:{port}")
    pages = subprocess.Popen(  # noqa: S603 - our own programs, no shell
        [
            here / "gunicorn",
            "--no-control-socket",
            "--preload",
            f"--bind={host}:{port}",
            f"--workers={workers}",
            "--threads=4",
            "--worker-class=gthread",
            f"--graceful-timeout={GRACE_SECONDS}",
            "--log-level=warning",
            "app:create_app()",
        ]
    )
    loop = subprocess.Popen([here / "flask", "work"])  # noqa: S603
    both = (pages, loop)

    def stop(_sign: int, _frame: FrameType | None) -> None:
        for process in both:
            process.terminate()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    while all(process.poll() is None for process in both):
        time.sleep(POLL_SECONDS)
    for process in both:
        process.terminate()
    for process in both:
        try:
            process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
    return pages.returncode or 0
