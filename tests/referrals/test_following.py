"""What a practice follows: the counts are those of the list, on both engines."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import event

from core import clock
from core.db import db
from core.saving import saving
from referrals.following import Tab, Wanted, coming_next, counts, followed
from referrals.models import Referral
from referrals.record import first_contact_due
from referrals.rules import Status
from referrals.visits import plan_visit
from tests.referral_builders import (
    WALKS,
    a_clinician,
    a_referral,
    a_service,
    an_onward,
    as_actor,
    owner_of,
)

CHRISTMAS_WEEK = datetime(2026, 12, 23, 15, tzinfo=UTC)


@pytest.mark.parametrize("practice", [False, True])
def test_the_counts_are_how_many_each_tab_lists(app: Flask, practice: bool) -> None:
    clinician = a_clinician()
    colleague = a_clinician(clinician.memberships[0].organisation)
    with saving():
        for status in WALKS:
            a_referral(status, referrer=clinician)
        a_referral(Status.INFO_REQUESTED, referrer=colleague)
        a_referral(Status.SENT)
        an_onward()
    actor = as_actor(clinician)
    numbers = counts(actor, practice=practice)
    assert numbers[Tab.ALL] == len(WALKS) + practice
    assert numbers[Tab.ALL] == numbers[Tab.OPEN] + numbers[Tab.FINISHED]
    for tab in Tab:
        page = followed(actor, Wanted(tab, practice), total=numbers[tab])
        assert len(page.rows) == numbers[tab]


def test_a_page_takes_as_many_queries_however_many_people_are_on_it(app: Flask) -> None:
    clinician = a_clinician()
    with saving():
        an_onward(parent=a_referral(Status.IN_PROGRESS, referrer=clinician))
    actor = as_actor(clinician)
    db.session.rollback()
    with counted() as few:
        followed(actor, Wanted(), total=1)
    with saving():
        for _ in range(8):
            an_onward(parent=a_referral(Status.IN_PROGRESS, referrer=clinician))
    db.session.rollback()
    with counted() as many:
        assert len(followed(actor, Wanted(), total=9).rows) == 9
    assert many[0] <= few[0]


def test_what_is_next_follows_the_way_of_the_referral(app: Flask) -> None:
    with clock.set_to(CHRISTMAS_WEEK):
        sent = a_referral()
        first = coming_next(sent)
        assert first
        assert (first.words, first.on) == ("First contact by", date(2026, 12, 29))
        assert first_contact_due(sent) == date(2026, 12, 29), "nobody works at Christmas"
        asked = coming_next(a_referral(Status.INFO_REQUESTED))
        assert asked
        assert asked.words == "Your practice answers"
        taken = coming_next(a_referral(Status.ACCEPTED))
        assert taken
        assert (taken.words, taken.on) == ("Next contact", date(2026, 12, 25))
        held = coming_next(a_referral(Status.ON_HOLD))
        assert held
        assert (held.words, held.on) == ("Waits until they are ready", None)
        assert coming_next(a_referral(Status.CLOSED_COMPLETED)) is None
    with clock.set_to(CHRISTMAS_WEEK + timedelta(days=7)):
        assert first.is_late


def test_a_planned_visit_is_what_comes_next(app: Flask) -> None:
    onward = an_onward(Status.ACCEPTED, service=a_service("Knit and natter"))
    day = clock.today() + timedelta(days=3)
    with saving():
        assert onward.parent
        plan_visit(
            onward,
            session_on=day,
            starts_at=time(10),
            getting_there="",
            met_by="",
            cost="",
            bring="",
            by=owner_of(onward.parent),
        )
    found = db.session.get(Referral, onward.parent_id)
    assert found
    coming = coming_next(found)
    assert coming
    assert (coming.words, coming.on) == ("First visit to Knit and natter", day)


@contextmanager
def counted() -> Iterator[list[int]]:
    """How many questions the database is asked."""
    seen = [0]

    def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen[0] += statement.startswith("SELECT")

    event.listen(db.engine, "before_cursor_execute", count)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
