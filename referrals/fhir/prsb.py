"""Referrals under the headings of the PRSB Social Prescribing Information Standard, v1.1.

Every mandatory item is there, by the standard's own name. What nobody wrote down says so, and so
does what this reader may not have: an item that were left out could be taken for "none".
"""

from dataclasses import dataclass, field
from typing import Any

from accounts import Organisation
from core import clock
from referrals.fhir.answers import INSTRUMENTS, answers_told
from referrals.fhir.parties import names_of
from referrals.fhir.shapes import ODS, SNOMED, date_time
from referrals.measures import Instrument
from referrals.models import AskedBy, Consent, Measure, Referral
from referrals.people import way_to_reach
from referrals.record import reasons_in_words
from referrals.rules import STATUS_WORDS, Basis, Came, ContactRoute, Status
from referrals.statuses import SNOMED_ON_ENTRY

STANDARD = "PRSB Social Prescribing Information Standard v1.1"
NOT_RECORDED = "Not recorded"
NOT_SHARED = "Kept by the link workers; this reader does not see it"
NO_KNOWN_RISKS = "No known risks"
NONE = "None"
SERVICE = "General practice"
"""The standard has no code for the service a referrer works in: these are practices."""

ASKED_WORDS = {
    AskedBy.PROFESSIONAL: NOT_RECORDED,
    AskedBy.PERSON: "{name}, for themselves",
    AskedBy.FRIEND: "A friend or relative",
}

Item = dict[str, Any]


ROUTE_WORDS = {
    ContactRoute.PHONE: "Telephone",
    ContactRoute.TEXT: "Text message",
    ContactRoute.EMAIL: "Email",
    ContactRoute.LETTER: "Letter",
    ContactRoute.SOMEONE_ELSE: "Through somebody else",
}
ASKED_BACK = "See the message back to the GP and referrer"


@dataclass(frozen=True, slots=True)
class Goal:
    """What somebody wants for themselves, as the standard asks of it."""

    words: str
    importance: int | None = None
    confidence: int | None = None
    actions: str = ""
    ended: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """What link workers wrote down, for readers who may have it. `risks`: "" while unsaid."""

    risks: str = ""
    risks_since: str = ""
    before_visiting: str = ""
    strengths: str = ""
    hard_now: str = ""
    needs: tuple[str, ...] = ()
    goals: tuple[Goal, ...] = ()
    matters: dict[str, str] = field(default_factory=dict)
    social: dict[str, str] = field(default_factory=dict)
    assessments: tuple[Item, ...] = ()
    plan: str = ""
    updated: str = ""


def headings(referral: Referral, record: Record | None, closing: str = "") -> Item:
    """One referral under the headings; without a `record` the reader is told that there is one."""
    return {
        "Standard": STANDARD,
        "Plan and requested actions": _plan(referral, record, closing),
        "Person demographics": _person(referral),
        "GP practice": {"GP practice record entry": [_practice(referral.person.practice)]},
        "About me": _said(record.matters) if record else NOT_SHARED,
        "Individual requirements": {
            "Reasonable adjustment": _text(referral.person.communication_needs)
        },
        "Consent": {
            "Consent for information sharing": [_agreement(each) for each in referral.consents]
        },
        "Referral details": {"Referral details record entry": [_details(referral)]},
        "Contacts with professionals": _contacts(referral),
        "Presenting complaints or issues": _complaints(record),
        "Social context": _said(record.social) if record else NOT_SHARED,
        "Signpost details": _onward(referral),
        "Assessments": _assessments(referral, record),
        "Risks": {"Risks record entry": [_risk(record)]},
        "Care and support plan": _care_plan(record),
        "Message back to GP and referrer": closing or NONE,
    }


def _text(said: str) -> Item:
    return {"Free text": said or NOT_RECORDED}


def _coded(term: str, code: str) -> Item:
    return {"Coded value": {"system": SNOMED, "code": code, "display": term}, "Free text": term}


def _said(matters: dict[str, str]) -> Item | str:
    return dict(matters) or NOT_RECORDED


def _person(referral: Referral) -> Item:
    person = referral.person
    given, family = names_of(person)
    return {
        "Person name": {
            "Person first name": given or [NOT_RECORDED],
            "Person family name": family or NOT_RECORDED,
            "Person preferred name": person.preferred_name or NOT_RECORDED,
            "Person full name": person.name,
        },
        "Date of birth": person.born_on.isoformat(),
        "NHS number": person.nhs_number or NOT_RECORDED,
        "NHS number status indicator": "Number present but not traced"
        if person.nhs_number
        else "Number not present",
        "Gender": NOT_RECORDED,
        "Ethnicity": NOT_RECORDED,
        "Carer Status": NOT_RECORDED,
        "Person's address": {
            "Address line 1": person.address or NOT_RECORDED,
            "Postcode": person.postcode or NOT_RECORDED,
        },
        "Person's contact details": {
            "Preferred contact method": ROUTE_WORDS[person.contact_route],
            "Person's telephone number": person.phone or NOT_RECORDED,
            "Person's email address": person.email or NOT_RECORDED,
            "Other contact information": way_to_reach(person),
        },
    }


def _practice(practice: Organisation) -> Item:
    return {
        "GP practice details": practice.name,
        "GP practice identifier": {"system": ODS, "value": practice.ods_code or NOT_RECORDED},
    }


