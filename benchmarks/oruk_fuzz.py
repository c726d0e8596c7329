"""Throws thousands of invented requests at the open feed, over an invented directory.

    python -m benchmarks.oruk_fuzz [REQUESTS]

Prints one line of JSON: requests sent, answers by status, and answers that broke a promise of the
feed's own OpenAPI document (a body or status it does not describe, a bad question accepted, a good
one refused, a server error). None should.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

import flask_migrate

from app import create_app
from core.settings import Settings
from tests.directory.fuzzing import fuzz
from tests.directory.open_feed import a_whole_directory


def main(requests: int) -> int:
    """Send them; the exit code says whether anything broke."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            env="test",
            secret_key="t" * 40,
            data_dir=Path(folder),
            database_url=f"sqlite:///{folder}/kith.db",
            mail="letterbox",
        )
        app = create_app(settings)
        with app.app_context():
            flask_migrate.upgrade()
            a_whole_directory()
            began = time.perf_counter()
            told = fuzz(app, requests)
    said = {
        "requests": told.requests,
        "failures": len(told.failures),
        "statuses": dict(sorted(told.statuses.items())),
        "seconds": round(time.perf_counter() - began, 1),
    }
    print(json.dumps(said | {"examples": told.failures[:5]}))
    return 1 if told.failures else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000))
