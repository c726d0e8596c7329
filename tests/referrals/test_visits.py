"""First visits: planned, moved, answered by whoever was there, and put right."""

from datetime import UTC, datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from core import clock
from core.actors import Actor
from core.db import db
from core.errors import Forbidden, Refused
from core.links import SignedLink
from core.saving import saving
from directory.freshness.evidence import evidence_of
from directory.rules import Aspect, How
from referrals.models import FirstVisit, Referral
from referrals.pathway import act
from referrals.rules import UNDER_WAY, Action, Came, Status
from referrals.visits import plan_visit, record_visit, visit_of
from tests.referral_builders import (
    WALKS,
    a_link_worker,
    a_referral,
    a_visit,
    an_onward,
    as_actor,
    group_of,
    owner_of,
)

MONDAY = datetime(2026, 11, 2, 9, tzinfo=UTC)


def worker_of(onward: Referral) -> Actor:
    assert onward.parent is not None
    return owner_of(onward.parent)


def plan(onward: Referral, by: Actor, *, in_days: int = 1) -> FirstVisit:
    with saving():
        return plan_visit(
            onward,
            session_on=clock.today() + timedelta(days=in_days),
            starts_at=time(10, 30),
            getting_there=" The 276 bus ",
            met_by="Sheila",
            cost="£2",
            bring="Glasses",
            by=by,
        )


def test_a_plan_says_all_that_somebody_new_needs_to_know(app: Flask) -> None:
    onward = an_onward(Status.ACCEPTED)
    visit = plan(onward, worker_of(onward))
    assert visit_of(onward) == visit
    assert (visit.came, visit.answered_at) == (Came.PLANNED, None)
    assert (visit.getting_there, visit.met_by, visit.cost) == ("The 276 bus", "Sheila", "£2")


@pytest.mark.parametrize("status", WALKS)
def test_a_visit_is_planned_once_the_group_has_said_yes(app: Flask, status: Status) -> None:
    onward = an_onward(status)
    if status in UNDER_WAY:
        plan(onward, worker_of(onward))
        return
    with pytest.raises(Refused):
        plan(onward, worker_of(onward))


def test_only_the_team_plans(app: Flask) -> None:
    onward = an_onward(Status.ACCEPTED)
    first = onward.parent
    assert first is not None
    for by in (group_of(onward), as_actor(first.referrer), as_actor(a_link_worker())):
        with pytest.raises(Forbidden):
            plan(onward, by)
    with pytest.raises(Forbidden):
        plan(first, owner_of(first))


def test_no_visit_is_before_the_group_was_asked(app: Flask) -> None:
    onward = an_onward(Status.ACCEPTED)
    with pytest.raises(Refused, match="before"):
        plan(onward, worker_of(onward), in_days=-1)


def test_a_new_plan_calls_the_old_one_off(app: Flask) -> None:
    onward = an_onward(Status.ACCEPTED)
    first = plan(onward, worker_of(onward), in_days=2)
    second = plan(onward, worker_of(onward), in_days=9)
    assert (first.came, second.came) == (Came.CALLED_OFF, Came.PLANNED)
    assert visit_of(onward) == second


def test_a_visit_that_is_past_is_answered_before_the_next_is_planned(app: Flask) -> None:
    with clock.set_to(MONDAY):
        onward = an_onward(Status.ACCEPTED)
        visit = plan(onward, worker_of(onward), in_days=1)
    with clock.set_to(MONDAY + timedelta(days=3)):
        with pytest.raises(Refused, match="whether the person came"):
            plan(onward, worker_of(onward))
        with saving():
            record_visit(visit, Came.DID_NOT_COME, by=worker_of(onward))
        plan(onward, worker_of(onward))
    assert len(onward.visits) == 2


@pytest.mark.parametrize("status", [Status.ACCEPTED, Status.CONTACTING])
def test_a_first_visit_begins_the_groups_part(app: Flask, status: Status) -> None:
    onward = an_onward(status)
    visit = a_visit(onward)
    with saving():
        record_visit(visit, Came.CAME, by=group_of(onward))
    assert onward.status is Status.IN_PROGRESS
    assert visit.answered_by_name == onward.to_organisation.name


