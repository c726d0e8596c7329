"""What somebody means to do: their own words, one reminder at the right hour, and no blame."""

import re
from datetime import UTC, date, datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from core import clock
from core.actors import Actor
from core.db import db
from core.errors import Forbidden, Refused
from core.outbox import Channel, Letter, State
from core.saving import saving
from referrals import pledges
from referrals.models import FirstVisit, Kept, Pledge, Referral
from referrals.pathway import act
from referrals.pledges import pledge, remind, say_kept, stop_reminder
from referrals.rules import Action, Came, ContactRoute, Status
from referrals.visits import Became, became_of, plan_visit, record_visit
from referrals.web.linkworker_words import KEPT_WORDS
from tests.referral_builders import (
    a_link_worker,
    a_new_person,
    a_referral,
    an_onward,
    as_actor,
    group_of,
    owner_of,
)

WORDS = "On Tuesday at 10, after I drop Ella at school, I will walk to the hall with Jean."
BLAME = re.compile(r"fail|missed|did not|didn't|broke|must|should|again\b|late|shame|streak", re.I)
LONG_BEFORE = datetime(2026, 9, 1, 9, tzinfo=UTC)
AUTUMN, SPRING = date(2026, 10, 26), date(2027, 3, 29)
"""The Mondays after the clocks change in Britain: the reminder falls on the day of the change."""


def worker_of(visit: FirstVisit) -> Actor:
    assert visit.referral.parent is not None
    return owner_of(visit.referral.parent)


def planned(route: ContactRoute = ContactRoute.TEXT, *, on: date | None = None) -> FirstVisit:
    person = a_new_person(contact_route=route, email="mavis@home.example")
    onward = an_onward(Status.ACCEPTED, parent=a_referral(Status.IN_PROGRESS, person=person))
    return plan(onward, on or clock.today() + timedelta(days=7))


def plan(onward: Referral, on: date) -> FirstVisit:
    assert onward.parent is not None
    with saving():
        return plan_visit(
            onward,
            session_on=on,
            starts_at=time(10, 30),
            getting_there="The 276 bus",
            met_by="Sheila",
            cost="",
            bring="",
            going_with="Jean",
            worry="Not knowing anybody",
            by=owner_of(onward.parent),
        )


def promised(visit: FirstVisit) -> Pledge:
    with saving():
        made = pledge(visit, f" {WORDS} ", witness="Jean, my neighbour", by=worker_of(visit))
        remind(made, by=worker_of(visit))
    return made


def reminders() -> list[Letter]:
    return list(db.session.scalars(select(Letter).where(Letter.kind == "visit-reminder")))


def test_a_pledge_is_kept_in_the_words_it_was_made_in(app: Flask) -> None:
    made = promised(planned())
    assert (made.words, made.witness, made.kept) == (WORDS, "Jean, my neighbour", Kept.TO_COME)
    assert made.visit.pledge is made
    assert (made.visit.going_with, made.visit.worry) == ("Jean", "Not knowing anybody")


@pytest.mark.parametrize("witness", ["Jean, 01632 960555", "jean@home.example", "At number 12"])
def test_a_witness_is_a_name_and_nothing_they_can_be_found_by(app: Flask, witness: str) -> None:
    visit = planned()
    with pytest.raises(Refused, match="name or who they are"), saving():
        pledge(visit, WORDS, witness=witness, by=worker_of(visit))


def test_a_pledge_without_words_is_none(app: Flask) -> None:
    visit = planned()
    with pytest.raises(Refused, match="own words"), saving():
        pledge(visit, "  ", by=worker_of(visit))


@pytest.mark.parametrize(
    ("session", "hour_in_utc"), [(AUTUMN, 10), (SPRING, 9), (date(2026, 10, 20), 9)]
)
def test_the_reminder_goes_at_ten_in_britain_whatever_the_clocks_do(
    app: Flask, session: date, hour_in_utc: int
) -> None:
    with clock.set_to(LONG_BEFORE):
        promised(planned(on=session))
    [letter] = reminders()
    day_before = session - timedelta(days=1)
    assert letter.next_try_at == datetime.combine(day_before, time(hour_in_utc), tzinfo=UTC)
    assert clock.local(letter.next_try_at).time() == time(10)


