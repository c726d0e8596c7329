"""Kith serves on no database that would lose people's details, or show them to anybody."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app import create_app
from core.db import UnsafeDatabase, db
from core.footing import DURABLE, dangers_of, doubts_of, look_before_serving
from tests.engines import on_postgresql


def test_the_database_of_every_test_is_a_safe_one_but_for_power_cuts(app: Flask) -> None:
    assert [each for each in dangers_of() if "a power cut" not in each] == []


@on_postgresql
def test_a_database_that_a_power_cut_can_rob_is_told(app: Flask) -> None:
    assert len([each for each in dangers_of() if "a power cut" in each]) == len(DURABLE)


def test_workers_forked_from_a_new_application_share_no_connection_of_its(app: Flask) -> None:
    new = create_app(app.extensions["kith.settings"])
    with new.app_context():
        pool: Any = db.engine.pool
        assert pool.checkedin() + pool.checkedout() == 0


@on_postgresql
def test_who_signs_in_as_superuser_is_told(app: Flask) -> None:
    [doubt] = doubts_of()
    assert "signs in" in doubt


@on_postgresql
def test_a_superuser_is_refused_in_production(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.rows.BECOME", "SELECT 1 WHERE %s = ''")
    db.engine.dispose()
    try:
        look_before_serving()  # a test, as the demo, is only told
        settings = replace(app.extensions["kith.settings"], env="production")
        monkeypatch.setitem(app.extensions, "kith.settings", settings)
        with pytest.raises(UnsafeDatabase, match="superuser"):
            look_before_serving()
    finally:
        db.session.remove()
        db.engine.dispose()


@on_postgresql
def test_a_database_that_forgets_is_refused(app: Flask) -> None:
    db.session.execute(text("SET LOCAL synchronous_commit = off"))
    assert any("power cut" in each for each in dangers_of())
    db.session.rollback()


@on_postgresql
def test_a_kept_connection_that_cannot_answer_is_replaced(app: Flask) -> None:
    db.session.remove()
    kept = db.engine.raw_connection()
    driver: Any = kept.driver_connection
    kept.close()
    driver.execute("SELECT 1")  # as one whose machine was cut off in the middle of something
    assert db.session.scalar(text("SELECT 2")) == 2
