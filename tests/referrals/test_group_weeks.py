"""Who came? One letter a week, numbers instead of names, and every answer kept once."""

import uuid
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from core import clock
from core.actors import Actor
from core.db import db
from core.errors import Forbidden, Refused
from core.links import SignedLink
from core.outbox import Letter, waiting
from directory import Service
from referrals.day import tasks
from referrals.groups.attendance import said_of
from referrals.groups.attending import mark
from referrals.groups.keys import WEEK_LINK
from referrals.groups.weeks import ask_who_came, lines_of
from referrals.models import Attendance, GroupWeek, Referral, Told
from referrals.pathway import act
from referrals.rules import Action, Came, Status
from referrals.visits import record_visit
from tests.builders import MONDAY_MORNING, a_listing, an_organisation, in_one_work
from tests.engines import on_sqlite
from tests.referral_builders import a_visit, an_onward, group_of, owner_of

TUESDAY = (MONDAY_MORNING + timedelta(days=1)).date()


def at(days: int, hour: int = 9) -> datetime:
    """So many days after the Monday."""
    return MONDAY_MORNING.replace(hour=hour) + timedelta(days=days)


def a_group(email: str = "knit@group.example") -> Service:
    """A group that meets on Tuesdays at ten."""
    return a_listing(organisation=an_organisation(email=email))


def goes_to(service: Service) -> Referral:
    """Somebody the group has said yes to, before the week begins."""
    with clock.set_to(at(-3)):
        return an_onward(Status.ACCEPTED, service=service)


def asked() -> list[Letter]:
    return [letter for letter in waiting() if letter.kind == "who-came"]


def the_week() -> GroupWeek:
    return db.session.scalars(select(GroupWeek)).one()


def week_actor() -> Actor:
    link = db.session.scalars(select(SignedLink).where(SignedLink.purpose == WEEK_LINK)).one()
    return link.actor


def test_a_group_is_asked_once_the_morning_after_and_reads_no_name(app: Flask) -> None:
    service = a_group()
    people = [goes_to(service), goes_to(service)]
    for moment in (at(1, 12), at(2, 7)):
        with clock.set_to(moment):
            assert ask_who_came() == 0
    for moment in (at(2, 8), at(2, 9), at(5), at(8)):
        with clock.set_to(moment):
            ask_who_came()
    [letter] = asked()
    assert letter.to_address == "knit@group.example"
    assert "Knit and natter, 24 November 2026: 1, 2" in letter.body
    for onward in people:
        assert onward.person.called not in letter.body
        assert onward.ref not in letter.body
    with clock.set_to(at(2)):
        lines = lines_of(the_week())
        assert [(line.on, line.number) for line in lines] == [(TUESDAY, 1), (TUESDAY, 2)]
        assert [line.called for line in lines] == [each.person.called for each in people]


@on_sqlite
def test_a_group_at_which_nobody_was_expected_hears_nothing(app: Flask) -> None:
    a_group()
    service = a_group("other@group.example")
    with clock.set_to(at(-3)):
        an_onward(service=service)
    with clock.set_to(at(2)):
        assert ask_who_came() == 0


@on_sqlite
def test_somebody_whose_first_visit_is_later_is_not_asked_about_yet(app: Flask) -> None:
    onward = goes_to(a_group())
    with clock.set_to(at(0)):
        a_visit(onward, in_days=8)
    with clock.set_to(at(2)):
        assert ask_who_came() == 0
    with clock.set_to(at(9)):
        assert ask_who_came() == 1
        assert [line.on for line in lines_of(the_week())] == [TUESDAY + timedelta(days=7)]


@on_sqlite
def test_where_all_has_been_said_nothing_is_asked(app: Flask) -> None:
    onward = goes_to(a_group())
    with clock.set_to(at(1, 18)), in_one_work():
        mark(onward, TUESDAY, Came.CAME, how=Told.DOOR, by=group_of(onward))
    with clock.set_to(at(2)):
        assert ask_who_came() == 0