def test_a_reminder_says_nothing_about_anybody_and_blames_nobody(app: Flask) -> None:
    visit = promised(planned()).visit
    [letter] = reminders()
    assert letter.channel is Channel.SMS
    assert letter.to_address == "01632 960 555"
    said = letter.subject + letter.body
    service, person = visit.referral.service, visit.referral.person
    assert service is not None
    for word in (service.name, person.name, person.called, "Jean", "276", "Ella"):
        assert word not in said
    assert "at 10:30am" in said
    assert not BLAME.search(said)


def test_no_word_about_a_pledge_blames_anybody() -> None:
    for words in (*KEPT_WORDS.values(), pledges.BY_TEXT, pledges.SUBJECT):
        assert not BLAME.search(str(words))


def test_who_reads_e_mail_is_reminded_by_e_mail_and_who_is_rung_is_rung(app: Flask) -> None:
    promised(planned(ContactRoute.EMAIL))
    [letter] = reminders()
    assert (letter.channel, letter.to_address) == (Channel.EMAIL, "mavis@home.example")
    with pytest.raises(Refused, match="ring them"):
        promised(planned(ContactRoute.PHONE))


def test_who_wants_no_reminder_gets_none_from_that_moment(app: Flask) -> None:
    made = promised(planned())
    with saving():
        stop_reminder(made, by=worker_of(made.visit))
    assert [letter.state for letter in reminders()] == [State.CANCELLED]
    assert made.remind_at is None
    with saving():
        remind(made, by=worker_of(made.visit))
    assert sorted(letter.state for letter in reminders()) == [State.CANCELLED, State.WAITING]


def test_another_day_changes_the_pledge_and_stops_the_old_reminder(app: Flask) -> None:
    made = promised(planned())
    anew = plan(made.visit.referral, made.visit.session_on + timedelta(days=7))
    assert (made.kept, became_of(made.visit)) == (Kept.CHANGED, Became.REPLANNED)
    assert became_of(anew) is Became.TO_COME
    assert [letter.state for letter in reminders()] == [State.CANCELLED]


def test_when_the_referral_ends_nobody_is_reminded(app: Flask) -> None:
    visit = promised(planned()).visit
    with saving():
        act(visit.referral, Action.WITHDRAW, by=worker_of(visit), note="Moved away.")
    assert [letter.state for letter in reminders()] == [State.CANCELLED]


def test_it_is_never_too_late_for_a_plan_but_may_be_for_a_reminder(app: Flask) -> None:
    visit = planned(on=clock.today())
    with saving():
        made = pledge(visit, WORDS, by=worker_of(visit))
        assert remind(made, by=worker_of(visit)) is None
    assert reminders() == []


@pytest.mark.parametrize("kept", [Kept.KEPT, Kept.NOT_KEPT, Kept.CHANGED])
def test_what_became_of_it_is_what_the_person_says_and_can_be_put_right(
    app: Flask, kept: Kept
) -> None:
    made = promised(planned(on=clock.today()))
    with saving():
        say_kept(made, Kept.NOT_KEPT, by=worker_of(made.visit))
        say_kept(made, kept, by=worker_of(made.visit))
    assert made.kept is kept
    with pytest.raises(Refused), saving():
        say_kept(made, Kept.TO_COME, by=worker_of(made.visit))


def test_what_is_to_come_was_neither_kept_nor_not(app: Flask) -> None:
    made = promised(planned())
    with pytest.raises(Refused, match="to come"), saving():
        say_kept(made, Kept.NOT_KEPT, by=worker_of(made.visit))


def test_a_missed_visit_that_is_planned_anew_counts_as_planned_anew(app: Flask) -> None:
    with clock.set_to(LONG_BEFORE):
        visit = planned(on=clock.today())
    with clock.set_to(LONG_BEFORE + timedelta(days=1)):
        with saving():
            record_visit(visit, Came.DID_NOT_COME, by=worker_of(visit))
        assert became_of(visit) is Became.MISSED
        plan(visit.referral, clock.today() + timedelta(days=6))
        assert became_of(visit) is Became.REPLANNED


def test_only_the_team_writes_a_pledge_down(app: Flask) -> None:
    made = promised(planned())
    for by in (group_of(made.visit.referral), as_actor(a_link_worker())):
        with pytest.raises(Forbidden), saving():
            pledge(made.visit, WORDS, by=by)
        with pytest.raises(Forbidden), saving():
            stop_reminder(made, by=by)
