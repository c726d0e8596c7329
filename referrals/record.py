"""Referrals: what a clinician writes in the patient's own record when a referral has been sent."""

from datetime import date

from core import clock
from referrals.caseload import first_contact_by
from referrals.letters import day_of
from referrals.models import Consent, Referral
from referrals.rules import REASON_WORDS, Basis, Reason, Status
from referrals.statuses import SNOMED_ON_ENTRY


def first_contact_due(referral: Referral) -> date:
    """The day by which the link workers are first in touch with somebody sent to them."""
    return first_contact_by(_sent_on(referral))


def record_text(referral: Referral) -> str:
    """The note for the record: its code once, and the same words whenever it is asked for."""
    code = SNOMED_ON_ENTRY[Status.SENT]
    team = referral.to_organisation
    lines = [
        f"{code.term} (SNOMED CT {code.code})",
        f"{day_of(_sent_on(referral))}. Reason: {reasons_in_words(referral)}.",
        f"Asked for: {referral.service.name}." if referral.service else "",
        _agreement(referral.consents[0]),
        f"Ref {referral.ref}. {team.name}{f', {team.phone}' if team.phone else ''}.",
        f"First contact by {day_of(first_contact_due(referral))}.",
    ]
    return "\n".join(filter(None, lines))


def reasons_in_words(referral: Referral) -> str:
    """Why, in the words of the fixed list."""
    return "; ".join(REASON_WORDS[Reason(reason)] for reason in referral.reasons)


def _agreement(consent: Consent) -> str:
    if consent.basis is Basis.AGREED:
        return "They agreed to share their details."
    return f"They could not agree to it. Sent in their best interests: {consent.why}"


def _sent_on(referral: Referral) -> date:
    return clock.local_date(referral.sent_at or referral.created_at)
