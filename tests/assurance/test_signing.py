"""Passwords, codes and sessions: what standards ask of them, where no other test shows it."""

import math
import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from accounts import User
from accounts.models import RecoveryCode, SignIn
from accounts.signing_in import codes, factors, hash_password
from accounts.signing_in.passwords import objection_to
from core import audit, clock, outbox
from core.db import db
from core.saving import saving
from tests.accounts.at_the_door import (
    EMAIL,
    PASSWORD,
    an_organiser,
    is_in,
    sign_in,
    with_an_app,
    with_codes_on_paper,
)
from tests.client import Client
from tests.engines import on_sqlite

pytestmark = on_sqlite

LINK = re.compile(r"/choose-password/[\w-]{43}")


@pytest.mark.asvs("6.2.8", "6.2.9")
@pytest.mark.parametrize(
    "typed", [PASSWORD.upper(), f" {PASSWORD}", f"{PASSWORD} ", PASSWORD[:-1], PASSWORD + "x"]
)
def test_a_password_is_right_only_as_it_was_chosen(client: Client, typed: str) -> None:
    an_organiser()
    assert sign_in(client, EMAIL, typed) == 422


@pytest.mark.asvs("6.2.5", "6.2.8", "6.2.9")
def test_a_long_password_counts_to_its_last_sign(app: Flask, client: Client) -> None:
    long = "tuba lantern walrus " * 5 + "the end"
    user = an_organiser()
    assert objection_to(long, user) == ""
    with saving():
        db.session.get_one(User, user.id).password_hash = hash_password(long)
    assert sign_in(client, EMAIL, long[:-1]) == 422
    assert sign_in(client, EMAIL, long) == 303


@pytest.mark.asvs("6.2.10")
def test_no_password_runs_out(client: Client) -> None:
    an_organiser()
    with clock.set_to(clock.now() + timedelta(days=3 * 365)):
        assert sign_in(client) == 303
        assert is_in(client)


@pytest.mark.asvs("6.4.3")
def test_the_way_back_in_leaves_the_second_step_where_it_was(client: Client) -> None:
    user = with_an_app(an_organiser())
    client.fill("/forgotten-password", {"email": EMAIL})
    [path] = [key for each in outbox.waiting() for key in LINK.findall(each.body)]
    new = "walrus tuba lantern"
    assert client.fill(path, {"new_password": new, "again": new}).status_code == 303
    assert not is_in(client)
    sign_in(client, EMAIL, new)
    assert not is_in(client), "the code of the app is still asked for"
    assert factors.factors_of(user)


@pytest.mark.asvs("6.5.2", "6.5.4", "6.5.3")
def test_codes_on_paper_are_long_unlike_each_other_and_kept_as_slow_hashes(app: Flask) -> None:
    printed = with_codes_on_paper(an_organiser())
    assert len({each[1:] for each in printed}) == len(printed)
    bits = codes.LONG * math.log2(len(codes.SIGNS))
    assert bits >= 20
    kept = db.session.scalars(select(RecoveryCode.code_hash)).all()
    assert len(kept) == len(printed)
    assert all(each.startswith("$argon2id$") for each in kept)


@pytest.mark.asvs("7.2.1", "7.2.2", "7.2.3")
def test_the_key_of_a_session_is_long_new_each_time_and_unknown_to_the_database(
    app: Flask, client: Client
) -> None:
    user = an_organiser()
    keys = set()
    for _ in range(3):
        client.as_(user)
        cookie = client.get_cookie("kith_session")
        assert cookie is not None
        keys.add(cookie.value)
    assert len(keys) == 3
    assert all(len(key) * 6 >= 128 for key in keys), "letters of base64 hold six bits"
    kept = {
        str(value) for row in db.session.scalars(select(SignIn)) for value in vars(row).values()
    }
    assert not kept & keys


@pytest.mark.asvs("7.4.4")
def test_every_page_behind_a_sign_in_has_the_way_out(client: Client) -> None:
    client.as_(an_organiser())
    for path in ("/my-listings", "/your-account", "/", "/activities"):
        assert 'formaction="/sign-out"' in client.get(path).text


@pytest.mark.asvs("7.6.2")
def test_opening_pages_begins_no_session(app: Flask, client: Client) -> None:
    an_organiser()
    for path in ("/", "/sign-in", "/desk", f"/sign-in?email={EMAIL}&password={PASSWORD}"):
        client.get(path)
    assert db.session.scalar(select(SignIn.id).limit(1)) is None


@pytest.mark.asvs("16.3.1", "16.2.1")
def test_coming_in_and_failing_to_are_both_noted(app: Flask, client: Client) -> None:
    an_organiser()
    sign_in(client, EMAIL, "not this one")
    sign_in(client)
    client.fill_act("/sign-out", on="/my-listings")
    noted = [each.action for each in db.session.scalars(select(audit.AuditEntry))]
    assert {"signed in", "signed out"} <= set(noted), noted
    assert "sign-in failed" in noted
