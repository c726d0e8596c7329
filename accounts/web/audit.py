"""Accounts on the web: the desk of whoever answers for how facts about people are kept."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from accounts.rules import May
from core import audit
from core.access import door

LATEST = 100

bp = Blueprint("audit", __name__, url_prefix="/audit")


@bp.get("")
@door(May.REVIEW_ACCESS, shows="F7 F9")
def audit_log() -> ResponseReturnValue:
    """What was done and looked at of late."""
    return render_template("accounts/audit.html", entries=audit.latest(LATEST))
