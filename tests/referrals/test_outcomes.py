"""What came of it: arithmetic against the slow and plain way, and never more than is known."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from statistics import fmean, median

import pytest
from flask import Flask
from sqlalchemy import event, select

from accounts import User
from core import clock
from core.db import db
from core.errors import Forbidden, Refused
from core.saving import saving
from referrals.contacts import log_contact
from referrals.measures import ATTRIBUTION, ONS4
from referrals.models import Referral
from referrals.outcomes import (
    CAUTION,
    COUNTS_ONLY_BELOW,
    TOO_FEW_BELOW,
    change_of,
    measures_of,
    record_measure,
    what_happened,
)
from referrals.pathway import act
from referrals.rules import CLOSED, OPEN, Action, Came, ContactHow, Point, Status
from tests.referral_builders import (
    WALKS,
    a_clinician,
    a_link_worker,
    a_practice_admin,
    a_referral,
    a_visit,
    an_onward,
    as_actor,
    owner_of,
)

START = datetime(2026, 6, 1, 9, tzinfo=UTC)
SINCE, UNTIL = date(2026, 6, 1), date(2026, 8, 31)
QUESTIONS = [question.key for question in ONS4.questions]


def answers(score: int) -> dict[str, int]:
    return dict.fromkeys(QUESTIONS, score)


def a_pair(referrer: User, before: dict[str, int], after: dict[str, int], days: int = 30) -> None:
    """A finished referral with these answers at its two ends."""
    with saving():
        referral = a_referral(Status.IN_PROGRESS, referrer=referrer)
        worker = owner_of(referral)
        today = clock.today()
        for point, said, day in (
            (Point.BEFORE, before, today - timedelta(days=days)),
            (Point.AFTER, after, today),
        ):
            if said:
                record_measure(referral, point, said, taken_on=day, by=worker)
        act(referral, Action.COMPLETE, by=worker)


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements sent to the database within the block."""
    seen: list[str] = []

    def note(_c: object, _u: object, statement: str, *_rest: object) -> None:
        if statement.startswith("SELECT"):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def test_the_four_questions_are_there_with_their_source() -> None:
    assert QUESTIONS == ["life_satisfaction", "worthwhile", "happiness", "anxiety"]
    assert "Open Government Licence v3.0" in ATTRIBUTION
    assert [question.good for question in ONS4.questions] == [1, 1, 1, -1]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [(4, 6, 1), (4, 5, 0), (4, 4, 0), (5, 4, 0), (6, 4, -1), (0, 10, 1)],
)
def test_a_point_either_way_is_about_the_same(before: int, after: int, expected: int) -> None:
    satisfaction, anxiety = ONS4.questions[0], ONS4.questions[3]
    assert change_of(satisfaction, before, after) == expected
    assert change_of(anxiety, before, after) == -expected


def test_answers_are_kept_by_when_they_were_asked(app: Flask) -> None:
    referral = a_referral(Status.IN_PROGRESS)
    with saving():
        record_measure(
            referral, Point.BEFORE, answers(4), taken_on=clock.today(), by=owner_of(referral)
        )
    assert measures_of(referral)[Point.BEFORE].answers == answers(4)
    assert Point.AFTER not in measures_of(referral)


def test_answers_can_be_put_right(app: Flask) -> None:
    referral = a_referral(Status.IN_PROGRESS)
    for score in (4, 7):
        with saving():
            record_measure(
                referral,
                Point.BEFORE,
                answers(score),
                taken_on=clock.today(),
                by=owner_of(referral),
            )
    assert [measure.answers for measure in referral.measures] == [answers(7)]


def test_a_question_left_out_stays_left_out(app: Flask) -> None:
    referral = a_referral(Status.IN_PROGRESS)
    with saving():
        record_measure(
            referral, Point.BEFORE, {"anxiety": 0}, taken_on=clock.today(), by=owner_of(referral)
        )
    assert measures_of(referral)[Point.BEFORE].answers == {"anxiety": 0}


@pytest.mark.parametrize(
    ("said", "in_days"),
    [
        ({}, 0),
        ({"happiness": 11}, 0),
        ({"happiness": -1}, 0),
        ({"total": 5}, 0),
        ({"happiness": 5}, 1),
    ],
)
def test_what_cannot_have_been_answered_is_refused(
    app: Flask, said: dict[str, int], in_days: int
) -> None:
    referral = a_referral(Status.IN_PROGRESS)
    day = clock.today() + timedelta(days=in_days)
    with pytest.raises(Refused), saving():
        record_measure(referral, Point.BEFORE, said, taken_on=day, by=owner_of(referral))


