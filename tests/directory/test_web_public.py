"""The pages everybody may see: finding, the map, one activity, and what is said about ourselves."""

import json
import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import html5lib
import pytest
from flask import Flask
from sqlalchemy import event

from accounts import OrganisationKind, Role
from core import clock
from core.db import db
from directory.facts import ContactFacts, CostFacts, PhoneFacts, PlaceFacts, ScheduleFacts
from directory.models import Service
from directory.places import find_place, place_around
from directory.rules import Access, Answer, Attending, Frequency, Life
from tests.builders import BOW_HALL, MONDAY_MORNING, a_listing, a_user, an_organisation
from tests.client import Client
from tests.engines import on_sqlite

pytestmark = on_sqlite

PRESTON = PlaceFacts(name="Lamplight House", city="Preston", postcode="PR1 3SB")
MONDAYS = ScheduleFacts(freq=Frequency.WEEKLY, byday="MO")
NS = "{http://www.w3.org/1999/xhtml}"


@pytest.fixture(autouse=True)
def _monday_morning(app: Flask) -> Iterator[None]:
    with clock.set_to(MONDAY_MORNING):
        yield


def words(client: Client, path: str, status: int = 200) -> str:
    """What is to be read on a page, without its tags."""
    page = client.get(path)
    assert page.status_code == status, page.status
    tree = html5lib.parse(page.get_data(as_text=True))
    [main] = tree.iter(f"{NS}main")
    return " ".join("".join(main.itertext()).split())


def titles(client: Client, path: str) -> list[str]:
    html = client.get(path).get_data(as_text=True)
    return re.findall(r'k-card__title"><a href="[^"]*">([^<]*)', html)


def test_the_front_page_leads_to_kinds_and_places_there_are(client: Client) -> None:
    a_listing("Knit")
    a_listing("Sew", kinds=("arts-and-crafts", "meeting-people"))
    a_listing("Dinner", kinds=("food-and-cooking",), places=(PRESTON,))
    html = client.get("/").get_data(as_text=True)
    assert "/activities?kind=meeting-people" in html
    assert "/activities?kind=moving-more" not in html
    assert "/activities?near=Preston" in html
    assert re.search(r"Meeting people</a> <span[^>]*>2<", html)
    assert "01632 960 111" in html


def test_an_empty_directory_still_has_a_front_page(client: Client) -> None:
    assert "Find something good near you" in words(client, "/")


def test_a_card_says_when_where_how_far_and_how_much_in_that_order(client: Client) -> None:
    a_listing("Knit and natter", schedules=(MONDAYS,), places_free=3, summary="Bring your wool.")
    page = words(client, "/activities?near=E3+3BQ")
    facts = ["Meeting people", "Knit and natter", "Bring your wool.", "Mondays", "Today"]
    facts += ["Bow Common Hall, London", "less than 0.1 miles", "Free · 3 places left"]
    facts += ["Step-free access", "Bow Common Knitters", "Not checked yet"]
    places = [page.index(fact, page.index("1 activity near E3 3BQ")) for fact in facts]
    assert places == sorted(places)
    assert "Hearing loop" not in page[places[0] :]


def test_the_next_day_is_named_when_it_is_not_today(client: Client) -> None:
    a_listing()
    assert "Next: Tue 24 Nov" in words(client, "/activities")


def test_words_place_and_filters_narrow_what_is_found(client: Client) -> None:
    a_listing("Knitting")
    a_listing("Walking", kinds=("moving-more",), cost_options=(CostFacts(amount=Decimal(2)),))
    a_listing("Dinner", places=(PRESTON,), schedules=(MONDAYS,))
    assert titles(client, "/activities?q=knit") == ["Knitting"]
    assert titles(client, "/activities?near=Preston") == ["Dinner"]
    assert titles(client, "/activities?kind=moving-more") == ["Walking"]
    assert titles(client, "/activities?day=MO") == ["Dinner"]
    assert sorted(titles(client, "/activities?cost=free")) == ["Dinner", "Knitting"]
    assert sorted(titles(client, "/activities?day=MO&day=TU&cost=free")) == ["Dinner", "Knitting"]


