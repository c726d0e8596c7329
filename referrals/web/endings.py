"""The link worker's desk: an ending planned together, early on; the person reads it too."""

import uuid
from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import Length

from accounts import May
from core.access import door
from core.actors import current
from core.forms import Form, PartsDateField, Required
from core.languages import _, lazy
from core.saving import saving
from referrals.endings import check_ins_of, ending_of, plan_ending
from referrals.models import Referral
from referrals.rules import UNDER_WAY
from referrals.sight import get_referral
from referrals.web.linkworker import SHOWS, bp, open_record, person_page

LONG = Length(max=300, message=lazy("Use 300 letters or fewer"))


class EndingForm(Form):
    """What you agreed about the ending."""

    ends_on = PartsDateField(
        lazy("About when will it end?"),
        [Required(lazy("Enter a day. It can be changed"))],
        must_be_coming=True,
    )
    looks_like = TextAreaField(
        lazy("How will you both know that it is time?"),
        [Required(lazy("Say it in their own words")), LONG],
        description=lazy("In their own words. For example: I go by myself and look forward to it."),
    )
    step_down = TextAreaField(
        lazy("How does it get less, step by step?"),
        [LONG],
        description=lazy("For example: a visit a week, then a call a month."),
    )
    check_ins = BooleanField(lazy("They would like to be asked how it goes, after 3 and 6 months"))
    letter = BooleanField(lazy("They would like a letter at the end"))
    gives_back = StringField(
        lazy("Would they like to give something back, and what?"),
        [Length(max=120, message=lazy("Use 120 letters or fewer"))],
        description=lazy("Only if they want to. Leave it empty if not."),
    )


@bp.route("/<uuid:referral_id>/ending", methods=["GET", "POST"])
@door(May.WORK_CASELOAD, shows=SHOWS)
def ending(referral_id: uuid.UUID) -> ResponseReturnValue:
    """Plan the ending together."""
    referral = open_record(referral_id)
    kept = ending_of(referral)
    form = EndingForm(obj=kept) if kept else EndingForm(data={"check_ins": True})
    if form.validate_on_submit() and form.ends_on.data:
        with saving() as work:
            found = get_referral(referral_id, seen_by=current())
            plan_ending(
                found,
                ends_on=form.ends_on.data,
                looks_like=form.looks_like.data or "",
                step_down=form.step_down.data or "",
                check_ins=bool(form.check_ins.data),
                letter=bool(form.letter.data),
                gives_back=form.gives_back.data or "",
                by=current(),
            )
            work.leads_to(person_page(found))
        return work.redirect(_("The ending is planned. You get a reminder to talk about it."))
    page = render_template(
        "referrals/person/plan_ending.html",
        referral=referral,
        form=form,
        possible=referral.status in UNDER_WAY,
    )
    return page, form.status


def panel(referral: Referral) -> dict[str, Any] | None:
    """The ending, on the person's page; once it is over, the check-ins."""
    kept, possible = ending_of(referral), referral.status in UNDER_WAY
    check_ins = [] if possible else check_ins_of(referral)
    if not (kept or possible or check_ins):
        return None
    return {
        "template": "referrals/person/ending.html",
        "referral": referral,
        "ending": kept,
        "check_ins": check_ins,
        "possible": possible,
    }


def own_panel(referral: Referral) -> dict[str, Any] | None:
    """The ending, on the page of their own."""
    kept = ending_of(referral)
    if kept is None or referral.status not in UNDER_WAY:
        return None
    return {"template": "referrals/person/own_ending.html", "ending": kept}
