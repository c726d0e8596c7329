"""The programs of practices: a key is told once, opens one practice, and can be ended."""

import base64
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from accounts import Field, May
from core import audit, clock
from core.actors import Actor, Kind
from core.audit import AuditEntry
from core.db import db
from core.errors import BadInput, Forbidden, NotFound, Refused
from core.saving import saving
from referrals.clients import (
    MOST_A_MINUTE,
    MOST_WRONG_KEYS,
    add_client,
    admit,
    forget_wrong_keys,
    revoke_client,
)
from referrals.fhir import asking, finding
from referrals.models import ApiClient, ClientSees, Referral, WrongKey
from referrals.pathway import act, what_may
from referrals.person.looking import MOST_LOOKS, who_looked
from referrals.rules import Action, Status
from referrals.sight import facts_shown, get_referral
from tests.builders import a_listing
from tests.referral_builders import (
    TEST,
    a_clinician,
    a_link_worker,
    a_practice,
    a_referral,
    as_actor,
)

HERE = "hashed-address"
AFTER_ALL_TIME = base64.b64encode(f"9999-12-31T23:59:59-14:00|{uuid.uuid4()}".encode()).decode()
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def a_client(referral: Referral, sees: ClientSees = ClientSees.RECORD) -> tuple[ApiClient, str]:
    with saving():
        return add_client(referral.from_organisation, "Surgery system", sees, by=TEST)


def status_of(call: Callable[[], object]) -> int:
    with pytest.raises(BadInput) as refused:
        call()
    return refused.value.status


def test_a_key_is_told_once_and_kept_as_a_hash_alone(app: Flask) -> None:
    client, key = a_client(a_referral())
    assert len(key.partition(".")[2]) == 43, "256 bits drawn by lot"
    row = db.session.execute(select(ApiClient.__table__)).one()
    assert key.partition(".")[2] not in str(row)
    actor = admit(key, from_address=HERE)
    assert (actor.kind, actor.ref) == (Kind.API, f"client:{client.id}")
    assert db.session.get_one(ApiClient, client.id).last_used_on == clock.today()


def test_a_wrong_key_an_ended_key_and_no_key_open_nothing(app: Flask) -> None:
    client, key = a_client(a_referral())
    for wrong in (
        "",
        ".",
        "kith_",
        key[:-1],
        f"{key}x",
        key.upper(),
        "kith_\u2603.\ud800",
        "9" * 500,
    ):
        assert status_of(lambda it=wrong: admit(it, from_address=HERE)) == 401  # type: ignore[misc]
    with saving():
        revoke_client(client.id, by=TEST)
    assert status_of(lambda: admit(key, from_address=HERE)) == 401
    with saving(), pytest.raises(Refused):
        revoke_client(client.id, by=TEST)
    with saving(), pytest.raises(NotFound):
        revoke_client(uuid.uuid4(), by=TEST)


def test_only_a_practice_has_programs(app: Flask) -> None:
    team = a_referral().to_organisation
    with saving(), pytest.raises(Refused):
        add_client(team, "Their system", ClientSees.STATUS, by=TEST)


def test_a_client_sees_its_practice_and_does_nothing(app: Flask) -> None:
    noise, referral = a_referral(), a_referral()
    actor = admit(a_client(referral)[1], from_address=HERE)
    assert get_referral(referral.id, seen_by=actor) is referral
    with pytest.raises(NotFound):
        get_referral(noise.id, seen_by=actor)
    assert not what_may(actor, referral)
    with saving(), pytest.raises(Forbidden):
        act(referral, Action.WITHDRAW, by=actor, note="No.")
    clinician = as_actor(a_clinician(referral.from_organisation))
    assert facts_shown(referral, actor) == facts_shown(referral, clinician) - {
        Field.MODERATED,
        Field.AGGREGATE,
    }
    assert not actor.may(May.REFER)


def test_a_key_for_states_opens_states_alone(app: Flask) -> None:
    referral = a_referral()
    actor = admit(a_client(referral, ClientSees.STATUS)[1], from_address=HERE)
    assert facts_shown(referral, actor) == {Field.PUBLIC, Field.LOGISTICS}
    with saving():
        finding.get_request(referral.id, seen_by=actor)
        with pytest.raises(Forbidden):
            finding.get_patient(referral.person_id, seen_by=actor)
        with pytest.raises(Forbidden):
            finding.get_consent(referral.consents[0].id, seen_by=actor)


@pytest.mark.asvs("2.4.1")
def test_too_many_questions_wait_for_the_next_minute(app: Flask) -> None:
    client, key = a_client(a_referral())
    with clock.set_to(NOON):
        admit(key, from_address=HERE)
        with saving():
            db.session.get_one(ApiClient, client.id).asked_this_minute = MOST_A_MINUTE
        assert status_of(lambda: admit(key, from_address=HERE)) == 429
    with clock.set_to(NOON + timedelta(minutes=1)):
        assert admit(key, from_address=HERE)


