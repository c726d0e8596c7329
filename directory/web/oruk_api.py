"""The open data of the directory as Open Referral UK 3.0 (HSDS) asks for it: lists and records."""

import json
import math
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.orm.interfaces import ORMOption

from accounts import Organisation
from core import clock
from core.access import open_to_all
from core.db import db
from core.errors import NotFound
from directory.feeds import published, speaking
from directory.feeds.published import Wanted
from directory.feeds.vocabularies import all_taxonomies, all_terms
from directory.feeds.writing import Record, moment
from directory.models import Service, ServiceAtLocation
from directory.places import find_place
from directory.rules import SHOWN
from directory.web.open_answers import answer_json, answer_stream
from directory.web.oruk_openapi import document
from directory.web.oruk_parameters import ASKED_OF, USUAL_SIZE, read

VERSION = "HSDS-UK-3.0"
PROFILE = "https://github.com/OpenReferralUK/uk-profile/blob/main/docs/index.md"
MOST_MINIMAL = 50_000
WHY = "open data: what everybody may see, for other people's programs"

bp = Blueprint("oruk", __name__, url_prefix="/api/oruk/v3")

Say = Callable[[Sequence[Any]], list[Record]]


@bp.get("")
@bp.get("/")
@open_to_all(WHY)
def root() -> Response:
    """Which standard this speaks, and where it is described."""
    where = url_for("oruk.openapi", _external=True)
    return answer_json({"version": VERSION, "profile": PROFILE, "openapi_url": where})


@bp.get("/openapi.json")
@open_to_all(WHY)
def openapi() -> Response:
    """All of this API, for programs."""
    return answer_json(document(url_for("oruk.root", _external=True).rstrip("/")))


@bp.get("/services")
@open_to_all(WHY)
def services() -> Response:
    """The listings."""
    asked = read(request.args, ASKED_OF["services"])
    found = published.services(_wanted(asked))
    if asked.get("minimal"):
        return _minimal(found, asked)
    is_full = bool(asked.get("full"))
    options = published.whole_service() if is_full else published.brief_service()
    return _list(found, Service.id, options, _services(is_full=is_full), asked)


@bp.get("/services/<uuid:service_id>")
@open_to_all(WHY)
def service(service_id: UUID) -> Response:
    """One listing with all there is to say of it; one no longer listed says that."""
    found = db.session.scalar(
        select(Service).where(Service.id == service_id).options(*published.whole_service())
    )
    if found is None:
        raise NotFound
    if found.life not in SHOWN:
        return answer_json(_gone(found), changed=found.last_modified)
    return _whole(found, _services(is_full=True)([found])[0])


@bp.get("/service_at_locations")
@open_to_all(WHY)
def service_at_locations() -> Response:
    """The listings, once for each place they are held at."""
    asked = read(request.args, ASKED_OF["service_at_locations"])
    is_full = bool(asked.get("full"))
    options = published.whole_place() if is_full else published.brief_place()
    found = published.places(_wanted(asked))
    return _list(found, ServiceAtLocation.id, options, _places(is_full=is_full), asked)


@bp.get("/service_at_locations/<uuid:place_id>")
@open_to_all(WHY)
def service_at_location(place_id: UUID) -> Response:
    """A listing at one of its places."""
    wanted = published.places(Wanted()).where(ServiceAtLocation.id == place_id)
    found = db.session.scalar(wanted.options(*published.whole_place()))
    if found is None:
        raise NotFound
    return _whole(found.service, _places(is_full=True)([found])[0])


@bp.get("/organizations")
@open_to_all(WHY)
def organizations() -> Response:
    """Those who offer something that is listed."""
    asked = read(request.args, ASKED_OF["organizations"])
    words = asked.pop("search", "")
    sorted_by = _wanted(asked) if {"taxonomy_id", "taxonomy_term_id"} & asked.keys() else None
    found = published.organisations(words, sorted_by)
    if asked.get("full_service") or asked.get("full"):
        say = _organisations(with_services=bool(asked.get("full_service")))
    else:
        say = _each(speaking.organisation_in_brief)
    return _list(found, Organisation.id, (), say, asked)