def _details(referral: Referral) -> Item:
    sent = SNOMED_ON_ENTRY[Status.SENT]
    practice, team = referral.person.practice, referral.to_organisation
    return {
        "Date": date_time(referral.sent_at or referral.created_at),
        "Reference": referral.ref,
        "Procedure": _coded(sent.term, sent.code),
        "Status": STATUS_WORDS[referral.status],
        "Referrer details": _referrer(referral),
        "Referral method": "Secure Messaging" if referral.referrer else "Self referral",
        "Reason for referral": _text(". ".join(filter(None, _why(referral)))),
        "Referral to": {
            "Name": referral.owner.name if referral.owner else NOT_RECORDED,
            "Team": team.name,
            "Service": _text(referral.service.name if referral.service else ""),
            "Organisation": _organisation(team),
            "Contact details": team.phone or team.email or NOT_RECORDED,
        },
        "Return response to": practice.email or practice.name,
    }


def _referrer(referral: Referral) -> Item:
    """Who referred; somebody who asked for themselves has no job and no service."""
    by, place = referral.referrer, referral.from_organisation
    if by is None:
        return {
            "Name": ASKED_WORDS[referral.asked_by].format(name=referral.person.name),
            "Service": _text(NONE),
            "Organisation": _text(NONE),
            "Contact details": way_to_reach(referral.person) or NOT_RECORDED,
        }
    return {
        "Name": by.name or NOT_RECORDED,
        "Role": by.job or NOT_RECORDED,
        "Service": _text(SERVICE),
        "Organisation": _organisation(place),
        "Contact details": place.phone or place.email or NOT_RECORDED,
    }


def _why(referral: Referral) -> tuple[str, str]:
    return reasons_in_words(referral), referral.note


def _organisation(of: Organisation) -> Item:
    coded = {"system": ODS, "value": of.ods_code} if of.ods_code else NOT_RECORDED
    return {"Coded value": coded, "Free text": of.name}


def _agreement(consent: Consent) -> Item:
    agreed = consent.basis is Basis.AGREED
    said = "They agreed" if agreed else f"In their best interests: {consent.why}"
    found = {"Date": date_time(consent.at), "Free text": said, "Words agreed to": consent.wording}
    if consent.withdrawn_at is not None:
        found["Withdrawn"] = date_time(consent.withdrawn_at)
    return found


def _contacts(referral: Referral) -> list[Item] | str:
    return [
        {
            "Date and time of contact": date_time(contact.at),
            "Seen by": [{"Name": contact.by_name, "Role": "Link worker"}],
            "Consultation method": contact.how.value.replace("-", " "),
            "Outcome of contact": "Spoken to" if contact.reached else "Not spoken to",
        }
        for contact in referral.contacts
    ] or NONE


def _onward(referral: Referral) -> list[Item] | str:
    """Where the link worker sent them on to: more than signposting, but the nearest heading."""
    return [
        {
            "Date": date_time(onward.sent_at or onward.created_at),
            "Signpost to": {
                "Service": _text(onward.service.name if onward.service else ""),
                "Organisation": onward.to_organisation.name,
            },
            "Status": STATUS_WORDS[onward.status],
            "First visit": _visit(onward),
        }
        for onward in referral.onward
        if onward.status is not Status.ENTERED_IN_ERROR
    ] or NONE


def _visit(onward: Referral) -> str:
    if not onward.visits:
        return NOT_RECORDED
    last = onward.visits[-1]
    if last.came is Came.PLANNED:
        return f"Planned for {last.session_on.isoformat()}"
    return f"{last.session_on.isoformat()}: {last.came.value.replace('-', ' ')}"


def _assessments(referral: Referral, record: Record | None) -> list[Item] | str:
    told = [assessment(each, INSTRUMENTS[each.instrument]) for each in answers_told(referral)]
    return list(record.assessments if record else told) or NONE


def assessment(measure: Measure, asked: Instrument) -> Item:
    """What somebody answered to one set of questions."""
    return {
        "Assessment type": asked.name,
        "Date": measure.taken_on.isoformat(),
        "Structured assessment": {
            "Structured assessment name": _text(asked.name),
            "Subscale result": [
                {
                    "Subscale score": _text(question.name),
                    "Value": measure.answers.get(question.key, NOT_RECORDED),
                }
                for question in asked.questions
            ],
        },
        "Comment": f"Asked: {measure.point.value}. {asked.attribution}".strip(),
    }


def _plan(referral: Referral, record: Record | None, closing: str) -> Item:
    due, asked = referral.next_contact_on, record.plan if record else ""
    return {
        "Actions for professionals": asked or (ASKED_BACK if closing else NONE),
        "Actions for person or their carer": f"Next contact on {due.isoformat()}" if due else NONE,
        "As it stood on": clock.today().isoformat(),
    }


def _risk(record: Record | None) -> Item:
    if record is None:
        return {"Risk": _text(NOT_SHARED)}
    return {
        "Start date of risk": record.risks_since or NOT_RECORDED,
        "Risk": _text(record.risks),
        "Comment": record.before_visiting or NONE,
    }


def _complaints(record: Record | None) -> Item:
    said = (record.hard_now or NOT_RECORDED) if record else NOT_SHARED
    return {"Person reported complaints or issues": [said]}


def _care_plan(record: Record | None) -> Item:
    if record is None:
        return {"Needs, concerns or problems": [_text(NOT_SHARED)]}
    goals = [_goal(each) for each in record.goals]
    needs = [_text(each) for each in record.needs] or [_text("")]
    return {
        "Strengths": [_text(record.strengths)],
        "Needs, concerns or problems": needs,
        "Goals and hopes": goals or NOT_RECORDED,
        "Date this plan was last updated": record.updated or NOT_RECORDED,
    }


def _goal(goal: Goal) -> Item:
    return {
        "Free text": goal.words,
        "Goal importance score": goal.importance or NOT_RECORDED,
        "Actions and activities": [
            {
                "What": _text(goal.actions),
                "Confidence": goal.confidence or NOT_RECORDED,
            }
        ],
        "Goal status": goal.ended or "Under way",
    }
