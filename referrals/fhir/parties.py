"""Referrals in FHIR: the parties: whom it is about, which organisations, and who referred."""

from accounts import Organisation, User
from referrals.fhir.shapes import (
    NHS_NUMBER,
    ODS,
    Resource,
    address,
    concept,
    organisation_reference,
    resource,
    without_nothing,
)
from referrals.models import Person
from referrals.rules import ContactRoute

VERIFICATION = (
    "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus"
)
VERIFICATION_CODES = "https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland"
NOT_TRACED = ("02", "Number present but not traced")
"""Kith checks the digits of an NHS number and asks nobody whose it is."""

REFERRER = "referrer"


def patient(person: Person) -> Resource:
    """Whom a referral is about. (UKCore-Patient.) For readers of their identity only."""
    return without_nothing(
        resource("Patient", person.id)
        | {
            "extension": _communication_needs(person),
            "identifier": _nhs_number(person),
            "active": True,
            "name": _names(person),
            "telecom": _telecom(person),
            "gender": "unknown",
            "birthDate": person.born_on.isoformat(),
            "address": _addresses(person),
            "contact": _somebody_else(person),
            "generalPractitioner": [organisation_reference(person.practice)],
            "managingOrganization": organisation_reference(person.practice),
        }
    )


def names_of(person: Person) -> tuple[list[str], str]:
    """First names and family name. One name is written down: its last word is taken as family."""
    *given, family = person.name.split() or [""]
    return given, family


def organisation(of: Organisation) -> Resource:
    """A practice, a link-worker team or a group. (UKCore-Organization.)"""
    telecom = [
        {"system": "phone", "value": of.phone},
        {"system": "email", "value": of.email},
        {"system": "url", "value": of.website},
    ]
    return without_nothing(
        resource("Organization", of.id)
        | {
            "identifier": [{"system": ODS, "value": of.ods_code}] if of.ods_code else [],
            "active": True,
            "name": of.name,
            "telecom": [each for each in telecom if each["value"]],
            "address": _postal(of.address, of.postcode, use="work"),
        }
    )


def referrer(user: User, of: Organisation) -> Resource:
    """Who referred, in which job and where: it lives inside the request. (PractitionerRole.)"""
    return without_nothing(
        {
            "resourceType": "PractitionerRole",
            "id": REFERRER,
            "practitioner": {"display": user.name},
            "organization": organisation_reference(of),
            "code": [concept(user.job)] if user.job else [],
            "telecom": [{"system": "phone", "value": of.phone}] if of.phone else [],
        }
    )


def _nhs_number(person: Person) -> list[Resource]:
    if not person.nhs_number:
        return []
    code, display = NOT_TRACED
    status = concept(display, VERIFICATION_CODES, code)
    return [
        {
            "extension": [{"url": VERIFICATION, "valueCodeableConcept": status}],
            "system": NHS_NUMBER,
            "value": person.nhs_number,
        }
    ]


def _names(person: Person) -> list[Resource]:
    given, family = names_of(person)
    official = {"use": "official", "text": person.name, "family": family, "given": given}
    names = [without_nothing(official)]
    if person.preferred_name:
        names.append({"use": "usual", "text": person.preferred_name})
    return names


def _telecom(person: Person) -> list[Resource]:
    """The ways they can be reached; the one they agreed to comes first."""
    by_phone = person.contact_route in {ContactRoute.PHONE, ContactRoute.TEXT}
    system = "sms" if person.contact_route is ContactRoute.TEXT else "phone"
    is_mobile = person.phone.replace(" ", "").startswith(("07", "+447"))
    found = [
        {"system": system, "value": person.phone, "use": "mobile" if is_mobile else "home"}
        | ({"rank": 1} if by_phone else {}),
        {"system": "email", "value": person.email}
        | ({"rank": 1} if person.contact_route is ContactRoute.EMAIL else {}),
    ]
    return sorted((each for each in found if each["value"]), key=lambda each: "rank" not in each)


def _addresses(person: Person) -> list[Resource]:
    return _postal(person.address, person.postcode, use="home")


def _postal(lines: str, postcode: str, *, use: str) -> list[Resource]:
    if not (lines or postcode):
        return []
    text = ", ".join(filter(None, (lines, postcode)))
    line = [part.strip() for part in lines.split(",") if part.strip()]
    return [without_nothing({"use": use, "text": text, "line": line, "postalCode": postcode})]


def _somebody_else(person: Person) -> list[Resource]:
    if person.contact_route is not ContactRoute.SOMEONE_ELSE or not person.contact_note:
        return []
    return [{"name": {"text": person.contact_note}}]


def _communication_needs(person: Person) -> list[Resource]:
    if not person.communication_needs:
        return []
    url = address("StructureDefinition/communication-needs")
    return [{"url": url, "valueString": person.communication_needs}]
