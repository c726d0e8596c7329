"""The county of the demo: who may have it, and that it is the same each time."""

from datetime import datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from core import clock
from core.db import db
from core.errors import Refused
from core.saving import saving
from demo import scale
from demo.scale import Size
from referrals.models import Referral
from tests.builders import a_user, an_organisation
from tests.engines import Engines, on_sqlite

TINY = Size(teams=1, listings=4, referrals=12, attendances=40)


@on_sqlite
def test_the_same_day_brings_the_same_county(app: Flask, engines: Engines) -> None:
    noon = datetime.combine(clock.today() - timedelta(days=1), time(12), tzinfo=clock.LONDON)
    told = []
    for _ in range(2):
        fresh = engines.fresh("sqlite")
        with fresh.app_context(), clock.set_to(noon):
            scale.fill(TINY)
            rows = select(Referral.id, Referral.ref, Referral.status, Referral.sent_at)
            told.append(sorted(map(tuple, db.session.execute(rows))))
            db.session.rollback()
    assert told[0] == told[1]


@on_sqlite
@pytest.mark.usefixtures("app")
def test_no_county_among_people_who_are_not_invented() -> None:
    user = a_user(an_organisation())
    with saving():
        db.session.merge(user).email = "sheila@knitters.org.uk"
    with pytest.raises(Refused):
        scale.fill(TINY)


@on_sqlite
def test_the_command_refuses_a_database_with_somebody_in_it(app: Flask) -> None:
    a_user(an_organisation())
    told = app.test_cli_runner().invoke(args=["demo", "load", "--scale", "icb"])
    assert "There are people in this database already" in told.output
    assert db.session.scalar(select(Referral.id).limit(1)) is None
