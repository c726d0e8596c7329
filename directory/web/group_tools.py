"""The organiser's desk: notices, history and undo, and how a group keeps people safe."""

import uuid

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from accounts import May
from core import actors
from core.access import door
from core.errors import NotFound
from core.languages import _
from core.saving import saving
from directory import assurance, editing, notices
from directory.assurance import LABELS, Said
from directory.listings import get_own_listing, history_of
from directory.models import Assurance, Notice, Service
from directory.rules import AssuranceKind
from directory.web.group_forms import (
    AssurancePart,
    CancelForm,
    DaysOffForm,
    NewsForm,
    SafetyForm,
    box_of,
)
from directory.web.organiser import bp


@bp.route("/my-listings/<uuid:service_id>/cancel", methods=["GET", "POST"])
@door(May.KEEP_LISTINGS, May.EDIT_DIRECTORY)
def cancel(service_id: uuid.UUID) -> ResponseReturnValue:
    """Say that one session is off."""
    actor = actors.current()
    service = get_own_listing(service_id, seen_by=actor)
    form = CancelForm()
    form.offer(notices.sessions_to_cancel(service))
    if form.validate_on_submit():
        with saving() as work:
            notices.cancel_session(service, form.day, form.words.data or "", by=actor)
            work.leads_to(_home(service))
        return work.redirect(_("That session is cancelled. People are told."))
    return render_template("directory/group/cancel.html", service=service, form=form), form.status


@bp.route("/my-listings/<uuid:service_id>/days-off", methods=["GET", "POST"])
@door(May.KEEP_LISTINGS, May.EDIT_DIRECTORY)
def days_off(service_id: uuid.UUID) -> ResponseReturnValue:
    """Pause for a holiday: it ends by itself."""
    actor = actors.current()
    service = get_own_listing(service_id, seen_by=actor)
    form = DaysOffForm()
    first, last = form.first_on.data, form.last_on.data
    if form.validate_on_submit() and first and last:
        with saving() as work:
            notices.pause_between(service, first, last, form.words.data or "", by=actor)
            work.leads_to(_home(service))
        return work.redirect(_("Noted. It is on again by itself after the last day off."))
    return render_template("directory/group/days_off.html", service=service, form=form), form.status


@bp.route("/my-listings/<uuid:service_id>/news", methods=["GET", "POST"])
@door(May.KEEP_LISTINGS, May.EDIT_DIRECTORY)
def news(service_id: uuid.UUID) -> ResponseReturnValue:
    """Tell everybody something for a while."""
    actor = actors.current()
    service = get_own_listing(service_id, seen_by=actor)
    form = NewsForm()
    if form.validate_on_submit() and form.until.data:
        with saving() as work:
            notices.say_news(service, form.words.data or "", form.until.data, by=actor)
            work.leads_to(_home(service))
        return work.redirect(_("Your news is shown. It goes by itself after that day."))
    return render_template("directory/group/news.html", service=service, form=form), form.status


@bp.post("/my-listings/<uuid:service_id>/full")
@door(May.KEEP_LISTINGS, May.EDIT_DIRECTORY)
def full(service_id: uuid.UUID) -> ResponseReturnValue:
    """Full this week; it ends by itself on Sunday."""
    actor = actors.current()
    with saving() as work:
        service = get_own_listing(service_id, seen_by=actor)
        notices.say_full(service, by=actor)
        work.leads_to(_home(service))
    return work.redirect(_("People are told it is full this week. That ends by itself on Sunday."))


@bp.post("/my-listings/<uuid:service_id>/notices/<uuid:notice_id>/down")
@door(May.KEEP_LISTINGS, May.EDIT_DIRECTORY)
def down(service_id: uuid.UUID, notice_id: uuid.UUID) -> ResponseReturnValue:
    """Take a notice down before it ends."""
    actor = actors.current()
    with saving() as work:
        service = get_own_listing(service_id, seen_by=actor)
        notices.take_down(_notice(service, notice_id), by=actor)
        work.leads_to(_home(service))
    return work.redirect(_("That is taken back."))


@bp.get("/my-listings/<uuid:service_id>/history")
@door(May.KEEP_LISTINGS, May.EDIT_DIRECTORY)
def history(service_id: uuid.UUID) -> ResponseReturnValue:
    """Who did what with a listing, and when."""
    service = get_own_listing(service_id, seen_by=actors.current())
    steps = [(each, editing.changed_in(each)) for each in history_of(service)]
    return render_template("directory/group/history.html", service=service, steps=steps)


