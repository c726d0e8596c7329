"""The directory for everybody: one activity's page, in the order people ask their questions."""

from urllib.parse import urlsplit

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from core import clock
from core.access import open_to_all
from directory.cards import Card, access_of, card
from directory.listings import get_listing, shown_listings
from directory.models import Service
from directory.places import Place, PlaceKind
from directory.rules import ACCESS_WORDS, Life
from directory.search import Query, search
from directory.sessions import next_sessions
from directory.web import maps, reading
from directory.web.linked_data import linked_data
from directory.web.public import bp

ALSO_NEARBY = 4
NEARBY_MILES = 3.0


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


def _nearby(service: Service, latitude: float, longitude: float) -> list[Card]:
    here = Place(service.name, PlaceKind.POINT, latitude, longitude)
    found = search(Query(near=here, within=NEARBY_MILES, per_page=ALSO_NEARBY + 1))
    away = {hit.id: hit.distance_miles for hit in found.hits if hit.id != service.id}
    return [card(each, away[each.id]) for each in shown_listings(list(away))][:ALSO_NEARBY]


def _back_to_results() -> str:
    """The results somebody came from, if they came from ours."""
    came_from = urlsplit(request.referrer or "")
    results = url_for("directory.activities")
    if came_from.netloc != request.host or came_from.path != results:
        return results
    return f"{results}?{came_from.query}" if came_from.query else results
