"""Benchmarks: S6, requests invented by a machine: does anything answer that it is broken?

    python -m benchmarks.assurance.s6_fuzz [--full]

Schemathesis makes up requests from the feed's own OpenAPI document and holds every answer against
it. Then somebody of every role opens each page they may, and sends what stands on it back with
hostile words in every field that its forms have. Counted are answers of 500 and more, and broken
promises of the document. A page that breaks on purpose is the control. The scanners wapiti and
sqlmap are run by `s6b_scanners`.
"""

import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from flask import Flask
from werkzeug.routing import Rule

from accounts import actor_for
from benchmarks.assurance.goals import control, exactly, is_full
from benchmarks.assurance.hostile import VALUES
from core.access import Door, door_of, open_to_all
from tests.client import Client
from tests.directory.fuzzing import fuzz
from tests.directory.open_feed import a_whole_directory
from tests.engines import Engines
from tests.house.doors import paths
from tests.house.world import Town, build

SLOW = True
REQUESTS = 5_000 if is_full() else 500
EACH = len(VALUES) if is_full() else 2
"""How many hostile words each field is given."""

NAMES = re.compile(r'<(?:input|select|textarea)[^>]*\bname="([^"]+)"')
BREAKS = "/breaks-on-purpose"


def main() -> None:
    """Print the figures of S6."""
    folder = Path(tempfile.mkdtemp(prefix="kith-fuzz-"))
    engines = Engines(folder)
    try:
        app = engines.fresh("sqlite")
        app.add_url_rule(BREAKS, "breaks", open_to_all("the control")(_break), methods=["POST"])
        with app.app_context():
            a_whole_directory()
            told = fuzz(app, REQUESTS)
            exactly(
                "S6a", f"broken promises in {told.requests} invented requests", len(told.failures)
            )
        with engines.fresh("sqlite").app_context():
            _forms(app)
    finally:
        engines.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _break() -> str:
    raise ZeroDivisionError


def _forms(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    app.testing = False  # answer as a deployment does, with a page that says 500
    app.test_client_class = Client
    town = build()["own"]
    client = app.test_client()
    assert isinstance(client, Client)
    client.is_strict = False
    sent, broken = 0, Counter[str]()
    for number, (role, user) in enumerate(town.users.items()):
        client.as_(user)
        for rule, path in _open_to(app, town, actor_for(user).may):
            for status in _fill(client, path, number):
                sent += 1
                broken[f"{role} {rule.rule}"] += status >= 500
    worst = {where: count for where, count in broken.items() if count}
    print(f"# {sent} forms sent; broken: {worst}", flush=True)
    exactly("S6b", f"answers of 500 and more, of {sent} hostile forms", sum(worst.values()))
    control("S6c", "a page that breaks is seen", int(client.post(BREAKS).status_code >= 500))


def _open_to(app: Flask, town: Town, may: object) -> Iterator[tuple[Rule, str]]:
    for rule in app.url_map.iter_rules():
        door: Door | None = door_of(app.view_functions[rule.endpoint])
        wanted = door.permissions if door is not None else ()
        posts = "POST" in (rule.methods or ())
        if posts and wanted and any(may(each) for each in wanted):  # type: ignore[operator]
            path = next(paths(rule, {"own": town}), "")
            if path:
                yield rule, path


def _fill(client: Client, path: str, number: int) -> Iterator[int]:
    """The page's own fields, each with something hostile in it."""
    shown = client.get(path)
    names = set(NAMES.findall(shown.get_data(as_text=True))) - {"csrf_token", "once"}
    for turn in range(EACH):
        value = VALUES[(number * 7 + turn) % len(VALUES)].encode("utf-8", "surrogatepass")
        yield client.post(path, data=dict.fromkeys(names or {"q"}, value)).status_code


if __name__ == "__main__":
    main()
