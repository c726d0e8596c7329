"""What the search page says above its results: whom to ring, and how it took the words."""

import html
import re
from collections.abc import Iterator

import html5lib
import pytest
from flask import Flask

from accounts import OrganisationKind, Role
from core import clock
from core.languages import COOKIE, LANGUAGES
from directory.desk import unmet
from directory.facts import PlaceFacts
from directory.meaning.urgent import helplines_for
from directory.rules import Attending
from tests.builders import MONDAY_MORNING, a_listing, a_user, an_organisation
from tests.client import Client
from tests.engines import on_sqlite

pytestmark = on_sqlite

PRESTON = PlaceFacts(name="Lamplight House", city="Preston", postcode="PR1 3SB")
NS = "{http://www.w3.org/1999/xhtml}"
HITS = "/activities?q=my+husband+hits+me"
A_BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}


@pytest.fixture(autouse=True)
def _monday_morning(app: Flask) -> Iterator[None]:
    with clock.set_to(MONDAY_MORNING):
        yield


def words(client: Client, path: str) -> str:
    page = client.get(path)
    assert page.status_code == 200, page.status
    [main] = html5lib.parse(page.get_data(as_text=True)).iter(f"{NS}main")
    return " ".join("".join(main.itertext()).split())


def titles(client: Client, path: str) -> list[str]:
    page = client.get(path).get_data(as_text=True)
    return [html.unescape(it) for it in re.findall(r'k-card__title"><a href="[^"]*">([^<]*)', page)]


@pytest.mark.parametrize("code", sorted(set(LANGUAGES) - {"en"}))
def test_whom_to_ring_is_said_in_the_language_of_the_page(client: Client, code: str) -> None:
    english = client.get(HITS).text
    client.set_cookie(COOKIE, code)
    page = client.get(HITS).text
    for line in helplines_for("my husband hits me"):
        assert f'href="{line.href}"' in page
        assert str(line.words) in english
        assert str(line.words) not in page


@pytest.mark.parametrize("view", ["", "&view=when", "&view=map", "&kind=moving-more", "&exact=1"])
@pytest.mark.parametrize("headers", [{}, {"X-Fragment": "1"}], ids=["page", "fragment"])
def test_words_of_harm_show_whom_to_ring_above_what_was_found(
    client: Client, view: str, headers: dict[str, str]
) -> None:
    a_listing("Tea for my husband and me")
    page = client.get(HITS + view, headers=headers).get_data(as_text=True)
    assert page.index('href="tel:999"') < page.index('class="govuk-checkboxes__item')
    assert page.index('href="tel:999"') < page.index('id="count"')
    assert 'href="tel:08082000247"' in page
    assert "data-leave" in page[page.index("k-urgent") : page.index('id="count"')]


def test_whom_to_ring_stands_beside_the_results_never_instead_of_them(client: Client) -> None:
    a_listing("Hits of the sixties")
    assert titles(client, "/activities?q=my+husband+hits+me") == ["Hits of the sixties"]
    assert "k-urgent" not in client.get("/activities?q=hits").get_data(as_text=True)


def test_the_frame_on_other_sites_shows_whom_to_ring_too(client: Client) -> None:
    page = client.get("/embed?q=i+want+to+die").get_data(as_text=True)
    assert 'href="tel:116123"' in page


def test_words_of_harm_are_not_counted_nor_left_in_the_browser(client: Client) -> None:
    answer = client.get(HITS + "&near=E3", headers=A_BROWSER)
    assert answer.headers["Cache-Control"] == "no-store"
    unmet.write_down()
    assert unmet.unmet() == []
    client.get("/activities?q=zeppelin&near=E3", headers=A_BROWSER)
    unmet.write_down()
    assert [each.place for each in unmet.unmet()] == ["E3, Tower Hamlets"]


def test_a_place_among_the_words_is_looked_near_at_once(client: Client) -> None:
    a_listing("Knitting")
    a_listing("Knitting by the river", places=(PRESTON,))
    path = "/activities?q=knitting+in+Bow"
    assert titles(client, path) == ["Knitting"]
    said = words(client, path)
    assert "1 activity for “knitting” near Bow" in said
    assert "Looking near Bow. Search everywhere instead" in said
    page = client.get(path).get_data(as_text=True)
    assert 'href="/activities?q=knitting+in+Bow&amp;anywhere=1"' in page
    assert 'value="knitting in Bow"' in page
    points = client.get("/activities.geojson?q=knitting+in+Bow").get_json()["features"]
    assert [each["properties"]["name"] for each in points] == ["Knitting"]


