"""Endings: keys stop opening, letters are not sent, groups hear, visits are off: in one commit."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from core import clock, links
from core.db import db
from core.errors import Forbidden, NotFound, Refused
from core.links import SignedLink
from core.outbox import Letter, State
from core.saving import saving
from referrals.models import Referral
from referrals.pathway import act, what_may
from referrals.rules import CLOSED, Action, Came, Status
from referrals.sight import GROUP_LINK
from referrals.visits import record_visit
from tests.referral_builders import (
    TOLD_WHY,
    a_referral,
    a_visit,
    an_onward,
    as_actor,
    group_of,
    owner_of,
)

ENDS = {
    Status.CLOSED_COMPLETED: Action.COMPLETE,
    Status.FAILED: Action.FAIL,
    Status.PERSON_DECLINED: Action.RECORD_DECLINED,
    Status.WITHDRAWN: Action.WITHDRAW,
    Status.ENTERED_IN_ERROR: Action.MARK_ERROR,
}


def end(referral: Referral, status: Status) -> None:
    action = ENDS[status]
    clinicians = {Action.WITHDRAW, Action.MARK_ERROR}
    by = as_actor(referral.referrer) if action in clinicians else owner_of(referral)
    with saving():
        act(referral, action, by=by, note=TOLD_WHY)


def parent_of(onward: Referral) -> Referral:
    assert onward.parent is not None
    return onward.parent


def keys(onward: Referral) -> list[SignedLink]:
    return list(db.session.scalars(select(SignedLink).where(SignedLink.about == onward.about)))


@pytest.mark.parametrize("status", ENDS)
def test_when_a_referral_ends_no_group_can_look_any_more(app: Flask, status: Status) -> None:
    onward = an_onward(Status.ACCEPTED)
    key = group_of(onward)
    end(parent_of(onward), status)
    assert onward.status in CLOSED
    assert keys(onward)
    assert not any(link.works for link in keys(onward))
    with pytest.raises(Forbidden), saving():
        act(onward, Action.RECORD_DECLINED, by=key)


@pytest.mark.parametrize("status", ENDS)
def test_when_a_referral_ends_letters_not_yet_sent_are_not_sent(app: Flask, status: Status) -> None:
    onward = an_onward()
    before = {letter.id for letter in db.session.scalars(select(Letter))}
    end(parent_of(onward), status)
    after = list(db.session.scalars(select(Letter)))
    assert {x.state for x in after if x.id in before} == {State.CANCELLED}
    assert {x.state for x in after if x.id not in before} == {State.WAITING}


def test_a_letter_already_sent_stays_sent(app: Flask) -> None:
    referral = a_referral(Status.IN_PROGRESS)
    with saving():
        for letter in db.session.scalars(select(Letter)):
            letter.state = State.SENT
    end(referral, Status.WITHDRAWN)
    assert State.CANCELLED not in set(db.session.scalars(select(Letter.state)))


def test_the_closing_letter_itself_is_sent(app: Flask) -> None:
    referral = a_referral(Status.IN_PROGRESS)
    end(referral, Status.CLOSED_COMPLETED)
    waiting = select(Letter).where(Letter.state == State.WAITING)
    [letter] = db.session.scalars(waiting)
    assert letter.to_address == referral.referrer.email


@pytest.mark.parametrize(
    ("status", "became"),
    [
        (Status.CLOSED_COMPLETED, Status.CLOSED_COMPLETED),
        (Status.FAILED, Status.WITHDRAWN),
        (Status.PERSON_DECLINED, Status.WITHDRAWN),
        (Status.WITHDRAWN, Status.WITHDRAWN),
        (Status.ENTERED_IN_ERROR, Status.ENTERED_IN_ERROR),
    ],
)
def test_what_becomes_of_a_group_somebody_goes_to(
    app: Flask, status: Status, became: Status
) -> None:
    onward = a_visit(came=Came.CAME).referral
    end(parent_of(onward), status)
    assert onward.status is became
    assert onward.steps[-1].by_name == "Kith"
    assert onward.steps[-1].by == "system:referral ended"


def test_a_group_that_never_answered_is_no_longer_asked(app: Flask) -> None:
    onward = an_onward()
    end(parent_of(onward), Status.CLOSED_COMPLETED)
    assert onward.status is Status.WITHDRAWN
    told = select(Letter).where(Letter.about == onward.about, Letter.state == State.WAITING)
    [letter] = db.session.scalars(told)
    assert "does not need a place now" in letter.body


def test_a_group_somebody_goes_to_is_not_bothered_when_all_ends_well(app: Flask) -> None:
    onward = a_visit(came=Came.CAME).referral
    end(parent_of(onward), Status.CLOSED_COMPLETED)
    waiting = select(Letter).where(Letter.about == onward.about, Letter.state == State.WAITING)
    assert not list(db.session.scalars(waiting))


def test_what_was_entered_by_mistake_is_taken_back_everywhere(app: Flask) -> None:
    declined = an_onward(Status.REJECTED)
    parent = parent_of(declined)
    open_one = an_onward(Status.ACCEPTED, parent=parent)
    end(parent, Status.ENTERED_IN_ERROR)
    assert declined.status is open_one.status is Status.ENTERED_IN_ERROR


def test_a_group_that_said_no_keeps_its_answer_when_the_rest_ends(app: Flask) -> None:
    declined = an_onward(Status.REJECTED)
    end(parent_of(declined), Status.CLOSED_COMPLETED)
    assert declined.status is Status.REJECTED


def test_a_group_that_says_no_can_still_see_that_it_did(app: Flask) -> None:
    onward = an_onward()
    with saving():
        act(onward, Action.REJECT, by=group_of(onward), note="We are full")
    assert all(link.works for link in keys(onward))
    assert not what_may(group_of(onward), onward)


def test_somebody_who_says_no_takes_their_agreement_back(app: Flask) -> None:
    onward = an_onward(Status.ACCEPTED)
    parent = parent_of(onward)
    end(parent, Status.PERSON_DECLINED)
    assert all(c.withdrawn_at for c in [*parent.consents, *onward.consents])


def test_saying_no_to_one_group_is_not_saying_no_to_everything(app: Flask) -> None:
    onward = an_onward(Status.ACCEPTED)
    parent = parent_of(onward)
    with saving():
        act(onward, Action.RECORD_DECLINED, by=owner_of(parent))
    assert onward.consents[0].withdrawn_at is not None
    assert parent.consents[0].withdrawn_at is None
    assert parent.status is Status.IN_PROGRESS


def test_a_case_cannot_be_finished_while_any_groups_visit_is_unanswered(app: Flask) -> None:
    visit = a_visit()
    parent = parent_of(visit.referral)
    an_onward(Status.ACCEPTED, parent=parent)
    worker = owner_of(parent)
    assert Action.COMPLETE not in what_may(worker, parent)
    with pytest.raises(Refused, match="whether the person came"), saving():
        act(parent, Action.COMPLETE, by=worker)
    with saving():
        record_visit(visit, Came.NOT_KNOWN, by=worker)
        act(parent, Action.COMPLETE, by=worker)
    assert parent.status is Status.CLOSED_COMPLETED


def test_visits_to_come_are_called_off_and_past_ones_are_not_guessed(app: Flask) -> None:
    with clock.set_to(datetime(2026, 11, 2, 9, tzinfo=UTC)):
        past = a_visit(in_days=1)
        parent = parent_of(past.referral)
        coming = a_visit(an_onward(Status.ACCEPTED, parent=parent), in_days=9)
    with clock.set_to(datetime(2026, 11, 6, 9, tzinfo=UTC)):
        end(parent, Status.WITHDRAWN)
    assert (past.came, coming.came) == (Came.NOT_KNOWN, Came.CALLED_OFF)


def test_an_ended_referral_has_its_day_and_no_next_contact(app: Flask) -> None:
    referral = a_referral(Status.IN_PROGRESS)
    assert referral.next_contact_on is not None
    end(referral, Status.CLOSED_COMPLETED)
    assert referral.closed_at is not None
    assert referral.next_contact_on is None


def test_a_dead_key_is_a_dead_end(app: Flask) -> None:
    onward = an_onward()
    with saving():
        token = links.make(
            GROUP_LINK,
            about=onward.about,
            for_whom="Group",
            lasts=timedelta(days=1),
            by=owner_of(parent_of(onward)),
        )
    assert links.unseal(GROUP_LINK, token).about == onward.about
    end(parent_of(onward), Status.WITHDRAWN)
    with pytest.raises(NotFound):
        links.unseal(GROUP_LINK, token)
