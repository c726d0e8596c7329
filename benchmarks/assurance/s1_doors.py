"""Benchmarks: S1, does anybody see what is not theirs? Every route, role, scope and verb.

    python -m benchmarks.assurance.s1_doors [--full]

Three towns whose every private fact is a canary are knocked at by every role, with keys that are
their own, a neighbour's, a stranger's and made up, and with verbs that a page does not know. What
comes back is searched for canaries that the table of roles does not let this role see, and every
page that shows a private fact must have left a note in the audit. The short form tries fewer keys
at each door. Then five layers are taken away one at a time; each time something must turn red. The
rules of rows (S2) lie beneath them all and would hide that a layer is gone: for these controls they
are taken away too.
"""

import logging
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FunctionType

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.routing import Rule

import app as kith
from accounts import Field, Organisation, Role
from benchmarks.assurance.goals import at_least, control, exactly, is_full
from core import access, paper, row_views
from core.actors import Actor
from core.audit import AuditEntry, AuditSeal, apart, noting
from core.db import db
from core.settings import Settings
from referrals import clients, row_guards, sight
from tests.client import Client
from tests.house.doors import answer_shortly, keys_of, knocks_of, may_see, paths
from tests.house.world import CANARY, Town, build

SLOW = True
KEYS_A_DOOR = 10_000 if is_full() else 7
FEWEST = 10_000
VERBS = ("POST", "PUT", "PATCH", "DELETE")
NOTED = (noting.LOOKED, "page shown", "record taken out")
PRIVATE = {"F3", "F4", "F5"}
HURRY = (Role.CLINICIAN, Role.PRACTICE_ADMIN, Role.LINK_WORKER, Role.EDITOR, Role.COMMISSIONER)
"""Who knocks when a layer is gone: some of each sort, until the first that sees too much."""


@dataclass
class Found:
    """What came back."""

    requests: int = 0
    leaks: list[str] = field(default_factory=list)
    unnoted: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    @property
    def is_red(self) -> bool:
        return bool(self.leaks or self.unnoted)


class Knocker:
    """Somebody at every door, reading what comes back."""

    def __init__(self, app: Flask, towns: dict[str, Town]) -> None:
        app.test_client_class = Client
        self.app, self.towns = app, towns
        client = app.test_client()
        assert isinstance(client, Client)
        self.client = client
        self.client.is_strict = False
        self.rules = list(app.url_map.iter_rules())
        self.keys = [
            (rule, self._likely_first(rule)) for rule in self.rules if "GET" in (rule.methods or ())
        ]

    def _likely_first(self, rule: Rule) -> list[str]:
        """The addresses of a rule: those whose key is of the right sort before all others."""
        fitting = {
            str(key)
            for town in self.towns.values()
            for name in keys_of(rule)
            for key in town.fitting(name)
        }
        return sorted(
            paths(rule, self.towns),
            key=lambda path: fitting.isdisjoint(path.split("/")),
        )

    def become(self, role: Role | None) -> None:
        """Be signed in with this role, in the first town."""
        if role is not None:
            self.client.as_(self.towns["own"].users[role])

    def read_everything(self, found: Found, role: Role | None, *, until_red: bool) -> None:
        """Open every address this role might try."""
        self.become(role)
        for rule, keys in self.keys:
            for path in knocks_of(self.app, role, rule, keys, in_full=True)[:KEYS_A_DOOR]:
                self.knock(found, role, "GET", path)
                if until_red and found.is_red:
                    return

    def try_verbs(self, found: Found, role: Role | None) -> None:
        """Ask every page for what it does not know how to do."""
        for rule, keys in self.keys:
            for verb in VERBS:
                if keys and verb not in (rule.methods or ()):
                    self.knock(found, role, verb, keys[-1])

    def knock(self, found: Found, role: Role | None, verb: str, path: str) -> None:
        """One request, and what it shows that it must not, or shows without a note."""
        before = _last_note()
        answer = self.client.open(path, method=verb)
        found.requests += 1
        if answer.status_code >= 500:
            found.broken.append(f"{verb} {path}")
        said = answer.get_data().decode("utf-8", "replace") + str(answer.headers)
        shown = set(CANARY.findall(said))
        found.leaks += [
            f"{role} {verb} {path}: {fact} of {town}"
            for fact, town in shown
            if not may_see(role, fact, town, path, self.towns)
        ]
        by_letter = path.startswith("/dev/letters")
        if {fact for fact, _town in shown} & PRIVATE and not by_letter and not _noted(before):
            found.unnoted.append(f"{role} {verb} {path}")


def _last_note() -> int:
    number = db.session.scalar(select(func.max(AuditSeal.id))) or 0
    db.session.rollback()
    return number


def _noted(since: int) -> bool:
    made = select(AuditEntry.id).join(AuditSeal, AuditSeal.entry_id == AuditEntry.id)
    noted = made.where(AuditSeal.id > since, AuditEntry.action.in_(NOTED)).limit(1)
    found = db.session.scalar(noted) is not None
    db.session.rollback()
    return found


