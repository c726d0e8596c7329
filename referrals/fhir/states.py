"""Referrals in FHIR: the one table of our states as Task and ServiceRequest say them, both ways.

Task.status keeps to the ten codes of Gravity SDOH Clinical Care 3.0.0; what FHIR cannot tell apart
is told by Task.businessStatus, so that every state can be read back.
"""

from collections.abc import Collection
from dataclasses import dataclass

from referrals.models import Referral
from referrals.rules import DECLINE_WORDS, DeclineReason, Status


@dataclass(frozen=True, slots=True)
class State:
    """One of our states in FHIR. Of several business codes the first is the usual one."""

    task: str
    business: tuple[str, ...]
    request: str


STATES = {
    Status.DRAFT: State("draft", ("draft",), "draft"),
    Status.SENT: State("requested", ("awaiting-triage",), "active"),
    Status.OPENED: State("requested", ("opened",), "active"),
    Status.INFO_REQUESTED: State("requested", ("info-requested",), "active"),
    Status.ACCEPTED: State("accepted", ("allocated", "waiting-list"), "active"),
    Status.REJECTED: State(
        "rejected", ("not-accepted", "not-suitable", "no-capacity", "out-of-area"), "revoked"
    ),
    Status.PERSON_DECLINED: State("cancelled", ("person-declined",), "revoked"),
    Status.WITHDRAWN: State("cancelled", ("withdrawn-by-referrer",), "revoked"),
    Status.CONTACTING: State("in-progress", ("contacting",), "active"),
    Status.IN_PROGRESS: State("in-progress", ("supporting",), "active"),
    Status.ON_HOLD: State("on-hold", ("paused",), "on-hold"),
    Status.CLOSED_COMPLETED: State("completed", ("plan-complete",), "completed"),
    Status.CLOSED_NO_CONTACT: State("cancelled", ("unable-to-contact",), "revoked"),
    Status.FAILED: State("failed", ("could-not-go-on",), "revoked"),
    Status.ENTERED_IN_ERROR: State("entered-in-error", ("entered-in-error",), "entered-in-error"),
}

ATTEMPT = "contact-attempt-"
"""While somebody is being tried, the business code counts the tries: contact-attempt-2."""

_DECLINED = {
    DeclineReason.FULL: "no-capacity",
    DeclineReason.NOT_SUITABLE: "not-suitable",
    DeclineReason.OUT_OF_AREA: "out-of-area",
}
WITH_REASON = frozenset({"rejected", "cancelled", "on-hold", "failed"})
"""The task states that should say why."""

TASK_CODES = frozenset(state.task for state in STATES.values())


def business_of(referral: Referral, why: str) -> str:
    """The business code of where a referral stands; `why`: the reason given at its last step."""
    usual = STATES[referral.status].business
    if referral.status is Status.CONTACTING:
        tries = len(referral.contacts)
        return f"{ATTEMPT}{tries}" if tries else usual[0]
    if referral.status is Status.ACCEPTED and referral.owner_id is None and not referral.is_onward:
        return usual[1]
    if referral.status is Status.REJECTED:
        said = (code for reason, code in _DECLINED.items() if why.startswith(DECLINE_WORDS[reason]))
        return next(said, usual[0])
    return usual[0]


def status_behind(task: str, business: str) -> Status | None:
    """Our state behind what a Task says; None when it says what we never say."""
    code = Status.CONTACTING.value if business.startswith(ATTEMPT) else business
    for status, state in STATES.items():
        if state.task == task and code in state.business:
            return status
    return None


def statuses_of(tasks: Collection[str]) -> frozenset[Status]:
    """Our states that any of these Task codes stand for."""
    return frozenset(status for status, state in STATES.items() if state.task in tasks)
