"""What must never be among referrals is found, by reference, where it is."""

import uuid
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from core import clock
from core.db import db, may_write
from core.ops import findings
from core.sealing import DataKey
from referrals.cross_checks import waiting_too_long
from referrals.models import Referral
from referrals.rules import Status
from tests.referral_builders import a_referral


def test_a_referral_as_it_should_be_is_not_found(app: Flask) -> None:
    a_referral()
    assert findings.all_of(findings.IN_ROWS) == []


@pytest.mark.parametrize(
    ("wrong", "found"),
    [
        ({"status": Status.IN_PROGRESS}, "nobody has"),
        ({"closed_at": clock.now()}, "open with one"),
        ({"status": Status.DRAFT}, "stands elsewhere"),
    ],
)
def test_a_referral_of_two_minds_is_found(app: Flask, wrong: dict[str, object], found: str) -> None:
    referral = a_referral()
    about, ref = referral.about, referral.ref
    db.session.rollback()
    with may_write():
        db.session.execute(update(Referral).where(Referral.ref == ref).values(**wrong))
        db.session.commit()
    assert any(found in each and each.endswith(about) for each in findings.all_of(findings.IN_ROWS))


def test_somebody_whose_key_is_gone_is_found(app: Flask) -> None:
    person_id, nobody = a_referral().person_id, uuid.uuid4()
    move_keys(person_id, nobody)
    found = findings.all_of(findings.IN_ROWS)
    move_keys(nobody, person_id)
    assert f"a person with open referrals whose key is gone: person:{person_id}" in found
    assert "something sealed that its key does not open: person" in found


def move_keys(from_id: uuid.UUID, to_id: uuid.UUID) -> None:
    db.session.rollback()
    with may_write():
        theirs = update(DataKey).where(DataKey.holder_id == from_id)
        db.session.execute(theirs.values(holder_id=to_id))
        db.session.commit()
    db.session.expunge_all()


def test_a_referral_nobody_answers_for_two_working_days_is_counted(app: Flask) -> None:
    a_referral()
    assert waiting_too_long() == 0
    with clock.set_to(clock.now() + timedelta(days=8)):
        assert waiting_too_long() == 1
