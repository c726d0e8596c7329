"""The team lead says which postcodes the team looks after, so that people who ask find it."""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import TextAreaField
from wtforms.validators import Length, ValidationError

from accounts import May, get_organisation
from core.access import door
from core.actors import current
from core.forms import Form
from core.languages import _, lazy
from core.saving import saving
from referrals.person.areas import beginnings_of, look_after, objection_to

bp = Blueprint("area", __name__, url_prefix="/team/area")


class AreaForm(Form):
    """How the postcodes begin."""

    begins = TextAreaField(
        lazy("How do the postcodes begin? One on each line"),
        [Length(max=2000)],
        description=lazy("For example HX7, or HX7 8 for a part of it. The longer one wins."),
    )

    def validate_begins(self, field: TextAreaField) -> None:
        """Each line is the beginning of a postcode."""
        wrong = objection_to((field.data or "").splitlines())
        if wrong:
            raise ValidationError(wrong)


@bp.route("", methods=["GET", "POST"])
@door(May.LEAD_TEAM)
def area() -> ResponseReturnValue:
    """Where the team works."""
    team_id = min(current().where(May.LEAD_TEAM))
    form = AreaForm(data={"begins": "\n".join(beginnings_of(team_id))})
    if form.validate_on_submit():
        with saving() as work:
            team = get_organisation(team_id)
            look_after(team, (form.begins.data or "").splitlines(), by=current())
            work.leads_to(url_for(".area"))
        return work.redirect(_("Saved. People who live there and ask for help now find you."))
    return render_template("referrals/person/area.html", form=form), form.status
