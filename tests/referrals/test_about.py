"""The record: in their own words, every version kept, risks stated before anybody is sent on."""

import pytest
from flask import Flask
from sqlalchemy import select

from accounts import User
from core import clock
from core.audit import AuditEntry
from core.db import db
from core.errors import ChangedMeanwhile, Forbidden, Refused
from core.saving import saving
from referrals.about import (
    Said,
    communication_needs,
    current,
    end_goal,
    goals_of,
    open_goals,
    risks_of,
    risks_stated,
    say_anew,
    set_goal,
    state_risks,
    statements,
    versions,
    write,
)
from referrals.about.life import changes, help_in_words
from referrals.models import GoalEnd, Heading, HelpKind, NeedKind
from referrals.pathway import accept, refer_on
from referrals.people import enter_person
from referrals.rules import Status
from referrals.sight import minimum_for
from tests.client import Client
from tests.referral_builders import (
    TEST,
    a_link_worker,
    a_new_person,
    a_practice_admin,
    a_referral,
    a_service,
    an_onward,
    as_actor,
    group_of,
    owner_of,
)
from tests.referrals.link_desk import fresh, referred


def test_every_saving_is_a_version_and_the_old_one_can_be_read(app: Flask) -> None:
    referral = a_referral(Status.IN_PROGRESS)
    by = owner_of(referral)
    with saving():
        write(referral, {Heading.MATTERS: "My cat", Heading.PEOPLE: "Ada"}, seen=0, by=by)
        write(referral, {Heading.MATTERS: "My two cats"}, seen=1, needs=[NeedKind.MONEY], by=by)
    newest, first = versions(referral.person)
    assert newest.said == {"matters": "My two cats", "people": "Ada"}
    assert first.said["matters"] == "My cat"
    assert (first.by_name, first.number) == (by.name, 1)
    assert {change.what: (change.before, change.now) for change in changes(newest, first)} == {
        "matters": ("My cat", "My two cats"),
        "needs": ("", "money"),
    }


def test_who_saves_on_an_older_version_is_told(app: Flask) -> None:
    referral = a_referral(Status.IN_PROGRESS)
    by = owner_of(referral)
    with saving():
        write(referral, {Heading.MATTERS: "My cat"}, seen=0, by=by)
    with pytest.raises(ChangedMeanwhile), saving():
        write(referral, {Heading.MATTERS: "My dog"}, seen=0, by=by)
    found = current(referral.person)
    assert found is not None
    assert found.said == {"matters": "My cat"}


def test_what_helps_stands_with_the_person_and_a_group_that_said_yes_reads_it(app: Flask) -> None:
    onward = an_onward(Status.ACCEPTED)
    parent = onward.parent
    assert parent is not None
    with saving():
        write(
            parent,
            {Heading.UNDERSTANDING: "Sylheti"},
            seen=0,
            helps=[HelpKind.INTERPRETER, HelpKind.SLOWLY],
            by=owner_of(parent),
        )
    assert communication_needs(parent.person) == "Interpreter, Speak slowly. Sylheti"
    assert help_in_words(parent.person) == "Sylheti"
    shown = minimum_for(onward, group_of(onward))
    assert shown is not None
    assert shown.communication_needs == "Interpreter, Speak slowly. Sylheti"


def test_what_helps_must_be_short_enough_for_a_list(app: Flask) -> None:
    referral = a_referral(Status.IN_PROGRESS)
    with pytest.raises(Refused, match="shorter"), saving():
        write(
            referral,
            {Heading.UNDERSTANDING: "x" * 195},
            seen=0,
            helps=[HelpKind.BRAILLE],
            by=owner_of(referral),
        )


def test_a_practice_that_says_nothing_does_not_rub_out_what_helps(app: Flask) -> None:
    referral = a_referral(Status.CLOSED_COMPLETED)
    person = referral.person
    with saving():
        again = a_new_person(nhs_number=person.nhs_number, communication_needs="")
        enter_person(again, person.practice, by=TEST)
    assert communication_needs(person) == "Large print"


@pytest.mark.parametrize("status", [Status.SENT, Status.CLOSED_COMPLETED])
def test_the_record_is_written_while_somebody_works_with_them(app: Flask, status: Status) -> None:
    referral = a_referral(status)
    worker = as_actor(a_link_worker(referral.to_organisation))
    with pytest.raises(Refused), saving():
        write(referral, {Heading.MATTERS: "My cat"}, seen=0, by=worker)


def test_nobody_else_writes_the_record(app: Flask) -> None:
    referral = a_referral(Status.IN_PROGRESS)
    admin = a_practice_admin(referral.from_organisation)
    for stranger in (a_link_worker(), referral.referrer, admin):
        with pytest.raises(Forbidden), saving():
            write(referral, {Heading.MATTERS: "My cat"}, seen=0, by=as_actor(stranger))


