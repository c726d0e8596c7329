"""The clinician's desk after sending: words for the record, and something to give the person."""

import uuid
from urllib.parse import quote

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from accounts import May
from core.access import door
from core.actors import current
from core.forms import Form
from core.languages import _
from core.saving import saving
from core.settings import in_force
from core.templating import phone
from referrals import record
from referrals.models import Referral
from referrals.sight import get_referral
from referrals.web.clinician import SEEN, bp, opened


@bp.get("/refer/sent/<uuid:referral_id>")
@door(May.REFER, shows=SEEN)
def sent(referral_id: uuid.UUID) -> ResponseReturnValue:
    """That it was sent, who is in touch by when, and the words for the patient's record."""
    referral = opened(referral_id)
    entry = record.taken(referral)
    text = _text(referral)
    return render_template(
        "referrals/clinician/sent.html",
        referral=referral,
        due=record.first_contact_due(referral),
        entry=entry,
        record=record.record_text(referral, with_code=entry is None),
        text=text,
        sms=f"sms:?&body={quote(text)}",
        form=Form(),
    )


@bp.post("/refer/sent/<uuid:referral_id>/copied")
@door(May.REFER, shows=SEEN)
def copied(referral_id: uuid.UUID) -> ResponseReturnValue:
    """Note that the words with the code are in the record: they are not given out again."""
    with saving() as work:
        record.take(get_referral(referral_id, seen_by=current()), by=current())
        work.leads_to(url_for(".sent", referral_id=referral_id))
    return work.redirect(_("Copied. Now paste it into the record."))


@bp.get("/refer/sent/<uuid:referral_id>/leaflet")
@door(May.REFER, shows=SEEN)
def leaflet(referral_id: uuid.UUID) -> ResponseReturnValue:
    """A sheet for the person: what happens next. It names nobody but the link workers."""
    referral = opened(referral_id)
    return render_template(
        "paper/next.html",
        title=_("What happens next"),
        referral=referral,
        due=record.first_contact_due(referral),
        ring=_number(referral),
        back=url_for(".sent", referral_id=referral_id),
        pdf="",
        on_paper=False,
    )


def _text(referral: Referral) -> str:
    return record.text_for_person(referral, ring=_number(referral))


def _number(referral: Referral) -> str:
    settings = in_force()
    return phone(referral.to_organisation.phone or settings.site_phone)
