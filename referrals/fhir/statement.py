"""Referrals in FHIR: what this interface can do, and what went wrong when it could not."""

from referrals.fhir.shapes import UK_CORE, Resource, address

WRITTEN_ON = "2026-11-22"
"""When what this says of itself last changed."""

READ = {
    "ServiceRequest": "What was asked for somebody. $bundle: one referral with all that hangs on "
    "it (a Bundle of type collection). $bars-shaped-message: the same as a message shaped like "
    "those of BaRS; no conformance is claimed.",
    "Task": "How far a referral has come. Pages of a search are in the order in which they moved.",
    "Patient": "Whom a referral is about, found by our own id only.",
    "QuestionnaireResponse": "What somebody answered.",
    "Consent": "What somebody agreed to share.",
    "Organization": "Who sent a referral and who got it.",
    "Questionnaire": "The questions people are asked.",
}
SEARCH = (
    ("_lastUpdated", "date", "When it last moved; prefixes eq, ge, gt, le, lt, sa, eb."),
    ("status", "token", "One code of Task.status or more, with commas between."),
    ("patient", "reference", "Our own id of a patient. Never a number, never a name."),
    ("_count", "number", "How many on a page: 50 if nothing is said, 100 at most."),
)
SECURITY = (
    "A key of one practice, sent as “Authorization: Bearer”. What it opens is what the clinicians "
    "of the practice see on their own pages; some keys open the state of referrals alone. Every "
    "reading is written down."
)
CODES = {
    400: "invalid",
    401: "login",
    403: "forbidden",
    404: "not-found",
    405: "not-supported",
    406: "not-supported",
    409: "conflict",
    413: "too-long",
    414: "too-long",
    429: "throttled",
    503: "transient",
}


def capability_statement(name: str) -> Resource:
    """What may be read and searched here."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": WRITTEN_ON,
        "kind": "instance",
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"],
        "software": {"name": "Kith"},
        "implementation": {"description": f"{name}: referrals, for practices", "url": address()},
        "rest": [
            {
                "mode": "server",
                "security": {"cors": False, "description": SECURITY},
                "resource": [_resource(kind, words) for kind, words in READ.items()],
            }
        ],
    }


def outcome(status: int, title: str, reason: str) -> Resource:
    """What went wrong, for a program and for whoever reads its log; never anything of a person."""
    fallback = "exception" if status >= 500 else "invalid"
    return {
        "resourceType": "OperationOutcome",
        "issue": [
            {
                "severity": "error",
                "code": CODES.get(status, fallback),
                "details": {"text": reason or title},
            }
        ],
    }


def _resource(kind: str, words: str) -> Resource:
    found: Resource = {
        "type": kind,
        "supportedProfile": [f"{UK_CORE}{kind}"],
        "documentation": words,
        "interaction": [{"code": "read"}],
        "versioning": "no-version",
        "conditionalRead": "not-match",
    }
    if kind == "Task":
        found["interaction"].append({"code": "search-type"})
        found["searchParam"] = [
            {"name": name, "type": sort, "documentation": said} for name, sort, said in SEARCH
        ]
    return found
