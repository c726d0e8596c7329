"""The link worker's desk: on to a group, the first visit there, and the wellbeing questions."""

import re
from datetime import timedelta

from sqlalchemy import select

from accounts import OrganisationKind, User, set_up
from core import clock
from core.actors import system
from core.db import db
from core.outbox import Letter
from core.saving import saving
from directory import Service
from directory.facts import ListingFacts, PlaceFacts
from directory.listings import draft_listing, step
from directory.rules import Step
from referrals.models import Referral
from referrals.rules import Came, Point, Status
from tests.client import Client
from tests.engines import on_sqlite
from tests.referral_builders import a_service, a_visit, an_onward
from tests.referrals.link_desk import fresh, in_parts, referred

pytestmark = on_sqlite


def lonely(name: str) -> Service:
    """An activity near the person, for people who are lonely, that can be written to."""
    return listed(name, "E3 4LH", needs=("lonely",), email="hello@group.example")


def listed(name: str, postcode: str, **facts: object) -> Service:
    """An activity at a place, as everybody can find it."""
    editor = system("test")
    with saving():
        group = set_up(f"Friends of {name}", OrganisationKind.GROUP, by=editor)
        place = PlaceFacts(name="The hall", postcode=postcode)
        said = ListingFacts(name=name, places=(place,), **facts)  # type: ignore[arg-type]
        service = draft_listing(said, group, by=editor)
        step(service, Step.PUBLISH, by=editor)
    return service


def test_activities_are_looked_for_around_the_person_whose_postcode_is_in_no_address(
    desk: Client, amina: User
) -> None:
    referral = referred(amina, postcode="E3 3BQ")
    near, far = (
        listed("Morning tai chi", "E3 4LH").slug,
        listed("Tai chi in Burnley", "BB11 2DL").slug,
    )
    path = f"/caseload/{referral.id}/refer-on"
    page = desk.get(f"{path}?q=tai+chi&within=3").text
    assert f"{path}/{near}" in page
    assert far not in page
    assert "1 activity near their home" in page
    addresses = re.findall(r'(?:href|action)="([^"]*)"', page)
    assert not [address for address in addresses if "E3" in address]
    assert "Nothing found" in desk.get(f"{path}?q=abseiling").text
    assert desk.get(f"{path}?within=abc").status_code == 200


def test_where_nobody_knows_the_home_nothing_is_said_to_be_near(desk: Client, amina: User) -> None:
    referral = referred(amina, postcode="")
    listed("Morning tai chi", "E3 4LH")
    page = desk.get(f"/caseload/{referral.id}/refer-on").text
    assert "We do not know where" in page
    assert "near their home" not in page


def test_an_age_that_does_not_fit_and_a_long_way_are_said_before_a_group_is_asked(
    desk: Client, amina: User
) -> None:
    referral = referred(amina, postcode="E3 3BQ")
    service = listed("Young makers", "BB11 2DL", maximum_age=25)
    page = desk.get(f"/caseload/{referral.id}/refer-on/{service.slug}").text
    assert "Young makers is for people of 25 or younger." in page
    assert "miles from their home" in page


def ask_a_group(desk: Client, referral: Referral, service: Service) -> Referral:
    path = f"/caseload/{referral.id}/refer-on/{service.slug}"
    page = desk.get(path).text
    assert "No name, no age, no address." in page
    assert f"{referral.person.called} agrees: ask them" in page
    sent = desk.fill(path, {"reason": "bereavement", "note": "Shy at first."})
    assert sent.location == f"/caseload/{referral.id}"
    return fresh(referral).onward[-1]


def test_a_group_is_asked_on_a_page_that_says_what_it_will_read(desk: Client, amina: User) -> None:
    referral = referred(amina)
    onward = ask_a_group(desk, referral, a_service())
    assert (onward.status, onward.reasons, onward.note) == (
        Status.SENT,
        ["bereavement"],
        "Shy at first.",
    )
    letter = db.session.scalars(select(Letter).where(Letter.kind == "group-asked")).one()
    assert "/g/" in letter.body
    assert referral.person.name not in letter.body
    assert "Waiting for group" in desk.get("/caseload?tab=waiting").text


