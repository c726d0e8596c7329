"""Taking a step back: by whom, how long, what comes back with it, and that nobody was told."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from core import clock, outbox
from core.actors import Actor
from core.db import db
from core.errors import Refused
from core.links import SignedLink
from core.outbox import Letter, State, send_next
from core.saving import saving
from referrals.contacts import log_contact
from referrals.day import undoing
from referrals.history import events_of
from referrals.models import Referral, Step, Waits
from referrals.pathway import act, take_back
from referrals.rules import Action, Came, ContactHow, Status
from tests.referral_builders import (
    a_letter_long_ago,
    a_link_worker,
    a_referral,
    a_visit,
    a_wait,
    an_appointment,
    an_onward,
    as_actor,
    owner_of,
)

MINUTE = timedelta(minutes=1)
START = {
    Action.ASK: Status.SENT,
    Action.ACCEPT: Status.SENT,
    Action.REJECT: Status.OPENED,
    Action.RECORD_DECLINED: Status.IN_PROGRESS,
    Action.PAUSE: Status.IN_PROGRESS,
    Action.RESUME: Status.ON_HOLD,
    Action.COMPLETE: Status.IN_PROGRESS,
    Action.CLOSE_NO_CONTACT: Status.CONTACTING,
    Action.FAIL: Status.IN_PROGRESS,
}


def do(referral: Referral, action: Action, by: Actor) -> Step:
    with saving():
        return act(referral, action, by=by, note="They said so.")


def undo(referral: Referral, by: Actor) -> Step:
    with saving():
        return take_back(referral, by=by)


def worker_of(referral: Referral) -> Actor:
    worker = referral.owner or a_link_worker(referral.to_organisation)
    return as_actor(worker)


def reach_all() -> int:
    number = 0
    while send_next(lambda letter: None):
        number += 1
    return number


@pytest.mark.parametrize("action", sorted(undoing.UNDOABLE))
def test_a_step_taken_back_leaves_it_as_it_was_and_tells_nobody(app: Flask, action: Action) -> None:
    referral = a_referral(START[action])
    by = worker_of(referral)
    if action is Action.CLOSE_NO_CONTACT:
        a_letter_long_ago(referral, by=by)
    reach_all()
    stood = (referral.status, referral.owner_id, referral.next_contact_on, referral.closed_at)
    do(referral, action, by)
    assert referral.status is not stood[0]
    assert reach_all() == 0
    undo(referral, by)
    assert stood == (
        referral.status,
        referral.owner_id,
        referral.next_contact_on,
        referral.closed_at,
    )
    assert [consent.withdrawn_at for consent in referral.consents] == [None]
    with clock.set_to(clock.now() + timedelta(days=1)):
        assert reach_all() == 0


def test_the_referrer_hears_of_it_when_the_time_to_take_it_back_is_over(app: Flask) -> None:
    referral = a_referral(Status.IN_PROGRESS)
    reach_all()
    do(referral, Action.COMPLETE, owner_of(referral))
    assert [letter.to_address for letter in outbox.waiting()] == [referral.referrer.email]
    with clock.set_to(clock.now() + 29 * MINUTE):
        assert reach_all() == 0
    with clock.set_to(clock.now() + 31 * MINUTE):
        assert reach_all() == 1


def test_the_history_shows_both_the_step_and_that_it_was_taken_back(app: Flask) -> None:
    referral = a_referral(Status.IN_PROGRESS)
    do(referral, Action.COMPLETE, owner_of(referral))
    undo(referral, owner_of(referral))
    titles = [event.title for event in events_of(referral)]
    assert titles[:2] == ["Taken back: Finished", "Finished"]
    assert [step.number for step in referral.steps] == list(range(1, len(referral.steps) + 1))


def test_half_an_hour_later_it_is_too_late(app: Flask) -> None:
    referral = a_referral(Status.IN_PROGRESS)
    by = owner_of(referral)
    step = do(referral, Action.PAUSE, by)
    with clock.set_to(step.at + 30 * MINUTE):
        assert undoing.last_held(referral, by=by) is None
        with pytest.raises(Refused):
            undo(referral, by)
    with clock.set_to(step.at + 29 * MINUTE):
        undo(referral, by)
    assert referral.status is Status.IN_PROGRESS


def test_only_whoever_took_the_step_takes_it_back(app: Flask) -> None:
    referral = a_referral(Status.IN_PROGRESS)
    do(referral, Action.PAUSE, owner_of(referral))
    for other in (as_actor(a_link_worker(referral.to_organisation)), as_actor(referral.referrer)):
        with pytest.raises(Refused):
            undo(referral, other)
    assert referral.status is Status.ON_HOLD


def test_what_has_been_followed_by_something_stays(app: Flask) -> None:
    referral = a_referral(Status.SENT)
    by = worker_of(referral)
    do(referral, Action.ACCEPT, by)
    with clock.set_to(clock.now() + MINUTE):
        with saving():
            log_contact(referral, ContactHow.TEXT, minutes=0, note="", next_contact_on=None, by=by)
        with pytest.raises(Refused):
            undo(referral, by)


def test_a_step_is_taken_back_once(app: Flask) -> None:
    referral = a_referral(Status.IN_PROGRESS)
    by = owner_of(referral)
    do(referral, Action.PAUSE, by)
    undo(referral, by)
    with pytest.raises(Refused):
        undo(referral, by)


def test_what_ended_with_it_goes_on_again(app: Flask) -> None:
    parent = a_referral(Status.IN_PROGRESS)
    by = owner_of(parent)
    onward = an_onward(Status.ACCEPTED, parent=parent)
    visit = a_visit(onward, in_days=3)
    hour, place = an_appointment(parent), a_wait(parent)
    reach_all()
    do(parent, Action.RECORD_DECLINED, by)
    assert (onward.status, visit.came) == (Status.WITHDRAWN, Came.CALLED_OFF)
    assert (hour.called_off_at is None, place.state) == (False, Waits.LEFT)
    assert reach_all() == 0
    undo(parent, by)
    db.session.expire_all()
    assert (onward.status, onward.closed_at) == (Status.ACCEPTED, None)
    assert (visit.came, visit.answered_by) == (Came.PLANNED, "")
    assert (hour.called_off_at, place.state, place.ended_at) == (None, Waits.WAITING, None)
    keys = db.session.scalars(select(SignedLink).where(SignedLink.about == onward.about))
    assert all(key.works for key in keys)
    assert all(consent.withdrawn_at is None for consent in onward.consents)


def test_a_letter_that_was_stopped_is_sent_after_all(app: Flask) -> None:
    onward = an_onward(Status.SENT)
    parent = onward.parent
    assert parent is not None
    asked = db.session.scalars(select(Letter).where(Letter.about == onward.about)).one()
    do(parent, Action.FAIL, owner_of(parent))
    db.session.refresh(asked)
    assert asked.state is State.CANCELLED
    undo(parent, owner_of(parent))
    db.session.refresh(asked)
    assert asked.state is State.WAITING


def test_what_a_clinician_sent_is_not_undone_but_taken_back_by_its_own_step(app: Flask) -> None:
    referral = a_referral(Status.SENT)
    assert undoing.last_held(referral, by=as_actor(referral.referrer)) is None
