"""Choosing a password: long and nobody's first guess; with a key from a letter, or the old one."""

import hashlib
import os
import re
import signal
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import select

from accounts import User, add_user
from accounts.models import User as UserRow
from accounts.oidc import linking
from accounts.oidc.tokens import Vouched
from accounts.signing_in.hasher import Apart
from accounts.signing_in.passwords import (
    hash_password,
    is_kept_as_of_old,
    is_password,
    objection_to,
)
from accounts.signing_in.resetting import invitation_to
from core import clock, outbox
from core.db import db
from core.saving import Once, saving
from tests.accounts.at_the_door import (
    EMAIL,
    HASH,
    PASSWORD,
    TEST,
    an_organiser,
    is_in,
    sign_in,
    with_an_app,
)
from tests.client import Client
from tests.engines import on_sqlite

NEW = "lantern tuba gravel"
LINK = re.compile(r"/choose-password/[\w-]{43}")


def choose(client: Client, path: str, password: str = NEW) -> int:
    return client.fill(path, {"new_password": password, "again": password}).status_code


def key_in_letter() -> str:
    found = LINK.search(outbox.waiting()[-1].body)
    assert found is not None
    return found[0]


@pytest.mark.asvs("6.2.1", "6.2.4", "6.2.5", "6.2.11", "6.2.12")
@on_sqlite
@pytest.mark.parametrize(
    ("password", "is_good"),
    [
        ("eleven sign", False),
        ("lantern tuba", True),
        ("PassWord1234", False),
        ("1234567890123456", False),
        ("aaaaaaaaaaaaaaaa", False),
        ("ann@group.example", False),
        ("Ann Other 1990", False),
        ("kith kith kith", False),
        ("ünïcödé häuser", True),
    ],
)
def test_a_password_is_long_and_not_one_that_anybody_would_try(
    app: Flask, *, password: str, is_good: bool
) -> None:
    user = User(email=EMAIL, name="Ann Other")
    assert (objection_to(password, user) == "") is is_good


@pytest.mark.asvs("11.2.2", "11.4.2")
def test_a_hash_is_argon2id_at_the_measured_cost_and_an_older_one_is_made_anew(
    client: Client,
) -> None:
    assert HASH.startswith("$argon2id$v=19$m=47104,t=1,p=1$")
    assert not is_kept_as_of_old(HASH)
    user = an_organiser()
    with saving():
        user.password_hash = PasswordHasher(memory_cost=8_192, time_cost=1, parallelism=1).hash(
            PASSWORD
        )
    assert sign_in(client) == 303
    db.session.refresh(user)
    assert not is_kept_as_of_old(user.password_hash)
    assert is_password(user.password_hash, PASSWORD)


def test_nobody_signs_in_to_an_account_that_has_no_password_yet(client: Client) -> None:
    with saving():
        user = add_user("new@group.example", "New Here", by=TEST)
    assert user.password_hash == ""
    client.is_strict = False
    assert sign_in(client, "new@group.example", "") == 422
    assert not is_password("", "")


@on_sqlite
def test_where_the_helper_that_hashes_is_gone_the_next_one_answers(app: Flask) -> None:
    apart = Apart()
    kept = str(apart.ask(PASSWORD))
    helper = apart._child
    assert helper is not None
    os.kill(helper.pid, signal.SIGKILL)
    assert (apart.ask(PASSWORD, kept), apart.ask("\ud800", kept)) == (True, False)
    apart.end()


@pytest.mark.asvs("6.4.1")
def test_who_is_invited_chooses_a_password_once(client: Client) -> None:
    with saving():
        user = add_user("new@group.example", "New Here", by=TEST)
        path = invitation_to(user, by=TEST)
    assert choose(client, path, "short") == 422
    assert choose(client, path) == 303
    assert sign_in(client, "new@group.example", NEW) == 303
    assert client.get(path).status_code == 410


