"""Passkeys: one made here signs in here, once a challenge, unlocked by its owner."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from accounts import User
from accounts.models import Challenge
from accounts.signing_in.factors import factors_of
from accounts.signing_in.passkeys import forget_challenges
from core import clock, outbox, site
from core.db import db
from tests.accounts.at_the_door import an_organiser, is_in, sign_in
from tests.accounts.soft_key import ONLY_TOUCHED, SoftKey
from tests.client import Client
from tests.engines import on_sqlite
from tests.page import hidden_fields

OURS = "https://kith.example"
MINE = "/your-account/passkeys"


@pytest.fixture
def key(app: Flask) -> Iterator[SoftKey]:
    """A telephone that knows our site, which has a name here."""
    settings = app.extensions["kith.settings"]
    site.set_up(replace(settings, base_url=OURS))
    yield SoftKey(OURS)
    site.set_up(settings)


def begin(client: Client, path: str, on: str) -> tuple[str, dict[str, Any]]:
    token = hidden_fields(client.get(on).text)["csrf_token"]
    answer = client.post(path, data={"csrf_token": token})
    assert answer.json is not None
    return answer.json["challenge"], json.loads(answer.json["options"])


def keep(client: Client, key: SoftKey) -> int:
    challenge, options = begin(client, f"{MINE}/begin", MINE)
    answers = {"challenge": challenge, "credential": key.make(options), "name": "my phone"}
    return client.fill(MINE, answers).status_code


def with_a_passkey(client: Client, key: SoftKey) -> User:
    user = an_organiser()
    client.as_(user)
    assert keep(client, key) == 303
    client.fill_act("/sign-out", on=MINE)
    return user


def enter(client: Client, key: SoftKey) -> bool:
    challenge, options = begin(client, "/sign-in/passkey/begin", "/sign-in")
    answers = {"challenge": challenge, "credential": key.show(options)}
    client.post("/sign-in/passkey", data=hidden_fields(client.get("/sign-in").text) | answers)
    return is_in(client)


def test_a_passkey_signs_in_without_a_password(client: Client, key: SoftKey) -> None:
    user = with_a_passkey(client, key)
    assert "passkey was added" in outbox.waiting()[-1].body
    assert enter(client, key)
    assert factors_of(user).passkeys[0].sign_count == 1


@pytest.mark.asvs("6.3.3")
@on_sqlite
def test_a_passkey_is_a_second_step_too(client: Client, key: SoftKey) -> None:
    with_a_passkey(client, key)
    assert sign_in(client) == 303
    assert not is_in(client)
    challenge, options = begin(client, "/sign-in/passkey/begin", "/sign-in/second-step")
    assert len(options["allowCredentials"]) == 1
    answers = {"challenge": challenge, "credential": key.show(options)}
    page = hidden_fields(client.get("/sign-in/second-step").text)
    client.post("/sign-in/passkey", data=page | answers)
    assert is_in(client)


@pytest.mark.asvs("6.5.1")
@on_sqlite
def test_what_was_signed_once_opens_nothing_twice(client: Client, key: SoftKey) -> None:
    with_a_passkey(client, key)
    challenge, options = begin(client, "/sign-in/passkey/begin", "/sign-in")
    answers = {"challenge": challenge, "credential": key.show(options)}
    for opens in (True, False):
        page = hidden_fields(client.get("/sign-in").text)
        client.post("/sign-in/passkey", data=page | answers)
        assert is_in(client) is opens
        client.delete_cookie("kith_session")


@on_sqlite
@pytest.mark.parametrize("wrong", ["origin", "not unlocked", "other key", "old", "count back"])
def test_what_is_not_quite_right_opens_nothing(client: Client, key: SoftKey, wrong: str) -> None:
    key.count = 5
    with_a_passkey(client, key)
    if wrong == "origin":
        key.origin = "https://kith.example.evil.example"
    elif wrong == "not unlocked":
        key.flags = ONLY_TOUCHED
    elif wrong == "other key":
        key.key = SoftKey(OURS).key
    elif wrong == "count back":
        key.count = 0
    if wrong == "old":
        challenge, options = begin(client, "/sign-in/passkey/begin", "/sign-in")
        answers = {"challenge": challenge, "credential": key.show(options)}
        page = hidden_fields(client.get("/sign-in").text)
        with clock.set_to(clock.now() + timedelta(minutes=6)):
            client.post("/sign-in/passkey", data=page | answers)
            assert not is_in(client)
            assert forget_challenges() >= 0
            assert db.session.query(Challenge).count() == 0
        return
    assert not enter(client, key)


@on_sqlite
@pytest.mark.parametrize(
    "nonsense", ["", "{}", "null", "[]", '{"id": 1}', '{"id":"é","rawId":"*"}']
)
def test_nonsense_for_a_passkey_is_refused_politely(
    client: Client, key: SoftKey, nonsense: str
) -> None:
    with_a_passkey(client, key)
    challenge, _ = begin(client, "/sign-in/passkey/begin", "/sign-in")
    page = hidden_fields(client.get("/sign-in").text)
    sent = page | {"challenge": challenge, "credential": nonsense}
    assert client.post("/sign-in/passkey", data=sent).status_code == 303
    assert not is_in(client)
