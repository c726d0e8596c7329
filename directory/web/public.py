"""The directory for everybody: the front page, the search with its map, one activity's page."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, jsonify, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from core import clock
from core.access import open_to_all
from core.errors import BadInput, NotFound
from directory.cards import Card, access_of, card, where_words
from directory.coverage import towns_with_most
from directory.listings import get_listing, shown_in_brief, shown_listings
from directory.models import Service
from directory.outlines import Box
from directory.places import Place, PlaceKind
from directory.rules import ACCESS_WORDS, Life
from directory.search import Answer, Hit, Query, search
from directory.sessions import next_sessions, when_words
from directory.taxonomy import kinds
from directory.web import maps, reading
from directory.web.finding import MOST_ON_MAP, PER_PAGE, Asked, asked
from directory.web.linked_data import linked_data

ALSO_NEARBY = 4
BESIDE_MAP = 10
NEARBY_MILES = 3.0

bp = Blueprint("directory", __name__)


@bp.get("/")
@open_to_all("the front door")
def home() -> ResponseReturnValue:
    """The front page: search, browse by kind, or begin with an example."""
    counts = search(Query(per_page=1)).facets.get("kinds", {})
    tiles = [(term, counts.get(term.code, 0)) for term in kinds()]
    return render_template(
        "directory/home.html",
        asked=Asked(),
        tiles=[(term, count) for term, count in tiles if count],
        towns=towns_with_most(3),
    )


@bp.get("/activities")
@open_to_all("anybody may look for something to do")
def activities() -> ResponseReturnValue:
    """What there is, by words, place and filters; as a list or as a map."""
    wanted = asked(request.args)
    on_map = wanted.view == "map"
    answer = search(wanted.query(per_page=MOST_ON_MAP if on_map else PER_PAGE))
    if wanted.page > max(answer.pages, 1):
        raise NotFound
    facts = _drawn(wanted, answer) if on_map else {"cards": _cards(answer.hits), "drawing": None}
    fragment = "X-Fragment" in request.headers
    page = make_response(
        render_template(
            "directory/results.html" if fragment else "directory/activities.html",
            asked=wanted,
            total=answer.total,
            loosened=answer.loosened,
            facets=wanted.facets(answer),
            pages=answer.pages,
            page_link=lambda number: wanted.address(page=number),
            **facts,
        ),
        200 if wanted.knows_place else 422,
    )
    page.vary.add("X-Fragment")
    return page


@bp.get("/activities/<slug>")
@open_to_all("anybody may read about an activity")
def activity(slug: str) -> ResponseReturnValue:
    """One activity, in the order people ask: when, where, what it costs, who it is for."""
    service = get_listing(slug)
    spot = reading.point(service.location)
    return render_template(
        "directory/activity.html",
        service=service,
        card=card(service),
        location=service.location,
        where=reading.where(service),
        who_for=reading.who_for(service),
        ways=reading.ways(service.location),
        phone=reading.phone(service),
        email=reading.email(service),
        website=reading.website(service),
        sessions=next_sessions(service, after=clock.now()),
        access=access_of(service),
        access_words=ACCESS_WORDS,
        drawing=maps.draw_one(*spot) if spot else None,
        nearby=_nearby(service, *spot) if spot else [],
        back=_back_to_results(),
        is_paused=service.life is Life.PAUSED,
        data=linked_data(service),
    )


@bp.get("/activities.geojson")
@open_to_all("the map shows what the list shows")
def points() -> ResponseReturnValue:
    """The activities of a search as points, for script to draw."""
    wanted = asked(request.args)
    hits = search(wanted.query(per_page=MOST_ON_MAP)).hits
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


def _cards(hits: Sequence[Hit]) -> list[Card]:
    away = {hit.id: hit.distance_miles for hit in hits}
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

    found = shown_in_brief([hit.id for hit in answer.hits])
    pins = _pins(found)
    drawing = maps.draw(pins, here=wanted.place, narrow=narrow)
    around = drawing.box.grown(0.5)
    box = ",".join(f"{edge:.3f}" for edge in (around.west, around.south, around.east, around.north))
    return {
        "drawing": drawing,
        "shown": len(answer.hits),
        "unplaced": len(found) - len(pins),
        "ground": url_for("directory.ground", box=box),
        "cards": _cards(answer.hits[:BESIDE_MAP]),
    }


def _nearby(service: Service, latitude: float, longitude: float) -> list[Card]:
    here = Place(service.name, PlaceKind.POINT, latitude, longitude)
    found = search(Query(near=here, within=NEARBY_MILES, per_page=ALSO_NEARBY + 1))
    return [each for each in _cards(found.hits) if each.slug != service.slug][:ALSO_NEARBY]


def _back_to_results() -> str:
    """The results somebody came from, if they came from ours."""
    came_from = urlsplit(request.referrer or "")
    results = url_for("directory.activities")
    if came_from.netloc != request.host or came_from.path != results:
        return results
    return f"{results}?{came_from.query}" if came_from.query else results


def _box(text: str) -> Box:
    try:
        west, south, east, north = (float(part) for part in text[:100].split(","))
    except ValueError:
        raise BadInput("A box is four numbers: west, south, east, north.") from None
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise BadInput("That box lies nowhere on the map.")
    return Box(west, south, east, north)


def _geojson(features: dict[str, Any]) -> Response:
    answer = jsonify(features)
    answer.mimetype = "application/geo+json"
    return answer
