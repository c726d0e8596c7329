"""Directory: what changed of late, as an Atom feed (RFC 4287; what went, as in RFC 6721)."""

from datetime import UTC, datetime
from xml.etree import ElementTree as Tree

from sqlalchemy import or_, select

from core import site
from core.db import db
from directory.cards import kind_words
from directory.feeds import published
from directory.models import Service
from directory.rules import SHOWN

ATOM = "http://www.w3.org/2005/Atom"
GONE = "http://purl.org/atompub/tombstones/1.0"
PER_PAGE = 100
NEVER = datetime(1970, 1, 1, tzinfo=UTC)

Tree.register_namespace("", ATOM)
Tree.register_namespace("at", GONE)


def atom(page: int = 1) -> bytes:
    """A page of the feed, the latest change first."""
    rows = _changed(page)
    feed = Tree.Element(f"{{{ATOM}}}feed", {"xml:lang": "en-GB"})
    _say(feed, "title", f"{site.name()}: what changed")
    _say(feed, "id", site.address("/data/changes.atom"))
    _say(feed, "updated", _moment(rows[0].last_modified if rows else NEVER))
    author = Tree.SubElement(feed, f"{{{ATOM}}}author")
    _say(author, "name", site.name())
    _link(feed, "self", _page(page))
    _link(feed, "alternate", site.address("/activities"))
    if page > 1:
        _link(feed, "previous", _page(page - 1))
    if len(rows) > PER_PAGE:
        _link(feed, "next", _page(page + 1))
    for each in rows[:PER_PAGE]:
        (_entry if each.life in SHOWN else _gone)(feed, each)
    written: bytes = Tree.tostring(feed, encoding="utf-8", xml_declaration=True)
    return written


def _changed(page: int) -> list[Service]:
    """One more than a page holds, which tells whether another follows."""
    told = or_(Service.life.in_(SHOWN), published.was_public())
    order = Service.last_modified.desc(), Service.id
    rows = select(Service).where(told).order_by(*order).options(*published.whole_service())
    return list(db.session.scalars(rows.offset((page - 1) * PER_PAGE).limit(PER_PAGE + 1)).unique())


def _entry(feed: Tree.Element, service: Service) -> None:
    entry = Tree.SubElement(feed, f"{{{ATOM}}}entry")
    _say(entry, "id", service.id.urn)
    _say(entry, "title", service.name)
    _say(entry, "updated", _moment(service.last_modified))
    _say(entry, "published", _moment(service.created_at))
    _link(entry, "alternate", site.address(f"/activities/{service.slug}"))
    _say(entry, "summary", service.summary or service.organisation.name)
    if kinds := kind_words(service):
        Tree.SubElement(entry, f"{{{ATOM}}}category", {"term": kinds})
    author = Tree.SubElement(entry, f"{{{ATOM}}}author")
    _say(author, "name", service.organisation.name)


def _gone(feed: Tree.Element, service: Service) -> None:
    when = _moment(service.last_modified)
    Tree.SubElement(feed, f"{{{GONE}}}deleted-entry", {"ref": service.id.urn, "when": when})


def _page(number: int) -> str:
    return site.address("/data/changes.atom" + (f"?page={number}" if number > 1 else ""))


def _say(under: Tree.Element, name: str, words: str) -> None:
    Tree.SubElement(under, f"{{{ATOM}}}{name}").text = words


def _link(under: Tree.Element, rel: str, href: str) -> None:
    Tree.SubElement(under, f"{{{ATOM}}}link", {"rel": rel, "href": href})


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