def test_too_many_wrong_keys_close_the_door_to_an_address_for_a_while(app: Flask) -> None:
    _client, key = a_client(a_referral())
    with clock.set_to(NOON), saving():
        db.session.add_all(WrongKey(who=HERE, at=NOON) for _ in range(MOST_WRONG_KEYS))
    with clock.set_to(NOON + timedelta(minutes=1)):
        assert status_of(lambda: admit(key, from_address=HERE)) == 429
        assert admit(key, from_address="elsewhere")
    with clock.set_to(NOON + timedelta(minutes=16)):
        assert admit(key, from_address=HERE)
        assert forget_wrong_keys() == MOST_WRONG_KEYS


def pages(actor: Actor, **asked: object) -> list[list[uuid.UUID]]:
    """Every page of a search, one after another."""
    found, after = [], None
    while True:
        with saving():
            page = finding.find_tasks(
                asking.Asked(**asked, after=after),  # type: ignore[arg-type]
                seen_by=actor,
            )
            found.append([each.id for each in page.referrals])
        if page.after is None:
            return found
        after = asking.Cursor.read(str(page.after))


def test_pages_follow_what_moved_and_lose_nobody(app: Flask) -> None:
    clinician = a_clinician(a_practice())
    moved = []
    for number in range(5):
        with clock.set_to(NOON + timedelta(seconds=number // 2)), saving():
            moved.append(a_referral(referrer=clinician))
    worker = as_actor(a_link_worker(moved[0].to_organisation))
    with clock.set_to(NOON + timedelta(hours=1)), saving():
        act(moved[0], Action.OPEN, by=worker)
    a_referral()
    actor = admit(a_client(moved[0])[1], from_address=HERE)
    listed = pages(actor, count=2)
    assert [len(page) for page in listed] == [2, 2, 1]
    flat = [each for page in listed for each in page]
    assert flat[-1] == moved[0].id, "what moved last comes last"
    assert {*flat} == {referral.id for referral in moved}
    late = asking.read([("_lastUpdated", "gt2026-11-22T12:00:30Z")])
    with saving():
        found = finding.find_tasks(late, seen_by=actor)
        assert [each.id for each in found.referrals] == [moved[0].id]
        assert found.total == 1


def test_a_search_narrows_by_state_and_by_patient(app: Flask) -> None:
    clinician = a_clinician(a_practice())
    with saving():
        sent = a_referral(referrer=clinician)
        taken = a_referral(Status.ACCEPTED, referrer=clinician)
    actor = admit(a_client(sent)[1], from_address=HERE)
    assert pages(actor, states=frozenset({"accepted"})) == [[taken.id]]
    assert pages(actor, patient=sent.person_id) == [[sent.id]]
    assert pages(actor, patient=uuid.uuid4()) == [[]]
    with saving():
        none = finding.find_tasks(asking.Asked(count=0), seen_by=actor)
        assert (none.referrals, none.total) == ([], 2)


def test_every_look_is_written_down_as_the_client(app: Flask) -> None:
    referral = a_referral()
    actor = admit(a_client(referral)[1], from_address=HERE)
    with saving():
        finding.get_patient(referral.person_id, seen_by=actor)
        finding.find_tasks(asking.Asked(), seen_by=actor)
        finding.get_consent(referral.consents[0].id, seen_by=actor)
    looks = select(AuditEntry.facts).where(
        AuditEntry.by == actor.ref,
        AuditEntry.action == "looked",
        AuditEntry.about == referral.about,
    )
    assert sorted(db.session.scalars(looks), key=str) == sorted(
        [{"classes": ["F1", "F2", "F3"]}, {"classes": ["F1", "F4"]}, {"classes": ["F1", "F4"]}],
        key=str,
    )
    assert db.session.scalar(select(func.count()).select_from(WrongKey)) == 0


def test_a_person_sees_which_program_looked_and_still_sees_the_people_who_did(app: Flask) -> None:
    referral = a_referral()
    worker = as_actor(a_link_worker(referral.to_organisation))
    with clock.set_to(NOON), saving():
        audit.looked(worker, about=referral.about, classes=["F1"])
    with clock.set_to(NOON + timedelta(days=2)):
        actor = admit(a_client(referral)[1], from_address=HERE)
        with saving():
            for _ in range(MOST_LOOKS):
                audit.looked(actor, about=referral.about, classes=["F1"])
    whose = f"a program of {referral.from_organisation.name}"
    looks = [(look.on, look.name, look.job) for look in who_looked(referral)]
    assert looks == [
        (date(2026, 11, 24), "Surgery system", whose),
        (date(2026, 11, 22), worker.name, ""),
    ]


def test_whom_a_practice_never_referred_is_nobody(app: Flask) -> None:
    other = a_referral()
    actor = admit(a_client(a_referral())[1], from_address=HERE)
    group = a_listing().organisation
    with saving():
        for look in (
            lambda: finding.get_patient(other.person_id, seen_by=actor),
            lambda: finding.get_consent(other.consents[0].id, seen_by=actor),
            lambda: finding.get_organisation(other.from_organisation_id, seen_by=actor),
            lambda: finding.get_organisation(group.id, seen_by=actor),
            lambda: finding.get_request(other.id, seen_by=actor),
        ):
            with pytest.raises(NotFound):
                look()


@pytest.mark.parametrize(
    "asked",
    [
        [("status", "done")],
        [("status", "")],
        [("status", "accepted"), ("status", "rejected")],
        [("_lastUpdated", "yesterday")],
        [("_lastUpdated", "2026-02-30")],
        [("_lastUpdated", "ge0000-01-01")],
        [("_lastUpdated", "ap2026-01-01")],
        [("_lastUpdated", "2026-01-01T10:00")],
        [("_lastUpdated", "2026-01-01T25:00:00Z")],
        [("_lastUpdated", "gt9999-12-31")],
        [("_lastUpdated", "٢٠٢٦")],
        [("patient", "9990000018")],
        [("patient", "Patient/Mavis")],
        [("patient", "")],
        [("patient:identifier", "https://fhir.nhs.uk/Id/nhs-number|9990000018")],
        [("identifier", "1")],
        [("_count", "-1")],
        [("_count", "ten")],
        [("_count", "")],
        [("_count", "²")],
        [("_count", "1"), ("_count", "2")],
        [("page", "!!!")],
        [("page", "")],
        [("page", "MjAyNi0xMS0yMnw")],
        [("page", AFTER_ALL_TIME)],
        [("_format", "xml")],
    ],
)
def test_a_question_we_do_not_know_is_refused_and_never_half_answered(
    asked: list[tuple[str, str]],
) -> None:
    with pytest.raises(BadInput):
        asking.read(asked)


def test_a_count_however_large_is_a_page() -> None:
    assert asking.read([("_count", "9" * 3000)]).count == asking.MOST
    assert asking.read([("_count", "000000000000007")]).count == 7


@pytest.mark.parametrize(
    ("asked", "since", "until"),
    [
        ("2026-07-01", "2026-06-30T23:00", "2026-07-01T23:00"),
        ("ge2026-12", "2026-12-01T00:00", None),
        ("gt2026-12", "2027-01-01T00:00", None),
        ("lt2026", None, "2026-01-01T00:00"),
        ("le2026", None, "2027-01-01T00:00"),
        ("gt2026-11-22T10:00:00.123Z", "2026-11-22T10:00:00.124", None),
        ("eb2026-11-22T10:00:00+01:00", None, "2026-11-22T09:00"),
        ("sa2026-11-22T10:00 01:00", "2026-11-22T09:01", None),
    ],
)
def test_a_day_is_a_day_in_london_and_a_time_has_its_zone(
    asked: str, since: str | None, until: str | None
) -> None:
    (span,) = asking.read([("_lastUpdated", asked)]).spans
    told = [
        datetime.fromisoformat(each).replace(tzinfo=UTC) if each else None
        for each in (since, until)
    ]
    assert [span.since, span.until] == told


def test_a_key_is_made_listed_and_ended_from_the_command_line(app: Flask) -> None:
    practice = a_practice()
    say = app.test_cli_runner().invoke
    nobody = say(args=["referrals", "client", "add", "Z99999", "Surgery system"])
    assert (nobody.exit_code, "no practice" in nobody.output) == (1, True)
    made = say(args=["referrals", "client", "add", practice.ods_code or "", "Surgery system"])
    assert made.exit_code == 0
    number, key = made.output.split()[0], made.output.split()[-1]
    assert admit(key, from_address=HERE).reads == {Field.PUBLIC, Field.LOGISTICS}
    listed = say(args=["referrals", "client", "list"]).output
    assert f"{number}  {practice.name}: Surgery system (status), last used" in listed
    assert key.partition(".")[2] not in listed
    assert say(args=["referrals", "client", "revoke", number]).exit_code == 0
    assert say(args=["referrals", "client", "revoke", number]).exit_code == 1
    assert status_of(lambda: admit(key, from_address=HERE)) == 401
    assert ", ended" in say(args=["referrals", "client", "list"]).output


@given(
    st.sampled_from(["_lastUpdated", "status", "patient", "_count", "page", "_format"]),
    st.text(max_size=60)
    | st.from_regex(asking.MOMENT, fullmatch=True)
    | st.builds("{}{}".format, st.sampled_from(asking.PREFIXES), st.from_regex(asking.MOMENT)),
)
@settings(max_examples=150, deadline=None)
def test_whatever_is_asked_is_understood_or_refused(name: str, value: str) -> None:
    try:
        asked = asking.read([(name, value)])
    except BadInput:
        return
    assert asked.count <= asking.MOST
    moments = [moment for span in asked.spans for moment in (span.since, span.until)]
    assert {moment.tzinfo for moment in moments if moment} <= {UTC}
