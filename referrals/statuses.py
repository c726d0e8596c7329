"""Referrals: what each status is called in FHIR and in SNOMED CT."""

from dataclasses import dataclass

from referrals.rules import Status

_S = Status


@dataclass(frozen=True, slots=True)
class State:
    """One of our states in FHIR R4: Task.status, ServiceRequest.status, and Task.businessStatus.

    Of several business codes the first is the usual one. Together with the task's status each means
    one of our states and no other, so what we say can be read back.
    """

    task: str
    request: str
    business: tuple[str, ...]


STATES = {
    _S.DRAFT: State("draft", "draft", ("draft",)),
    _S.SENT: State("requested", "active", ("awaiting-triage",)),
    _S.OPENED: State("requested", "active", ("opened",)),
    _S.INFO_REQUESTED: State("requested", "active", ("info-requested",)),
    _S.ACCEPTED: State("accepted", "active", ("allocated", "waiting-list")),
    _S.REJECTED: State(
        "rejected", "revoked", ("not-accepted", "not-suitable", "no-capacity", "out-of-area")
    ),
    _S.PERSON_DECLINED: State("cancelled", "revoked", ("person-declined",)),
    _S.WITHDRAWN: State("cancelled", "revoked", ("withdrawn-by-referrer",)),
    _S.CONTACTING: State("in-progress", "active", ("contacting",)),
    _S.IN_PROGRESS: State("in-progress", "active", ("supporting",)),
    _S.ON_HOLD: State("on-hold", "on-hold", ("paused",)),
    _S.CLOSED_COMPLETED: State("completed", "completed", ("plan-complete",)),
    _S.CLOSED_NO_CONTACT: State("cancelled", "revoked", ("unable-to-contact",)),
    _S.FAILED: State("failed", "revoked", ("could-not-go-on",)),
    _S.ENTERED_IN_ERROR: State("entered-in-error", "entered-in-error", ("entered-in-error",)),
}
"""Our states in FHIR. Task.status keeps to the ten codes of Gravity SDOH Clinical Care 3.0.0."""


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
