"""One activity: its sessions, its calendar, how to pass it on, what search engines are told."""

import json
import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from icalendar import Calendar

from core import clock
from core.saving import saving
from directory.facts import CostFacts, PlaceFacts, ScheduleFacts
from directory.listings import step
from directory.models import Service
from directory.notices import cancel_session, pause_between, say_full
from directory.rules import Access, Answer, Attending, Frequency, Life, Step
from directory.short_links import code_of
from tests.builders import BUILDER, MONDAY_MORNING, a_listing
from tests.client import Client
from tests.engines import on_sqlite

pytestmark = on_sqlite

SCHEMA = "https://schema.org/"
MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d[+-]\d\d:\d\d)?")
NEEDED: dict[str, tuple[str, ...]] = {
    "Event": ("name", "startDate", "location", "eventStatus", "eventAttendanceMode", "organizer"),
    "Service": ("name", "provider"),
    "Schedule": ("repeatFrequency", "scheduleTimezone", "startDate"),
    "Place": ("name", "address"),
    "PostalAddress": ("addressCountry",),
    "GeoCoordinates": ("latitude", "longitude"),
    "Organization": ("name",),
    "Offer": ("price", "priceCurrency", "availability", "url"),
    "VirtualLocation": ("url",),
    "PeopleAudience": (),
    "ServiceChannel": (),
    "ContactPoint": ("telephone",),
    "LocationFeatureSpecification": ("name", "value"),
}
"""What each thing must say to be shown (standards: schema.org, and Google's rules for events)."""

STATUSES = {"EventScheduled", "EventCancelled", "EventPostponed", "EventRescheduled"}
MODES = {f"{name}EventAttendanceMode" for name in ("Offline", "Online", "Mixed")}


@pytest.fixture(autouse=True)
def _monday_morning(app: Flask) -> Iterator[None]:
    with clock.set_to(MONDAY_MORNING):
        yield


def page(client: Client, service: Service) -> str:
    return client.get(f"/activities/{service.slug}").text


def told(client: Client, service: Service) -> dict[str, Any]:
    """What search engines are told, held against the rules."""
    html = page(client, service)
    [data] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    said: dict[str, Any] = json.loads(data)
    assert said["@context"] == "https://schema.org"
    keeps_the_rules(said)
    return said


def keeps_the_rules(said: Any) -> None:
    if isinstance(said, list):
        assert said
        for each in said:
            keeps_the_rules(each)
        return
    assert said not in (None, "", {})
    if not isinstance(said, dict):
        return
    kind = said["@type"]
    missing = [name for name in NEEDED[kind] if name not in said]
    assert not missing, (kind, missing)
    for name in ("startDate", "endDate", "exceptDate"):
        for value in [said[name]] if isinstance(said.get(name), str) else said.get(name, []):
            assert MOMENT.fullmatch(value), (name, value)
    if kind == "Event":
        assert said["eventStatus"].removeprefix(SCHEMA) in STATUSES
        assert said["eventAttendanceMode"].removeprefix(SCHEMA) in MODES
        assert said["location"]["@type"] in {"Place", "VirtualLocation"}
    for value in said.values():
        keeps_the_rules(value)


def test_the_next_sessions_are_listed_with_those_that_are_cancelled(client: Client) -> None:
    service = a_listing()
    with saving():
        cancel_session(service, date(2026, 12, 1), "Hall closed", by=BUILDER)
    html = page(client, service)
    [table] = re.findall(r"<tbody.*?</tbody>", html, re.DOTALL)
    rows = re.findall(r"<tr.*?</tr>", table, re.DOTALL)
    assert [re.findall(r"(\d+ \w{3})</td>", row)[0] for row in rows] == [
        "24 Nov",
        "1 Dec",
        "8 Dec",
        "15 Dec",
        "22 Dec",
    ]
    assert ["Cancelled" in row for row in rows] == [False, True, False, False, False]
    assert "Hall closed" in rows[1]
    assert ".ics" not in rows[1]


def test_a_pause_leaves_no_sessions_to_list(client: Client) -> None:
    service = a_listing()
    with saving():
        pause_between(service, date(2026, 11, 24), date(2026, 12, 8), by=BUILDER)
    assert "Tue 24 Nov" not in re.findall(r"<tbody.*?</tbody>", page(client, service), re.DOTALL)[0]


