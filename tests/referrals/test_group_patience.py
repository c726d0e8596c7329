"""Nobody waits for ever: a group is nudged, the lead is told, and the person is offered more."""

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from accounts import Role, add_user, join
from core import clock
from core.db import db
from core.outbox import Letter, State, waiting
from core.saving import saving
from core.work import run_once
from core.working_days import working_days_after
from directory import Service
from directory.rules import Life
from referrals.day import tasks
from referrals.groups.patience import PATIENCE, Do, due_by, lose_patience, waiting_since
from referrals.models import GroupNudge, Referral
from referrals.pathway import act
from referrals.rules import Action, Status
from tests.builders import in_one_work
from tests.engines import on_sqlite
from tests.referral_builders import TEST, a_service, an_onward, group_of, owner_of

BEFORE_CHRISTMAS = datetime(2026, 12, 21, 10, tzinfo=UTC)
"""A Monday: Christmas Day, Boxing Day and New Year's Day lie before it."""


def at(day: date, hour: int = 9) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=clock.LONDON)


def asked(service: Service | None = None, when: datetime = BEFORE_CHRISTMAS) -> Referral:
    with clock.set_to(when):
        return an_onward(service=service)


def pass_days(onward: Referral, until: int) -> list[Do]:
    """Let the loop look every day, twice, and say what was done."""
    done = []
    since = waiting_since(onward)
    day, last = since, working_days_after(since, until)
    while day <= last:
        with clock.set_to(at(day)):
            for _ in range(2):
                if lose_patience():
                    kinds = dict(PATIENCE)
                    newest = db.session.scalar(select(func.max(GroupNudge.working_days)))
                    done.append(kinds[newest or 0])
        day += timedelta(days=1)
    return done


def letters(kind: str) -> list[Letter]:
    return [letter for letter in waiting() if letter.kind == kind]


def words_of(onward: Referral) -> list[str]:
    assert onward.parent is not None
    return [task.words for task in tasks.open_about(onward.parent)]


def test_a_silent_group_is_nudged_three_times_and_then_somebody_else_is_asked(app: Flask) -> None:
    onward = asked()
    with in_one_work():
        lead = add_user("lead@linkworkers.example", "Lee Lead", password_hash="-", by=TEST)
        join(lead, onward.from_organisation, Role.TEAM_LEAD, by=TEST)
    assert pass_days(onward, 14) == [Do.NUDGE, Do.NUDGE, Do.NUDGE, Do.TELL_LEAD]
    assert len(letters("group-nudge")) == 3
    assert [letter.to_address for letter in letters("lead-asked")] == ["lead@linkworkers.example"]
    assert onward.status is Status.SENT
    assert pass_days(onward, 15)[-1] is Do.RETURN
    assert onward.steps[-1].now is Status.REJECTED
    assert onward.steps[-1].note.startswith("No answer")
    assert any("Choose something else" in words for words in words_of(onward))
    assert len(letters("group-released")) == 1
    for letter in waiting():
        assert onward.person.name not in letter.body


def test_bank_holidays_are_not_counted() -> None:
    since = BEFORE_CHRISTMAS.date()
    assert due_by(since, date(2026, 12, 23)) == []
    assert due_by(since, date(2026, 12, 24)) == [(3, Do.NUDGE)]
    assert due_by(since, date(2026, 12, 30))[-1] == (3, Do.NUDGE)
    assert due_by(since, date(2026, 12, 31))[-1] == (6, Do.NUDGE)
    assert due_by(since, date(2027, 1, 4))[-1] == (6, Do.NUDGE)
    assert due_by(since, date(2027, 1, 6))[-1] == (9, Do.NUDGE)


@pytest.mark.parametrize(
    ("asked_at", "third_day"),
    [
        (datetime(2027, 3, 23, 23, 30, tzinfo=UTC), date(2027, 3, 30)),
        (datetime(2027, 3, 24, 0, 30, tzinfo=UTC), date(2027, 3, 31)),
        (datetime(2026, 10, 22, 22, 30, tzinfo=UTC), date(2026, 10, 27)),
        (datetime(2026, 10, 22, 23, 30, tzinfo=UTC), date(2026, 10, 28)),
    ],
)
@on_sqlite
def test_days_are_those_in_london_when_clocks_change(
    app: Flask, asked_at: datetime, third_day: date
) -> None:
    onward = asked(when=asked_at)
    with clock.set_to(at(third_day - timedelta(days=1), 23)):
        assert lose_patience() == 0
    with clock.set_to(at(third_day, 7)):
        assert lose_patience() == 0, "nobody is written to before eight"
    with clock.set_to(at(third_day, 8)):
        assert lose_patience() == 1
    assert onward.status is Status.SENT


