"""How long a record is kept: by a schedule that is data, with a hold, and never let go unseen."""

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from core import clock, outbox
from core.actors import Actor
from core.db import db
from core.errors import NotFound, Refused
from core.outbox import Letter, State
from core.saving import saving
from referrals.about.safety import raise_worry
from referrals.models import AskedHow, Person, Referral, Right
from referrals.rights import keeping, requests
from referrals.rights.forgetting import as_list, disposals_for, forget, let_go
from referrals.rules import Status
from tests.builders import an_ig_officer_of
from tests.engines import on_sqlite
from tests.referral_builders import a_referral, owner_of

THEN = datetime(2016, 3, 2, 12, tzinfo=UTC)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def long_ago(status: Status = Status.CLOSED_COMPLETED, born: str = "1950-01-02") -> Referral:
    with clock.set_to(THEN):
        referral = a_referral(status=status)
        with saving():
            referral.person.born_on = date.fromisoformat(born)
    return referral


def officer_of(referral: Referral) -> Actor:
    return an_ig_officer_of(referral.to_organisation)


@pytest.mark.parametrize(
    ("status", "born", "rule", "due"),
    [
        (Status.CLOSED_COMPLETED, "1950-01-02", "adult", "2024-03-02"),
        (Status.REJECTED, "1950-01-02", "no-case", "2018-03-02"),
        (Status.CLOSED_COMPLETED, "2001-01-02", "child", "2026-01-02"),
        (Status.CLOSED_COMPLETED, "1998-06-02", "child", "2024-06-02"),
        (Status.CLOSED_COMPLETED, "1998-01-02", "adult", "2024-03-02"),
    ],
)
@on_sqlite
def test_the_schedule_says_when_its_time_is_over(
    app: Flask, status: Status, born: str, rule: str, due: str
) -> None:
    found = keeping.standing_of(long_ago(status, born).person_id)
    assert found is not None
    assert (found.rule.key, found.due_on.isoformat()) == (rule, due)


def test_what_is_over_comes_before_the_officer_and_nobody_else(app: Flask) -> None:
    old, open_still = long_ago(), long_ago(Status.ACCEPTED)
    officer = officer_of(old)
    with clock.set_to(NOW):
        assert [each.refs for each in keeping.waiting_for(officer)] == [(old.ref,)]
        assert not keeping.waiting_for(officer_of(open_still))
        with pytest.raises(NotFound):
            keeping.get_over(old.person_id, seen_by=officer_of(open_still))
    assert keeping.standing_of(open_still.person_id) is None


def test_a_hold_stops_every_clock_and_to_end_it_lets_them_go_on(app: Flask) -> None:
    old = long_ago()
    officer = officer_of(old)
    with clock.set_to(NOW):
        with saving():
            hold = keeping.hold_back(old.ref, old.person.born_on, "A claim.", by=officer)
        assert not keeping.waiting_for(officer)
        with saving():
            keeping.end_hold(hold.id, by=officer)
        assert len(keeping.waiting_for(officer)) == 1


@on_sqlite
def test_what_is_kept_on_comes_back_when_its_day_is_there(app: Flask) -> None:
    old = long_ago()
    officer = officer_of(old)
    with clock.set_to(NOW):
        over = keeping.get_over(old.person_id, seen_by=officer)
        with pytest.raises(Refused, match="five years"), saving():
            keeping.keep_on(over, until=date(2040, 1, 1), why="Perhaps.", by=officer)
        with saving():
            keeping.keep_on(over, until=date(2027, 1, 1), why="An inquiry.", by=officer)
        assert not keeping.waiting_for(officer)
    with clock.set_to(NOW + timedelta(days=60)):
        assert len(keeping.waiting_for(officer)) == 1


@on_sqlite
def test_notes_about_safety_are_kept_by_their_own_schedule(app: Flask) -> None:
    with clock.set_to(THEN):
        referral = a_referral(status=Status.ACCEPTED)
        with saving():
            raise_worry(referral, "Bruises.", by=owner_of(referral))
            referral.status = Status.FAILED
    found = keeping.standing_of(referral.person_id)
    assert found is not None
    assert found.due_on == date(2036, 3, 2)


def test_the_words_of_a_letter_go_a_month_after_it_was_sent(app: Flask) -> None:
    a_referral()
    with saving():
        for letter in outbox.waiting():
            letter.state = State.SENT
    with clock.set_to(clock.now() + timedelta(days=29)):
        assert keeping.forget_letters_words() == 0
    with clock.set_to(clock.now() + timedelta(days=31)):
        assert keeping.forget_letters_words() > 0
    assert not any(letter.body for letter in db.session.query(Letter))


def test_a_record_let_go_leaves_a_stub_and_not_a_word(app: Flask) -> None:
    old = long_ago()
    officer, ref = officer_of(old), old.ref
    with clock.set_to(NOW):
        with saving():
            hold = keeping.hold_back(ref, old.person.born_on, "A claim.", by=officer)
        over = keeping.get_over(old.person_id, seen_by=officer)
        with pytest.raises(Refused, match="hold"), saving():
            let_go(over, "Its time is over.", by=officer)
        with saving():
            keeping.end_hold(hold.id, by=officer)
        with saving():
            let_go(over, "=Its time is over.", by=officer)
        db.session.expire_all()
        assert not keeping.waiting_for(officer)
        (stub,) = disposals_for(officer)
        assert (stub.refs, stub.rule, stub.by_name) == (ref, "adult", officer.name)
        assert "'=Its time" in as_list([stub])
        person = db.session.get(Person, over.person_id)
        assert person is None or not person.name


@on_sqlite
def test_a_record_whose_time_is_not_over_goes_only_if_the_person_asks(app: Flask) -> None:
    referral = a_referral(status=Status.CLOSED_COMPLETED)
    officer = officer_of(referral)
    over = keeping.get_over(referral.person_id, seen_by=officer)
    with pytest.raises(Refused, match="not over"), saving():
        let_go(over, "Tidy.", by=officer)
    with saving():
        asked = requests.begin(
            referral.ref,
            referral.person.born_on,
            Right.FORGET,
            AskedHow.PHONE,
            asked_on=clock.today(),
            by=officer,
        )
    with pytest.raises(Refused, match="who asks"), saving():
        forget(asked, "They asked.", by=officer)
    with saving():
        requests.confirm_identity(asked, "Saw a passport.", by=officer)
        forget(asked, "They asked.", by=officer)
    assert disposals_for(officer)[0].rule == "asked"
