"""The organiser's desk: the listings somebody keeps, and keeping them true."""

import uuid

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts import May
from core import actors, clock
from core.access import door
from core.errors import BadInput, NotFound
from core.inputs import page_number
from core.saving import saving
from directory.cards import card
from directory.keeping import facts_of
from directory.listings import (
    change_listing,
    get_own_listing,
    history_of,
    how_many_kept,
    listings_for,
    step,
)
from directory.models import Service
from directory.rules import LIFE_WORDS, SHOWN, Life, Step, is_fresh, turn
from directory.web.filling import filled_in, said_in
from directory.web.forms import ListingForm

bp = Blueprint("listings", __name__)

PER_PAGE = 50

PRESSED = {
    Step.PUBLISH: "{} is now shown to everybody.",
    Step.CHECK: "Thank you. {} now says it was checked today.",
    Step.PAUSE: "{} is paused. People can still read about it, and are told to ring first.",
    Step.RESUME: "{} is on again.",
}
"""What a keeper can do with one press, and what they are told then."""


@bp.get("/my-listings")
@door(May.KEEP_LISTINGS, May.EDIT_DIRECTORY)
def mine() -> ResponseReturnValue:
    """The listings somebody keeps, the ones that need a look first."""
    actor, page = actors.current(), page_number(request.args.get("page"))
    total, old = how_many_kept(actor)
    kept = listings_for(actor, start=(page - 1) * PER_PAGE, most=PER_PAGE)
    if page > 1 and not kept:
        raise NotFound
    return render_template(
        "directory/listings.html",
        for_everybody=actor.may(May.EDIT_DIRECTORY),
        rows=[(each, card(each), _steps(each)) for each in kept],
        total=total,
        old=old,
        page=page,
        pages=-(-total // PER_PAGE),
        page_link=lambda number: url_for(".mine", page=number),
        plain_lives={Life.LIVE, Life.NEEDS_CHECKING},
        life_words=LIFE_WORDS,
        step=Step,
    )


@bp.route("/my-listings/<uuid:service_id>/edit", methods=["GET", "POST"])
@door(May.KEEP_LISTINGS, May.EDIT_DIRECTORY)
def edit(service_id: uuid.UUID) -> ResponseReturnValue:
    """Change what people read about an activity."""
    actor = actors.current()
    service = get_own_listing(service_id, seen_by=actor)
    form = ListingForm(data={**filled_in(facts_of(service)), "version": service.version})
    if form.validate_on_submit():
        with saving() as work:
            facts = said_in(form, facts_of(service))
            change_listing(service, facts, version=_version(form), by=actor)
            work.leads_to(url_for(".edit", service_id=service.id))
        return work.redirect(f"Saved. This is what people now read about {facts.name}.")
    page = render_template(
        "directory/edit.html",
        service=service,
        form=form,
        steps=_steps(service),
        history=history_of(service),
        is_shown=service.life in SHOWN,
        is_fresh=is_fresh(service.assured_on, clock.today()),
        life_words=LIFE_WORDS,
        step=Step,
    )
    return page, form.status


@bp.post("/my-listings/<uuid:service_id>/<any(publish, check, pause, resume):what>")
@door(May.KEEP_LISTINGS, May.EDIT_DIRECTORY)
def take(service_id: uuid.UUID, what: str) -> ResponseReturnValue:
    """Take a listing one step: everything is still right, pause, go on again, publish."""
    actor = actors.current()
    with saving() as work:
        service = get_own_listing(service_id, seen_by=actor)
        step(service, Step(what), by=actor)
        name = service.name
        work.leads_to(url_for(".mine"))
    return work.redirect(PRESSED[Step(what)].format(name))


def _steps(service: Service) -> frozenset[Step]:
    """The steps a keeper can take with this listing now."""
    return frozenset(each for each in PRESSED if turn(each, service.life))


def _version(form: ListingForm) -> int:
    typed = str(form.version.data or "")
    if not (typed.isascii() and typed.isdigit() and len(typed) < 10):
        raise BadInput("This form was not filled in from its page. Open it again.")
    return int(typed)
