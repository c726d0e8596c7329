"""Who is at the desk in the tests of this room's pages; and what no letter may ever say."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts import User
from core.db import db
from core.outbox import Letter
from referrals.models import Person, Referral
from tests.client import Client
from tests.referral_builders import a_link_worker, a_team


@pytest.fixture
def amina(app: Flask) -> User:
    return a_link_worker(a_team("Bow link workers"))


@pytest.fixture
def desk(client: Client, amina: User) -> Client:
    return client.as_(amina)


@pytest.fixture(autouse=True)
def _no_letter_says_who_it_is_about(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test has happen: no letter names the person, or repeats what was said of them."""
    if "app" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("app")
    yield
    with Session(db.engine) as session:
        words = [f"{letter.subject} {letter.body}" for letter in session.scalars(select(Letter))]
        private = {fact for fact in _private(session) if any(fact in each for each in words)}
    assert not private


def _private(session: Session) -> Iterator[str]:
    for person in session.scalars(select(Person)):
        facts = (person.name, person.address, person.nhs_number, person.contact_note)
        yield from (str(fact) for fact in facts if fact)
    yield from filter(None, (each.note for each in session.scalars(select(Referral)).all()))
