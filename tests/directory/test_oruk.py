"""Reading Open Referral UK: every shape a feed comes in, and all that may be wrong in one."""

import contextlib
import io
import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.feeds import oruk
from directory.feeds.limits import Limits
from directory.feeds.proposals import (
    CategoryProposal,
    ContactProposal,
    CostProposal,
    LanguageProposal,
    PhoneProposal,
    Problem,
    Proposal,
    ScheduleProposal,
    Unreadable,
)
from directory.feeds.reading import reading
from directory.rules import Attending, Frequency, LocationType

KNITTING = {"id": "knit-1", "name": "Knit and natter", "status": "active"}

FULL_3 = {
    "id": "5f0c1d4e-6f0a-4a39-9d0e-3f3f0d4f9a11",
    "name": "Tea &amp; Tales",
    "description": "<h2>Stories</h2><p>Bring a memory.</p>",
    "url": "https://tales.example/tea",
    "email": "hello@tales.example",
    "status": "temporarily closed",
    "eligibility_description": "Anyone over 60",
    "minimum_age": 60,
    "maximum_age": 110,
    "application_process": "Just come",
    "assured_date": "2026-02-03",
    "last_modified": "2026-02-04T09:30:00+01:00",
    "organization": {
        "id": "org-tales",
        "name": "The Tales Trust",
        "description": "We listen.",
        "website": "https://tales.example",
        "email": "office@tales.example",
    },
    "phones": [{"id": "p1", "number": "01632 960123", "description": "Mornings"}],
    "contacts": [
        {
            "id": "c1",
            "name": "Bo Fielding",
            "title": "Host",
            "phones": [{"id": "p2", "number": "07700 900456"}],
        }
    ],
    "schedules": [{"id": "s0", "description": "Closed on bank holidays"}],
    "cost_options": [
        {"id": "k1", "option": "Adult", "amount": 2.5, "amount_description": "with tea"},
        {"id": "k2", "option": "Carer", "amount": 0},
    ],
    "languages": [{"id": "l1", "name": "Welsh", "code": "cy"}],
    "attributes": [
        {
            "id": "a1",
            "link_type": "service",
            "taxonomy_term": {
                "id": "t1",
                "name": "Company",
                "description": "Company",
                "taxonomy": "Needs",
            },
        }
    ],
    "service_at_locations": [
        {
            "id": "sal1",
            "schedules": [
                {
                    "id": "s1",
                    "freq": "WEEKLY",
                    "interval": 2,
                    "byday": "TH,TU",
                    "opens_at": "10:00:00",
                    "closes_at": "11:30:00",
                    "dtstart": "2026-01-06",
                    "valid_to": "2026-12-31",
                }
            ],
            "location": {
                "id": "loc1",
                "name": "Mill Hall",
                "location_type": "physical",
                "latitude": 53.76,
                "longitude": -2.7,
                "addresses": [
                    {"id": "x", "address_1": "PO Box 1", "address_type": "postal"},
                    {
                        "id": "y",
                        "address_1": "Mill Hall",
                        "address_2": "1 Mill Lane",
                        "city": "Preston",
                        "state_province": "Lancashire",
                        "postal_code": "pr11aa",
                        "country": "GB",
                        "address_type": "physical",
                    },
                ],
                "accessibility": [{"id": "z", "description": "Ramp", "details": "At the side"}],
            },
        }
    ],
}

FULL_1 = {
    "id": "42",
    "name": "Chair yoga",
    "description": "Gentle.\n\nBring water.",
    "url": "",
    "status": "active",
    "fees": "£3 a session",
    "attending_type": "Venue",
    "attending_access": "drop-in",
    "assured_date": "",
    "organization": {"id": "7", "name": "Supple", "url": "www.supple.example"},
    "eligibilitys": [{"id": "e", "eligibility": "adult", "minimum_age": 18, "maximum_age": 0}],
    "regular_schedules": [{"id": "r", "byday": "MO", "opens_at": "10:00", "closes_at": "11:00"}],
    "service_taxonomys": [
        {"id": "st", "taxonomy": {"id": "v:1", "name": "Exercise", "vocabulary": "Kinds"}}
    ],
    "languages": [{"id": "l", "language": "Urdu"}],
    "contacts": [{"id": "c", "name": "Noor", "phones": [{"id": "p", "number": "01632 960777"}]}],
    "service_at_locations": [
        {
            "id": "sal",
            "location": {
                "id": "l1",
                "name": "Rec",
                "latitude": "51.06",
                "longitude": "-0.32",
                "physical_addresses": [
                    {
                        "id": "a",
                        "address_1": "The Rec",
                        "city": "Horsham",
                        "state_province": "West Sussex",
                        "postal_code": "RH12 1AA",
                    }
                ],
                "accessibility_for_disabilities": [{"id": "b", "accessibility": "Lift"}],
            },
        }
    ],
}


