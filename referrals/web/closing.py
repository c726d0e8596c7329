"""The message at the end: the link worker writes it, the person sees it, the referrer copies it."""

import uuid
from typing import Any

from flask import Blueprint, Response, make_response, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, RadioField, TextAreaField
from wtforms.validators import Length

from accounts import Field, May
from core import audit, links
from core.access import by_link, door
from core.actors import current
from core.errors import NotFound
from core.forms import Form, Required, choices_of
from core.languages import _, lazy
from core.saving import saving
from referrals.closing import (
    CLOSING_LINK,
    TOLD_OF,
    allow,
    draft,
    for_referrer,
    message_behind,
    message_of,
    send_to_person,
    text_of,
)
from referrals.models import ClosingMessage, Limit, Referral
from referrals.sight import get_referral
from referrals.web.linkworker import open_record

bp = Blueprint("closing", __name__)

SHOWS = "F1 F2 F3 F4"
LONG = Length(max=1000, message=lazy("Use 1,000 letters or fewer"))
LIMIT_WORDS = {
    Limit.SUMMARY: lazy("All of it may go"),
    Limit.CODES: lazy("Only the codes: how it ended, and when"),
    Limit.NOTHING: lazy("Nothing may go"),
}


class DraftForm(Form):
    """What the link worker would tell who referred them."""

    outcome = TextAreaField(
        lazy("What came of it"),
        [Required(lazy("Say what came of it")), LONG],
        description=lazy("What they needed, what they hoped for, what changed. Plain words."),
    )
    risks = TextAreaField(
        lazy("Has any risk changed?"), [LONG], description=lazy("Leave it empty for none known.")
    )
    plan = TextAreaField(
        lazy("What is the practice asked to do?"),
        [LONG],
        description=lazy("Leave it empty for nothing."),
    )


class AllowForm(Form):
    """How much of it may go, of the words just read."""

    allowed = RadioField(
        lazy("How much of this may go to the practice?"),
        [Required(lazy("Choose how much may go"))],
        choices=choices_of(LIMIT_WORDS),
    )
    version = HiddenField()


@bp.after_request
def keep_quiet(response: Response) -> Response:
    """The address may be a key: no other site may learn it, no cache may keep the page."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@bp.route("/caseload/<uuid:referral_id>/closing-message", methods=["GET", "POST"])
@door(May.WORK_CASELOAD, shows=SHOWS)
def write(referral_id: uuid.UUID) -> ResponseReturnValue:
    """Write the message at the end."""
    referral = open_record(referral_id)
    message = message_of(referral)
    form = DraftForm(obj=message)
    if form.validate_on_submit():
        with saving() as work:
            draft(
                get_referral(referral_id, seen_by=current()),
                outcome=form.outcome.data or "",
                risks=form.risks.data or "",
                plan=form.plan.data or "",
                by=current(),
            )
            work.leads_to(url_for(".read", referral_id=referral_id))
        return work.redirect(_("Now the person reads it, before anybody else does."))
    page = render_template("referrals/closing/write.html", referral=referral, form=form)
    return page, form.status


@bp.route("/caseload/<uuid:referral_id>/closing-message/read", methods=["GET", "POST"])
@door(May.WORK_CASELOAD, shows=SHOWS)
def read(referral_id: uuid.UUID) -> ResponseReturnValue:
    """Read it together with the person, and write down how much of it may go."""
    referral = open_record(referral_id)
    message = _written(referral)
    form = AllowForm(version=str(message.version))
    if form.validate_on_submit():
        with saving() as work:
            message = _written(get_referral(referral_id, seen_by=current()))
            allow(message, Limit(form.allowed.data), version=_version(form), by=current())
            work.leads_to(url_for(".read", referral_id=referral_id))
        return work.redirect(_("This is written down."))
    page = render_template(
        "referrals/closing/read.html", referral=referral, form=form, **_shown(message)
    )
    return page, form.status


@bp.post("/caseload/<uuid:referral_id>/closing-message/send")
@door(May.WORK_CASELOAD, shows=SHOWS)
def send(referral_id: uuid.UUID) -> ResponseReturnValue:
    """Send the person a private link to it."""
    with saving() as work:
        send_to_person(_written(get_referral(referral_id, seen_by=current())), by=current())
        work.leads_to(url_for(".read", referral_id=referral_id))
    return work.redirect(_("The person has been sent a link to read it."))


@bp.route("/closing/<token>", methods=["GET", "POST"])
@by_link(CLOSING_LINK, shows="F1 F4")
def own(token: str) -> ResponseReturnValue:
    """The person reads what would be told of them, and says how much of it may go."""
    link = links.unseal(CLOSING_LINK, token)
    message = message_behind(link)
    form = AllowForm(version=str(message.version))
    if form.validate_on_submit():
        with saving() as work:
            message = message_behind(links.unseal(CLOSING_LINK, token))
            allow(message, Limit(form.allowed.data), version=_version(form), by=link.actor)
            work.leads_to(url_for(".own", token=token))
        return work.redirect(_("Thank you. We do as you say."))
    with saving():
        about, seen = message.referral.about, [Field.LOGISTICS.value, Field.NEEDS.value]
        audit.looked(link.actor, about=about, classes=seen)
    page = render_template("referrals/closing/own.html", form=form, nav=[], **_shown(message))
    return make_response(page, form.status)


def offer_to_write(referral: Referral) -> dict[str, Any] | None:
    """On the person's page, once the referral has ended: the message at the end."""
    if referral.status not in TOLD_OF or referral.is_onward or referral.is_own:
        return None
    return {"template": "referrals/closing/offer.html", "referral": referral}


def referrer_panel(referral: Referral) -> dict[str, Any] | None:
    """On the clinician's page: the words to copy, when the person lets them go."""
    words = for_referrer(referral, current())
    return {"template": "referrals/closing/copy.html", "words": words} if words else None


def _written(referral: Referral) -> ClosingMessage:
    message = message_of(referral)
    if message is None:
        raise NotFound
    return message


def _version(form: AllowForm) -> int:
    said = form.version.data or ""
    return int(said) if said.isdecimal() else 0


def _shown(message: ClosingMessage) -> dict[str, object]:
    return {
        "message": message,
        "summary": text_of(message, Limit.SUMMARY),
        "codes": text_of(message, Limit.CODES),
        "said": LIMIT_WORDS.get(message.allowed) if message.allowed else "",
    }