def test_each_filter_in_use_can_be_taken_off(client: Client) -> None:
    a_listing()
    html = client.get("/activities?near=E3&kind=meeting-people&cost=free").get_data(as_text=True)
    assert 'href="/activities?near=E3&amp;kind=meeting-people"' in html
    assert 'href="/activities?near=E3&amp;cost=free"' in html
    assert 'href="/activities?near=E3">Clear all' in html


def test_an_unknown_place_is_said_at_its_field_with_others_to_choose(client: Client) -> None:
    a_listing()
    page = client.get("/activities?near=Prestin&q=knit")
    html = page.get_data(as_text=True)
    assert page.status_code == 422
    assert 'id="near-error"' in html
    assert "We do not know that place" in html
    assert "/activities?q=knit&amp;near=Preston,+Lancashire" in html
    assert "1 activity for “knit”, everywhere" in words(
        client, "/activities?near=Xyzzy&q=knit", 422
    )


@pytest.mark.parametrize(
    "query",
    [
        "kind=nonsense",
        "day=XX",
        "cost=cheap",
        "access=everything",
        "attending=never",
        "view=globe",
        "page=0",
        "page=two",
        "page=9999",
        "page=7",
        "within=0",
        "within=-3",
        "within=far",
        "within=nan",
        "within=1e3",
        "q=" + "a" * 201,
        "near=" + "a" * 101,
    ],
)
def test_an_address_nobody_was_given_is_refused_and_breaks_nothing(
    client: Client, query: str
) -> None:
    a_listing()
    assert 400 <= client.get(f"/activities?{query}").status_code < 423


def test_a_long_list_comes_in_pages(client: Client) -> None:
    organisation = an_organisation()
    for number in range(21):
        a_listing(f"Group {number}", organisation=organisation)
    first, second = titles(client, "/activities"), titles(client, "/activities?page=2")
    assert (len(first), len(second)) == (20, 1)
    assert not set(first) & set(second)
    assert "page=2" in client.get("/activities?cost=free").get_data(as_text=True)


def test_script_is_given_the_results_alone(client: Client) -> None:
    a_listing()
    page = client.get("/activities", headers={"X-Fragment": "1"})
    said = page.get_data(as_text=True).strip()
    assert said.startswith('<div id="help-now"></div><div id="results">')
    assert "X-Fragment" in page.headers["Vary"]
    assert "X-Fragment" in client.get("/activities").headers["Vary"]


def test_a_list_of_many_asks_the_database_no_more_often_than_of_few(client: Client) -> None:
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *a: asked.append(a[2]))

    def count() -> int:
        client.get("/activities")
        asked.clear()
        client.get(f"/activities?turn={uuid.uuid4()}")  # by an address not asked before
        return len(asked)

    organisation = an_organisation()
    a_listing("First", organisation=organisation)
    few = count()
    for number in range(9):
        a_listing(f"Group {number}", organisation=organisation)
    assert 0 < count() <= few


def test_the_map_is_links_before_any_script_runs(client: Client) -> None:
    for number in range(3):
        a_listing(f"Group {number}")
    a_listing("Alone", places=(PlaceFacts(name="Hut", postcode="E14 9SH"),))
    html = client.get("/activities?view=map&near=E3").get_data(as_text=True)
    assert 'aria-label="Alone, Tuesdays, 10am to 11:30am, Hut"' in html
    assert 'aria-label="3 activities at Bow Common Hall, London"' in html
    assert "Contains OS data © Crown copyright and database right 2025" in html
    assert 'data-points="/activities.geojson?near=E3&amp;view=map"' in html


def test_the_map_says_when_something_has_no_place_on_it(client: Client) -> None:
    a_listing("By phone", places=(), attending=Attending.PHONE)
    a_listing("Here")
    assert "and those with no place on the map" in words(client, "/activities?view=map")


def test_the_points_are_those_of_the_list(client: Client) -> None:
    a_listing("Knitting")
    a_listing("Dinner", places=(PRESTON,))
    found = client.get("/activities.geojson?near=Preston").get_json()
    assert [each["properties"]["name"] for each in found["features"]] == ["Dinner"]
    assert found["features"][0]["properties"]["href"] == "/activities/dinner-preston"


