"""Referrals in FHIR: what was asked (ServiceRequest) and how far it has come (Task).

A link worker's referral on to a group says here only what is no secret between professionals: its
state, its days and the activity. Why, and every note, is for readers of needs.
"""

from collections.abc import Set as AbstractSet

from accounts import Field
from referrals.fhir.answers import answers_told
from referrals.fhir.parties import REFERRER, referrer
from referrals.fhir.shapes import (
    SNOMED,
    Resource,
    address,
    concept,
    date_time,
    last_moved,
    organisation_reference,
    own_identifier,
    reference,
    resource,
    without_nothing,
)
from referrals.fhir.states import WITH_REASON, business_of
from referrals.models import FirstVisit, Referral
from referrals.record import first_contact_due
from referrals.rules import (
    REASON_WORDS,
    STATUS_WORDS,
    Action,
    Came,
    Reason,
    Status,
)
from referrals.statuses import SNOMED_ON_ENTRY, STATES

CATEGORY = "Social prescribing"
ONWARD = "Referral to a community activity"
TASK_CODES = "http://hl7.org/fhir/CodeSystem/task-code"

Fields = AbstractSet[Field]


def service_request(referral: Referral, shown: Fields) -> Resource:
    """What was asked for somebody, by whom and of whom. (UKCore-ServiceRequest.)"""
    reads = _reads_why(referral, shown)
    return without_nothing(
        resource("ServiceRequest", referral.id, at=last_moved(referral))
        | {
            "contained": [referrer(referral.referrer, referral.from_organisation)]
            if referral.referrer
            else [],
            "identifier": [own_identifier("referral", referral.ref)],
            "basedOn": [reference("ServiceRequest", referral.parent_id)]
            if referral.parent_id
            else [],
            "status": STATES[referral.status].request,
            "intent": "order",
            "category": [concept(CATEGORY)],
            "priority": "routine",
            "code": _code(referral),
            "orderDetail": [concept(referral.service.name)] if referral.service else [],
            "subject": reference("Patient", referral.person_id),
            "authoredOn": date_time(referral.sent_at or referral.created_at),
            "requester": _requester(referral),
            "performer": [organisation_reference(referral.to_organisation)],
            "reasonCode": _reasons(referral) if reads else [],
            "supportingInfo": _supporting(referral) if reads else [],
            "note": _notes(referral) if reads else [],
        }
    )


def task(referral: Referral, shown: Fields) -> Resource:
    """How far a referral has come. (UKCore-Task; states as in SDOH Clinical Care.)"""
    reads = _reads_why(referral, shown)
    state, why = STATES[referral.status], _why(referral) if reads else ""
    code = business_of(referral, why)
    words = STATUS_WORDS[referral.status]
    return without_nothing(
        resource("Task", referral.id, at=last_moved(referral))
        | {
            "identifier": [own_identifier("referral", referral.ref)],
            "partOf": [reference("Task", referral.parent_id)] if referral.parent_id else [],
            "status": state.task,
            "statusReason": concept(why or words) if state.task in WITH_REASON else None,
            "businessStatus": concept(words, address("CodeSystem/referral-state"), code),
            "intent": "order",
            "code": concept("Fulfill the focal request", TASK_CODES, "fulfill"),
            "focus": reference("ServiceRequest", referral.id),
            "for": reference("Patient", referral.person_id),
            "authoredOn": date_time(referral.sent_at or referral.created_at),
            "lastModified": date_time(last_moved(referral)),
            "requester": organisation_reference(referral.from_organisation),
            "owner": organisation_reference(referral.to_organisation),
            "reasonCode": concept(_reasons_in_words(referral)) if reads else None,
            "restriction": _restriction(referral),
            "input": _input(referral),
            "output": _output(referral, reads=reads),
        }
    )


def _reads_why(referral: Referral, shown: Fields) -> bool:
    return Field.NEEDS in shown and not referral.is_onward


def _requester(referral: Referral) -> Resource:
    """Somebody at work, or else the person; which friend spoke for them is nobody else's."""
    if referral.referrer is None:
        return reference("Patient", referral.person_id)
    return {"reference": f"#{REFERRER}", "display": referral.referrer.name}


def _code(referral: Referral) -> Resource:
    if referral.is_onward:
        return concept(ONWARD)
    sent = SNOMED_ON_ENTRY[Status.SENT]
    return concept(sent.term, SNOMED, sent.code)


def _reasons(referral: Referral) -> list[Resource]:
    return [concept(REASON_WORDS[Reason(reason)]) for reason in referral.reasons]


def _reasons_in_words(referral: Referral) -> str:
    return "; ".join(REASON_WORDS[Reason(reason)] for reason in referral.reasons)


def _supporting(referral: Referral) -> list[Resource]:
    return [reference("Consent", consent.id) for consent in referral.consents]


def _notes(referral: Referral) -> list[Resource]:
    """What the practice wrote when it referred, and what it added later."""
    first = [{"text": referral.note}] if referral.note else []
    return first + [
        {"authorString": note.by_name, "time": date_time(note.at), "text": note.words}
        for note in referral.added_notes
    ]


def _why(referral: Referral) -> str:
    """The reason given at the step that led to where it stands."""
    led = [
        step
        for step in referral.steps
        if step.now is referral.status and step.action is not Action.TAKE_BACK
    ]
    return led[-1].note if led else ""


def _restriction(referral: Referral) -> Resource | None:
    """By when the first contact is due: that is promised of a practice's referral alone."""
    if referral.is_onward:
        return None
    sent = referral.sent_at or referral.created_at
    due = first_contact_due(referral).isoformat()
    return {"period": {"start": date_time(sent)[:10], "end": due}}


def _input(referral: Referral) -> list[Resource]:
    if referral.service is None:
        return []
    return [{"type": concept("Activity asked for"), "valueString": referral.service.name}]


def _output(referral: Referral, *, reads: bool) -> list[Resource]:
    answers = answers_told(referral) if reads else []
    found = [
        {
            "type": concept(f"Answers, {measure.point.value}"),
            "valueReference": reference("QuestionnaireResponse", measure.id),
        }
        for measure in answers
    ]
    return found + [each for visit in _visits(referral) for each in _visit(visit)]


def _visits(referral: Referral) -> list[FirstVisit]:
    return referral.visits if referral.is_onward else []


def _visit(visit: FirstVisit) -> list[Resource]:
    """The day of a first visit and what is known of it; how they get there is theirs."""
    day = {"type": concept("First visit, day"), "valueDate": visit.session_on.isoformat()}
    if visit.came is Came.PLANNED:
        return [day]
    came = concept(
        visit.came.value.replace("-", " ").capitalize(), address("CodeSystem/came"), visit.came
    )
    return [day, {"type": concept("First visit, what is known"), "valueCodeableConcept": came}]
