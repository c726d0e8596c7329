"""Every page is a good page, whoever opens it: it answers as it should, and its HTML is strict."""

from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from accounts.rules import ROLES, Role
from core import paper
from core.access import door_of
from referrals import clients
from tests.client import Client
from tests.engines import on_sqlite
from tests.house.test_doors import answer_shortly, keys_of, knocks_of, paths
from tests.house.world import Town, build
from tests.page import check_page

pytestmark = [on_sqlite, pytest.mark.slow]

PAGE, MOVED, LEADS_ON, NO_PAGE = 200, 301, 302, 404
NEEDS_MORE = {"directory.ground": 400, "leaflets.whats_on": 400, "fhir.tasks": 401}
"""What cannot be had for nothing: a file of no place in particular, and what takes a key."""

LEAD_ELSEWHERE = {"outside.go", "outside.back", "outside.link", "outside.prove"}
"""The ways to identity providers, of which the towns trust none; tests/accounts/test_outside.py."""


def test_every_page_without_a_key_answers_everybody(app: Flask, client: Client) -> None:
    own = build()["own"]
    wrong = []
    for role in (None, *own.users):
        sit_down(client, own, role)
        for rule in read_by_get(app, with_key=False):
            if not knocks_of(app, role, rule, [rule.rule]):
                continue
            answer = client.get(rule.rule)
            if answer.status_code not in {PAGE, LEADS_ON, NO_PAGE, NEEDS_MORE.get(rule.endpoint)}:
                wrong.append((rule.rule, role, answer.status))
    assert not wrong


def test_every_page_with_a_key_is_strict_html(
    app: Flask, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paper, "pdf", lambda html, *, static: html.encode())
    monkeypatch.setattr(clients, "MOST_A_MINUTE", 10_000)  # no program tries so many doors
    answer_shortly(monkeypatch)
    towns = {"own": build()["own"]}
    rules = list(read_by_get(app, with_key=True))
    client.is_strict = False  # most keys fit no door: only what opens is read
    opened = set()
    for role in (None, *(role for role in towns["own"].users if ROLES[role].may)):
        sit_down(client, towns["own"], role)
        for rule in rules:
            for path in knocks_of(app, role, rule, list(paths(rule, towns))):
                answer = client.get(path)
                if answer.status_code == PAGE and answer.mimetype == "text/html":
                    check_page(answer.text)
                if answer.status_code in {PAGE, MOVED}:
                    opened.add(rule.endpoint)
    client.bring(towns["own"].program_key)
    for rule in (each for each in rules if is_for_programs(app, each)):
        if any(client.get(path).status_code == PAGE for path in paths(rule, towns)):
            opened.add(rule.endpoint)
    assert opened | LEAD_ELSEWHERE == {rule.endpoint for rule in rules}


def is_for_programs(app: Flask, rule: Rule) -> bool:
    """Whether a program's key is asked for here."""
    door = door_of(app.view_functions[rule.endpoint])
    return door is not None and bool(door.key)


def sit_down(client: Client, town: Town, role: Role | None) -> None:
    """Be the one with this role in the town, or nobody."""
    if role is not None:
        client.as_(town.users[role])


def read_by_get(app: Flask, *, with_key: bool) -> Iterator[Rule]:
    """The addresses of pages, those with a key in them or those without; files are no pages."""
    for rule in app.url_map.iter_rules():
        is_page = "GET" in (rule.methods or ()) and "filename" not in rule.arguments
        if is_page and bool(keys_of(rule)) is with_key:
            yield rule
