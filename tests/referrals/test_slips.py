"""Slips: counted, and nobody with them; a code is found by who holds it, and not by guessing."""

import threading
import uuid
from datetime import timedelta
from functools import partial

import pytest
from flask import Flask

from core import clock
from core.db import db
from core.errors import BadInput, Forbidden, NotFound
from core.saving import saving
from referrals.models import Slip
from referrals.slips import (
    GOOD_FOR,
    MOST_WRONG,
    WINDOW,
    Counted,
    count,
    find,
    forget_wrong_codes,
    hand_over,
    looked_up,
    note_wrong,
    refuse_guessing,
    tick,
    turned,
    written,
)
from tests.referral_builders import TEST, a_clinician, a_link_worker, a_service, as_actor
from tests.referrals.test_two_at_once import at_once

FACTS_OF_NOBODY = {"id", "version", "code", "service_id", "practice_id", "made_on"}
DAYS = {"looked_up_on", "turned_on", "ticked_on"}


def a_slip() -> Slip:
    with saving():
        return hand_over(a_service(), by=as_actor(a_clinician()))


def test_a_slip_keeps_days_and_nobody(app: Flask) -> None:
    assert {column.name for column in Slip.__table__.columns} == FACTS_OF_NOBODY | DAYS


def test_a_code_is_found_however_it_is_typed(app: Flask) -> None:
    slip = a_slip()
    half = slip.code[:4].lower()
    for typed in (slip.code, written(slip.code), f" {half} {slip.code[4:]} "):
        assert find(typed) == slip
    for typed in ("", "no such", slip.code[:-1], slip.code + "2", "x" * 500):
        assert find(typed) is None


def test_an_old_slip_is_no_longer_found(app: Flask) -> None:
    slip = a_slip()
    with clock.set_to(clock.now() + GOOD_FOR + timedelta(days=1)):
        assert find(slip.code) is None


def test_a_slip_that_was_turned_into_a_self_referral_counts_once(app: Flask) -> None:
    slip = a_slip()
    for later in range(2):
        with clock.set_to(clock.now() + timedelta(days=later)), saving():
            turned(slip)
    assert slip.turned_on == clock.today()


def test_a_group_ticks_its_own_slips_only(app: Flask) -> None:
    slip = a_slip()
    with saving():
        tick(slip.code, [slip.service], by=TEST)
    with pytest.raises(NotFound), saving():
        tick(slip.code, [a_service()], by=TEST)
    assert slip.ticked_on == clock.today()


def test_two_who_open_a_slip_at_once_both_see_it(app: Flask) -> None:
    slip = a_slip()
    together = threading.Barrier(2)

    def opening(slip_id: uuid.UUID) -> None:
        found = db.session.get_one(Slip, slip_id)
        assert found.looked_up_on is None
        together.wait()
        with saving():
            looked_up(found)

    assert at_once(app, *[partial(opening, slip.id)] * 2) == ["done", "done"]


def test_a_practice_counts_its_own_slips(app: Flask) -> None:
    doctor = as_actor(a_clinician())
    service = a_service()
    with saving():
        slips = [hand_over(service, by=doctor) for _each in range(3)]
        hand_over(service, by=as_actor(a_clinician()))
        for slip in slips[:2]:
            looked_up(slip)
            looked_up(slip)
        turned(slips[0])
    assert count(doctor, since=clock.today()) == Counted(3, 2, 1, 0)
    assert count(doctor, since=clock.today() + timedelta(days=1)) == Counted(0, 0, 0, 0)


def test_only_who_refers_hands_over(app: Flask) -> None:
    with pytest.raises(Forbidden), saving():
        hand_over(a_service(), by=as_actor(a_link_worker()))


def test_who_guesses_is_stopped_for_a_while(app: Flask) -> None:
    with saving():
        for _try in range(MOST_WRONG):
            refuse_guessing("one")
            note_wrong("one")
            db.session.flush()
    with pytest.raises(BadInput):
        refuse_guessing("one")
    refuse_guessing("another")
    with clock.set_to(clock.now() + WINDOW):
        refuse_guessing("one")
        assert forget_wrong_codes() == MOST_WRONG
