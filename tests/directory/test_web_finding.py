"""The search page: filters, what is not known, the coming week, and the ways out of nothing."""

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import html5lib
import pytest
from flask import Flask
from sqlalchemy import event

from core import clock
from core.db import db
from core.saving import saving
from directory.facts import CostFacts, LanguageFacts, PlaceFacts, ScheduleFacts
from directory.notices import cancel_session, pause_between, say_full
from directory.rules import Access, Answer, Attending, Frequency, Life
from directory.taxonomy import ensure_terms
from tests.builders import BUILDER, MONDAY_MORNING, TUESDAYS_AT_TEN, a_listing, an_organisation
from tests.client import Client
from tests.engines import on_sqlite

pytestmark = on_sqlite

PRESTON = PlaceFacts(name="Lamplight House", city="Preston", postcode="PR1 3SB")
NS = "{http://www.w3.org/1999/xhtml}"


@pytest.fixture(autouse=True)
def _monday_morning(app: Flask) -> Iterator[None]:
    with clock.set_to(MONDAY_MORNING):
        yield


def words(client: Client, path: str) -> str:
    page = client.get(path)
    assert page.status_code == 200, page.status
    [main] = html5lib.parse(page.get_data(as_text=True)).iter(f"{NS}main")
    return " ".join("".join(main.itertext()).split())


def titles(client: Client, path: str) -> list[str]:
    html = client.get(path).get_data(as_text=True)
    return re.findall(r'k-card__title"><a href="[^"]*">([^<]*)', html)


def a_hall(**access: Answer) -> PlaceFacts:
    said = {Access(name): answer for name, answer in access.items()}
    return PlaceFacts(name="Bow Common Hall", city="London", postcode="E3 3BQ", access=said)


def a_mixed_town() -> None:
    with saving():
        ensure_terms(by=BUILDER)
    a_listing(
        "Carers' tea",
        minimum_age=18,
        audiences=("carers",),
        needs=("caring",),
        languages=(LanguageFacts(code="bn", name="Bengali"),),
        meets_at_door=True,
        referral_needed=False,
        places_free=4,
        places=(a_hall(step_free=Answer.YES, bsl=Answer.YES),),
    )
    a_listing("Open door", places=(a_hall(),))


@pytest.mark.parametrize(
    ("query", "fact"),
    [
        ("age=26-64", "Ages 18 and over"),
        ("who=carers", "Unpaid carers"),
        ("need=caring", "Caring for someone"),
        ("language=bn", "Bengali spoken"),
        ("has=door", "Somebody meets you at the door"),
        ("has=no-referral", "No referral needed"),
        ("has=places", "4 places left"),
        ("access=bsl", "Sign language interpreter if you ask"),
        ("day=TU&time=morning", "Next: Tue 24 Nov"),
    ],
)
def test_a_card_says_the_fact_that_meets_what_was_ticked(
    client: Client, query: str, fact: str
) -> None:
    a_mixed_town()
    html = client.get(f"/activities?{query}").get_data(as_text=True)
    card = html[html.index("Carers&#39; tea") :]
    assert fact in card[: card.index("k-card__foot")]


def test_the_front_page_leads_from_a_situation_to_what_helps_with_it(client: Client) -> None:
    a_mixed_town()
    html = client.get("/").get_data(as_text=True)
    assert "What is going on for you?" in html
    assert 'href="/activities?need=caring">Caring for someone <span class="k-n">1<' in html
    assert "need=memory" not in html
    assert titles(client, "/activities?need=caring") == ["Carers&#39; tea"]
    assert 'href="/activities?q=tea">' in client.get("/activities?q=tea&need=caring").get_data(
        as_text=True
    )


def test_every_filter_counts_and_can_be_taken_off_again(client: Client) -> None:
    a_mixed_town()
    html = client.get("/activities?language=bn&has=door&q=tea").get_data(as_text=True)
    assert 'href="/activities?q=tea&amp;language=bn"' in html
    assert 'href="/activities?q=tea&amp;has=door"' in html
    assert 'href="/activities?q=tea">Clear all' in html
    counts = dict(re.findall(r'value="([^"]+)"[^>]*>\s*<label.*?class="k-n">(\d+)<', html))
    assert (counts["carers"], counts["bn"], counts["door"]) == ("1", "1", "1")
    assert 'id="facet-language" open' in html


