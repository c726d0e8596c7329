"""Referrals in FHIR: the questions people are asked, and what they answered.

(Questionnaire and QuestionnaireResponse.) A question that was not answered is left out, never 0.
"""

from referrals.fhir.shapes import (
    Resource,
    address,
    organisation_reference,
    own_identifier,
    reference,
    resource,
    without_nothing,
)
from referrals.measures import HIGHEST, LOWEST, ONS4, Instrument
from referrals.models import Measure, Referral
from referrals.rules import Point

INSTRUMENTS = {ONS4.key: ONS4}
POINTS = frozenset({Point.BEFORE, Point.AFTER})
"""What a clinician's page shows of answers; the rest stays with the link workers."""


def answers_told(referral: Referral) -> list[Measure]:
    """What somebody answered, as far as their practice reads it."""
    return [each for each in referral.measures if is_told(each)]


def is_told(measure: Measure) -> bool:
    """Whether a practice reads these answers."""
    return measure.instrument in INSTRUMENTS and measure.point in POINTS


def questionnaire(of: Instrument) -> Resource:
    """A published set of questions, whole. (UKCore-Questionnaire.)"""
    return resource("Questionnaire", of.key) | {
        "url": canonical(of),
        "title": of.name,
        "status": "active",
        "subjectType": ["Patient"],
        "description": of.intro,
        "copyright": of.attribution,
        "item": [
            {
                "extension": [_limit("min", LOWEST), _limit("max", HIGHEST)],
                "linkId": question.key,
                "text": question.asks,
                "type": "integer",
            }
            for question in of.questions
        ],
    }


def questionnaire_response(of: Measure) -> Resource:
    """What somebody answered at one point of their way. (UKCore-QuestionnaireResponse.)"""
    asked = INSTRUMENTS[of.instrument]
    referral = of.referral
    point = {"url": address("StructureDefinition/measure-point"), "valueCode": of.point.value}
    return without_nothing(
        resource("QuestionnaireResponse", of.id)
        | {
            "extension": [point],
            "identifier": own_identifier("answers", of.id),
            "basedOn": [reference("ServiceRequest", referral.id)],
            "questionnaire": canonical(asked),
            "status": "completed",
            "subject": reference("Patient", referral.person_id),
            "authored": of.taken_on.isoformat(),
            "author": organisation_reference(referral.to_organisation),
            "source": reference("Patient", referral.person_id),
            "item": [
                {
                    "linkId": question.key,
                    "text": question.asks,
                    "answer": [{"valueInteger": of.answers[question.key]}],
                }
                for question in asked.questions
                if question.key in of.answers
            ],
        }
    )


def canonical(of: Instrument) -> str:
    """The address of a set of questions."""
    return address(f"Questionnaire/{of.key}")


def _limit(which: str, value: int) -> Resource:
    url = f"http://hl7.org/fhir/StructureDefinition/{which}Value"
    return {"url": url, "valueInteger": value}
