"""A small search for other people's sites: shown in any frame, without cookies, without script."""

from flask import g, make_response, render_template, request
from flask.typing import ResponseReturnValue

from core.access import open_to_all
from core.inputs import is_asked_anything
from directory.cards import card
from directory.listings import shown_listings
from directory.meaning.urgent import helplines_for
from directory.web.answering import found
from directory.web.public import bp
from directory.web.typed import asked

SHOWN = 5


@bp.get("/embed")
@open_to_all("anybody may show our search on their own site")
@is_asked_anything
def embed() -> ResponseReturnValue:
    """The search in a frame; what it leads to opens beside the site it stands on."""
    g.frame_ancestors = "*"
    wanted = asked(request.args)
    answer = found(wanted, per_page=SHOWN).answer if wanted.anything else None
    away = {hit.id: hit.distance_miles for hit in answer.hits} if answer else {}
    page = make_response(
        render_template(
            "directory/embed.html",
            asked=wanted,
            found=answer,
            helplines=helplines_for(wanted.q),
            cards=[card(each, away[each.id]) for each in shown_listings(list(away))],
        ),
        422 if wanted.faults or not wanted.knows_place else 200,
    )
    page.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return page
