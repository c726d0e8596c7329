"""The directory for everybody: the front page and the search with its map."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from core.access import open_to_all
from core.errors import BadInput, NotFound
from core.inputs import is_asked_anything
from core.languages import _
from core.whole_pages import key_of_page, whole_pages
from directory.cards import Card, card, where_words
from directory.coverage import towns_with_most
from directory.listings import shown_in_brief, shown_listings
from directory.models import Service
from directory.outlines import Box
from directory.search import (
    Answer,
    Hit,
    Query,
    generation,
    relaxations,
    search,
    within_box,
)
from directory.search.asking import KINDS, NEEDS
from directory.taxonomy import Term, kinds, needs
from directory.timing.sessions import when_words
from directory.web import maps, reading
from directory.web.answering import above, found
from directory.web.counted import counted_in_vain
from directory.web.finding import MOST_ON_MAP, PER_PAGE, Asked
from directory.web.results import results
from directory.web.shortlist import kept
from directory.web.typed import asked
from directory.web.week import coming_week

BESIDE_MAP = 10

bp = Blueprint("directory", __name__)


@bp.get("/")
@open_to_all("the front door")
def home() -> ResponseReturnValue:
    """The front page: search, browse by situation or by kind, or begin with an example."""
    facets = search(Query(per_page=1)).facets
    return render_template(
        "directory/home.html",
        asked=Asked(),
        situations=_with_counts(needs(), facets.get(NEEDS, {})),
        tiles=_with_counts(kinds(), facets.get(KINDS, {})),
        towns=towns_with_most(3),
    )


@bp.get("/activities")
@open_to_all("anybody may look for something to do")
@is_asked_anything
def activities() -> ResponseReturnValue:
    """What there is, by words, place and filters; as a list, day by day, or as a map."""
    fragment = "X-Fragment" in request.headers
    state = generation()
    key = key_of_page(state, fragment) if state and not kept() else None
    if key and (html := whole_pages().told(key)) is not None:
        return _as_found(html)
    wanted = asked(request.args)
    it = found(wanted, per_page=PER_PAGE if wanted.view == "list" else MOST_ON_MAP)
    wanted, answer = it.asked, it.answer
    if wanted.page > max(answer.pages, 1):
        raise NotFound
    said = above(it)
    if not (answer.total or answer.partly) and wanted.knows_place and not said.helplines:
        counted_in_vain(it.query)
    html = render_template(
        "directory/fragment.html" if fragment else "directory/activities.html",
        asked=wanted,
        above=said,
        answer=answer,
        facets=wanted.facets(answer),
        ways_out=[] if answer.total else wanted.ways_out(relaxations(it.query)),
        page_link=lambda number: wanted.address(page=number),
        **_shown(wanted, it.query, answer),
    )
    if wanted.faults or not wanted.knows_place:
        return _as_found(html, 422)
    if said.helplines:
        page = _as_found(html)
        page.headers["Cache-Control"] = "no-store"  # others may use the same computer
        return page
    if key and answer.total:
        whole_pages().keep(key, html)
    return _as_found(html)


def _as_found(html: str, status: int = 200) -> Response:
    page = make_response(html, status)
    page.vary.add("X-Fragment")
    return page


@bp.get("/activities.geojson")
@open_to_all("the map shows what the list shows")
@is_asked_anything
def points() -> ResponseReturnValue:
    """The activities of a search as points, for script to draw.

    With ?box=west,south,east,north those in that piece of the map, wherever else was asked.
    """
    wanted = asked(request.args)
    for fault in wanted.faults.values():
        raise BadInput(fault, 422)
    if box := request.args.get("box"):
        hits = within_box(_box(box), wanted.query(per_page=MOST_ON_MAP)).hits
    else:
        hits = found(wanted, per_page=MOST_ON_MAP).answer.hits
    return _geojson(maps.points(_pins(shown_in_brief([hit.id for hit in hits]))))


@bp.get("/map-ground.geojson")
@open_to_all("outlines of districts, to draw a map on")
def ground() -> ResponseReturnValue:
    """The outlines and names within ?box=west,south,east,north."""
    return _geojson(maps.ground(_box(request.args.get("box", ""))))


@bp.get("/about")
@open_to_all("anybody may ask what this is")
def about() -> ResponseReturnValue:
    """What this is and who it is for."""
    return render_template("directory/about.html")


@bp.get("/privacy")
@open_to_all("anybody may ask what becomes of what they tell us")
def privacy() -> ResponseReturnValue:
    """What is kept about people, why, and who sees it."""
    return render_template("directory/privacy.html")


@bp.get("/accessibility")
@open_to_all("anybody may ask whether they can use this")
def accessibility() -> ResponseReturnValue:
    """How far everybody can use this site, and whom to tell when they cannot."""
    return render_template("directory/accessibility.html")


def _with_counts(terms: Sequence[Term], counts: Mapping[str, int]) -> list[tuple[Term, int]]:
    """Those of our words under which there is anything, and how much."""
    return [(term, counts[term.code]) for term in terms if counts.get(term.code)]


def _shown(wanted: Asked, query: Query, answer: Answer) -> dict[str, Any]:
    """What was found, as it was asked to be shown."""
    facts: dict[str, Any] = {"drawing": None, "week": None, "results": []}
    if wanted.view == "map":
        return facts | _drawn(wanted, answer)
    if wanted.view == "when":
        return facts | {"week": coming_week(_away(answer.hits), query)}
    return facts | {"results": results(answer.hits, query)}


def _away(hits: Sequence[Hit]) -> dict[UUID, float | None]:
    return {hit.id: hit.distance_miles for hit in hits}


def _cards(hits: Sequence[Hit]) -> list[Card]:
    away = _away(hits)
    return [card(each, away[each.id]) for each in shown_listings(list(away))]


def _pins(services: Sequence[Service]) -> list[maps.Pin]:
    return [
        maps.Pin(
            name=each.name,
            when=when_words(each),
            where=where_words(each),
            href=url_for("directory.activity", slug=each.slug),
            latitude=spot[0],
            longitude=spot[1],
        )
        for each in services
        if (spot := reading.point(each.location))
    ]


def _drawn(wanted: Asked, answer: Answer) -> dict[str, Any]:
    """What the page with the map needs."""

    def narrow(latitude: float, longitude: float, within: float | None) -> str:
        near = f"{latitude:.5f},{longitude:.5f}"
        if within is None:
            return wanted.address(near=near, within=maps.WITHINS[0], view="list")
        return wanted.address(near=near, within=within)

    services = shown_in_brief([hit.id for hit in answer.hits])
    pins = _pins(services)
    drawing = maps.draw(pins, here=wanted.place, narrow=narrow)
    around = drawing.box.grown(0.5)
    box = ",".join(f"{edge:.3f}" for edge in (around.west, around.south, around.east, around.north))
    return {
        "drawing": drawing,
        "shown": len(answer.hits),
        "unplaced": len(services) - len(pins),
        "ground": url_for("directory.ground", box=box),
        "cards": _cards(answer.hits[:BESIDE_MAP]),
    }


def _box(text: str) -> Box:
    try:
        west, south, east, north = (float(part) for part in text[:100].split(","))
    except ValueError:
        raise BadInput(_("A box is four numbers: west, south, east, north.")) from None
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise BadInput(_("That box lies nowhere on the map."))
    return Box(west, south, east, north)


def _geojson(features: dict[str, Any]) -> Response:
    answer = jsonify(features)
    answer.mimetype = "application/geo+json"
    return answer
