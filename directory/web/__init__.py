"""The directory on the web: finding, reading, keeping listings true."""

from flask import Flask

from accounts import May
from core.settings import Settings
from core.templating import add_to_nav
from directory import addresses, terms
from directory.web import activity, joining, open_data
from directory.web.leaflets import bp as leaflet_pages
from directory.web.organiser import bp as organiser_pages
from directory.web.public import bp as public_pages

# Whoever hangs pages on the blueprint of the public pages is named here.
__all__ = ["activity", "init_app"]


def init_app(app: Flask, settings: Settings) -> None:
    """Hang the room's pages, and set how street addresses are found and when schools are open."""
    addresses.set_up(settings.geocoder, settings.geocoder_options)
    terms.set_up(settings.school_terms)
    open_data.init_app(app)
    app.register_blueprint(public_pages)
    app.register_blueprint(organiser_pages)
    app.register_blueprint(leaflet_pages)
    joining.init_app(app)
    find = "directory.activities", "directory.activity", "directory.home"
    mine = "listings.mine", "listings.edit"
    add_to_nav("", "Find", *find)
    add_to_nav(May.KEEP_LISTINGS, "My listings", *mine)
    add_to_nav(May.EDIT_DIRECTORY, "All listings", *mine)
    add_to_nav("*", "Find activities", *find, order=90)
