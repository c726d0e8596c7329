"""Signing in elsewhere: believed only when all of it is right, known only if linked before."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from accounts import User, add_user
from accounts.models import OutsideIdentity
from accounts.oidc import client as asking
from accounts.oidc import linking
from accounts.oidc.providers import read
from accounts.oidc.tokens import Vouched
from accounts.signing_in.resetting import invitation_to
from core.db import db
from core.saving import saving
from core.settings import BadSettings
from tests.accounts.at_the_door import EMAIL, TEST, an_organiser, is_in, with_an_app
from tests.accounts.identity_provider import CLIENT, STRANGERS, IdentityProvider
from tests.client import Client
from tests.engines import on_sqlite

TOLD = """
[[provider]]
name = "cis2"
label = "NHS smartcard"
issuer = "{issuer}"
client_id = "kith"
key_file = "client.pem"
max_age = 900
two_steps = true
[provider.demands]
acr = ["AAL2", "AAL3"]
[provider.asks]
acr_values = "AAL3"
"""


@pytest.fixture(scope="module")
def running() -> Iterator[IdentityProvider]:
    """The provider, started once."""
    made = IdentityProvider()
    yield made
    made.stop()


@pytest.fixture
def provider(
    app: Flask, running: IdentityProvider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> IdentityProvider:
    """The provider, honest again, and trusted by our site."""
    (tmp_path / "client.pem").write_bytes(CLIENT.as_pem(private=True))
    (tmp_path / "providers.toml").write_text(TOLD.format(issuer=running.issuer))
    told = read(str(tmp_path / "providers.toml"))
    monkeypatch.setitem(app.extensions, "kith.providers", told)
    asking.forget()
    running.lie, running.sign, running.said_issuer = dict, running.signed, ""
    return running


def linked(provider: IdentityProvider, subject: str = "ann-at-nhs") -> User:
    user = an_organiser()
    with saving():
        linking.link(user, Vouched(provider.issuer, subject), by=TEST)
    return user


def go(client: Client, path: str = "/sign-in/with/cis2") -> dict[str, str]:
    return dict(parse_qsl(urlsplit(client.get(path).location).query))


def come_back(
    client: Client, provider: IdentityProvider, subject: str = "ann-at-nhs", **also: str
) -> TestResponse:
    brought = provider.sign_in(subject, go(client))
    return client.get("/sign-in/from/cis2", query_string={**brought, **also})


def test_who_is_linked_signs_in_with_two_steps_done_elsewhere(
    client: Client, provider: IdentityProvider
) -> None:
    with_an_app(linked(provider))
    asked = go(client)
    assert asked["code_challenge_method"] == "S256"
    assert asked["acr_values"] == "AAL3"
    assert come_back(client, provider).location == "/desk"
    assert is_in(client)


@pytest.mark.asvs("10.1.1")
@on_sqlite
def test_no_browser_is_given_what_the_provider_signed_for_kith(
    client: Client, provider: IdentityProvider
) -> None:
    linked(provider)
    tokens = []

    def sign(claims: dict[str, Any]) -> str:
        tokens.append(provider.signed(claims))
        return tokens[-1]

    provider.sign = sign
    answer = come_back(client, provider)
    assert is_in(client)
    [token] = tokens
    assert token not in f"{answer.headers}{answer.text}{client.get('/desk').text}"


@pytest.mark.asvs("6.8.1", "10.5.2")
@on_sqlite
def test_who_is_not_linked_is_let_in_by_no_address_of_theirs(
    client: Client, provider: IdentityProvider
) -> None:
    an_organiser()
    provider.lie = lambda claims: claims | {"email": EMAIL, "email_verified": True}
    assert come_back(client, provider).location == "/sign-in"
    assert not is_in(client)


LIES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "another nonce": lambda claims: claims | {"nonce": "x" * 43},
    "no nonce": lambda claims: {k: v for k, v in claims.items() if k != "nonce"},
    "another issuer": lambda claims: claims | {"iss": "https://evil.example"},
    "another audience": lambda claims: claims | {"aud": "somebody-else"},
    "several audiences": lambda claims: claims | {"aud": ["kith", "other"], "azp": "other"},
    "run out": lambda claims: claims | {"exp": claims["exp"] - 3_600},
    "no end": lambda claims: {k: v for k, v in claims.items() if k != "exp"},
    "of tomorrow": lambda claims: claims | {"iat": claims["iat"] + 86_400},
    "signed in long ago": lambda claims: claims | {"auth_time": claims["iat"] - 3_600},
    "too weak": lambda claims: claims | {"acr": "AAL1"},
    "nobody": lambda claims: claims | {"sub": ""},
    "another access token": lambda claims: claims | {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
}


@pytest.mark.asvs(
    "6.8.2", "6.8.4", "7.6.1", "9.1.1", "9.2.1", "9.2.3", "10.5.1", "10.5.3", "10.5.4"
)
@on_sqlite
@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_lies_opens_nothing(
    client: Client, provider: IdentityProvider, lie: str
) -> None:
    linked(provider)
    provider.lie = LIES[lie]
    assert come_back(client, provider).location == "/sign-in"
    assert not is_in(client)


@pytest.mark.asvs("6.8.2", "9.1.1", "9.1.2", "9.1.3", "11.6.1")
@on_sqlite
@pytest.mark.parametrize(
    "how", ["alg none", "key in the header", "key by address", "stranger's key", "other alg"]
)
def test_a_token_signed_in_another_way_opens_nothing(
    client: Client, provider: IdentityProvider, how: str
) -> None:
    linked(provider)
    provider.sign = {
        "alg none": provider.unsigned,
        "key in the header": provider.with_key_inside,
        "key by address": lambda claims: provider.signed(claims, jku="https://evil.example/k"),
        "stranger's key": lambda claims: provider.signed(claims, key=STRANGERS),
        "other alg": lambda claims: provider.signed(claims, alg="PS256"),
    }[how]
    assert come_back(client, provider).location == "/sign-in"
    assert not is_in(client)


@pytest.mark.asvs("10.1.2", "10.2.1")
@on_sqlite
def test_a_code_comes_back_once_and_to_the_browser_that_asked(
    client: Client, app: Flask, provider: IdentityProvider
) -> None:
    linked(provider)
    brought = provider.sign_in("ann-at-nhs", go(client))
    thief = app.test_client()
    assert isinstance(thief, Client)
    for who, opens in ((thief, False), (client, True), (thief, False)):
        who.get("/sign-in/from/cis2", query_string=brought)
        assert is_in(who) is opens
    client.fill_act("/sign-out", on="/my-listings")
    client.get("/sign-in/from/cis2", query_string=brought)
    assert not is_in(client)


@pytest.mark.asvs("10.1.2", "10.2.1", "10.2.2", "10.5.3")
@on_sqlite
def test_another_state_and_another_provider_s_papers_are_refused(
    client: Client, provider: IdentityProvider
) -> None:
    linked(provider)
    assert come_back(client, provider, state="made-up").location == "/sign-in"
    provider.said_issuer = "https://evil.example"
    asking.forget()
    assert client.get("/sign-in/with/cis2").location == "/sign-in"
    assert not is_in(client)


@pytest.mark.asvs("6.8.1", "10.5.2")
@on_sqlite
def test_linking_asks_for_proof_and_is_for_one_account_only(
    client: Client, app: Flask, provider: IdentityProvider
) -> None:
    client.as_(an_organiser())
    brought = provider.sign_in("ann-at-nhs", go(client, "/your-account/link/cis2"))
    assert client.get("/sign-in/from/cis2", query_string=brought).location == "/your-account"
    bob = app.test_client()
    assert isinstance(bob, Client)
    bob.as_(an_organiser("bob@group.example"))
    theirs = provider.sign_in("ann-at-nhs", go(bob, "/your-account/link/cis2"))
    assert bob.get("/sign-in/from/cis2", query_string=theirs).status_code == 409
    client.fill_act("/your-account/unlink/cis2", on="/your-account")
    assert db.session.query(OutsideIdentity).count() == 0


@on_sqlite
def test_who_is_invited_may_sign_in_there_instead_of_choosing_a_password(
    client: Client, provider: IdentityProvider
) -> None:
    with saving():
        user = add_user("new@group.example", "New Here", by=TEST)
        key = invitation_to(user, by=TEST).rpartition("/")[2]
    assert "/sign-in/with/cis2" in client.get(f"/choose-password/{key}").text
    brought = provider.sign_in("new-at-nhs", go(client, f"/sign-in/with/cis2?invited={key}"))
    assert client.get("/sign-in/from/cis2", query_string=brought).location == "/desk"
    assert client.get("/your-account").status_code == 200
    assert client.get(f"/choose-password/{key}").status_code == 410


@pytest.mark.asvs("7.6.1", "9.2.2", "10.5.5")
def test_leaving_there_ends_the_session_here(client: Client, provider: IdentityProvider) -> None:
    linked(provider)
    come_back(client, provider)
    assert is_in(client)
    for token, status in (
        (provider.logout_token(sid="session of somebody else"), 200),
        (provider.logout_token(sid="session of ann-at-nhs", aud="other"), 400),
        (provider.logout_token(sid="session of ann-at-nhs", nonce="n"), 400),
        (provider.logout_token(sid="session of ann-at-nhs", events={}), 400),
        ("nonsense", 400),
    ):
        answer = client.post("/sign-out/from/cis2", data={"logout_token": token})
        assert (answer.status_code, is_in(client)) == (status, True)
    token = provider.logout_token(sub="ann-at-nhs")
    assert client.post("/sign-out/from/cis2", data={"logout_token": token}).status_code == 200
    assert not is_in(client)


@pytest.mark.parametrize(
    "wrong",
    ['issuer = "http://idp.example"', 'signed_with = "none"', 'secret_file = "s"', "typo = 1"],
)
def test_a_provider_that_cannot_be_trusted_is_not_taken(tmp_path: Path, wrong: str) -> None:
    told = {
        "name": '"x"',
        "label": '"X"',
        "issuer": '"https://x.example"',
        "client_id": '"c"',
        "key_file": '"k"',
    }
    name, _, value = wrong.partition(" = ")
    lines = [f"{key} = {held}" for key, held in (told | {name: value}).items()]
    (tmp_path / "p.toml").write_text("[[provider]]\n" + "\n".join(lines))
    with pytest.raises(BadSettings):
        read(str(tmp_path / "p.toml"))
