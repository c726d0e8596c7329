"""A test client that is also a strict reader: every page it fetches must be a good page."""

from collections.abc import Mapping
from contextvars import copy_context
from typing import Any

from flask.globals import _cv_app
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from accounts import User
from accounts.signing_in import start
from accounts.web import COOKIE
from core.actors import system
from core.db import db
from core.saving import saving
from tests.page import check_page, hidden_fields


class Client(FlaskClient):
    """Fetches like a browser: each request in a context of its own, forms whole."""

    is_strict = True

    def as_(self, user: User) -> "Client":
        """Be signed in as somebody."""
        with saving():
            token = start(user, by=system("test"), device="test")
        self.set_cookie(COOKIE, token)
        return self

    def bring(self, key: str) -> "Client":
        """Send a program's key with every request from now on."""
        self.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {key}"
        return self

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request, and read the answer strictly."""
        kwargs.setdefault("buffered", True)  # read to the end what is sent as it is made
        db.session.rollback()  # let go of what the test has read: the request may change it

        def send() -> TestResponse:
            _cv_app.set(None)  # type: ignore[arg-type]
            return super(Client, self).open(*args, **kwargs)

        response = copy_context().run(send)
        is_page = response.mimetype == "text/html" and response.get_data()
        if self.is_strict and is_page and response.status_code not in {301, 302, 303}:
            fragment = "X-Fragment" in (kwargs.get("headers") or {})
            check_page(response.get_data(as_text=True), is_fragment=fragment)
        return response

    def fill(self, path: str, answers: Mapping[str, Any], **kwargs: Any) -> TestResponse:
        """Open a page, fill in its form and send it, hidden fields and all."""
        page = self.get(path)
        assert page.status_code == 200, page.status
        hidden = hidden_fields(page.get_data(as_text=True))
        return self.post(path, data={**hidden, **answers}, **kwargs)

    def fill_form(self, path: str, action: str, **answers: Any) -> TestResponse:
        """Open a page and send the form on it that posts to `action`."""
        return self.send_form(self.get(path), action, **answers)

    def send_form(self, page: TestResponse, action: str, **answers: Any) -> TestResponse:
        """Send a form of a page already open, perhaps for the second time."""
        return self.post(action, data={**hidden_fields(page.text), **answers})

    def fill_act(self, path: str, *, on: str, **answers: Any) -> TestResponse:
        """Press a button that posts through a page's own hidden form."""
        hidden = hidden_fields(self.get(on).get_data(as_text=True), everywhere=True)
        return self.post(path, data={**hidden, **answers})
