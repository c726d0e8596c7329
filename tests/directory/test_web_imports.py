"""Bringing listings in on the web: an editor looks at it first, and anybody else cannot."""

import io
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from accounts import OrganisationKind, Role
from core import work
from core.db import db
from directory.feeds import importing
from directory.models import ImportRun, Service
from directory.rules import ImportState
from tests.builders import a_user, an_organisation
from tests.client import Client
from tests.engines import on_sqlite
from tests.page import hidden_fields

pytestmark = on_sqlite

SHEET = """Club,Where,Town,Fee,Notes
Choir,E3 3BQ,Bow,£2,=1+1
,E3 3BQ,Bow,£2,No name
Band,E3 3BQ,Bow,free,Loud
"""


@pytest.fixture
def editor(client: Client) -> Client:
    council = an_organisation("Bow council", OrganisationKind.COUNCIL)
    client.as_(a_user(council, Role.EDITOR, "Ed Moss"))
    importing._under_way.clear()
    return client


def send(client: Client, data: str = SHEET, **said: Any) -> TestResponse:
    form = {"source": "Bow clubs", "file": (io.BytesIO(data.encode()), "clubs.csv"), **said}
    return client.fill("/imports", form, content_type="multipart/form-data")


def send_raw(client: Client, token: str, data: bytes) -> TestResponse:
    """The same as a browser sends it, however large the file is."""
    parts = [
        f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in {"csrf_token": token, "source": "Bow"}.items()
    ]
    head = '--edge\r\nContent-Disposition: form-data; name="file"; filename="x.csv"\r\n\r\n'
    body = "".join([*parts, head]).encode() + data + b"\r\n--edge--\r\n"
    return client.post("/imports", data=body, content_type="multipart/form-data; boundary=edge")


def press(client: Client, action: str) -> TestResponse:
    """Press a button on the page of the import."""
    path = f"/imports/{the_run().id}"
    return client.fill_act(f"{path}/{action}", on=path)


def the_run() -> ImportRun:
    db.session.rollback()
    return db.session.scalars(select(ImportRun)).one()


def page_of(client: Client) -> str:
    return client.get(f"/imports/{the_run().id}").text


def count() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Service)) or 0


def test_an_editor_maps_the_columns_looks_at_it_and_lets_it_in(app: Flask, editor: Client) -> None:
    assert send(editor).status_code == 303
    assert "Waiting its turn" in page_of(editor)
    work.run_until_empty()
    page = page_of(editor)
    assert "What are its columns?" in page
    assert re.search(r'<option value="0" selected>\s*Club: Choir', page), "guessed by its heading"
    run_id = the_run().id
    said = {"name": "0", "postcode": "1", "town": "2", "cost": "3", "description": "4"}
    answer = editor.fill_form(f"/imports/{run_id}", f"/imports/{run_id}/columns", **said)
    assert answer.status_code == 303
    work.run_until_empty()
    page = page_of(editor)
    assert "Nothing has been changed yet." in page
    assert all(words in page for words in ("Choir", "Band", "row 3", "name: is blank"))
    assert count() == 0
    sheet = editor.get(f"/imports/{run_id}/left-out.csv")
    assert sheet.mimetype == "text/csv"
    assert sheet.text.splitlines()[1].startswith("row 3,name,is blank")
    assert press(editor, "go").status_code == 303
    page = page_of(editor)
    assert "Coming in" in page
    assert "Look again" in page
    work.run_until_empty()
    page = page_of(editor)
    assert "Done" in page
    assert "Look again" not in page
    assert count() == 2


def test_a_sheet_whose_name_column_nobody_says_is_asked_for_again(
    app: Flask, editor: Client
) -> None:
    send(editor)
    work.run_until_empty()
    path = f"/imports/{the_run().id}"
    answer = editor.fill_form(path, f"{path}/columns", name="", postcode="1")
    assert answer.status_code == 422
    assert "Say which column holds the name." in answer.text


def test_a_file_that_cannot_be_read_is_refused_with_the_reason(app: Flask, editor: Client) -> None:
    send(editor, '[{"id": "1", "name": "Cho')
    work.run_until_empty()
    page = page_of(editor)
    assert "Nothing came in: it is not JSON" in page
    assert the_run().state is ImportState.REFUSED


def test_a_cancelled_import_leaves_nothing(app: Flask, editor: Client) -> None:
    send(editor, '[{"id": "1", "name": "Choir", "status": "active"}]')
    work.run_until_empty()
    press(editor, "cancel")
    work.run_until_empty()
    assert "Nothing came in." in page_of(editor)
    assert count() == 0
    assert press(editor, "go").status_code == 409


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"source": ""}, "Say who publishes these"),
        ({"url": "https://feeds.example/services"}, "not both"),
        ({"file": (io.BytesIO(b""), "")}, "Choose a file"),
        ({"file": (io.BytesIO(b""), ""), "url": "ftp://feeds.example/"}, "begins with https://"),
        ({"file": (io.BytesIO(b""), ""), "url": "https://a:b@feeds.example/"}, "password"),
    ],
)
def test_what_is_missing_is_asked_for(
    app: Flask, editor: Client, said: dict[str, Any], reason: str
) -> None:
    answer = send(editor, **said)
    assert answer.status_code == 422
    assert reason in answer.text


def test_a_feed_that_cannot_be_asked_is_refused_with_the_reason(app: Flask, editor: Client) -> None:
    editor.fill("/imports", {"source": "Bow", "url": "http://127.0.0.1:9/services"})
    work.run_until_empty()
    assert "its address is not on the public internet" in page_of(editor)


@pytest.mark.asvs("8.2.1")
def test_nobody_but_an_editor_may_bring_listings_in(app: Flask, client: Client) -> None:
    group = an_organisation()
    client.as_(a_user(group, Role.ORGANISER))
    assert client.get("/imports").status_code == 404
    assert client.post("/imports", data={"source": "x"}).status_code in {400, 403, 404}


def test_who_may_not_come_in_cannot_send_a_large_file_either(app: Flask, client: Client) -> None:
    assert send_raw(client, "", b"x" * 6_000_000).status_code == 413


def test_an_editor_can_send_a_large_file(app: Flask, editor: Client) -> None:
    token = hidden_fields(editor.get("/imports").text)["csrf_token"]
    answer = send_raw(editor, token, b"id,name\n" + b"1,Choir\n" * 800_000)
    assert answer.status_code == 303
