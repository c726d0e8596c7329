"""Safety notes on the web, for the few who may read them; each reading is written down first."""

import uuid

from flask import Blueprint, Response, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField, TextAreaField
from wtforms.validators import Length

from accounts import May
from core.access import door
from core.actors import current
from core.forms import Form, Required
from core.languages import _, lazy
from core.saving import saving
from referrals.about.safety import (
    LONGEST,
    get_referral_to_keep_safe,
    may_read,
    people_with_notes,
    raise_worry,
    read_notes,
)

bp = Blueprint("safety", __name__, url_prefix="/safety")

SHOWS = "F1 F2 F3 F5"
LONG = Length(max=LONGEST, message=lazy("Use 2,000 letters or fewer"))


class WorryForm(Form):
    """A worry about somebody's safety."""

    worry = TextAreaField(
        lazy("What are you worried about?"),
        [Required(lazy("Say what you are worried about")), LONG],
        description=lazy("What you saw and heard, when, and their own words."),
    )
    done = TextAreaField(lazy("What did you do?"), [LONG])
    told = StringField(
        lazy("Whom did you tell?"),
        [Length(max=200, message=lazy("Use 200 letters or fewer"))],
    )


@bp.after_request
def keep_quiet(response: Response) -> Response:
    """No cache may keep the page."""
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("")
@door(May.LEAD_SAFEGUARDING, May.LEAD_TEAM, shows="F1 F2 F3 F5")
def people() -> ResponseReturnValue:
    """About whose safety something is written, in the teams one leads."""
    with saving():
        found = people_with_notes(by=current())
    return render_template("referrals/about/safety.html", people=found)


@bp.route("/<uuid:referral_id>", methods=["GET", "POST"])
@door(May.WORK_CASELOAD, May.LEAD_SAFEGUARDING, shows=SHOWS)
def notes(referral_id: uuid.UUID) -> ResponseReturnValue:
    """What is written about one person's safety, and one more note."""
    actor, form = current(), WorryForm()
    referral = get_referral_to_keep_safe(referral_id, seen_by=actor)
    if form.validate_on_submit():
        with saving() as work:
            raise_worry(
                referral,
                form.worry.data or "",
                done=form.done.data or "",
                told=form.told.data or "",
                by=actor,
            )
            work.leads_to(url_for(".notes", referral_id=referral_id))
        return work.redirect(_("Saved. The leads have been told that there is something to read."))
    with saving():
        found = read_notes(referral, by=actor)
    page = render_template(
        "referrals/about/safety_notes.html",
        referral=referral,
        notes=found,
        reads_all=may_read(referral, actor),
        form=form,
    )
    return page, form.status
