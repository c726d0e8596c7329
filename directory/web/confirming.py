"""The group's page behind a letter: is this still right? One tap if it is, or a change."""

import uuid

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from core import actors, clock, links
from core.access import by_link
from core.errors import NotFound
from core.forms import Form
from core.languages import _
from core.links import SignedLink
from core.saving import saving
from directory import editing, notices
from directory.freshness import enquiries
from directory.freshness.evidence import ASPECT_WORDS, joined
from directory.freshness.keeper_links import CONFIRM_LISTING
from directory.keeping import facts_of
from directory.models import Service
from directory.rules import SHOWN, Aspect
from directory.timing.sessions import schedule_words
from directory.web.filling import filled_in, said_in
from directory.web.forms import PARTS
from directory.web.group_forms import DaysOffForm
from directory.web.organiser import (
    PART_NAMES,
    PART_OF,
    Part,
    parts_of,
    version_of,
    what_became_of,
)

bp = Blueprint("confirming", __name__, url_prefix="/still-right")


@bp.after_request
def keep_quiet(response: Response) -> Response:
    """The address is a key: no other site may learn it, no cache may keep the page."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@bp.errorhandler(links.LinkExpired)
def run_out(_error: links.LinkExpired) -> ResponseReturnValue:
    """The link's time is over: offer a new one, by e-mail to the address on record."""
    token = (request.view_args or {})["token"]
    page = render_template("directory/confirming/run_out.html", token=token, nav=[])
    return page, 410


@bp.get("/<token>")
@by_link(CONFIRM_LISTING)
def look(token: str) -> ResponseReturnValue:
    """What people read about the group's listings, what is in doubt first."""
    services = enquiries.listings_behind(_link(token))
    doubted = enquiries.doubted_in(services)
    shown = [(each, *_split(each, doubted[each.id])) for each in services]
    return render_template(
        "directory/confirming/look.html",
        token=token,
        listings=shown,
        unsure={each.id: _words(doubted[each.id]) for each in services},
        still_to_say=[each for each in services if each.assured_on != clock.today()],
        shown_to_all=SHOWN,
        nav=[],
    )


@bp.post("/<token>/right")
@by_link(CONFIRM_LISTING)
def right(token: str) -> ResponseReturnValue:
    """Everything is still right: of one listing, or of all the link opens."""
    link, one = _link(token), request.form.get("listing", "")
    with saving() as work:
        services = enquiries.listings_behind(link)
        meant = [each for each in services if one in {"", str(each.id)}]
        if not meant:
            raise NotFound
        for service in meant:
            enquiries.still_right([service], by=enquiries.keeper_of(link, service))
        work.leads_to(url_for(".look", token=token))
    return work.redirect(_("Thank you. It now says that it was checked today."))


@bp.get("/<token>/<uuid:service_id>")
@by_link(CONFIRM_LISTING)
def changed(token: str, service_id: uuid.UUID) -> ResponseReturnValue:
    """Something changed: which part is it?"""
    service = _listing(_link(token), service_id)
    first, rest = _split(service, enquiries.doubted_in([service])[service.id])
    return render_template(
        "directory/confirming/changed.html",
        token=token,
        service=service,
        parts=[*first, *rest],
        waiting=editing.waiting_for(service),
        change=lambda part: url_for(".change", token=token, service_id=service.id, part=part),
        nav=[],
    )


@bp.route(
    "/<token>/<uuid:service_id>/<any(about, when, where, cost, who, arrive, contact, access):part>",
    methods=["GET", "POST"],
)
@by_link(CONFIRM_LISTING)
def change(token: str, service_id: uuid.UUID, part: str) -> ResponseReturnValue:
    """Change one part of what people read, with no password but the link."""
    link = _link(token)
    service = _listing(link, service_id)
    before = facts_of(service)
    form = PARTS[part](data={**filled_in(before), "version": service.version})
    if form.validate_on_submit():
        with saving() as work:
            keeper = enquiries.keeper_of(link, service)
            facts = said_in(form, facts_of(service))
            outcome = editing.propose_change(service, facts, version=version_of(form), by=keeper)
            work.leads_to(url_for(".changed", token=token, service_id=service.id))
        return work.redirect(what_became_of(outcome))
    page = render_template(
        "directory/confirming/change.html",
        token=token,
        service=service,
        form=form,
        part=part,
        part_name=PART_NAMES[part],
        times_now=[schedule_words(each) for each in before.schedules],
        will_wait=True,
        nav=[],
    )
    return page, form.status


@bp.route("/<token>/<uuid:service_id>/days-off", methods=["GET", "POST"])
@by_link(CONFIRM_LISTING)
def days_off(token: str, service_id: uuid.UUID) -> ResponseReturnValue:
    """Pause for a holiday: it ends by itself."""
    link = _link(token)
    service = _listing(link, service_id)
    form = DaysOffForm()
    first, last = form.first_on.data, form.last_on.data
    if form.validate_on_submit() and first and last:
        with saving() as work:
            keeper = enquiries.keeper_of(link, service)
            notices.pause_between(service, first, last, form.words.data or "", by=keeper)
            work.leads_to(url_for(".changed", token=token, service_id=service.id))
        return work.redirect(_("Noted. It is on again by itself after the last day off."))
    page = render_template(
        "directory/confirming/days_off.html", token=token, service=service, form=form, nav=[]
    )
    return page, form.status


@bp.route("/<token>/new", methods=["GET", "POST"])
@by_link(CONFIRM_LISTING)
def new(token: str) -> ResponseReturnValue:
    """Send a new link for one that has run out. It never says whether one was sent, or where."""
    form = Form()
    if form.validate_on_submit():
        link = links.find(CONFIRM_LISTING, token)
        with saving() as work:
            if link is not None:
                enquiries.send_new_link(link, by=actors.current())
            work.leads_to(url_for(".new", token=token, sent="yes"))
        return work.redirect()
    sent = request.args.get("sent") == "yes"
    page = render_template(
        "directory/confirming/new.html", token=token, sent=sent, form=form, nav=[]
    )
    return page, form.status


def _link(token: str) -> SignedLink:
    return links.unseal(CONFIRM_LISTING, token)


def _listing(link: SignedLink, service_id: uuid.UUID) -> Service:
    found = (each for each in enquiries.listings_behind(link) if each.id == service_id)
    service = next(found, None)
    if service is None:
        raise NotFound
    return service


def _split(service: Service, doubted: tuple[Aspect, ...]) -> tuple[list[Part], list[Part]]:
    """The parts of a listing that are in doubt, and the others."""
    unsure = [PART_OF[aspect] for aspect in doubted]
    parts = parts_of(facts_of(service))
    first = sorted(
        (each for each in parts if each.code in unsure), key=lambda it: unsure.index(it.code)
    )
    return first, [each for each in parts if each.code not in unsure]


def _words(aspects: tuple[Aspect, ...]) -> str:
    return joined([str(ASPECT_WORDS[aspect]) for aspect in aspects])
