"""The table of moves: the whole cross-product, and cases by hand that would catch a wrong table."""

from itertools import product

import pytest

from referrals.rules import (
    CLOSED,
    MOVES,
    OPEN,
    STATUS_WORDS,
    Action,
    Facts,
    Move,
    Need,
    No,
    Part,
    Status,
    actions_open_to,
    decide,
    ending_with_parent,
)
from referrals.statuses import STATES

ALL_WELL = {"agreed": True, "reason_given": True, "visits_settled": True, "letter_sent": True}

GRAVITY = {
    "draft": {"requested"},
    "requested": {"accepted", "rejected", "cancelled"},
    "accepted": {"in-progress", "on-hold", "cancelled", "completed", "failed"},
    "in-progress": {"completed", "failed", "cancelled", "on-hold"},
    "on-hold": {"in-progress", "cancelled", "completed", "failed"},
}
"""FHIR Task transitions of SDOH Clinical Care 3.0.0 (standards notes §2.5)."""


@pytest.mark.asvs("2.3.1")
@pytest.mark.parametrize(("action", "part"), product(Action, Part))
def test_only_the_table_moves_a_referral(action: Action, part: Part) -> None:
    for status in Status:
        allowed = any(m.action is action and status in m.start and part in m.by for m in MOVES)
        answer = decide(action, Facts(status=status, **ALL_WELL), frozenset({part}))
        assert isinstance(answer, Move) is allowed, status
        if isinstance(answer, Move):
            assert (answer.action, status in answer.start) == (action, True)


def test_an_action_means_one_move_at_most_wherever_a_referral_stands() -> None:
    for action, status in product(Action, Status):
        assert len([m for m in MOVES if m.action is action and status in m.start]) <= 1


@pytest.mark.parametrize("move", MOVES, ids=lambda move: move.action.value)
def test_every_move_is_one_that_fhir_allows(move: Move) -> None:
    end = STATES[move.end].task
    for start in {STATES[status].task for status in move.start} - {end}:
        assert end == "entered-in-error" or end in GRAVITY[start]


@pytest.mark.parametrize("need", Need)
def test_a_move_waits_for_each_thing_it_needs(need: Need) -> None:
    moves = [move for move in MOVES if need in move.needs]
    assert moves
    for move in moves:
        for status in move.start:
            answer = decide(move.action, Facts(status=status, **{**ALL_WELL, need: False}), move.by)
            assert isinstance(answer, No)
            assert not answer.not_yours


@pytest.mark.parametrize("status", sorted(CLOSED))
def test_what_is_closed_stays_closed(status: Status) -> None:
    everybody = frozenset(Part)
    left = actions_open_to(Facts(status=status, **ALL_WELL), everybody)
    assert left <= {Action.MARK_ERROR}


def test_nobody_can_do_anything_to_what_was_entered_in_error() -> None:
    assert not actions_open_to(Facts(status=Status.ENTERED_IN_ERROR, **ALL_WELL), frozenset(Part))


def test_every_state_is_open_or_closed_or_a_draft_and_has_its_words() -> None:
    assert OPEN | CLOSED | {Status.DRAFT} == frozenset(Status)
    assert not OPEN & CLOSED
    assert set(STATUS_WORDS) == set(STATES) == set(Status)


def test_every_state_can_be_reached_from_a_draft() -> None:
    reached = {Status.DRAFT}
    while more := {m.end for m in MOVES if m.start & reached} - reached:
        reached |= more
    assert reached == set(Status)


def test_a_referrer_cannot_accept_their_own_referral() -> None:
    answer = decide(Action.ACCEPT, Facts(status=Status.SENT), frozenset({Part.REFERRER}))
    assert isinstance(answer, No)
    assert answer.not_yours


def test_a_declined_referral_stays_declined() -> None:
    facts = Facts(status=Status.REJECTED, **ALL_WELL)
    assert isinstance(decide(Action.ACCEPT, facts, frozenset({Part.RECEIVER})), No)


def test_nobody_declines_without_saying_why() -> None:
    facts = Facts(status=Status.SENT, reason_given=False)
    answer = decide(Action.REJECT, facts, frozenset({Part.RECEIVER}))
    assert answer == No("Say why.")


def test_a_case_is_not_finished_while_a_planned_visit_is_unanswered() -> None:
    facts = Facts(status=Status.IN_PROGRESS, visits_settled=False)
    assert isinstance(decide(Action.COMPLETE, facts, frozenset({Part.RECEIVER})), No)
    assert Action.COMPLETE not in actions_open_to(facts, frozenset({Part.RECEIVER}))


def test_the_system_only_ever_ends_a_referral() -> None:
    for move in MOVES:
        if Part.SYSTEM in move.by:
            assert move.end in CLOSED


def test_buttons_are_drawn_as_if_the_reason_were_given() -> None:
    facts = Facts(status=Status.SENT, reason_given=False)
    assert Action.REJECT in actions_open_to(facts, frozenset({Part.RECEIVER}))


@pytest.mark.parametrize("end", sorted(CLOSED))
@pytest.mark.parametrize("came", [True, False])
def test_a_group_that_welcomed_somebody_has_done_its_part_only_when_all_ended_well(
    end: Status, *, came: bool
) -> None:
    expected = Action.WITHDRAW
    if end is Status.ENTERED_IN_ERROR:
        expected = Action.MARK_ERROR
    elif end is Status.CLOSED_COMPLETED and came:
        expected = Action.COMPLETE
    assert ending_with_parent(end, came=came) is expected
