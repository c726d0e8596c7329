"""Referrals: what each status is called in FHIR and in SNOMED CT."""

from dataclasses import dataclass

from referrals.rules import Status

_S = Status

TASK_STATUS = {
    _S.DRAFT: "draft",
    _S.SENT: "requested",
    _S.OPENED: "requested",
    _S.INFO_REQUESTED: "requested",
    _S.ACCEPTED: "accepted",
    _S.REJECTED: "rejected",
    _S.PERSON_DECLINED: "cancelled",
    _S.WITHDRAWN: "cancelled",
    _S.CONTACTING: "in-progress",
    _S.IN_PROGRESS: "in-progress",
    _S.ON_HOLD: "on-hold",
    _S.CLOSED_COMPLETED: "completed",
    _S.CLOSED_NO_CONTACT: "cancelled",
    _S.FAILED: "failed",
    _S.ENTERED_IN_ERROR: "entered-in-error",
}
"""Our states as FHIR R4 Task.status."""


@dataclass(frozen=True, slots=True)
class Snomed:
    """A SNOMED CT concept. Used by permission of SNOMED International."""

    code: str
    term: str


SNOMED_ON_ENTRY = {
    _S.SENT: Snomed("871731000000106", "Referral to social prescribing service"),
    _S.PERSON_DECLINED: Snomed("871711000000103", "Social prescribing declined"),
    _S.IN_PROGRESS: Snomed("1362931000000106", "Seen by social prescribing link worker"),
    _S.CLOSED_COMPLETED: Snomed("1362721000000106", "Social prescribing case closed"),
    _S.CLOSED_NO_CONTACT: Snomed("1362721000000106", "Social prescribing case closed"),
}
"""What a practice may code when a referral from it enters a state (standards notes §3.3)."""
