"""The link worker's desk: one page plans a visit, with the person's own words and a reminder."""

from datetime import timedelta

from sqlalchemy import select

from accounts import User
from core import clock
from core.db import db
from core.outbox import Letter, State
from referrals.models import FirstVisit, Kept, Referral
from referrals.rules import ContactRoute, Status
from tests.client import Client
from tests.engines import on_sqlite
from tests.referral_builders import a_visit, an_onward
from tests.referrals.link_desk import fresh, in_parts, referred

pytestmark = on_sqlite

WORDS = "On Tuesday, after I drop Ella at school, I will walk to the hall with Jean."


def answers(in_days: int = 7) -> dict[str, str]:
    return {
        "session": "other",
        **in_parts("other_on", clock.today() + timedelta(days=in_days)),
        "other_at": "10:30",
        "way": "walk",
        "met_by": "Sheila",
        "going_with": "Jean",
        "worry": "Not knowing anybody",
        "pledge": WORDS,
        "witness": "Jean",
        "remind": "y",
    }


def told_yes(amina: User, route: ContactRoute = ContactRoute.TEXT) -> Referral:
    return an_onward(Status.ACCEPTED, parent=referred(amina, contact_route=route))


def planned(desk: Client, amina: User) -> FirstVisit:
    onward = told_yes(amina)
    assert desk.fill(f"/caseload/{onward.id}/visit", answers()).status_code == 303
    return fresh(onward).visits[-1]


def test_one_page_holds_the_visit_the_pledge_and_the_reminder(desk: Client, amina: User) -> None:
    visit = planned(desk, amina)
    assert (visit.going_with, visit.worry) == ("Jean", "Not knowing anybody")
    assert visit.pledge is not None
    assert (visit.pledge.words, visit.pledge.witness) == (WORDS, "Jean")
    page = desk.get(f"/caseload/{visit.referral.parent_id}").text
    for words in (WORDS, "Jean knows of this plan.", "Not knowing anybody", "A reminder goes on"):
        assert words in page


def test_a_plan_needs_no_pledge_and_one_can_follow(desk: Client, amina: User) -> None:
    onward = told_yes(amina, ContactRoute.PHONE)
    path = f"/caseload/{onward.id}/visit"
    assert 'name="remind"' not in desk.get(path).text
    desk.fill(path, answers() | {"pledge": "", "witness": ""})
    visit = fresh(onward).visits[-1]
    assert visit.pledge is None
    path += f"/{visit.id}/own-plan"
    assert path in desk.get(f"/caseload/{onward.parent_id}").text
    assert desk.fill(path, {"pledge": "", "witness": ""}).status_code == 422
    assert desk.fill(path, {"pledge": WORDS, "witness": "01632 960 555"}).status_code == 422
    assert desk.fill(path, {"pledge": WORDS, "witness": "My neighbour"}).status_code == 303
    pledge = fresh(onward).visits[-1].pledge
    assert pledge is not None
    assert pledge.witness == "My neighbour"


def test_a_reminder_is_stopped_with_one_press(desk: Client, amina: User) -> None:
    visit = planned(desk, amina)
    page = f"/caseload/{visit.referral.parent_id}"
    path = f"/caseload/{visit.referral_id}/visit/{visit.id}/no-reminder"
    assert desk.fill_act(path, on=page).location == page
    [letter] = db.session.scalars(select(Letter).where(Letter.kind == "visit-reminder"))
    assert letter.state is State.CANCELLED
    assert "A reminder goes on" not in desk.get(page).text


def test_what_became_of_it_is_one_press_on_the_day(desk: Client, amina: User) -> None:
    onward = told_yes(amina)
    desk.fill(f"/caseload/{onward.id}/visit", answers(in_days=0))
    visit = fresh(onward).visits[-1]
    page = f"/caseload/{onward.parent_id}"
    path = f"/caseload/{onward.id}/visit/{visit.id}/kept"
    desk.fill_act(path, on=page, kept="changed")
    pledge = fresh(onward).visits[-1].pledge
    assert pledge is not None
    assert pledge.kept is Kept.CHANGED
    assert "The plan changed." in desk.get(page).text
    assert desk.fill_act(path, on=page, kept="shame").status_code == 404


def test_the_group_reads_neither_the_worry_nor_the_pledge(
    client: Client, desk: Client, amina: User
) -> None:
    planned(desk, amina)
    asked = select(Letter).where(Letter.kind == "group-visit")
    [letter] = db.session.scalars(asked)
    address = "/g/" + letter.body.partition("/g/")[2].split()[0]
    page = client.get(address).text
    assert "Sheila" in page
    for words in (WORDS, "Not knowing anybody", "Jean knows"):
        assert words not in page


def test_a_stranger_finds_no_plan(desk: Client, amina: User) -> None:
    visit = a_visit()
    path = f"/caseload/{visit.referral_id}/visit/{visit.id}/own-plan"
    assert desk.get(path).status_code == 404
