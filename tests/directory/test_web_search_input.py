"""Whatever is typed into the search, a page comes back with what was typed, and true counts."""

import logging
import re
from urllib.parse import quote

import html5lib
import pytest

from core.db import db
from directory.models import NotFoundCount
from directory.search import Query, search
from tests.builders import a_listing
from tests.client import Client
from tests.engines import on_sqlite

NS = "{http://www.w3.org/1999/xhtml}"
A_BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}

TEXTS = {
    "ten thousand letters": "a" * 10_000,
    "ten thousand letters in words": "knit natter " * 833,
    "ten thousand letters, two bytes each": "é" * 10_000,
    "spaces": "   \t ",
    "control characters": "knit\x01\x07\x1b[31m\x7f natter\r\nSet-Cookie: a=b",
    "right-to-left marks": "\u202eknit\u202c \u2066natter\u2069 \u200f\u200e\ufeff",
    "not a character": "knit \ufdd0 \U0001fffe",
    "a bomb of the query language": "((((a* OR b*) AND (c* OR d*)) NOT (e* OR f*)",
    "deep": "(" * 190,
    "a star": "*",
    "stars": "* " * 90,
    "a dash": "-",
    "only without": "-knit",
    "fuzzy": "a~9999",
    "boosted": "knit^99999 natter~0.5",
    "a field": "name:knit OR *:*",
    "a range": "[a TO z] {* TO *}",
    "an unclosed quote": '"knit and',
    "quotes": '"' * 199,
    "an empty quote": '""',
    "a regular expression": "/(a+)+$/ " + "a" * 60 + "!",
    "SQL": "'; DROP TABLE service; -- \" OR 1=1",
    "like": "%_%",
    "tsquery": "knit:* & !natter | <-> (",
    "HTML": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "a template": "{{ 7 * 7 }}{% raw %}%(words)s {0} %s",
    "a path": "../../etc/passwd",
    "pictures": "🧶🏴󠁧󠁢󠁷󠁬󠁳󠁿👩‍👩‍👧",
    "Urdu": "تنہائی میں مدد",
    "accents on accents": "e" + "\u0301" * 150,
    "numbers": "9" * 150,
    "a dozen places": "in Bow near Bath in Reading " * 7,
}
UNSEEN = re.compile(
    "[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufdd0\U0001fffe\U000e0000-\U000e007f]"
)
PAGES = ("/activities?", "/activities?view=when&", "/activities?view=map&", "/embed?")
ROUTES = (*PAGES, "/activities.geojson?", "/suggest?")


@pytest.fixture(autouse=True)
def _something_to_find(client: Client) -> None:
    a_listing("Knit and natter")
    assert client


@pytest.mark.asvs("1.2.4", "2.2.1")
@pytest.mark.parametrize("route", ROUTES)
def test_any_text_gets_an_answer(client: Client, route: str) -> None:
    for name, text in TEXTS.items():
        too_long = len(" ".join(text.split())) > 200 and "suggest" not in route
        page = client.get(f"{route}q={quote(text)}")
        assert page.status_code == (422 if too_long else 200), name


@on_sqlite
def test_any_text_may_stand_for_a_place(client: Client) -> None:
    for name, text in TEXTS.items():
        for asked in ("/activities?q=knit&near=", "/embed?near=", "/suggest?place="):
            assert client.get(f"{asked}{quote(text)}").status_code in {200, 422}, name


def test_what_was_typed_is_kept_and_the_count_is_that_of_the_list(client: Client) -> None:
    for name, text in TEXTS.items():
        html = client.get(f"/activities?q={quote(text)}").get_data(as_text=True)
        [box] = [it for it in html5lib.parse(html).iter(f"{NS}input") if it.get("id") == "q"]
        kept = box.get("value") or ""
        assert len(kept) <= 200, name
        assert not UNSEEN.search(kept), name
        assert bare(text).startswith(bare(kept)), name
        [said] = re.findall(r'id="count"[^>]*>(\d+) activit', html)
        assert html.count('class="k-card__title"') == int(said), name


@on_sqlite
def test_too_many_words_are_cut_and_the_box_says_so(client: Client) -> None:
    page = client.get("/activities?q=" + "knit+" * 2_000)
    html = page.get_data(as_text=True)
    assert page.status_code == 422
    assert "That is a lot of words" in html
    assert 'id="q-error"' in html
    assert "<title>Error: " in html
    assert "1 activity" in html


@on_sqlite
@pytest.mark.parametrize("within", ["1e309", "-1", "0", "nan", "inf", "far", "1e3", "٣", "9" * 500])
def test_a_distance_that_is_none_is_said_and_the_usual_one_taken(
    client: Client, within: str
) -> None:
    page = client.get(f"/activities?q=knit&near=E3&within={quote(within)}")
    html = page.get_data(as_text=True)
    assert page.status_code == 422
    assert "The distance must be a number of miles." in html
    assert 'value="knit"' in html
    assert "1 activity" in html
    assert client.get(f"/activities.geojson?within={quote(within)}").status_code == 422


@on_sqlite
@pytest.mark.parametrize("page", ["99999999", "-1", "0", "1.5", "two", "٢", "9" * 300])
@pytest.mark.parametrize("route", ["/activities?", "/activities?view=map&", "/embed?"])
def test_a_page_there_is_not_is_not_found(client: Client, route: str, page: str) -> None:
    assert client.get(f"{route}page={quote(page)}").status_code == 404


@on_sqlite
@pytest.mark.parametrize("name", ["q", "near", "within", "page", "kind", "view", "place"])
@pytest.mark.parametrize("value", ["%00", "a%00b", "%ff%fe", "%ed%a0%80"])
def test_what_is_not_text_is_refused_in_words(client: Client, name: str, value: str) -> None:
    for route in ROUTES:
        page = client.get(f"{route}{name}={value}")
        assert page.status_code == 400
        assert "not text we can read" in page.get_data(as_text=True)


@on_sqlite
def test_the_same_thing_said_twice_breaks_nothing(client: Client) -> None:
    for route in ROUTES:
        assert client.get(f"{route}q=a&q=b&near=E3&near=E4&within=1&within=x").status_code == 200


@pytest.mark.asvs("16.2.5")
@on_sqlite
def test_nothing_of_what_is_typed_is_written_down(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        for text in TEXTS.values():
            marked = quote(f"zebracorn {text}")
            for asked in ("/activities?q=", "/activities?near=", "/suggest?q=", "/suggest?place="):
                client.get(f"{asked}{marked}", headers=A_BROWSER)
    assert "zebracorn" not in caplog.text.casefold()
    assert "zebracorn" not in str(db.session.query(NotFoundCount).all())


def test_the_face_of_the_search_takes_any_text_too() -> None:
    for name, text in TEXTS.items():
        answer = search(Query(text=text, page=10**12, per_page=10**9, within=float("1e309")))
        assert answer.total >= len(answer.hits), name


def bare(text: str) -> str:
    """What is left of a text without the room between its words, and without what nobody sees."""
    return re.sub(r"\s", "", UNSEEN.sub("", text))
