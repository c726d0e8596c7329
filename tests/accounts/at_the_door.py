"""Somebody who signs in, with whatever they have set up, and how they go about it."""

from dataclasses import replace
from typing import Any

import pyotp
import pytest
from flask import Flask

from accounts import OrganisationKind, Role, User, add_user, join, set_up
from accounts.signing_in import codes, hash_password
from core import clock
from core.actors import system
from core.saving import saving
from tests.client import Client

TEST = system("test")
PASSWORD = "correct horse battery"
HASH = hash_password(PASSWORD)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
EMAIL = "ann@group.example"


def an_organiser(email: str = EMAIL, name: str = "Ann Other") -> User:
    """Somebody who keeps a group's listings and signs in with a password."""
    with saving():
        group = set_up("Bow Walkers", OrganisationKind.GROUP, by=TEST)
        user = add_user(email, name, password_hash=HASH, by=TEST)
        join(user, group, Role.ORGANISER, by=TEST)
    return user


def code_now(later: int = 0) -> str:
    """What the app shows at this moment, or so many seconds later."""
    return pyotp.TOTP(SECRET).at(int(clock.now().timestamp()) + later)


def with_an_app(user: User) -> User:
    """They have set up an app, some while ago."""
    with saving():
        assert codes.set_up_app(user, SECRET, code_now(-30), by=TEST)
    return user


def with_codes_on_paper(user: User) -> list[str]:
    """They have printed ten codes."""
    printed = codes.new_codes()
    hashes = codes.hashes_of(printed)
    with saving():
        codes.keep_codes(user, hashes, by=TEST)
    return printed


def sign_in(client: Client, email: str = EMAIL, password: str = PASSWORD) -> int:
    """Type an address and a password."""
    return client.fill("/sign-in", {"email": email, "password": password}).status_code


def is_in(client: Client) -> bool:
    """Whether their desk opens."""
    return client.get("/my-listings").status_code == 200


def require_second_step(app: Flask, monkeypatch: pytest.MonkeyPatch, **also: Any) -> None:
    """Have this deployment ask everybody for a second step."""
    settings = replace(app.extensions["kith.settings"], second_factor="required", **also)
    monkeypatch.setitem(app.extensions, "kith.settings", settings)
