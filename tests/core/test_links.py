"""Signed links: for one purpose, for a while, revocable, and never spent twice when single-use."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from core import clock, links
from core.actors import system
from core.db import db
from core.errors import NotFound
from core.links import LinkExpired, SignedLink
from core.saving import saving

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TEST = system("test")


def make(*, single_use: bool = False) -> str:
    with clock.set_to(START), saving():
        return links.make(
            "greet",
            about="thing:1",
            for_whom="Ann",
            lasts=timedelta(days=14),
            by=TEST,
            single_use=single_use,
        )


def test_a_link_opens_what_it_was_made_for(app: Flask) -> None:
    token = make()
    with clock.set_to(START + timedelta(days=13)):
        assert links.unseal("greet", token).about == "thing:1"


def test_a_link_opens_nothing_else(app: Flask) -> None:
    token = make()
    with clock.set_to(START), pytest.raises(NotFound):
        links.unseal("another purpose", token)


@pytest.mark.parametrize("wrong", ["", "x", "é" * 50, "\ud800", "a" * 5000])
def test_a_made_up_token_is_not_found(app: Flask, wrong: str) -> None:
    with pytest.raises(NotFound):
        links.unseal("greet", wrong)


def test_a_link_stops_when_its_time_is_over(app: Flask) -> None:
    token = make()
    with clock.set_to(START + timedelta(days=15)), pytest.raises(LinkExpired):
        links.unseal("greet", token)


def test_a_revoked_link_stops_at_once(app: Flask) -> None:
    token = make()
    with clock.set_to(START):
        with saving():
            links.revoke("thing:1", by=TEST)
        with pytest.raises(LinkExpired):
            links.unseal("greet", token)


def test_a_single_use_link_is_spent_once(app: Flask) -> None:
    token = make(single_use=True)
    with clock.set_to(START):
        link = links.unseal("greet", token)
        with saving():
            links.use(link)
        with pytest.raises(LinkExpired):
            links.unseal("greet", token)
        with pytest.raises(LinkExpired), saving():
            links.use(link)


def test_the_database_does_not_know_the_token(app: Flask) -> None:
    token = make()
    row = db.session.scalars(select(SignedLink)).one()
    assert token not in repr([getattr(row, column.name) for column in SignedLink.__table__.columns])