def test_questions_are_asked_by_the_team_after_accepting(app: Flask) -> None:
    referral = a_referral(Status.IN_PROGRESS)
    for by in (as_actor(referral.referrer), as_actor(a_clinician())):
        with pytest.raises(Forbidden), saving():
            record_measure(referral, Point.BEFORE, answers(3), taken_on=clock.today(), by=by)
    declined = a_referral(Status.PERSON_DECLINED)
    worker = as_actor(a_link_worker(declined.to_organisation))
    with pytest.raises(Refused), saving():
        record_measure(declined, Point.AFTER, answers(3), taken_on=clock.today(), by=worker)


def test_after_closing_well_people_can_still_be_asked_how_they_are(app: Flask) -> None:
    referral = a_referral(Status.CLOSED_COMPLETED)
    with saving():
        record_measure(
            referral, Point.AFTER, answers(8), taken_on=clock.today(), by=owner_of(referral)
        )
    assert measures_of(referral)[Point.AFTER].answers == answers(8)


def test_every_referral_is_counted_once_and_where_it_is(app: Flask) -> None:
    with clock.set_to(START):
        doctor = a_clinician()
        for status in WALKS:
            a_referral(status, referrer=doctor)
        a_referral(Status.CLOSED_COMPLETED)  # another practice's
    story = what_happened(as_actor(doctor), since=SINCE, until=UNTIL)
    counted_in = set(WALKS) - {Status.ENTERED_IN_ERROR}
    assert story.referred == len(counted_in)
    assert story.still_open == len(counted_in & OPEN)
    assert story.closed == len(counted_in & CLOSED)
    assert story.ended == dict.fromkeys(sorted(counted_in & CLOSED, key=list(Status).index), 1)
    assert story.still_open + story.closed == story.referred


def test_days_are_london_days_and_both_ends_count(app: Flask) -> None:
    doctor = a_clinician()
    for moment in (
        datetime(2026, 5, 31, 22, 59, tzinfo=UTC),
        datetime(2026, 5, 31, 23, 0, tzinfo=UTC),  # midnight in London, in summer
        datetime(2026, 8, 31, 22, 59, tzinfo=UTC),
        datetime(2026, 8, 31, 23, 0, tzinfo=UTC),
    ):
        with clock.set_to(moment):
            a_referral(referrer=doctor)
    assert what_happened(as_actor(doctor), since=SINCE, until=UNTIL).referred == 2


def test_reached_and_attended_count_people_not_contacts(app: Flask) -> None:
    with clock.set_to(START):
        doctor = a_clinician()
        referral = a_referral(Status.IN_PROGRESS, referrer=doctor)
        for how in (ContactHow.PHONE, ContactHow.VISIT, ContactHow.NO_ANSWER):
            with saving():
                log_contact(
                    referral, how, minutes=5, note="", next_contact_on=None, by=owner_of(referral)
                )
        onward = an_onward(Status.ACCEPTED, parent=referral)
        a_visit(onward, came=Came.CAME)
        a_visit(onward, came=Came.CAME)
        a_visit(an_onward(Status.ACCEPTED, parent=referral), came=Came.CAME)
        tried = a_referral(Status.ACCEPTED, referrer=doctor)
        with saving():
            log_contact(
                tried,
                ContactHow.NO_ANSWER,
                minutes=5,
                note="",
                next_contact_on=None,
                by=owner_of(tried),
            )
        a_visit(an_onward(Status.ACCEPTED, parent=tried), came=Came.DID_NOT_COME)
    story = what_happened(as_actor(doctor), since=SINCE, until=UNTIL)
    assert (story.referred, story.reached, story.attended) == (2, 1, 1)


