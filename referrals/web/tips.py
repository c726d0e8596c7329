"""Tips: what clinicians tell each other about an activity, and the editor who reads them first."""

import uuid
from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField
from wtforms.validators import Length, ValidationError

from accounts import May
from core.access import door
from core.actors import current
from core.forms import Form, Required
from core.languages import _, lazy
from core.saving import saving
from directory import Service, get_listing
from referrals.peers import (
    LONGEST,
    get_tip,
    near,
    objection_to,
    own_tip,
    show_tip,
    tips_of,
    tips_to_read,
    withdraw_tip,
    write_tip,
)

bp = Blueprint("tips", __name__)


class TipForm(Form):
    """One line about an activity, for colleagues."""

    words = StringField(
        lazy("Your tip"),
        [
            Required(lazy("Write a tip first")),
            Length(max=LONGEST, message=lazy("Use 200 letters or fewer")),
        ],
        description=lazy("Say who it suits or what to tell people. Never write about a person."),
    )

    def validate_words(self, field: StringField) -> None:
        """Nobody who went there may be in it."""
        objection = objection_to(field.data or "", by=current())
        if objection:
            raise ValidationError(objection)


@bp.route("/activities/<slug>/tip", methods=["GET", "POST"])
@door(May.REFER)
def write(slug: str) -> ResponseReturnValue:
    """Write a tip about an activity, signed with one's name."""
    service, form = get_listing(slug), TipForm()
    if form.validate_on_submit():
        with saving() as work:
            write_tip(get_listing(slug), form.words.data or "", by=current())
            work.leads_to(url_for("directory.activity", slug=slug))
        return work.redirect(_("Thank you. An editor reads your tip before it is shown."))
    page = render_template("referrals/evidence/tip.html", service=service, form=form)
    return page, form.status


@bp.post("/tips/<uuid:tip_id>/withdraw")
@door(May.REFER, May.EDIT_DIRECTORY)
def withdraw(tip_id: uuid.UUID) -> ResponseReturnValue:
    """Take one's tip back; an editor can take away any."""
    with saving() as work:
        tip = get_tip(tip_id, seen_by=current())
        withdraw_tip(tip, by=current())
        mine = tip.user_id == current().user_id
        slug = tip.service.slug
        work.leads_to(url_for("directory.activity", slug=slug) if mine else url_for(".waiting"))
    return work.redirect(_("The tip is not shown any more."))


@bp.get("/tips")
@door(May.EDIT_DIRECTORY)
def waiting() -> ResponseReturnValue:
    """The tips that wait for an editor's eye."""
    return render_template("referrals/evidence/tips.html", tips=tips_to_read(), form=Form())


@bp.post("/tips/<uuid:tip_id>/show")
@door(May.EDIT_DIRECTORY)
def show(tip_id: uuid.UUID) -> ResponseReturnValue:
    """Show a tip: there is nobody in it."""
    with saving() as work:
        show_tip(get_tip(tip_id, seen_by=current()), by=current())
        work.leads_to(url_for(".waiting"))
    return work.redirect(_("The tip is shown now."))


def panel(service: Service) -> dict[str, Any] | None:
    """How many colleagues send people here and what they say of it, for those who refer."""
    actor = current()
    if not actor.may(May.REFER):
        return None
    return {
        "template": "referrals/evidence/peers.html",
        "service": service,
        "near": near(service, by=actor),
        "tips": tips_of(service),
        "own": own_tip(service, by=actor),
        "form": Form(),
    }
