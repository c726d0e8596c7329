"""Whoever keeps the people of an organisation, and whoever reads who did what."""

import pytest
from flask import Flask

from accounts import OrganisationKind, Role
from tests.builders import a_user, an_organisation
from tests.client import Client
from tests.engines import on_sqlite

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
def test_an_ig_officer_lands_where_it_is_said_who_did_what(app: Flask, client: Client) -> None:
    team = an_organisation("Bow Team", TEAM)
    client.as_(a_user(team, Role.IG_OFFICER, "Sunita Mistry"))
    page = client.get("/desk", follow_redirects=True)
    assert page.request.path == "/audit"
    assert "organisation set up" in page.text
