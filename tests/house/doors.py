"""The doors of the house for those who try them all: addresses, keys, and who may see what.

Nothing here names a page: routes, roles and rights are read from the application.
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

from accounts.rules import ROLES, Field, Role
from core import actors, web
from core.access import door_of
from tests.house.world import Town

TEAM_ROLES = {Role.LINK_WORKER, Role.TEAM_LEAD, Role.SAFEGUARDING_LEAD, Role.IG_OFFICER}
OURS = "own"
MADE_UP = uuid.UUID("00000000-0000-4000-8000-000000000000")
LONG_AGO = "a-made-up-slug"
Addresses = Sequence[tuple[Rule, Sequence[str]]]
SHORT_KEYS = {"code", "on"}
FEW_ROLES = (None, Role.CLINICIAN, Role.LINK_WORKER, Role.ORGANISER, Role.EDITOR)
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
"""How many keys those try whom the door itself sends away, whatever they hold; or one alone."""


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
        list(
            dict.fromkeys(
                key for town in towns.values() for key in _keys(name, rule._converters[name], town)
            )
        )
        for name in names
    ]
    if "token" in names and len(names) > 2:
        # The letter is the key: of what lies behind it the first few of each kind will do.
        every = [
            keys if name == "token" else keys[:3] for name, keys in zip(names, every, strict=True)
        ]
    yield from (dict(zip(names, keys, strict=True)) for keys in product(*every))
    yield {name: _keys(name, rule._converters[name], None)[0] for name in names}


def knocks_of(
    app: Flask, role: Role | None, rule: Rule, keys: Sequence[str], *, in_full: bool = False
) -> Sequence[str]:
    """The addresses somebody tries at one door: all of them, or a few where no key would help.

    Where the key in the address opens, or everybody may come in, a stranger tries every key. Those
    signed in share them out, unless it is to be done in full: whatever they hold, it is the same
    word that lets them in.
    """
    door = door_of(app.view_functions[rule.endpoint])
    few = keys[: FEW_KEYS if in_full else 1]
    if door is not None and door.permissions:
        may_enter = role is not None and bool(set(door.permissions) & ROLES[role].may)
        return keys if may_enter else few
    if role not in FEW_ROLES:
        return []
    if door is not None and (door.own or door.key) and not in_full:
        return keys if door.own and role is not None else few
    return keys if in_full else _share(FEW_ROLES.index(role), keys)


def _share(who: int, keys: Sequence[str]) -> Sequence[str]:
    """Every key for the stranger, who comes first, and for each of the others every fourth."""
    everybody_tries_all = who == 0 or len(keys) <= FEW_KEYS
    return keys if everybody_tries_all else keys[who - 1 :: len(FEW_ROLES) - 1]


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


def is_for_programs(app: Flask, rule: Rule) -> bool:
    """Whether a program's key is asked for here."""
    door = door_of(app.view_functions[rule.endpoint])
    return door is not None and bool(door.key)


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