@bp.get("/organizations/<uuid:organization_id>")
@open_to_all(WHY)
def organization(organization_id: UUID) -> Response:
    """One who offers something that is listed, and what."""
    wanted = published.organisations().where(Organisation.id == organization_id)
    found = db.session.scalar(wanted)
    if found is None:
        raise NotFound
    return answer_json(_organisations(with_services=True)([found])[0])


@bp.get("/taxonomies")
@open_to_all(WHY)
def taxonomies() -> Response:
    """The lists of words that listings are sorted by."""
    asked = read(request.args, ASKED_OF["taxonomies"])
    return _words(all_taxonomies(), asked)


@bp.get("/taxonomies/<uuid:taxonomy_id>")
@open_to_all(WHY)
def taxonomy(taxonomy_id: UUID) -> Response:
    """One of these lists."""
    return _one_of(all_taxonomies(), taxonomy_id)


@bp.get("/taxonomy_terms")
@open_to_all(WHY)
def taxonomy_terms() -> Response:
    """The words that listings are sorted by."""
    asked = read(request.args, ASKED_OF["taxonomy_terms"])
    found = all_terms()
    for name in ("taxonomy_id", "parent_id"):
        if name in asked:
            found = [each for each in found if each.get(name) == str(asked[name])]
    if asked.get("top_only"):
        found = [each for each in found if "parent_id" not in each]
    return _words(found, asked)


@bp.get("/taxonomy_terms/<uuid:term_id>")
@open_to_all(WHY)
def taxonomy_term(term_id: UUID) -> Response:
    """One of these words."""
    return _one_of(all_terms(), term_id)


def _wanted(asked: dict[str, Any]) -> Wanted:
    """The filters among the questions."""
    names = (
        "taxonomy_term_id",
        "taxonomy_id",
        "organization_id",
        "minimum_age",
        "maximum_age",
        "start_time",
        "end_time",
        "modified_after",
        "proximity",
    )
    near = find_place(asked["postcode"]) if "postcode" in asked else None
    return Wanted(
        **{name: asked[name] for name in names if name in asked},
        search=" ".join(filter(None, (asked.get("search", ""), asked.get("text", "")))),
        days=asked.get("day", ()),
        near=near,
        nowhere="postcode" in asked and near is None,
    )


def _services(*, is_full: bool) -> Say:
    def say(rows: Sequence[Service]) -> list[Record]:
        today = clock.today()
        checks = published.confirmations(each.id for each in rows) if is_full else {}

        def one(each: Service) -> Record:
            if each.life not in SHOWN:
                return speaking.tombstone(each)
            if is_full:
                return speaking.service_in_full(each, checks.get(each.id, ()), today=today)
            return speaking.service_in_brief(each, today=today)

        return [one(each) for each in rows]

    return say


def _places(*, is_full: bool) -> Say:
    def say(rows: Sequence[ServiceAtLocation]) -> list[Record]:
        today = clock.today()
        if not is_full:
            return [speaking.place_in_brief(each, today=today) for each in rows]
        checks = published.confirmations(each.service_id for each in rows)
        return [
            speaking.place_in_full(each, checks.get(each.service_id, ()), today=today)
            for each in rows
        ]

    return say


def _organisations(*, with_services: bool) -> Say:
    def say(rows: Sequence[Organisation]) -> list[Record]:
        offered: dict[UUID, list[Record]] = {}
        if with_services:
            mine = Service.organisation_id.in_([each.id for each in rows])
            of_them = published.services(Wanted()).where(mine).order_by(Service.id)
            for each in db.session.scalars(of_them.options(*published.brief_service())):
                said = speaking.service_in_brief(each, today=clock.today())
                offered.setdefault(each.organisation_id, []).append(said)
        return [speaking.organisation_in_full(each, offered.get(each.id, ())) for each in rows]

    return say


def _each(say: Callable[[Any], Record]) -> Say:
    return lambda rows: [say(each) for each in rows]


