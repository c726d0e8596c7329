"""Every door is knocked on, as everybody, with keys that are one's own, a neighbour's and made up.

Nothing here names a page: routes, roles and rights are read from the application, so a new route
is tested the moment it exists, and one that nobody has declared fails.
"""

import uuid
from collections.abc import Iterator, Sequence
from itertools import product

import pytest
from flask import Flask, request
from werkzeug.routing import (
    AnyConverter,
    BaseConverter,
    IntegerConverter,
    PathConverter,
    Rule,
    UUIDConverter,
)
from werkzeug.test import TestResponse

from accounts.rules import ROLES, Field, Role
from core import actors, paper, web
from core.access import door_of
from core.db import db
from referrals import clients
from tests.client import Client
from tests.engines import on_sqlite
from tests.house.world import CANARY, Town, build

TEAM_ROLES = {Role.LINK_WORKER, Role.TEAM_LEAD, Role.SAFEGUARDING_LEAD, Role.IG_OFFICER}
OURS = "own"
MADE_UP = uuid.UUID("00000000-0000-4000-8000-000000000000")
LONG_AGO = "a-made-up-slug"
Addresses = Sequence[tuple[Rule, Sequence[str]]]
SHORT_KEYS = {"code", "on"}
FEW_ROLES = {None, Role.CLINICIAN, Role.LINK_WORKER, Role.ORGANISER, Role.EDITOR}
"""Whoever knocks where no role is asked for; the rest would be let in by the same word."""

THE_PERSONS_OWN = ("/closing/",)
"""Where a key sent to nobody but the person leads: what is said there is said about themselves."""

BROKEN_GLASS = "/emergency/"
"""Where a link worker of ours reads for an hour about somebody of the other town."""

ASKED_OF_OFFICERS = "/rights/"
"""Where an officer prepares the copy that somebody of our team or the sibling's has asked for."""

LETTERS = "/dev/letters"
"""The demonstration's letters, which say to whose address each went. (No other site has them.)"""

FEW_KEYS = 3
"""How many keys those try whom the door itself sends away, whatever they hold."""


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


def paths(rule: Rule, towns: dict[str, Town]) -> Iterator[str]:
    """The rule's addresses with every key that fits: ours, the neighbours', nobody's."""
    names = keys_of(rule)
    if not names:
        yield rule.rule
        return
    for values in _values(rule, names, towns):
        _, path = rule.build(values, append_unknown=False) or ("", "")
        if path:
            yield path


def keys_of(rule: Rule) -> list[str]:
    """The parts of the rule's address that stand for something; those it fixes itself do not."""
    return sorted(rule.arguments - set(rule.defaults or ()))


def _values(rule: Rule, names: list[str], towns: dict[str, Town]) -> Iterator[dict[str, object]]:
    """Keys for each part of the address.

    With one key: every id of ours, whatever it is of, and those of the other towns that fit. With
    several, those that fit, of all towns in every combination: ours with a stranger's too.
    """
    if len(names) == 1:
        [name] = names
        for town in [*towns.values(), None]:
            fits = town is not None and town.name != OURS
            keys = _keys(name, rule._converters[name], town, fits=fits)
            yield from ({name: key} for key in keys)
        return
    every = [
        [key for town in towns.values() for key in _keys(name, rule._converters[name], town)]
        for name in names
    ]
    if "token" in names and len(names) > 2:
        # The letter is the key: of what lies behind it the first few of each kind will do.
        every = [
            keys if name == "token" else keys[:3] for name, keys in zip(names, every, strict=True)
        ]
    yield from (dict(zip(names, keys, strict=True)) for keys in product(*every))
    yield {name: _keys(name, rule._converters[name], None)[0] for name in names}


def knocks_of(app: Flask, role: Role | None, rule: Rule, keys: Sequence[str]) -> Sequence[str]:
    """The addresses somebody tries at one door: all of them, or a few where no key would help."""
    door = door_of(app.view_functions[rule.endpoint])
    if door is None or not door.permissions:
        return keys if role in FEW_ROLES else []
    may_enter = role is not None and bool(set(door.permissions) & set(ROLES[role].may))
    return keys if may_enter else keys[:FEW_KEYS]


def _keys(
    name: str, converter: BaseConverter, town: Town | None, *, fits: bool = True
) -> Sequence[object]:
    """What could be put in this place of an address."""
    if name in SHORT_KEYS:
        return town.short_keys(name) if town else [LONG_AGO]
    if name == "token":
        return town.tokens if town else [LONG_AGO]
    if isinstance(converter, AnyConverter):
        return sorted(converter.items)
    if isinstance(converter, IntegerConverter):
        return [1] if town else [999]
    if isinstance(converter, UUIDConverter):
        if town is None:
            return [MADE_UP]
        return town.fitting(name) if fits else town.ids
    if isinstance(converter, PathConverter):
        return ["js/kith.js" if town else "../app.py"]
    return [town.service.slug, town.hidden.slug] if town else [LONG_AGO]


