"""Benchmarks: R11, a disk that fills while clinicians refer, twice: with ballast, and without.

    python -m benchmarks.assurance.r11_disk_full [--full]

The disk is a small one in memory, of a mount namespace of its own that ends with the script; so it
needs `unshare`, and to be root or to be allowed user namespaces. SQLite only: of a full disk
PostgreSQL takes care itself, on a machine of its own.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from http.client import HTTPException
from pathlib import Path

import pysqlite3

from benchmarks.assurance.goals import at_least, control, exactly, is_full
from benchmarks.assurance.r7_backup import id_in, referrals_in
from benchmarks.assurance.surgery import Clinician, Surgery, a_key
from core import ballast
from core.settings import PRODUCTION, Settings

SLOW = True

CLINICIANS = 3
MEGABYTES = 96
BALLAST_MEGABYTES = 8
SECONDS = 20 if is_full() else 3
OWN_NAMESPACE = "KITH_BENCHMARK_NAMESPACE"


class Watched:
    """Clinicians who refer without a pause, and what they were answered, in order."""

    def __init__(self, surgery: Surgery) -> None:
        self.saved: list[str] = []
        self.answers: list[int] = []
        self._stop = threading.Event()
        people = [Clinician(surgery, number) for number in range(CLINICIANS)]
        for person in people:
            person.open_form()
        self._threads = [threading.Thread(target=self._refer, args=(each,)) for each in people]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let them go home."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _refer(self, person: Clinician) -> None:
        while not self._stop.is_set():
            with suppress(OSError, HTTPException):
                status, place = person.refer(a_key())
                self.answers.append(status)
                if status == 303:
                    self.saved.append(id_in(place))


def main() -> None:
    """Print the figures of R11."""
    if OWN_NAMESPACE not in os.environ:
        _go_apart()
    with tempfile.TemporaryDirectory(prefix="kith-disk-") as folder:
        size = f"size={MEGABYTES}m"
        subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", folder], check=True)
        try:
            tempfile.tempdir = folder
            _fill_twice(Path(folder))
        finally:
            tempfile.tempdir = None
            subprocess.run(["umount", "--lazy", folder], check=True)


def _fill_twice(disk: Path) -> None:
    with Surgery("sqlite", clinicians=CLINICIANS) as surgery:
        settings = replace(
            Settings.from_env(surgery.environ),
            env=PRODUCTION,
            ballast_megabytes=BALLAST_MEGABYTES,
        )
        if not ballast.take_in(settings):
            raise SystemExit("there was no room for the ballast")
        surgery.serve()
        watched = Watched(surgery)
        time.sleep(1)
        began = time.monotonic()
        _fill(disk / "first")
        thrown = _wait(lambda: not ballast.path(settings).exists())
        seen = len(watched.saved)
        resumed = _wait(lambda: len(watched.saved) > seen)
        resumed_after = time.monotonic() - began
        _fill(disk / "second")
        refused = watched.answers.count(503)
        full = _wait(lambda: watched.answers.count(503) > refused + CLINICIANS)
        unread = sum(not _reads(surgery.port) for _ in range(5))
        time.sleep(SECONDS)
        (disk / "second").unlink()
        seen = len(watched.saved)
        again = _wait(lambda: len(watched.saved) > seen)
        watched.stop()
        surgery.kill()
        there = referrals_in(f"sqlite:///{surgery.folder / 'kith.db'}")
        damage = _damage(surgery.folder / "kith.db")
    control("R11a", "savings refused because the disk was full", watched.answers.count(503))
    exactly("R11b", "referrals confirmed and lost", len(set(watched.saved) - there))
    exactly("R11c", "things wrong with the database afterwards", damage)
    others = [each for each in watched.answers if each not in {303, 503}]
    exactly("R11d", "answers that are neither success nor a clear 503", len(others))
    exactly("R11e", "of 5 readings of the directory on a full disk that failed", unread)
    by_itself = int(thrown and resumed)
    exactly("R11f", "it resumed by itself when the ballast was thrown over", by_itself, 1)
    exactly(
        "R11g", "it resumed without a restart when there was room again", int(full and again), 1
    )
    at_least("R11h", "referrals confirmed in all", len(watched.saved), CLINICIANS)
    print(f"# resumed {resumed_after:.1f} s after the disk was full", flush=True)


def _go_apart() -> None:
    """Begin anew where a mount is seen by nobody else and ends with us."""
    if shutil.which("unshare") is None:
        raise SystemExit("unshare is not here")
    how = ["--mount"] if os.geteuid() == 0 else ["--user", "--map-root-user", "--mount"]
    os.environ[OWN_NAMESPACE] = "yes"
    name = "benchmarks.assurance.r11_disk_full"
    os.execvp("unshare", ["unshare", *how, sys.executable, "-m", name, *sys.argv[1:]])


def _fill(path: Path) -> None:
    """Take every block that is left."""
    with path.open("wb", buffering=0) as file:
        piece = bytes(1 << 20)
        while piece:
            try:
                while file.write(piece) == len(piece):
                    pass
            except OSError:
                pass
            piece = piece[: len(piece) // 2] if len(piece) > 512 else b""


def _wait(until: Callable[[], bool], longest: float = 30) -> bool:
    end = time.monotonic() + longest
    while time.monotonic() < end:
        if until():
            return True
        time.sleep(0.05)
    return False


def _reads(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.HTTPError):
        return False


def _damage(path: Path) -> int:
    with pysqlite3.connect(str(path)) as connection:
        said = [row[0] for row in connection.execute("PRAGMA integrity_check")]
    return sum(each != "ok" for each in said)


if __name__ == "__main__":
    main()