@on_sqlite
def test_a_group_without_an_address_is_rung_about_by_its_link_worker(app: Flask) -> None:
    onward = goes_to(a_group(""))
    with clock.set_to(at(2)):
        ask_who_came()
        ask_who_came()
        assert onward.parent is not None
        [task] = tasks.open_about(onward.parent)
    assert task.words == "Ring Knit and natter: did they come on 24 November 2026?"
    assert not asked()


def test_what_the_group_says_is_kept_and_can_be_put_right(app: Flask) -> None:
    onward = goes_to(a_group())
    with clock.set_to(at(2)):
        ask_who_came()
        by = week_actor()
        for came in (Came.DID_NOT_COME, Came.CAME, Came.CAME):
            with in_one_work():
                mark(onward, TUESDAY, came, how=Told.LINK, by=by)
    [row] = db.session.scalars(select(Attendance))
    assert (row.came, row.how, row.on) == (Came.CAME, Told.LINK, TUESDAY)
    assert onward.status is Status.IN_PROGRESS, "they have begun"
    assert [letter.kind for letter in waiting()].count("news-for-referrer") == 1


def test_a_first_visit_and_its_attendance_say_the_same(app: Flask) -> None:
    onward = goes_to(a_group())
    with clock.set_to(at(0)):
        visit = a_visit(onward, in_days=1)
    with clock.set_to(at(2)), in_one_work():
        mark(onward, TUESDAY, Came.CAME, how=Told.REGISTER, by=group_of(onward))
    assert visit.came is Came.CAME
    with clock.set_to(at(2)), in_one_work():
        record_visit(visit, Came.DID_NOT_COME, by=owner_of(onward.parent or onward))
    row = said_of(onward, TUESDAY)
    assert row is not None
    assert (row.came, row.how) == (Came.DID_NOT_COME, Told.LINK_WORKER)
    with clock.set_to(at(2)), in_one_work():
        record_visit(visit, Came.CALLED_OFF, by=owner_of(onward.parent or onward))
    assert said_of(onward, TUESDAY) is None


@on_sqlite
def test_who_stays_away_twice_is_asked_how_they_are(app: Flask) -> None:
    onward = goes_to(a_group())
    assert onward.parent is not None
    for weeks, open_tasks in ((0, 0), (1, 1)):
        day = TUESDAY + timedelta(days=7 * weeks)
        with clock.set_to(at(2 + 7 * weeks)), in_one_work():
            mark(onward, day, Came.DID_NOT_COME, how=Told.LINK, by=group_of(onward))
        assert len(tasks.open_about(onward.parent)) == open_tasks


@on_sqlite
@pytest.mark.parametrize("day", [TUESDAY + timedelta(days=7), date(2026, 11, 1)])
def test_nothing_is_said_of_days_to_come_or_before_they_were_sent(app: Flask, day: date) -> None:
    onward = goes_to(a_group())
    with clock.set_to(at(2)), pytest.raises(Refused), in_one_work():
        mark(onward, day, Came.CAME, how=Told.LINK, by=group_of(onward))


@on_sqlite
def test_a_weeks_key_reaches_that_group_and_no_other(app: Flask) -> None:
    mine, theirs = goes_to(a_group()), goes_to(a_group("other@group.example"))
    with clock.set_to(at(2)):
        ask_who_came()
        links = list(db.session.scalars(select(SignedLink).where(SignedLink.purpose == WEEK_LINK)))
        mine_only = [
            link
            for link in links
            if db.session.get_one(GroupWeek, _id(link)).organisation_id == mine.to_organisation_id
        ]
        with pytest.raises(Forbidden), in_one_work():
            mark(theirs, TUESDAY, Came.CAME, how=Told.LINK, by=mine_only[0].actor)


@on_sqlite
def test_who_has_ended_is_not_shown_any_more(app: Flask) -> None:
    stays, goes = goes_to(service := a_group()), goes_to(service)
    with clock.set_to(at(2)):
        ask_who_came()
        with in_one_work():
            act(goes, Action.FAIL, by=owner_of(goes.parent or goes), note="Moved away.")
        assert [line.onward for line in lines_of(the_week())] == [stays]


def _id(link: SignedLink) -> uuid.UUID:
    return uuid.UUID(link.about.partition(":")[2])
