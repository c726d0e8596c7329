"""The pages come in the language somebody chose; nothing else about them changes."""

import pytest
from werkzeug.test import TestResponse

from core.languages import LANGUAGES
from tests.client import Client
from tests.engines import on_sqlite
from tests.page import hidden_fields

pytestmark = on_sqlite


def choose(client: Client, code: str, to: str) -> TestResponse:
    fields = hidden_fields(client.get("/about").text, everywhere=True)
    return client.post(f"/language/{code}?to={to}", data=fields)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_page_comes_in_the_language_that_was_chosen(client: Client, code: str) -> None:
    answer = choose(client, code, "/about")
    page = client.get("/about").text

    assert answer.status_code == 303
    assert answer.headers["Location"] == "/about"
    assert f'<html lang="{code}"' in page
    assert f'dir="{LANGUAGES[code].direction}"' in page
    assert ("rtl.min.css" in page) == (code == "ur")


def test_a_language_there_is_not_is_refused(client: Client) -> None:
    assert choose(client, "xx", "/about").status_code == 400


@pytest.mark.asvs("3.7.2")
@pytest.mark.parametrize(
    "to", ["https://evil.example/", "//evil.example", "/\\evil.example", "/\t/evil.example", ""]
)
def test_a_choice_never_leads_to_another_site(client: Client, to: str) -> None:
    assert choose(client, "cy", to).headers["Location"] == "/"
