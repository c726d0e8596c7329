"""Whoever keeps the people of an organisation, and whoever reads who did what."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from accounts import (
    May,
    Organisation,
    OrganisationKind,
    Role,
    User,
    actor_for,
    leaving,
    reviewing,
    staff,
)
from accounts.rules import Decision
from core import clock, outbox
from core.actors import Actor
from core.db import db
from core.errors import Forbidden, NotFound, Refused
from core.ops import findings
from core.saving import saving
from referrals import Status
from tests.builders import a_user, an_admin_of, an_organisation
from tests.client import Client
from tests.engines import on_sqlite
from tests.referral_builders import a_referral

TEAM = OrganisationKind.LINK_WORKER_TEAM


@pytest.mark.asvs("8.2.2", "8.4.1")
@on_sqlite
def test_an_administrator_sees_the_people_of_their_own_organisation_only(
    app: Flask, client: Client
) -> None:
    ours, theirs = an_organisation("Bow Team", TEAM), an_organisation("Far Team", TEAM)
    a_user(ours, Role.LINK_WORKER, "Amina Rahman")
    a_user(theirs, Role.LINK_WORKER, "Kath Duerden")
    client.as_(a_user(ours, Role.ORG_ADMIN, "Bernadette Coyle"))
    page = client.get("/desk", follow_redirects=True)
    assert page.request.path == "/people"
    assert "Amina Rahman" in page.text
    assert "Kath Duerden" not in page.text


@on_sqlite
def test_an_ig_officer_reads_who_did_what(app: Flask, client: Client) -> None:
    team = an_organisation("Bow Team", TEAM)
    client.as_(a_user(team, Role.IG_OFFICER, "Sunita Mistry"))
    page = client.get("/audit")
    taken = client.fill_act("/audit/download", on="/audit")
    assert '"resourceType": "AuditEvent"' in taken.text.partition("\n")[0]
    assert "organisation set up" in page.text


@pytest.fixture
def team(app: Flask) -> Organisation:
    """A team of link workers."""
    return an_organisation("Bow Team", TEAM)


def added(team: Organisation, by: Actor, **changes: Any) -> tuple[User, str]:
    """Somebody new."""
    with saving():
        said = {"email": "new@bow.example", "name": "Nell New", "roles": [Role.LINK_WORKER]}
        said |= changes
        return staff.invite(team, said["email"], said["name"], said["roles"], job="", by=by)


def test_who_is_added_chooses_their_own_password_behind_a_link_that_works_once(
    team: Organisation, client: Client
) -> None:
    user, path = added(team, an_admin_of(team))
    [letter] = db.session.scalars(select(outbox.Letter)).all()
    assert (letter.to_address, path in letter.body) == (user.email, True)
    assert not user.password_hash
    assert client.get(path).status_code == 200


def test_nobody_keeps_the_people_of_another_organisation(team: Organisation) -> None:
    other = an_admin_of(an_organisation("Far Team", TEAM))
    with pytest.raises(NotFound):
        added(team, other)


def test_nobody_changes_what_they_may_do_themselves(team: Organisation) -> None:
    admin = a_user(team, Role.ORG_ADMIN)
    with saving(), pytest.raises(Forbidden):
        staff.set_roles(admin, team, [Role.LINK_WORKER], by=actor_for(admin))


def test_roles_are_given_and_taken_at_once(team: Organisation) -> None:
    admin, user = an_admin_of(team), a_user(team, Role.LINK_WORKER)
    with saving():
        staff.set_roles(user, team, [Role.TEAM_LEAD], by=admin)
    assert staff.roles_in(team.id, user) == (Role.TEAM_LEAD,)
    assert actor_for(user).may(May.LEAD_TEAM)


def test_who_leaves_is_signed_out_everywhere_in_the_same_moment(
    team: Organisation, client: Client
) -> None:
    admin, user = an_admin_of(team), a_user(team, Role.LINK_WORKER)
    client.as_(user)
    assert client.get("/caseload").status_code == 200
    with saving():
        leaving.leave(user, team, to=None, by=admin)
    assert client.get("/caseload").status_code == 302
    assert user.disabled_at is not None


@on_sqlite
def test_a_way_in_for_somebody_who_has_left_is_found(team: Organisation, client: Client) -> None:
    user, _path = added(team, an_admin_of(team))
    client.as_(user)
    assert not findings.all_of(findings.IN_ROWS)
    with saving():
        user.disabled_at = clock.now()  # as nobody but a hand in the database does it
    found = [each.partition(":")[0] for each in findings.all_of(findings.IN_ROWS)]
    assert found == [
        "a session of somebody who has left",
        "a link by which somebody who has left could choose a password",
    ]


def test_nobody_leaves_while_people_are_theirs_to_look_after(app: Flask) -> None:
    referral = a_referral(status=Status.IN_PROGRESS)
    team, worker = referral.to_organisation, referral.owner
    assert worker is not None
    admin, colleague = an_admin_of(team), a_user(team, Role.LINK_WORKER, "Col League")
    with saving(), pytest.raises(Refused):
        leaving.leave(worker, team, to=None, by=admin)
    with saving():
        leaving.leave(worker, team, to=colleague, by=admin)
    assert referral.owner == colleague
    assert leaving.held_by(worker, team) == 0


def test_who_does_not_come_for_ninety_days_is_shut_out_until_let_in_again(
    team: Organisation,
) -> None:
    admin = an_admin_of(team)
    with clock.set_to(clock.now() - timedelta(days=91)):
        user = a_user(team, Role.LINK_WORKER)
    leaving.suspend_dormant()
    assert [each.is_asleep for each in staff.people_of(team.id)] == [False, True]
    with saving():
        staff.wake(user, team, by=admin)
    assert user.disabled_at is None


def test_every_quarter_somebody_signs_for_each(team: Organisation) -> None:
    admin, user = an_admin_of(team), a_user(team, Role.LINK_WORKER)
    with clock.set_to(datetime(2026, 11, 23, tzinfo=UTC)), saving():
        reviewing.sign(user, team, Decision.KEEP, by=admin)
        assert reviewing.percent_signed(team) == 50
    with clock.set_to(datetime(2027, 1, 4, tzinfo=UTC)):
        assert reviewing.percent_signed(team) == 0


def test_the_screens_of_an_administrator(app: Flask, client: Client) -> None:
    referral = a_referral(status=Status.IN_PROGRESS)
    team, user = referral.to_organisation, referral.owner
    assert user is not None
    colleague = a_user(team, Role.TEAM_LEAD, "Col League")
    client.as_(a_user(team, Role.ORG_ADMIN, "Bernadette Coyle"))
    whole, one = f"/people/{team.id}", f"/people/{team.id}/{user.id}"
    said = {"name": "Nell New", "email": "new@bow.example", "job": "", "roles": ["link-worker"]}
    assert client.fill(f"{whole}/add", {**said, "email": "no"}).status_code == 422
    page = client.fill(f"{whole}/add", said, follow_redirects=True)
    assert "Nell New" in page.text
    client.fill(one, {"roles": ["link-worker", "team-lead"]}, follow_redirects=True)
    assert staff.roles_in(team.id, user) == (Role.LINK_WORKER, Role.TEAM_LEAD)
    page = client.fill(f"{one}/review", {"decision": "end"}, follow_redirects=True)
    assert page.request.path == f"{one}/leave"
    assert "They look after 1 person." in page.text
    assert "25%" in client.get(f"{whole}/review").text
    assert client.fill(f"{one}/leave", {"to": ""}).status_code == 422
    page = client.fill(f"{one}/leave", {"to": str(colleague.id)}, follow_redirects=True)
    assert user.name not in page.text
    assert referral.owner == colleague


@on_sqlite
def test_the_operator_enters_an_organisation_and_its_first_people(app: Flask) -> None:
    run = app.test_cli_runner().invoke
    run(args=["accounts", "add-organisation", "Bow Team", "--kind", "link-worker-team"])
    told = run(
        args=["accounts", "add-user", "Bow Team", "--role", "org-admin"],
        input="Bernadette Coyle\nb@bow.example\n",
    )
    assert "/choose-password/" in told.output
    assert "Bernadette Coyle <b@bow.example>: org-admin" in run(args=["accounts", "list"]).output
    told = run(args=["accounts", "end-user", "Bow Team"], input="b@bow.example\n")
    assert "Handed over: 0." in told.output
