"""Reads FHIR as another system would: strictly, and with an eye for what UK Core must support."""

from typing import Any

from fhirclient.models.fhirelementfactory import FHIRElementFactory

MUST_SUPPORT = {
    "ServiceRequest": "status intent category priority code subject authoredOn requester",
    "Task": "status intent code focus for authoredOn requester owner reasonCode restriction",
    "Patient": "identifier active name telecom gender birthDate address managingOrganization",
    "Organization": "identifier active name telecom address",
    "Consent": (
        "status scope category patient dateTime performer organization sourceAttachment policyRule"
    ),
    "Questionnaire": "url title status subjectType item",
    "QuestionnaireResponse": "identifier questionnaire status subject authored author item",
}
"""UK Core, package UKCore STU 2.0.0, less ServiceRequest.basedOn and Task.input: not all have one.

Task.reasonReference is left empty: a reason here is words, not a resource.
"""


def read(said: dict[str, Any]) -> Any:
    """The resource as a class of fhirclient (FHIR 4.0.1); it raises for anything wrong with it."""
    return FHIRElementFactory.instantiate(said["resourceType"], said)


def check(said: dict[str, Any]) -> None:
    """It parses, nothing in it is empty, and it has its UK Core profile and its elements."""
    read(said)
    no_empties(said)
    kind = said["resourceType"]
    assert said["meta"]["profile"] == [f"https://fhir.hl7.org.uk/StructureDefinition/UKCore-{kind}"]
    missing = set(MUST_SUPPORT[kind].split()) - said.keys()
    assert not missing, (kind, missing)


def check_bundle(said: dict[str, Any]) -> None:
    """Every resource is a good one, and every pointer leads to something in the bundle."""
    read(said)
    no_empties(said)
    entries = said["entry"]
    inside = {"/".join(each["fullUrl"].split("/")[-2:]) for each in entries}
    assert len(inside) == len(entries), "each resource is there once"
    pointers = set(_pointers(said))
    assert {each for each in pointers if not each.startswith("#")} <= inside
    for entry in entries:
        if entry["resource"]["resourceType"] in MUST_SUPPORT:
            read(entry["resource"])


def no_empties(said: object) -> None:
    """FHIR has no empty strings, lists or objects, and no null."""
    assert said not in (None, "", [], {})
    for each in said.values() if isinstance(said, dict) else said if isinstance(said, list) else ():
        no_empties(each)


def _pointers(said: object) -> list[str]:
    if isinstance(said, list):
        return [pointer for each in said for pointer in _pointers(each)]
    if not isinstance(said, dict):
        return []
    own = [said["reference"]] if isinstance(said.get("reference"), str) else []
    return own + [pointer for each in said.values() for pointer in _pointers(each)]
