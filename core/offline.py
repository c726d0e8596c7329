"""Ground floor: what a phone keeps for when there is no signal: public pages already opened."""

from flask import Blueprint, Response, jsonify, make_response, render_template, url_for
from flask.typing import ResponseReturnValue

from core.access import open_to_all
from core.languages import _, in_english
from core.settings import in_force

bp = Blueprint("offline", __name__)


@bp.get("/sw.js")
@open_to_all("it keeps public pages for when there is no signal")
def worker() -> ResponseReturnValue:
    """The script that keeps pages. Served from the root, for it answers for the whole site."""
    script = render_template("house/sw.js.jinja", pages=[url_for("offline.page")])
    response = Response(script, mimetype="text/javascript")
    response.headers["Cache-Control"] = "public, no-cache"
    return response


@bp.get("/offline")
@open_to_all("it says that there is no signal")
def page() -> ResponseReturnValue:
    """What is shown when a page was never opened and there is no signal."""
    response = make_response(render_template("house/offline.html"))
    response.headers["Cache-Control"] = "public, no-cache"
    return response


@bp.get("/manifest.webmanifest")
@open_to_all("a phone asks for it to put the site among its programs")
def manifest() -> ResponseReturnValue:
    """How the site looks among a phone's programs."""
    settings = in_force()
    colour = settings.theme.get("brand", "#00463e")
    with in_english():  # kept for a day, for whoever asks
        about = _("Groups, activities and help near you.")
    response = jsonify(
        name=settings.site_name,
        short_name=settings.site_name,
        description=about,
        start_url="/",
        display="minimal-ui",
        background_color="#fbfaf6",
        theme_color=colour,
        icons=[{"src": url_for("static", filename="icon.svg"), "sizes": "any"}],
    )
    response.mimetype = "application/manifest+json"
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response
