"""The link worker's desk: what stands in somebody's way, and what help with it there is."""

import uuid
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectMultipleField

from accounts import May
from core.access import door
from core.actors import current
from core.errors import NotFound
from core.forms import Form, choices_of
from core.languages import _, lazy
from core.saving import saving
from referrals.barriers import barriers_of, help_near, note_barriers, offer_help
from referrals.models import BarrierKind, Helped, Referral
from referrals.rules import UNDER_WAY
from referrals.web.linkworker import SHOWS, bp, open_record

LONGEST = 200
BARRIER_WORDS = {
    BarrierKind.TRANSPORT: lazy("Getting there"),
    BarrierKind.CHILDCARE: lazy("Children or somebody else to look after"),
    BarrierKind.COST: lazy("What it costs"),
    BarrierKind.CONFIDENCE: lazy("Confidence"),
    BarrierKind.INTERPRETER: lazy("Language: they need an interpreter"),
    BarrierKind.BUDDY: lazy("Nobody to go with"),
}
HELPED_WORDS = {
    Helped.NOT_YET: lazy("No help found yet"),
    Helped.OFFERED: lazy("Help was offered"),
    Helped.TAKEN_UP: lazy("They have this help"),
    Helped.NOT_WANTED: lazy("They do not want this help"),
}


class BarriersForm(Form):
    """What stands in the way."""

    kinds = SelectMultipleField(
        lazy("What stands in the way of going?"),
        choices=choices_of(BARRIER_WORDS),
    )


@bp.route("/<uuid:referral_id>/in-the-way", methods=["GET", "POST"])
@door(May.WORK_CASELOAD, shows=SHOWS)
def in_the_way(referral_id: uuid.UUID) -> ResponseReturnValue:
    """What stands in the way of going, and what helps with each thing."""
    referral = open_record(referral_id)
    barriers = barriers_of(referral)
    form = BarriersForm(data={"kinds": [barrier.kind.value for barrier in barriers]})
    if form.validate_on_submit():
        with saving() as work:
            kinds = [BarrierKind(kind) for kind in form.kinds.data or []]
            note_barriers(referral, kinds, by=current())
            work.leads_to(_page(referral))
        return work.redirect(_("Saved."))
    page = render_template(
        "referrals/linkworker/in_the_way.html",
        referral=referral,
        form=form,
        found=[(barrier, help_near(barrier)) for barrier in barriers],
        BARRIER_WORDS=BARRIER_WORDS,
        HELPED_WORDS=HELPED_WORDS,
        possible=referral.status in UNDER_WAY,
    )
    return page, form.status


@bp.post(f"/<uuid:referral_id>/in-the-way/<any({', '.join(BarrierKind)}):kind>")
@door(May.WORK_CASELOAD, shows=SHOWS)
def help_with(referral_id: uuid.UUID, kind: str) -> ResponseReturnValue:
    """What help was offered with one of them."""
    referral = open_record(referral_id)
    barrier = next((each for each in barriers_of(referral) if each.kind == kind), None)
    helped = request.form.get("helped", "")
    if barrier is None or helped not in set(Helped):
        raise NotFound
    with saving() as work:
        words = request.form.get("help_offered", "")[:LONGEST]
        offer_help(barrier, words, Helped(helped), by=current())
        work.leads_to(_page(referral))
    return work.redirect(_("Saved."))


def panel(referral: Referral) -> dict[str, Any]:
    """What is in the way, on the person's page."""
    return {
        "template": "referrals/linkworker/barriers.html",
        "referral": referral,
        "barriers": barriers_of(referral),
        "BARRIER_WORDS": BARRIER_WORDS,
        "HELPED_WORDS": HELPED_WORDS,
        "possible": referral.status in UNDER_WAY,
    }


def _page(referral: Referral) -> str:
    return url_for(".in_the_way", referral_id=referral.id)
