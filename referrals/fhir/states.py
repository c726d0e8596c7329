"""Referrals in FHIR: where a referral stands, as a Task says it, and what a Task means to us."""

from collections.abc import Collection

from referrals.models import Referral
from referrals.rules import DECLINE_WORDS, DeclineReason, Status
from referrals.statuses import STATES

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
