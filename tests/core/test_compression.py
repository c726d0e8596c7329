"""What travels is small: pages are soon made so, what never changes as small as it gets."""

import brotli  # type: ignore[import-untyped]
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.engines import on_sqlite

pytestmark = on_sqlite

AS_A_BROWSER = {"Accept-Encoding": "gzip, deflate, br"}


def fetch(app: Flask, address: str, headers: dict[str, str]) -> TestResponse:
    """As it comes: other tests read their pages, and these are not to be read."""
    return FlaskClient(app, app.response_class).get(address, headers=headers, buffered=True)


def test_a_page_travels_small_and_reads_the_same(app: Flask) -> None:
    plain = fetch(app, "/about", {"Accept-Encoding": "identity"})
    small = fetch(app, "/about", AS_A_BROWSER)
    assert small.headers["Content-Encoding"] == "br"
    assert len(small.data) < len(plain.data) / 2
    assert "<h1" in brotli.decompress(small.data).decode()


def test_what_never_changes_is_made_as_small_as_it_gets(app: Flask) -> None:
    for address in ("/kith.css", "/kith.css?of=desk", "/static/vendor/govuk-frontend.min.css"):
        plain = fetch(app, address, {"Accept-Encoding": "identity"})
        small = fetch(app, address, AS_A_BROWSER)
        assert brotli.decompress(small.data) == plain.data
        assert small.data == brotli.compress(plain.data, quality=11)
        assert "Accept-Encoding" in small.headers["Vary"]
        assert plain.headers["Content-Length"] == str(len(plain.data))


def test_who_knows_no_brotli_is_sent_gzip(app: Flask) -> None:
    answer = fetch(app, "/kith.css", {"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"


def test_what_a_browser_has_already_is_not_sent_again(app: Flask) -> None:
    first = fetch(app, "/static/js/kith.js", AS_A_BROWSER)
    tag = {"If-None-Match": first.headers["ETag"]}
    again = fetch(app, "/static/js/kith.js", AS_A_BROWSER | tag)
    assert (again.status_code, again.data) == (304, b"")