def test_the_points_of_a_box_are_those_in_it_wherever_else_was_asked(client: Client) -> None:
    a_listing("Knitting")
    a_listing("Dinner", places=(PRESTON,))
    a_listing("Tea by phone", places=(), attending=Attending.PHONE)
    for asked, names in (
        ("box=-3,53,-2,54", ["Dinner"]),
        ("box=-3,53,-2,54&q=knitting&exact=1", []),
    ):
        found = client.get(f"/activities.geojson?near=E3&{asked}").get_json()
        assert [each["properties"]["name"] for each in found["features"]] == names
    assert client.get("/activities.geojson?box=1,2,3").status_code == 400


@pytest.mark.parametrize(
    "box", ["", "1", "a,b,c,d", "1,2,3", "2,51,1,52", "0,0,inf,1", "nan,1,2,3"]
)
def test_only_a_real_box_has_ground(client: Client, box: str) -> None:
    assert client.get(f"/map-ground.geojson?box={box}").status_code == 400
    assert client.get("/map-ground.geojson?box=-0.1,51.4,0.1,51.6").status_code == 200


def a_whole_listing() -> Service:
    hall = {Access.STEP_FREE: Answer.YES, Access.BSL: Answer.NO}
    return a_listing(
        "Knit and natter",
        summary="Bring your wool.",
        description="<p>Tea <strong>and</strong> cake.</p>",
        eligibility_description="Anyone over 18",
        before_you_come="Ring Sheila.",
        when_you_arrive="Use the side door.",
        afterwards="Stay for tea.",
        meets_at_door=True,
        email="knit@bowknitters.example",
        phones=(PhoneFacts(number="01632 960 102"),),
        contacts=(ContactFacts(name="Sheila", best_time="weekdays 9am to 1pm"),),
        assured_on=clock.today() - timedelta(days=3),
        places=(
            PlaceFacts(
                name="Bow Common Hall",
                address_1="12 Roman Road",
                city="London",
                postcode="E3 3BQ",
                bus="The 8 stops outside",
                access=hall,
            ),
        ),
    )


def test_an_activity_answers_in_the_order_people_ask(client: Client) -> None:
    a_whole_listing()
    page = words(client, "/activities/knit-and-natter-london")
    asked = ["Meeting people", "Knit and natter", "Bring your wool.", "When", "Tuesdays"]
    asked += ["Next one: Tue 24 Nov", "Where", "Bow Common Hall, 12 Roman Road", "Cost", "Free"]
    asked += ["Who for", "Anyone over 18.", "First-timers are met at the door."]
    asked += ["Call 01632 960 102", "Ask for Sheila.", "What happens", "Tea and cake.", "Before:"]
    asked += ["When you arrive:", "After:", "Next sessions", "Tue 24 Nov", "Tue 15 Dec"]
    asked += [
        "Access and comfort",
        "contact details taken from another list, 3 days ago",
        "How to get there",
        "The 8 stops outside",
    ]
    asked += ["Who runs it", "Bow Common Knitters"]
    at = 0
    for words_of_it in asked:
        at = page.index(words_of_it, at) + len(words_of_it)


def test_not_known_is_never_said_as_no(client: Client) -> None:
    a_whole_listing()
    page = words(client, "/activities/knit-and-natter-london")
    assert "Step-free access: yes" in page
    assert "Sign language interpreter if you ask: no" in page
    assert "Hearing loop: not known, ring to ask" in page


@pytest.mark.parametrize("life", [Life.DRAFT, Life.RETIRED])
def test_what_is_not_shown_cannot_be_opened(client: Client, life: Life) -> None:
    service = a_listing(life=life)
    assert client.get(f"/activities/{service.slug}").status_code == 404
    assert titles(client, "/activities") == []


def test_an_unknown_address_is_not_found(client: Client) -> None:
    assert client.get("/activities/nothing-here").status_code == 404
    assert client.get("/activities/%F0%9F%A7%B6'--").status_code == 404