@bp.post("/my-listings/<uuid:service_id>/undo/<uuid:step_id>")
@door(May.KEEP_LISTINGS, May.EDIT_DIRECTORY)
def undo(service_id: uuid.UUID, step_id: uuid.UUID) -> ResponseReturnValue:
    """Say again what was said before one change."""
    actor = actors.current()
    with saving() as work:
        service = get_own_listing(service_id, seen_by=actor)
        outcome = editing.undo(editing.get_step(service, step_id), by=actor)
        work.leads_to(url_for(".history", service_id=service.id))
    if outcome.waiting is not None:
        return work.redirect(_("An editor looks at this first. We write to you when it is done."))
    return work.redirect(_("Undone. People read what they read before."))


@bp.post("/my-listings/<uuid:service_id>/changes/<uuid:change_id>/withdraw")
@door(May.KEEP_LISTINGS, May.EDIT_DIRECTORY)
def withdraw(service_id: uuid.UUID, change_id: uuid.UUID) -> ResponseReturnValue:
    """Take back a change that waits for an editor."""
    actor = actors.current()
    with saving() as work:
        service = get_own_listing(service_id, seen_by=actor)
        change = editing.get_change(change_id)
        if change.service_id != service.id:
            raise NotFound
        editing.withdraw(change, by=actor)
        work.leads_to(_home(service))
    return work.redirect(_("Your change is taken back."))


@bp.route("/my-listings/<uuid:service_id>/safety", methods=["GET", "POST"])
@door(May.KEEP_LISTINGS, May.EDIT_DIRECTORY)
def safety(service_id: uuid.UUID) -> ResponseReturnValue:
    """How the group keeps people safe: what it says, and what we have seen."""
    actor = actors.current()
    service = get_own_listing(service_id, seen_by=actor)
    group = service.organisation
    said = assurance.said_by(group.id)
    form = SafetyForm(data={box_of(kind): {"has": True, **_boxes(said[kind])} for kind in said})
    if form.validate_on_submit():
        with saving() as work:
            for kind in AssuranceKind:
                part = form.part(kind)
                if part.has.data:
                    assurance.say(group, kind, _said(part), by=actor)
                else:
                    assurance.unsay(group, kind, by=actor)
            work.leads_to(_home(service))
        return work.redirect(_("Saved. People read this on each page of the group."))
    page = render_template(
        "directory/group/safety.html",
        service=service,
        form=form,
        said=said,
        labels=LABELS,
        lead=AssuranceKind.SAFEGUARDING_LEAD,
        facts={each.kind: each for each in assurance.facts_for_everybody(group.id)},
        sees=editing.is_editor(actor),
    )
    return page, form.status


@bp.post(
    "/my-listings/<uuid:service_id>/safety"
    "/<any('insurance', 'dbs', 'safeguarding-lead', 'safeguarding-training', 'first-aid',"
    " 'food-hygiene'):kind>/seen"
)
@door(May.EDIT_DIRECTORY)
def seen(service_id: uuid.UUID, kind: str) -> ResponseReturnValue:
    """We have seen the paper today."""
    actor = actors.current()
    with saving() as work:
        service = get_own_listing(service_id, seen_by=actor)
        assurance.mark_seen(service.organisation_id, AssuranceKind(kind), by=actor)
        work.leads_to(url_for(".safety", service_id=service.id))
    return work.redirect(_("Noted: seen today."))


def _home(service: Service) -> str:
    return url_for("listings.overview", service_id=service.id)


def _notice(service: Service, notice_id: uuid.UUID) -> Notice:
    found = next((each for each in service.notices if each.id == notice_id), None)
    if found is None:
        raise NotFound
    return found


def _boxes(said: Assurance) -> dict[str, object]:
    names = ("words", "dated_on", "expires_on", "may_be_named")
    return {name: getattr(said, name) for name in names}


def _said(part: AssurancePart) -> Said:
    return Said(
        words=part.words.data or "",
        dated_on=part.dated_on.data,
        expires_on=part.expires_on.data,
        may_be_named=bool(part.may_be_named.data),
    )
