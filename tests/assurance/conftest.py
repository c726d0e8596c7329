"""An application as it runs in earnest: in production, over https, with its key beside it."""

from collections.abc import Iterator

import flask_migrate
import pytest
from flask import Flask

from app import create_app
from core import keys, site
from core.db import db
from core.settings import Settings
from directory import search
from tests.client import Client

HOST = "kith.example"


@pytest.fixture(scope="session")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder = tmp_path_factory.mktemp("production")
    settings = Settings.from_env(
        {
            "KITH_ENV": "production",
            "SECRET_KEY": "0123456789abcdef0123456789abcdef",
            "BASE_URL": f"https://{HOST}",
            "DATA_DIR": str(folder),
            "MAIL": "console",
            "SECURITY_CONTACT": f"mailto:security@{HOST}",
        }
    )
    keys.make_file(keys.path_for(settings))
    app = create_app(settings)
    with app.app_context():
        flask_migrate.upgrade()
        db.engine.dispose()
    return app


@pytest.fixture
def in_production(_made: Flask) -> Iterator[Flask]:
    """The application, with its context pushed. Tests read it, and leave nothing behind."""
    settings = _made.extensions["kith.settings"]
    site.set_up(settings)  # another application may have said otherwise
    with _made.app_context():
        search.begin(settings)
        yield _made
        db.session.rollback()
        db.session.remove()


@pytest.fixture
def visitor(in_production: Flask) -> Client:
    """Somebody at a browser, over https."""
    in_production.test_client_class = Client
    made = in_production.test_client()
    assert isinstance(made, Client)
    made.environ_base["wsgi.url_scheme"] = "https"
    made.environ_base["HTTP_HOST"] = HOST
    return made
