"""The door for programs: what a practice's clinicians see, as FHIR, and not a word more."""

import base64
import json
import re
import uuid
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import String, Text, select

from core import clock, sealing
from core.db import Base, db, may_write
from core.saving import saving
from core.sealing.columns import TEXT
from referrals.clients import MOST_A_MINUTE, add_client
from referrals.closing import allow, draft
from referrals.models import ApiClient, ClientSees, ClosingMessage, Limit, Referral, RiskStatement
from referrals.notes import add_note
from referrals.outcomes import record_measure
from referrals.rules import Came, Point, Status
from tests.client import Client
from tests.engines import on_sqlite
from tests.house.doors import is_for_programs
from tests.referral_builders import (
    TEST,
    a_clinician,
    a_new_person,
    a_practice,
    a_referral,
    a_visit,
    an_onward,
    as_actor,
    owner_of,
)
from tests.referrals.fhir_reader import check, check_bundle, read
from tests.referrals.test_following import counted

pytestmark = on_sqlite

ROOT = "/api/fhir/r4"
LONG = 40
NO_WORDS = {"by", "answered_by", "done_by", "secret_hash", "who"}
CANARY = re.compile(r"(?:[a-z_]+\.[a-z_]+)-canary")
KNOWN_TO_THE_PRACTICE = {
    "person.address-canary",
    "person.email-canary",
    "person.preferred_name-canary",
    "consent.wording-canary",
}
"""What it wrote down, or read out, when it referred, and no page of its own repeats."""


@pytest.fixture
def referral(app: Flask) -> Referral:
    with saving():
        person = a_new_person(preferred_name="May", email="may@home.example")
        found = a_referral(Status.IN_PROGRESS, person=person, referrer=a_clinician(a_practice()))
        record_measure(
            found, Point.BEFORE, {"anxiety": 7}, taken_on=date(2026, 11, 2), by=owner_of(found)
        )
        a_visit(an_onward(Status.ACCEPTED, parent=found), came=Came.CAME)
        assert found.referrer is not None
        add_note(found, "She would like to sing.", by=as_actor(found.referrer))
    return found


@pytest.fixture
def program(client: Client, referral: Referral) -> Client:
    return client.bring(a_key(referral))


def a_key(referral: Referral, sees: ClientSees = ClientSees.RECORD) -> str:
    with saving():
        return add_client(referral.from_organisation, "Surgery system", sees, by=TEST)[1]


def addresses(referral: Referral) -> list[str]:
    return [
        f"{ROOT}/ServiceRequest/{referral.id}",
        f"{ROOT}/Task/{referral.id}",
        f"{ROOT}/Patient/{referral.person_id}",
        f"{ROOT}/Consent/{referral.consents[0].id}",
        f"{ROOT}/QuestionnaireResponse/{referral.measures[0].id}",
    ]