def read_file(name: str, data: bytes) -> list[Proposal | Problem]:
    with reading(name, io.BytesIO(data), Limits()) as feed:
        return [each for _, each in feed.items]


def read(document: object) -> list[Proposal | Problem]:
    return [each for _, each in oruk.read(io.BytesIO(json.dumps(document).encode()))]


def the_one(document: object) -> Proposal:
    [found] = read(document)
    assert isinstance(found, Proposal)
    return found


def proposals(found: Iterable[Proposal | Problem]) -> list[Proposal]:
    return [each for each in found if isinstance(each, Proposal)]


def problems(found: Iterable[Proposal | Problem]) -> list[Problem]:
    return [each for each in found if isinstance(each, Problem)]


@pytest.mark.parametrize(
    "document",
    [
        {"total_items": 1, "contents": [KNITTING]},
        {"totalElements": 1, "content": [KNITTING]},
        [KNITTING],
        [{"contents": []}, {"content": [KNITTING]}],
        KNITTING,
    ],
    ids=["page of 3.0", "page of 1.0", "bare list", "list of pages", "one service"],
)
def test_a_service_is_found_in_whatever_wraps_it(document: object) -> None:
    assert the_one(document) == Proposal(source_id="knit-1", name="Knit and natter")


def test_a_full_service_of_3_0_is_read_whole() -> None:
    found = the_one(FULL_3)
    assert (found.source_id, found.name) == (FULL_3["id"], "Tea & Tales")
    assert found.description == "<p><strong>Stories</strong></p><p>Bring a memory.</p>"
    assert found.summary == "Stories Bring a memory."
    assert (found.url, found.email) == ("https://tales.example/tea", "hello@tales.example")
    assert found.status == "temporarily closed"
    assert (found.minimum_age, found.maximum_age) == (60, 110)
    assert (found.eligibility, found.application_process) == ("Anyone over 60", "Just come")
    assert found.assured_on == date(2026, 2, 3)
    assert found.last_modified == datetime(2026, 2, 4, 8, 30, tzinfo=UTC)
    assert found.organisation is not None
    assert found.organisation.source_id == "org-tales"
    assert found.organisation.url == "https://tales.example"
    assert found.organisation.description == "<p>We listen.</p>"
    assert found.phones == (
        PhoneProposal("01632 960123", "Mornings"),
        PhoneProposal("07700 900456"),
    )
    assert found.contacts == (ContactProposal("Bo Fielding", "Host"),)
    assert found.languages == (LanguageProposal("Welsh", "cy"),)
    assert found.categories == (CategoryProposal("Company", "t1", "Needs"),)
    assert found.costs == (
        CostProposal("Adult", Decimal("2.50"), amount_description="with tea"),
        CostProposal("Carer", Decimal(0)),
    )


def test_the_places_and_times_of_3_0_are_read() -> None:
    found = the_one(FULL_3)
    [place] = found.locations
    assert (place.source_id, place.name) == ("loc1", "Mill Hall")
    assert (place.address_1, place.address_2) == ("Mill Hall", "1 Mill Lane")
    assert (place.city, place.county, place.postcode) == ("Preston", "Lancashire", "PR1 1AA")
    assert (place.latitude, place.longitude) == (53.76, -2.7)
    assert place.location_type is LocationType.PHYSICAL
    assert place.accessibility == ("Ramp", "At the side")
    assert found.schedules == (
        ScheduleProposal(description="Closed on bank holidays"),
        ScheduleProposal(
            byday=("TU", "TH"),
            freq=Frequency.WEEKLY,
            interval=2,
            opens_at=time(10),
            closes_at=time(11, 30),
            dtstart=date(2026, 1, 6),
            valid_to=date(2026, 12, 31),
        ),
    )


