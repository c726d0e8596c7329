"""Opening a record in an emergency, on the web, and looking at it afterwards."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import Length

from accounts import May
from core import rows
from core.access import door
from core.actors import current
from core.forms import Form, PartsDateField, Required, choices_of
from core.languages import _, lazy
from core.marking import marked
from core.saving import saving
from core.templating import add_to_nav
from referrals.breaking_glass import (
    break_glass,
    find,
    get_to_review,
    get_to_see_looks,
    opened,
    opened_by,
    record_behind,
    review,
    reviewed,
    safety_notes,
    to_review,
)
from referrals.history import events_of
from referrals.models import Emergency, Verdict
from referrals.person.looking import who_looked
from referrals.web.linkworker import words

P = ParamSpec("P")
R = TypeVar("R")

bp = Blueprint("glass", __name__, url_prefix="/emergency")
bp.context_processor(words)

LONG = Length(max=1000, message=lazy("Use 1,000 letters or fewer"))
EMERGENCY_WORDS = {
    Emergency.DANGER: lazy("Somebody may be in danger"),
    Emergency.ASKED: lazy("The person asks me for help now"),
    Emergency.NOBODY_THERE: lazy("Nobody who looks after them can be reached"),
}
VERDICT_WORDS = {
    Verdict.RIGHT: lazy("It was right"),
    Verdict.TO_TALK: lazy("We talk about it"),
    Verdict.WRONG: lazy("It was not right"),
}


class EmergencyForm(Form):
    """Whom, and why."""

    nhs_number = StringField(
        lazy("NHS number"), [Required(lazy("Enter their NHS number")), Length(max=20)]
    )
    born_on = PartsDateField(
        lazy("Date of birth"), [Required(lazy("Enter their date of birth"))], must_be_past=True
    )
    emergency = RadioField(
        lazy("What is it?"),
        [Required(lazy("Choose what it is"))],
        choices=choices_of(EMERGENCY_WORDS),
    )
    reason = TextAreaField(
        lazy("Why do you have to see it now?"),
        [
            Required(lazy("Say why you have to see it")),
            Length(min=20, message=lazy("Say why in 20 letters or more")),
            LONG,
        ],
        description=lazy("Somebody else reads this afterwards."),
    )


class ReviewForm(Form):
    """Was it right?"""

    verdict = RadioField(
        lazy("Was it right to open it?"),
        [Required(lazy("Choose one"))],
        choices=choices_of(VERDICT_WORDS),
    )
    note = TextAreaField(lazy("What did you find?"), [LONG])


def _any_record(view: Callable[P, R]) -> Callable[P, R]:
    """Have the database show any record: the domain says which this actor opened or judges."""

    @wraps(view)
    def see(*args: P.args, **kwargs: P.kwargs) -> R:
        with rows.all_shown("a record opened in an emergency"):
            return view(*args, **kwargs)

    return see


@bp.route("", methods=["GET", "POST"])
@door(May.WORK_CASELOAD, May.LEAD_SAFEGUARDING, shows="F1")
@_any_record
def ask() -> ResponseReturnValue:
    """Say whose record has to be seen, and why."""
    form = EmergencyForm()
    if form.validate_on_submit() and form.born_on.data:
        with saving() as work:
            referral = find(form.nhs_number.data or "", form.born_on.data)
            glass = break_glass(
                referral, Emergency(form.emergency.data), form.reason.data or "", by=current()
            )
            work.leads_to(url_for(".record", glass_id=glass.id))
        return work.redirect()
    page = render_template("referrals/glass/ask.html", form=form, open_now=opened_by(current()))
    return page, form.status


@bp.get("/<uuid:glass_id>")
@door(May.WORK_CASELOAD, May.LEAD_SAFEGUARDING, shows="F1 F2 F3 F4 F5")
@_any_record
def record(glass_id: uuid.UUID) -> ResponseReturnValue:
    """The record, to be read for an hour."""
    with saving():
        glass = opened(glass_id, by=current())
        notes = safety_notes(glass, by=current())
    referral = record_behind(glass)
    return render_template(
        "referrals/glass/record.html",
        glass=glass,
        referral=referral,
        person=referral.person,
        events=events_of(referral),
        notes=notes,
    )


@bp.get("/reviews")
@door(May.REVIEW_ACCESS, May.LEAD_TEAM, May.LEAD_SAFEGUARDING, shows="F1 F7")
@_any_record
def reviews() -> ResponseReturnValue:
    """What was opened, and what nobody has looked at yet."""
    return render_template(
        "referrals/glass/reviews.html",
        waiting=to_review(current()),
        done=reviewed(current()),
        emergency_words=EMERGENCY_WORDS,
        verdict_words=VERDICT_WORDS,
    )


@bp.route("/reviews/<uuid:glass_id>", methods=["GET", "POST"])
@door(May.REVIEW_ACCESS, May.LEAD_TEAM, May.LEAD_SAFEGUARDING, shows="F1 F7")
@_any_record
def judge(glass_id: uuid.UUID) -> ResponseReturnValue:
    """Say whether it was right."""
    glass, form = get_to_review(glass_id, seen_by=current()), ReviewForm()
    if form.validate_on_submit():
        with saving() as work:
            review(glass, Verdict(form.verdict.data), form.note.data or "", by=current())
            work.leads_to(url_for(".reviews"))
        return work.redirect(_("Saved."))
    page = render_template(
        "referrals/glass/judge.html", glass=glass, form=form, emergency_words=EMERGENCY_WORDS
    )
    return page, form.status


@bp.get("/looked/<uuid:referral_id>")
@door(May.REVIEW_ACCESS, May.LEAD_TEAM, May.LEAD_SAFEGUARDING, shows="F1 F7")
@_any_record
def looked(referral_id: uuid.UUID) -> ResponseReturnValue:
    """Who has opened one person's record; it does not say whose it is."""
    referral = get_to_see_looks(referral_id, by=current())
    return render_template(
        "referrals/glass/looked.html", referral=referral, looks=who_looked(referral)
    )


def add_to_navigation() -> None:
    """Offer the reviews to those who make them; the emergency itself stands on the caseload."""
    pages = ("glass.judge", "glass.looked")
    for may in (May.REVIEW_ACCESS, May.LEAD_TEAM, May.LEAD_SAFEGUARDING):
        leads = may is not May.REVIEW_ACCESS  # whose phone has other things to show
        add_to_nav(may, marked("Emergencies"), "glass.reviews", *pages, order=42, only_wide=leads)
