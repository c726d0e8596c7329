"""The shortlist: kept on one device without an account, passed on without a word of anybody."""

import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import unquote

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from core import clock
from core.saving import saving
from directory.counting import totals, write_down
from directory.listings import step
from directory.models import Service
from directory.rules import Life, Step
from directory.shortlists import MOST, UNUSED_FOR
from directory.web.shortlist import COOKIE
from tests.builders import BUILDER, MONDAY_MORNING, a_listing, a_user, an_organisation
from tests.client import Client
from tests.engines import on_sqlite

pytestmark = on_sqlite

GSM = re.compile(r"[\w @£$¥\r\n!\"#%&'()*+,\-./:;<=>?¡¿§]*", re.ASCII)
BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0"}


@pytest.fixture(autouse=True)
def _monday_morning(app: Flask) -> Iterator[None]:
    write_down()
    with clock.set_to(MONDAY_MORNING):
        yield


def press(client: Client, service: Service, what: str, **kwargs: object) -> TestResponse:
    on = f"/activities/{service.slug}"
    return client.fill_act(f"/shortlist/{service.id}/{what}", on=on, **kwargs)


def saved(client: Client) -> list[str]:
    html = client.get("/shortlist").text
    return re.findall(r'k-card__title"><a href="[^"]*">([^<]*)', html)


def shared_by(client: Client) -> str:
    answer = client.fill_act("/shortlist/share", on="/shortlist")
    assert answer.status_code == 303
    return answer.location


def test_an_activity_is_saved_and_taken_off_without_script(client: Client) -> None:
    service = a_listing("Walk")
    answer = press(client, service, "save")
    assert (answer.status_code, answer.location) == (303, "/shortlist")
    assert saved(client) == ["Walk"]
    assert 'aria-pressed="true"' in client.get(f"/activities/{service.slug}").text
    press(client, service, "save")
    assert saved(client) == ["Walk"]
    press(client, service, "remove")
    assert saved(client) == []
    assert "Nothing is saved yet" in client.get("/shortlist").text


def test_the_button_leads_back_to_the_page_it_stood_on(client: Client) -> None:
    service = a_listing()
    path = f"/shortlist/{service.id}/save"
    hidden = {"csrf_token": re.findall(r'csrf_token" value="([^"]*)', client.get("/").text)[0]}

    def back(referrer: str) -> str:
        return client.post(path, data=hidden, headers={"Referer": referrer}).location

    assert back("http://localhost/activities?q=knit") == "/activities?q=knit"
    assert back("http://localhost//evil.example") == "/evil.example"
    assert back("https://evil.example/activities") == "/shortlist"
    assert back("http://localhost/\\evil.example") == "/shortlist"
    assert back("http://[") == "/shortlist"


def test_script_is_given_the_button_and_the_words_of_the_menu(client: Client) -> None:
    service = a_listing("Walk")
    token = re.findall(r'csrf_token" value="([^"]*)', client.get("/").text)[0]
    answer = client.post(
        f"/shortlist/{service.id}/save", data={"csrf_token": token}, headers={"X-Fragment": "1"}
    )
    assert answer.status_code == 200
    assert f'id="save-{service.id}"' in answer.text
    assert 'data-menu-words="Shortlist (1)"' in answer.text
    assert 'aria-pressed="true"' in answer.text


def test_the_menu_says_how_many_are_saved(client: Client) -> None:
    press(client, a_listing("Walk"), "save")
    press(client, a_listing("Choir"), "save")
    assert ">Shortlist (2)</a>" in client.get("/").text


@pytest.mark.asvs("14.3.3")
def test_what_is_saved_is_kept_in_a_cookie_of_ids_that_script_cannot_read(client: Client) -> None:
    answer = press(client, a_listing("Walk"), "save")
    [cookie] = [each for each in answer.headers.getlist("Set-Cookie") if COOKIE in each]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert f"Max-Age={timedelta(days=90).total_seconds():.0f}" in cookie
    assert "Walk" not in cookie


@pytest.mark.asvs("9.1.1")
@pytest.mark.parametrize("cookie", ["", "x", "AAAA.AAAA", "é", "A" * 4000, "..", "=.="])
def test_a_cookie_that_is_not_ours_is_an_empty_list(client: Client, cookie: str) -> None:
    client.set_cookie(COOKIE, cookie)
    assert saved(client) == []


def test_what_nobody_may_see_cannot_be_saved(client: Client) -> None:
    shown, draft = a_listing("Walk"), a_listing("Draft", life=Life.DRAFT)
    for service_id in (draft.id, uuid.uuid4()):
        on = f"/activities/{shown.slug}"
        answer = client.fill_act(f"/shortlist/{service_id}/save", on=on)
        assert answer.status_code == 404
    assert saved(client) == []


def test_what_has_ended_leaves_the_list(client: Client) -> None:
    walk, choir = a_listing("Walk"), a_listing("Choir")
    press(client, walk, "save")
    press(client, choir, "save")
    with saving():
        step(walk, Step.RETIRE, by=BUILDER)
    assert saved(client) == ["Choir"]