def test_nobody_is_asked_whether_they_speak_english(client: Client) -> None:
    a_listing(languages=(LanguageFacts(code="en", name="English"),))
    assert "English" not in words(client, "/activities")
    assert client.get("/activities?language=en").status_code == 400


def test_the_page_says_how_many_were_left_out_for_want_of_an_answer(client: Client) -> None:
    a_mixed_town()
    page = words(client, "/activities?access=step_free")
    assert "1 activity" in page
    assert "1 more may fit, but nobody has said: “Step-free access”. Show them" in page
    html = client.get("/activities?access=step_free").get_data(as_text=True)
    assert 'href="/activities?access=step_free&amp;unknown=1"' in html


def test_what_was_left_out_is_shown_on_request_and_marked(client: Client) -> None:
    a_mixed_town()
    path = "/activities?access=step_free&unknown=1"
    assert titles(client, path) == ["Carers&#39; tea", "Open door"]
    page = words(client, path)
    assert "1 of these is here though nobody has said" in page
    assert "Step-free access: not known, ring to ask" in page[page.index("Open door") :]
    assert 'name="unknown" type="checkbox" value="1" checked' in client.get(path).get_data(
        as_text=True
    )


def test_free_and_door_are_marked_where_nobody_has_said(client: Client) -> None:
    a_listing(cost_options=())
    page = words(client, "/activities?cost=free&has=door&has=no-referral&has=places&unknown=1")
    for unsaid in ("Cost", "Places now", "Somebody to meet you", "Whether you need a referral"):
        assert re.search(f"{unsaid}[^:]*: not known, ring to ask", page), unsaid


def test_what_comes_to_you_is_never_in_doubt_about_its_door(client: Client) -> None:
    a_listing("By phone", places=(), attending=Attending.PHONE)
    assert "may fit" not in words(client, "/activities?access=step_free")


def test_a_listing_not_checked_lately_says_so_and_stands_last(client: Client) -> None:
    a_listing("A choir", life=Life.NEEDS_CHECKING, assured_on=clock.today() - timedelta(days=300))
    a_listing("The choir")
    assert titles(client, "/activities?q=choir") == ["The choir", "A choir"]
    assert "Not checked lately" in words(client, "/activities?q=choir")


def test_a_full_activity_says_so_while_the_notice_holds(client: Client) -> None:
    service = a_listing(places_free=6)
    with saving():
        say_full(service, clock.today() + timedelta(days=2), by=BUILDER)
    page = words(client, "/activities")
    assert "Full at the moment" in page
    assert "6 places left" not in page


def test_a_place_nobody_can_find_is_said_to_be_so(client: Client) -> None:
    a_listing("Somewhere", places=(PlaceFacts(name="The hut"),))
    a_listing("By phone", places=(), attending=Attending.PHONE)
    page = words(client, "/activities?near=E3")
    assert page.count("How far is not known: ring to ask") == 1
    assert "How far is not known" not in words(client, "/activities")


def test_the_coming_week_stands_day_by_day_in_the_order_of_the_hours(client: Client) -> None:
    a_listing("Tea")
    early = ScheduleFacts(freq=Frequency.WEEKLY, byday="TU,MO", opens_at=TUESDAYS_AT_TEN.opens_at)
    a_listing("Walk", schedules=(early,), places=(PRESTON,))
    a_listing("One day", schedules=())
    page = words(client, "/activities?view=when")
    week = page[page.index("3 activities") :]
    parts = ["Monday 23 November", "Today", "10am", "Walk", "Preston", "Free"]
    parts += ["Tuesday 24 November", "10am to 11:30am", "Tea", "Bow Common Hall, London"]
    parts += ["1 more has no day that we know of this week."]
    at = [week.index(part) for part in parts]
    assert at == sorted(at)
    assert "30 November" not in week


