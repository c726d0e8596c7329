"""The group's own page: notices in a press or two, what waits, history, undo, and safety."""

from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask

from accounts import OrganisationKind, Role
from core import clock
from core.db import db
from directory import assurance, editing, notices
from directory.listings import get_service, history_of
from directory.models import Service
from directory.rules import AssuranceKind, Life, NoticeKind
from tests.builders import MONDAY_MORNING, a_listing, a_user, an_organisation
from tests.client import Client
from tests.engines import on_sqlite

pytestmark = on_sqlite

CHRISTMAS = {
    "first_on-day": "21",
    "first_on-month": "12",
    "first_on-year": "2026",
    "last_on-day": "3",
    "last_on-month": "1",
    "last_on-year": "2027",
    "words": "The hall is shut.",
}


@pytest.fixture(autouse=True)
def _monday_morning(app: Flask) -> Iterator[None]:
    with clock.set_to(MONDAY_MORNING):
        yield


@pytest.fixture
def listing(app: Flask) -> Service:
    return a_listing()


@pytest.fixture
def desk(client: Client, listing: Service) -> Client:
    return client.as_(a_user(listing.organisation))


def own(service: Service, rest: str = "") -> str:
    return f"/my-listings/{service.id}{rest}"


def now(service: Service) -> Service:
    db.session.rollback()
    return get_service(service.id)


def page_of(desk: Client, service: Service) -> str:
    return desk.get(own(service)).get_data(as_text=True)


def test_one_session_is_cancelled_and_put_back(desk: Client, listing: Service) -> None:
    answers = {"on": "2026-11-24", "words": "Sheila is away."}
    assert desk.fill(own(listing, "/cancel"), answers).status_code == 303
    page = page_of(desk, listing)
    assert "Cancelled on Tuesday 24 November 2026." in page
    assert "Sheila is away." in page
    [notice] = notices.to_come(now(listing), clock.today())
    path = own(listing, f"/notices/{notice.id}/down")
    assert desk.fill_act(path, on=own(listing)).status_code == 303
    assert notices.to_come(now(listing), clock.today()) == []


def test_another_date_is_named_and_a_day_without_a_session_is_refused(
    desk: Client, listing: Service
) -> None:
    other = {"other-day": "26", "other-month": "1", "other-year": "2027"}
    assert desk.fill(own(listing, "/cancel"), {"on": "another", **other}).status_code == 303
    page = desk.fill(own(listing, "/cancel"), {"on": "another"})
    assert page.status_code == 422
    assert "Enter the date of the session that is off" in page.text
    wednesday = {**other, "other-day": "27"}
    page = desk.fill(own(listing, "/cancel"), {"on": "another", **wednesday})
    assert page.status_code == 409
    assert "no session on Wed 27 Jan 2027" in page.text


def test_a_pause_for_christmas_is_told_beforehand(desk: Client, listing: Service) -> None:
    assert desk.fill(own(listing, "/days-off"), CHRISTMAS).status_code == 303
    assert "Not on from Monday 21 December 2026 to Sunday 3 January 2027." in page_of(desk, listing)
    assert now(listing).life is Life.LIVE
    backwards = {**CHRISTMAS, "last_on-year": "2026"}
    assert desk.fill(own(listing, "/days-off"), backwards).status_code == 422


def test_full_this_week_is_one_press(desk: Client, listing: Service) -> None:
    assert desk.fill_act(own(listing, "/full"), on=own(listing)).status_code == 303
    assert "Full this week." in page_of(desk, listing)
    [notice] = now(listing).notices
    assert (notice.kind, notice.last_on) == (NoticeKind.FULL, date(2026, 11, 29))


def test_news_is_shown_until_its_day(desk: Client, listing: Service) -> None:
    news = {"words": "We meet at the library.", "until-day": "30", "until-month": "11"}
    page = desk.fill(own(listing, "/news"), news)
    assert page.status_code == 422
    assert desk.fill(own(listing, "/news"), {**news, "until-year": "2026"}).status_code == 303
    assert "We meet at the library." in page_of(desk, listing)


