"""Referrals as FHIR says them: every resource parses, every state can be read back."""

from datetime import date
from typing import Any

import pytest
from flask import Flask

from accounts import Field, User
from core import clock
from core.db import db
from core.saving import saving
from referrals.about import Said, set_goal, state_risks, write
from referrals.about.safety import raise_worry
from referrals.fhir import bundles, prsb
from referrals.fhir.agreements import consent
from referrals.fhir.answers import INSTRUMENTS, questionnaire, questionnaire_response
from referrals.fhir.orders import service_request, task
from referrals.fhir.parties import organisation, patient
from referrals.fhir.statement import capability_statement, outcome
from referrals.fhir.states import TASK_CODES, status_behind, statuses_of
from referrals.measures import LONELINESS
from referrals.models import Heading, NeedKind, Referral
from referrals.outcomes import record_measure
from referrals.pathway import act
from referrals.rules import DECLINE_WORDS, Action, Came, DeclineReason, Point, Status
from referrals.statuses import STATES
from tests.client import Client
from tests.referral_builders import (
    WALKS,
    a_link_worker,
    a_new_person,
    a_referral,
    a_visit,
    an_onward,
    as_actor,
    owner_of,
)
from tests.referrals.fhir_reader import check, check_bundle, no_empties, read

ALL = frozenset({Field.LOGISTICS, Field.MINIMUM, Field.IDENTITY, Field.NEEDS})
STATE = frozenset({Field.LOGISTICS})
SDOH = "draft requested accepted rejected cancelled in-progress on-hold failed completed"


def whole_way() -> Referral:
    """Somebody who answered the questions and went to a group."""
    with saving():
        person = a_new_person(preferred_name="May", email="may@home.example")
        referral = a_referral(Status.IN_PROGRESS, person=person)
        record_measure(
            referral, Point.BEFORE, {"anxiety": 7, "happiness": 3}, taken_on=date(2026, 11, 2),
            by=owner_of(referral),
        )  # fmt: skip
        onward = an_onward(Status.ACCEPTED, parent=referral)
        a_visit(onward, came=Came.CAME)
    return referral


def test_every_state_says_itself_in_fhir_and_is_read_back(app: Flask) -> None:
    assert set(STATES) == set(Status)
    assert {*SDOH.split(), "entered-in-error"} >= TASK_CODES
    with saving():
        for status in WALKS:
            referral = a_referral(status)
            said = task(referral, ALL)
            read(said)
            code = said["businessStatus"]["coding"][0]["code"]
            assert status_behind(said["status"], code) is status
            assert service_request(referral, ALL)["status"] == STATES[status].request
    for status, state in STATES.items():
        assert status in statuses_of([state.task])
        for code in state.business:
            assert status_behind(state.task, code) is status
    assert status_behind("ready", "awaiting-triage") is None


@pytest.mark.parametrize("reason", DeclineReason)
def test_why_a_referral_was_not_accepted_can_be_read_by_a_program(
    app: Flask, reason: DeclineReason
) -> None:
    with saving():
        referral = a_referral()
        worker = as_actor(a_link_worker(referral.to_organisation))
        act(referral, Action.REJECT, by=worker, note=f"{DECLINE_WORDS[reason]}. Sorry.")
    said, kept = task(referral, ALL), task(referral, STATE)
    code = said["businessStatus"]["coding"][0]["code"]
    assert status_behind("rejected", code) is Status.REJECTED
    assert said["statusReason"]["text"].startswith(DECLINE_WORDS[reason])
    assert kept["statusReason"]["text"] == "Not accepted"
    assert kept["businessStatus"]["coding"][0]["code"] == "not-accepted"


def test_every_resource_parses_and_carries_what_uk_core_must_support(app: Flask) -> None:
    referral = whole_way()
    check(service_request(referral, ALL))
    check(task(referral, ALL))
    check(patient(referral.person))
    check(consent(referral.consents[0]))
    check(questionnaire_response(referral.measures[0]))
    read(organisation(referral.to_organisation))
    for instrument in INSTRUMENTS.values():
        check(questionnaire(instrument))
    read(capability_statement("Kith"))
    read(outcome(404, "Not here", ""))


def test_a_question_nobody_answered_is_left_out(app: Flask) -> None:
    said = questionnaire_response(whole_way().measures[0])
    answered = {each["linkId"]: each["answer"][0]["valueInteger"] for each in said["item"]}
    assert answered == {"happiness": 3, "anxiety": 7}


def test_a_referral_onward_is_based_on_the_first_and_keeps_its_notes(app: Flask) -> None:
    referral = whole_way()
    onward = referral.onward[0]
    request, said = service_request(onward, ALL), task(onward, ALL)
    assert request["basedOn"] == [{"reference": f"ServiceRequest/{referral.id}"}]
    assert said["partOf"] == [{"reference": f"Task/{referral.id}"}]
    assert said["output"][1]["valueCodeableConcept"]["coding"][0]["code"] == "came"
    assert not {"note", "reasonCode", "supportingInfo"} & (request.keys() | said.keys())


def test_a_reader_of_states_is_told_nothing_of_the_person(app: Flask) -> None:
    referral = whole_way()
    said = bundles.whole(referral, STATE, "")
    kinds = {each["resource"]["resourceType"] for each in said["entry"]}
    assert kinds == {"ServiceRequest", "Task", "Organization"}
    for word in ("Mavis", "May", "960 555", "Lane", "1948-03", "Lonely", "funeral", "Large print"):
        assert word not in str(said), word
    assert referral.person.nhs_number not in str(said)


