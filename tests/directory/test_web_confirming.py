"""The page behind a letter to a group: one tap if all is right, a change if not; no password."""

from datetime import date, timedelta

import pytest
from flask import Flask

from core import clock, links
from core.actors import system
from core.db import db
from core.saving import saving
from directory.editing import waiting_changes
from directory.freshness.enquiries import go_round
from directory.freshness.evidence import evidence_of
from directory.freshness.keeper_links import CONFIRM_LISTING
from directory.listings import get_service, step
from directory.models import Service
from directory.rules import Aspect, How, Life, Step
from tests.builders import MONDAY_MORNING, a_listing, an_editor, an_organisation
from tests.client import Client
from tests.directory.test_enquiries import GROUP, letters, link_in, morning


def a_link(service: Service) -> str:
    """The path of a link to what people read about a listing, as a letter has it."""
    with saving():
        token = links.make(
            CONFIRM_LISTING,
            about=f"service:{service.id}",
            for_whom="Knitters",
            lasts=timedelta(days=14),
            by=system("test"),
        )
    return f"/still-right/{token}"


def again(service: Service) -> Service:
    db.session.rollback()
    db.session.expire_all()
    return get_service(service.id)


def hows(service: Service) -> set[How | None]:
    return {check.how if check else None for check in evidence_of(service).values()}


def test_a_group_is_asked_taps_once_and_is_fresh(client: Client) -> None:
    group = an_organisation(email=GROUP)
    with clock.set_to(MONDAY_MORNING), saving():
        service = a_listing(organisation=group)
        step(service, Step.CHECK, by=an_editor())
    with clock.set_to(morning(300)):
        go_round()
        path = "/still-right/" + link_in(letters()[0]).rpartition("/")[2]
        page = client.get(path)
        assert "Please look at: price and time" in page.text
        answer = client.fill_act(f"{path}/right", on=path, listing=str(service.id))
        assert answer.status_code == 303
        assert "It says that it was checked today" in client.get(path).text
        assert again(service).assured_on == morning(300).date()
    assert hows(service) == {How.GROUP}
    assert get_service(service.id).life is Life.LIVE


@pytest.mark.asvs("3.5.3")
def test_a_mail_scanner_that_opens_the_links_changes_nothing(client: Client) -> None:
    service = a_listing()
    path = a_link(service)
    before = again(service).version
    for each in (path, f"{path}/{service.id}", f"{path}/{service.id}/cost", f"{path}/new"):
        assert client.get(each).status_code == 200
        assert client.head(each).status_code == 200
    assert client.get(f"{path}/right").status_code == 405
    assert client.head(f"{path}/right").status_code == 405
    assert again(service).version == before
    assert hows(service) == {None}


def test_the_page_is_a_secret_between_us_and_the_group(client: Client) -> None:
    answer = client.get(a_link(a_listing()))
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex"


def test_one_tap_can_say_it_of_all_the_group_has(client: Client) -> None:
    group = an_organisation(email=GROUP)
    knit, sew = a_listing("Knit", organisation=group), a_listing("Sew", organisation=group)
    path = a_link(knit)
    assert "All of these are still right" in client.get(path).text
    client.fill_act(f"{path}/right", on=path)
    assert again(knit).assured_on == again(sew).assured_on == clock.today()


def test_a_link_opens_the_listings_of_one_address_and_no_other(client: Client) -> None:
    group = an_organisation()
    ours = a_listing("Ours", organisation=group, email="a@hall.example")
    theirs = a_listing("Theirs", organisation=group, email="b@hall.example")
    path = a_link(ours)
    assert "Theirs" not in client.get(path).text
    assert client.get(f"{path}/{theirs.id}").status_code == 404
    answer = client.fill_act(f"{path}/right", on=path, listing=str(theirs.id))
    assert answer.status_code == 404
    assert again(theirs).assured_on is None


def test_what_has_changed_is_changed_without_a_password(client: Client) -> None:
    service = a_listing()
    path = a_link(service)
    assert "What has changed?" in client.get(f"{path}/{service.id}").text
    answer = client.fill(f"{path}/{service.id}/cost", {"cost": "paid", "amount": "2.50"})
    assert answer.status_code == 303
    assert [str(each.amount) for each in again(service).cost_options] == ["2.50"]
    price = evidence_of(service)[Aspect.PRICE]
    assert price is not None
    assert price.how is How.GROUP


def test_new_contact_details_wait_for_an_editor_and_are_not_taken_as_right(
    client: Client,
) -> None:
    service = a_listing()
    path = a_link(service)
    client.fill(f"{path}/{service.id}/contact", {"phone": "01632 960 777"})
    assert [each.service_id for each in waiting_changes()] == [service.id]
    assert "An editor is looking" in client.get(f"{path}/{service.id}").text
    client.fill_act(f"{path}/right", on=path, listing=str(service.id))
    known = evidence_of(again(service))
    assert known[Aspect.CONTACT] is None
    assert known[Aspect.PRICE] is not None


def test_what_is_typed_wrongly_is_asked_again(client: Client) -> None:
    service = a_listing()
    answer = client.fill(f"{a_link(service)}/{service.id}/cost", {"cost": "paid", "amount": ""})
    assert answer.status_code == 422
    assert "Enter how much it costs" in answer.text


def test_a_group_can_say_that_it_is_away(client: Client) -> None:
    service = a_listing()
    path = a_link(service)
    with clock.set_to(MONDAY_MORNING):
        days = {
            **parts("first_on", MONDAY_MORNING.date()),
            **parts("last_on", MONDAY_MORNING.date() + timedelta(days=14)),
        }
        assert client.fill(f"{path}/{service.id}/days-off", days).status_code == 303
    assert len(again(service).notices) == 1


def test_a_hidden_listing_comes_back_with_one_tap(client: Client) -> None:
    service = a_listing(life=Life.HIDDEN)
    path = a_link(service)
    assert "People cannot find it now" in client.get(path).text
    client.fill_act(f"{path}/right", on=path, listing=str(service.id))
    assert again(service).life is Life.LIVE


def test_a_link_that_has_run_out_brings_a_new_one_to_the_address_on_record(
    client: Client,
) -> None:
    service = a_listing(organisation=an_organisation(email=GROUP))
    with clock.set_to(MONDAY_MORNING):
        path = a_link(service)
    with clock.set_to(morning(15)):
        page = client.get(path)
        assert page.status_code == 410
        assert f"{path}/new" in page.text
        assert client.fill_act(f"{path}/right", on=f"{path}/new").status_code == 410
        for _ in range(2):
            answer = client.fill(f"{path}/new", {}, follow_redirects=True)
            assert "If we have an address for your group" in answer.text
            assert GROUP not in answer.text
        [letter] = letters()
        assert letter.to_address == GROUP
        assert client.get("/still-right/" + link_in(letter).rpartition("/")[2]).status_code == 200


def test_a_stranger_is_told_the_same_and_nothing_is_sent(client: Client) -> None:
    a_listing(organisation=an_organisation(email=GROUP))
    assert client.get("/still-right/made-up").status_code == 404
    answer = client.fill("/still-right/made-up/new", {}, follow_redirects=True)
    assert "If we have an address for your group" in answer.text
    assert not letters()


def test_a_listing_that_was_taken_down_is_not_opened(client: Client, app: Flask) -> None:
    service = a_listing(life=Life.RETIRED)
    assert client.get(a_link(service)).status_code == 404


def parts(name: str, day: date) -> dict[str, int]:
    return {f"{name}-day": day.day, f"{name}-month": day.month, f"{name}-year": day.year}
