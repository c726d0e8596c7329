"""For search engines and browsers: what may be read here, where it is, and how to search it."""

from collections.abc import Iterator
from xml.etree import ElementTree as Tree

from flask import Blueprint, Response, current_app, url_for
from sqlalchemy import func, select

from core import site
from core.access import door_of, open_to_all
from core.db import db
from core.errors import NotFound
from directory.models import Service
from directory.rules import SHOWN

MOST_IN_A_MAP = 50_000
"""Addresses in one sitemap, as its standard allows."""

PAGES = ("directory.home", "directory.about", "data.about", "directory.accessibility")
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
SEARCH = "http://a9.com/-/spec/opensearch/1.1/"
LONGEST_NAME = 16
WHY = "search engines may list what everybody may see"
VIEWS = ("view=map$", "view=when$")
NEAR = "/activities?near="
NEAR_A_PLACE = (NEAR, *(f"{NEAR}*&{view}" for view in VIEWS))
ASKED = ("/activities?", f"{NEAR}*&", *(f"{NEAR}*&*&{view}" for view in VIEWS))

bp = Blueprint("crawling", __name__)


@bp.get("/robots.txt")
@open_to_all(WHY)
def robots() -> Response:
    """Which pages to leave alone: those of people at work, and a search asked in every way.

    What is on near a place may be looked at in each of its views. Of the rules that fit, the
    longest holds (RFC 9309).
    """
    shut = [f"Disallow: {each}" for each in [*_shut(), *ASKED, "/activities.geojson"]]
    lines = [
        "User-agent: *",
        *(f"Allow: {each}" for each in NEAR_A_PLACE),
        *shut,
        "",
        f"Sitemap: {site.address('/sitemap.xml')}",
        "",
    ]
    return _sent("\n".join(lines).encode(), "text/plain")


@bp.get("/sitemap.xml")
@open_to_all(WHY)
def sitemap() -> Response:
    """The addresses of all that is shown, or of the several maps that name them."""
    shown = select(func.count()).select_from(Service).where(Service.life.in_(SHOWN))
    total = (db.session.scalar(shown) or 0) + len(PAGES)
    if total <= MOST_IN_A_MAP:
        return _map(1)
    index = Tree.Element("sitemapindex", {"xmlns": SITEMAP})
    for number in range(1, -(-total // MOST_IN_A_MAP) + 1):
        each = Tree.SubElement(index, "sitemap")
        Tree.SubElement(each, "loc").text = site.address(f"/sitemap-{number}.xml")
    return _xml(index, "application/xml")


@bp.get("/sitemap-<int:number>.xml")
@open_to_all(WHY)
def part_of_sitemap(number: int) -> Response:
    """One of several maps."""
    return _map(number)


@bp.get("/opensearch.xml")
@open_to_all("browsers may offer to search here")
def opensearch() -> Response:
    """How a browser can search here."""
    told = Tree.Element("OpenSearchDescription", {"xmlns": SEARCH})
    Tree.SubElement(told, "ShortName").text = site.name()[:LONGEST_NAME]
    Tree.SubElement(told, "Description").text = f"Find activities and help with {site.name()}"
    Tree.SubElement(told, "InputEncoding").text = "UTF-8"
    asked = site.address(url_for("directory.activities")) + "?q={searchTerms}"
    Tree.SubElement(told, "Url", {"type": "text/html", "method": "get", "template": asked})
    return _xml(told, "application/opensearchdescription+xml")


def _map(number: int) -> Response:
    addresses = list(_addresses(number))
    if not addresses:
        raise NotFound
    top = Tree.Element("urlset", {"xmlns": SITEMAP})
    for address, changed in addresses:
        url = Tree.SubElement(top, "url")
        Tree.SubElement(url, "loc").text = site.address(address)
        if changed:
            Tree.SubElement(url, "lastmod").text = changed
    return _xml(top, "application/xml")


def _addresses(number: int) -> Iterator[tuple[str, str]]:
    """The addresses of one map, with when each changed last; pages without a date come first."""
    first = (number - 1) * MOST_IN_A_MAP - len(PAGES)
    if number == 1:
        yield from ((url_for(each), "") for each in PAGES)
    listed = (
        select(Service.slug, Service.last_modified)
        .where(Service.life.in_(SHOWN))
        .order_by(Service.id)
        .offset(max(first, 0))
        .limit(MOST_IN_A_MAP + min(first, 0))
    )
    for slug, changed in db.session.execute(listed):
        yield f"/activities/{slug}", changed.isoformat(timespec="seconds")


def _shut() -> list[str]:
    """The beginnings of addresses that ask who comes: whatever stands under them is not public."""
    opened: set[str] = set()
    shut: set[str] = set()
    for rule in current_app.url_map.iter_rules():
        door = door_of(current_app.view_functions[rule.endpoint])
        first, *more = rule.rule.removeprefix("/").split("/")
        is_open = door is not None and door.is_open
        # "/g" alone would shut every address that begins with that letter.
        (opened if is_open else shut).add(f"/{first}/" if more else f"/{first}$")
    return sorted(shut - opened)


def _xml(tree: Tree.Element, kind: str) -> Response:
    written: bytes = Tree.tostring(tree, encoding="utf-8", xml_declaration=True)
    return _sent(written, kind)


def _sent(body: bytes, kind: str) -> Response:
    response = Response(body, mimetype=kind)
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response
