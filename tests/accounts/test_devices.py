"""Where one is signed in, ending it from elsewhere, and showing once more that it is oneself."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from accounts import May
from accounts.signing_in import start
from accounts.signing_in.devices import named
from accounts.web import COOKIE
from core import clock
from core.access import ASKS_FOR_PROOF, door_of
from core.saving import saving
from tests.accounts.at_the_door import (
    PASSWORD,
    TEST,
    an_organiser,
    code_now,
    is_in,
    sign_in,
    with_an_app,
)
from tests.client import Client
from tests.engines import on_sqlite

NOON = datetime(2026, 5, 5, 12, 0, tzinfo=UTC)
PHONE = (
    "Mozilla/5.0 (Linux; Android 9; SM-A105FN) SamsungBrowser/11.2 Chrome/75.0 Mobile Safari/537.36"
)
TAKES_OUT = {
    "audit.download",
    "linkworker.record_file",
    "rights.end_hold",
    "rights.forget",
    "rights.gone_list",
    "rights.let_go",
    "rights.make_copy",
}
"""A whole record or list goes out of the house by these, or for good."""

END = re.compile(r"/your-account/devices/[0-9a-f-]{36}/end")


def another(app: Flask) -> Client:
    made = app.test_client()
    assert isinstance(made, Client)
    return made


@pytest.mark.asvs("7.5.2")
def test_one_device_is_signed_out_from_another(client: Client, app: Flask) -> None:
    user = an_organiser()
    client.as_(user)
    elsewhere = another(app)
    with saving():
        elsewhere.set_cookie(COOKIE, start(user, by=TEST, device=PHONE))
    page = client.get("/your-account").text
    assert "Samsung Internet on Android" in page
    [of_phone] = [END.search(line)[0] for line in page.split("<li>") if "Samsung" in line]  # type: ignore[index]
    client.fill_act(of_phone, on="/your-account")
    assert is_in(client)
    assert not is_in(elsewhere)


@pytest.mark.asvs("7.4.3")
def test_all_others_are_signed_out_at_once(client: Client, app: Flask) -> None:
    user = an_organiser()
    others = [another(app).as_(user) for _ in range(2)]
    client.as_(user)
    client.fill_act("/your-account/devices/end-others", on="/your-account")
    assert is_in(client)
    assert not any(is_in(other) for other in others)


@on_sqlite
def test_nobody_ends_a_session_of_somebody_else(client: Client, app: Flask) -> None:
    ann, bob = an_organiser(), an_organiser("bob@group.example", "Bob Moss")
    client.as_(ann)
    [of_ann] = END.findall(client.get("/your-account").text)
    assert another(app).as_(bob).fill_act(of_ann, on="/your-account").status_code == 404
    assert is_in(client)


@pytest.mark.asvs("7.2.4", "7.5.1")
@on_sqlite
def test_what_is_dangerous_asks_again_who_one_is(client: Client) -> None:
    page = "/your-account/second-step/app"
    with clock.set_to(NOON):
        an_organiser()
        sign_in(client)
        assert client.get(page).status_code == 200
    with clock.set_to(NOON + timedelta(minutes=11)):
        asked = client.get(page)
        assert asked.location == f"/your-account/prove?next={page}"
        assert client.fill(asked.location, {"password": "wrong"}).status_code == 422
        before = client.get_cookie(COOKIE)
        answer = client.fill(asked.location, {"password": PASSWORD, "next": page})
        assert answer.location == page
        assert client.get_cookie(COOKIE) != before
        assert client.get(page).status_code == 200


@pytest.mark.asvs("7.5.1")
@on_sqlite
def test_whatever_changes_rights_or_takes_records_out_asks_again_who_one_is(app: Flask) -> None:
    asking = {name for name, it in app.view_functions.items() if hasattr(it, ASKS_FOR_PROOF)}
    of_rights = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if (door := door_of(app.view_functions[rule.endpoint])) is not None
        and May.KEEP_USERS in door.permissions
        and "POST" in (rule.methods or ())
    }
    assert of_rights <= asking
    assert asking >= TAKES_OUT


@pytest.mark.asvs("7.5.1")
@on_sqlite
def test_who_has_a_second_step_shows_both_again(client: Client) -> None:
    page = "/your-account/prove"
    with clock.set_to(NOON):
        client.as_(with_an_app(an_organiser()))
    with clock.set_to(NOON + timedelta(minutes=11)):
        assert client.fill(page, {"password": PASSWORD}).status_code == 422
        answers = {"password": PASSWORD, "code": code_now()}
        assert client.fill(page, answers).status_code == 303


@pytest.mark.asvs("3.3.1", "3.3.2", "3.3.3", "3.3.4")
@on_sqlite
def test_with_https_the_cookie_is_of_this_host_alone(
    client: Client, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace(app.extensions["kith.settings"], base_url="https://kith.example")
    monkeypatch.setitem(app.extensions, "kith.settings", settings)
    an_organiser()
    answer = client.fill("/sign-in", {"email": "ann@group.example", "password": PASSWORD})
    [cookie] = [it for it in answer.headers.getlist("Set-Cookie") if COOKIE in it]
    assert cookie.startswith(f"__Host-{COOKIE}=")
    assert all(word in cookie for word in ("; Secure", "; HttpOnly", "; Path=/", "SameSite=Lax"))
    assert "Domain" not in cookie


@pytest.mark.parametrize(
    ("device", "words"),
    [
        (PHONE, "Samsung Internet on Android"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64) Chrome/99 Safari/537.36 Edg/99", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 12) Version/12 Safari/604", "Safari on iPhone"),
        ("curl/8", "A device we do not know"),
    ],
)
@on_sqlite
def test_devices_have_names_that_people_know(app: Flask, device: str, words: str) -> None:
    with app.test_request_context():
        assert named(device) == words