def test_everything_reads_back_as_fhir_with_its_tag(program: Client, referral: Referral) -> None:
    for path in addresses(referral):
        answer = program.get(path)
        assert (answer.status_code, answer.mimetype) == (200, "application/fhir+json"), path
        check(answer.json)  # type: ignore[arg-type]
        assert answer.headers["Cache-Control"] == "no-store"
        assert ("lastUpdated" in answer.json["meta"]) == ("Last-Modified" in answer.headers)  # type: ignore[index]
        again = program.get(path, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
    for path in ("metadata", "Questionnaire/ons4", f"Organization/{referral.to_organisation_id}"):
        answer = program.get(f"{ROOT}/{path}")
        assert answer.status_code == 200
        read(answer.json)  # type: ignore[arg-type]


def test_one_referral_leaves_whole_and_as_a_message(program: Client, referral: Referral) -> None:
    for operation in ("$bundle", "$bars-shaped-message"):
        answer = program.get(f"{ROOT}/ServiceRequest/{referral.id}/{operation}")
        assert (answer.status_code, answer.mimetype) == (200, "application/fhir+json")
        check_bundle(answer.json)  # type: ignore[arg-type]
    answer = program.get(f"/api/prsb/referrals/{referral.id}")
    assert answer.mimetype == "application/json"
    assert "Risks" in answer.json  # type: ignore[operator]


def test_pages_of_tasks_are_followed_by_their_links(program: Client, referral: Referral) -> None:
    with saving():
        for _ in range(2):
            a_referral(referrer=referral.referrer)
    path, seen = f"{ROOT}/Task?_count=2&status=requested,in-progress", []
    while path:
        page = program.get(path).json
        assert page is not None
        read(page)
        assert page["total"] == 3
        seen += [entry["resource"]["id"] for entry in page["entry"]]
        links = {link["relation"]: link["url"] for link in page["link"]}
        path = links.get("next", "").partition("://")[2].partition("/")[2]
        path = f"/{path}" if path else ""
    assert len(set(seen)) == len(seen) == 3
    empty = program.get(f"{ROOT}/Task?patient={uuid.uuid4()}").json
    assert empty["total"] == 0  # type: ignore[index]
    assert "entry" not in empty  # type: ignore[operator]


def test_a_page_of_tasks_takes_as_many_questions_however_long(
    program: Client, referral: Referral
) -> None:
    numbers = []
    for count in (1, 3):
        with saving():
            for _ in range(2):
                a_referral(Status.IN_PROGRESS, referrer=referral.referrer)
        with counted() as asked:
            program.get(f"{ROOT}/Task?_count={count}")
        numbers.append(asked[0])
    assert numbers[1] <= numbers[0]


def trouble(client: Client, path: str, **how: object) -> tuple[int, str]:
    """What is answered, and the code of its OperationOutcome."""
    answer = client.open(path, **how)
    said = answer.get_json()
    read(said)
    assert answer.mimetype == "application/fhir+json"
    assert said["resourceType"] == "OperationOutcome"
    return answer.status_code, said["issue"][0]["code"]


def test_all_trouble_is_told_as_an_operation_outcome(client: Client, referral: Referral) -> None:
    stranger, task = a_referral(), f"{ROOT}/Task"
    path = f"{task}/{referral.id}"
    assert trouble(client, path) == (401, "login")
    assert client.get(path).headers["WWW-Authenticate"] == "Bearer"
    basic = {"Authorization": "Basic bWU6bWU="}
    assert trouble(client, path, headers=basic) == (401, "login")
    client.as_(referral.referrer)
    assert trouble(client, path) == (401, "login"), "a cookie is no key"
    client.bring(a_key(referral))
    onward = referral.onward[0]
    for missing in (
        f"{task}/{stranger.id}",
        f"{task}/{onward.id}",
        f"{task}/{uuid.uuid4()}",
        f"{task}/odd.id",
        f"{task}/%F0%9F%98%80",
        f"{ROOT}/Patient/{stranger.person_id}",
        f"{ROOT}/Patient?identifier=9990000018",
        f"{ROOT}/Consent/{onward.consents[0].id}",
        f"{ROOT}/Observation/1",
        f"{ROOT}/Questionnaire/nothing",
        f"{ROOT}/",
    ):
        assert trouble(client, missing) == (404, "not-found"), missing
    for wrong in ("_count=-1", "status=x", "_lastUpdated=x", "name=x", "_count=%00", "x=%FF"):
        assert trouble(client, f"{task}?{wrong}") == (400, "invalid"), wrong
    assert trouble(client, f"{task}?a={'b' * 5000}") == (400, "invalid")
    assert trouble(client, f"{task}?_format=xml") == (406, "not-supported")
    assert trouble(client, path, method="DELETE") == (405, "not-supported")
    json_body = {"data": "{", "content_type": "application/fhir+json", "method": "POST"}
    assert trouble(client, task, **json_body)[0] in {400, 405}


def test_a_key_for_states_is_refused_people_and_may_follow_states(
    client: Client, referral: Referral
) -> None:
    client.bring(a_key(referral, ClientSees.STATUS))
    for path in addresses(referral)[2:]:
        assert trouble(client, path) == (403, "forbidden")
    assert trouble(client, f"{ROOT}/ServiceRequest/{referral.id}/$bars-shaped-message") == (
        403,
        "forbidden",
    )
    assert client.get(f"/api/prsb/referrals/{referral.id}").status_code == 403
    said = client.get(f"{ROOT}/ServiceRequest/{referral.id}/$bundle").text
    assert "Mavis" not in said
    assert client.get(f"{ROOT}/Task").json["total"] == 1  # type: ignore[index]


def test_a_program_that_asks_too_fast_is_told_to_wait(program: Client, referral: Referral) -> None:
    program.get(f"{ROOT}/Task")
    with saving():
        for each in db.session.query(ApiClient):
            each.asked_this_minute, each.minute_began_at = MOST_A_MINUTE, clock.now()
    answer = program.get(f"{ROOT}/Task")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")


def test_a_key_opens_no_page_for_people(program: Client, referral: Referral) -> None:
    assert program.get(f"/my-referrals/{referral.id}").status_code == 302
    assert program.post("/refer", data={}).status_code in {400, 403}


@pytest.mark.asvs("8.2.3", "15.3.1")
def test_no_resource_holds_a_fact_that_the_clinicians_page_would_not(
    client: Client, referral: Referral
) -> None:
    key = a_key(referral)
    with saving():
        kept = dict.fromkeys(("outcome", "by", "by_name"), "-")
        db.session.add(ClosingMessage(referral_id=referral.id, at=clock.now(), **kept))
    plant_canaries()
    client.is_strict = False
    client.as_(referral.referrer)
    pages = [f"/my-referrals/{referral.id}", f"/refer/sent/{referral.id}"]
    on_pages = {each for path in pages for each in CANARY.findall(client.get(path).text)}
    client.bring(key)
    wanted = [*addresses(referral), f"{ROOT}/Task", f"/api/prsb/referrals/{referral.id}"]
    wanted += [
        f"{ROOT}/ServiceRequest/{referral.id}/${name}" for name in ("bundle", "bars-shaped-message")
    ]
    said = {path: client.get(path) for path in wanted}
    assert {answer.status_code for answer in said.values()} == {200}
    for path, answer in said.items():
        told = set(CANARY.findall(words_of(answer.json)))
        assert told <= on_pages | KNOWN_TO_THE_PRACTICE, path
    assert "person.name-canary" in said[addresses(referral)[2]].text


def words_of(said: object) -> str:
    """All of it, what is packed as base64 too."""
    plain = json.dumps(said, ensure_ascii=False)
    packed = re.findall(r'"data": "([^"]+)"', plain)
    return plain + "".join(base64.b64decode(each).decode() for each in packed)


SHORT = {"postcode", "phone", "is_their", "code_word"}
"""Sealed too, and read for what they are."""


def plant_canaries() -> None:
    """Write its own name into every column of words of every row of this room."""
    own = [each for each in Base.registry.mappers if each.class_.__module__.startswith("referrals")]
    with may_write():
        for table in [mapper.local_table for mapper in own]:
            marks = {
                column.name: f"{table.name}.{column.name}-canary"
                for column in table.columns
                if type(column.type) in {String, Text}
                and (column.type.length or LONG) >= LONG
                and column.name not in NO_WORDS
            }
            if marks:
                db.session.execute(table.update().values(marks))
        for each in sealing.REGISTER:
            if each.form is TEXT and each.name not in NO_WORDS | SHORT:
                for row in db.session.scalars(select(each.model)).all():
                    if isinstance(row, RiskStatement):
                        row.none_known = False  # words are there now
                    setattr(row, each.name, f"{each.table}.{each.name}-canary")
        db.session.commit()


@pytest.mark.parametrize("limit", Limit)
def test_a_program_reads_no_more_of_the_message_at_the_end_than_the_person_lets_go(
    client: Client, limit: Limit
) -> None:
    with saving():
        ended = a_referral(Status.CLOSED_COMPLETED)
        worker = owner_of(ended)
        sent = draft(ended, outcome="She sings again.", risks="", plan="Nothing.", by=worker)
    client.bring(a_key(ended))
    bundle, prsb = (
        f"{ROOT}/ServiceRequest/{ended.id}/$bundle",
        f"/api/prsb/referrals/{ended.id}",
    )
    assert "Communication" not in client.get(bundle).text
    with saving():
        allow(sent, limit, version=sent.version, by=worker)
    for path in (bundle, prsb):
        said = client.get(path).text
        assert ("She sings again." in said) is (limit is Limit.SUMMARY)
        assert ("1362721000000106" in said) is (limit is not Limit.NOTHING)


def test_every_door_for_programs_is_shut_without_a_key(app: Flask, client: Client) -> None:
    client.as_(a_clinician())
    doors = [rule for rule in app.url_map.iter_rules() if is_for_programs(app, rule)]
    assert len(doors) >= 9
    for rule in doors:
        _host, path = rule.build(dict.fromkeys(rule.arguments, uuid.uuid4())) or ("", "")
        assert client.get(path).status_code == 401, path