def test_a_full_service_of_1_0_is_read_whole() -> None:
    found, *notes = read(FULL_1)
    assert isinstance(found, Proposal)
    assert found.description == "<p>Gentle.</p><p>Bring water.</p>"
    assert (found.minimum_age, found.maximum_age, found.eligibility) == (18, None, "adult")
    assert found.attending is Attending.VENUE
    assert found.costs == (CostProposal(amount=Decimal(3), amount_description="£3 a session"),)
    assert found.schedules == (
        ScheduleProposal(("MO",), Frequency.WEEKLY, opens_at=time(10), closes_at=time(11)),
    )
    assert found.categories == (
        CategoryProposal("Exercise", "v:1", "Kinds"),
        CategoryProposal("drop-in", taxonomy="attending_access"),
    )
    assert found.languages == (LanguageProposal("Urdu"),)
    assert found.phones == (PhoneProposal("01632 960777"),)
    [place] = found.locations
    assert (place.latitude, place.postcode, place.county) == (51.06, "RH12 1AA", "West Sussex")
    assert place.accessibility == ("Lift",)
    assert [(note.field, note.fatal) for note in problems(notes)] == [("organization.url", False)]


@pytest.mark.parametrize(
    ("given_address", "mended"),
    [
        ("www.wool.example", "https://www.wool.example"),
        ("http:wool.example/a", "http://wool.example/a"),
        ("https:/wool.example", "https://wool.example"),
    ],
)
def test_a_web_address_without_its_beginning_is_mended_and_noted(
    given_address: str, mended: str
) -> None:
    found, note = read([{**KNITTING, "url": given_address}])
    assert isinstance(found, Proposal)
    assert found.url == mended
    assert isinstance(note, Problem)
    assert not note.fatal


def test_a_first_tuesday_is_monthly_whatever_the_feed_calls_it() -> None:
    found = the_one({**KNITTING, "schedules": [{"byday": "1TU", "freq": "WEEKLY"}]})
    assert found.schedules == (ScheduleProposal(("1TU",), Frequency.MONTHLY),)


def test_midnight_to_midnight_and_empty_schedules_say_nothing() -> None:
    nothing = [{"id": "a", "opens_at": "00:00", "closes_at": "00:00"}, {"id": "b"}]
    assert the_one({**KNITTING, "schedules": nothing}).schedules == ()


def test_a_file_is_told_by_its_content_and_not_by_its_name() -> None:
    as_json = read_file("feed.csv", b"\xef\xbb\xbf \n" + json.dumps(KNITTING).encode())
    as_csv = read_file("feed.json", b"id,name\nknit-1,Knit and natter\n")
    assert as_json == as_csv


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(sorted(FULL_3 | FULL_1)) | st.text(max_size=5), inner)
    ),
    max_leaves=12,
)


@given(st.binary(max_size=300))
@settings(max_examples=150)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        read_file("anything", data)
        list(oruk.read(io.BytesIO(data)))
    except Unreadable:
        pass


@given(st.sampled_from([FULL_1, FULL_3]), st.data())
@settings(max_examples=150, deadline=None)
def test_a_service_with_anything_in_any_field_is_read_or_reported(
    service: dict[str, object], data: st.DataObject
) -> None:
    field = data.draw(st.sampled_from(sorted(service)))
    value = data.draw(json_values)
    found = read([{**service, field: value}, KNITTING])
    assert any(each.source_id == "knit-1" for each in proposals(found))
    assert len(proposals(found)) + sum(each.fatal for each in problems(found)) == 2
    for each in proposals(found):
        repr(each).encode()
        hash(each)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_file_damaged_anywhere_is_read_or_refused(data: st.DataObject) -> None:
    whole = bytearray(json.dumps([FULL_1, FULL_3]).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(Unreadable):
        read_file("damaged", bytes(whole[: data.draw(st.integers(1, len(whole)))]))
