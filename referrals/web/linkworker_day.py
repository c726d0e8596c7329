"""The link worker's desk: a task, an appointment, a letter, a colleague, a word with the lead."""

import uuid
from datetime import timedelta

from flask import render_template
from flask.typing import ResponseReturnValue

from accounts import May
from core import clock
from core.access import door
from core.actors import current
from core.languages import _
from core.saving import saving
from core.working_days import working_days_after
from referrals.contacts import log_contact
from referrals.day import tasks
from referrals.day.appointments import book
from referrals.day.attempts import closes_from
from referrals.day.supervision import put_down
from referrals.day.team import colleagues, hand_over, may_hand_over
from referrals.rules import OPEN, UNDER_WAY, ContactHow
from referrals.sight import get_referral
from referrals.web.day_forms import AppointmentForm, ColleagueForm, DiscussForm, TaskForm
from referrals.web.linkworker import SHOWS, bp, open_record, person_page

A_DAY = timedelta(days=1)


@bp.route("/<uuid:referral_id>/task", methods=["GET", "POST"])
@door(May.WORK_CASELOAD, shows=SHOWS)
def task(referral_id: uuid.UUID) -> ResponseReturnValue:
    """Add something to be done for somebody."""
    referral = open_record(referral_id)
    form = TaskForm(data={"due_on": working_days_after(clock.today(), 1)})
    if form.validate_on_submit() and form.due_on.data:
        with saving() as work:
            tasks.add(referral, form.words.data or "", form.due_on.data, by=current())
            work.leads_to(person_page(referral))
        return work.redirect(_("The task is on the list."))
    page = render_template(
        "referrals/day/task.html",
        referral=referral,
        form=form,
        possible=referral.status in OPEN,
    )
    return page, form.status


@bp.route("/<uuid:referral_id>/appointment", methods=["GET", "POST"])
@door(May.WORK_CASELOAD, shows=SHOWS)
def appointment(referral_id: uuid.UUID) -> ResponseReturnValue:
    """Agree a time with somebody."""
    referral = open_record(referral_id)
    form = AppointmentForm()
    if form.validate_on_submit() and form.starts_at:
        with saving() as work:
            book(
                referral,
                form.starts_at,
                minutes=form.minutes.data or 45,
                place=form.place.data or "",
                place_shown=bool(form.place_shown.data),
                by=current(),
            )
            work.leads_to(person_page(referral))
        return work.redirect(_("The appointment is in your day and your calendar."))
    page = render_template(
        "referrals/day/appointment.html",
        referral=referral,
        form=form,
        possible=referral.status in UNDER_WAY,
    )
    return page, form.status


@bp.post("/<uuid:referral_id>/letter-sent")
@door(May.WORK_CASELOAD, shows=SHOWS)
def letter_sent(referral_id: uuid.UUID) -> ResponseReturnValue:
    """The kind letter is in the post: note it, and look again when its time is over."""
    referral = get_referral(referral_id, seen_by=current())
    with saving() as work:
        over = closes_from(clock.today())
        log_contact(
            referral,
            ContactHow.LETTER,
            minutes=0,
            note="",
            next_contact_on=working_days_after(over - A_DAY, 1),
            by=current(),
        )
        work.leads_to(person_page(referral))
    return work.redirect(_("Noted. We remind you when they have had time to answer."))


@bp.route("/<uuid:referral_id>/hand-over", methods=["GET", "POST"])
@door(May.WORK_CASELOAD, shows=SHOWS)
def give(referral_id: uuid.UUID) -> ResponseReturnValue:
    """Give somebody to a colleague."""
    referral, people = open_record(referral_id), colleagues(current())
    form = ColleagueForm()
    form.offer([each for each in people if each.id != referral.owner_id])
    if form.validate_on_submit():
        with saving() as work:
            hand_over(referral, form.chosen(people), by=current())
            work.leads_to(person_page(referral))
        return work.redirect(_("They are with your colleague now, tasks and all."))
    page = render_template(
        "referrals/day/hand_over.html",
        referral=referral,
        form=form,
        possible=may_hand_over(referral, by=current()) is None,
    )
    return page, form.status


@bp.route("/<uuid:referral_id>/discuss", methods=["GET", "POST"])
@door(May.WORK_CASELOAD, shows=SHOWS)
def discuss(referral_id: uuid.UUID) -> ResponseReturnValue:
    """Put somebody on the list to talk over with the lead."""
    referral = open_record(referral_id)
    form = DiscussForm()
    if form.validate_on_submit():
        with saving() as work:
            put_down(referral, form.why.data or "", by=current())
            work.leads_to(person_page(referral))
        return work.redirect(_("It is on the list for your next supervision."))
    page = render_template(
        "referrals/day/discuss.html", referral=referral, form=form, possible=True
    )
    return page, form.status