def test_a_paused_activity_says_so_and_names_no_date(client: Client) -> None:
    service = a_listing(life=Life.PAUSED)
    page = words(client, f"/activities/{service.slug}")
    assert "This is paused for now. Ring before you set out." in page
    assert "Next sessions" not in page
    assert "Paused for now" in words(client, "/activities")


def test_old_facts_carry_a_warning(client: Client) -> None:
    service = a_listing(assured_on=clock.today() - timedelta(days=200))
    assert "Some of it may have changed: ring before you set out." in words(
        client, f"/activities/{service.slug}"
    )


@pytest.mark.asvs("1.2.3")
def test_search_engines_are_told_when_and_where_and_nothing_breaks_out(client: Client) -> None:
    organisation = an_organisation("Tea </script><script>alert(1)</script> & Co")
    service = a_listing(organisation=organisation)
    html = client.get(f"/activities/{service.slug}").get_data(as_text=True)
    [data] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    said = json.loads(data)
    assert said["@type"] == "Event"
    assert said["organizer"]["name"] == organisation.name
    assert said["eventSchedule"][0]["byDay"] == ["https://schema.org/Tuesday"]
    assert said["eventSchedule"][0]["startTime"] == "10:00:00"
    assert said["location"]["address"]["postalCode"] == "E3 3BQ"
    assert said["isAccessibleForFree"] is True
    assert "telephone" not in said["organizer"]


def test_an_activity_without_times_is_a_service_to_search_engines(client: Client) -> None:
    service = a_listing(schedules=())
    html = client.get(f"/activities/{service.slug}").get_data(as_text=True)
    [data] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    assert json.loads(data)["@type"] == "Service"


def test_what_else_is_near_leads_on(client: Client) -> None:
    service = a_listing("Knit")
    a_listing("Sew")
    a_listing("Dinner", places=(PRESTON,))
    page = words(client, f"/activities/{service.slug}")
    nearby = page[page.index("Also nearby") :]
    assert "Sew" in nearby
    assert "Knit" not in nearby
    assert "Dinner" not in nearby


def test_the_way_back_leads_to_the_results_one_came_from(client: Client) -> None:
    service = a_listing()
    path = f"/activities/{service.slug}"

    def back(referrer: str) -> str:
        html = client.get(path, headers={"Referer": referrer}).get_data(as_text=True)
        [href] = re.findall(r'href="([^"]*)" class="govuk-back-link', html)
        return href.replace("&amp;", "&")

    assert back("http://localhost/activities?q=knit&page=2") == "/activities?q=knit&page=2"
    assert back("http://localhost/about") == "/activities"
    assert back("https://elsewhere.example/activities?q=x") == "/activities"


def test_a_clinician_can_refer_from_here_and_a_visitor_cannot(client: Client) -> None:
    service = a_listing()
    path = f"/activities/{service.slug}"
    assert "Refer someone" not in words(client, path)
    practice = an_organisation("St Andrews", OrganisationKind.PRACTICE, ods_code="X00001")
    client.as_(a_user(practice, Role.CLINICIAN))
    assert "Refer someone" in words(client, path)


@pytest.mark.parametrize("path", ["/about", "/privacy", "/accessibility"])
def test_we_say_who_we_are_and_what_we_keep(client: Client, path: str) -> None:
    assert "01632 960 111" in words(client, path)
    assert f'href="{path}"' in client.get("/").get_data(as_text=True)


def test_a_start_is_called_what_is_there_and_not_its_far_off_town(client: Client) -> None:
    a_listing(places=(BOW_HALL,))
    spot = find_place("E3 3BQ")
    assert spot is not None
    name = place_around(spot.latitude, spot.longitude).name
    assert f"Or start with {name}" in words(client, "/")
    assert name != "London"


def test_the_menu_of_visitors_begins_with_finding(client: Client) -> None:
    html = client.get("/").get_data(as_text=True)
    menu = html[html.index('class="k-nav__list"') :].partition("</ul>")[0]
    assert re.findall(r">([^<>]+)</a>", menu) == [
        "Find",
        "Shortlist",
        "Get help",
        "Add your group",
    ]
    assert '<li class="k-nav__wide"><a href="/add' in menu
