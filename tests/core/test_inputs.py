"""What may come in: malformed requests are answered 4xx in plain words, and change nothing."""

import json
from collections.abc import Callable
from contextlib import suppress

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from core.errors import BadInput, NotFound
from core.inputs import page_number, read_json
from tests.client import Client
from tests.engines import on_sqlite

Send = Callable[[Client], TestResponse]
FORM = "application/x-www-form-urlencoded"


def as_json(body: str | bytes) -> Send:
    return lambda client: client.post("/sign-in", data=body, content_type="application/json")


def as_form(**fields: str) -> Send:
    return lambda client: client.post("/sign-in", data=fields)


def get(path: str) -> Send:
    return lambda client: client.get(path)


MALFORMED: dict[str, Send] = {
    "json: nested 100,000 deep": as_json("[" * 100_000),
    "json: nested in a field": as_json('{"name":' + "[" * 3000 + "]" * 3000 + "}"),
    "json: an integer of 10,000 digits": as_json('{"n":' + "9" * 10_000 + "}"),
    "json: an integer over 64 bits": as_json('{"n":99999999999999999999999}'),
    "json: not a number": as_json('{"n":NaN}'),
    "json: infinite": as_json('{"n":1e999}'),
    "json: half a character": as_json('{"name":"\\ud800"}'),
    "json: NUL": as_json('{"name":"a\\u0000b"}'),
    "json: not UTF-8": as_json(b'{"name":"\xff\xfe"}'),
    "json: UTF-16": as_json('{"name":"a"}'.encode("utf-16")),
    "json: a key twice": as_json('{"name":"a","name":"b"}'),
    "json: a list": as_json('["x"]'),
    "json: null": as_json("null"),
    "json: nothing": as_json("{}"),
    "json: the wrong type": as_json('{"name":["x"]}'),
    "json: 5,000 letters": as_json(json.dumps({"name": "x" * 5000})),
    "form: NUL": as_form(email="a\0b"),
    "form: a megabyte": as_form(email="x" * 1_000_000),
    "form: 2,000 fields": as_form(**{f"k{i}": "1" for i in range(2000)}),
    "form: 2,000 parts": lambda client: client.post(
        "/sign-in", data={f"k{i}": "1" for i in range(2000)}, content_type="multipart/form-data"
    ),
    "form: not UTF-8": lambda client: client.post(
        "/sign-in", data=b"email=%ff%fe", content_type=FORM
    ),
    "form: no boundary": lambda client: client.post(
        "/sign-in", data=b"--x", content_type="multipart/form-data"
    ),
    "form: 8 megabytes": lambda client: client.post(
        "/sign-in", data=b"email=" + b"x" * 8_000_000, content_type=FORM
    ),
    "query: 60,000 letters": get("/activities?q=" + "a" * 60_000),
    "query: 100,000 per cent signs": get("/activities?q=" + "%25" * 100_000),
    "query: NUL": get("/activities?q=%00"),
    "query: half a character": get("/activities?q=%ED%A0%80"),
    "page: 0": get("/activities?page=0"),
    "page: -5": get("/activities?page=-5"),
    "page: 10**30": get("/activities?page=1" + "0" * 30),
    "page: abc": get("/activities?page=abc"),
    "page: arabic digits": get("/activities?page=%D9%A3"),
    "path: NUL": get("/activities/%00"),
    "path: 5,000 digits": get("/activities/" + "9" * 5000),
    "id: 2**63": get(f"/caseload/{2**63}"),
    "id: not an id": get("/caseload/../../etc/passwd"),
}


@pytest.mark.asvs("2.2.1", "15.3.5", "16.5.1")
@on_sqlite
@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_request_is_refused_in_plain_words(client: Client, name: str) -> None:
    response = MALFORMED[name](client)
    assert 400 <= response.status_code < 500
    if response.mimetype == "text/html":
        assert "Traceback" not in response.text


@pytest.mark.parametrize(("text", "page"), [(None, 1), ("", 1), ("1", 1), ("500", 500)])
def test_page_numbers_that_are_pages(text: str | None, page: int) -> None:
    assert page_number(text) == page


@given(st.text())
def test_any_other_page_is_not_found(text: str) -> None:
    with suppress(NotFound):
        assert 1 <= page_number(text) <= 500


@pytest.mark.asvs("1.5.2")
@given(st.binary(max_size=300))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_json_is_read_or_refused(body: bytes) -> None:
    with suppress(BadInput):
        read_json(body)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.text("abc é", max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text("ab"), inner, max_size=3)
        ),
        max_leaves=8,
    )
)
def test_good_json_is_read_as_it_is(value: object) -> None:
    assert read_json(json.dumps(value).encode()) == value


def test_a_refused_form_is_shown_back(app: Flask, client: Client) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    response = client.post("/sign-in", data={"email": "ann@a.example", "password": "kept secret"})
    assert response.status_code in {400, 422}
    assert "kept secret" not in response.text
