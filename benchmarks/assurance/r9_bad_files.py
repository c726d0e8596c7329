"""Benchmarks: R9, bad files at every importer and hostile inputs at every route.

    python -m benchmarks.assurance.r9_bad_files [--full]

Files that were damaged by lot, and some made to hurt, go through the whole of an import or of a
photo; counted are errors that nobody foresaw, listings that came in though the file was refused (or
did not, though it was not), and files that took longer than five seconds. The same files are given
to an importer that trusts them. Then forty-one inputs are sent to every route, by
both methods, as somebody who may open it; in the short form each route gets its share of them.
"""

import csv
import io
import json
import resource
import shutil
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select
from werkzeug.routing import Rule

from accounts import User, actor_for
from benchmarks.assurance.goals import at_most, control, exactly, is_full
from benchmarks.assurance.hostile import BODIES, VALUES, files
from core.access import door_of
from core.actors import system
from core.db import db
from directory.feeds.importing import WENT_WRONG, import_file
from directory.feeds.proposals import Unreadable
from directory.models import Service
from directory.picturing import BadPhoto, picture_in
from tests.client import Client
from tests.engines import Engines
from tests.house.doors import paths
from tests.house.world import Town, build

SLOW = True
FILES = 2_000 if is_full() else 300
SHARE = 1 if is_full() else 12
"""Each route gets one in so many of the inputs."""

LONGEST = 5.0
FIELDS = ("q", "name", "words", "on", "page", "postcode", "ref", "why", "pin", "email", "came")


def main() -> None:
    """Print the figures of R9."""
    folder = Path(tempfile.mkdtemp(prefix="kith-bad-files-"))
    engines = Engines(folder)
    try:
        app = engines.fresh("sqlite")
        with app.app_context():
            _files()
        with engines.fresh("sqlite").app_context():
            _inputs(app)
    finally:
        engines.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _files() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    outcomes, slow, naive = Counter[str](), 0, 0
    for kind, data in files(FILES):
        began = time.monotonic()
        outcomes[_outcome(kind, data)] += 1
        slow += time.monotonic() - began > LONGEST
        naive += _breaks_a_trusting_importer(kind, data)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"# {dict(outcomes)}", flush=True)
    exactly("R9a", f"errors nobody foresaw, of {FILES} bad files", outcomes["error"])
    exactly("R9b", "imports of which a part came in", outcomes["half"])
    exactly("R9c", f"files that took more than {LONGEST:g} s", slow)
    at_most("R9d", "memory that reading them added", grown, 300, "MB")
    control("R9e", "the same files break an importer that trusts them", naive)


def _outcome(kind: str, data: bytes) -> str:
    if kind == "picture":
        try:
            picture_in(data)  # in here: what its own program would hide must be seen
        except BadPhoto:
            return "refused"
        except Exception as error:
            print(f"# picture: {type(error).__name__}", flush=True)
            return "error"
        return "taken"
    had = _listings()
    try:
        found = import_file(f"clubs.{kind}", data, by=system("bad files"), source="Bad files")
    except Unreadable as refusal:
        wrong = refusal.reason == WENT_WRONG
        return "error" if wrong else "refused" if _listings() == had else "half"
    except Exception as error:
        print(f"# {kind}: {type(error).__name__}", flush=True)
        db.session.rollback()
        return "error"
    return "taken" if _listings() == had + found.created else "half"


def _listings() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count(Service.id))) or 0


def _breaks_a_trusting_importer(kind: str, data: bytes) -> bool:
    """Whether whoever reads it as it comes meets an error, or takes what is none for a service."""
    if kind == "picture" or len(data) > 1_000_000:
        return False
    try:
        if kind in {"zip", "xlsx"}:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                smallest = min(archive.infolist(), key=lambda each: each.file_size)
                archive.read(smallest) if smallest.file_size < 1_000_000 else b""
        elif kind == "csv":
            list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
        else:
            [row["name"].strip() for row in json.loads(data)]
    except Exception:
        return True
    return False


def _inputs(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    app.test_client_class = Client
    town = build()["own"]
    client = app.test_client()
    assert isinstance(client, Client)
    client.is_strict = False
    sent, broken = 0, Counter[str]()
    for number, (rule, path) in enumerate(_addresses(app, town)):
        user = _who_may(app, rule, town)
        client.delete_cookie("kith_session")
        if user is not None:
            client.as_(user)
        for method in ("GET", "POST"):
            if method in (rule.methods or ()):
                for answer in _throw(client, method, path, number):
                    sent += 1
                    broken[rule.rule] += answer >= 500
    worst = {rule: count for rule, count in broken.items() if count}
    print(f"# {sent} requests; broken: {worst}", flush=True)
    exactly("R9f", f"answers of 500 and more, of {sent} hostile requests", sum(worst.values()))


def _addresses(app: Flask, town: Town) -> Iterator[tuple[Rule, str]]:
    for rule in app.url_map.iter_rules():
        path = next(paths(rule, {"own": town}), "")
        if path and rule.endpoint not in {"accounts.sign_out", "static"}:
            yield rule, path


def _who_may(app: Flask, rule: Rule, town: Town) -> User | None:
    door = door_of(app.view_functions[rule.endpoint])
    wanted = door.permissions if door is not None else ()
    return next(
        (user for user in town.users.values() if any(map(actor_for(user).may, wanted))), None
    )


def _throw(client: Client, method: str, path: str, number: int) -> Iterator[int]:
    """The route's share of the inputs: in the address, in a form, and as a whole body."""
    for at, value in enumerate(VALUES):
        if (at + number) % SHARE == 0:
            said = dict.fromkeys(FIELDS, value.encode("utf-8", "surrogatepass"))
            if method == "GET":
                yield client.get(path, query_string=said).status_code
            else:
                yield client.post(path, data=said).status_code
    for at, (sort, body) in enumerate(BODIES):
        if (at + number) % SHARE == 0:
            yield client.open(path, method=method, data=body, content_type=sort).status_code


if __name__ == "__main__":
    main()
