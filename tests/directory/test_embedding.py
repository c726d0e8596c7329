"""The search on other people's sites: a plain form, or a frame without cookies or script."""

import html
import re

import pytest

from directory.facts import PlaceFacts
from tests.builders import a_listing
from tests.client import Client
from tests.engines import on_sqlite

pytestmark = on_sqlite

PRESTON = PlaceFacts(name="Lamplight House", city="Preston", postcode="PR1 3SB")


@pytest.mark.asvs("3.4.6")
def test_the_search_may_stand_in_any_frame_and_nothing_else_may(client: Client) -> None:
    a_listing()
    framed = client.get("/embed").headers["Content-Security-Policy"]
    assert "frame-ancestors *;" in framed
    assert "frame-ancestors 'none';" in client.get("/").headers["Content-Security-Policy"]
    assert "frame-ancestors 'none';" in client.get("/activities").headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/embed", "/embed?q=knit&near=Bow"])
def test_the_frame_sets_no_cookie_and_runs_no_script(client: Client, path: str) -> None:
    a_listing()
    page = client.get(path)
    assert page.headers.getlist("Set-Cookie") == []
    assert "<script" not in page.text
    assert "csrf" not in page.text


def test_the_frame_shows_what_it_finds_and_opens_it_in_a_new_tab(client: Client) -> None:
    shown = a_listing("Knit and natter")
    a_listing("Brass band", places=(PRESTON,))
    page = client.get("/embed?near=Bow, London").text
    [link] = re.findall(rf'<a href="/activities/{shown.slug}"[^>]*>', page)
    assert 'target="_blank"' in link
    assert "Brass band" not in page
    for each in re.findall(r"<a [^>]*>", page):
        assert 'target="_blank" rel="noopener"' in each


def test_the_frame_says_so_when_it_does_not_know_a_place(client: Client) -> None:
    page = client.get("/embed?near=Nowhereton")
    assert page.status_code == 422
    assert "We do not know that place" in page.text


def test_the_form_to_copy_asks_our_search(client: Client) -> None:
    a_listing()
    shown = re.search(r'id="form-code"[^>]*>(.*?)</textarea>', client.get("/data").text, re.S)
    assert shown is not None
    code = html.unescape(shown[1])
    action = re.search(r'action="https?://[^/"]+([^"]*)" method="get"', code)
    assert action is not None
    assert re.findall(r'name="(\w+)"', code) == ["q", "near"]
    assert "Knit and natter" in client.get(f"{action[1]}?q=knit&near=").text
