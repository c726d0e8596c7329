"""The audit as people meet it: what is denied, what is shown, what is taken out of the house."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from fhirclient.models.auditevent import AuditEvent
from flask import Flask
from sqlalchemy import select

from accounts import OrganisationKind, Role, actor_for, join, staff
from accounts.anchoring import anchor_and_tell
from core import audit, clock, outbox
from core.audit import AuditEntry, anchors, export, looked, record
from core.db import db
from core.saving import saving
from tests.builders import BUILDER, a_user, an_organisation
from tests.client import Client
from tests.engines import on_sqlite
from tests.referral_builders import a_clinician, a_practice, a_referral

TEAM = OrganisationKind.LINK_WORKER_TEAM
MADE_UP = "00000000-0000-4000-8000-000000000000"


def entries(action: str) -> list[AuditEntry]:
    """What was noted of this sort."""
    return list(db.session.scalars(select(AuditEntry).where(AuditEntry.action == action)))


@pytest.mark.asvs("16.2.1", "16.2.5", "16.3.2", "16.3.3")
def test_what_is_denied_to_somebody_we_know_is_noted_by_ids_alone(
    app: Flask, client: Client
) -> None:
    worker = a_user(an_organisation("Bow Team", TEAM), Role.LINK_WORKER)
    client.as_(worker)
    assert client.get(f"/caseload/{MADE_UP}?name=Mavis").status_code == 404
    assert client.get("/people").status_code == 404
    assert client.get("/no-such-page").status_code == 404
    noted = [(each.about, each.facts["keys"]) for each in entries("denied")]
    assert sorted(noted) == [("route:linkworker.person", [MADE_UP]), ("route:people.people", [])]
    assert {each.by for each in entries("denied")} == {f"user:{worker.id}"}


@on_sqlite
def test_a_visitor_who_is_lost_is_not_noted(app: Flask, client: Client) -> None:
    assert client.get("/activity/nothing-here").status_code == 404
    assert not entries("denied")


@on_sqlite
def test_a_list_of_people_is_noted_before_it_is_shown(app: Flask, client: Client) -> None:
    client.as_(a_user(an_organisation("Bow Team", TEAM), Role.LINK_WORKER))
    client.get("/caseload")
    assert [each.about for each in entries("page shown")] == ["page:linkworker.people"]


@pytest.mark.asvs("16.2.4")
def test_every_entry_is_an_audit_event_that_others_can_read(app: Flask, client: Client) -> None:
    client.as_(a_user(an_organisation("Bow Team", TEAM), Role.LINK_WORKER))
    client.get("/people")
    events = [AuditEvent(json.loads(line)) for line in export.lines()]
    assert len(events) == db.session.query(AuditEntry).count()
    assert {event.outcome for event in events} == {"0", "4"}


@pytest.mark.asvs("8.2.2", "8.4.1")
def test_an_officer_reads_what_their_own_did_and_what_was_done_to_their_records_alone(
    app: Flask, client: Client
) -> None:
    ours, theirs = an_organisation("Bow Team", TEAM), an_organisation("Far Team", TEAM)
    worker, stranger = (
        a_user(team, Role.LINK_WORKER, name)
        for team, name in ((ours, "Amina Rahman"), (theirs, "Kath Duerden"))
    )
    officer = a_user(ours, Role.IG_OFFICER, "Sunita Mistry")
    mine, other = (a_referral(referrer=a_clinician(a_practice(team))) for team in (ours, theirs))
    with saving():
        looked(actor_for(stranger), about=mine.about, classes=["F3"])
        looked(actor_for(stranger), about=other.about, classes=["F4"])
        staff.take_role(worker, ours, Role.LINK_WORKER, by=BUILDER)
    with clock.set_to(clock.now() + timedelta(days=1)), saving():
        join(worker, theirs, Role.LINK_WORKER, by=BUILDER)
        record(actor_for(worker), "did elsewhere", about="thing:1")
    with clock.set_to(clock.now() + timedelta(days=1, minutes=1)):
        page = client.as_(officer).get("/audit").text
        taken = client.fill_act("/audit/download", on="/audit").text
    for told in (page, taken):
        assert mine.about in told
        assert f"user:{stranger.id}" in told, "they looked at our record"
        assert other.about not in told
        assert "did elsewhere" not in told
    assert "Amina Rahman" in page
    assert "Kath Duerden" not in page
    assert "Amina" not in taken


@on_sqlite
def test_the_anchor_of_the_day_is_sent_to_who_answers_for_the_audit(app: Flask) -> None:
    team = an_organisation("Bow Team", TEAM)
    officer = a_user(team, Role.IG_OFFICER, "Sunita Mistry")
    a_user(team, Role.ORG_ADMIN, "Bernadette Coyle")
    anchor_and_tell()
    letters = db.session.scalars(select(outbox.Letter)).all()
    assert [letter.to_address for letter in letters] == [officer.email]
    assert audit.anchor_today().seal in letters[0].body


@on_sqlite
def test_whoever_runs_the_site_can_check_the_audit(app: Flask, tmp_path: Path) -> None:
    with saving():
        audit.record(BUILDER, "did", about="thing:1")
    kept = str(anchors.keep(anchors.anchor_now(), tmp_path))
    told = app.test_cli_runner().invoke(args=["ops", "verify-audit", "--anchor", kept])
    assert told.exit_code == 0, told.output
    assert "The audit is whole." in told.output
    taken = app.test_cli_runner().invoke(args=["audit", "export", "--since", "2020-01-01"])
    assert '"AuditEvent"' in taken.output