@on_sqlite
def test_after_a_long_night_one_letter_goes_and_nobody_loses_a_place_unwarned(app: Flask) -> None:
    onward = asked()
    late = working_days_after(BEFORE_CHRISTMAS.date(), 20)
    with clock.set_to(at(late)):
        assert lose_patience() == 1
        assert lose_patience() == 0
    assert onward.status is Status.SENT
    with clock.set_to(at(late + timedelta(days=1))):
        lose_patience()
    assert onward.steps[-1].now is Status.REJECTED


@on_sqlite
def test_a_group_that_asked_something_is_waited_for_only_once_it_is_answered(app: Flask) -> None:
    onward = asked()
    with clock.set_to(BEFORE_CHRISTMAS + timedelta(hours=1)), in_one_work():
        act(onward, Action.ASK, by=group_of(onward), note="Can they manage stairs?")
    assert pass_days(onward, 15) == []
    answered = at(date(2027, 2, 1))
    with clock.set_to(answered), in_one_work():
        act(onward, Action.ANSWER, by=owner_of(onward.parent or onward), note="Yes.")
    with clock.set_to(answered + timedelta(days=2)):
        assert lose_patience() == 0
    with clock.set_to(answered + timedelta(days=3)):
        assert lose_patience() == 1


@on_sqlite
def test_who_has_answered_is_left_in_peace(app: Flask) -> None:
    onward = asked()
    with clock.set_to(BEFORE_CHRISTMAS), in_one_work():
        act(onward, Action.ACCEPT, by=group_of(onward))
    assert pass_days(onward, 15) == []


@on_sqlite
def test_a_group_that_cannot_be_written_to_is_rung(app: Flask) -> None:
    onward = asked(a_service("Knit and natter", email=""))
    pass_days(onward, 3)
    assert words_of(onward) == ["Ring Knit and natter: they have not answered."]


@on_sqlite
def test_a_group_that_has_stopped_gives_its_people_back_at_once(app: Flask) -> None:
    service = a_service()
    onward = asked(service)
    with in_one_work():
        service.life = Life.RETIRED
    with clock.set_to(at(date(2026, 12, 22))):
        assert lose_patience() == 1
    assert onward.status is Status.REJECTED
    assert "They have stopped" in onward.steps[-1].note


def test_a_group_that_stops_after_its_yes_is_somebodys_task_once(app: Flask) -> None:
    service = a_service("Knit and natter")
    with clock.set_to(BEFORE_CHRISTMAS):
        onward = an_onward(Status.ACCEPTED, service=service)
        assert lose_patience() == 0
    with in_one_work():
        service.life = Life.RETIRED
    for day in (22, 23):
        with clock.set_to(at(date(2026, 12, day))):
            assert lose_patience() == (day == 22)
    assert onward.status is Status.ACCEPTED
    assert words_of(onward) == [
        "Tell them, and choose something else: Knit and natter has stopped."
    ]


@on_sqlite
def test_a_letter_that_cannot_be_delivered_is_somebodys_task_once(app: Flask) -> None:
    onward = asked()
    with saving():
        to_group = Letter.about == onward.about
        db.session.execute(update(Letter).where(to_group).values(state=State.GIVEN_UP))
    with clock.set_to(BEFORE_CHRISTMAS + timedelta(days=1)):
        assert lose_patience() == 1
        [words] = words_of(onward)
        assert "did not reach them" in words
        with in_one_work():
            assert onward.parent is not None
            tasks.done(tasks.open_about(onward.parent)[0], by=owner_of(onward.parent))
        assert lose_patience() == 0
    assert words_of(onward) == []


@on_sqlite
def test_the_loop_looks_by_itself(app: Flask) -> None:
    asked()
    with clock.set_to(at(working_days_after(BEFORE_CHRISTMAS.date(), 3))):
        run_once()
    assert db.session.scalar(select(func.count()).select_from(GroupNudge)) == 1