def _gone(service: Service) -> Record:
    """What is told of a listing that was public once; of any other nothing is known."""
    once = select(Service.id).where(Service.id == service.id, published.was_public())
    if db.session.scalar(once) is None:
        raise NotFound
    return speaking.tombstone(service)


def _whole(service: Service, said: Record) -> Response:
    checks = published.confirmations([service.id]).get(service.id, [])
    return answer_json(said, changed=max(speaking.moments(service, checks, clock.now())))


def _list(
    found: Select[Any],
    key: InstrumentedAttribute[UUID],
    options: Sequence[ORMOption],
    say: Say,
    asked: dict[str, Any],
) -> Response:
    """A page of a list, or all of it as lines."""
    # Nobody writes down when an organisation changed: its lists go by their tag alone.
    changed = None if key is Organisation.id else _last_change()
    if asked.get("format") == "ndjson":
        return _stream(_lines(found, key, options, say), changed)
    size, start = _which(asked, USUAL_SIZE)
    rows = db.session.scalars(found.options(*options).order_by(key).limit(size).offset(start))
    return _page(say(rows.unique().all()), published.how_many(found), size, asked, changed)


def _which(asked: dict[str, Any], usual: int) -> tuple[int, int]:
    """How many rows make a page, and which is its first."""
    size = asked.get("per_page", usual)
    return size, (asked.get("page", 1) - 1) * size


def _last_change() -> datetime | None:
    """When any list changed last. A notice may begin or end with a day, so a day changes them."""
    latest = published.latest_change()
    return max(latest, speaking.start_of(clock.today())) if latest else None


def _stream(lines: Iterator[bytes], changed: datetime | None) -> Response:
    state = (*published.state(), clock.today())
    return answer_stream(lines, "application/x-ndjson", state=state, changed=changed)


def _page(
    contents: list[Record], total: int, size: int, asked: dict[str, Any], changed: datetime | None
) -> Response:
    """A page with the seven facts about itself that HSDS asks for."""
    number, pages = asked.get("page", 1), math.ceil(total / size)
    said = {
        "total_items": total,
        "total_pages": pages,
        "page_number": number,
        "size": len(contents),
        "first_page": number == 1,
        "last_page": number >= pages,
        "empty": not contents,
        "contents": contents,
    }
    return answer_json(said, changed=changed)


def _lines(
    found: Select[Any], key: InstrumentedAttribute[UUID], options: Sequence[ORMOption], say: Say
) -> Iterator[bytes]:
    for rows in published.in_batches(found, key, options):
        yield b"".join(_line(each) for each in say(rows))


def _line(said: Record) -> bytes:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode("utf-8") + b"\n"


def _minimal(found: Select[Service], asked: dict[str, Any]) -> Response:
    size, start = _which(asked, MOST_MINIMAL)
    brief = found.with_only_columns(Service.id, Service.last_modified).order_by(Service.id)
    as_lines = asked.get("format") == "ndjson"
    rows = db.session.execute(brief if as_lines else brief.limit(size).offset(start))
    said = [
        {"id": str(own), "modified_date": (at := moment(when)), "last_modified": at}
        for own, when in rows
    ]
    if as_lines:
        return _stream((_line(each) for each in said), _last_change())
    return _page(said, published.how_many(found), size, asked, _last_change())


def _words(found: list[Record], asked: dict[str, Any]) -> Response:
    """A page of a list of words, which is never long."""
    for word in asked.get("search", "").casefold().split():
        found = [
            each for each in found if word in f"{each['name']} {each['description']}".casefold()
        ]
    if asked.get("format") == "ndjson":
        return _stream((_line(each) for each in found), None)
    size, start = _which(asked, USUAL_SIZE)
    return _page(found[start : start + size], len(found), size, asked, None)


def _one_of(found: list[Record], wanted: UUID) -> Response:
    one = next((each for each in found if each["id"] == str(wanted)), None)
    if one is None:
        raise NotFound
    return answer_json(one)
