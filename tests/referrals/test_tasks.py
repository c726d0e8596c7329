"""Tasks: for whom, on whose list, and for how long."""

from datetime import timedelta

import pytest
from flask import Flask

from accounts import User
from core import clock
from core.actors import system
from core.db import db
from core.errors import Forbidden, NotFound, Refused
from core.saving import saving
from referrals.day import tasks
from referrals.models import Referral, Task, TaskKind
from referrals.rules import Status
from tests.referral_builders import a_link_worker, a_referral, an_onward, as_actor, owner_of

A_DAY = timedelta(days=1)


def a_task(
    referral: Referral, words: str = "Ring the library", *, in_days: int = 0, **rest: TaskKind
) -> Task:
    with saving():
        due_on = clock.today() + in_days * A_DAY
        return tasks.add(referral, words, due_on, by=owner_of(referral), **rest)


def words_for(referral: Referral, **wanted: object) -> list[str]:
    found = tasks.open_for(owner_of(referral), **wanted)  # type: ignore[arg-type]
    return [task.words for task in found]


def test_what_is_longest_overdue_comes_first(app: Flask) -> None:
    referral = a_referral(Status.IN_PROGRESS)
    a_task(referral, "Later", in_days=3)
    a_task(referral, "Late", in_days=-2)
    a_task(referral, "Today")
    assert words_for(referral) == ["Late", "Today", "Later"]
    assert words_for(referral, until=clock.today()) == ["Late", "Today"]


def test_a_task_done_is_asked_for_no_more_until_it_is_put_back(app: Flask) -> None:
    referral = a_referral(Status.IN_PROGRESS)
    task = a_task(referral)
    with saving():
        tasks.done(task, by=owner_of(referral))
        tasks.done(task, by=owner_of(referral))
    assert words_for(referral) == []
    assert task.done_by_name == owner_of(referral).name
    with saving():
        tasks.not_done_yet(task, by=owner_of(referral))
    assert words_for(referral) == ["Ring the library"]


def test_the_same_task_is_not_added_twice(app: Flask) -> None:
    referral = a_referral(Status.IN_PROGRESS)
    first = a_task(referral)
    assert a_task(referral, in_days=4).id == first.id
    assert len(words_for(referral)) == 1


def test_a_task_about_a_group_is_noted_with_the_person_it_is_for(app: Flask) -> None:
    onward = an_onward(Status.ACCEPTED)
    assert onward.parent is not None
    with saving():
        task = tasks.add(
            onward, "Ring the group", clock.today(), by=system("nudges"), kind=TaskKind.GROUP
        )
    assert task.referral_id == onward.parent_id
    assert [each.id for each in tasks.open_about(onward.parent)] == [task.id]


def test_only_check_ins_are_asked_for_after_the_end(app: Flask) -> None:
    referral = a_referral(Status.CLOSED_COMPLETED)
    a_task(referral, "Ring the library")
    a_task(referral, "How are they after three months?", in_days=90, kind=TaskKind.CHECK_IN)
    assert "Ring the library" not in words_for(referral)
    assert "How are they after three months?" in words_for(referral)


def test_whoever_takes_the_person_over_takes_the_tasks_over(app: Flask) -> None:
    referral = a_referral(Status.IN_PROGRESS)
    before: User = referral.owner  # type: ignore[assignment]
    a_task(referral)
    colleague = a_link_worker(referral.to_organisation)
    with saving():
        referral.owner = colleague
    assert tasks.open_for(as_actor(before)) == []
    assert [task.words for task in tasks.open_for(as_actor(colleague))] == ["Ring the library"]


def test_a_task_says_what_is_to_be_done(app: Flask) -> None:
    with pytest.raises(Refused):
        a_task(a_referral(Status.IN_PROGRESS), "  ")


def test_another_team_neither_adds_nor_sees_nor_ticks(app: Flask) -> None:
    referral = a_referral(Status.IN_PROGRESS)
    task, stranger = a_task(referral), as_actor(a_link_worker())
    with pytest.raises(NotFound):
        tasks.get_task(task.id, seen_by=stranger)
    with pytest.raises(NotFound):
        tasks.get_task(task.id, seen_by=as_actor(referral.referrer))
    with pytest.raises(Forbidden), saving():
        tasks.done(task, by=stranger)
    with pytest.raises(Forbidden), saving():
        tasks.add(referral, "Look", clock.today(), by=stranger)
    db.session.rollback()
    assert tasks.get_task(task.id, seen_by=owner_of(referral)).id == task.id
