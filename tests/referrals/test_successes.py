"""Nothing counts as a success unless somebody came, or it was said plainly that nobody knows."""

import random
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from core import clock
from core.db import db
from core.errors import Forbidden, Refused
from core.outbox import Letter
from core.saving import saving
from referrals.attended import SAID, known_of
from referrals.models import Referral
from referrals.outcomes import what_happened
from referrals.pathway import act
from referrals.rules import (
    MOVES,
    UNDER_WAY,
    Action,
    Came,
    Facts,
    Move,
    Part,
    Status,
    decide,
)
from referrals.visits import plan_visit, record_visit, visit_of
from tests.referral_builders import TOLD_WHY, a_referral, a_visit, an_onward, as_actor, owner_of

ATTENDANCE_ENDS = frozenset({Status.CLOSED_COMPLETED})
"""How a referral ends well."""

PART_OF_TIME = 0.4


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("part", Part)
def test_no_move_of_the_table_finishes_what_nobody_knows_of(status: Status, part: Part) -> None:
    for action in Action:
        unknown = Facts(status=status, reason_given=True, attendance_known=False)
        answer = decide(action, unknown, frozenset({part}))
        assert not (isinstance(answer, Move) and answer.end in ATTENDANCE_ENDS)
    assert {move.end for move in MOVES if move.end in ATTENDANCE_ENDS} == ATTENDANCE_ENDS


def test_going_to_a_group_is_not_finished_before_that_is_known(app: Flask) -> None:
    onward = an_onward(Status.IN_PROGRESS)
    assert onward.parent is not None
    with pytest.raises(Refused, match="nobody knows"), saving():
        act(onward, Action.COMPLETE, by=owner_of(onward.parent))
    a_visit(onward, came=Came.NOT_KNOWN)
    with saving():
        act(onward, Action.COMPLETE, by=owner_of(onward.parent))
    assert onward.status is Status.CLOSED_COMPLETED


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_done_only_who_came_is_counted_as_having_come(app: Flask, seed: int) -> None:
    lot = random.Random(seed)
    referrals = [a_referral(Status.IN_PROGRESS) for _ in range(2)]
    onward = [an_onward(Status.ACCEPTED, parent=parent) for parent in referrals]
    for _ in range(25):
        step_by_lot(lot, lot.choice([*onward, *referrals]))
        for each in onward:
            db.session.refresh(each)
            if each.status in ATTENDANCE_ENDS:
                assert SAID & known_of(each)
    for parent, each in zip(referrals, onward, strict=True):
        came = [visit for visit in each.visits if visit.came is Came.CAME]
        in_error = each.status is Status.ENTERED_IN_ERROR
        in_error = in_error or parent.status is Status.ENTERED_IN_ERROR
        told = what_happened(
            as_actor(parent.referrer), since=clock.today(), until=clock.today()
        ).attended
        assert told == (1 if came and not in_error else 0)


def step_by_lot(lot: random.Random, referral: Referral) -> None:
    """Try one thing by lot; most are refused, as they should be."""
    parent = referral.parent or referral
    by = owner_of(parent)
    try:
        with saving():
            if referral.is_onward and lot.random() < PART_OF_TIME:
                visit_by_lot(lot, referral)
            else:
                actions = sorted({move.action for move in MOVES} - {Action.SEND})
                act(referral, lot.choice(actions), by=by, note=TOLD_WHY)
    except (Refused, Forbidden):
        db.session.rollback()


def visit_by_lot(lot: random.Random, onward: Referral) -> None:
    assert onward.parent is not None
    visit, by = visit_of(onward), owner_of(onward.parent)
    if visit is None or onward.status not in UNDER_WAY or lot.random() < PART_OF_TIME:
        plan_visit(
            onward,
            session_on=clock.today() + timedelta(days=lot.choice((0, 0, 3))),
            starts_at=None,
            getting_there="",
            met_by="",
            cost="",
            bring="",
            by=by,
        )
    else:
        record_visit(visit, lot.choice(list(Came)), by=by)


def test_what_the_referrer_hears_as_a_first_visit_was_one(app: Flask) -> None:
    for came in (Came.DID_NOT_COME, Came.NOT_KNOWN, Came.CALLED_OFF):
        a_visit(came=came)
    told = select(Letter).where(Letter.same_as.startswith("attended:"))
    assert db.session.scalars(told).all() == []
    a_visit(came=Came.CAME)
    assert len(db.session.scalars(told).all()) == 1
