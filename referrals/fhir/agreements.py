"""Referrals in FHIR, Consent: what somebody agreed to share, and in which words."""

import base64

from referrals.fhir.shapes import (
    Resource,
    concept,
    date_time,
    organisation_reference,
    reference,
    resource,
    without_nothing,
)
from referrals.models import Consent
from referrals.rules import Basis

SCOPES = "http://terminology.hl7.org/CodeSystem/consentscope"
ACTS = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
PARTS = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
AGREED = "They agreed to share these details"
BEST_INTERESTS = "They could not agree; shared in their best interests"


def consent(of: Consent) -> Resource:
    """Why the details of a referral may be shared. (UKCore-Consent.) For readers of needs."""
    referral, agreed = of.referral, of.basis is Basis.AGREED
    practice = organisation_reference(referral.from_organisation)
    period = {"start": date_time(of.at)}
    if of.withdrawn_at is not None:
        period["end"] = date_time(of.withdrawn_at)
    words = AGREED if agreed else f"{BEST_INTERESTS}: {of.why}"
    return without_nothing(
        resource("Consent", of.id, at=of.withdrawn_at or of.at)
        | {
            "status": "inactive" if of.withdrawn_at else "active",
            "scope": concept("Privacy Consent", SCOPES, "patient-privacy"),
            "category": [concept("information access", ACTS, "INFA")],
            "patient": reference("Patient", referral.person_id),
            "dateTime": date_time(of.at),
            "performer": [reference("Patient", referral.person_id) if agreed else practice],
            "organization": [practice],
            "sourceAttachment": _source(of.wording),
            "policyRule": {"text": words},
            "provision": {
                "type": "permit",
                "period": period,
                "actor": [
                    {
                        "role": concept("information recipient", PARTS, "IRCP"),
                        "reference": organisation_reference(referral.to_organisation),
                    }
                ],
            },
        }
    )


def _source(wording: str) -> Resource:
    data = base64.b64encode(wording.encode()).decode("ascii")
    return {
        "contentType": "text/plain; charset=utf-8",
        "language": "en-GB",
        "data": data,
        "title": "The words agreed to",
    }
