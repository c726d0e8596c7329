"""Accounts on the web: the desk of whoever keeps the people of an organisation."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from accounts.rules import ROLES, May
from accounts.staff import staff_kept_by
from core.access import door
from core.actors import current

bp = Blueprint("people", __name__, url_prefix="/people")


@bp.get("")
@door(May.KEEP_USERS, shows="F9")
def people() -> ResponseReturnValue:
    """Who can sign in for my organisation, and as what."""
    return render_template(
        "accounts/people.html",
        staff=staff_kept_by(current()),
        label=lambda role: ROLES[role].label,
    )