def may_see(role: Role | None, fact: str, town: str, path: str, towns: dict[str, Town]) -> bool:
    """Whether the rules let this role see a fact of this class in this town."""
    if any(token in path for token in towns[town].tokens):
        return fact == Field.MINIMUM or path.startswith(THE_PERSONS_OWN)
    if path == LETTERS:
        return fact == Field.IDENTITY
    if role is Role.LINK_WORKER and path.startswith(BROKEN_GLASS):
        return fact in {Field.MINIMUM, Field.IDENTITY, Field.NEEDS}
    if role is None or town == "other":
        return False
    if role is Role.IG_OFFICER and path.startswith(ASKED_OF_OFFICERS):
        return True
    if town == "sibling" and role not in TEAM_ROLES:
        return False
    return Field(fact) in ROLES[role].reads


@on_sqlite
@pytest.mark.slow
def test_nobody_sees_what_is_not_theirs(
    app: Flask, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What would be packed into a PDF, where no canary could be found.
    monkeypatch.setattr(paper, "pdf", lambda html, *, static: html.encode())
    monkeypatch.setattr(clients, "MOST_A_MINUTE", 10_000)  # no program tries so many doors
    answer_shortly(monkeypatch)
    towns = build()
    leaks, broken, knocks, seen = [], [], 0, set()
    roles: list[Role | None] = [None, *towns["own"].users]
    rules = list(app.url_map.iter_rules())
    addresses = [
        (rule, list(paths(rule, towns))) for rule in rules if "GET" in (rule.methods or set())
    ]
    client.is_strict = False  # thousands of pages: other tests read them
    app.config["WTF_CSRF_ENABLED"] = False
    try:
        for role in roles:
            if role is not None:
                client.as_(towns["own"].users[role])
            tried = [
                (rule, path)
                for rule, keys in addresses
                for path in knocks_of(app, role, rule, keys)
            ]
            for rule, path in tried:
                response = client.get(path, buffered=True)
                knocks += 1
                if response.status_code >= 500:
                    broken.append((path, role))
                shown = set(CANARY.findall(_words(response) + str(response.headers)))
                seen |= shown
                leaks += [
                    (rule.rule, role, fact, town)
                    for fact, town in shown
                    if not may_see(role, fact, town, path, towns)
                ]
        leaks += leaks_to_a_program(app, client, towns, addresses)
    finally:
        app.config["WTF_CSRF_ENABLED"] = True
    assert not broken
    assert not leaks
    assert ("F4", "own") in seen, "the link worker's own page should show the canary at all"
    print(f"{knocks} knocks on {len(rules)} routes as {len(roles)} kinds of visitor")  # noqa: T201


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
    app: Flask, client: Client, towns: dict[str, Town], addresses: Addresses
) -> list[object]:
    """What the key of a practice's program opens, of what it may not read or is another's."""
    client.bring(towns["own"].program_key)
    seen, leaks = set(), []
    for rule, keys in addresses:
        door = door_of(app.view_functions[rule.endpoint])
        for path in keys if door is not None and door.key else []:
            answer = client.get(path)
            assert answer.status_code < 500, path
            shown = set(CANARY.findall(_words(answer)))
            seen |= shown
            leaks += [
                (rule.rule, fact, town)
                for fact, town in shown
                if town != "own" or Field(fact) not in ROLES[Role.API_CLIENT].reads
            ]
    assert seen == {("F2", "own"), ("F3", "own"), ("F4", "own")}
    return leaks


def answer_shortly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a door that stays shut answer with a whole page once, and then with its words alone.

    Nine knocks in ten find a shut door, and most of their time went into drawing the same page, and
    into noting in the audit that it was shut: that, too, is done once.
    """
    whole, drawn = web.render_template, set()
    note, noted = web.audit.denied, set()

    def deny(status: int) -> None:
        page = (request.endpoint, actors.current().ref, status)
        if page not in noted:
            noted.add(page)
            note(status)

    def draw(name: str, **said: object) -> str:
        page = (request.endpoint, actors.current().ref, said["status"])
        if page in drawn:
            return repr(said)
        drawn.add(page)
        return whole(name, **said)

    monkeypatch.setattr(web, "render_template", draw)
    monkeypatch.setattr(web.audit, "denied", deny)


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
