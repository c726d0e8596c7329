"""What stands on paper is what stands in the listing, in three sizes, as a page and as PDF."""

import re
import zlib
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from core import clock, paper
from core.saving import saving
from directory.facts import ContactFacts, CostFacts, PhoneFacts, PlaceFacts
from directory.leaflets import booklet, how_many
from directory.places import find_place
from directory.rules import Access, Answer, Attending, Life
from directory.short_links import code_of
from directory.shortlists import share
from tests.builders import BOW_HALL, MONDAY_MORNING, a_listing
from tests.client import Client
from tests.engines import on_sqlite
from tests.pdf import needs_pdf

pytestmark = on_sqlite

KNITTING = {
    "summary": "Bring wool or borrow ours.",
    "phones": (PhoneFacts(number="01632 960 123"),),
    "contacts": (ContactFacts(name="Maggie"),),
    "meets_at_door": True,
}


def words(made: bytes) -> bytes:
    """Everything in a PDF that is not drawn, its packed parts unpacked."""
    packed = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", made, re.DOTALL)
    unpacked = []
    for part in packed:
        try:
            unpacked.append(zlib.decompress(part))
        except zlib.error:
            unpacked.append(part)
    return made + b"".join(unpacked)


@pytest.mark.parametrize("size", ["a4", "large"])
def test_a_leaflet_says_when_where_cost_and_whom_to_ring(client: Client, size: str) -> None:
    with clock.set_to(MONDAY_MORNING):
        service = a_listing(**KNITTING)
        page = client.get(f"/activities/{service.slug}/leaflet?size={size}").text

    for said in ("Tuesdays, 10am to 11:30am", "Tue 24 Nov", "Bow Common Hall", "Free"):
        assert said in page
    assert "Maggie on 01632 960 123" in page
    assert "You can be met at the door" in page
    assert "<svg" in page


def test_easy_read_has_a_picture_and_a_short_sentence_for_each_fact(client: Client) -> None:
    with clock.set_to(MONDAY_MORNING):
        service = a_listing(**KNITTING)
        page = client.get(f"/activities/{service.slug}/leaflet?size=easy").text

    lines = re.findall(r'<li><svg class="k-picture".*?</svg><span>(.*?)</span></li>', page, re.S)
    assert "There are no steps to get in." in lines
    assert "It is free. You do not have to pay." in lines
    assert max(len(line.split()) for line in lines) <= 16


def test_easy_read_never_says_no_for_not_known(client: Client) -> None:
    unknown = PlaceFacts(name="Hall", postcode="E3 3BQ", access={})
    page = client.get(f"/activities/{a_listing(places=(unknown,)).slug}/leaflet?size=easy").text

    assert "We do not know if there are steps" in page


@needs_pdf
@pytest.mark.parametrize(("size", "pages"), [("a4", 1), ("large", 2), ("easy", 1)])
def test_a_leaflet_as_pdf_can_be_read_aloud(client: Client, size: str, pages: int) -> None:
    service = a_listing(**KNITTING)
    answer = client.get(f"/activities/{service.slug}/leaflet.pdf?size={size}")
    made = words(answer.data)

    assert answer.mimetype == "application/pdf"
    assert made.startswith(b"%PDF-")
    assert b"pdfuaid" in made
    assert b"StructTreeRoot" in made
    assert b"Knit and natter" in made
    assert len(re.findall(rb"/Type /Page\b", made)) == pages


def test_where_the_system_cannot_make_pdf_the_page_says_what_to_install(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_args: object, **_kwargs: object) -> bytes:
        raise paper.NoPaper

    service = a_listing()
    monkeypatch.setattr(paper, "pdf", missing)
    answer = client.get(f"/activities/{service.slug}/leaflet.pdf")

    assert answer.status_code == 501
    assert "libpango-1.0-0" in answer.text


@pytest.mark.parametrize("path", ["leaflet?size=huge", "leaflet.pdf?size=", "leaflet?size=a4%00"])
def test_a_size_there_is_not_is_refused(client: Client, path: str) -> None:
    assert client.get(f"/activities/{a_listing().slug}/{path}").status_code in {400, 422}


@needs_pdf
def test_a_shared_list_is_printed_a_sheet_each(client: Client) -> None:
    ids = [a_listing("Knit and natter").id, a_listing("Walk").id]
    with saving():
        code = share(ids).code
    page = client.get(f"/l/{code}/leaflet").text
    made = words(client.get(f"/l/{code}/leaflet.pdf").data)

    assert page.count('class="sheet"') == 2
    assert all(f"/a/{code_of(each)}" in page for each in ids)
    assert len(re.findall(rb"/Type /Page\b", made)) == 2
    assert client.get("/l/zzzzzzzz/leaflet").status_code == 404


@pytest.mark.parametrize("life", [Life.DRAFT, Life.RETIRED])
def test_what_is_not_shown_has_no_leaflet(client: Client, life: Life) -> None:
    assert client.get(f"/activities/{a_listing(life=life).slug}/leaflet").status_code == 404


def test_the_noticeboard_lists_the_month_by_day(client: Client) -> None:
    with clock.set_to(datetime(2026, 11, 23, 9, tzinfo=UTC)):
        a_listing("Knit and natter", **KNITTING)
        a_listing("Walk", schedules=(), phones=(PhoneFacts(number="01632 960 124"),))
        far = PlaceFacts(name="Far", postcode="PR1 2HE", access={Access.STEP_FREE: Answer.YES})
        a_listing("Too far", places=(far,))
        a_listing("By phone", attending=Attending.PHONE)
        a_listing("Paused", life=Life.PAUSED)
        dear = CostFacts(amount=Decimal("2.50"))
        a_listing("Ends soon", cost_options=(dear,), places=(BOW_HALL,))
        place = find_place("E3 3BQ")
        assert place
        found = booklet(place, clock.today())
        page = client.get("/whats-on?near=E3+3BQ").text

    names = [entry.name for _day, entries in found.days for entry in entries]
    assert names == ["Ends soon", "Knit and natter"]
    assert [day for day, _entries in found.days] == ["Tuesday"]
    assert [entry.name for entry in found.any_time] == ["Walk"]
    assert found.days[0][1][0].dates == "every week"
    assert how_many(found) == "3 activities"
    assert "November 2026" in page
    assert "£2.50" in page


@needs_pdf
def test_the_booklet_asks_for_a_place_it_knows(client: Client) -> None:
    assert client.get("/whats-on").status_code == 200
    unknown = client.get("/whats-on?near=Nowhereham")
    assert unknown.status_code == 422
    assert "Nowhereham" in unknown.text
    assert client.get("/whats-on?near=E3+3BQ&month=1066-10").status_code == 400
    assert client.get("/whats-on?near=E3+3BQ&within=999").status_code == 400
    assert client.get("/whats-on.pdf?near=E3+3BQ").mimetype == "application/pdf"
