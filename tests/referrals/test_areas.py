"""Which team looks after a postcode: the longest beginning wins, and no two teams share one."""

import pytest
from flask import Flask

from accounts import Role, join
from core.errors import Forbidden, Refused
from core.saving import saving
from referrals.person.areas import beginnings_of, look_after, team_for
from tests.client import Client
from tests.engines import on_sqlite
from tests.referral_builders import TEST, a_link_worker, as_actor
from tests.referrals.person_builders import a_team_near


def test_the_longest_beginning_wins(app: Flask) -> None:
    wide, narrow = a_team_near("E3", "E14"), a_team_near("E3 3")
    assert team_for("e33bq") == narrow
    assert team_for("E3 2AT") == wide
    assert team_for("E14 6PG") == wide
    assert team_for("PR1 3SB") is None
    assert team_for("nowhere") is None


def test_no_two_teams_look_after_the_same(app: Flask) -> None:
    a_team_near("E3")
    with pytest.raises(Refused):
        a_team_near("E3")
    assert team_for("E3 3BQ") is not None


def test_a_lead_says_where_their_own_team_works_and_no_others(app: Flask) -> None:
    team = a_team_near("E14", "E3")
    assert beginnings_of(team.id) == ["E3", "E14"]
    with pytest.raises(Forbidden), saving():
        look_after(team, ["E3"], by=as_actor(a_link_worker(team)))


@on_sqlite
def test_the_lead_keeps_the_list_on_a_page(app: Flask, client: Client) -> None:
    team = a_team_near("E3")
    lead = a_link_worker(team)
    with saving():
        join(lead, team, Role.TEAM_LEAD, by=TEST)
    desk = client.as_(lead)
    assert desk.fill("/team/area", {"begins": "E3\nBow"}).status_code == 422
    assert desk.fill("/team/area", {"begins": "e3\r\n e14 6 "}).status_code == 303
    assert beginnings_of(team.id) == ["E3", "E14 6"]
