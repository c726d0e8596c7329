"""Letters: to whom and nobody else, and never a word about the person."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from core import clock, outbox
from core.db import db
from core.outbox import Letter, State
from core.saving import saving
from referrals import letters as module
from referrals.letters import address_of
from referrals.models import Referral
from referrals.pathway import accept, act, refer
from referrals.rules import REASON_WORDS, Action, Basis, Came, Reason, Status
from referrals.visits import record_visit
from tests.referral_builders import (
    BY_REFERRER,
    a_clinician,
    a_link_worker,
    a_new_person,
    a_referral,
    a_service,
    a_visit,
    an_onward,
    as_actor,
    group_of,
    owner_of,
)

NEWS = "You have news about someone you referred. Sign in to read it."
PERSON = a_new_person(
    name="Zebedee Quillfeather",
    preferred_name="Zebby",
    email="zebedee@home.example",
    address="77 Sparrowhawk Mews",
    communication_needs="Lip reads",
    contact_note="Ask for his niece Wilhelmina",
)
CANARIES = (
    "Zebedee", "Quillfeather", "Zebby", "zebedee@home.example", "Sparrowhawk", "E3 3BQ",
    "01632 960 555", "Lip reads", "Wilhelmina", "1948", "pigeon", *REASON_WORDS.values(),
    *(reason.value for reason in Reason),
)  # fmt: skip

ON_THE_WAY = (
    module.NEW_REFERRAL, module.FOR_REFERRER, module.QUESTION, module.FOR_LINK_WORKER,
    module.GROUP_ASKED, module.GROUP_VISIT, module.GROUP_NOT_NEEDED,
)  # fmt: skip
"""The letters every referral may call for; what others say is read where they are written."""

ENDS = (
    Action.COMPLETE,
    Action.FAIL,
    Action.RECORD_DECLINED,
    Action.WITHDRAW,
    Action.MARK_ERROR,
)


def posted() -> list[Letter]:
    """Letters waiting, and from now on forgotten."""
    letters = outbox.waiting()
    with saving():
        for letter in letters:
            letter.state = State.SENT
    return letters


def readers() -> set[str]:
    return {letter.to_address for letter in posted()}


def team_of(referral: Referral) -> str:
    return referral.to_organisation.email


def test_a_new_referral_tells_the_team_and_nobody_else(app: Flask) -> None:
    referral = a_referral()
    [letter] = posted()
    assert letter.to_address == team_of(referral)
    assert "You have a new referral. Sign in to read it." in letter.body
    assert f"/caseload/{referral.id}" in letter.body


def test_accepting_tells_nobody(app: Flask) -> None:
    referral = a_referral(Status.OPENED)
    posted()
    with saving():
        worker = as_actor(a_link_worker(referral.to_organisation))
        accept(referral, by=worker, next_contact_on=referral.created_at.date())
    assert not readers()


def test_a_question_goes_to_the_clinician_and_the_answer_to_the_team(app: Flask) -> None:
    referral = a_referral()
    posted()
    worker = a_link_worker(referral.to_organisation)
    with saving():
        act(referral, Action.ASK, by=as_actor(worker), note="Which flat?")
    [letter] = posted()
    assert letter.to_address == referral.referrer.email
    assert "There is a question about someone you referred." in letter.body
    assert "flat" not in letter.body
    with saving():
        act(referral, Action.ANSWER, by=as_actor(referral.referrer), note="The upper one.")
    assert readers() == {team_of(referral)}


def test_a_declined_referral_tells_the_gp_and_nobody_else(app: Flask) -> None:
    referral = a_referral()
    posted()
    worker = as_actor(a_link_worker(referral.to_organisation))
    with saving():
        act(referral, Action.REJECT, by=worker, note="Too far away.")
    assert readers() == {referral.referrer.email}


def test_a_referral_taken_back_tells_whoever_works_it(app: Flask) -> None:
    referral = a_referral(Status.CONTACTING)
    posted()
    with saving():
        act(referral, Action.WITHDRAW, by=as_actor(referral.referrer), note="Moved away.")
    assert referral.owner is not None
    assert readers() == {referral.owner.email}


@pytest.mark.parametrize(
    "status", [Status.CLOSED_COMPLETED, Status.CLOSED_NO_CONTACT, Status.FAILED]
)
def test_closing_tells_the_clinician_once(app: Flask, status: Status) -> None:
    referral = a_referral(status)
    to_clinician = [letter for letter in posted() if letter.to_address == referral.referrer.email]
    assert [NEWS in letter.body for letter in to_clinician] == [True]


def test_the_clinician_hears_once_that_the_person_went_somewhere(app: Flask) -> None:
    parent = a_referral(Status.IN_PROGRESS)
    knitting = an_onward(Status.ACCEPTED, parent=parent)
    walking = an_onward(Status.ACCEPTED, parent=parent)
    visits = [a_visit(knitting), a_visit(walking)]
    posted()
    for visit in visits:
        with saving():
            record_visit(visit, Came.CAME, by=owner_of(parent))
    second = a_visit(knitting)
    with saving():
        record_visit(second, Came.CAME, by=owner_of(parent))
    letters = [letter for letter in posted() if letter.to_address == parent.referrer.email]
    assert len(letters) == 1
    assert NEWS in letters[0].body
    assert letters[0].about == parent.about


def test_a_visit_nobody_came_to_is_no_news_for_the_clinician(app: Flask) -> None:
    visit = a_visit(came=Came.DID_NOT_COME)
    parent = visit.referral.parent
    assert parent is not None
    assert parent.referrer.email not in readers()


def test_a_clinician_is_written_to_twice_on_a_whole_way(app: Flask) -> None:
    visit = a_visit(came=Came.CAME)
    parent = visit.referral.parent
    assert parent is not None
    before = [letter.kind for letter in posted() if letter.to_address == parent.referrer.email]
    with saving():
        act(parent, Action.COMPLETE, by=owner_of(parent))
    after = [letter.kind for letter in posted() if letter.to_address == parent.referrer.email]
    assert (before, after) == (["news-for-referrer"], ["news-for-referrer"])


def test_a_group_is_asked_in_words_that_name_its_activity_only(app: Flask) -> None:
    service = a_service("Bow Walkers")
    onward = an_onward(service=service)
    letter = next(letter for letter in posted() if letter.to_address == service.email)
    team = onward.from_organisation.name
    assert f"A link worker at {team} would like to send somebody to Bow Walkers." in letter.body
    assert "Open this link to see and answer." in letter.body
    assert re.search(r"http://127\.0\.0\.1:8000/g/[\w-]{43}\n", letter.body)


@pytest.mark.parametrize("action", [Action.ACCEPT, Action.REJECT])
def test_the_groups_answer_goes_to_the_link_worker_and_nobody_else(
    app: Flask, action: Action
) -> None:
    onward = an_onward()
    posted()
    with saving():
        act(onward, action, by=group_of(onward), note="We are full")
    assert onward.parent is not None
    assert onward.parent.owner is not None
    [letter] = posted()
    assert letter.to_address == onward.parent.owner.email
    assert f"/caseload/{onward.parent_id}" in letter.body


def test_the_groups_report_goes_to_the_link_worker(app: Flask) -> None:
    visit = a_visit()
    onward = visit.referral
    posted()
    with saving():
        record_visit(visit, Came.DID_NOT_COME, by=group_of(onward))
    assert onward.parent is not None
    assert onward.parent.owner is not None
    assert readers() == {onward.parent.owner.email}


def test_what_a_link_worker_writes_down_for_a_group_is_no_news_to_them(app: Flask) -> None:
    onward = an_onward()
    assert onward.parent is not None
    posted()
    with saving():
        act(onward, Action.ACCEPT, by=owner_of(onward.parent))
    assert not readers()


def test_a_colleague_who_answers_for_a_group_leaves_word_for_whoever_works_it(app: Flask) -> None:
    onward = an_onward()
    posted()
    colleague = as_actor(a_link_worker(onward.from_organisation))
    with saving():
        act(onward, Action.ACCEPT, by=colleague)
    assert onward.parent is not None
    assert onward.parent.owner is not None
    assert readers() == {onward.parent.owner.email}


def test_a_planned_visit_brings_the_group_a_new_key(app: Flask) -> None:
    onward = an_onward(Status.ACCEPTED)
    posted()
    a_visit(onward, in_days=3)
    [letter] = posted()
    assert onward.service is not None
    assert letter.to_address == onward.service.email
    assert re.search(r"/g/[\w-]{43}\n", letter.body)


def test_a_group_no_longer_asked_is_told_so_without_a_reason(app: Flask) -> None:
    onward = an_onward()
    assert onward.parent is not None
    posted()
    with saving():
        act(onward, Action.WITHDRAW, by=owner_of(onward.parent), note="She is in hospital.")
    [letter] = posted()
    assert onward.service is not None
    assert letter.to_address == onward.service.email
    assert "does not need a place now" in letter.body
    assert "hospital" not in letter.body


def test_a_clinician_who_has_left_is_written_to_at_the_practice(app: Flask) -> None:
    referral = a_referral()
    posted()
    worker = as_actor(a_link_worker(referral.to_organisation))
    with saving():
        referral.referrer.disabled_at = referral.created_at
        act(referral, Action.REJECT, by=worker, note="Too far away.")
    assert readers() == {referral.from_organisation.email}


def test_a_group_without_an_address_gets_no_letter_and_no_key(app: Flask) -> None:
    service = a_service(email="")
    assert not address_of(service)
    onward = an_onward(service=service)
    assert onward.status is Status.SENT
    about_it = select(Letter).where(Letter.about == onward.about)
    assert not list(db.session.scalars(about_it))
    with pytest.raises(AssertionError, match="no key"):
        group_of(onward)


def test_the_groups_own_address_serves_when_the_activity_has_none(app: Flask) -> None:
    service = a_service(email="")
    with saving():
        service.organisation.email = "office@group.example"
    assert address_of(service) == "office@group.example"


def walk_everywhere() -> None:
    """Every kind of letter: groups asked, visits planned and answered, and each way to end."""
    with saving():
        doctor = as_actor(a_clinician())
        for action in ENDS:
            referral = refer(
                PERSON,
                reasons=list(Reason),
                basis=Basis.BEST_INTERESTS,
                why="The pigeon man.",
                note="Keeps a pigeon.",
                by=doctor,
            )
            worker = as_actor(a_link_worker(referral.to_organisation))
            accept(referral, by=worker, next_contact_on=clock.today())
            an_onward(parent=referral)
            onward = an_onward(Status.ACCEPTED, parent=referral, note="Likes pigeons.")
            a_visit(onward, came=Came.CAME)
            by = doctor if action in BY_REFERRER else worker
            act(referral, action, by=by, note="The pigeon died.")
    for status in (Status.INFO_REQUESTED, Status.REJECTED):
        a_referral(status, person=PERSON, note="Keeps a pigeon.")


def test_no_letter_says_anything_about_the_person(app: Flask) -> None:
    walk_everywhere()
    letters = list(db.session.scalars(select(Letter)))
    assert {letter.kind for letter in letters} == {words.kind for words in ON_THE_WAY}
    number = str(PERSON.nhs_number)
    for letter in letters:
        said = f"{letter.subject} {letter.body} {letter.to_name} {letter.about} {letter.same_as}"
        found = [canary for canary in (*CANARIES, number) if canary.lower() in said.lower()]
        assert not found, f"{letter.kind}: {found}"


def test_every_address_in_a_letter_leads_to_a_page_of_ours(app: Flask) -> None:
    walk_everywhere()
    routes = app.url_map.bind("127.0.0.1")
    addresses = {
        path
        for letter in db.session.scalars(select(Letter))
        for path in re.findall(r"http://127\.0\.0\.1:8000(\S+)", letter.body)
    }
    assert {path.split("/")[1] for path in addresses} == {"my-referrals", "caseload", "g"}
    for path in addresses:
        assert routes.match(path)[1], path
