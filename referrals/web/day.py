"""The link worker's day on the web: Today, ticking off, taking back, and the calendar to follow."""

import uuid
from datetime import timedelta

from flask import Blueprint, Response, render_template, url_for
from flask.typing import ResponseReturnValue

from accounts import May
from core import audit, clock, site
from core.access import by_link, door
from core.actors import current
from core.languages import _
from core.links import unseal
from core.saving import saving
from referrals.contacts import NOT_MET_YET
from referrals.day import tasks
from referrals.day.appointments import (
    CALENDAR,
    calendar_of,
    call_off,
    get_appointment,
    new_calendar_key,
)
from referrals.day.attempts import attempts_for, closes_from
from referrals.day.cover import covers_for
from referrals.day.many import get_many, many_to_undo, undo_many
from referrals.day.today import today_for
from referrals.pathway import take_back
from referrals.sight import get_referral
from referrals.web.day_forms import PressForm
from referrals.web.linkworker import LOOKED_AT, SHOWS, person_page, words

A_DAY = timedelta(days=1)

bp = Blueprint("day", __name__, url_prefix="/today")
bp.context_processor(words)


@bp.get("")
@door(May.WORK_CASELOAD, shows=SHOWS)
def today() -> ResponseReturnValue:
    """Who is to be rung, what is to be done, what is new: in one glance."""
    actor = current()
    day = today_for(actor)
    return render_template(
        "referrals/day/today.html",
        day=day,
        covers=covers_for(actor),
        many=many_to_undo(actor),
    )


@bp.post("/tasks/<uuid:task_id>/<any(done, again):what>")
@door(May.WORK_CASELOAD, shows=SHOWS)
def tick(task_id: uuid.UUID, what: str) -> ResponseReturnValue:
    """Tick a task off, or put it back."""
    task = tasks.get_task(task_id, seen_by=current())
    with saving() as work:
        (tasks.done if what == "done" else tasks.not_done_yet)(task, by=current())
        work.leads_to(url_for(".today"))
    return work.redirect(_("Done: %(words)s", words=task.words) if what == "done" else "")


@bp.post("/appointments/<uuid:appointment_id>/call-off")
@door(May.WORK_CASELOAD, shows=SHOWS)
def off(appointment_id: uuid.UUID) -> ResponseReturnValue:
    """An appointment will not be."""
    appointment = get_appointment(appointment_id, seen_by=current())
    with saving() as work:
        call_off(appointment, by=current())
        work.leads_to(person_page(appointment.referral))
    return work.redirect(_("Called off. Tell them too."))


@bp.post("/take-back/<uuid:referral_id>")
@door(May.WORK_CASELOAD, shows=SHOWS)
def undo(referral_id: uuid.UUID) -> ResponseReturnValue:
    """Take one's own last step back, while nobody has been told."""
    referral = get_referral(referral_id, seen_by=current())
    with saving() as work:
        take_back(referral, by=current())
        work.leads_to(person_page(referral))
    return work.redirect(_("Taken back. Nobody was told."))


@bp.post("/put-back/<uuid:many_id>")
@door(May.WORK_CASELOAD, shows=SHOWS)
def put_back(many_id: uuid.UUID) -> ResponseReturnValue:
    """Undo a change for many people."""
    made = get_many(many_id, seen_by=current())
    with saving() as work:
        number = undo_many(made, by=current())
        work.leads_to(url_for("linkworker.people"))
    return work.redirect(_("Put back for %(number)s people.", number=number))


@bp.route("/calendar", methods=["GET", "POST"])
@door(May.WORK_CASELOAD, shows="F1")
def calendar() -> ResponseReturnValue:
    """An address for one's own calendar. It is shown once, when it is made."""
    form = PressForm()
    address = ""
    if form.validate_on_submit():
        with saving():
            token = new_calendar_key(by=current())
        address = site.address(url_for(".follow", token=token))
    return render_template("referrals/day/calendar.html", form=form, address=address), form.status


@bp.get("/calendar/<token>.ics")
@by_link(CALENDAR, shows="F1")
def follow(token: str) -> ResponseReturnValue:
    """The appointments, for a calendar: no names, no health."""
    made = calendar_of(unseal(CALENDAR, token))
    headers = {"Cache-Control": "private, no-store"}
    return Response(made, mimetype="text/calendar", headers=headers)


@bp.get("/letter/<uuid:referral_id>")
@door(May.WORK_CASELOAD, shows=SHOWS)
def letter(referral_id: uuid.UUID) -> ResponseReturnValue:
    """The kind letter, to print and to post."""
    with saving():
        referral = get_referral(referral_id, seen_by=current())
        audit.looked(current(), about=referral.about, classes=LOOKED_AT)
    return render_template(
        "referrals/day/letter.html",
        referral=referral,
        attempts=attempts_for(referral.contacts),
        answer_by=closes_from(clock.today()) - A_DAY,
        can_be_sent=referral.status in NOT_MET_YET,
    )
