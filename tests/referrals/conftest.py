"""Who is at the desk in the tests of this room's pages."""

import pytest
from flask import Flask

from accounts import User
from tests.client import Client
from tests.referral_builders import a_link_worker, a_team


@pytest.fixture
def amina(app: Flask) -> User:
    return a_link_worker(a_team("Bow link workers"))


@pytest.fixture
def desk(client: Client, amina: User) -> Client:
    return client.as_(amina)