def test_the_arithmetic_is_that_of_the_slow_and_plain_way(app: Flask) -> None:
    dice = random.Random(4)
    with clock.set_to(START + timedelta(days=60)):
        doctor = a_clinician()
        for turn in range(34):  # enough not to warn, though some did not answer
            first, then = (
                {key: dice.randint(0, 10) for key in QUESTIONS if dice.random() < 0.9}
                for _ in range(2)
            )
            a_pair(doctor, first, {} if turn in {7, 23} else then, dice.randint(7, 120))
    story = what_happened(as_actor(doctor), since=SINCE, until=UNTIL)
    referrals = list(db.session.scalars(select(Referral)))
    both = [
        (found[Point.BEFORE], found[Point.AFTER])
        for found in map(measures_of, referrals)
        if len(found) == 2
    ]
    both = [(b, a) for b, a in both if set(b.answers) & set(a.answers)]
    assert story.answered_twice == len(both)
    assert story.missing == 34 - len(both)
    assert TOO_FEW_BELOW <= len(both) <= 32
    assert not story.too_few
    assert story.median_days == round(median((a.taken_on - b.taken_on).days for b, a in both))
    for change in story.changes:
        key, good = change.question.key, change.question.good
        twice = [
            (b.answers[key], a.answers[key])
            for b, a in both
            if key in b.answers and key in a.answers
        ]
        assert change.answered_twice == len(twice)
        assert change.missing == 34 - len(twice)
        assert change.before == round(fmean(b for b, _ in twice), 1)
        assert change.after == round(fmean(a for _, a in twice), 1)
        assert change.better == sum(1 for b, a in twice if (a - b) * good > 1)
        assert change.worse == sum(1 for b, a in twice if (a - b) * good < -1)
        assert change.same == len(twice) - change.better - change.worse
        assert change.percent(change.better) == round(100 * change.better / len(twice))


@pytest.mark.parametrize("people", [0, COUNTS_ONLY_BELOW - 1, COUNTS_ONLY_BELOW])
def test_few_people_give_counts_and_no_averages(app: Flask, people: int) -> None:
    with clock.set_to(START):
        doctor = a_clinician()
        for _ in range(people):
            a_pair(doctor, answers(3), answers(7))
    story = what_happened(as_actor(doctor), since=SINCE, until=UNTIL)
    assert story.too_few
    for change in story.changes:
        assert change.counts_only is (people < COUNTS_ONLY_BELOW)
        assert (change.before is None) is (people < COUNTS_ONLY_BELOW)
        assert (change.percent(people) is None) is (people < COUNTS_ONLY_BELOW)
        assert change.better + change.worse == people


def test_somebody_who_answered_once_is_counted_as_missing_not_as_zero(app: Flask) -> None:
    with clock.set_to(START):
        doctor = a_clinician()
        a_pair(doctor, answers(3), {})
        a_pair(doctor, {}, answers(9))
        a_pair(doctor, {"happiness": 2}, {"anxiety": 2})
    story = what_happened(as_actor(doctor), since=SINCE, until=UNTIL)
    assert (story.answered_twice, story.missing, story.median_days) == (0, 3, None)
    assert all(change.missing == 3 for change in story.changes)


def test_people_still_on_their_way_are_not_compared_yet(app: Flask) -> None:
    with clock.set_to(START):
        doctor = a_clinician()
        referral = a_referral(Status.IN_PROGRESS, referrer=doctor)
        with saving():
            for point in Point:
                record_measure(
                    referral, point, answers(5), taken_on=clock.today(), by=owner_of(referral)
                )
    story = what_happened(as_actor(doctor), since=SINCE, until=UNTIL)
    assert (story.closed, story.answered_twice) == (0, 0)


def test_a_practice_administrator_sees_the_counts_and_no_answers(app: Flask) -> None:
    with clock.set_to(START):
        doctor = a_clinician()
        a_pair(doctor, answers(3), answers(7))
        admin = a_practice_admin(doctor.memberships[0].organisation)
    story = what_happened(as_actor(admin), since=SINCE, until=UNTIL)
    assert (story.referred, story.closed) == (1, 1)
    assert not story.answers_shown
    assert story.answered_twice == 0


def test_somebody_of_no_practice_has_no_story(app: Flask) -> None:
    referral = a_referral(Status.IN_PROGRESS)
    story = what_happened(owner_of(referral), since=date(2000, 1, 1), until=date(2100, 1, 1))
    assert story.referred == 0


def test_a_story_takes_as_many_queries_for_ten_people_as_for_one(app: Flask) -> None:
    with clock.set_to(START):
        doctor = a_clinician()
        a_pair(doctor, answers(3), answers(7))
        actor = as_actor(doctor)
        with counted() as first:
            what_happened(actor, since=SINCE, until=UNTIL)
        for _ in range(9):
            a_pair(doctor, answers(3), answers(7))
        with counted() as second:
            what_happened(actor, since=SINCE, until=UNTIL)
    assert len(first) == len(second) <= 5


def test_nothing_is_claimed_without_the_caution() -> None:
    assert "no comparison group" in CAUTION
