"""Accounts on the web: somebody who keeps accounts helps a colleague who lost their second step."""

import uuid

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from accounts.rules import May
from accounts.signing_in import factors
from accounts.staff import get_colleague, kept_organisation
from core.access import asks_for_proof, door
from core.actors import current
from core.errors import NotFound
from core.forms import Form
from core.languages import _
from core.saving import saving

bp = Blueprint("helping", __name__, url_prefix="/people")


@bp.route("/<uuid:organisation_id>/<uuid:member_id>/second-step", methods=["GET", "POST"])
@door(May.KEEP_USERS, shows="F9")
@asks_for_proof
def reset(organisation_id: uuid.UUID, member_id: uuid.UUID) -> ResponseReturnValue:
    """Take a colleague's second step away, so that they can set up a new one."""
    organisation = kept_organisation(organisation_id, by=current())
    user, form = get_colleague(organisation, member_id), Form()
    if not factors.keeps_sign_in(user, current()):
        raise NotFound
    if form.validate_on_submit():
        with saving() as work:
            work.leads_to(url_for("people.people"))
            factors.reset_second_step(user, by=current())
        return work.redirect(_("Done. They have been told, and set up a new one next time."))
    return render_template(
        "accounts/second_step/reset.html",
        organisation=organisation,
        user=user,
        has=factors.factors_of(user),
        form=form,
    ), form.status