def test_the_week_keeps_to_the_filters_and_to_what_is_cancelled(client: Client) -> None:
    both = ScheduleFacts(freq=Frequency.WEEKLY, byday="TU,TH", opens_at=TUESDAYS_AT_TEN.opens_at)
    off = a_listing("Cancelled", schedules=(both,))
    resting = a_listing("Resting", schedules=(both,))
    today = clock.today()
    with saving():
        cancel_session(off, today + timedelta(days=1), by=BUILDER)
        pause_between(resting, today, today + timedelta(days=20), by=BUILDER)
    page = words(client, "/activities?view=when")
    assert "Tuesday 24 November" not in page
    assert page.count("Cancelled") == 1
    only_tuesday = words(client, "/activities?view=when&day=TU")
    assert "Thursday" not in only_tuesday[only_tuesday.index("activities") :].split("Filter")[0]
    assert "have no day that we know of this week" in only_tuesday


def test_a_crowded_day_leads_to_the_rest_in_the_list(client: Client) -> None:
    organisation = an_organisation()
    for number in range(33):
        a_listing(f"Group {number}", organisation=organisation)
    assert "3 more that day: see them in the list" in words(client, "/activities?view=when")
    html = client.get("/activities?view=when").get_data(as_text=True)
    assert 'href="/activities?day=TU"' in html
    assert '<input type="hidden" name="view" value="when">' in html


def test_the_week_asks_the_database_no_more_often_for_many(client: Client) -> None:
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    organisation = an_organisation()
    a_listing("First", organisation=organisation)
    client.get("/activities?view=when")
    asked.clear()
    client.get("/activities?view=when&turn=2")  # the same page, by an address not asked before
    few = len(asked)
    for number in range(5):
        a_listing(f"Group {number}", organisation=organisation)
    asked.clear()
    client.get("/activities?view=when&turn=3")
    assert 0 < len(asked) <= few


def test_nothing_found_says_which_one_change_brings_back_how_many(client: Client) -> None:
    a_listing("Knitting")
    a_listing("Sewing")
    a_listing("Dance", cost_options=(CostFacts(amount=Decimal(3)),), places=(PRESTON,))
    page = words(client, "/activities?near=E3&day=SU")
    assert "Any one of these changes finds something. Look: without “Sunday” 2 activities" in page
    assert "01632 960 111" in page
    html = client.get("/activities?near=E3&day=SU").get_data(as_text=True)
    assert '<a href="/activities?near=E3">without “Sunday”</a>' in html


def test_the_way_out_may_be_a_word_or_a_distance(client: Client) -> None:
    a_listing("Dinner", places=(PRESTON,))
    html = client.get("/activities?near=Blackpool&within=1").get_data(as_text=True)
    assert '<a href="/activities?near=Blackpool&amp;within=30">within 30 miles</a>' in html
    html = client.get("/activities?near=E3&q=dinner+zeppelin&cost=free").get_data(as_text=True)
    assert '<a href="/activities?q=dinner+zeppelin&amp;cost=free">anywhere</a>' in html


def test_two_changes_are_offered_where_one_is_not_enough(client: Client) -> None:
    a_listing("Dinner")
    page = words(client, "/activities?q=zeppelin&day=SU")
    assert "Any two changes together find something" in page
    assert "without “Sunday” and without “zeppelin” 1 activity" in page
    nothing = words(client, "/activities?q=zeppelin&day=SU&kind=moving-more")
    assert "No one change is enough: start again." in nothing
    assert "Tell us what you wish there were" in nothing


def test_the_front_page_leads_to_the_coming_week(client: Client) -> None:
    a_listing()
    assert 'href="/activities?view=when"' in client.get("/").get_data(as_text=True)


def test_script_is_given_the_results_and_the_boxes_with_their_counts(client: Client) -> None:
    a_listing()
    html = client.get("/activities?day=TU", headers={"X-Fragment": "1"}).get_data(as_text=True)
    assert html.index('id="results"') < html.index('id="facet-kind"')
    assert "<h1" not in html