def test_a_reason_nobody_gave_is_never_told(desk: Client, amina: User) -> None:
    referral, service = referred(amina), a_service()
    path = f"/caseload/{referral.id}/refer-on/{service.slug}"
    desk.fill(path, {"reason": "money-housing", "note": ""})
    assert fresh(referral).onward[0].reasons == [referral.reasons[0]]


def test_a_group_without_an_address_is_rung_and_its_answer_written_down(
    desk: Client, amina: User
) -> None:
    referral = referred(amina)
    service = a_service(email="")
    assert (
        "We have no email address"
        in desk.get(f"/caseload/{referral.id}/refer-on/{service.slug}").text
    )
    onward = ask_a_group(desk, referral, service)
    answer = desk.fill_act(f"/caseload/{onward.id}/said-yes", on=f"/caseload/{referral.id}")
    assert answer.location == f"/caseload/{onward.id}/visit"
    assert fresh(onward).status is Status.ACCEPTED


def test_a_group_s_no_by_telephone_leads_to_what_else_would_suit(desk: Client, amina: User) -> None:
    onward = an_onward(parent=referred(amina))
    path = f"/caseload/{onward.id}/not-this-time"
    assert desk.fill(path, {"note": ""}).status_code == 422
    answer = desk.fill(path, {"reason": "full", "note": "Ask in May."})
    assert answer.location == f"/caseload/{onward.id}/instead"
    assert fresh(onward).steps[-1].note == "We are full. Ask in May."
    assert "Nothing like it is near" in desk.get(answer.location).text
    assert answer.location in desk.get(f"/caseload/{onward.parent_id}").text


def test_the_next_group_is_asked_with_one_press_if_the_person_agreed_to_that(
    desk: Client, amina: User
) -> None:
    referral = referred(amina, postcode="E3 3BQ")
    first, other = lonely("Morning tai chi"), lonely("Evening singing")
    path = f"/caseload/{referral.id}/refer-on/{first.slug}"
    desk.fill(path, {"reason": "lonely", "note": "", "or_another": "y"})
    onward = fresh(referral).onward[-1]
    desk.fill(f"/caseload/{onward.id}/not-this-time", {"reason": "full", "note": ""})
    shown = desk.get(f"/caseload/{onward.id}/instead").text
    assert "For: Lonely or few contacts" in shown
    assert "agreed to one group only" not in shown
    asked = desk.fill_act(
        f"/caseload/{onward.id}/instead/{other.slug}", on=f"/caseload/{onward.id}/instead"
    )
    assert asked.location == f"/caseload/{referral.id}"
    assert [each.service_id for each in fresh(referral).onward] == [first.id, other.id]


def test_who_agreed_to_one_group_only_is_asked_first(desk: Client, amina: User) -> None:
    referral = referred(amina, postcode="E3 3BQ")
    other = lonely("Evening singing")
    onward = an_onward(Status.REJECTED, parent=referral, service=lonely("Morning tai chi"))
    page = desk.get(f"/caseload/{onward.id}/instead").text
    assert "agreed to one group only" in page
    assert f"/caseload/{referral.id}/refer-on/{other.slug}" in page
    assert "formaction" not in page.partition("<main")[2].partition("</main")[0]


def test_a_referral_to_a_group_is_taken_back_with_a_reason_for_the_team(
    desk: Client, amina: User
) -> None:
    onward = an_onward(parent=referred(amina))
    path = f"/caseload/{onward.id}/take-back"
    assert desk.fill(path, {"note": ""}).status_code == 422
    assert desk.fill(path, {"note": "Chose another."}).location == f"/caseload/{onward.parent_id}"
    assert fresh(onward).status is Status.WITHDRAWN


