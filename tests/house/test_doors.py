"""Every door is knocked on, as everybody, with keys that are one's own, a neighbour's and made up.

Nothing here names a page: routes, roles and rights are read from the application, so a new route
is tested the moment it exists, and one that nobody has declared fails.
"""

from dataclasses import dataclass, field

import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from accounts.rules import ROLES, Field, Role
from core import paper
from core.access import door_of
from core.db import db
from referrals import clients
from tests.client import Client
from tests.engines import on_sqlite
from tests.house.doors import (
    Addresses,
    answer_shortly,
    is_for_programs,
    keys_of,
    knocks_of,
    may_see,
    paths,
)
from tests.house.world import CANARY, Town, build
from tests.page import check_page

PAGE, MOVED, LEADS_ON, NO_PAGE = 200, 301, 302, 404
NEEDS_MORE = {"directory.ground": 400, "leaflets.whats_on": 400, "fhir.tasks": 401}
"""What cannot be had for nothing: a file of no place in particular, and what takes a key."""

LEAD_ELSEWHERE = {"outside.go", "outside.back", "outside.link", "outside.prove"}
"""The ways to identity providers, of which the towns trust none; tests/accounts/test_outside.py."""


@pytest.mark.asvs("8.2.1")
def test_every_route_declares_its_door(app: Flask) -> None:
    undeclared = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if door_of(app.view_functions[rule.endpoint]) is None
    ]
    assert not undeclared


@pytest.mark.asvs("8.2.1")
def test_a_route_that_declares_nothing_is_shut(app: Flask, client: Client) -> None:
    view = app.view_functions["health.healthz"]
    app.view_functions["health.healthz"] = lambda: "open"
    try:
        assert client.get("/healthz").status_code == 403
    finally:
        app.view_functions["health.healthz"] = view


def test_a_door_says_which_facts_lie_behind_it(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        door = door_of(app.view_functions[rule.endpoint])
        assert door is not None
        for name in door.shows:
            field = Field(name)
            assert field is Field.PUBLIC or door.permissions or door.link or door.key, rule.rule


@dataclass
class Walk:
    """What somebody found who opened every page, as everybody."""

    towns: dict[str, Town]
    leaks: list[object] = field(default_factory=list)
    wrong: list[object] = field(default_factory=list)
    seen: set[tuple[str, str]] = field(default_factory=set)
    opened: set[str] = field(default_factory=set)

    def read(self, rule: Rule, path: str, role: Role | None, answer: TestResponse) -> None:
        """Look at one answer: whether it is a good page, and what it shows to whom."""
        status, is_file = answer.status_code, "filename" in rule.arguments
        is_good = keys_of(rule) or status in {
            PAGE,
            LEADS_ON,
            NO_PAGE,
            NEEDS_MORE.get(rule.endpoint),
        }
        if status >= 500 or not (is_good or is_file):
            self.wrong.append((path, role, answer.status))
        if status == PAGE and answer.mimetype == "text/html":
            check_page(answer.text)
        if status in {PAGE, MOVED}:
            self.opened.add(rule.endpoint)
        shown = set(CANARY.findall(_words(answer) + str(answer.headers)))
        self.seen |= shown
        self.leaks += [
            (rule.rule, role, fact, town)
            for fact, town in shown
            if not may_see(role, fact, town, path, self.towns)
        ]


@on_sqlite
@pytest.mark.slow
def test_every_page_is_strict_html_and_shows_nobody_what_is_not_theirs(
    app: Flask, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What would be packed into a PDF, where no canary could be found.
    monkeypatch.setattr(paper, "pdf", lambda html, *, static: html.encode())
    monkeypatch.setattr(clients, "MOST_A_MINUTE", 10_000)  # no program tries so many doors
    answer_shortly(monkeypatch)
    walk = Walk(build())
    users = walk.towns["own"].users
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or set())]
    addresses = [(rule, list(paths(rule, walk.towns))) for rule in rules]
    client.is_strict = False  # most keys fit no door: only what opens is read
    for role in (None, *users):
        if role is not None:
            client.as_(users[role])
        for rule, keys in addresses:
            for path in knocks_of(app, role, rule, keys):
                walk.read(rule, path, role, client.get(path))
    walk.leaks += leaks_to_a_program(app, client, walk, addresses)
    assert not walk.wrong
    assert not walk.leaks
    assert ("F4", "own") in walk.seen, "the link worker's own page should show the canary at all"
    with_a_key = {rule.endpoint for rule in rules if keys_of(rule)}
    assert with_a_key <= walk.opened | LEAD_ELSEWHERE


@on_sqlite
@pytest.mark.slow
def test_nobody_can_change_what_is_not_theirs(
    app: Flask, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Post to everything with keys of the far town: nothing of it may change, whoever asks."""
    answer_shortly(monkeypatch)
    towns = build()
    other = towns["other"]
    before = _state(other)
    client.is_strict = False
    app.config["WTF_CSRF_ENABLED"] = False
    try:
        for role, user in [(None, None), *towns["own"].users.items()]:
            if user is not None:
                client.as_(user)
            for rule in app.url_map.iter_rules():
                if "POST" not in (rule.methods or set()) or rule.endpoint == "accounts.sign_out":
                    continue
                for path in knocks_of(app, role, rule, list(paths(rule, {"other": other}))):
                    if any(token in path for token in other.tokens):
                        continue  # whoever holds the letter may answer it
                    response = client.post(path, data={"came": "came", "reason": "full"})
                    assert response.status_code < 500, (path, role)
                    assert not CANARY.findall(_words(response)), (path, role)
    finally:
        app.config["WTF_CSRF_ENABLED"] = True
    assert _state(other) == before


def leaks_to_a_program(
    app: Flask, client: Client, walk: Walk, addresses: Addresses
) -> list[object]:
    """What the key of a practice's program opens, of what it may not read or is another's."""
    client.bring(walk.towns["own"].program_key)
    seen, leaks = set(), []
    for rule, keys in addresses:
        for path in keys if is_for_programs(app, rule) else []:
            answer = client.get(path)
            assert answer.status_code < 500, path
            if answer.status_code == PAGE:
                walk.opened.add(rule.endpoint)
            shown = set(CANARY.findall(_words(answer)))
            seen |= shown
            leaks += [
                (rule.rule, fact, town)
                for fact, town in shown
                if town != "own" or Field(fact) not in ROLES[Role.API_CLIENT].reads
            ]
    assert seen == {("F2", "own"), ("F3", "own"), ("F4", "own")}
    return leaks


def _words(response: TestResponse) -> str:
    return response.get_data().decode("utf-8", "replace")


def _state(town: Town) -> tuple[object, ...]:
    db.session.expire_all()
    return (
        town.referral.status,
        town.referral.version,
        town.unanswered.status,
        town.onward.status,
        town.onward.version,
        town.visit.came,
        len(town.referral.steps),
        len(town.referral.contacts),
    )
