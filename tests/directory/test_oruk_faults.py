"""Reading Open Referral UK: all that may be wrong in a feed, and what is said of it."""

import io
import json
from collections.abc import Iterable

import pytest

from directory.feeds import oruk
from directory.feeds.limits import Limits
from directory.feeds.proposals import Problem, Proposal, Unreadable
from directory.feeds.reading import reading

KNITTING = {"id": "knit-1", "name": "Knit and natter", "status": "active"}


def read(document: object) -> list[Proposal | Problem]:
    return [each for _, each in oruk.read(io.BytesIO(json.dumps(document).encode()))]


def proposals(found: Iterable[Proposal | Problem]) -> list[Proposal]:
    return [each for each in found if isinstance(each, Proposal)]


def problems(found: Iterable[Proposal | Problem]) -> list[Problem]:
    return [each for each in found if isinstance(each, Problem)]


@pytest.mark.parametrize(
    ("record", "field", "reason"),
    [
        ("knitting", None, "is not an object"),
        (None, None, "is not an object"),
        ({"name": "Knit"}, "id", "is missing"),
        ({"id": "", "name": "Knit"}, "id", "is blank"),
        ({"id": 7, "name": "Knit"}, "id", "is not text"),
        ({"id": "x"}, "name", "is missing"),
        ({"id": "x", "name": None}, "name", "is missing"),
        ({"id": "x", "name": " \u00a0 "}, "name", "is blank"),
        ({"id": "x", "name": "<b></b>"}, "name", "is blank"),
        ({"id": "x", "name": ["Knit"]}, "name", "is not text"),
        ({"id": "x", "name": "n" * 201}, "name", "is longer than 200 characters"),
        ({**KNITTING, "status": "sleeping"}, "status", "is not one of active, inactive"),
        ({**KNITTING, "status": {}}, "status", "is not one of active, inactive"),
        ({"id": "x", "name": "A group", "website": "https://a.example"}, None, "is not a service"),
        ({**KNITTING, "locations": [{"latitude": 91}]}, "locations[0].latitude", "is not between"),
        ({**KNITTING, "locations": [{"longitude": -181}]}, "locations[0].longitude", "is not"),
    ],
)
def test_a_bad_record_is_reported_by_its_place_and_the_others_are_read(
    record: object, field: str | None, reason: str
) -> None:
    found = read([{"id": "first", "name": "First", "status": "active"}, record, KNITTING])
    assert [each.source_id for each in proposals(found)] == ["first", "knit-1"]
    [problem] = problems(found)
    assert problem.fatal
    assert problem.place.startswith("record 2")
    assert problem.field == field
    assert problem.reason.startswith(reason)


def test_a_problem_reads_as_a_sentence() -> None:
    [problem] = read([{"id": "x7", "name": ""}])
    assert str(problem) == "record 1 (id x7), name: is blank"


def test_the_same_service_twice_is_one_and_a_different_one_of_its_id_is_refused() -> None:
    found = read([KNITTING, KNITTING, {**KNITTING, "name": "Crochet"}])
    assert [each.name for each in proposals(found)] == ["Knit and natter"]
    again, other = problems(found)
    assert (again.place, again.fatal) == ("record 2 (id knit-1)", False)
    assert (other.place, other.fatal) == ("record 3 (id knit-1)", True)


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"email": "not an address"}, "email"),
        ({"url": "Warm Hall"}, "url"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"url": "https://me:secret@a.example/"}, "url"),
        ({"url": {"href": "x"}}, "url"),
        ({"minimum_age": -3}, "minimum_age"),
        ({"maximum_age": 1e300}, "maximum_age"),
        ({"minimum_age": "ten"}, "minimum_age"),
        ({"minimum_age": 40, "maximum_age": 20}, "minimum_age"),
        ({"assured_date": "31/02/2026"}, "assured_date"),
        ({"assured_date": "0001-01-01"}, "assured_date"),
        ({"last_modified": "yesterday"}, "last_modified"),
        ({"attending_type": "by owl"}, "attending_type"),
        ({"status": ""}, "status"),
        ({"organization": "Club"}, "organization"),
        ({"organization": {"id": "o"}}, "organization.name"),
        ({"phones": "01632 960001"}, "phones"),
        ({"phones": [{"number": "ask"}]}, "phones[0].number"),
        ({"phones": [7]}, "phones[0]"),
        ({"schedules": [{"byday": "XX"}]}, "schedules[0].byday"),
        ({"schedules": [{"freq": "HOURLY"}]}, "schedules[0].freq"),
        ({"schedules": [{"opens_at": "25:00"}]}, "schedules[0].opens_at"),
        ({"cost_options": [{"amount": "lots"}]}, "cost_options[0].amount"),
        ({"locations": [{"id": "l", "latitude": 53.1}]}, "locations[0].latitude"),
        ({"locations": [{"id": "l", "latitude": 0, "longitude": 0}]}, "locations[0].latitude"),
        ({"locations": [{"id": "l", "location_type": "moon"}]}, "locations[0].location_type"),
        ({"description": "Half an emoji \ud83d"}, "description"),
    ],
)
def test_a_bad_detail_is_left_out_and_noted_and_the_service_stays(
    bad: dict[str, object], field: str
) -> None:
    found, *notes = read([{**KNITTING, **bad}])
    assert isinstance(found, Proposal)
    assert found.url is None
    assert found.email is None
    assert [(note.field, note.fatal) for note in problems(notes)] == [(field, False)]


def test_a_private_detail_is_not_repeated_in_the_report() -> None:
    _, note = read([{**KNITTING, "email": "jo smith at home"}])
    assert "smith" not in str(note)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"{", "ends too soon"),
        (b'[{"id": "x", "name": "Kni', "ends too soon"),
        (b'[{"id": "x" "name": "Knit"}]', "line 1, column 13"),
        (b'["\xff"]', "UTF-8"),
        (b'["\x00"]', "not JSON"),
        (b"[NaN]", "NaN is not a number"),
        (b"[" + b"9" * 5_000 + b"]", "too long"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"a":' * 50_000, "nested too deeply"),
        (b'{"version": "HSDS-UK-3.0"}', "no services"),
        (b'{"contents": null}', "no services"),
        (b"<!doctype html><title>Not found</title>", "web page"),
        (b"PK\x03\x04....", "damaged"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(data: bytes, reason: str) -> None:
    with (
        pytest.raises(Unreadable) as refused,
        reading("feed.json", io.BytesIO(data), Limits()) as feed,
    ):
        list(feed.items)
    assert reason in refused.value.reason
