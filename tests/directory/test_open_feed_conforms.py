"""Directory: what we publish passes the schemas of the Open Referral UK validator, all of it."""

import json

import pytest
from flask import Flask

from core import clock
from tests.builders import MONDAY_MORNING
from tests.client import Client
from tests.directory.open_feed import (
    API,
    ENVELOPE,
    ITEMS,
    a_whole_directory,
    everything,
    faults,
    names,
    pages,
)


@pytest.mark.parametrize("path", ["", "/"])
def test_the_root_says_which_standard_as_the_validator_reads_it(client: Client, path: str) -> None:
    said = client.get(API + path).get_json()
    assert not faults("api_details", said)
    assert said["version"].removeprefix("HSDS-UK-") == "3.0"
    assert said["openapi_url"].endswith("/api/oruk/v3/openapi.json")


@pytest.mark.parametrize("query", ["", "?full=true"])
def test_every_page_of_every_list_fits_its_schema(client: Client, query: str) -> None:
    a_whole_directory()
    for name, item in ITEMS.items():
        for page in pages(client, name + (query if item != "taxonomy" else "")):
            assert set(page) == ENVELOPE
            # The validator's own copy for organisations describes one, not a page of them.
            if name != "organizations":
                assert not faults(f"{item}_list", page), name
            for each in page["contents"]:
                assert not faults(item, each)


def test_every_id_of_every_list_leads_to_a_record_that_fits(client: Client) -> None:
    a_whole_directory()
    for name, item in ITEMS.items():
        ids = [each["id"] for each in everything(client, name)]
        assert ids
        assert len(ids) == len(set(ids))
        for each in ids:
            answer = client.get(f"{API}/{name}/{each}")
            assert answer.status_code == 200, (name, each)
            assert not faults(item, answer.get_json())


def test_a_service_at_a_location_also_passes_as_a_service(client: Client) -> None:
    """The published specification points that address at the schema of services."""
    a_whole_directory()
    for each in everything(client, "service_at_locations"):
        said = client.get(f"{API}/service_at_locations/{each['id']}").get_json()
        assert not faults("service", said)


def test_a_broken_record_is_found_out(client: Client) -> None:
    whole = a_whole_directory()
    said = client.get(f"{API}/services/{whole.id}").get_json()
    for wrong in ({"status": "open"}, {"email": None}, {"url": "shed"}, {"id": "7"}):
        assert faults("service", said | wrong), wrong
    del said["name"]
    assert faults("service", said)


def test_nothing_is_null_and_nothing_is_blank_but_what_an_address_requires(client: Client) -> None:
    a_whole_directory()
    for each in everything(client, "services?full=true"):
        for address in (
            address
            for place in each.pop("service_at_locations", ())
            for address in place["location"].get("addresses", ())
        ):
            assert address["state_province"]
            assert address["city"]
        text = json.dumps(each)
        assert ": null" not in text
        assert ': ""' not in text
        assert ": []" not in text


def test_all_that_is_known_of_a_listing_is_told(client: Client) -> None:
    with clock.set_to(MONDAY_MORNING):
        whole = a_whole_directory()
        said = client.get(f"{API}/services/{whole.id}").get_json()
    assert said["description"] == "<p>Bring something <strong>broken</strong>.</p>"
    assert said["url"] == "https://shed.example/whats-on?week=1"
    assert [(each["byday"], each.get("opens_at")) for each in said["schedules"][:2]] == [
        ("MO,TH", "10:00:00"),
        ("-1FR", None),
    ]
    assert [each.get("amount") for each in said["cost_options"]] == [2.5, 0, None]
    capacities = {each["unit"]["identifier"]: each["available"] for each in said["capacities"]}
    assert capacities == {"places_free": 3, "new_people_per_week": 2}
    place = said["service_at_locations"][0]["location"]
    assert place["addresses"][0]["state_province"] == "Lancashire"
    access = {each["description"] for each in place["accessibility"]}
    assert access == {
        "Step-free access: yes",
        "Sign language interpreter if you ask: no",
    }
    told = {
        each["taxonomy_term"]["code"]: each.get("value")
        for each in said["attributes"]
        if each["link_type"] in {"details", "confirmed"}
    }
    assert told["when_you_arrive"] == "Ask for the kettle."
    assert told["referral_needed"] == "no"
    assert told["time/group"] == "2026-11-23"
    assert "time/imported" not in told
    kinds = [each for each in said["attributes"] if each["link_type"] == "kinds"]
    assert [each["taxonomy_term"]["code"] for each in kinds] == [
        "meeting-people",
        "arts-and-crafts",
    ]


def test_names_and_addresses_of_people_never_leave(client: Client) -> None:
    a_whole_directory()
    for name in ITEMS:
        text = json.dumps(everything(client, f"{name}?full=true"))
        assert "Private" not in text
        assert "walter@" not in text
    (shed,) = everything(client, "services?full=true&search=tools")
    assert {each.get("title") for each in shed["contacts"]} == {"Shed keeper", None}


def test_drafts_and_what_is_retired_are_in_no_list(app: Flask, client: Client) -> None:
    a_whole_directory()
    shown = {f"One that is {life}" for life in ("live", "needs-checking", "paused")}
    found = {name for name in names(client, "services") if name.startswith("One that is")}
    assert found == shown
    found = {
        name for name in names(client, "service_at_locations") if name.startswith("One that is")
    }
    assert found == shown
