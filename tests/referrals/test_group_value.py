"""What groups give: lines never changed, posted once, and a statement that is their sum."""

import csv
import io
from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import func, select

from core import clock
from core.db import db
from core.errors import Forbidden
from core.saving import saving
from directory import Service
from referrals.groups.attending import mark
from referrals.groups.value import (
    entries,
    post,
    post_all,
    set_rate,
    statement,
    statement_as_csv,
    this_year,
)
from referrals.models import Referral, Told, ValueEntry
from referrals.rules import Came
from tests.builders import in_one_work
from tests.engines import on_sqlite
from tests.referral_builders import TEST, a_clinician, a_service, as_actor, group_of
from tests.referrals.group_builders import keeper_of
from tests.referrals.test_group_weeks import TUESDAY, a_group, at, goes_to
from tests.referrals.test_two_at_once import at_once


def came(onward: Referral, said: Came = Came.CAME) -> None:
    with clock.set_to(at(2)), in_one_work():
        mark(onward, TUESDAY, said, how=Told.LINK, by=group_of(onward))


def posted() -> int:
    with clock.set_to(at(3)):
        return post_all()


def test_a_welcome_and_a_visit_are_posted_once(app: Flask) -> None:
    onward = goes_to(a_group())
    came(onward)
    assert posted() == 2
    assert posted() == 0
    assert onward.service is not None
    found = statement(onward.service, TUESDAY - timedelta(days=30), TUESDAY)
    assert (found.welcomes, found.visits) == (1, 1)
    assert (found.hours, found.pounds) == (Decimal("1.50"), Decimal("22.50"))
    assert not found.all_agreed


def test_what_was_wrong_is_taken_back_by_a_line_of_its_own(app: Flask) -> None:
    onward = goes_to(a_group())
    service = onward.service
    assert service is not None
    days = TUESDAY - timedelta(days=30), TUESDAY
    for said, lines, visits in (
        (Came.CAME, 2, 1),
        (Came.DID_NOT_COME, 1, 0),
        (Came.NOT_KNOWN, 0, 0),
        (Came.CAME, 1, 1),
        (Came.DID_NOT_COME, 1, 0),
    ):
        came(onward, said)
        assert posted() == lines
        found = statement(service, *days)
        assert found.visits == visits
        assert found.pounds == sum(line.pounds for line in entries(service, *days))
    assert db.session.scalar(select(func.count()).select_from(ValueEntry)) == 5


@on_sqlite
def test_an_agreed_rate_counts_from_then_on(app: Flask) -> None:
    onward = goes_to(a_group())
    service = onward.service
    assert service is not None
    posted()
    keeper = keeper_of(service)
    with in_one_work():
        set_rate(
            service,
            welcome=(Decimal(2), Decimal(40)),
            visit=(Decimal(1), Decimal(20)),
            agreed_with="Calder Giving",
            by=keeper,
        )
    came(onward)
    posted()
    lines = entries(service, TUESDAY - timedelta(days=30), TUESDAY)
    assert [(line.pounds, line.agreed) for line in lines] == [
        (Decimal(15), False),
        (Decimal(20), True),
    ]
    came(onward, Came.DID_NOT_COME)
    posted()
    assert statement(service, TUESDAY, TUESDAY).pounds == 0


def test_two_who_post_at_once_post_once(app: Flask) -> None:
    onward = goes_to(a_group())
    came(onward)
    service_id = onward.service_id

    def posting() -> None:
        with saving():
            post(db.session.get_one(Service, service_id), by=TEST)

    assert at_once(app, posting, posting) == ["done", "done"]
    assert db.session.scalar(select(func.count()).select_from(ValueEntry)) == 2


@on_sqlite
def test_the_statement_for_a_spreadsheet_is_safe_and_adds_up(app: Flask) -> None:
    onward = goes_to(a_group())
    came(onward)
    posted()
    service = onward.service
    assert service is not None
    with in_one_work():
        service.name = "=HYPERLINK(1)"
    text = statement_as_csv(service, TUESDAY - timedelta(days=30), TUESDAY)
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert {row[0] for row in rows[1:]} == {"'=HYPERLINK(1)"}
    assert sum(float(row[5]) for row in rows[1:-1]) == float(rows[-1][5])
    assert onward.person.called not in text


@on_sqlite
def test_a_stranger_agrees_nothing(app: Flask) -> None:
    nought = Decimal(0), Decimal(0)
    with pytest.raises(Forbidden), in_one_work():
        set_rate(a_service(), welcome=nought, visit=nought, by=as_actor(a_clinician()))


@on_sqlite
def test_the_year_of_funders_begins_in_april(app: Flask) -> None:
    for day, year in ((at(0), 2026), (at(60), 2026), (at(140), 2027)):
        with clock.set_to(day):
            assert this_year()[0].year == year