def test_a_goal_said_in_other_words_follows_the_old_one(app: Flask) -> None:
    referral = a_referral(Status.IN_PROGRESS)
    by = owner_of(referral)
    with saving():
        goal = set_goal(referral, Said(words="Go out again", importance=8), by=by)
        anew = say_anew(goal, Said(words="Go to the market on Fridays", confidence=4), by=by)
    assert [each.words for each in open_goals(referral)] == ["Go to the market on Fridays"]
    assert anew.follows_id == goal.id
    assert [each.ended_as for each in goals_of(referral)] == [GoalEnd.SAID_ANEW, None]
    with pytest.raises(Refused, match="ended already"), saving():
        end_goal(goal, GoalEnd.REACHED, by=by)


def test_five_goals_are_enough(app: Flask) -> None:
    referral = a_referral(Status.IN_PROGRESS)
    by = owner_of(referral)
    with saving():
        for number in range(5):
            set_goal(referral, Said(words=f"Goal {number}"), by=by)
    with pytest.raises(Refused, match="enough"), saving():
        set_goal(referral, Said(words="One more"), by=by)


def test_no_known_risks_is_said_and_never_assumed(app: Flask) -> None:
    referral = a_referral(Status.SENT)
    with saving():
        worker = as_actor(a_link_worker(referral.to_organisation))
        accept(referral, by=worker, next_contact_on=referral.created_at.date())
    assert not risks_stated(referral)
    for said in ({}, {"none_known": True, "words": "Falls"}, {"words": "  "}):
        with pytest.raises(Refused), saving():
            state_risks(referral, by=worker, **said)
    with saving():
        state_risks(referral, none_known=True, by=worker)
        state_risks(referral, words="Falls at night", visiting="Two dogs", by=worker)
    assert risks_stated(referral)
    newest, first = statements(referral)
    assert (first.none_known, newest.words) == (True, "Falls at night")
    assert risks_of(referral) == newest


def test_nobody_is_sent_on_before_the_risks_are_stated(desk: Client, amina: User) -> None:
    referral, service = referred(amina, Status.SENT), a_service()
    with saving():
        accept(referral, by=as_actor(amina), next_contact_on=clock.today())
    with pytest.raises(Refused, match="risks"), saving():
        refer_on(referral, service, note="", by=as_actor(amina))
    here = f"/caseload/{referral.id}"
    assert "You cannot ask a group before that" in desk.get(here).text
    page = desk.get(f"{here}/refer-on/{service.slug}").text
    assert f"{here}/about/risks" in page
    desk.fill(f"{here}/about/risks", {"known": "none"})
    assert "You cannot ask a group before that" not in desk.get(here).text
    with saving():
        assert refer_on(referral, service, note="", by=as_actor(amina)).status is Status.SENT


def test_each_change_of_the_record_is_in_the_audit_without_its_words(app: Flask) -> None:
    referral = a_referral(Status.IN_PROGRESS)
    by = owner_of(referral)
    with saving():
        write(referral, {Heading.MATTERS: "My secret cat"}, seen=0, by=by)
        set_goal(referral, Said(words="My secret goal"), by=by)
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.about == referral.about)).all()
    assert {"record written", "goal set"} <= {entry.action for entry in entries}
    assert not any("secret" in str(entry.facts) for entry in entries)


def test_a_link_worker_writes_the_record_page_by_page(desk: Client, amina: User) -> None:
    referral = referred(amina)
    here = f"/caseload/{referral.id}/about"
    desk.fill(f"{here}/words", {"matters": "Tea with Ada", "please_do": "Ring twice"})
    desk.fill(f"{here}/life", {"needs": ["company", "money"], "home": "Fourth floor, no lift"})
    desk.fill(f"{here}/understanding", {"helps": ["slowly"], "understanding": "Face her"})
    desk.fill(f"{here}/goal", {"words": "Hear a voice every day", "importance": "9"})
    page = desk.get(here).text
    for words in ("Tea with Ada", "Ring twice", "People and company; Money", "Fourth floor"):
        assert words in page
    assert "Hear a voice every day" in page
    person = desk.get(f"/caseload/{referral.id}").text
    assert "Speak slowly. Face her" in person
    assert "Tea with Ada" in person
    earlier = desk.get(f"{here}/earlier").text
    assert "taken out" not in earlier
    assert "Tea with Ada" in earlier


def test_a_record_saved_from_an_old_page_changes_nothing(desk: Client, amina: User) -> None:
    referral = referred(amina)
    here = f"/caseload/{referral.id}/about/words"
    old = desk.get(here)
    desk.fill(here, {"matters": "Tea with Ada"})
    answer = desk.send_form(old, here, matters="Nothing")
    assert answer.status_code == 409
    found = current(fresh(referral).person)
    assert found is not None
    assert found.said == {"matters": "Tea with Ada"}


def test_a_stranger_does_not_learn_that_there_is_a_record(client: Client, amina: User) -> None:
    referral = referred(amina)
    client.as_(a_link_worker())
    for page in ("about", "about/words", "about/earlier", "about/risks", "about/goal"):
        assert client.get(f"/caseload/{referral.id}/{page}").status_code == 404
