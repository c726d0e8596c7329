"""Directory: the questions of the open feed narrow it truly, and its pages hold still."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask

from core import clock
from core.db import db
from core.saving import saving
from directory.facts import PlaceFacts
from directory.identity import taxonomy_id, term_id
from directory.listings import step
from directory.models import Service
from directory.rules import Attending, Life, Step
from tests.builders import BUILDER, MONDAY_MORNING, a_listing, an_organisation
from tests.client import Client
from tests.directory.open_feed import API, a_whole_directory, everything, names

SHED = "Men’s shed & tools"


def asked(client: Client, **questions: Any) -> set[str]:
    return names(client, f"services?{urlencode(questions)}")


def test_the_five_questions_of_the_first_validator_bring_the_service_back(client: Client) -> None:
    a_whole_directory()
    sample = [
        {"minimum_age": 50, "maximum_age": 99},
        {"proximity": 1000, "postcode": "PR1 2HE"},
        {"start_time": "10:00", "end_time": "12:30", "day": "MO"},
        {"taxonomy_id": str(term_id("kinds", "arts-and-crafts")), "vocabulary": "kinds"},
        {"text": "broken"},
    ]
    for questions in sample:
        assert asked(client, **questions) == {SHED}, questions


def test_questions_add_up_and_leave_out_what_does_not_answer(client: Client) -> None:
    a_whole_directory()
    assert asked(client, minimum_age=51) == set()
    assert asked(client, maximum_age=98) == set()
    assert asked(client, search="broken strong-box") == set()
    assert asked(client, search="BROKEN shed") == {SHED}
    assert asked(client, search="100%") == set()
    assert SHED not in asked(client, day="TU")
    assert asked(client, day="SA") == {SHED}, "once only, on a Saturday in December"
    assert asked(client, day="SA", start_time="15:00") == set()
    # On Fridays nothing is known of its times, and at ten it is on Mondays.
    assert asked(client, day="FR", start_time="10:00") == set()
    assert asked(client, taxonomy_id=str(taxonomy_id("Lancashire list"))) == {SHED}
    assert asked(client, taxonomy_term_id=str(term_id("kinds", "food"))) == set()


def test_a_postcode_alone_means_five_miles_and_whoever_is_on_the_telephone(client: Client) -> None:
    a_whole_directory()
    phoned = "Telephone friends"
    assert asked(client, postcode="PR1 2HE") == {SHED, phoned}
    assert asked(client, postcode="PR1 2HE", proximity=0.5) == {SHED}
    near = asked(client, postcode="E3 3BQ")
    assert {"Knitting 1", phoned} <= near
    assert SHED not in near
    assert asked(client, postcode="ZZ9 9ZZ") == set()


@pytest.mark.parametrize(("metres", "is_found"), [(1_200, True), (1_000, False)])
def test_metres_are_metres(client: Client, metres: int, is_found: bool) -> None:
    a_listing("There", places=(PlaceFacts(latitude=53.7690, longitude=-2.7040),))
    near = "53.7690,-2.7200"  # 1,053 m to the west
    from directory.feeds.published import Wanted, how_many, services
    from directory.places import find_place

    wanted = Wanted(near=find_place(near), proximity=metres)
    assert how_many(services(wanted)) == int(is_found)


def test_what_one_group_offers_can_be_asked_for(client: Client) -> None:
    whole = a_whole_directory()
    assert asked(client, organization_id=str(whole.organisation_id)) == {SHED}
    said = client.get(f"{API}/organizations/{whole.organisation_id}").get_json()
    assert [each["name"] for each in said["services"]] == [SHED]
    assert names(client, "organizations?search=preston") == {"Preston Shed"}


def test_who_asks_what_changed_hears_of_what_went(client: Client) -> None:
    with clock.set_to(MONDAY_MORNING):
        stays, goes = a_listing("Stays"), a_listing("Goes")
        a_listing("Never shown", life=Life.DRAFT)
        revived = a_listing("Begun anew")
    later = MONDAY_MORNING + timedelta(days=1)
    with clock.set_to(later), saving():
        for each in (goes, revived):
            step(db.session.get_one(Service, each.id), Step.RETIRE, by=BUILDER)
        step(db.session.get_one(Service, revived.id), Step.REVIVE, by=BUILDER)
    since = (MONDAY_MORNING + timedelta(hours=1)).isoformat()
    told = {
        each["name"]: each["status"]
        for each in everything(client, f"services?{urlencode({'modified_after': since})}")
    }
    assert told == {"Goes": "defunct", "No longer listed": "defunct"}
    assert names(client, "services") == {"Stays"}
    gone = client.get(f"{API}/services/{goes.id}").get_json()
    assert gone["status"] == "defunct"
    at_first = MONDAY_MORNING.isoformat().replace("+00:00", "Z")
    assert asked(client, modified_after=at_first) == {"Stays", "Goes", "No longer listed"}
    assert stays.name == "Stays"


def test_a_listing_that_was_never_public_is_unknown(client: Client) -> None:
    draft = a_listing("Secret", life=Life.DRAFT)
    assert client.get(f"{API}/services/{draft.id}").status_code == 404
    place = draft.places[0].id
    assert client.get(f"{API}/service_at_locations/{place}").status_code == 404
    organisation = draft.organisation_id
    assert client.get(f"{API}/organizations/{organisation}").status_code == 404


def test_pages_hold_every_listing_once_in_one_order(client: Client) -> None:
    a_whole_directory()
    by_page = [each["id"] for each in everything(client, "services")]
    assert by_page == sorted(by_page)
    assert by_page == [each["id"] for each in everything(client, "services?full=true")]
    beyond = client.get(f"{API}/services?page=999").get_json()
    assert beyond["empty"]
    assert beyond["last_page"]
    assert not beyond["first_page"]
    assert beyond["total_items"] == len(by_page)


def test_minimal_gives_ids_and_dates_on_one_page(client: Client) -> None:
    a_whole_directory()
    said = client.get(f"{API}/services?minimal=true").get_json()
    assert said["total_pages"] == 1
    assert {*said["contents"][0]} == {"id", "modified_date", "last_modified"}
    assert len(said["contents"]) == said["total_items"] > 7


@pytest.mark.parametrize("query", ["", "&full=true", "&minimal=true"])
def test_lines_hold_what_the_pages_hold(client: Client, query: str) -> None:
    a_whole_directory()
    for name in ("services", "service_at_locations", "organizations", "taxonomy_terms"):
        if name != "services" and "minimal" in query:
            continue
        answer = client.get(f"{API}/{name}?format=ndjson{query}")
        assert answer.mimetype == "application/x-ndjson"
        lines = [json.loads(line) for line in answer.text.splitlines()]
        path = f"{name}?{query.removeprefix('&')}"
        assert sorted(map(repr, lines)) == sorted(map(repr, everything(client, path)))


def test_a_full_page_asks_the_database_no_more_than_a_small_one(app: Flask, client: Client) -> None:
    from sqlalchemy import event

    group = an_organisation()
    asked_for: list[str] = []

    def note(*told: Any) -> None:
        asked_for.append(str(told[2]))

    def cost(path: str) -> int:
        asked_for.clear()
        event.listen(db.engine, "before_cursor_execute", note)
        try:
            assert client.get(f"{API}/{path}").status_code == 200
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        return len(asked_for)

    paths = ("services?full=true", "service_at_locations?full=true", "services")
    for _ in range(2):
        a_listing(organisation=group, attending=Attending.VENUE)
    few = [cost(path) for path in paths]
    for _ in range(10):
        a_listing(organisation=group)
    assert [cost(path) for path in paths] == few
