"""Pages kept for everybody: nobody is told what is another's, or what is so no more."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from accounts import OrganisationKind, Role
from core import clock
from core.languages import COOKIE
from core.saving import saving
from core.whole_pages import whole_pages
from directory.notices import say_full
from directory.search import catch_up
from tests.builders import BUILDER, MONDAY_MORNING, a_listing, a_user, an_organisation
from tests.client import Client
from tests.engines import on_sqlite

PAGE = "/activities?q=knit"
KEYS = re.compile(r'nonce="([^"]+)|name="csrf_token" value="([^"]+)|name="once" value="([^"]+)')


@pytest.fixture(autouse=True)
def _monday_morning(app: Flask) -> Iterator[None]:
    with clock.set_to(MONDAY_MORNING):
        a_listing()
        catch_up()
        yield


def read(client: Client, path: str = PAGE, **headers: str) -> str:
    return client.get(path, headers=headers).get_data(as_text=True)


def keys_in(page: str) -> set[str]:
    return {key for found in KEYS.findall(page) for key in found if key}


def test_who_asks_second_reads_the_same_with_keys_of_their_own(app: Flask, client: Client) -> None:
    first = client.get(PAGE)
    second = app.test_client().get(PAGE)
    pages = [each.get_data(as_text=True) for each in (first, second)]
    assert keys_in(pages[0])
    assert not keys_in(pages[0]) & keys_in(pages[1])
    assert len({KEYS.sub("", page) for page in pages}) == 1
    assert first.headers["Vary"] == second.headers["Vary"]
    nonce = re.findall(r'nonce="([^"]+)', pages[1])[0]
    assert f"'nonce-{nonce}'" in second.headers["Content-Security-Policy"]


def test_a_form_of_a_kept_page_can_be_sent(app: Flask, client: Client) -> None:
    read(client)
    other = app.test_client()
    assert isinstance(other, Client)
    action = re.findall(r'formaction="(/shortlist/[^"]+)"', read(other))[0]
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', read(other)))
    assert other.post(action, data=fields).status_code == 303
    assert "Shortlist (1)" in read(other)
    assert "Shortlist (1)" not in read(client)


def test_what_changes_is_told_to_the_next_who_asks(client: Client) -> None:
    assert "Full this week" not in read(client)
    service = a_listing("Knit more")
    catch_up()
    assert "Knit more" in read(client)
    with saving():
        say_full(service, by=BUILDER)
    catch_up()
    assert "k-full" in read(client)
    with clock.set_to(MONDAY_MORNING + timedelta(days=8)):
        assert "k-full" not in read(client)


def test_another_language_another_page(client: Client) -> None:
    read(client)
    assert "<main" not in read(client, **{"X-Fragment": "results"})
    client.set_cookie(COOKIE, "cy")
    assert '<html lang="cy"' in read(client)
    client.delete_cookie(COOKIE)
    assert '<html lang="en"' in read(client)


@pytest.mark.asvs("14.2.2")
def test_who_is_signed_in_is_told_their_own(app: Flask, client: Client) -> None:
    editors = an_organisation("Editors", kind=OrganisationKind.COUNCIL)
    read(client)
    client.as_(a_user(editors, Role.EDITOR, "Nadia Hussain"))
    assert "Nadia Hussain" in read(client)
    assert "Nadia Hussain" not in app.test_client().get(PAGE).get_data(as_text=True)


@on_sqlite
def test_only_so_many_are_kept(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.whole_pages.MOST_KEPT", 3)
    for within in (1, 2, 3, 5, 10):
        read(client, f"{PAGE}&near=E3+3BQ&within={within}")
    assert len(whole_pages()._kept) == 3
