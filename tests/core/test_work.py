"""What happens later: each chore when it is due, by one worker, and again when it failed."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from core import clock, work
from tests.engines import on_sqlite

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def done(app: Flask) -> Iterator[list[str]]:
    """What the test's own chores and queues have done."""
    chores, queues = dict(work._chores), dict(work._queues)
    work._chores.clear()
    work._queues.clear()
    yield []
    work._chores.update(chores)
    work._queues.update(queues)
    for name in ("tidy", "fail", "take"):
        work._chores.pop(name, None)
        work._queues.pop(name, None)
        work._apart.discard(name)


def test_a_chore_is_done_when_due_and_not_before(done: list[str]) -> None:
    work.chore("tidy", timedelta(hours=1), lambda: done.append("tidied"))
    for minutes, times in ((0, 1), (59, 1), (61, 2), (62, 2)):
        with clock.set_to(START + timedelta(minutes=minutes)):
            work.run_once()
        assert len(done) == times


def test_a_chore_that_fails_is_tried_again_when_its_lease_is_over(done: list[str]) -> None:
    def fail() -> None:
        done.append("tried")
        raise RuntimeError("the disk was full")

    work.chore("fail", timedelta(days=1), fail)
    for minutes, times in ((0, 1), (5, 1), (11, 2)):
        with clock.set_to(START + timedelta(minutes=minutes)):
            work.run_once()
        assert len(done) == times


@on_sqlite
def test_what_takes_long_holds_nothing_else_up(done: list[str], tmp_path: Path) -> None:
    go_on, finished = tmp_path / "go on", tmp_path / "finished"

    def back_up() -> None:
        while not go_on.exists():
            time.sleep(0.01)
        finished.touch()

    work.chore("fail", timedelta(days=1), back_up, apart=True)
    work.chore("tidy", timedelta(days=1), lambda: done.append("tidied"))
    assert work.run_once(apart=True) == 1
    assert work.run_once(apart=True) == 0  # it is not begun a second time
    assert (done, finished.exists()) == (["tidied"], False)
    go_on.touch()
    work.end_apart(60)
    assert finished.exists()
    assert work.run_once(apart=True) == 0
    assert not work._children
    assert work.failing() == {}


def test_a_queue_is_worked_until_it_is_empty(done: list[str]) -> None:
    waiting = ["a", "b", "c"]

    def take() -> bool:
        if waiting:
            done.append(waiting.pop())
            return True
        return False

    work.queue("take", take)
    with clock.set_to(START):
        assert work.run_until_empty() == 3
    assert sorted(done) == ["a", "b", "c"]


def test_one_queue_in_trouble_does_not_stop_the_others(done: list[str]) -> None:
    def fail() -> bool:
        raise RuntimeError("no")

    work.queue("fail", fail)
    work.queue("take", lambda: bool(not done and not done.append("taken")))
    with clock.set_to(START):
        work.run_until_empty()
    assert done == ["taken"]
