"""The link worker's desk: the list, a person's page, and every step of the work, without script."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from accounts import User
from core import clock
from core.audit import AuditEntry
from core.db import db
from core.saving import saving
from referrals.models import ContactMade
from referrals.rules import ContactHow, Status
from tests.client import Client
from tests.engines import on_sqlite
from tests.page import hidden_fields
from tests.referral_builders import (
    a_clinician,
    a_letter_long_ago,
    a_referral,
    a_visit,
    an_onward,
    owner_of,
)
from tests.referrals.link_desk import fresh, in_parts, referred

pytestmark = on_sqlite

UNTOLD = {"next": "week"}
GOOD_CONTACT = {"how": "phone", "minutes": "20", "note": "Would like company.", **UNTOLD}


def test_the_list_says_how_many_are_late_and_shows_what_must_not_be_missed(
    desk: Client, amina: User
) -> None:
    referral = referred(amina, name="Pat Uttley", communication_needs="Interpreter: Sylheti")
    with saving():
        referral.next_contact_on = clock.today() - timedelta(days=9)
    page = desk.get("/caseload").text
    assert "1 person is overdue a contact. No contact planned today." in page
    assert "Pat Uttley" in page
    assert "9 days late" in page
    assert "<b>Interpreter: Sylheti</b>" in page
    assert 'class="k-late"' in page


def test_the_address_of_a_list_says_how_it_is_sorted_and_nothing_about_anybody(
    desk: Client, amina: User
) -> None:
    referred(amina, name="Pat Uttley")
    page = desk.get("/caseload?tab=active&sort=person&down=1&team=1")
    assert page.status_code == 200
    assert 'aria-sort="descending"' in page.text
    for wrong in ("tab=nowhere", "sort=name", "page=0", "page=2"):
        assert desk.get(f"/caseload?{wrong}").status_code == 404


def test_a_person_is_found_by_a_post_so_that_no_name_stands_in_an_address(
    desk: Client, amina: User
) -> None:
    referred(amina, name="Pat Uttley")
    page = desk.fill_form("/caseload", "/caseload/find", name="uttl")
    assert page.status_code == 200
    assert "Pat Uttley" in page.text
    assert "1 person has this name" in page.text
    assert "Nobody in your team" in desk.fill_form("/caseload", "/caseload/find", name="zz").text
    assert desk.get("/caseload/find").status_code == 405


def test_opening_a_record_is_written_down_before_it_is_shown(desk: Client, amina: User) -> None:
    referral = referred(amina)
    about, looker = referral.about, f"user:{amina.id}"
    assert desk.get(f"/caseload/{referral.id}").status_code == 200
    looks = select(AuditEntry).where(AuditEntry.action == "looked", AuditEntry.about == about)
    (look,) = db.session.scalars(looks)
    assert look.by == looker
    assert look.facts["classes"] == ["F1", "F2", "F3", "F4"]


def test_a_stranger_s_record_does_not_exist(desk: Client, amina: User) -> None:
    elsewhere = a_referral(Status.IN_PROGRESS)
    onward = an_onward(Status.ACCEPTED, parent=elsewhere)
    about = elsewhere.about
    for path in ("", "/accept", "/contact", "/finish", "/refer-on", "/wellbeing/before"):
        assert desk.get(f"/caseload/{elsewhere.id}{path}").status_code == 404
    for path in ("/visit", "/take-back", "/not-this-time"):
        assert desk.get(f"/caseload/{onward.id}{path}").status_code == 404
    looked = select(AuditEntry).where(AuditEntry.action == "looked", AuditEntry.about == about)
    assert db.session.scalars(looked).all() == []
    assert desk.get(f"/caseload/{uuid.uuid4()}").status_code == 404


def test_a_group_s_referral_has_no_page_of_a_person(desk: Client, amina: User) -> None:
    onward = an_onward(parent=referred(amina))
    assert desk.get(f"/caseload/{onward.id}").status_code == 404


def test_a_clinician_does_not_see_the_caseload(client: Client) -> None:
    assert client.as_(a_clinician()).get("/caseload").status_code == 404


def test_saying_that_one_is_looking_is_one_press_and_leads_back_to_the_same_list(
    desk: Client, amina: User
) -> None:
    referral = referred(amina, Status.SENT)
    answer = desk.fill_act(
        f"/caseload/{referral.id}/do/open?tab=new&sort=person", on="/caseload?tab=new"
    )
    assert answer.location == "/caseload?tab=new&sort=person"
    assert f"{amina.name} is looking" in desk.get("/caseload?tab=new").text


def test_with_script_only_the_one_cell_comes_back(desk: Client, amina: User) -> None:
    referral = referred(amina, Status.SENT)
    hidden = hidden_fields(desk.get("/caseload").text, everywhere=True)
    path = f"/caseload/{referral.id}/do/open?tab=new&sort=next"
    cell = desk.post(path, data=hidden, headers={"X-Fragment": "1"})
    assert cell.status_code == 200
    assert f'id="st-{referral.id}"' in cell.text
    assert "Being read" in cell.text
    assert "<html" not in cell.text


def test_accepting_needs_a_day_to_come_and_makes_it_mine(desk: Client, amina: User) -> None:
    referral = referred(amina, Status.SENT)
    path = f"/caseload/{referral.id}/accept"
    yesterday = clock.today() - timedelta(days=1)
    refused = desk.fill(path, in_parts("next_contact_on", yesterday))
    assert refused.status_code == 422
    assert "must be today or later" in refused.text
    assert f'value="{yesterday.year}"' in refused.text
    on = clock.today() + timedelta(days=2)
    assert desk.fill(path, in_parts("next_contact_on", on)).location == f"/caseload/{referral.id}"
    accepted = fresh(referral)
    assert (accepted.status, accepted.next_contact_on) == (Status.ACCEPTED, on)
    assert accepted.owner_id == amina.id


def test_a_question_to_the_practice_is_kept_when_it_is_empty_or_too_long(
    desk: Client, amina: User
) -> None:
    referral = referred(amina, Status.SENT)
    path = f"/caseload/{referral.id}/ask"
    assert "Write your question" in desk.fill(path, {"note": "  "}).text
    long = desk.fill(path, {"note": "Daughter? " * 150})
    assert long.status_code == 422
    assert "Daughter? Daughter?" in long.text
    assert desk.fill(path, {"note": "Has she a daughter?"}).status_code == 303
    assert fresh(referral).status is Status.INFO_REQUESTED
    assert "Has she a daughter?" in desk.get(f"/caseload/{referral.id}").text


def test_not_for_us_takes_a_reason_from_the_list(desk: Client, amina: User) -> None:
    referral = referred(amina, Status.SENT)
    path = f"/caseload/{referral.id}/not-for-us"
    assert desk.fill(path, {"note": "Try the council."}).status_code == 422
    assert desk.fill(path, {"reason": "made-up", "note": ""}).status_code == 422
    assert desk.fill(path, {"reason": "out-of-area", "note": "Try Hackney."}).status_code == 303
    last = fresh(referral).steps[-1]
    assert last.now is Status.REJECTED
    assert last.note == "They live too far away. Try Hackney."


def test_a_contact_is_logged_and_the_next_one_planned(desk: Client, amina: User) -> None:
    referral = referred(amina, Status.ACCEPTED)
    path = f"/caseload/{referral.id}/contact"
    assert desk.fill(path, GOOD_CONTACT).location == f"/caseload/{referral.id}"
    found = fresh(referral)
    (contact,) = found.contacts
    assert (contact.how, contact.minutes) == (ContactHow.PHONE, 20)
    assert found.status is Status.IN_PROGRESS
    assert found.next_contact_on is not None
    assert found.next_contact_on >= clock.today() + timedelta(days=7)


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"how": "", **UNTOLD}, "Choose how you were in touch"),
        ({"how": "pigeon", **UNTOLD}, "Choose how you were in touch"),
        ({"how": "phone", "minutes": "lots", **UNTOLD}, "Minutes must be a number, like 15"),
        ({"how": "phone", "minutes": "-5", **UNTOLD}, "Minutes must be between 0 and 600"),
        ({"how": "phone", "next": "other"}, "Enter the day you will next be in touch"),
        ({"how": "phone", "next": "never"}, "Choose when you will next be in touch"),
        ({"how": "phone", "next_on-day": "31", **UNTOLD}, "must include a month and year"),
    ],
)
def test_what_is_wrong_with_a_contact_is_said_and_nothing_typed_is_lost(
    desk: Client, amina: User, answers: dict[str, str], words: str
) -> None:
    referral = referred(amina)
    page = desk.fill(f"/caseload/{referral.id}/contact", {"note": "She laughed.", **answers})
    assert page.status_code == 422
    assert words in page.text
    assert "She laughed." in page.text
    assert db.session.scalars(select(ContactMade)).all() == []


def test_another_day_counts_whatever_stands_in_the_list(desk: Client, amina: User) -> None:
    referral = referred(amina)
    on = clock.today() + timedelta(days=40)
    answers = GOOD_CONTACT | in_parts("next_on", on)
    assert desk.fill(f"/caseload/{referral.id}/contact", answers).status_code == 303
    assert fresh(referral).next_contact_on == on


def test_save_and_next_walks_the_list_of_those_due(desk: Client, amina: User) -> None:
    first, second = referred(amina), referred(amina)
    with saving():
        first.next_contact_on = clock.today() - timedelta(days=2)
        second.next_contact_on = clock.today()
    answers = {**GOOD_CONTACT, "then": "next"}
    led_to = desk.fill(f"/caseload/{first.id}/contact", answers).location
    assert led_to == f"/caseload/{second.id}"
    assert desk.fill(f"/caseload/{second.id}/contact", answers).location == "/caseload"
    assert "Nobody else is due today." in desk.get("/caseload").text


def test_a_contact_sent_twice_is_logged_once(desk: Client, amina: User) -> None:
    referral = referred(amina)
    path = f"/caseload/{referral.id}/contact"
    page = desk.get(path)
    for _ in range(2):
        assert desk.send_form(page, path, **GOOD_CONTACT).status_code == 303
    assert len(fresh(referral).contacts) == 1


def test_after_three_tries_in_vain_the_page_says_what_else_could_be_done(
    desk: Client, amina: User
) -> None:
    referral = referred(amina, Status.ACCEPTED)
    path = f"/caseload/{referral.id}/contact"
    for day, hour in ((16, 10), (18, 14), (20, 18)):
        with clock.set_to(datetime(2026, 11, day, hour, tzinfo=UTC)):
            tried = {"how": "no-answer", "minutes": "", "note": "", "next": "tomorrow"}
            desk.as_(amina).fill(path, tried)
    desk.as_(amina)
    page = desk.get(f"/caseload/{referral.id}").text
    assert "3 tries without an answer. Now send the kind letter." in page
    assert "Write the kind letter first" in desk.get(f"/caseload/{referral.id}/not-reached").text
    a_letter_long_ago(referral, by=owner_of(referral))
    assert desk.fill(f"/caseload/{referral.id}/not-reached", {"note": ""}).status_code == 303
    assert fresh(referral).status is Status.CLOSED_NO_CONTACT


@pytest.mark.parametrize(
    ("what", "end"),
    [
        ("pause", Status.ON_HOLD),
        ("finish", Status.CLOSED_COMPLETED),
        ("said-no", Status.PERSON_DECLINED),
        ("cannot-go-on", Status.FAILED),
    ],
)
def test_each_step_with_a_note_is_a_page_of_its_own(
    desk: Client, amina: User, what: str, end: Status
) -> None:
    referral = referred(amina)
    assert f"/{what}" in desk.get(f"/caseload/{referral.id}").text
    sent = desk.fill(f"/caseload/{referral.id}/{what}", {"note": "She moves to Leeds."})
    assert sent.status_code == 303
    assert fresh(referral).status is end
    assert "She moves to Leeds." in desk.get(f"/caseload/{referral.id}").text


def test_somebody_paused_is_started_again_with_one_press(desk: Client, amina: User) -> None:
    referral = referred(amina, Status.ON_HOLD)
    page = f"/caseload/{referral.id}"
    assert desk.fill_act(f"{page}/do/resume", on=page).location == page
    assert fresh(referral).status is Status.IN_PROGRESS


@pytest.mark.asvs("2.3.1")
def test_a_step_that_cannot_be_taken_has_no_form_and_its_post_is_refused(
    desk: Client, amina: User
) -> None:
    referral = referred(amina, Status.SENT)
    page = desk.get(f"/caseload/{referral.id}/finish")
    assert "This cannot be done now" in page.text
    assert "<textarea" not in page.text
    again = desk.fill_act(f"/caseload/{referral.id}/finish", on="/caseload", note="Done.")
    assert again.status_code == 409


def test_nobody_finishes_before_saying_whether_the_person_came(desk: Client, amina: User) -> None:
    referral = referred(amina)
    visit = a_visit(an_onward(Status.ACCEPTED, parent=referral))
    onward = visit.referral
    page = desk.get(f"/caseload/{referral.id}/finish").text
    assert f"Say first whether {referral.person.called} came to" in page
    assert f"#visit-{visit.id}" in page
    refused = desk.fill_act(f"/caseload/{referral.id}/finish", on="/caseload", note="")
    assert refused.status_code == 409
    assert "Say first whether the person came" in refused.text
    desk.fill_act(
        f"/caseload/{onward.id}/visit/{visit.id}/came",
        on=f"/caseload/{referral.id}",
        came="did-not-come",
    )
    assert desk.fill(f"/caseload/{referral.id}/finish", {"note": ""}).status_code == 303


def test_a_closed_record_is_read_but_offers_no_work(desk: Client, amina: User) -> None:
    referral = referred(amina, Status.CLOSED_COMPLETED)
    text = desk.get(f"/caseload/{referral.id}").text
    assert "What has happened" in text
    assert "Log a contact" not in text
    assert "/refer-on" not in text
    assert "Finished" in desk.get("/caseload?tab=closed").text
