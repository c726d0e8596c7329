"""What people type comes back as what they typed, wherever it is printed, and breaks nothing."""

import csv
import io
import json
import re
from email.message import EmailMessage

import pytest
from flask import Flask
from markupsafe import escape

from core import outbox
from core.access import door_of
from core.db import db
from core.outbox import Draft, Letter
from core.saving import saving
from core.settings import Settings
from directory.models import Service
from tests.builders import a_listing, a_user, an_organisation
from tests.client import Client
from tests.engines import on_sqlite

pytestmark = on_sqlite

HOSTILE = "Tea </script><img src=x onerror=alert(1)> \"quoted\" 'n' {{ 7*7 }} =1+1"


@pytest.fixture
def hostile(app: Flask) -> Service:
    """A listing of a group whose name tries to break out of whatever it stands in."""
    return a_listing(HOSTILE, organisation=an_organisation(HOSTILE))


@pytest.mark.asvs("1.2.1", "1.2.3", "1.3.5")
def test_a_name_that_tries_to_break_out_is_shown_as_it_was_typed(
    client: Client, hostile: Service
) -> None:
    page = client.get(f"/activities/{hostile.slug}").text
    for read in (page, client.get("/activities", query_string={"q": HOSTILE}).text):
        assert "<img src=x" not in read
        assert escape(HOSTILE) in read
    told = re.findall(r'<script type="application/ld\+json"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert any(HOSTILE in values(json.loads(each)) for each in told)


def values(said: object) -> list[object]:
    """Everything that is said in a piece of JSON."""
    if isinstance(said, dict):
        return [value for each in said.values() for value in values(each)]
    if isinstance(said, list):
        return [value for each in said for value in values(each)]
    return [said]


@pytest.mark.asvs("1.2.1", "5.4.1", "5.4.2")
def test_files_are_named_by_us_whatever_a_listing_is_called(
    client: Client, hostile: Service
) -> None:
    slug = hostile.slug
    for path in (f"/activities/{slug}/calendar.ics", "/data/listings.csv", "/data/hsds.zip"):
        said = client.get(path).headers["Content-Disposition"]
        assert re.fullmatch(r'(attachment|inline); filename="?[\w.-]+"?', said), said


@pytest.mark.asvs("1.3.3")
def test_a_table_and_a_calendar_keep_their_lines_whatever_a_listing_says(client: Client) -> None:
    said = 'Two\r\nlines, a\tstop; "marks", =1+1'
    slug = a_listing(organisation=an_organisation(said)).slug
    rows = list(csv.reader(io.StringIO(client.get("/data/listings.csv").text)))
    assert len({len(row) for row in rows}) == 1
    assert not [cell for row in rows for cell in row if re.match(r"[=+@]|-(?!\d)", cell)]
    calendar = client.get(f"/activities/{slug}/calendar.ics").text
    assert all(re.match(r"[A-Z-]+[:;]| ", line) for line in calendar.splitlines())


@pytest.mark.asvs("1.1.1")
def test_an_address_is_decoded_once(client: Client) -> None:
    page = client.get("/activities?q=%253Cb%253E%2541").text
    assert "%3Cb%3E%41" in page
    assert "<b>A" not in page


@pytest.mark.asvs("1.2.2")
def test_what_is_typed_into_an_address_stays_in_its_place(client: Client) -> None:
    a_listing()
    page = client.get("/activities?q=a%26near%3DE1%23x&near=E3+3BQ").text
    links = [each for each in re.findall(r'href="([^"]*)"', page) if "q=" in each]
    assert links
    assert all("q=a%26near%3DE1%23x" in each for each in links)


@pytest.mark.asvs("3.5.1", "3.5.2")
def test_nothing_is_changed_by_a_form_that_was_not_ours(app: Flask, client: Client) -> None:
    """Every door for people that takes a POST: without our token none of them opens."""
    client.as_(a_user(an_organisation())).is_strict = False
    opened = []
    for rule in app.url_map.iter_rules():
        door = door_of(app.view_functions[rule.endpoint])
        if "POST" not in (rule.methods or ()) or rule.arguments or door is None or door.key:
            continue
        for kind in ("application/x-www-form-urlencoded", "text/plain"):
            answer = client.post(
                rule.rule,
                data="once=1&ok=1",
                content_type=kind,
                headers={"Origin": "https://elsewhere.example"},
            )
            if answer.status_code < 400:
                opened.append((rule.rule, answer.status))
    assert not opened


@pytest.mark.asvs("15.3.7")
def test_of_a_field_sent_twice_one_is_taken_and_the_address_is_not_the_form(
    client: Client,
) -> None:
    page = client.get("/activities?q=first&q=second&page=1&page=2")
    assert page.status_code == 200
    assert client.post("/sign-in?email=a@b.example&password=long-enough").status_code in {400, 422}


@pytest.mark.asvs("1.3.11")
@pytest.mark.parametrize("name", ["to_address", "subject"])
def test_no_letter_takes_a_second_header(
    app: Flask, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """What would smuggle a header in is not sent at all."""
    sent: list[EmailMessage] = []
    monkeypatch.setattr("smtplib.SMTP.__init__", lambda self, *a, **k: None)
    monkeypatch.setattr("smtplib.SMTP.close", lambda self: None)
    monkeypatch.setattr("smtplib.SMTP.send_message", lambda self, message: sent.append(message))
    said = {"to_address": "a@b.example", "subject": "Hello"}
    said[name] += "\r\nBcc: everybody@c.example"
    with saving():
        letter = outbox.put(Draft(kind="test", about="x", same_as="x", body="Hello.", **said))
    send = outbox.transport_of(Settings(env="production", mail="smtp", smtp_starttls=False))
    with pytest.raises(ValueError, match=r"(?i)header|newline|linefeed|CR"):
        send(db.session.get_one(Letter, letter.id))
    assert not sent
