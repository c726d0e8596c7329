"""Letters: leased, sent, marked; put off when the post is down; never lost, never sent twice."""

import smtplib
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from core import clock, outbox
from core.db import db
from core.outbox import Draft, Letter, State
from core.saving import saving

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def write(occasion: str) -> None:
    with saving():
        outbox.put(
            Draft(
                kind="test", about="thing:1", same_as=occasion, to_address="a@b.example", body="Hi."
            )
        )


def the_letter() -> Letter:
    db.session.rollback()
    return db.session.scalars(select(Letter)).one()


def test_a_letter_is_sent_once_and_marked(app: Flask) -> None:
    write("one")
    sent: list[str] = []
    assert outbox.send_next(lambda letter: sent.append(letter.to_address))
    assert not outbox.send_next(lambda letter: sent.append(letter.to_address))
    assert sent == ["a@b.example"]
    assert the_letter().state is State.SENT


def test_a_letter_is_not_sent_inside_a_transaction(app: Flask) -> None:
    write("one")
    within: list[bool] = []
    outbox.send_next(lambda _letter: within.append(db.session().in_transaction()))
    assert within == [False]


def test_a_letter_that_is_refused_waits_longer_and_longer(app: Flask) -> None:
    def refused(_letter: Letter) -> None:
        raise smtplib.SMTPDataError(451, b"later")

    with clock.set_to(START):
        write("one")
    waits = []
    moment = START
    for _ in range(4):
        with clock.set_to(moment):
            assert outbox.send_next(refused)
            assert not outbox.send_next(refused)
        waits.append(the_letter().next_try_at - moment)
        moment = the_letter().next_try_at
    assert waits == sorted(waits)
    assert len(set(waits)) == 4


@pytest.mark.asvs("16.5.2")
def test_while_the_post_is_down_one_letter_a_minute_tries_and_then_all_go(app: Flask) -> None:
    tried: list[str] = []

    def down(letter: Letter) -> None:
        tried.append(letter.same_as)
        raise smtplib.SMTPServerDisconnected

    with clock.set_to(START):
        for occasion in ("one", "two", "three"):
            write(occasion)
    for minute in range(60):
        with clock.set_to(START + timedelta(minutes=minute)):
            while outbox.send_next(down):
                pass
    assert len(tried) == 60
    assert len(set(tried)) == 3
    sent: list[Letter] = []
    for seconds in (0, 60):
        with clock.set_to(START + timedelta(hours=1, seconds=seconds)):
            while outbox.send_next(sent.append):
                pass
    assert len(sent) == 3


def test_after_a_week_a_letter_is_given_up_and_says_why(app: Flask) -> None:
    def down(_letter: Letter) -> None:
        raise ConnectionRefusedError

    with clock.set_to(START):
        write("one")
    with clock.set_to(START + timedelta(days=8)):
        outbox.send_next(down)
    assert (the_letter().state, the_letter().trouble) == (State.GIVEN_UP, "ConnectionRefusedError")


def test_a_letter_whose_sender_died_is_found_again(app: Flask) -> None:
    def die(_letter: Letter) -> None:
        raise KeyboardInterrupt

    with clock.set_to(START):
        write("one")
        with pytest.raises(KeyboardInterrupt):
            outbox.send_next(die)
        assert not outbox.send_next(lambda _letter: None)
    sent: list[Letter] = []
    with clock.set_to(START + outbox.LEASE + timedelta(seconds=1)):
        outbox.send_next(sent.append)
    assert len(sent) == 1


def test_a_cancelled_letter_is_not_sent(app: Flask) -> None:
    write("one")
    with saving():
        outbox.cancel("thing:1")
    assert not outbox.send_next(lambda _letter: None)
    assert the_letter().state is State.CANCELLED


def test_a_letter_leased_by_another_worker_is_left_alone(app: Flask) -> None:
    with clock.set_to(START):
        write("one")
        with saving():
            db.session.execute(update(Letter).values(leased_until=START + timedelta(minutes=1)))
        assert not outbox.send_next(lambda _letter: None)
