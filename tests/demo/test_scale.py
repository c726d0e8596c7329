"""The county of the demo is written in bulk, and still nothing in it could not have happened."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select

from accounts import User, actor_for
from core import clock
from core.db import Model, db
from core.saving import saving
from demo import scale
from demo.scale import Size
from directory import Service
from directory.places import is_known_postcode
from directory.search import Query, search
from referrals import evidence
from referrals.caseload import Tab, overview
from referrals.groups.value import post
from referrals.models import (
    Attendance,
    Consent,
    ContactMade,
    FirstVisit,
    GroupPlace,
    Person,
    Referral,
    RiskStatement,
    Step,
)
from referrals.people import is_nhs_number
from referrals.rules import CLOSED, MOVES, Came, ContactHow, Status
from tests.builders import BUILDER
from tests.conftest import ENGINES
from tests.demo.invented import could_be_somebodys, in_the_future
from tests.engines import Engines

SMALL = Size(teams=1, listings=20, referrals=186, attendances=920)
"""A five-hundredth of the county."""

MAY_FOLLOW = {(move.start, move.action, move.end) for move in MOVES}


@pytest.fixture(scope="module", params=ENGINES)
def county(request: pytest.FixtureRequest, engines: Engines) -> Iterator[Flask]:
    """The application with a small county in it; these tests only read."""
    app = engines.fresh(request.param)
    with app.app_context():
        app.config["counts"] = scale.load(SMALL)
        db.session.rollback()
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def loaded(county: Flask) -> Iterator[Flask]:
    """The same, with its context pushed."""
    with county.app_context():
        yield county
        db.session.rollback()


def how_many(model: type[Model], *which: object) -> int:
    return db.session.scalar(select(func.count()).select_from(model).where(*which)) or 0  # type: ignore[arg-type]


def test_there_is_exactly_as_much_as_was_asked_for(loaded: Flask) -> None:
    assert how_many(Service) == SMALL.listings
    assert how_many(Referral, Referral.parent_id.is_(None)) == SMALL.referrals
    assert how_many(Attendance) == SMALL.attendances
    assert loaded.config["counts"]["attendances"] == SMALL.attendances
    assert how_many(Referral, Referral.parent_id.is_not(None)) > SMALL.referrals / 2


@pytest.mark.usefixtures("loaded")
def test_every_referral_stands_where_the_table_of_moves_led_it() -> None:
    for referral in db.session.scalars(select(Referral)):
        standing, last = Status.DRAFT, referral.created_at
        for number, step in enumerate(referral.steps, start=1):
            assert (step.number, step.was) == (number, standing)
            assert any(
                step.was in start and (step.action, step.now) == (action, end)
                for start, action, end in MAY_FOLLOW
            )
            assert step.at >= last
            standing, last = step.now, step.at
        assert standing is referral.status
        assert referral.sent_at == referral.steps[0].at
        assert (referral.status in CLOSED) == (referral.closed_at is not None)
        assert referral.status not in CLOSED or referral.next_contact_on is None


@pytest.mark.usefixtures("loaded")
def test_what_a_step_needs_was_so() -> None:
    for referral in db.session.scalars(select(Referral).where(Referral.parent_id.is_(None))):
        visits = [visit for onward in referral.onward for visit in onward.visits]
        if referral.status in CLOSED:
            assert all(onward.status in CLOSED for onward in referral.onward)
            assert all(visit.came is not Came.PLANNED for visit in visits)
        if referral.status is Status.CLOSED_NO_CONTACT:
            assert any(contact.how is ContactHow.LETTER for contact in referral.contacts)
        said_no = referral.status is Status.PERSON_DECLINED
        assert all((each.withdrawn_at is not None) == said_no for each in referral.consents)
    stated = dict(db.session.execute(select(RiskStatement.referral_id, RiskStatement.at)).all())
    for onward in db.session.scalars(select(Referral).where(Referral.parent_id.is_not(None))):
        assert stated[onward.parent_id] <= onward.sent_at
    ended = select(Referral).where(
        Referral.parent_id.is_not(None), Referral.status == Status.CLOSED_COMPLETED
    )
    for onward in db.session.scalars(ended):
        assert any(visit.came is Came.CAME for visit in onward.visits)


@pytest.mark.usefixtures("loaded")
def test_nobody_came_before_they_were_asked_or_after_it_ended() -> None:
    rows = db.session.execute(select(Attendance, Referral).join(Attendance.referral))
    for attendance, onward in rows:
        assert attendance.service_id == onward.service_id
        assert onward.sent_at.date() <= attendance.on < clock.today()
        assert onward.closed_at is None or attendance.on <= onward.closed_at.date()
    for visit in db.session.scalars(select(FirstVisit).where(FirstVisit.came != Came.PLANNED)):
        told = select(Attendance.came).where(
            Attendance.referral_id == visit.referral_id, Attendance.on == visit.session_on
        )
        assert db.session.scalar(told) is visit.came


@pytest.mark.usefixtures("loaded")
def test_nothing_of_it_could_be_somebodys_or_is_still_to_come() -> None:
    assert not [*could_be_somebodys()]
    assert not [*in_the_future()]
    people = db.session.scalars(select(Person)).all()
    assert all(is_nhs_number(each.nhs_number or "") for each in people)
    assert all((each.nhs_number or "").startswith("999") for each in people)
    assert len({each.nhs_number for each in people}) == len(people)
    assert all(is_known_postcode(each.postcode) for each in people)


@pytest.mark.usefixtures("loaded")
def test_everybody_agreed_and_has_a_number_at_the_group() -> None:
    assert how_many(Consent) == how_many(Referral)
    assert how_many(GroupPlace) == how_many(Referral, Referral.parent_id.is_not(None))
    assert how_many(ContactMade) > how_many(Person) / 2
    assert how_many(Step) > 2 * how_many(Referral)


@pytest.mark.usefixtures("loaded")
def test_a_link_worker_finds_a_day_there_and_anybody_an_activity() -> None:
    worker = select(User).where(User.email == scale.SIGN_IN_AS[1])
    day = overview(actor_for(db.session.scalars(worker).one()), team=True)
    assert day.counts[Tab.OPEN] > 0
    assert day.counts[Tab.CLOSED] > 0
    assert search(Query(text="preston")).total > 0


@pytest.mark.usefixtures("loaded")
def test_what_groups_gave_is_written_down_to_the_last_visit() -> None:
    service = db.session.scalars(select(Service).join(Attendance).limit(1)).one()
    with saving():
        assert post(service, by=BUILDER) == 0


@pytest.mark.usefixtures("loaded")
def test_the_figures_are_made_up() -> None:
    told = [evidence.of(service) for service in db.session.scalars(select(Service))]
    assert any(isinstance(each, evidence.Evidence) for each in told)