def _no_guard() -> None:
    return None


def _every_referral(actor: Actor) -> object:  # noqa: ARG001 - as what it stands for
    return select(Referral)  # type: ignore[name-defined]  # noqa: F821 - a name of sight's own


def _everything(referral: object, actor: Actor) -> frozenset[Field]:  # noqa: ARG001
    return frozenset(Field)


def _not_noted(response: object) -> object:
    return response


def _note_nothing(by: Actor, *, about: str, classes: Sequence[str], **facts: object) -> None:
    """Stands for `looked`."""


@contextmanager
def _other_body(of: Callable[..., object], other: Callable[..., object]) -> Iterator[None]:
    """Have a function do something else, wherever it was imported."""
    assert isinstance(of, FunctionType)
    assert isinstance(other, FunctionType)
    kept: CodeType = of.__code__
    defaults = of.__kwdefaults__
    of.__code__ = other.__code__
    try:
        yield
    finally:
        of.__code__, of.__kwdefaults__ = kept, defaults


@contextmanager
def _every_place() -> Iterator[None]:
    """Have every permission hold everywhere."""
    everywhere = frozenset(db.session.scalars(select(Organisation.id)))
    kept = Actor.where
    Actor.where = lambda self, permission: (  # type: ignore[method-assign]
        everywhere if permission in self.holds else kept(self, permission)
    )
    try:
        yield
    finally:
        Actor.where = kept  # type: ignore[method-assign]


@contextmanager
def _without_notes() -> Iterator[None]:
    with _other_body(noting.looked, _note_nothing), _other_body(apart.note_page, _not_noted):
        yield


@contextmanager
def _rows_unruled() -> Iterator[None]:
    row_views.show_through({}, added_to={})
    _begin_anew()
    try:
        yield
    finally:
        row_guards.declare()
        _begin_anew()


def _begin_anew() -> None:
    db.session.rollback()  # the towns' people stay in the session
    db.engine.dispose()


LAYERS: dict[str, Callable[[], AbstractContextManager[None]]] = {
    "the doors": lambda: _other_body(access._guard, _no_guard),
    "who may know of a referral": lambda: _other_body(sight.referrals_for, _every_referral),
    "which classes of fact": lambda: _other_body(sight.facts_shown, _everything),
    "whose rows": _every_place,
    "the note before the page": _without_notes,
}


def main() -> None:
    """Print the figures of S1."""
    logging.disable(logging.WARNING)
    folder = Path(tempfile.mkdtemp(prefix="kith-s1-"))
    settings = Settings(
        env="test",
        secret_key="s" * 40,
        data_dir=folder,
        database_url=f"sqlite:///{folder / 'kith.db'}",
        mail="letterbox",
    )
    app = kith.create_app(settings)
    app.config["WTF_CSRF_ENABLED"] = False
    app.testing = False  # what breaks without a layer answers 500, as it would for people
    patch = pytest.MonkeyPatch()
    try:
        with app.app_context():
            flask_migrate.upgrade()
            patch.setattr(paper, "pdf", lambda html, *, static: html.encode())  # noqa: ARG005
            patch.setattr(clients, "MOST_A_MINUTE", 10_000)
            answer_shortly(patch)
            _print(Knocker(app, build()))
            db.session.remove()
            db.engine.dispose()
    finally:
        patch.undo()
        shutil.rmtree(folder, ignore_errors=True)


def _print(knocker: Knocker) -> None:
    views = knocker.app.view_functions
    undeclared = [rule for rule in knocker.rules if access.door_of(views[rule.endpoint]) is None]
    exactly("S1a", f"routes without a door, of {len(knocker.rules)}", len(undeclared))
    found = Found()
    roles: list[Role | None] = [None, *knocker.towns["own"].users]
    for role in roles:
        knocker.read_everything(found, role, until_red=False)
        knocker.try_verbs(found, role)
    for trouble in [*found.leaks, *found.unnoted, *found.broken][:20]:
        print(f"# {trouble}")
    at_least("S1b", f"requests, as {len(roles)} kinds of visitor", found.requests, FEWEST)
    exactly("S1c", "facts shown to whom they must not be", len(found.leaks))
    exactly("S1d", "private pages shown without a note", len(found.unnoted))
    exactly("S1e", "server errors", len(found.broken))
    for number, (name, gone) in enumerate(LAYERS.items(), start=1):
        control(f"S1f{number}", f"shown too much without {name}", _without(knocker, gone))


def _without(knocker: Knocker, gone: Callable[[], AbstractContextManager[None]]) -> int:
    found = Found()
    with gone(), _rows_unruled():
        for role in HURRY:
            if role in knocker.towns["own"].users and not found.is_red:
                knocker.read_everything(found, role, until_red=True)
    return len(found.leaks) + len(found.unnoted)


if __name__ == "__main__":
    main()
