"""Referrals in FHIR: many resources together: a page of a search, one referral whole, a message.

The message is shaped like one of the Booking and Referral Standard (BaRS) and is called that. It
claims no conformance: no BaRS application for social prescribing has been published.
"""

import uuid
from collections.abc import Iterator, Sequence

from accounts import Field, Organisation
from core import site
from referrals.fhir.agreements import consent
from referrals.fhir.answers import answers_told, questionnaire_response
from referrals.fhir.orders import Fields, service_request, task
from referrals.fhir.parties import organisation, patient
from referrals.fhir.shapes import (
    Resource,
    address,
    concept,
    instant,
    last_moved,
    reference,
    without_nothing,
)
from referrals.models import Referral
from referrals.statuses import STATES

EVENTS = "https://fhir.nhs.uk/CodeSystem/message-events-bars"
REASONS = "https://fhir.nhs.uk/CodeSystem/message-reason-bars"
CATEGORIES = "https://fhir.nhs.uk/CodeSystem/message-category-servicerequest"
SHAPED = "bars-shaped"
SHAPED_WORDS = "Shaped like a BaRS message; not assured and not claimed to conform"


def page(found: Sequence[Resource], *, total: int, here: str, after: str) -> Resource:
    """A page of a search; `after` is the address of the next, "" when there is none."""
    links = [{"relation": "self", "url": here}]
    if after:
        links.append({"relation": "next", "url": after})
    entries = [_entry(each) | {"search": {"mode": "match"}} for each in found]
    return without_nothing(
        {
            "resourceType": "Bundle",
            "type": "searchset",
            "total": total,
            "link": links,
            "entry": entries,
        }
    ) | {"total": total}


def whole(referral: Referral, shown: Fields, closing: str) -> Resource:
    """One referral with all that hangs on it, as far as it may be shown."""
    return {
        "resourceType": "Bundle",
        "id": str(uuid.uuid5(referral.id, "bundle")),
        "meta": {"lastUpdated": instant(last_moved(referral))},
        "identifier": {"system": address("identifier/referral"), "value": referral.ref},
        "type": "collection",
        "entry": [_entry(each) for each in _all_of(referral, shown, closing)],
    }


def message(referral: Referral, shown: Fields) -> Resource:
    """One referral as a BaRS-shaped message, for readers of all of it: its head comes first."""
    moved = instant(last_moved(referral))
    request = service_request(referral, shown)
    transfer = {"system": CATEGORIES, "code": "referral", "display": "Transfer of Care"}
    request["category"] = [{"coding": [transfer]}, *request["category"]]
    said = [
        _head(referral, moved),
        request,
        patient(referral.person),
        *map(consent, referral.consents),
        *map(organisation, _organisations([referral])),
    ]
    return {
        "resourceType": "Bundle",
        "id": str(uuid.uuid5(referral.id, f"message {moved}")),
        "meta": {"lastUpdated": moved},
        "type": "message",
        "timestamp": moved,
        "entry": [_entry(each) for each in said],
    }


def _head(referral: Referral, moved: str) -> Resource:
    sender, receiver = referral.from_organisation, referral.to_organisation
    tag = {"system": address("CodeSystem/shape"), "code": SHAPED, "display": SHAPED_WORDS}
    return {
        "resourceType": "MessageHeader",
        "id": str(uuid.uuid5(referral.id, f"head {moved}")),
        "meta": {"lastUpdated": moved, "tag": [tag]},
        "eventCoding": {"system": EVENTS, "code": "servicerequest-request"},
        "destination": [
            {"endpoint": _endpoint(receiver), "receiver": reference("Organization", receiver.id)}
        ],
        "sender": reference("Organization", sender.id),
        "source": {"name": site.name(), "software": "Kith", "endpoint": _endpoint(sender)},
        "reason": {"coding": [{"system": REASONS, "code": _reason(referral)}]},
        "focus": [reference("ServiceRequest", referral.id)],
    }


def _reason(referral: Referral) -> str:
    """New while it asks for something; what was asked before and is over is an update of it."""
    return "new" if STATES[referral.status].request == "active" else "update"


def _endpoint(of: Organisation) -> str:
    return address(f"Organization/{of.id}")


def _all_of(referral: Referral, shown: Fields, closing: str) -> Iterator[Resource]:
    yield service_request(referral, shown)
    yield task(referral, shown)
    if Field.IDENTITY in shown:
        yield patient(referral.person)
    if Field.NEEDS in shown:
        yield from map(consent, referral.consents)
        yield from map(questionnaire_response, answers_told(referral))
    for onward in referral.onward:
        yield service_request(onward, shown)
        yield task(onward, shown)
    if closing:
        yield _closing(referral, closing)
    yield from map(organisation, _organisations([referral, *referral.onward]))


def _organisations(of: Sequence[Referral]) -> list[Organisation]:
    """All that are pointed at, each once."""
    named = [each for one in of for each in (one.from_organisation, one.to_organisation)]
    practices = [one.person.practice for one in of]
    return list({each.id: each for each in [*named, *practices]}.values())


def _closing(referral: Referral, words: str) -> Resource:
    """The closing message, as far as the person lets it go to who referred them."""
    return {
        "resourceType": "Communication",
        "id": str(uuid.uuid5(referral.id, "closing message")),
        "basedOn": [reference("ServiceRequest", referral.id)],
        "status": "completed",
        "subject": reference("Patient", referral.person_id),
        "topic": concept("Message back to the GP and referrer"),
        "recipient": [reference("Organization", referral.from_organisation_id)],
        "sender": reference("Organization", referral.to_organisation_id),
        "payload": [{"contentString": words}],
    }


def _entry(of: Resource) -> Resource:
    return {"fullUrl": address(f"{of['resourceType']}/{of['id']}"), "resource": of}
