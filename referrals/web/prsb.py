"""The link worker's desk: the record of one person as a file, under the PRSB headings."""

import json
import uuid

from flask import Response

from accounts import May
from core import audit
from core.access import asks_for_proof, door
from core.actors import current
from core.saving import saving
from referrals.fhir.prsb import headings
from referrals.fhir.record import record_of
from referrals.web.about_words import GOAL_END_WORDS, NEED_WORDS
from referrals.web.linkworker import SHOWS, bp, open_record


@bp.get("/<uuid:referral_id>/about/record.json")
@door(May.WORK_CASELOAD, shows=SHOWS)
@asks_for_proof
def record_file(referral_id: uuid.UUID) -> Response:
    """All that is written about somebody, as a file for another system; safety notes stay here."""
    referral = open_record(referral_id)
    with saving():
        audit.record(current(), "record taken out", about=referral.about)
    said = headings(referral, record_of(referral, needs=NEED_WORDS, ends=GOAL_END_WORDS))
    response = Response(json.dumps(said, ensure_ascii=False, indent=1), mimetype="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="{referral.ref}.json"'
    return response
