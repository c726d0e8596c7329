"""The evidence beside an activity, for those who choose it with somebody: clinicians, link workers.

It hangs on the activity's own page, so it is there wherever one chooses.
"""

from typing import Any

from accounts import Field, May
from core.actors import current
from directory import Service
from referrals import evidence
from referrals.evidence import Evidence
from referrals.outcomes import CAUTION


def panel(service: Service) -> dict[str, Any] | None:
    """What came of those sent there, for whoever may send somebody and may see counts."""
    actor = current()
    chooses = actor.may(May.REFER) or actor.may(May.WORK_CASELOAD)
    if not chooses or Field.AGGREGATE not in actor.reads:
        return None
    found = evidence.of(service)
    return {
        "template": "referrals/evidence/panel.html",
        "evidence": found if isinstance(found, Evidence) else None,
        "fewest": 0 if isinstance(found, Evidence) else found.fewer_than,
        "caution": CAUTION,
    }
