"""The directory on the web: finding, reading, keeping listings true."""

from flask import Flask

from accounts import May
from core.marking import marked
from core.settings import Settings
from core.templating import add_to_nav
from directory import addresses, shortlists
from directory.desk import unmet
from directory.feeds import importing as bringing_in
from directory.feeds import limits
from directory.timing import terms
from directory.web import (
    activity,
    counted,
    desk_gaps,
    desk_many,
    desk_words,
    embedding,
    group_tools,
    joining,
    open_data,
    shortlist,
    suggesting,
    telling,
)
from directory.web.confirming import bp as confirming_pages
from directory.web.importing import bp as import_pages
from directory.web.leaflets import bp as leaflet_pages
from directory.web.organiser import bp as organiser_pages
from directory.web.public import bp as public_pages

# Whoever hangs pages on the blueprint of the public pages is named here.
__all__ = [
    "activity",
    "desk_gaps",
    "desk_many",
    "desk_words",
    "embedding",
    "group_tools",
    "init_app",
    "suggesting",
    "telling",
]


def init_app(app: Flask, settings: Settings) -> None:
    """Hang the room's pages, and set how street addresses are found and when schools are open."""
    addresses.set_up(settings.geocoder, settings.geocoder_options)
    terms.set_up(settings.school_terms)
    limits.set_up(settings.data_dir, limits.of(settings))
    bringing_in.init_app()
    shortlists.init_app()
    unmet.init_app()
    open_data.init_app(app)
    app.register_blueprint(public_pages)
    app.register_blueprint(organiser_pages)
    app.register_blueprint(confirming_pages)
    app.register_blueprint(leaflet_pages)
    app.register_blueprint(import_pages)
    shortlist.init_app(app)
    counted.init_app(app)
    joining.init_app(app)
    desk_many.init_app(app)
    find = "directory.activities", "directory.activity", "directory.home"
    mine = _desk("listings.mine", app)
    add_to_nav("", marked("Find"), *find)
    add_to_nav(May.KEEP_LISTINGS, marked("My listings"), *mine)
    add_to_nav(May.EDIT_DIRECTORY, marked("All listings"), *mine)
    add_to_nav(
        May.EDIT_DIRECTORY, marked("Bring in"), "imports.start", "imports.one", "imports.columns"
    )
    add_to_nav("*", marked("Find activities"), *find, order=90)


def _desk(first: str, app: Flask) -> tuple[str, ...]:
    """The first page of a desk, and all that is reached from it."""
    blueprint = first.partition(".")[0]
    pages = {name for name in app.view_functions if name.startswith(f"{blueprint}.")}
    return first, *sorted(pages - {first})