@pytest.mark.parametrize("email", [EMAIL, "nobody@group.example"])
def test_a_forgotten_password_is_answered_alike_for_everybody(client: Client, email: str) -> None:
    an_organiser()
    answer = client.fill("/forgotten-password", {"email": email})
    assert (answer.status_code, answer.location) == (303, "/forgotten-password/on-its-way")
    assert len(outbox.waiting()) == (email == EMAIL)


@pytest.mark.asvs("6.6.2")
def test_the_way_back_in_ends_every_session_and_every_other_key(client: Client, app: Flask) -> None:
    user = an_organiser()
    client.as_(user)
    asking = app.test_client()
    assert isinstance(asking, Client)
    for _ in range(2):
        asking.fill("/forgotten-password", {"email": EMAIL})
    keys = [LINK.search(letter.body)[0] for letter in outbox.waiting()]  # type: ignore[index]
    assert choose(asking, keys[0]) == 303
    assert not is_in(client)
    assert [asking.get(key).status_code for key in keys] == [410, 410]
    assert sign_in(asking) == 422
    assert sign_in(asking, EMAIL, NEW) == 303
    assert "was changed" in outbox.waiting()[-1].body


@pytest.mark.asvs("6.4.3")
@on_sqlite
def test_no_letter_leads_round_signing_in_elsewhere(client: Client) -> None:
    user = an_organiser()
    with saving():
        user.password_hash = ""
        linking.link(user, Vouched("https://idp.example", "ann"), by=TEST)
    before = len(outbox.waiting())
    client.fill("/forgotten-password", {"email": EMAIL})
    assert len(outbox.waiting()) == before


@on_sqlite
def test_what_is_kept_of_a_form_sent_cannot_be_guessed_from(client: Client) -> None:
    an_organiser()
    sign_in(client)
    kept = db.session.scalars(select(Once.said)).one()
    answers = sorted([("email", EMAIL), ("next", ""), ("password", PASSWORD)])
    assert kept != hashlib.sha256(repr(answers).encode()).hexdigest()


@pytest.mark.asvs("2.4.1")
@on_sqlite
@pytest.mark.asvs("6.4.3")
def test_the_way_back_in_does_not_lead_round_the_second_step(client: Client) -> None:
    with_an_app(an_organiser())
    client.fill("/forgotten-password", {"email": EMAIL})
    path = next(found[0] for letter in outbox.waiting() if (found := LINK.search(letter.body)))
    assert choose(client, path) == 303
    answer = client.fill("/sign-in", {"email": EMAIL, "password": NEW})
    assert answer.location == "/sign-in/second-step"
    assert not is_in(client)


def test_three_letters_in_a_quarter_of_an_hour_are_enough(client: Client) -> None:
    an_organiser()
    for _ in range(5):
        client.fill("/forgotten-password", {"email": EMAIL})
    assert len(outbox.waiting()) == 3


@pytest.mark.asvs("6.5.5")
@on_sqlite
def test_the_way_back_in_is_open_for_half_an_hour(client: Client) -> None:
    an_organiser()
    client.fill("/forgotten-password", {"email": EMAIL})
    path = key_in_letter()
    with clock.set_to(clock.now() + timedelta(minutes=31)):
        assert client.get(path).status_code == 410


@pytest.mark.asvs("6.2.2", "6.2.3", "7.4.3")
def test_changing_a_password_asks_for_the_old_one_and_ends_other_sessions(
    client: Client, app: Flask
) -> None:
    user = an_organiser()
    elsewhere = app.test_client()
    assert isinstance(elsewhere, Client)
    elsewhere.as_(user)
    client.as_(user)
    page = "/your-account/password"
    answers = {"new_password": NEW, "again": NEW}
    assert client.fill(page, answers | {"password": "not this one"}).status_code == 422
    assert client.fill(page, answers | {"password": PASSWORD}).status_code == 303
    assert is_in(client)
    assert not is_in(elsewhere)
    kept = db.session.get_one(UserRow, user.id).password_hash
    assert is_password(kept, NEW)
    assert hash_password(NEW) != kept
