"""The life of a listing: every step from every state, and what a date of checking is worth."""

from datetime import date
from itertools import product

import pytest

from directory.rules import (
    ACCESS_WORDS,
    DONE,
    HSDS_STATUS,
    LIFE_OF_STATUS,
    LIFE_WORDS,
    SHOWN,
    TURNS,
    Access,
    Life,
    Step,
    is_fresh,
    turn,
    way,
)

# What each step does, said once more and otherwise than in the table: "from" states and the end.
MEANING = {
    Step.PUBLISH: ("draft", "live"),
    Step.DOUBT: ("live", "needs-checking"),
    Step.CHECK: ("live needs-checking hidden", "live"),
    Step.HIDE: ("needs-checking", "hidden"),
    Step.PAUSE: ("live needs-checking", "paused"),
    Step.RESUME: ("paused", "live"),
    Step.RETIRE: ("draft live needs-checking paused hidden", "retired"),
    Step.REVIVE: ("retired", "draft"),
}


@pytest.mark.parametrize(("step", "life"), product(Step, Life))
def test_a_step_leads_where_it_says_and_from_nowhere_else(step: Step, life: Life) -> None:
    starts, end = MEANING[step]
    found = turn(step, life)
    assert (found is not None) is (life in starts.split())
    assert found is None or found.end == end


def test_a_retired_listing_comes_back_only_as_a_draft() -> None:
    assert {each.end for each in TURNS if Life.RETIRED in each.start} == {Life.DRAFT}


def test_drafts_hidden_and_retired_listings_are_not_shown() -> None:
    assert set(Life) - SHOWN == {Life.DRAFT, Life.HIDDEN, Life.RETIRED}


def test_a_hidden_listing_comes_back_with_one_check() -> None:
    assert way(Life.HIDDEN, Life.LIVE) == (Step.CHECK,)


@pytest.mark.parametrize(("start", "end"), product(Life, Life))
def test_there_is_a_way_between_any_two_states(start: Life, end: Life) -> None:
    life = start
    for each in way(start, end):
        found = turn(each, life)
        assert found is not None
        life = found.end
    assert life is end


def test_the_way_is_no_longer_than_it_need_be() -> None:
    assert way(Life.LIVE, Life.LIVE) == ()
    assert way(Life.DRAFT, Life.PAUSED) == (Step.PUBLISH, Step.PAUSE)


def test_every_state_and_step_has_words() -> None:
    assert set(LIFE_WORDS) == set(HSDS_STATUS) == set(Life)
    assert set(DONE) == set(Step)
    assert set(ACCESS_WORDS) == set(Access)


def test_what_we_publish_as_active_we_read_back_as_live() -> None:
    for status, life in LIFE_OF_STATUS.items():
        assert HSDS_STATUS[life] == status


@pytest.mark.parametrize(
    ("checked_on", "fresh"),
    [
        (date(2026, 11, 23), True),
        (date(2026, 8, 25), True),
        (date(2026, 8, 24), False),
        (None, False),
    ],
)
def test_a_listing_is_fresh_for_ninety_days(checked_on: date | None, fresh: bool) -> None:
    assert is_fresh(checked_on, date(2026, 11, 23)) is fresh