def test_a_list_has_an_end(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("directory.web.shortlist.MOST", 2)
    services = [a_listing(name) for name in ("Walk", "Choir", "Art")]
    for each in services[:2]:
        press(client, each, "save")
    answer = press(client, services[2], "save")
    assert answer.status_code == 409
    assert "Take one off yours first." in answer.text
    assert MOST == 30


def test_everything_is_cleared_at_once(client: Client) -> None:
    press(client, a_listing("Walk"), "save")
    client.fill_act("/shortlist/clear", on="/shortlist")
    assert saved(client) == []


def test_a_list_is_passed_on_by_a_short_address(client: Client) -> None:
    press(client, a_listing("Walk"), "save")
    press(client, a_listing("Choir"), "save")
    path = shared_by(client)
    assert re.fullmatch(r"/l/[0-9a-hjkmnp-tv-z]{8}\?mine=1", path)
    page = client.get(path)
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert "This is the page to pass on." in page.text
    assert page.text.count("<svg role") == 1
    assert "mailto:?subject=" in page.text
    [sms] = re.findall(r'href="sms:\?&amp;body=([^"]*)"', page.text)
    assert len(sms) <= 160 * 3


def test_a_text_message_is_one_message_of_plain_letters(client: Client) -> None:
    long = a_listing("The “really” friendly Tuesday knitting – and nattering – circle for all " * 2)
    press(client, long, "save")
    for path in (f"/activities/{long.slug}", shared_by(client)):
        for found in re.findall(r'href="sms:\?&amp;body=([^"]*)"', client.get(path).text):
            text = unquote(found)
            assert len(text) <= 160
            assert GSM.fullmatch(text), text
            assert "http://127.0.0.1:8000/" in text


def test_a_shared_list_can_be_added_to_ones_own(client: Client, app: Flask) -> None:
    press(client, a_listing("Walk"), "save")
    press(client, a_listing("Choir"), "save")
    path = shared_by(client).partition("?")[0]
    app.test_client_class = Client
    other = app.test_client()
    assert isinstance(other, Client)
    assert "Somebody chose these" in other.get(path).text
    press(other, a_listing("Art"), "save")
    other.fill_act(f"{path}/save", on=path)
    assert saved(other) == ["Art", "Walk", "Choir"]
    assert "Add all to my shortlist" not in other.get(path).text


def test_a_shared_list_says_how_many_have_ended_and_names_none(client: Client) -> None:
    walk = a_listing("Walk")
    press(client, walk, "save")
    press(client, a_listing("Choir"), "save")
    path = shared_by(client)
    with saving():
        step(walk, Step.RETIRE, by=BUILDER)
    page = client.get(path).text
    assert "1 activity of this list is no longer on." in page
    assert "Walk" not in page


def test_a_shared_list_stays_while_somebody_opens_it(client: Client) -> None:
    press(client, a_listing("Walk"), "save")
    path = shared_by(client)
    with clock.set_to(MONDAY_MORNING + UNUSED_FOR):
        assert client.get(path).status_code == 200
    with clock.set_to(MONDAY_MORNING + 2 * UNUSED_FOR):
        assert client.get(path).status_code == 200
    with clock.set_to(MONDAY_MORNING + 3 * UNUSED_FOR + timedelta(days=1)):
        assert client.get(path).status_code == 404


def test_an_empty_list_cannot_be_shared(client: Client) -> None:
    answer = client.fill_act("/shortlist/share", on="/about")
    assert answer.status_code == 409


def test_a_visit_is_counted_and_nobody_who_minds(client: Client) -> None:
    service = a_listing("Walk")
    path = f"/activities/{service.slug}"
    today = clock.today()
    client.get(path, headers=BROWSER)
    assert totals([service.id], today)["seen"] == 1
    for headers in (
        {**BROWSER, "DNT": "1"},
        {**BROWSER, "Sec-GPC": "1"},
        {**BROWSER, "Sec-Purpose": "prefetch"},
        {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"},
        {"User-Agent": "python-requests/2"},
        {},
    ):
        client.get(path, headers=headers)
    client.head(path, headers=BROWSER)
    assert totals([service.id], today)["seen"] == 1
    client.get(f"{path}/sessions/2026-11-24.ics", headers=BROWSER)
    assert totals([service.id], today)["calendar"] == 1


def test_those_who_work_here_are_not_counted(client: Client) -> None:
    service = a_listing("Walk")
    client.as_(a_user(an_organisation("Walkers")))
    client.get(f"/activities/{service.slug}", headers=BROWSER)
    assert totals([service.id], clock.today())["seen"] == 0


def test_saving_is_counted_once(client: Client) -> None:
    service = a_listing("Walk")
    page = client.get(f"/activities/{service.slug}").text
    token = re.findall(r'csrf_token" value="([^"]*)', page)[0]
    for _ in range(2):
        client.post(f"/shortlist/{service.id}/save", data={"csrf_token": token}, headers=BROWSER)
    assert totals([service.id], clock.today())["shortlisted"] == 1