def test_the_first_visit_is_planned_with_day_way_and_who_meets_them(
    desk: Client, amina: User
) -> None:
    onward = an_onward(Status.ACCEPTED, parent=referred(amina))
    path = f"/caseload/{onward.id}/visit"
    on = clock.today() + timedelta(days=3)
    answers = {
        "session": "other",
        **in_parts("other_on", on),
        "other_at": "2.15pm",
        "way": "bus",
        "way_note": "The 108 from Bow Church",
        "met_by": "Sheila",
        "cost": "£2",
        "bring": "Glasses",
    }
    for missing in ("session", "way", "met_by"):
        page = desk.fill(path, answers | {missing: ""})
        assert page.status_code == 422
        assert "The 108 from Bow Church" in page.text
    assert "Enter a time, like 10:30am" in desk.fill(path, answers | {"other_at": "late"}).text
    assert desk.fill(path, answers).location == f"/caseload/{onward.parent_id}"
    (visit,) = fresh(onward).visits
    assert (visit.session_on, str(visit.starts_at)) == (on, "14:15:00")
    assert visit.getting_there == "By bus: The 108 from Bow Church"
    page = desk.get(f"/caseload/{onward.parent_id}").text
    assert "Sheila" in page
    assert "Call it off" in page


def test_no_visit_is_planned_before_the_group_has_said_yes(desk: Client, amina: User) -> None:
    onward = an_onward(parent=referred(amina))
    page = desk.get(f"/caseload/{onward.id}/visit").text
    assert "says yes, then plan the visit" in page
    assert "<fieldset" not in page


def test_what_became_of_a_visit_is_one_press_and_tells_the_gp_once(
    desk: Client, amina: User
) -> None:
    referral = referred(amina)
    visit = a_visit(an_onward(Status.ACCEPTED, parent=referral))
    page = f"/caseload/{referral.id}"
    assert f"Did {referral.person.called} come to" in desk.get(page).text
    path = f"/caseload/{visit.referral_id}/visit/{visit.id}/came"
    assert desk.fill_act(path, on=page, came="perhaps").status_code == 404
    assert desk.fill_act(path, on=page, came="came").location == page
    assert desk.fill_act(path, on=page, came="came").location == page
    db.session.rollback()
    assert visit.came is Came.CAME
    about_news = select(Letter).where(Letter.kind == "news-for-referrer")
    assert len(db.session.scalars(about_news).all()) == 1


ANSWERS = {"life_satisfaction": "3", "worthwhile": "4", "happiness": "2", "anxiety": "8"}


def test_the_wellbeing_answers_stand_side_by_side_with_the_change_in_words(
    desk: Client, amina: User
) -> None:
    referral = referred(amina)
    page = f"/caseload/{referral.id}"
    asked = in_parts("taken_on", clock.today())
    assert desk.fill(f"{page}/wellbeing/before", ANSWERS | asked).location == f"{page}#wellbeing"
    assert "Not asked twice" in desk.get(page).text
    after = {"life_satisfaction": "7", "worthwhile": "5", "anxiety": "9"}
    after["happiness"] = "0"
    desk.fill(f"{page}/wellbeing/after", after | asked)
    text = desk.get(page).text
    for words in ("Up 4: better", "About the same", "Down 2: worse"):
        assert words in text
    assert "Office for National Statistics" in text


def test_a_question_may_be_left_out_but_not_all_of_them(desk: Client, amina: User) -> None:
    referral = referred(amina)
    path = f"/caseload/{referral.id}/wellbeing/before"
    asked = in_parts("taken_on", clock.today())
    none = desk.fill(path, asked)
    assert none.status_code == 422
    assert "Choose at least one answer" in none.text
    tomorrow = in_parts("taken_on", clock.today() + timedelta(days=1))
    assert desk.fill(path, ANSWERS | tomorrow).status_code == 422
    assert desk.fill(path, {"worthwhile": "0"} | asked).status_code == 303
    (measure,) = fresh(referral).measures
    assert (measure.point, measure.answers) == (Point.BEFORE, {"worthwhile": 0})
    assert 'value="0" checked' in desk.get(path).text
