"""Accounts on the web: the desk of whoever answers for how facts about people are kept."""

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from accounts.auditing import KEPT_AT_HAND, latest_for, lines_for
from accounts.rules import May
from core import audit, clock
from core.access import asks_for_proof, door
from core.actors import current
from core.saving import saving

LATEST = 100

bp = Blueprint("audit", __name__, url_prefix="/audit")


@bp.get("")
@door(May.REVIEW_ACCESS, shows="F7 F9")
def audit_log() -> ResponseReturnValue:
    """What was done and looked at of late, by people of the officer's organisation or to it."""
    return render_template("accounts/audit.html", noted=latest_for(current(), LATEST))


@bp.post("/download")
@door(May.REVIEW_ACCESS, shows="F7 F9")
@asks_for_proof
def download() -> ResponseReturnValue:
    """The last 90 days as FHIR AuditEvent resources, one a line; that it was taken is noted."""
    since = clock.now() - KEPT_AT_HAND
    with saving():
        audit.record(current(), "audit taken out", about="audit", since=since.isoformat())
    said = "".join(f"{line}\n" for line in lines_for(current()))
    named = {"Content-Disposition": f'attachment; filename="audit-{clock.today()}.ndjson"'}
    return Response(said, mimetype="application/fhir+ndjson", headers=named)
