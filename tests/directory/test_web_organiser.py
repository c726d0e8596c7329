"""The organiser's desk: keeping true what people read, and nobody else's."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time, timedelta
from decimal import Decimal

import html5lib
import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from accounts import OrganisationKind, Role, User
from core import clock
from core.db import db
from core.saving import saving
from directory.facts import (
    ContactFacts,
    CostFacts,
    LanguageFacts,
    ListingFacts,
    PhoneFacts,
    PlaceFacts,
    ScheduleFacts,
)
from directory.keeping import facts_of
from directory.listings import change_listing, get_service, history_of
from directory.models import Service
from directory.rules import Access, Answer, Attending, Frequency, Life
from tests.builders import BUILDER, MONDAY_MORNING, a_listing, a_user, an_organisation
from tests.client import Client
from tests.engines import on_sqlite

pytestmark = on_sqlite

NS = "{http://www.w3.org/1999/xhtml}"

WHOLE = ListingFacts(
    name="Knit and natter",
    summary="Bring your knitting.",
    description="<p>Tea and <strong>cake</strong>.</p><ul><li>wool</li></ul><p>Come.</p>",
    url="https://bowknitters.example/knit",
    email="knit@bowknitters.example",
    eligibility_description="Anyone over 18.",
    minimum_age=18,
    before_you_come="Ring Sheila.",
    meets_at_door=True,
    places_free=0,
    assured_on=date(2026, 11, 1),
    places=(
        PlaceFacts(
            name="Bow Common Hall",
            city="London",
            postcode="E3 3BQ",
            latitude=51.5294,
            longitude=-0.0402,
            access=dict.fromkeys(Access, Answer.UNKNOWN) | {Access.BSL: Answer.NO},
        ),
        PlaceFacts(name="Poplar Library", city="London", latitude=51.51, longitude=-0.01),
    ),
    schedules=(
        ScheduleFacts(freq=Frequency.WEEKLY, byday="TU,TH", opens_at=time(10), closes_at=time(12)),
        ScheduleFacts(freq=Frequency.WEEKLY, interval=2, byday="FR", dtstart=date(2026, 11, 27)),
        ScheduleFacts(freq=Frequency.MONTHLY, byday="-1SA", term_time=True, opens_at=time(14, 30)),
        ScheduleFacts(freq=Frequency.MONTHLY, bymonthday="1,15", description="Twice a month"),
        ScheduleFacts(dtstart=date(2026, 12, 24), opens_at=time(12)),
    ),
    cost_options=(
        CostFacts(amount=Decimal("1.50"), amount_description="includes tea"),
        CostFacts(option="Under 18", amount=Decimal(0)),
    ),
    contacts=(ContactFacts(name="Sheila", best_time="weekdays 9am to 1pm"),),
    phones=(PhoneFacts(number="01632 960 102"), PhoneFacts(number="01632 960 103")),
    languages=(LanguageFacts(code="en", name="English"),),
    kinds=("meeting-people", "arts-and-crafts"),
    needs=("lonely",),
)


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


def edit_page(service: Service) -> str:
    return f"/my-listings/{service.id}/edit"


def filled_in(html: str) -> MultiDict[str, str]:
    """What a browser would send if the form were sent as it stands."""
    tree = html5lib.parse(html)
    [main] = tree.iter(f"{NS}main")
    sent: MultiDict[str, str] = MultiDict()
    for field in main.iter(f"{NS}input"):
        ticked = field.get("type") not in {"radio", "checkbox"} or field.get("checked") is not None
        if field.get("name") and ticked:
            sent.add(field.get("name"), field.get("value") or "")
    for field in main.iter(f"{NS}textarea"):
        # A browser sends line ends its own way, and the parser keeps the first one.
        sent.add(field.get("name"), "".join(field.itertext()).lstrip("\n").replace("\n", "\r\n"))
    for field in main.iter(f"{NS}select"):
        chosen = [each for each in field.iter(f"{NS}option") if each.get("selected") is not None]
        sent.add(field.get("name"), (chosen or [*field.iter(f"{NS}option")])[0].get("value"))
    return sent


def save(client: Client, service: Service, **changes: object) -> tuple[int, str]:
    """Open the page, change something, send it."""
    answers = filled_in(client.get(edit_page(service)).get_data(as_text=True))
    for name, value in changes.items():
        answers.setlist(name.replace("__", "-"), value if isinstance(value, list) else [value])
    page = client.post(edit_page(service), data=answers)
    return page.status_code, page.get_data(as_text=True)


def said_now(service: Service) -> ListingFacts:
    db.session.rollback()
    return facts_of(get_service(service.id))


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


def test_everything_on_the_form_is_kept(desk: Client, listing: Service) -> None:
    status, html = save(
        desk,
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
    assert [each.amount for each in said.cost_options] == [0]
    assert (said.places_free, said.minimum_age, said.maximum_age) == (4, 18, 65)
    assert said.phones == (PhoneFacts(number="07700 900 123"), WHOLE.phones[1])
    assert said.places[0].access[Access.STEP_FREE] is Answer.YES
    assert said.places[0].access[Access.BSL] is Answer.UNKNOWN
    assert said.places[1] == WHOLE.places[1]


def test_a_time_that_is_emptied_is_gone_and_a_spare_one_is_added(
    desk: Client, listing: Service
) -> None:
    html = desk.get(edit_page(listing)).get_data(as_text=True)
    answers = filled_in(html)
    for part in ("opens_at", "closes_at", "days"):
        answers.setlist(f"whens-0-{part}", [] if part == "days" else [""])
    answers.setlist("whens-5-days", ["WE"])
    answers["whens-5-opens_at"] = "9am"
    assert desk.post(edit_page(listing), data=answers).status_code == 303
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


def test_one_press_says_that_everything_is_still_right(desk: Client, listing: Service) -> None:
    assert press(desk, listing, "check") == 303
    assert said_now(listing).assured_on == date(2026, 11, 23)
    assert "now says it was checked today" in desk.get("/my-listings").get_data(as_text=True)


def test_pausing_and_going_on_again(desk: Client, listing: Service) -> None:
    assert press(desk, listing, "pause") == 303
    assert "Everything is still right" not in desk.get(edit_page(listing)).get_data(as_text=True)
    assert press(desk, listing, "check") == 409
    assert press(desk, listing, "resume") == 303
    assert said(listing) is Life.LIVE


def test_a_draft_is_published_by_its_keeper(client: Client) -> None:
    draft = a_listing(life=Life.DRAFT)
    client.as_(a_user(draft.organisation))
    assert press(client, draft, "publish") == 303
    assert client.get(f"/activities/{draft.slug}").status_code == 200


def test_there_are_no_other_presses(desk: Client, listing: Service) -> None:
    assert press(desk, listing, "retire") == 404


def press(client: Client, service: Service, what: str) -> int:
    """Press one of the buttons of the page."""
    tree = html5lib.parse(client.get(edit_page(service)).get_data(as_text=True))
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


def test_a_keeper_of_nothing_is_told_whom_to_ring(client: Client) -> None:
    client.as_(a_user(an_organisation()))
    page = client.get("/my-listings").get_data(as_text=True)
    assert "You do not keep any listings yet" in page
    assert "01632 960 111" in page


def test_an_editor_keeps_them_all_page_by_page(client: Client) -> None:
    for number in range(51):
        a_listing(f"Group {number}")
    council = an_organisation("Tower Hamlets Council", OrganisationKind.COUNCIL)
    client.as_(a_user(council, Role.EDITOR))
    assert "51 need a look" in client.get("/my-listings").get_data(as_text=True)
    assert client.get("/my-listings?page=2").get_data(as_text=True).count('/edit"') == 1
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
