"""Referrals in FHIR: the small shapes that every resource is put together from."""

import uuid
from datetime import datetime
from typing import Any

from accounts import Organisation
from core import clock, site
from referrals.models import Referral

Resource = dict[str, Any]

ROOT = "/api/fhir/r4"
UK_CORE = "https://fhir.hl7.org.uk/StructureDefinition/UKCore-"
ODS = "https://fhir.nhs.uk/Id/ods-organization-code"
NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
SNOMED = "http://snomed.info/sct"


def address(path: str = "") -> str:
    """The whole address of something of this interface."""
    return site.address(f"{ROOT}/{path}" if path else ROOT)


def resource(kind: str, key: uuid.UUID | str, *, at: datetime | None = None) -> Resource:
    """The head of a resource of a UK Core profile; `at` is when it last changed, if that is known.

    Elements set to nothing afterwards are left out by `without_nothing`.
    """
    meta: Resource = {"profile": [f"{UK_CORE}{kind}"]}
    if at is not None:
        meta = {"lastUpdated": instant(at), **meta}
    return {"resourceType": kind, "id": str(key), "meta": meta}


def without_nothing(found: Resource) -> Resource:
    """The same without what is empty: FHIR knows no empty elements."""
    return {name: value for name, value in found.items() if value not in (None, "", [], {})}


def instant(moment: datetime) -> str:
    """A moment, in UTC, to the second and a part of it."""
    return moment.isoformat(timespec="milliseconds")


def date_time(moment: datetime) -> str:
    """A moment as people in Britain read it, with its zone."""
    return clock.local(moment).isoformat(timespec="seconds")


def concept(text: str, system: str = "", code: str = "") -> Resource:
    """A coded thing with its words, or words alone."""
    coding = [{"system": system, "code": code, "display": text}] if code else []
    return without_nothing({"coding": coding, "text": text})


def reference(kind: str, key: uuid.UUID | str, display: str = "") -> Resource:
    """A pointer to another resource of this interface."""
    return without_nothing({"reference": f"{kind}/{key}", "display": display})


def organisation_reference(organisation: Organisation) -> Resource:
    """A pointer to an organisation, with its ODS code for whoever does not follow it."""
    pointer = reference("Organization", organisation.id)
    if organisation.ods_code:
        pointer["identifier"] = {"system": ODS, "value": organisation.ods_code}
    return pointer | {"display": organisation.name}


def own_identifier(what: str, value: uuid.UUID | str) -> Resource:
    """A business identifier of ours."""
    return {"system": address(f"identifier/{what}"), "value": str(value)}


def last_moved(referral: Referral) -> datetime:
    """When a referral last moved, or came into other hands."""
    moved = [step.at for step in referral.steps] + [each.at for each in referral.owner_changes]
    return max(moved, default=referral.created_at)
