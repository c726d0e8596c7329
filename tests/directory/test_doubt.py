"""Doubt: how likely each part of a listing is still true, and when its group is asked."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from core.settings import BadSettings
from directory.freshness.doubt import (
    REPORTED,
    TRUST,
    USUAL,
    Cycle,
    Move,
    Standing,
    asked_about,
    doubt,
    doubts,
    may_write,
    moves,
)
from directory.rules import VITAL, Aspect, How, Life

DAY_ONE = date(2026, 1, 1)


def confirmed(how: How = How.GROUP, on: date = DAY_ONE, **said: object) -> Standing:
    """A live listing of which everything was confirmed on one day."""
    checks = dict.fromkeys(Aspect, ((how, on),))
    standing = Standing(life=Life.LIVE, began_on=DAY_ONE, assured_on=on, heard_on=on, checks=checks)
    return replace(standing, **said)  # type: ignore[arg-type]


def after(days: int) -> date:
    return DAY_ONE + timedelta(days=days)


def test_after_its_half_life_half_of_the_trust_is_left() -> None:
    cycle = replace(USUAL, price=100, time=10**6, place=10**6, contact=10**6, about=10**6)
    quiet = confirmed(spoken_of=(Aspect.PRICE,), changes=0)
    # One year of no change would slow the pace: on the first day there is none to learn from.
    quiet = replace(quiet, began_on=after(100))
    assert doubts(quiet, after(100), cycle)[Aspect.PRICE] == pytest.approx(1 - TRUST[How.GROUP] / 2)


def test_time_and_price_are_doubted_before_place_and_contact() -> None:
    each = doubts(confirmed(), after(200))
    assert min(each[Aspect.TIME], each[Aspect.PRICE]) > max(
        each[Aspect.PLACE], each[Aspect.CONTACT]
    )


def test_what_a_feed_says_counts_less_than_what_people_say() -> None:
    one_day = [doubt(confirmed(how), after(1)) for how in (How.GROUP, How.EDITOR, How.IMPORTED)]
    assert one_day == sorted(one_day)
    assert one_day[-1] > 2 * one_day[0]


def test_an_older_word_of_a_person_can_count_more_than_a_newer_of_a_feed() -> None:
    both = {Aspect.PLACE: ((How.GROUP, DAY_ONE), (How.IMPORTED, after(10)))}
    standing = confirmed(checks=both, spoken_of=(Aspect.PLACE,))
    assert doubts(standing, after(10))[Aspect.PLACE] < 0.05


def test_people_who_went_there_refresh_time_and_place_and_nothing_else() -> None:
    standing = confirmed()
    seen = {
        aspect: (*checks, (How.ATTENDED, after(190)))
        if aspect in {Aspect.TIME, Aspect.PLACE}
        else checks
        for aspect, checks in standing.checks.items()
    }
    before, now = doubts(standing, after(200)), doubts(replace(standing, checks=seen), after(200))
    assert {aspect for aspect in Aspect if now[aspect] < before[aspect]} == {
        Aspect.TIME,
        Aspect.PLACE,
    }


def test_a_listing_that_has_changed_often_is_doubted_sooner() -> None:
    assert doubt(confirmed(changes=4), after(100)) > doubt(confirmed(), after(100))


def test_a_part_somebody_says_is_wrong_is_in_doubt_at_once() -> None:
    standing = confirmed(reported=(Aspect.CONTACT,))
    assert doubts(standing, after(1))[Aspect.CONTACT] == pytest.approx(1 - REPORTED)
    assert asked_about(standing, after(1)) == (Aspect.CONTACT,)


def test_only_what_is_in_doubt_is_asked_about_and_always_something() -> None:
    assert len(asked_about(confirmed(), after(1))) == 1
    asked = asked_about(confirmed(), after(200))
    assert set(asked) == {Aspect.TIME, Aspect.PRICE}


def test_what_a_listing_says_nothing_of_is_never_in_doubt() -> None:
    assert Aspect.PRICE not in doubts(confirmed(spoken_of=(Aspect.TIME,)), after(400))


def test_a_listing_is_asked_about_once_it_is_in_doubt_and_at_last_in_any_case() -> None:
    days = [day for day in range(400) if Move.ASK in moves(confirmed(), after(day))]
    assert USUAL.rest <= days[0] <= USUAL.ask_after
    sure = replace(USUAL, ask_at=100)
    days = [day for day in range(400) if Move.ASK in moves(confirmed(), after(day), sure)]
    assert days[0] == USUAL.ask_after


def test_a_group_that_was_heard_lately_is_left_in_peace() -> None:
    shaky = confirmed(How.IMPORTED, changes=10, assured_on=None)
    last_day_of_rest = after(USUAL.rest - 1)
    assert Move.ASK in moves(replace(shaky, heard_on=None), last_day_of_rest)
    assert Move.ASK not in moves(shaky, last_day_of_rest)


def test_letters_go_first_where_they_are_likely_to_be_answered() -> None:
    answers, silent = confirmed(letters=3, answers=3), confirmed(letters=6, answers=0)
    asked = [
        next(day for day in range(400) if Move.ASK in moves(each, after(day)))
        for each in (answers, silent)
    ]
    assert asked[0] < asked[1] == USUAL.ask_after


def test_a_group_that_never_answers_is_not_reminded() -> None:
    asked = confirmed(asked_on=after(200), letters=6)
    assert not moves(asked, after(214))
    assert moves(asked, after(228)) == {Move.TELL_EDITORS}


def test_a_question_is_repeated_once_and_then_it_is_the_editors() -> None:
    asked = confirmed(asked_on=after(200), heard_on=None)
    assert not moves(asked, after(213))
    assert moves(asked, after(214)) == {Move.REMIND}
    reminded = replace(asked, reminded_on=after(214))
    assert not moves(reminded, after(227))
    assert moves(reminded, after(228)) == {Move.TELL_EDITORS}
    told = replace(reminded, passed_on_on=after(228))
    assert not moves(told, after(229))
    assert Move.ASK in moves(told, after(200 + USUAL.ask_again_after))


def test_after_nine_months_it_needs_checking_and_after_a_year_it_is_hidden() -> None:
    silent = confirmed(asked_on=after(200), reminded_on=after(214), passed_on_on=after(228))
    assert not moves(silent, after(269))
    assert moves(silent, after(270)) == {Move.DOUBT}
    doubted = replace(silent, life=Life.NEEDS_CHECKING)
    assert not moves(doubted, after(364))
    assert moves(doubted, after(365)) == {Move.HIDE}


def test_nothing_is_hidden_unasked_nor_when_it_is_somebody_elses() -> None:
    doubted = confirmed(life=Life.NEEDS_CHECKING)
    assert Move.HIDE not in moves(doubted, after(500))
    fed = replace(doubted, is_fed=True, asked_on=after(400), passed_on_on=after(428))
    assert Move.HIDE not in moves(fed, after(500))


@pytest.mark.parametrize("life", [Life.DRAFT, Life.PAUSED, Life.RETIRED])
def test_nobody_is_asked_about_what_is_not_on(life: Life) -> None:
    assert not moves(confirmed(life=life), after(900))


def test_a_group_is_written_to_three_times_in_twelve_months_at_most() -> None:
    letters = [after(0), after(100), after(200)]
    assert may_write(letters[:2], after(200))
    assert not may_write(letters, after(364))
    assert may_write(letters, after(365))


def test_a_deployment_may_choose_its_cycle() -> None:
    assert Cycle.chosen({"rest": "90"}) == replace(USUAL, rest=90)
    assert set(VITAL) == {each for each in VITAL if USUAL.half_life(each) > 0}


@pytest.mark.parametrize("chosen", [{"rests": "90"}, {"rest": "soon"}, {"rest": "0"}])
def test_a_cycle_that_means_nothing_is_refused(chosen: dict[str, str]) -> None:
    with pytest.raises(BadSettings, match="FRESHNESS"):
        Cycle.chosen(chosen)
