"""The organiser's desk: keeping true what people read, and nobody else's."""

from collections.abc import Iterator
from datetime import date, timedelta

import html5lib
import pytest
from flask import Flask

from accounts import OrganisationKind, Role, User
from core import clock
from core.db import db
from core.saving import saving
from directory.facts import (
    PlaceFacts,
)
from directory.listings import change_listing, get_service
from directory.models import Service
from directory.rules import Life
from tests.builders import BUILDER, MONDAY_MORNING, a_listing, a_user, an_organisation
from tests.client import Client
from tests.directory.listing_form import NS, WHOLE, an_editors_desk, edit_page, own_page, said_now
from tests.engines import on_sqlite

pytestmark = on_sqlite


@pytest.fixture(autouse=True)
def _monday_morning(app: Flask) -> Iterator[None]:
    with clock.set_to(MONDAY_MORNING):
        yield


@pytest.fixture
def listing(app: Flask) -> Service:
    """A listing that says something of everything."""
    service = a_listing()
    with saving():
        change_listing(service, WHOLE, version=service.version, by=BUILDER)
    return service


@pytest.fixture
def desk(client: Client, listing: Service) -> Client:
    """The keeper of that listing, signed in."""
    return client.as_(a_user(listing.organisation))


def test_one_press_says_that_everything_is_still_right(desk: Client, listing: Service) -> None:
    assert press(desk, listing, "check") == 303
    assert said_now(listing).assured_on == date(2026, 11, 23)
    assert "now says it was checked today" in desk.get("/my-listings").get_data(as_text=True)


def test_pausing_and_going_on_again(desk: Client, listing: Service) -> None:
    assert press(desk, listing, "pause") == 303
    assert "Everything is still right" not in desk.get(own_page(listing)).get_data(as_text=True)
    assert press(desk, listing, "check") == 409
    assert press(desk, listing, "resume") == 303
    assert said(listing) is Life.LIVE


def test_a_draft_is_published_by_its_keeper(client: Client) -> None:
    draft = a_listing(life=Life.DRAFT)
    client.as_(a_user(draft.organisation))
    assert press(client, draft, "publish") == 303
    assert client.get(f"/activities/{draft.slug}").status_code == 200


def test_taking_it_down_and_up_again(desk: Client, listing: Service) -> None:
    assert press(desk, listing, "retire") == 303
    assert said(listing) is Life.RETIRED
    assert desk.get(f"/activities/{listing.slug}").status_code in {404, 410}
    assert press(desk, listing, "revive") == 303
    assert said(listing) is Life.DRAFT
    assert press(desk, listing, "publish") == 303


def test_there_are_no_other_presses(desk: Client, listing: Service) -> None:
    assert press(desk, listing, "doubt") == 404


def press(client: Client, service: Service, what: str) -> int:
    """Press one of the buttons of the page."""
    tree = html5lib.parse(client.get(own_page(service)).get_data(as_text=True))
    [act] = [form for form in tree.iter(f"{NS}form") if form.get("id") == "act"]
    fields = {field.get("name"): field.get("value") for field in act.iter(f"{NS}input")}
    return client.post(f"/my-listings/{service.id}/{what}", data=fields).status_code


def said(service: Service) -> Life:
    db.session.rollback()
    return get_service(service.id).life


def test_the_list_begins_with_what_needs_a_look(client: Client) -> None:
    group = an_organisation()
    today = clock.today()
    a_listing("Fresh", organisation=group, assured_on=today)
    a_listing("Old", organisation=group, assured_on=today - timedelta(days=100))
    a_listing("Never", organisation=group)
    a_listing("Somebody else’s")
    client.as_(a_user(group))
    page = client.get("/my-listings").get_data(as_text=True)
    assert page.index("Never") < page.index("Old") < page.index("Fresh")
    assert "Somebody else’s" not in page
    assert "2 need a look" in page


def test_a_listing_is_found_by_name_group_or_town(client: Client) -> None:
    group = an_organisation("Poplar Rowers")
    a_listing("Rowing for all", organisation=group)
    a_listing("Knitting", organisation=group, places=(PlaceFacts(city="Stratford"),))
    client.as_(a_user(group))

    def found(text: str) -> set[str]:
        page = client.get("/my-listings", query_string={"q": text}).get_data(as_text=True)
        return {name for name in ("Rowing for all", "Knitting") if name in page}

    assert found("rowing ALL") == {"Rowing for all"}
    assert found("poplar") == {"Rowing for all", "Knitting"}
    assert found("stratford") == {"Knitting"}
    assert found("100%") == set()


def test_a_keeper_of_nothing_is_told_whom_to_ring(client: Client) -> None:
    client.as_(a_user(an_organisation()))
    page = client.get("/my-listings").get_data(as_text=True)
    assert "You do not keep any listings yet" in page
    assert "01632 960 111" in page


def test_an_editor_keeps_them_all_page_by_page(client: Client) -> None:
    for number in range(51):
        a_listing(f"Group {number}")
    an_editors_desk(client)
    assert "51 need a look" in client.get("/my-listings").get_data(as_text=True)
    assert client.get("/my-listings?page=2").get_data(as_text=True).count('scope="row"') == 1
    assert client.get("/my-listings?page=3").status_code == 404


def strangers() -> dict[str, User]:
    practice = an_organisation("St Andrews", OrganisationKind.PRACTICE)
    return {
        "another group": a_user(an_organisation("Poplar Rowers")),
        "a clinician": a_user(practice, Role.CLINICIAN),
    }


@pytest.mark.parametrize("who", ["another group", "a clinician"])
def test_nobody_else_can_know_or_change_it(client: Client, listing: Service, who: str) -> None:
    client.as_(strangers()[who])
    assert client.get(edit_page(listing)).status_code == 404
    tree = html5lib.parse(client.get("/").get_data(as_text=True))
    fields = {
        field.get("name"): field.get("value")
        for field in tree.iter(f"{NS}input")
        if field.get("type") == "hidden"
    }
    for path in (edit_page(listing), f"/my-listings/{listing.id}/check"):
        assert client.post(path, data=fields).status_code == 404
    assert said_now(listing) == WHOLE


def test_a_visitor_is_asked_to_sign_in_and_led_on(client: Client, listing: Service) -> None:
    page = client.get(edit_page(listing))
    assert page.status_code == 302
    assert "/sign-in?next=" in page.headers["Location"]