@pytest.mark.parametrize("came", [Came.DID_NOT_COME, Came.NOT_KNOWN, Came.CALLED_OFF])
def test_nothing_begins_when_nobody_came(app: Flask, came: Came) -> None:
    visit = a_visit(came=came)
    assert visit.referral.status is Status.ACCEPTED
    assert visit.answered_at is not None


def test_that_somebody_came_tells_that_time_and_place_are_right_and_not_who(app: Flask) -> None:
    visit = a_visit()
    service = visit.referral.service
    assert service is not None
    with saving():
        record_visit(visit, Came.CAME, by=group_of(visit.referral))
    found = {aspect: check for aspect, check in evidence_of(service).items() if check}
    assert set(found) == {Aspect.TIME, Aspect.PLACE}
    assert {(check.how, check.by_name) for check in found.values()} == {
        (How.ATTENDED, "attendance")
    }
    assert {clock.local_date(check.at).weekday() for check in found.values()} == {0}


def test_an_answer_can_be_put_right(app: Flask) -> None:
    visit = a_visit(came=Came.NOT_KNOWN)
    onward = visit.referral
    with saving():
        record_visit(visit, Came.CAME, by=worker_of(onward))
    assert (visit.came, onward.status) == (Came.CAME, Status.IN_PROGRESS)
    with saving():
        record_visit(visit, Came.DID_NOT_COME, by=worker_of(onward))
    assert (visit.came, onward.status) == (Came.DID_NOT_COME, Status.IN_PROGRESS)


def test_the_same_answer_again_changes_nothing(app: Flask) -> None:
    visit = a_visit(came=Came.CAME)
    answered = visit.answered_at
    with saving():
        record_visit(visit, Came.CAME, by=group_of(visit.referral))
    assert visit.answered_at == answered


def test_a_visit_to_come_cannot_have_been_but_can_be_called_off(app: Flask) -> None:
    visit = a_visit(in_days=2)
    worker = worker_of(visit.referral)
    with pytest.raises(Refused, match="still to come"), saving():
        record_visit(visit, Came.CAME, by=worker)
    with saving():
        record_visit(visit, Came.CALLED_OFF, by=worker)
    assert visit.came is Came.CALLED_OFF


def test_an_answer_is_never_a_plan(app: Flask) -> None:
    visit = a_visit()
    with pytest.raises(Refused), saving():
        record_visit(visit, Came.PLANNED, by=worker_of(visit.referral))


def test_a_closed_referral_is_not_answered_any_more(app: Flask) -> None:
    visit = a_visit(came=Came.NOT_KNOWN)
    onward = visit.referral
    first, worker = onward.parent, worker_of(onward)
    assert first is not None
    with saving():
        act(first, Action.COMPLETE, by=worker)
    with pytest.raises(Refused), saving():
        record_visit(visit, Came.CAME, by=worker)


def test_only_those_it_concerns_answer(app: Flask) -> None:
    visit = a_visit()
    other = group_of(an_onward())
    first = visit.referral.parent
    assert first is not None
    for by in (other, as_actor(first.referrer), as_actor(a_link_worker())):
        with pytest.raises(Forbidden), saving():
            record_visit(visit, Came.CAME, by=by)


def test_the_groups_key_outlives_the_visit_by_a_month(app: Flask) -> None:
    with clock.set_to(MONDAY):
        onward = an_onward(Status.ACCEPTED)
        a_visit(onward, in_days=60)
    keys = select(SignedLink).where(SignedLink.about == onward.about)
    last = max(link.expires_at for link in db.session.scalars(keys))
    assert last == MONDAY + timedelta(days=90)


def test_a_referral_nobody_planned_a_visit_for_has_none(app: Flask) -> None:
    assert visit_of(a_referral()) is None