def test_a_bundle_holds_all_it_points_at(app: Flask) -> None:
    referral = whole_way()
    said = bundles.whole(referral, ALL, "Things are better.")
    check_bundle(said)
    kinds = [each["resource"]["resourceType"] for each in said["entry"]]
    assert kinds.count("ServiceRequest") == kinds.count("Task") == 2
    assert {"Patient", "Consent", "QuestionnaireResponse", "Communication"} <= {*kinds}


def test_a_message_is_shaped_like_bars_and_claims_no_more(app: Flask) -> None:
    referral = whole_way()
    said = bundles.message(referral, ALL)
    check_bundle(said)
    head = said["entry"][0]["resource"]
    assert (said["type"], head["resourceType"]) == ("message", "MessageHeader")
    assert head["focus"] == [{"reference": f"ServiceRequest/{referral.id}"}]
    assert head["reason"]["coding"][0]["code"] == "new"
    assert head["meta"]["tag"][0]["code"] == "bars-shaped"
    assert "definition" not in head
    assert "StructureDefinition/BARS" not in str(said)


def test_a_person_without_a_number_or_an_address_is_a_good_patient_too(app: Flask) -> None:
    with saving():
        referral = a_referral(
            person=a_new_person(
                name="Cher", nhs_number=None, address="", postcode="", communication_needs=""
            )
        )
    said = patient(referral.person)
    read(said)
    no_empties(said)
    assert "identifier" not in said
    assert said["name"] == [{"use": "official", "text": "Cher", "family": "Cher"}]


def test_a_withdrawn_agreement_is_inactive(app: Flask) -> None:
    with saving():
        referral = a_referral(Status.PERSON_DECLINED)
    said = consent(referral.consents[0])
    assert said["status"] == "inactive"
    assert said["provision"]["period"].keys() == {"start", "end"}


MANDATORY = (
    "Person demographics/Person name/Person first name",
    "Person demographics/Person name/Person family name",
    "Person demographics/Date of birth",
    "GP practice/GP practice record entry/GP practice identifier",
    "Referral details/Referral details record entry/Referrer details/Name",
    "Referral details/Referral details record entry/Referrer details/Service",
    "Referral details/Referral details record entry/Referrer details/Organisation",
    "Referral details/Referral details record entry/Referrer details/Contact details",
    "Referral details/Referral details record entry/Referral to",
    "Risks/Risks record entry/Risk",
    "Care and support plan",
)
"""What the standard's own data set says must occur at least once."""


@pytest.mark.parametrize("record", [None, prsb.Record()])
def test_every_item_the_prsb_standard_demands_is_there(
    app: Flask, record: prsb.Record | None
) -> None:
    said = prsb.headings(whole_way(), record)
    no_empties(said)
    for path in MANDATORY:
        found: Any = said
        for heading in path.split("/"):
            found = found[0] if isinstance(found, list) else found
            found = found[heading]
        assert found, path
    risk = said["Risks"]["Risks record entry"][0]["Risk"]["Free text"]
    assert risk == (prsb.NOT_SHARED if record is None else prsb.NOT_RECORDED)


def test_a_link_workers_file_holds_risks_and_goals_and_no_safety_note(
    app: Flask, client: Client
) -> None:
    with saving():
        referral = a_referral(Status.IN_PROGRESS)
        worker = owner_of(referral)
        state_risks(referral, words="A big dog", visiting="Ring first", by=worker)
        set_goal(referral, Said(words="Dance again", importance=9), by=worker)
        said = {Heading.MATTERS: "Her cat", Heading.STRENGTHS: "Sings", Heading.HOME: "Third floor"}
        write(referral, said, seen=0, needs=[NeedKind.COMPANY], by=worker)
        raise_worry(referral, "Afraid of a cousin", by=worker)
        lonely = {"lonely": 5}
        record_measure(
            referral, Point.LATER, lonely, taken_on=clock.today(), instrument=LONELINESS, by=worker
        )
    client.as_(db.session.get_one(User, worker.user_id))
    answer = client.get(f"/caseload/{referral.id}/about/record.json")
    found: Any = answer.json
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{referral.ref}.json"'
    assert found["Risks"]["Risks record entry"][0]["Risk"] == {"Free text": "A big dog"}
    plan = found["Care and support plan"]
    assert plan["Goals and hopes"][0]["Free text"] == "Dance again"
    assert plan["Needs, concerns or problems"] == [{"Free text": "People and company"}]
    assert found["About me"] == {"What is most important to me": "Her cat"}
    assert found["Social context"] == {"Household environment": "Third floor"}
    assert "loneliness" in found["Assessments"][0]["Assessment type"]
    assert "loneliness" not in str(bundles.whole(referral, ALL, "")), "no practice reads it"
    assert "loneliness" not in str(prsb.headings(referral, None))
    assert "cousin" not in answer.text
    stranger = a_link_worker()
    assert client.as_(stranger).get(f"/caseload/{referral.id}/about/record.json").status_code == 404


def test_what_moved_last_is_when_it_changed(app: Flask) -> None:
    with saving():
        referral = a_referral()
    worker = as_actor(a_link_worker(referral.to_organisation))
    later = clock.now().replace(year=2027, microsecond=123456)
    with clock.set_to(later), saving():
        act(referral, Action.OPEN, by=worker)
    assert (
        task(referral, STATE)["meta"]["lastUpdated"] == "2027" + later.isoformat()[4:23] + "+00:00"
    )
