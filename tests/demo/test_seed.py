"""The demo is true to the product: made by real moves, of invented people, on both engines."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from accounts import Organisation, OrganisationKind, User, actor_for
from core import clock
from core.db import db
from core.errors import Refused
from core.outbox import Letter, State
from demo import cast, seed
from directory import taxonomy
from directory.desk import batches, merging, waiting, wishes
from directory.feeds import runs
from directory.models import Notice
from directory.places import Place, find_place
from directory.rules import ImportState, NoticeKind
from directory.search import Query, search
from referrals.caseload import overview
from referrals.models import FirstVisit, Person, Referral
from referrals.outcomes import COUNTS_ONLY_BELOW, what_happened
from referrals.people import is_nhs_number
from referrals.rules import Came, Status
from tests.conftest import ENGINES
from tests.demo.invented import ADDRESS, could_be_somebodys, in_the_future
from tests.engines import Engines

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=ENGINES)
def demo(request: pytest.FixtureRequest, engines: Engines) -> Iterator[Flask]:
    """The application with the demo in it; these tests only read."""
    app = engines.fresh(request.param)
    with app.app_context():
        seed.load()
        db.session.rollback()
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def loaded(demo: Flask) -> Iterator[Flask]:
    """The same, with its context pushed."""
    with demo.app_context():
        yield demo
        db.session.rollback()


@pytest.mark.usefixtures("loaded")
def test_every_state_a_referral_can_be_in_is_there() -> None:
    # A draft is sent in the same breath, so nobody's referral stays one.
    first = db.session.scalars(select(Referral.status).where(Referral.parent_id.is_(None))).all()
    assert set(first) == set(Status) - {Status.DRAFT}
    assert len(first) >= 60


@pytest.mark.usefixtures("loaded")
def test_people_are_invented_and_live_where_they_say() -> None:
    everybody = db.session.scalars(select(Person)).all()
    # Who asks for help themselves is not asked for a number.
    people = [person for person in everybody if person.practice.kind is OrganisationKind.PRACTICE]
    assert len(people) >= 60
    for person in everybody:
        assert isinstance(find_place(person.postcode), Place), person.postcode
    for person in people:
        assert person.nhs_number is not None
        assert is_nhs_number(person.nhs_number)
        assert person.nhs_number.startswith("999")
    assert len({person.nhs_number for person in people}) == len(people)


@pytest.mark.usefixtures("loaded")
def test_no_telephone_number_and_no_address_could_be_somebodys() -> None:
    assert not [*could_be_somebodys()]


@pytest.mark.usefixtures("loaded")
def test_no_letter_names_the_person_it_is_about() -> None:
    people = db.session.scalars(select(Person)).all()
    names = {name for person in people for name in (person.name, person.called)}
    named = re.compile(r"\b(" + "|".join(map(re.escape, names)) + r")\b")
    for letter in db.session.scalars(select(Letter)):
        assert not named.search(f"{letter.subject}\n{ADDRESS.sub('', letter.body)}"), letter.body


@pytest.mark.usefixtures("loaded")
def test_every_letter_has_gone_out_when_it_was_written() -> None:
    # What is about somebody who stopped is not sent any more.
    letters = db.session.scalars(select(Letter).where(Letter.state != State.CANCELLED)).all()
    assert letters
    for letter in letters:
        assert letter.state is State.SENT
        assert letter.sent_at is not None
        assert letter.sent_at - letter.written_at < timedelta(minutes=1)


@pytest.mark.usefixtures("loaded")
def test_nothing_has_happened_in_the_future() -> None:
    assert not [*in_the_future()]


@pytest.mark.usefixtures("loaded")
def test_a_gp_is_shown_averages_because_enough_people_answered_twice() -> None:
    gp = actor_for(who("gp"))
    told = what_happened(gp, since=clock.today() - timedelta(days=182), until=clock.today())
    assert all(change.answered_twice >= COUNTS_ONLY_BELOW for change in told.changes)
    assert told.missing
    moved = Counter[str]()
    for change in told.changes:
        moved.update(better=change.better, same=change.same, worse=change.worse)
    assert moved["better"] > moved["same"] > moved["worse"] > 0


@pytest.mark.usefixtures("loaded")
def test_a_link_worker_has_a_full_day() -> None:
    day = overview(actor_for(who("link-worker")), team=False)
    assert day.overdue
    assert day.today
    assert all(day.counts.values()), day.counts


@pytest.mark.usefixtures("loaded")
def test_one_visit_is_tomorrow_and_of_one_nobody_has_said_what_became() -> None:
    planned = select(FirstVisit.session_on).where(FirstVisit.came == Came.PLANNED)
    days = {(day - clock.today()).days for day in db.session.scalars(planned)}
    assert {-1, 1} <= days


@pytest.mark.usefixtures("loaded")
def test_activities_are_found_at_once() -> None:
    near = find_place("E3 3BQ")
    names = {hit.id for hit in search(Query(text="knit", near=near, within=3)).hits}
    assert names


@pytest.mark.usefixtures("loaded")
def test_an_editor_finds_something_of_each_sort_to_do() -> None:
    counted = waiting.counts()
    old = counted.pop("old")
    assert counted == {"new": 3, "changes": 4, "reports": 5, "claims": 2, "thanks": 2}
    assert old > counted["reports"]
    merging.look_for_pairs()
    assert len(merging.pairs()) >= 3
    assert [term for term in taxonomy.foreign_in_use() if not term.meant]
    assert len(batches.latest_batches()) == 1
    assert [run.state for run in runs.latest_runs()] == [ImportState.DONE]


@pytest.mark.usefixtures("loaded")
def test_every_sort_of_notice_holds_and_ends_by_itself() -> None:
    held = db.session.scalars(select(Notice)).all()
    assert {each.kind for each in held} == set(NoticeKind)
    assert all(each.last_on >= clock.today() for each in held)


@pytest.mark.usefixtures("loaded")
def test_wishes_come_from_all_three_places_and_say_nothing_of_who_wishes() -> None:
    wished = wishes.all_wishes()
    assert len(wished) == 12
    assert {"E3", "E14"} <= {each.place for each in wished}
    assert not [each for each in wished if wishes.tells_who(each.words)]


@pytest.mark.usefixtures("loaded")
def test_groups_are_asked_only_about_what_is_in_doubt() -> None:
    letters = db.session.scalars(select(Letter)).all()
    asked = [letter for letter in letters if "/still-right/" in letter.body]
    groups = db.session.scalars(select(func.count()).select_from(Organisation)).one()
    assert 0 < len(asked) < groups / 5


@pytest.mark.usefixtures("loaded")
def test_whom_a_listing_is_for_can_be_chosen_and_is_seldom_everybody() -> None:
    sought = {code: search(Query(audiences={code})).total for code in audience_codes()}
    assert all(0 < found < 60 for found in sought.values()), sought


@pytest.mark.usefixtures("loaded")
def test_a_second_load_is_refused() -> None:
    with pytest.raises(Refused):
        seed.load()


def audience_codes() -> list[str]:
    return [term.code for term in taxonomy.audiences()]


def who(key: str) -> User:
    email = next(member.email for member in cast.CAST if member.key == key)
    return db.session.scalars(select(User).where(User.email == email)).one()
