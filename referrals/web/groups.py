"""The link worker's page for groups: how each stands, its register, its waiting list, its words."""

import uuid

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import TextAreaField
from wtforms.validators import Length

from accounts import May
from core import audit, site
from core.access import door
from core.actors import current
from core.forms import Form, Required
from core.languages import _, lazy
from core.saving import saving
from directory import Service
from referrals.groups.capacity import desk_of, room_at
from referrals.groups.desk import get_group, groups_for
from referrals.groups.fairness import outsized
from referrals.groups.inbox import done_with, for_people
from referrals.groups.keys import register_key, send_register_key
from referrals.groups.places import open_desk, places_at
from referrals.groups.register import key_in, people_on_paper
from referrals.groups.waiting import get_entry, leave, line_for, take
from referrals.models import Referral
from referrals.rules import Came, Part
from referrals.sight import parts_of
from referrals.web.group_pages import printed, room_form

bp = Blueprint("groups", __name__, url_prefix="/groups")

SHOWS = "F1 F2 F3"


class ActForm(Form):
    """The button is the answer."""


class KeyInForm(Form):
    """A register, as it was read out or came back on paper."""

    lines = TextAreaField(
        lazy("The register"),
        [Required(lazy("Type the code, the day and the marks")), Length(max=2000)],
        description=lazy("Code, day, marks: K4TB 24/11 yyn?y. A line for each register or person."),
    )


@bp.get("")
@door(May.WORK_CASELOAD, shows="F1")
def all_groups() -> ResponseReturnValue:
    """The groups people go to, what they still owe us, and what must be looked at."""
    actor = current()
    return render_template(
        "referrals/groups/all.html",
        rows=groups_for(actor),
        outsized=outsized(actor.where(May.WORK_CASELOAD)),
        messages=len(for_people(actor)),
    )


@bp.route("/<uuid:service_id>", methods=["GET", "POST"])
@door(May.WORK_CASELOAD, shows=SHOWS)
def group(service_id: uuid.UUID) -> ResponseReturnValue:
    """One group: what it can take, which the link worker may write down for it, and who waits."""
    service = get_group(service_id, seen_by=current())
    form = room_form(service)
    if form.validate_on_submit():
        with saving() as work:
            form.save(service, by=current())
            work.leads_to(url_for(".group", service_id=service.id))
        return work.redirect(_("Saved. No more people are sent than that."))
    line = line_for(service.id)
    mine = [entry for entry in line if Part.RECEIVER in parts_of(current(), entry.referral)]
    there = places_at(service, seen_by=current())
    _look_at([entry.referral for entry in mine] + [place.referral for place in there])
    page = render_template(
        "referrals/groups/group.html",
        service=service,
        form=form,
        room=room_at(service),
        desk=desk_of(service.id),
        line=list(enumerate(line, start=1)),
        mine=mine,
        there=there,
        act=ActForm(),
    )
    return page, form.status


@bp.post("/<uuid:service_id>/link")
@door(May.WORK_CASELOAD, shows="F1")
def send_link(service_id: uuid.UUID) -> ResponseReturnValue:
    """Send the group the link to its own register."""
    service = get_group(service_id, seen_by=current())
    with saving() as work:
        sent = send_register_key(service, by=current())
        work.leads_to(url_for(".group", service_id=service.id))
    return work.redirect(
        _("Their link is on its way.") if sent else _("We have no e-mail address for this group.")
    )


@bp.get("/<uuid:service_id>/register", defaults={"kind": "page"})
@bp.get("/<uuid:service_id>/register.pdf", defaults={"kind": "pdf"})
@door(May.WORK_CASELOAD, shows="F1")
def register(service_id: uuid.UUID, kind: str) -> ResponseReturnValue:
    """A register of the team's own people, to print and take along."""
    service = get_group(service_id, seen_by=current())
    with saving():
        open_desk(service, by=current())
    return _printed(service, kind, scan="")


@bp.post("/<uuid:service_id>/register")
@door(May.WORK_CASELOAD, shows="F1")
def register_to_scan(service_id: uuid.UUID) -> ResponseReturnValue:
    """The same with a code that opens the group's own register: a new key, made by asking."""
    service = get_group(service_id, seen_by=current())
    with saving():
        open_desk(service, by=current())
        path = register_key(service, by=current())
    return _printed(service, "page", scan=site.address(path))


@bp.route("/key-in", methods=["GET", "POST"])
@door(May.WORK_CASELOAD, shows="F1")
def key_in_page() -> ResponseReturnValue:
    """Key in a register: twelve people are one line."""
    form = KeyInForm()
    if form.validate_on_submit():
        with saving() as work:
            keyed, unread = key_in(form.lines.data or "", by=current())
            work.leads_to(url_for(".key_in_page"))
        if not unread:
            came = sum(each.count(Came.CAME) for each in keyed)
            said = sum(len(each.marks) for each in keyed)
            return work.redirect(_("Noted: %(came)s of %(said)s came.", came=came, said=said))
        form.lines.errors = [f"“{each.line}”: {each.why}" for each in unread]
    return render_template("referrals/groups/key_in.html", form=form), form.status


@bp.get("/messages")
@door(May.WORK_CASELOAD, shows="F1 F2")
def messages() -> ResponseReturnValue:
    """What groups wrote that nobody could read but a person."""
    found = for_people(current())
    with saving():
        for each in found:
            audit.looked(current(), about=f"inbound:{each.id}", classes=["F2"])
    return render_template(
        "referrals/groups/messages.html", messages=for_people(current()), form=ActForm()
    )


@bp.post("/messages/<uuid:message_id>/done")
@door(May.WORK_CASELOAD, shows="F1")
def message_done(message_id: uuid.UUID) -> ResponseReturnValue:
    """A message has been read, and what there was to do is done."""
    with saving() as work:
        done_with(message_id, by=current())
        work.leads_to(url_for(".messages"))
    return work.redirect(_("Put away."))


@bp.post("/waiting/<uuid:entry_id>/<any(take, leave):what>")
@door(May.WORK_CASELOAD, shows="F1")
def answer_offer(entry_id: uuid.UUID, what: str) -> ResponseReturnValue:
    """Take the place that was offered, or wait no more."""
    entry = get_entry(entry_id, seen_by=current())
    with saving() as work:
        if what == "take":
            take(entry, by=current())
        else:
            leave(entry, by=current())
        work.leads_to(url_for(".group", service_id=entry.service_id))
    return work.redirect(
        _("Asked. You will hear when they answer.")
        if what == "take"
        else _("They do not wait any more.")
    )


def _printed(service: Service, kind: str, *, scan: str) -> ResponseReturnValue:
    return printed(
        service,
        people_on_paper(service, seen_by=current()),
        kind=kind,
        scan=scan,
        back=url_for(".group", service_id=service.id),
        pdf=url_for(".register", service_id=service.id, kind="pdf"),
    )


def _look_at(referrals: list[Referral]) -> None:
    """Names are shown of those who wait and those who go there: that is written down."""
    about = [referral.about for referral in referrals]
    if about:
        with saving():
            for each in about:
                audit.looked(current(), about=each, classes=["F3"])