@pytest.mark.parametrize(
    ("needed", "words"),
    [(True, "Somebody has to refer you"), (False, "You do not need a referral."), (None, "")],
)
def test_it_says_whether_a_referral_is_needed(
    client: Client, *, needed: bool | None, words: str
) -> None:
    html = page(client, a_listing(referral_needed=needed))
    assert words in html
    assert needed is not None or "referral" not in html


def test_it_says_whom_it_is_meant_for_and_how_many_can_come(client: Client) -> None:
    html = page(client, a_listing(audiences=("carers", "women"), new_people_per_week=2))
    assert "Unpaid carers; Women" in html
    assert "They can welcome 2 new people a week." in html


def test_a_calendar_may_follow_the_sessions(client: Client) -> None:
    service = a_listing()
    html = page(client, service)
    assert f'href="webcal://localhost/activities/{service.slug}/calendar.ics"' in html
    answer = client.get(f"/activities/{service.slug}/calendar.ics")
    assert answer.content_type == "text/calendar; charset=utf-8"
    assert len(Calendar.from_ical(answer.data).walk("VEVENT")) == 1
    again = client.get(answer.request.path, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_a_listing_in_words_alone_offers_no_calendar(client: Client) -> None:
    html = page(client, a_listing(schedules=(ScheduleFacts(description="Ring Sheila"),)))
    assert "calendar" not in html.replace("Your calendar", "")


def test_one_session_can_be_kept(client: Client) -> None:
    service = a_listing()
    answer = client.get(f"/activities/{service.slug}/sessions/2026-11-24.ics")
    assert answer.status_code == 200
    assert f'filename="{service.slug}-2026-11-24.ics"' in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("on", ["2026-11-25", "tomorrow", "2026-13-01", "20261124x", "-", "W"])
def test_a_day_without_a_session_has_no_file(client: Client, on: str) -> None:
    service = a_listing()
    assert client.get(f"/activities/{service.slug}/sessions/{on}.ics").status_code == 404


def test_a_calendar_that_follows_what_has_ended_is_emptied(client: Client) -> None:
    service = a_listing()
    path = f"/activities/{service.slug}/calendar.ics"
    with saving():
        step(service, Step.RETIRE, by=BUILDER)
    answer = client.get(path)
    assert answer.status_code == 200
    assert Calendar.from_ical(answer.data).walk("VEVENT") == []
    assert service.name not in answer.text


def test_a_draft_has_no_calendar(client: Client) -> None:
    service = a_listing(life=Life.DRAFT)
    assert client.get(f"/activities/{service.slug}/calendar.ics").status_code == 404


def test_a_short_address_leads_to_the_page(client: Client) -> None:
    service = a_listing()
    answer = client.get(f"/a/{code_of(service.id)}")
    assert (answer.status_code, answer.location) == (301, f"/activities/{service.slug}")
    assert client.get("/a/nothing").status_code == 404
    assert f"/a/{code_of(service.id)}" in page(client, service)


def test_visitors_can_leave_quickly_and_those_who_work_here_need_not(client: Client) -> None:
    html = client.get("/activities").text
    [link] = re.findall(r"<a [^>]*data-leave>", html)
    assert 'rel="nofollow noreferrer"' in link
    assert "https://www.bbc.co.uk/weather" in link


def test_an_event_is_told_with_its_next_date_place_and_price(client: Client) -> None:
    service = a_listing(
        places=(
            PlaceFacts(
                name="Bow Hall",
                address_1="12 Roman Road",
                city="London",
                postcode="E3 3BQ",
                access={Access.STEP_FREE: Answer.YES, Access.BSL: Answer.NO},
            ),
        ),
        cost_options=(CostFacts(amount=Decimal("2.50"), option="Each time"),),
        minimum_age=50,
    )
    said = told(client, service)
    assert said["startDate"] == "2026-11-24T10:00:00+00:00"
    assert said["endDate"] == "2026-11-24T11:30:00+00:00"
    assert said["eventStatus"] == f"{SCHEMA}EventScheduled"
    assert said["typicalAgeRange"] == "50-"
    [offer] = said["offers"]
    assert (offer["price"], offer["priceCurrency"]) == ("2.50", "GBP")
    [schedule] = said["eventSchedule"]
    assert schedule["repeatFrequency"] == "P1W"
    assert schedule["byDay"] == [f"{SCHEMA}Tuesday"]
    features = {each["name"]: each["value"] for each in said["location"]["amenityFeature"]}
    assert features == {"Step-free access": True, "Sign language interpreter if you ask": False}


def test_in_summer_the_next_date_has_the_offset_of_summer(client: Client) -> None:
    service = a_listing()
    with clock.set_to(datetime(2027, 7, 1, 12, tzinfo=clock.LONDON)):
        assert told(client, service)["startDate"] == "2027-07-06T10:00:00+01:00"


def test_cancelled_sessions_and_pauses_are_exceptions(client: Client) -> None:
    service = a_listing()
    with saving():
        cancel_session(service, date(2026, 12, 8), by=BUILDER)
        pause_between(service, date(2026, 12, 20), date(2026, 12, 31), by=BUILDER)
    [schedule] = told(client, service)["eventSchedule"]
    assert schedule["exceptDate"] == ["2026-12-08", "2026-12-22", "2026-12-29"]


def test_a_cancelled_next_session_is_told_as_cancelled(client: Client) -> None:
    service = a_listing()
    with saving():
        cancel_session(service, date(2026, 11, 24), by=BUILDER)
    said = told(client, service)
    assert said["startDate"] == "2026-11-24T10:00:00+00:00"
    assert said["eventStatus"] == f"{SCHEMA}EventCancelled"


def test_a_paused_activity_is_a_service_without_dates(client: Client) -> None:
    said = told(client, a_listing(life=Life.PAUSED))
    assert said["@type"] == "Service"
    assert "startDate" not in said


def test_a_full_activity_is_sold_out(client: Client) -> None:
    service = a_listing()
    with saving():
        say_full(service, by=BUILDER)
    assert told(client, service)["offers"][0]["availability"] == f"{SCHEMA}SoldOut"


def test_what_is_at_no_place_at_all_is_a_service(client: Client) -> None:
    said = told(client, a_listing(attending=Attending.PHONE, places=()))
    assert said["@type"] == "Service"


def test_an_activity_online_is_at_no_place(client: Client) -> None:
    said = told(client, a_listing(attending=Attending.ONLINE, places=()))
    assert said["location"]["@type"] == "VirtualLocation"
    assert said["eventAttendanceMode"] == f"{SCHEMA}OnlineEventAttendanceMode"


@pytest.mark.parametrize(
    ("schedule", "frequency", "days"),
    [
        (ScheduleFacts(freq=Frequency.MONTHLY, byday="1SA"), "P1M", ["1SA"]),
        (
            ScheduleFacts(
                freq=Frequency.WEEKLY, interval=2, byday="TU,TH", dtstart=date(2026, 11, 3)
            ),
            "P2W",
            [f"{SCHEMA}Tuesday", f"{SCHEMA}Thursday"],
        ),
    ],
)
def test_rules_are_told_as_schema_org_says_them(
    client: Client, schedule: ScheduleFacts, frequency: str, days: list[str]
) -> None:
    [said] = told(client, a_listing(schedules=(schedule,)))["eventSchedule"]
    assert (said["repeatFrequency"], said["byDay"]) == (frequency, days)


def test_a_session_without_a_time_is_told_by_its_day(client: Client) -> None:
    one_off = ScheduleFacts(dtstart=date(2026, 12, 6))
    said = told(client, a_listing(schedules=(one_off,)))
    assert said["startDate"] == "2026-12-06"
    assert "eventSchedule" not in said
    late = ScheduleFacts(freq=Frequency.WEEKLY, byday="SA", opens_at=time(22), closes_at=time(1))
    with clock.set_to(MONDAY_MORNING + timedelta(days=2)):
        said = told(client, a_listing("Late", schedules=(late,)))
    assert said["endDate"] == "2026-11-29T01:00:00+00:00"
