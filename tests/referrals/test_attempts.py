"""Trying to reach somebody: which tries count, what comes next, and when it may stop."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from core import clock
from core.errors import Refused
from core.saving import saving
from core.working_days import bank_holidays, is_working_day, working_days_after
from referrals.contacts import log_contact
from referrals.day.attempts import Stage, attempts_for, closes_from, policy
from referrals.models import ContactMade, Referral
from referrals.pathway import act, what_may
from referrals.rules import Action, ContactHow, Status
from tests.referral_builders import a_referral, owner_of

MONDAY = date(2026, 11, 16)
A_DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), tzinfo=clock.LONDON)


def contact(moment: datetime, how: ContactHow = ContactHow.NO_ANSWER) -> ContactMade:
    return ContactMade(how=how, at=moment.astimezone(UTC))


def in_vain(*moments: datetime) -> list[ContactMade]:
    return [contact(moment) for moment in moments]


MORNING, AFTERNOON, EVENING = at(MONDAY, 10), at(MONDAY + 2 * A_DAY, 14), at(MONDAY + 4 * A_DAY, 18)


def test_nobody_tried_yet_can_be_tried_today_at_any_time() -> None:
    with clock.set_to(at(MONDAY, 9)):
        now = attempts_for([])
    assert (now.stage, now.number, now.on) == (Stage.TRY, 1, MONDAY)
    assert [part.name for part in now.parts] == ["morning", "afternoon", "evening"]


def test_the_second_try_is_two_working_days_later_at_another_time() -> None:
    friday = MONDAY + 4 * A_DAY
    with clock.set_to(at(friday, 10, 5)):
        now = attempts_for(in_vain(at(friday, 10)))
    assert (now.stage, now.number, now.on) == (Stage.TRY, 2, MONDAY + 8 * A_DAY)
    assert [part.name for part in now.parts] == ["afternoon", "evening"]


def test_two_tries_on_a_day_or_at_the_same_time_of_day_count_once() -> None:
    with clock.set_to(at(MONDAY + 3 * A_DAY, 12)):
        same_day = attempts_for(in_vain(MORNING, at(MONDAY, 15)))
        same_time = attempts_for(in_vain(MORNING, at(MONDAY + 2 * A_DAY, 11)))
    for now in (same_day, same_time):
        assert (len(now.tries), now.uncounted, now.number) == (1, 1, 2)


def test_after_three_tries_comes_the_letter_then_time_to_answer_then_the_end() -> None:
    tries = in_vain(MORNING, AFTERNOON, EVENING)
    with clock.set_to(EVENING + timedelta(minutes=5)):
        assert attempts_for(tries).stage is Stage.WRITE
    written = MONDAY + 7 * A_DAY
    letter = contact(at(written, 9), ContactHow.LETTER)
    over = working_days_after(written, 10) + A_DAY
    with clock.set_to(at(over - A_DAY, 23, 59)):
        assert attempts_for([*tries, letter]).stage is Stage.WAIT
        assert attempts_for([*tries, letter]).on == over
    with clock.set_to(at(over, 0, 1)):
        assert attempts_for([*tries, letter]).stage is Stage.CLOSE


def test_to_have_spoken_starts_it_all_anew() -> None:
    spoken = contact(at(MONDAY + 7 * A_DAY, 9), ContactHow.PHONE)
    with clock.set_to(at(MONDAY + 8 * A_DAY, 9)):
        now = attempts_for([*in_vain(MORNING, AFTERNOON, EVENING), spoken])
    assert (now.stage, now.number) == (Stage.TRY, 1)


def test_time_of_day_is_what_the_clock_on_the_wall_says() -> None:
    before, after = date(2026, 3, 27), date(2026, 3, 30)  # the clocks go forward between them
    half_past_eleven = [datetime.combine(day, time(11, 30), tzinfo=UTC) for day in (before, after)]
    assert [policy().part_at(each).name for each in half_past_eleven] == ["morning", "afternoon"]


FIRST = datetime(2024, 1, 1, tzinfo=UTC)
moments = st.integers(0, 7 * 365 * 24 * 60).map(lambda minutes: FIRST + minutes * MINUTE)
days = st.dates(min_value=date(2024, 1, 1), max_value=date(2030, 12, 31))


@given(tries=st.lists(moments, max_size=6), later=st.timedeltas(A_DAY * 0, A_DAY * 30))
def test_no_two_counted_tries_share_a_day_and_the_next_is_on_a_working_day(
    tries: list[datetime], later: timedelta
) -> None:
    with clock.set_to(max([*tries, FIRST]) + later):
        now = attempts_for(in_vain(*tries))
        assert now.on >= clock.today()
    on_days = [clock.local_date(each) for each in now.tries]
    parts = [policy().part_at(each).name for each in now.tries]
    assert len(set(on_days)) == len(on_days)
    assert len(set(parts[:3])) == len(parts[:3])
    assert len(now.tries) + now.uncounted == len(tries)
    assert is_working_day(now.on)
    assert now.on not in bank_holidays(now.on.year)
    if now.stage is Stage.TRY:
        assert now.parts
        assert len(now.tries) < policy().tries


@given(written=days)
def test_a_letter_always_gives_ten_days_on_which_people_are_at_work(written: date) -> None:
    over, working = closes_from(written), 0
    day = written + A_DAY
    while day < over:
        working += is_working_day(day)
        day += A_DAY
    assert working == policy().working_days_to_answer


def note(referral: Referral, how: ContactHow) -> None:
    with saving():
        log_contact(referral, how, minutes=0, note="", next_contact_on=None, by=owner_of(referral))


@pytest.mark.parametrize("written", [date(2026, 3, 20), date(2026, 10, 16), date(2026, 12, 18)])
def test_nobody_is_given_up_before_the_letter_has_had_its_time(app: Flask, written: date) -> None:
    with clock.set_to(at(written, 9)):
        referral = a_referral(Status.CONTACTING)
        by = owner_of(referral)
        with pytest.raises(Refused), saving():
            act(referral, Action.CLOSE_NO_CONTACT, by=by)
        note(referral, ContactHow.LETTER)
    over = closes_from(written)
    with clock.set_to(at(over - A_DAY, 23, 30)):
        assert Action.CLOSE_NO_CONTACT not in what_may(by, referral)
        with pytest.raises(Refused), saving():
            act(referral, Action.CLOSE_NO_CONTACT, by=by)
    with clock.set_to(at(over, 0, 30)):
        assert Action.CLOSE_NO_CONTACT in what_may(by, referral)
        with saving():
            act(referral, Action.CLOSE_NO_CONTACT, by=by)
    assert referral.status is Status.CLOSED_NO_CONTACT
