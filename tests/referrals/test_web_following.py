"""My referrals and what happened: live, in plain words, and to each only what is theirs to read."""

import html
import re
from datetime import UTC, date, datetime, timedelta

import pytest

from accounts import User
from core import clock
from core.db import db
from core.outbox import Letter
from core.saving import saving
from referrals.contacts import log_contact
from referrals.models import Referral
from referrals.outcomes import CAUTION, record_measure
from referrals.pathway import act
from referrals.rules import Action, Came, ContactHow, Point, Status
from tests.client import Client
from tests.engines import on_sqlite
from tests.referral_builders import (
    TOLD_WHY,
    a_clinician,
    a_new_person,
    a_practice,
    a_practice_admin,
    a_referral,
    a_service,
    a_visit,
    an_onward,
    owner_of,
)

pytestmark = on_sqlite

QUESTIONS = ("life_satisfaction", "worthwhile", "happiness", "anxiety")
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def clinician(client: Client) -> User:
    """A clinician, signed in."""
    user = a_clinician()
    client.as_(user)
    return user


def a_referral_of(user: User, name: str, status: Status = Status.SENT) -> Referral:
    return a_referral(status, referrer=user, person=a_new_person(name=name))


def words_of(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def read(referral: Referral) -> Referral:
    db.session.rollback()
    return referral


def test_each_tab_counts_and_shows_what_stands_there(client: Client, clinician: User) -> None:
    a_referral_of(clinician, "Sent Sam")
    a_referral_of(clinician, "Asked Ann", Status.INFO_REQUESTED)
    a_referral_of(clinician, "Done Dot", Status.CLOSED_COMPLETED)
    page = client.get("/my-referrals")
    counts = re.findall(r">([A-Z][a-z ]+) <b>(\d+)</b>", page.text)
    assert counts == [("All", "3"), ("Open", "2"), ("Needs your answer", "1"), ("Finished", "1")]
    assert "1 needs your answer." in page.text
    assert page.text.index("Asked Ann") < page.text.index("Sent Sam"), "who waits for us is first"
    names = {"open": ("Sent Sam", "Asked Ann"), "asked": ("Asked Ann",), "finished": ("Done Dot",)}
    for tab, shown in names.items():
        text = client.get(f"/my-referrals?show={tab}").text
        assert {name for name in ("Sent Sam", "Asked Ann", "Done Dot") if name in text} == {*shown}


def test_mine_are_mine_and_the_practice_s_are_a_press_away(client: Client, clinician: User) -> None:
    colleague = a_clinician(clinician.memberships[0].organisation)
    a_referral_of(clinician, "Mine Maud")
    a_referral_of(colleague, "Theirs Tom")
    a_referral(person=a_new_person(name="Elsewhere Eve"))
    mine, all_of_it = client.get("/my-referrals"), client.get("/my-referrals?whose=practice")
    assert "Mine Maud" in mine.text
    assert "Theirs Tom" not in mine.text
    assert "Theirs Tom" in all_of_it.text
    assert colleague.name in all_of_it.text
    assert "Elsewhere Eve" not in mine.text + all_of_it.text


def test_the_list_says_what_is_next_and_what_is_late(client: Client, clinician: User) -> None:
    with clock.set_to(MONDAY):
        client.as_(clinician)
        a_referral_of(clinician, "Sent Sam")
        assert "First contact by Wed 25 Nov" in words_of(client.get("/my-referrals").text)
        assert "This is late" not in client.get("/my-referrals").text
    with clock.set_to(MONDAY + timedelta(days=3)):
        client.as_(clinician)
        assert "This is late" in client.get("/my-referrals").text


def test_a_long_list_has_pages_and_nothing_behind_the_last(client: Client, clinician: User) -> None:
    with saving():
        for number in range(27):
            a_referral_of(clinician, f"Person {number}")
    assert client.get("/my-referrals").text.count('role="rowheader"') == 25
    assert client.get("/my-referrals?page=2").text.count('role="rowheader"') == 2
    assert client.get("/my-referrals?page=3").status_code == 404
    assert client.get("/my-referrals?show=nonsense").status_code == 404


def test_whoever_keeps_the_desk_sees_names_but_never_why(client: Client) -> None:
    practice = a_practice()
    asked = a_referral(Status.INFO_REQUESTED, referrer=a_clinician(practice))
    with saving():
        record = a_referral(Status.IN_PROGRESS, referrer=a_clinician(practice))
        _answers(record, Point.BEFORE, 3)
    client.as_(a_practice_admin(practice))
    pages = "".join(
        client.get(path).text
        for path in ("/my-referrals", f"/my-referrals/{asked.id}", f"/my-referrals/{record.id}")
    )
    assert asked.person.name in pages
    assert asked.person.nhs_number
    for secret in ("Lonely", "Bereavement", asked.note, TOLD_WHY, "Life satisfaction"):
        assert secret not in pages
    assert "Send your answer" not in pages
    assert client.get(f"/my-referrals/{asked.id}/mistake").status_code == 404
    assert client.post(f"/my-referrals/{asked.id}/answer").status_code in {400, 404}


def test_the_page_tells_the_whole_way_and_keeps_the_link_worker_s_notes_to_them(
    client: Client, clinician: User
) -> None:
    referral = a_referral(Status.ACCEPTED, referrer=clinician)
    with saving():
        log_contact(
            referral,
            ContactHow.PHONE,
            minutes=15,
            note="Told me in confidence",
            next_contact_on=None,
            by=owner_of(referral),
        )
        _answers(referral, Point.BEFORE, 3)
        _answers(referral, Point.AFTER, 6)
    service = a_service("Knit and natter")
    onward = an_onward(Status.ACCEPTED, parent=referral, service=service, note="For the group only")
    a_visit(onward, came=Came.CAME)
    said = words_of(client.get(f"/my-referrals/{referral.id}").text)
    for told in ("Phone call", "Knit and natter said yes", "Came to Knit and natter", "Accepted"):
        assert told in said
    assert "Up 3: better" in said
    assert "Open Government Licence" in said
    for secret in ("Told me in confidence", "For the group only"):
        assert secret not in said


def test_a_question_is_answered_where_it_is_read(client: Client, clinician: User) -> None:
    referral = a_referral(Status.INFO_REQUESTED, referrer=clinician)
    path = f"/my-referrals/{referral.id}"
    page = client.get(path)
    assert TOLD_WHY in page.text
    empty = client.send_form(page, f"{path}/answer", note=" ")
    assert empty.status_code == 422
    assert "Enter your answer" in empty.text
    answer = client.send_form(page, f"{path}/answer", note="Yes, in the mornings.")
    assert (answer.status_code, answer.location) == (303, path)
    assert read(referral).status is Status.OPENED
    later = client.get(path).text
    assert "Your answer is with the link workers." in later
    assert "Yes, in the mornings." in later
    assert "Send your answer" not in later


@pytest.mark.parametrize(
    ("ending", "end"),
    [("take-back", Status.WITHDRAWN), ("mistake", Status.ENTERED_IN_ERROR)],
)
def test_a_referral_is_ended_with_a_reason_and_the_link_workers_hear_of_it(
    client: Client, clinician: User, ending: str, end: Status
) -> None:
    referral = a_referral(referrer=clinician)
    path = f"/my-referrals/{referral.id}/{ending}"
    assert client.fill(path, {"note": ""}).status_code == 422
    assert read(referral).status is Status.SENT
    assert client.fill(path, {"note": "She moved to Leeds."}).status_code == 303
    assert read(referral).status is end
    assert referral.steps[-1].note == "She moved to Leeds."
    letters = db.session.query(Letter).where(Letter.about == referral.about).all()
    assert all("Leeds" not in letter.body for letter in letters)
    assert referral.to_organisation.email in {letter.to_address for letter in letters}


def test_what_has_ended_cannot_be_taken_back(client: Client, clinician: User) -> None:
    referral = a_referral(Status.CLOSED_COMPLETED, referrer=clinician)
    answer = client.get(f"/my-referrals/{referral.id}/take-back")
    assert answer.status_code == 409
    assert "This referral has ended" in answer.text
    assert "take-back" not in client.get(f"/my-referrals/{referral.id}").text


def test_a_practice_with_no_referrals_is_not_shown_empty_charts(
    client: Client, clinician: User
) -> None:
    page = client.get("/what-happened").text
    assert "No referrals in this time" in page
    assert '<svg class="k-chart"' not in page


def test_few_answers_give_counts_and_no_averages(client: Client, clinician: User) -> None:
    with saving():
        _finished(clinician, before=3, after=7)
    page = client.get("/what-happened").text
    said = words_of(page)
    assert "These are too few people to draw conclusions." in said
    assert CAUTION in said
    assert "1 of the 1 whose referral has ended answered both times." in said
    assert "%" not in said
    assert "Wellbeing before and after" in said
    assert 'id="wellbeing-title"' not in page, "no chart of averages"
    assert re.search(r"Life satisfaction 1 0 0 0", said)


def test_enough_answers_give_averages_beside_how_many_are_missing(
    client: Client, clinician: User
) -> None:
    with saving():
        for _ in range(10):
            _finished(clinician, before=3, after=7)
        for _ in range(2):
            a_referral(Status.CLOSED_NO_CONTACT, referrer=clinician)
        a_referral(Status.SENT, referrer=clinician)
    page = client.get("/what-happened").text
    said = words_of(page)
    assert "Life satisfaction: 3.0 before, 7.0 after" in said
    assert "10 of the 12 whose referral has ended answered both times (83%)." in said
    assert "The other 2 did not" in said
    assert "Life satisfaction 10 (100%) 0 (0%) 0 (0%) 2" in said
    assert "Anxiety yesterday (lower is better) 0 (0%) 0 (0%) 10 (100%) 2" in said
    assert "Finished: 10; Could not be reached: 2; Still going on: 1" in said


def test_a_period_is_chosen_by_a_link(client: Client, clinician: User) -> None:
    with clock.set_to(clock.now() - timedelta(days=250)):
        a_referral(referrer=clinician)
    assert "0 referrals from" in client.get("/what-happened").text
    for period in ("12-months", "all"):
        assert "1 referral from" in client.get(f"/what-happened?period={period}").text
    assert client.get("/what-happened?period=1-day").status_code == 404


def test_whoever_keeps_the_desk_sees_the_counts_without_the_answers(client: Client) -> None:
    practice = a_practice()
    with saving():
        _finished(a_clinician(practice), before=3, after=7)
    client.as_(a_practice_admin(practice))
    page = client.get("/what-happened").text
    assert "Where people are now" in page
    assert "Wellbeing" not in page
    assert "Life satisfaction" not in page


def _answers(referral: Referral, point: Point, score: int) -> None:
    record_measure(
        referral,
        point,
        dict.fromkeys(QUESTIONS, score),
        taken_on=date(2026, 6, 1) if point is Point.BEFORE else date(2026, 7, 1),
        by=owner_of(referral),
    )


def _finished(user: User, *, before: int, after: int) -> None:
    referral = a_referral(Status.IN_PROGRESS, referrer=user)
    _answers(referral, Point.BEFORE, before)
    _answers(referral, Point.AFTER, after)
    act(referral, Action.COMPLETE, by=owner_of(referral))
