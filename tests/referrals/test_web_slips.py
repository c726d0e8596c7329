"""Slips on the web: handed over in one press, looked up by anybody, ticked by the group."""

import re

import pytest

from core.db import db
from core.saving import saving
from directory import Service
from directory.listings import step
from directory.rules import Step
from referrals.groups.keys import register_key
from referrals.models import Slip
from referrals.slips import MOST_WRONG, written
from tests.builders import a_listing
from tests.client import Client
from tests.engines import on_sqlite
from tests.referral_builders import TEST, a_clinician, a_link_worker

pytestmark = on_sqlite


@pytest.fixture
def service(client: Client) -> Service:
    return a_listing("Knit and natter")


@pytest.fixture
def code(client: Client, service: Service) -> str:
    """The code of a slip that a clinician has just handed over, as it is printed."""
    client.as_(a_clinician())
    page = f"/activities/{service.slug}"
    answer = client.fill_form(page, f"{page}/slip")
    assert answer.status_code == 303
    found = answer.location.rpartition("/")[2]
    assert re.fullmatch(r"[2-9B-Z]{4}-[2-9B-Z]{4}", found)
    return found


def the_slip() -> Slip:
    db.session.rollback()
    return db.session.scalars(db.select(Slip)).one()


def test_a_clinician_prints_or_texts_a_slip(client: Client, code: str) -> None:
    page = client.get(f"/slip/{code}").text
    sms = re.search(r'href="(sms:[^"]+)"', page)
    assert sms
    assert code in sms[1]
    assert code in client.get(f"/slip/{code}/paper").text
    assert the_slip().looked_up_on is None, "it is for somebody else to look up"


def test_anybody_looks_a_slip_up_and_can_ask_for_help_with_it(client: Client, code: str) -> None:
    client.delete_cookie("kith_session")
    visitor = client.application.test_client()
    assert isinstance(visitor, Client)
    answer = visitor.fill("/slip", {"code": code.lower().replace("-", " ")})
    assert answer.location == f"/slip/{code}"
    page = visitor.get(answer.location).text
    assert "Knit and natter" in page
    assert f"/ask-for-help?slip={code}" in page
    assert the_slip().looked_up_on is not None


@pytest.mark.asvs("2.4.1")
def test_a_wrong_code_is_said_and_too_many_are_stopped(client: Client, code: str) -> None:
    visitor = client.application.test_client()
    assert isinstance(visitor, Client)
    page = visitor.get("/slip")
    for _try in range(MOST_WRONG):
        page = visitor.send_form(page, "/slip", code="2222-2222")
        assert page.status_code == 422
    assert "We do not know this code" in page.text
    assert visitor.get(f"/slip/{code}").status_code == 429, "not even the right one now"


def test_a_slip_of_an_activity_that_has_stopped_says_so(
    client: Client, code: str, service: Service
) -> None:
    with saving():
        step(service, Step.RETIRE, by=TEST)
    assert "This activity is not on any more" in client.get(f"/slip/{code}").text


def test_the_group_ticks_its_slip_and_no_other(client: Client, code: str, service: Service) -> None:
    with saving():
        own = register_key(service, by=TEST)
        others = register_key(a_listing("Old friends"), by=TEST)
    token, other = (path.rpartition("/")[2] for path in (own, others))
    assert "Somebody brought a slip" in client.get(own).text
    assert client.fill(f"/g/slip/{other}", {"code": code}).status_code == 422
    assert the_slip().ticked_on is None
    assert client.fill(f"/g/slip/{token}", {"code": code}).status_code == 303
    assert the_slip().ticked_on is not None


def test_only_who_refers_hands_over_a_slip(client: Client, service: Service) -> None:
    page = f"/activities/{service.slug}"
    client.as_(a_link_worker())
    assert "Hand over a slip" not in client.get(page).text
    assert client.fill_form("/caseload", f"{page}/slip").status_code == 404


def test_a_practice_reads_how_its_slips_went(client: Client, code: str) -> None:
    page = client.get("/what-happened").text
    assert "1 slip, with nobody’s name." in page
    assert written(the_slip().code) == code
    assert code not in page
