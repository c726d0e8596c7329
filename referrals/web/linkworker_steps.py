"""The link worker's desk: each step that needs a word or a date, and the contacts."""

import uuid
from dataclasses import dataclass, replace

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts import May
from core.access import door
from core.actors import current
from core.languages import _
from core.saving import saving
from referrals.caseload import next_due
from referrals.contacts import NOT_MET_YET, log_contact
from referrals.day.attempts import attempts_for
from referrals.history import unanswered_visits
from referrals.pathway import accept as accept_referral
from referrals.pathway import act, what_may
from referrals.rules import DECLINE_WORDS, UNDER_WAY, Action, ContactHow, DeclineReason
from referrals.web.linkworker import SHOWS, bp, open_record, person_page
from referrals.web.linkworker_forms import (
    AskForm,
    ContactForm,
    NotAcceptForm,
    NoteForm,
    WhyForm,
    accept_form,
)


@dataclass(frozen=True, slots=True)
class StepPage:
    """What the page of one step says."""

    action: Action
    title: str
    lede: str
    button: str
    done: str
    form: type[AskForm | NoteForm | WhyForm] = NoteForm


STEP_PAGES = {
    "ask": StepPage(
        Action.ASK,
        "Ask the practice",
        "They get a letter that says there is a question, and read it here. It stays on your list.",
        "Send the question",
        "We have sent your question to the practice.",
        AskForm,
    ),
    "pause": StepPage(
        Action.PAUSE,
        "Pause",
        "For when they are in hospital, away, or need some time. You can start again at any time.",
        "Pause",
        "Paused. You can start again at any time.",
        WhyForm,
    ),
    "finish": StepPage(
        Action.COMPLETE,
        "Finish",
        "You have done what you set out to do together. The practice is told that there is news, "
        "and reads here what came of it.",
        "Finish",
        "Finished. We have told the practice.",
    ),
    "not-reached": StepPage(
        Action.CLOSE_NO_CONTACT,
        "Could not be reached",
        "This closes the referral and tells the practice, who can refer them again.",
        "Close the referral",
        "Closed. We have told the practice.",
    ),
    "said-no": StepPage(
        Action.RECORD_DECLINED,
        "They said no",
        "This closes the referral and tells the practice. Nothing more is shared with anybody.",
        "Close the referral",
        "Closed. We have told the practice.",
    ),
    "cannot-go-on": StepPage(
        Action.FAIL,
        "Cannot go on",
        "For when they have moved away, have died, or the help has stopped. This closes the "
        "referral and tells the practice.",
        "Close the referral",
        "Closed. We have told the practice.",
        WhyForm,
    ),
}

OWN = {
    "ask": (
        "They read it on their own page, if they have one. It may be quicker to ring them.",
        "Your question is on their page.",
    ),
    "finish": ("You have done what you set out to do together.", "Finished."),
    "not-reached": (
        "This closes the referral. They can ask for help again at any time.",
        "Closed.",
    ),
    "said-no": ("This closes the referral. Nothing more is shared with anybody.", "Closed."),
    "cannot-go-on": (
        "For when they have moved away, have died, or the help has stopped.",
        "Closed.",
    ),
}
"""What the page says, and says then, where no practice referred them: none is told."""

ANY_STEP = ", ".join(f"'{what}'" for what in STEP_PAGES)


@bp.route("/<uuid:referral_id>/accept", methods=["GET", "POST"])
@door(May.WORK_CASELOAD, shows=SHOWS)
def accept(referral_id: uuid.UUID) -> ResponseReturnValue:
    """Take somebody on, and say when the first contact will be."""
    referral = open_record(referral_id)
    form = accept_form()
    if form.validate_on_submit() and form.next_contact_on.data:
        with saving() as work:
            accept_referral(referral, by=current(), next_contact_on=form.next_contact_on.data)
            work.leads_to(person_page(referral))
        return work.redirect(_("You have accepted this referral. It is on your list now."))
    page = render_template(
        "referrals/linkworker/accept.html",
        referral=referral,
        form=form,
        possible=Action.ACCEPT in what_may(current(), referral),
    )
    return page, form.status


@bp.route("/<uuid:referral_id>/not-for-us", methods=["GET", "POST"])
@door(May.WORK_CASELOAD, shows=SHOWS)
def not_for_us(referral_id: uuid.UUID) -> ResponseReturnValue:
    """Not accept somebody, with a reason the practice can act on."""
    referral = open_record(referral_id)
    form = NotAcceptForm()
    if form.validate_on_submit():
        reason = DECLINE_WORDS[DeclineReason(form.reason.data)]
        with saving() as work:
            note = f"{reason}. {form.note.data or ''}"
            act(referral, Action.REJECT, by=current(), note=note)
            work.leads_to(url_for(".people", tab="new"))
        own = _("It is closed. Ring them, and say what else there is.")
        return work.redirect(own if referral.is_own else _("We have told the practice why."))
    page = render_template(
        "referrals/linkworker/not_for_us.html",
        referral=referral,
        form=form,
        possible=Action.REJECT in what_may(current(), referral),
    )
    return page, form.status


@bp.route(f"/<uuid:referral_id>/<any({ANY_STEP}):what>", methods=["GET", "POST"])
@door(May.WORK_CASELOAD, shows=SHOWS)
def step(referral_id: uuid.UUID, what: str) -> ResponseReturnValue:
    """A step that takes a note."""
    referral, about = open_record(referral_id), STEP_PAGES[what]
    if referral.is_own:
        about = _without_practice(what, about)
    form = about.form()
    if form.validate_on_submit():
        with saving() as work:
            act(referral, about.action, by=current(), note=form.note.data or "")
            work.leads_to(person_page(referral))
        return work.redirect(about.done)
    page = render_template(
        "referrals/linkworker/step.html",
        referral=referral,
        about=about,
        form=form,
        possible=about.action in what_may(current(), referral),
        unanswered=unanswered_visits(referral) if about.action is Action.COMPLETE else [],
    )
    return page, form.status


def _without_practice(what: str, about: StepPage) -> StepPage:
    title = "Ask them a question" if about.action is Action.ASK else about.title
    lede, done = OWN.get(what, (about.lede, about.done))
    return replace(about, title=title, lede=lede, done=done)


@bp.route("/<uuid:referral_id>/contact", methods=["GET", "POST"])
@door(May.WORK_CASELOAD, shows=SHOWS)
def contact(referral_id: uuid.UUID) -> ResponseReturnValue:
    """Note a contact, and go on to whoever is due next if asked to."""
    referral, actor = open_record(referral_id), current()
    form = ContactForm()
    if form.validate_on_submit():
        with saving() as work:
            log_contact(
                referral,
                ContactHow(form.how.data),
                minutes=form.minutes.data or 0,
                note=form.note.data or "",
                next_contact_on=form.next_contact_on,
                by=actor,
            )
            going_on = request.form.get("then") == "next"
            following = next_due(actor, after=referral) if going_on else None
            here = url_for(".people") if going_on else person_page(referral)
            work.leads_to(person_page(following) if following else here)
        words = "Saved."
        if going_on:
            words += " This is who is due next." if following else " Nobody else is due today."
        return work.redirect(words)
    page = render_template(
        "referrals/linkworker/contact.html",
        referral=referral,
        form=form,
        attempts=attempts_for(referral.contacts) if referral.status in NOT_MET_YET else None,
        possible=referral.status in UNDER_WAY,
    )
    return page, form.status
