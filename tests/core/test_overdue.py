"""A transaction that stays open is told of by where it stands, and never by what was typed."""

import logging
import time

import pytest
from flask import Flask

from core import audit, overdue
from core.actors import system
from core.db import db
from core.overdue import Watch
from core.saving import saving
from tests.core.test_turns import a_turn_is_free
from tests.engines import on_sqlite


@pytest.fixture
def watch(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Watch:
    kept: list[Watch] = []
    begun = Watch.begun

    def note(self: Watch, key: int, *, writes: bool) -> None:
        kept[:] = [self]
        begun(self, key, writes=writes)

    monkeypatch.setattr(Watch, "begun", note)
    with saving():
        audit.record(system("test"), "tried", about="thing:1")
    return kept[0]


def test_a_long_transaction_is_told_of_once_and_without_what_was_typed(
    watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING), saving():
        audit.record(system("test"), "tried", about="thing:mavis")
        db.session.connection()
        watch.look(time.monotonic() + 1)
        assert not caplog.messages
        watch.look(time.monotonic() + 3)
        watch.look(time.monotonic() + 4)
    [told] = [each for each in caplog.messages if "open for" in each]
    assert "writing: tests/core/test_overdue.py" in told
    assert "mavis" not in told


def test_what_is_over_is_not_told_of(watch: Watch, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        watch.look(time.monotonic() + 60)
    assert not caplog.messages


@on_sqlite
def test_who_keeps_everybody_out_loses_the_turn(app: Flask, watch: Watch) -> None:
    with saving():
        audit.record(system("test"), "tried", about="thing:1")
        db.session.connection()
        watch.look(time.monotonic() + overdue.LONGEST_TURN + 1)
        assert a_turn_is_free(app)
