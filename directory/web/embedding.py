"""A small search for other people's sites: shown in any frame, without cookies, without script."""

from flask import g, make_response, render_template, request
from flask.typing import ResponseReturnValue

from core.access import open_to_all
from directory.cards import card
from directory.listings import shown_listings
from directory.search import search
from directory.web.finding import asked
from directory.web.public import bp

SHOWN = 5


@bp.get("/embed")
@open_to_all("anybody may show our search on their own site")
def embed() -> ResponseReturnValue:
    """The search in a frame; what it leads to opens beside the site it stands on."""
    g.frame_ancestors = "*"
    wanted = asked(request.args)
    found = search(wanted.query(per_page=SHOWN)) if wanted.anything else None
    away = {hit.id: hit.distance_miles for hit in found.hits} if found else {}
    page = make_response(
        render_template(
            "directory/embed.html",
            asked=wanted,
            found=found,
            cards=[card(each, away[each.id]) for each in shown_listings(list(away))],
        ),
        200 if wanted.knows_place else 422,
    )
    page.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return page
