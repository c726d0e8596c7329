"""Rows: the database itself shows people to whom they concern, and none if nobody is named."""

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.exc import DatabaseError, ProgrammingError

from core import audit, clock, rows
from core.actors import VISITOR
from core.audit import AuditEntry
from core.db import Base, change_rows, db
from core.rows import NONE, showing
from core.saving import saving
from referrals.models import Consent, GroupNudge, Person, Referral, Step
from referrals.row_guards import NOT_ABOUT_PEOPLE, opened_by, rows_of, rules_of_tables
from referrals.rules import Status
from tests.engines import on_postgresql
from tests.referral_builders import (
    a_clinician,
    a_link_worker,
    a_practice,
    a_referral,
    an_onward,
    as_actor,
)


def seen(model: type[Base]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_every_table_of_the_room_has_a_rule_or_says_why_not() -> None:
    own = {
        str(mapper.local_table.description)
        for mapper in Base.registry.mappers
        if mapper.class_.__module__.startswith("referrals.")
    }
    rules = set(rules_of_tables())
    assert own == (rules & own) | set(NOT_ABOUT_PEOPLE)
    assert not rules & set(NOT_ABOUT_PEOPLE)


@pytest.mark.asvs("8.4.1")
def test_nobody_named_means_no_rows(app: Flask) -> None:
    an_onward()
    for model in (Person, Referral, Step, Consent):
        assert seen(model) > 0
        with showing(NONE):
            assert seen(model) == 0
        with showing(rows_of(VISITOR)):
            assert seen(model) == 0


@pytest.mark.asvs("13.2.2")
@on_postgresql
def test_who_runs_the_service_owns_no_table_and_is_no_superuser(app: Flask) -> None:
    who = select(func.current_user())
    assert db.session.scalar(who) == rows.RUNTIME
    db.session.rollback()
    with pytest.raises(ProgrammingError, match="owner"), saving():
        db.session.connection().exec_driver_sql("ALTER TABLE person DISABLE ROW LEVEL SECURITY")


def test_a_practice_sees_its_own_people_and_where_they_were_sent_on_to(app: Flask) -> None:
    mine, other = a_clinician(a_practice()), a_clinician(a_practice())
    onward = an_onward(parent=a_referral(Status.IN_PROGRESS, referrer=mine))
    a_referral(referrer=other)
    with showing(rows_of(as_actor(mine))):
        assert (seen(Person), seen(Referral)) == (1, 2)
        assert seen(Step) == len(onward.steps) + len(onward.parent.steps if onward.parent else [])
    with showing(rows_of(as_actor(other))):
        assert (seen(Person), seen(Referral)) == (1, 1)


@pytest.mark.asvs("8.4.1")
def test_another_organisations_rows_cannot_be_changed_or_made(app: Flask) -> None:
    referral_id = a_referral().id
    stranger = as_actor(a_link_worker())
    today, now = clock.today(), clock.now()
    with saving(), showing(rows_of(stranger)):
        assert change_rows(update(Referral).values(next_contact_on=None)) == 0
    with pytest.raises(DatabaseError), saving(), showing(rows_of(stranger)):
        db.session.add(
            GroupNudge(referral_id=referral_id, waiting_since=today, working_days=5, at=now)
        )
        db.session.flush()


@pytest.mark.asvs("8.4.1", "16.4.2")
def test_the_audit_shows_what_one_did_and_what_is_about_whom_one_may_know(app: Flask) -> None:
    mine, other = a_clinician(a_practice()), a_clinician(a_practice())
    ours, theirs = a_referral(referrer=mine), a_referral(referrer=other)
    with saving():
        audit.looked(as_actor(other), about=ours.about, classes=["F3"])
    own = {ours.about, ours.person.about}
    others = {theirs.about, theirs.person.about}
    as_mine = rows_of(as_actor(mine))
    for shown in (NONE, rows_of(VISITOR)):
        with showing(shown):
            assert seen(AuditEntry) == 0
            with saving():
                audit.record(VISITOR, "noted all the same", about="thing:1")
    with showing(as_mine):
        found = set(db.session.scalars(select(AuditEntry.about)))
        assert (own <= found, others & found) == (True, set())


def test_a_key_opens_what_it_is_about_and_the_referral_it_came_from(app: Flask) -> None:
    onward = an_onward()
    an_onward()
    opened = opened_by(onward.about)
    assert opened == {onward.id, onward.parent_id}
    assert onward.service is not None
    assert opened_by(f"group-service:{onward.service.id}") == opened
    with showing(rows.Rows(things=opened)):
        assert (seen(Referral), seen(Person)) == (2, 1)