def test_what_waits_is_shown_with_its_reason_and_can_be_taken_back(
    desk: Client, listing: Service
) -> None:
    answers = {"phone": "01632 960 777", "contact_name": ""}
    page = desk.fill(own(listing, "/edit/contact"), answers, follow_redirects=True)
    assert "An editor looks at this first" in page.text
    assert "Waiting for an editor" in page.text
    assert "01632 960 777" in page.text
    assert "would send people to a stranger" in page.text
    change = editing.waiting_for(listing)
    assert change is not None
    path = own(listing, f"/changes/{change.id}/withdraw")
    assert desk.fill_act(path, on=own(listing)).status_code == 303
    assert "Waiting for an editor" not in page_of(desk, listing)


def test_the_history_shows_what_was_changed_and_undoes_it(desk: Client, listing: Service) -> None:
    about = {"name": "Knitting", "summary": "Bring wool.", "kind": "meeting-people"}
    assert desk.fill(own(listing, "/edit/about"), about).status_code == 303
    page = desk.get(own(listing, "/history")).text
    assert "<ins>" in page
    assert "Knit and natter" in page
    step = next(each for each in history_of(now(listing)) if each.said_before is not None)
    path = own(listing, f"/undo/{step.id}")
    assert desk.fill_act(path, on=own(listing, "/history")).status_code == 303
    assert now(listing).name == "Knit and natter"
    assert desk.fill_act(path, on=own(listing, "/history")).status_code == 409


def test_a_group_says_how_it_keeps_people_safe(desk: Client, listing: Service) -> None:
    said = {
        "insurance-has": "y",
        "insurance-words": "£5 million",
        "insurance-expires_on-day": "31",
        "insurance-expires_on-month": "3",
        "insurance-expires_on-year": "2027",
        "safeguarding_lead-has": "y",
        "safeguarding_lead-words": "Joan Ayers",
    }
    assert desk.fill(own(listing, "/safety"), said).status_code == 303
    page = page_of(desk, listing)
    assert "until Wednesday 31 March 2027" in page
    assert "Joan Ayers" not in page
    assert "Joan Ayers" in desk.get(own(listing, "/safety")).text
    assert desk.fill(own(listing, "/safety"), {}).status_code == 303
    assert assurance.said_by(listing.organisation_id) == {}


def test_an_editor_has_seen_the_paper_and_a_group_cannot_say_so(
    client: Client, listing: Service
) -> None:
    client.as_(a_user(listing.organisation))
    client.fill(own(listing, "/safety"), {"insurance-has": "y"})
    seen = own(listing, "/safety/insurance/seen")
    assert client.fill_act(seen, on=own(listing, "/safety")).status_code == 404
    council = an_organisation("Tower Hamlets Council", OrganisationKind.COUNCIL)
    client.as_(a_user(council, Role.EDITOR))
    assert client.fill_act(seen, on=own(listing, "/safety")).status_code == 303
    said = assurance.said_by(listing.organisation_id)[AssuranceKind.INSURANCE]
    assert said.seen_on == date(2026, 11, 23)


def test_nobody_else_reaches_a_groups_tools(client: Client, listing: Service) -> None:
    mine = a_listing("Rowing", organisation=an_organisation("Poplar Rowers"))
    client.as_(a_user(mine.organisation))
    for rest in ("", "/cancel", "/days-off", "/news", "/history", "/safety"):
        assert client.get(own(listing, rest)).status_code == 404
    for rest in ("/full", f"/undo/{history_of(listing)[0].id}"):
        assert client.fill_act(own(listing, rest), on=own(mine)).status_code == 404
    theirs = own(mine, f"/undo/{history_of(listing)[0].id}")
    assert client.fill_act(theirs, on=own(mine)).status_code == 404


def test_everybody_reads_what_holds_for_now_and_how_people_are_kept_safe(
    desk: Client, listing: Service
) -> None:
    desk.fill(own(listing, "/cancel"), {"on": "2026-11-24", "words": "Sheila is away."})
    desk.fill(own(listing, "/safety"), {"first_aid-has": "y"})
    page = desk.get(f"/activities/{listing.slug}").text
    assert "<b>Cancelled on Tuesday 24 November 2026.</b> Sheila is away." in page
    assert "A trained first aider: the group says so" in page
