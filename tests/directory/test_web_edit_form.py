"""The form of a listing: what was not touched stays, what is wrong is said."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time
from decimal import Decimal

import pytest
from flask import Flask

from core import clock
from core.saving import saving
from directory.facts import (
    LanguageFacts,
    PhoneFacts,
    ScheduleFacts,
)
from directory.listings import change_listing, history_of
from directory.models import Service
from directory.rules import Access, Answer, Attending, Frequency
from tests.builders import BUILDER, MONDAY_MORNING, a_listing, a_user
from tests.client import Client
from tests.directory.listing_form import (
    WHOLE,
    an_editors_desk,
    edit_page,
    filled_in,
    own_page,
    said_now,
    save,
)
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


def test_sending_the_form_as_it_stands_changes_nothing(desk: Client, listing: Service) -> None:
    steps = len(history_of(listing))
    assert save(desk, listing)[0] == 303
    assert said_now(listing) == WHOLE
    assert len(history_of(listing)) == steps


def test_a_listing_that_says_hardly_anything_survives_its_form(client: Client) -> None:
    bare = a_listing("Sing", kinds=(), places=(), schedules=(), cost_options=())
    client.as_(a_user(bare.organisation))
    before = said_now(bare)
    status, _ = save(client, bare, summary="We sing.", attending="phone")
    assert status == 303
    assert said_now(bare) == replace(before, summary="We sing.", attending=Attending.PHONE)


def test_a_change_is_found_by_the_very_next_search(desk: Client, listing: Service) -> None:
    assert save(desk, listing, summary="Now with macramé.")[0] == 303
    page = desk.get("/activities?q=macrame").get_data(as_text=True)
    assert "Now with macramé." in page
    assert "1 activity for" in page
    assert "Now with macramé." in desk.get(f"/activities/{listing.slug}").get_data(as_text=True)
    assert "Sheila Dunn" in {each.by_name for each in history_of(listing)}


def test_everything_on_the_form_is_kept(client: Client, listing: Service) -> None:
    status, html = save(
        an_editors_desk(client),
        listing,
        name="Knitting",
        kind="moving-more",
        description="One.\r\n\r\nTwo.",
        whens__0__often="-1",
        whens__0__days=["SU"],
        whens__0__opens_at="2.30pm",
        whens__0__closes_at="16:00",
        postcode="e149sh",
        cost="free",
        cost_note="",
        places_free="4",
        maximum_age="65",
        phone="07700 900 123",
        access__step_free="yes",
        access__bsl="unknown",
    )
    assert status == 303, html
    said = said_now(listing)
    assert (said.name, said.kinds) == ("Knitting", ("moving-more", "arts-and-crafts"))
    assert said.description == "<p>One.</p><p>Two.</p>"
    assert said.schedules[0] == ScheduleFacts(
        freq=Frequency.MONTHLY, byday="-1SU", opens_at=time(14, 30), closes_at=time(16)
    )
    assert said.schedules[1:] == WHOLE.schedules[1:]
    assert said.places[0].postcode == "E14 9SH"
    assert said.places[0].latitude != WHOLE.places[0].latitude
    assert [each.amount for each in said.cost_options] == [0, 0]
    assert (said.places_free, said.minimum_age, said.maximum_age) == (4, 18, 65)
    assert said.phones == (PhoneFacts(number="07700 900 123"), WHOLE.phones[1])
    assert said.places[0].access[Access.STEP_FREE] is Answer.YES
    assert said.places[0].access[Access.BSL] is Answer.UNKNOWN
    assert said.places[1] == WHOLE.places[1]


def test_further_places_prices_and_numbers_are_changed_added_and_taken_away(
    client: Client, listing: Service
) -> None:
    status, html = save(
        an_editors_desk(client),
        listing,
        more_places__0__name="Chrisp Street Library",
        more_places__1__name="The Spotlight",
        more_places__1__postcode="e14 9sh",
        more_prices__0__option="",
        more_prices__0__amount="",
        more_prices__1__option="Over 60",
        more_prices__1__amount="1",
        more_phones__0__number="",
        more_phones__1__number="01632 960 104",
        more_phones__1__description="evenings",
        more_contacts__0__name="Bob",
        audiences=["carers"],
        languages=["bn", "en"],
        new_people_per_week="2",
        whens__0__until__day="1",
    )
    assert status == 422, "a last date needs its month and year"
    assert "Last date must include a month and year" in html
    said = said_now(listing)
    assert [each.name for each in said.places] == [
        "Bow Common Hall",
        "Chrisp Street Library",
        "The Spotlight",
    ]
    assert said.places[1].latitude == WHOLE.places[1].latitude
    assert said.places[2].latitude is not None
    assert [(each.option, each.amount) for each in said.cost_options] == [
        ("", Decimal("1.50")),
        ("Over 60", Decimal(1)),
    ]
    assert [each.number for each in said.phones] == ["01632 960 102", "01632 960 104"]
    assert [each.name for each in said.contacts] == ["Sheila", "Bob"]
    assert said.audiences == ("carers",)
    assert [each.name for each in said.languages] == ["Bengali", "English"]
    assert said.new_people_per_week == 2


def test_a_language_we_have_no_name_for_is_not_lost(client: Client, listing: Service) -> None:
    rare = (*WHOLE.languages, LanguageFacts(code="xyz", name="Xyzzy"))
    with saving():
        facts = replace(WHOLE, languages=rare)
        change_listing(listing, facts, version=listing.version, by=BUILDER)
    assert save(client.as_(a_user(listing.organisation)), listing)[0] == 303
    assert said_now(listing).languages == rare


def test_a_fortnight_gets_its_week_and_an_end(desk: Client, listing: Service) -> None:
    status, html = save(
        desk,
        listing,
        whens__0__often="fortnightly",
        whens__0__starts_on__day="24",
        whens__0__starts_on__month="11",
        whens__0__starts_on__year="2026",
        whens__0__until__day="22",
        whens__0__until__month="12",
        whens__0__until__year="2026",
    )
    assert status == 303, html
    one = said_now(listing).schedules[0]
    assert (one.interval, one.byday) == (2, "TU,TH")
    assert (one.dtstart, one.until) == (date(2026, 11, 24), date(2026, 12, 22))
    page = desk.get(own_page(listing)).get_data(as_text=True)
    assert "from Tuesday 24 November 2026, until Tuesday 22 December 2026" in page


def test_a_time_that_is_emptied_is_gone_and_a_spare_one_is_added(
    desk: Client, listing: Service
) -> None:
    html = desk.get(edit_page(listing, "when")).get_data(as_text=True)
    answers = filled_in(html)
    for part in ("opens_at", "closes_at", "days"):
        answers.setlist(f"whens-0-{part}", [] if part == "days" else [""])
    answers.setlist("whens-5-days", ["WE"])
    answers["whens-5-opens_at"] = "9am"
    assert desk.post(edit_page(listing, "when"), data=answers).status_code == 303
    schedules = said_now(listing).schedules
    assert schedules[:4] == WHOLE.schedules[1:]
    assert schedules[4] == ScheduleFacts(freq=Frequency.WEEKLY, byday="WE", opens_at=time(9))


@pytest.mark.parametrize(
    ("answers", "complaint"),
    [
        ({"name": " "}, "Enter the name of the activity"),
        ({"summary": ""}, "Say in one sentence what it is"),
        ({"whens__0__opens_at": "3"}, "Say if that is in the morning or the afternoon"),
        ({"whens__0__opens_at": "25:00"}, "Enter a time, like 10am or 2:30pm"),
        ({"whens__0__opens_at": "soon"}, "Enter a time, like 10am or 2:30pm"),
        ({"whens__0__closes_at": "9am"}, "It must end after it starts"),
        ({"whens__0__days": []}, "Choose at least one day"),
        ({"whens__0__often": "fortnightly"}, "so that we know which week"),
        ({"postcode": "nowhere"}, "Enter a full postcode, like E3 3BQ"),
        ({"postcode": "ZZ9 9ZZ"}, "We do not know that postcode"),
        ({"postcode": "", "city": ""}, "Enter the postcode of the place people go to"),
        ({"amount": ""}, "Enter how much it costs"),
        ({"places_free": "-1"}, "Enter a number, 0 if it is full"),
        ({"maximum_age": "7"}, "The oldest age must be above the youngest age"),
        ({"phone": "ring me"}, "Enter a phone number"),
        ({"email": "sheila"}, "Enter an email address"),
        ({"url": "a" * 2001}, "Use 2000 letters or fewer"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_changed(
    desk: Client, listing: Service, answers: dict[str, object], complaint: str
) -> None:
    status, html = save(desk, listing, **answers)
    assert status == 422
    assert "There is a problem" in html
    assert complaint in html
    assert said_now(listing) == WHOLE


@pytest.mark.asvs("1.2.2")
def test_a_web_address_that_is_none_is_refused(desk: Client, listing: Service) -> None:
    status, _ = save(desk, listing, url="javascript:alert(1)")
    assert status in {400, 422}
    assert said_now(listing) == WHOLE


def test_of_two_who_change_it_at_once_the_second_is_told(desk: Client, listing: Service) -> None:
    answers = filled_in(desk.get(edit_page(listing)).get_data(as_text=True))
    assert save(desk, listing, summary="The first one’s words.")[0] == 303
    answers["summary"] = "The second one’s words."
    page = desk.post(edit_page(listing), data=answers)
    assert page.status_code == 409
    assert "Somebody else changed this" in page.get_data(as_text=True)
    assert "The second one’s words." in page.get_data(as_text=True)
    assert said_now(listing).summary == "The first one’s words."


def test_a_made_up_version_is_refused(desk: Client, listing: Service) -> None:
    assert save(desk, listing, version="new")[0] == 400
    assert save(desk, listing, version="999999999")[0] == 409
