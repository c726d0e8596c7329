"""The weekly letter: its numbers are the register's, it goes once, and nobody is in it."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from accounts import User
from core import clock
from core.db import db
from core.outbox import Letter
from core.saving import saving
from referrals.digest import LOOKS_BACK, Stands, Tally, stands_with, tallies, write_letters
from referrals.following import Tab, counts
from referrals.models import Referral
from referrals.rules import OPEN, Came, Status
from tests.referral_builders import (
    WALKS,
    a_clinician,
    a_link_worker,
    a_practice,
    a_referral,
    a_team,
    a_visit,
    an_onward,
    as_actor,
)

MONDAY = datetime(2026, 7, 6, 6, 30, tzinfo=UTC)
"""Half past seven on the wall, in summer."""


def letters() -> list[Letter]:
    return list(db.session.scalars(select(Letter).where(Letter.kind == "digest")))


@pytest.fixture
def gp(app: object) -> User:
    return a_clinician()


def register_of(user: User) -> Counter[Stands]:
    """The same by the slow and plain way: one referral after the other."""
    told: Counter[Stands] = Counter()
    for each in db.session.scalars(select(Referral).where(Referral.referrer_id == user.id)):
        if each.is_onward or each.status in {Status.DRAFT, Status.ENTERED_IN_ERROR}:
            continue
        if each.status not in OPEN and each.sent_at and each.sent_at < clock.now() - LOOKS_BACK:
            continue
        came = any(visit.came is Came.CAME for onward in each.onward for visit in onward.visits)
        told[stands_with(each.status, went=came)] += 1
    return told


@pytest.mark.parametrize("seed", range(3))
def test_the_numbers_are_those_of_the_register(gp: User, seed: int) -> None:
    lot = random.Random(seed)
    with clock.set_to(MONDAY), saving():
        team = a_team()
        someone, worker = a_clinician(a_practice(team)), a_link_worker(team)
        for status in lot.choices(sorted(WALKS), k=8):
            a_referral(status, referrer=someone, link_worker=worker)
        parent = a_referral(Status.IN_PROGRESS, referrer=someone, link_worker=worker)
        a_visit(an_onward(Status.ACCEPTED, parent=parent), came=lot.choice([*Came][1:3]))
        a_referral(referrer=gp)
    for weeks in (0, 13):
        with clock.set_to(MONDAY + timedelta(weeks=weeks, hours=1)):
            found = tallies()
            expected = register_of(someone)
            tally = found.get(someone.id, Tally({}, 0))
            assert {each: number for each, number in tally.stands.items() if number} == expected
            assert tally.total == expected.total()
            waiting = counts(as_actor(someone), practice=False)[Tab.OPEN]
            went_open = tally.stands[Stands.WENT] if waiting > tally.stands[Stands.WAITING] else 0
            assert tally.stands[Stands.WAITING] + went_open >= waiting


def test_the_line_says_each_number_once_and_what_is_to_do() -> None:
    stands = dict.fromkeys(Stands, 0) | {
        Stands.WENT: 4,
        Stands.WAITING: 1,
        Stands.DECLINED: 1,
        Stands.LOST: 1,
    }
    said = "Of your 7 referrals: 4 went, 1 waiting, 1 declined, 1 lost"
    assert Tally(stands, 0).words == f"{said} — nothing for you to do."
    assert Tally(stands, 1).words == f"{said} — 1 needs your answer."


def test_one_letter_a_week_from_monday_morning_by_the_clock_on_the_wall(gp: User) -> None:
    with clock.set_to(MONDAY - timedelta(days=1)):
        a_referral(referrer=gp)
    for moment, written, in_all in (
        (MONDAY - timedelta(minutes=1), 0, 0),
        (MONDAY, 1, 1),
        (MONDAY + timedelta(hours=1), 1, 1),
        (MONDAY + timedelta(days=6), 1, 1),
        (MONDAY + timedelta(days=7), 1, 2),
    ):
        with clock.set_to(moment):
            assert write_letters() == written
        assert len(letters()) == in_all


def test_after_the_clocks_go_back_it_still_goes_at_half_past_seven(gp: User) -> None:
    monday = datetime(2026, 10, 26, 7, 30, tzinfo=UTC)
    with clock.set_to(monday - timedelta(days=3)):
        a_referral(referrer=gp)
    with clock.set_to(monday - timedelta(minutes=1)):
        write_letters()
    assert not letters()
    with clock.set_to(monday):
        write_letters()
    assert len(letters()) == 1


def test_the_letter_names_nobody_and_goes_to_those_who_still_refer(gp: User) -> None:
    with clock.set_to(MONDAY):
        mine = a_referral(referrer=gp)
        left = a_referral()
        with saving():
            left.referrer.disabled_at = clock.now()
        write_letters()
    (letter,) = letters()
    assert letter.to_address == gp.email
    words = letter.subject + letter.body
    person = mine.person
    secrets = (person.name, person.name.split()[0], mine.ref, str(mine.id), str(person.nhs_number))
    assert not [each for each in secrets if each in words]
