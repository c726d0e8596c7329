"""Whoever finds a hole is told whom to tell, where a deployment has said so."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from core import clock, security_txt
from core.settings import BadSettings, Settings
from tests.client import Client
from tests.engines import on_sqlite

NOON = datetime(2026, 5, 5, 12, 0, tzinfo=UTC)


@on_sqlite
def test_where_nobody_is_named_there_is_no_file(client: Client) -> None:
    assert client.get(security_txt.ADDRESS).status_code == 404


@on_sqlite
def test_the_file_says_whom_to_tell_and_until_when_that_holds(app: Flask, client: Client) -> None:
    usual = app.extensions["kith.settings"]
    app.extensions["kith.settings"] = Settings(
        security_contact="mailto:security@kith.example", security_policy="https://kith.example/how"
    )
    try:
        with clock.set_to(NOON):
            answer = client.get(security_txt.ADDRESS)
    finally:
        app.extensions["kith.settings"] = usual
    said = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert answer.mimetype == "text/plain"
    assert said["Contact"] == "mailto:security@kith.example"
    assert said["Policy"] == "https://kith.example/how"
    assert said["Canonical"].endswith(security_txt.ADDRESS)
    expires = datetime.fromisoformat(said["Expires"])
    assert timedelta() < expires - NOON < timedelta(days=365)


def test_a_contact_nobody_could_use_is_refused() -> None:
    with pytest.raises(BadSettings, match="SECURITY_CONTACT"):
        Settings.from_env({"SECURITY_CONTACT": "security at kith.example"})
