"""Directory: any page may read the open feed; it sets no cookies and says what is wrong."""

import pytest

from core import clock
from core.db import db
from core.saving import saving
from directory.listings import step
from directory.models import Service
from directory.rules import Step
from tests.builders import BUILDER, MONDAY_MORNING, a_listing
from tests.client import Client
from tests.directory.open_feed import API

OPEN = ("", "/services", "/taxonomies", "/openapi.json", "/services?format=ndjson")


@pytest.mark.asvs("3.4.2")
@pytest.mark.parametrize("path", [*OPEN, "/nothing", "/services?page=none"])
def test_every_answer_may_be_read_by_any_page_and_sets_no_cookie(client: Client, path: str) -> None:
    client.set_cookie("language", "cy")
    for method in ("GET", "HEAD", "OPTIONS", "POST"):
        answer = client.open(API + path, method=method)
        assert answer.headers["Access-Control-Allow-Origin"] == "*", method
        assert "Set-Cookie" not in answer.headers
        if method == "OPTIONS" and "nothing" not in path:
            assert answer.status_code == 200
            assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize("path", [*OPEN, "/service_at_locations?full=true"])
def test_who_has_the_latest_is_told_so_and_sent_nothing(client: Client, path: str) -> None:
    with clock.set_to(MONDAY_MORNING):
        a_listing("First")
        whole = client.get(API + path)
        assert whole.headers["Cache-Control"].startswith("public, max-age=")
        tag = whole.headers["ETag"]
        again = client.get(API + path, headers={"If-None-Match": tag})
        assert again.status_code == 304
        assert not again.data
        if since := whole.headers.get("Last-Modified"):
            again = client.get(API + path, headers={"If-Modified-Since": since})
            assert again.status_code == 304
        packed = client.get(API + path, headers={"Accept-Encoding": "br"})
        tag = packed.headers["ETag"]
        same = client.get(API + path, headers={"If-None-Match": tag, "Accept-Encoding": "br"})
        assert same.status_code == 304


@pytest.mark.parametrize("path", ["/api/oruk/v3/services?format=ndjson", "/data/listings.csv"])
@pytest.mark.parametrize("packing", ["identity", "gzip", "br"])
def test_whole_files_are_sent_as_they_are_made(client: Client, path: str, packing: str) -> None:
    a_listing("Knitting")
    answer = client.get(path, headers={"Accept-Encoding": packing})
    assert answer.status_code == 200
    assert "Content-Length" not in answer.headers, "somebody gathered it up"
    assert len(answer.get_data()) > 100
    assert client.head(path).status_code == 200


def test_a_change_makes_a_new_copy(client: Client) -> None:
    with clock.set_to(MONDAY_MORNING):
        service = a_listing("First")
        paths = [f"/services/{service.id}", "/services", "/services?format=ndjson"]
        tags = [client.get(API + path).headers["ETag"] for path in paths]
        dates = [client.get(API + path).headers["Last-Modified"] for path in paths]
    with clock.set_to(MONDAY_MORNING.replace(hour=11)):
        with saving():
            step(db.session.get_one(Service, service.id), Step.PAUSE, by=BUILDER)
        for path, tag, since in zip(paths, tags, dates, strict=True):
            for headers in ({"If-None-Match": tag}, {"If-Modified-Since": since}):
                answer = client.get(API + path, headers=headers)
                assert answer.status_code == 200, (path, headers)
                assert "temporarily closed" in answer.text


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("page=0", "whole number"),
        ("page=one", "whole number"),
        ("per_page=501", "from 1 to 500"),
        ("taxonomy_term_id=7", "an id"),
        ("minimum_age=-1", "from 0 to 130"),
        ("start_time=25:00", "time of day"),
        ("day=someday", "MO, TU"),
        ("modified_after=yesterday", "2026-11-01T09:00:00Z"),
        ("full=perhaps", "true or false"),
        ("format=xml", "json or ndjson"),
        ("postcode=here", "postcode"),
        ("postcode=E3&proximity=far", "metres"),
        ("page=1&page=2", "once"),
        ("search=" + "a" * 201, "200 characters"),
    ],
)
def test_a_bad_question_is_refused_in_plain_words(client: Client, query: str, word: str) -> None:
    answer = client.get(f"{API}/services?{query}")
    assert answer.status_code == 400
    error = answer.get_json()["error"]
    assert word in error["reason"]
    assert error["reason"].startswith(query.partition("=")[0] if "&p" not in query else "p")


def test_a_record_nobody_knows_is_404_in_json(client: Client) -> None:
    for path in ("/services/00000000-0000-4000-8000-000000000000", "/taxonomy_terms/x"):
        answer = client.get(API + path)
        assert answer.status_code == 404
        assert answer.get_json()["error"]["status"] == 404
    assert client.post(f"{API}/services", json={}).status_code == 405


def test_a_notice_is_an_alert_while_it_lasts(client: Client) -> None:
    from directory.notices import say_full

    with clock.set_to(MONDAY_MORNING):
        service = a_listing("Choir")
        with saving():
            say_full(db.session.get_one(Service, service.id), clock.today(), by=BUILDER)
        path = f"{API}/services/{service.id}"
        said = client.get(path)
        assert said.get_json()["alert"] == "Full on 23 November 2026."
    with clock.set_to(MONDAY_MORNING.replace(day=24)):
        since = {"If-Modified-Since": said.headers["Last-Modified"]}
        assert "alert" not in client.get(path, headers=since).get_json()
