"""Photos on the web: shown with a listing, added and taken away by those who keep it."""

import uuid

from flask import Blueprint, make_response, render_template, url_for
from flask.typing import ResponseReturnValue

from accounts import May
from core import actors
from core.access import door, open_to_all
from core.inputs import takes_files
from core.languages import _
from core.saving import saving
from directory import photos
from directory.listings import get_own_listing
from directory.rules import SHOWN
from directory.web.joining_forms import PhotoForm
from directory.web.public import bp as everybody

bp = Blueprint("photos", __name__)

FOR_EVER = "public, max-age=31536000, immutable"


@everybody.get("/photos/<uuid:photo_id>")
@open_to_all("photos of listings that everybody can see; of others only their keepers")
def photo(photo_id: uuid.UUID) -> ResponseReturnValue:
    """The picture itself. Another picture has another address, so it never changes."""
    found = photos.get_photo(photo_id, seen_by=actors.current())
    response = make_response(found.content)
    response.headers["Content-Type"] = found.media_type
    if found.service is not None and found.service.life in SHOWN:
        response.headers["Cache-Control"] = FOR_EVER
    return response


@bp.route("/my-listings/<uuid:service_id>/photos", methods=["GET", "POST"])
@door(May.KEEP_LISTINGS, May.EDIT_DIRECTORY)
@takes_files(photos.LARGEST_FILE)
def keep(service_id: uuid.UUID) -> ResponseReturnValue:
    """The photos of a listing, and room for one more."""
    actor = actors.current()
    service = get_own_listing(service_id, seen_by=actor)
    form = PhotoForm()
    if form.validate_on_submit() and form.picture is not None:
        with saving() as work:
            photos.add_photo(service, form.picture, str(form.alt.data), by=actor)
            work.leads_to(url_for(".keep", service_id=service_id))
        return work.redirect(_("Your photo is added. Everybody can see it now."))
    page = render_template(
        "directory/photos.html",
        service=service,
        form=form,
        photos=photos.photos_of(service),
        most=photos.MOST_PHOTOS,
    )
    return page, form.status


@bp.post("/my-listings/photos/<uuid:photo_id>/remove")
@door(May.KEEP_LISTINGS, May.EDIT_DIRECTORY)
def remove(photo_id: uuid.UUID) -> ResponseReturnValue:
    """Take a photo away."""
    actor = actors.current()
    with saving() as work:
        found, service = photos.get_own_photo(photo_id, seen_by=actor)
        photos.remove_photo(found, service, by=actor)
        work.leads_to(url_for(".keep", service_id=service.id))
    return work.redirect(_("The photo is gone."))
