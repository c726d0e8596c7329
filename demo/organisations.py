"""The demo's practices, link-worker teams and councils, read from demo/data/practices.toml."""

import tomllib
from pathlib import Path
from typing import Any

from accounts import Organisation, OrganisationKind, set_up
from core.actors import Actor

FILE = Path(__file__).parent / "data" / "practices.toml"

Entry = dict[str, Any]


def load_organisations(*, by: Actor) -> dict[str, Organisation]:
    """Enter them all; by their keys."""
    made: dict[str, Organisation] = {}
    for place in tomllib.loads(FILE.read_text(encoding="utf-8"))["place"]:
        _enter(place["council"], OrganisationKind.COUNCIL, made, by=by)
        team = _enter(place["team"], OrganisationKind.LINK_WORKER_TEAM, made, by=by)
        for practice in place["practice"]:
            _enter(practice, OrganisationKind.PRACTICE, made, by=by, link_worker_team=team)
    return made


def _enter(
    entry: Entry, kind: OrganisationKind, made: dict[str, Organisation], *, by: Actor, **more: Any
) -> Organisation:
    facts = {name: said for name, said in entry.items() if name not in {"key", "name"}}
    made[entry["key"]] = set_up(entry["name"], kind, by=by, **facts, **more)
    return made[entry["key"]]
