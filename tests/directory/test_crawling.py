"""Directory: search engines find what is public, each page under one address, and nothing else."""

import re
from datetime import UTC, datetime
from xml.etree import ElementTree as Tree

import pytest
from flask import Flask

from core import clock
from directory.rules import Life
from directory.web import crawling
from tests.builders import MONDAY_MORNING, a_listing
from tests.client import Client

NS = f"{{{crawling.SITEMAP}}}"


def test_the_map_names_what_is_shown_and_when_it_changed(client: Client) -> None:
    with clock.set_to(MONDAY_MORNING):
        shown = a_listing("Knitting")
        a_listing("Hidden", life=Life.DRAFT)
    top = Tree.fromstring(client.get("/sitemap.xml").data)
    found = {each.findtext(f"{NS}loc"): each.findtext(f"{NS}lastmod") for each in top}
    ours = next(each for each in found if each and each.endswith(f"/activities/{shown.slug}"))
    assert ours.startswith("http")
    assert datetime.fromisoformat(str(found[ours])).astimezone(UTC) == MONDAY_MORNING
    assert not [each for each in found if "hidden" in str(each)]


def test_a_large_directory_has_several_maps(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crawling, "MOST_IN_A_MAP", 5)
    slugs = {a_listing(f"Knitting {number}").slug for number in range(8)}
    index = Tree.fromstring(client.get("/sitemap.xml").data)
    assert index.tag == f"{NS}sitemapindex"
    maps = [str(each.findtext(f"{NS}loc")) for each in index]
    assert len(maps) == 3
    found = []
    for each in maps:
        part = Tree.fromstring(client.get("/" + each.rpartition("/")[2]).data)
        found += [str(url.findtext(f"{NS}loc")) for url in part]
        assert len(part) <= 5
    assert len(found) == len(set(found)) == 8 + len(crawling.PAGES)
    assert slugs <= {each.rpartition("/")[2] for each in found}
    assert client.get("/sitemap-4.xml").status_code == 404


def test_crawlers_are_kept_from_desks_and_from_searches(app: Flask, client: Client) -> None:
    said = client.get("/robots.txt").text.splitlines()
    shut = [line.removeprefix("Disallow: ") for line in said if line.startswith("Disallow")]
    for desk in ("/my-listings", "/caseload", "/refer"):
        assert any(each.rstrip("/$") == desk for each in shut), desk
    assert "/activities?" in shut
    assert not any("/activities/knitting".startswith(each.rstrip("$")) for each in shut)
    assert any(line.startswith("Sitemap: http") for line in said)


@pytest.mark.parametrize(
    ("address", "is_open"),
    [
        ("/activities/knitting", True),
        ("/activities?near=E3+3BQ", True),
        ("/activities?near=Preston&view=map", True),
        ("/activities?near=Preston&kind=walking", False),
        ("/activities?near=Preston&kind=walking&view=map", False),
        ("/activities?q=choir", False),
        ("/activities?q=choir&near=Preston&view=map", False),
    ],
)
def test_what_is_on_near_a_place_may_be_found_by_crawlers_but_not_every_way_to_ask(
    client: Client, address: str, is_open: bool
) -> None:
    rules = [
        (path.strip(), rule == "Allow")
        for line in client.get("/robots.txt").text.splitlines()
        for rule, _, path in [line.partition(":")]
        if rule in {"Allow", "Disallow"}
    ]
    fitting = [
        (len(path), may)
        for path, may in rules
        if re.match(re.escape(path).replace(r"\*", ".*").replace(r"\$", "$"), address)
    ]
    assert max(fitting, default=(0, True))[1] is is_open


def test_a_browser_can_search_here(client: Client) -> None:
    told = Tree.fromstring(client.get("/opensearch.xml").data)
    ns = f"{{{crawling.SEARCH}}}"
    assert len(str(told.findtext(f"{ns}ShortName"))) <= 16
    urls = told.findall(f"{ns}Url")
    assert [each.get("type") for each in urls] == ["text/html"], "no suggestions"
    assert str(urls[0].get("template")).endswith("/activities?q={searchTerms}")
    assert 'rel="search"' in client.get("/").text


def test_each_page_says_its_one_address(client: Client) -> None:
    service = a_listing("Knitting")
    page = client.get(f"/activities/{service.slug}?from=leaflet").text
    assert f'rel="canonical" href="http://127.0.0.1:8000/activities/{service.slug}"' in page
    page = client.get("/activities?q=knit&view=map&utm_source=x").text
    assert 'rel="canonical" href="http://127.0.0.1:8000/activities?q=knit"' in page