def test_everywhere_is_everywhere_and_leads_back(client: Client) -> None:
    a_listing("Knitting by the river", places=(PRESTON,))
    path = "/activities?q=knitting+in+Bow&anywhere=1"
    assert titles(client, path) == ["Knitting by the river"]
    assert "Looking everywhere. Look near Bow instead" in words(client, path)
    page = client.get(path).get_data(as_text=True)
    assert '<input type="hidden" name="anywhere" value="1">' in page


def test_a_distance_and_filters_stay_with_the_place_among_the_words(client: Client) -> None:
    a_listing("Knitting")
    page = client.get("/activities?q=knitting+e3&within=1&cost=free").get_data(as_text=True)
    assert 'id="within"' in page
    assert 'href="/activities?q=knitting+e3&amp;within=1">' in page


def test_a_place_in_its_own_box_counts_and_the_words_stay_whole(client: Client) -> None:
    a_listing("Knitting in Bow", places=(PRESTON,))
    assert titles(client, "/activities?q=knitting+in+Bow&near=Preston") == ["Knitting in Bow"]
    assert "Looking near" not in words(client, "/activities?q=knitting+in+Bow&near=Preston")


def test_a_name_that_may_be_a_word_is_no_place_where_nothing_is(client: Client) -> None:
    a_listing("Swimming in a bath")
    a_listing("Swimming talk by phone", places=(), attending=Attending.PHONE)
    assert titles(client, "/activities?q=swimming+in+bath")[0] == "Swimming in a bath"
    assert "Looking near" not in words(client, "/activities?q=swimming+in+bath")


def test_nothing_near_a_place_among_the_words_offers_ways_out(client: Client) -> None:
    a_listing("Knitting", places=(PRESTON,))
    page = client.get("/activities?q=knitting+near+E3+3BQ").get_data(as_text=True)
    assert '<a href="/activities?q=knitting">anywhere</a>' in page


def test_near_me_asks_where_that_is(client: Client) -> None:
    a_listing("Knitting")
    page = words(client, "/activities?q=knitting+near+me")
    assert "Near where? Write it under Postcode or town" in page
    assert "Near where?" not in words(client, "/activities?q=knitting+near+me&near=E3")


def test_where_i_am_now_waits_for_script(client: Client) -> None:
    page = client.get("/").get_data(as_text=True)
    assert re.search(r'<button type="button"[^>]*id="near-me"[^>]* hidden>', page)


def test_exact_words_are_a_chip_with_a_way_back(client: Client) -> None:
    a_listing("Knitting")
    page = client.get("/activities?q=knitting&exact=1&cost=free").get_data(as_text=True)
    assert "Exact words" in page
    assert page.count('href="/activities?q=knitting&amp;cost=free"') == 2
    assert '<input type="hidden" name="exact" value="1">' in page
    assert 'href="/activities?q=knitting&amp;exact=1"' in page


def test_editors_may_see_why_a_result_stands_where_it_stands(client: Client) -> None:
    a_listing("Knitting")
    path = "/activities?q=knitting&near=E3&explain=1"
    assert "Why it stands here" not in words(client, path)
    council = an_organisation("Tower Hamlets Council", OrganisationKind.COUNCIL)
    organiser = client.as_(a_user(an_organisation(), Role.ORGANISER))
    assert "Why it stands here" not in words(organiser, path)
    editor = client.as_(a_user(council, Role.EDITOR, "Ed Moss"))
    assert "Why it stands here" in words(editor, path)
    assert "Why it stands here" not in words(editor, "/activities?q=knitting&near=E3")


def test_what_was_understood_is_said_with_the_words_that_gave_it_away(client: Client) -> None:
    a_listing("Debt and money advice")
    said = words(client, "/activities?q=skint&cost=free")
    assert re.search("Showing .*money.*, because you wrote skint. Search for these exact", said)
    page = client.get("/activities?q=skint&cost=free").get_data(as_text=True)
    assert 'href="/activities?q=skint&amp;cost=free&amp;exact=1"' in page
    assert "because you wrote" not in words(client, "/activities?q=skint&exact=1")


def test_a_slip_of_the_pen_is_put_right_with_a_way_back(client: Client) -> None:
    a_listing("Walking by the canal")
    said = words(client, "/activities?q=walknig")
    assert "Showing results for walking. Search for “walknig” instead" in said
    assert "because you wrote" not in said
    page = client.get("/activities?q=walknig").get_data(as_text=True)
    assert page.count('href="/activities?q=walknig&amp;exact=1"') == 1
