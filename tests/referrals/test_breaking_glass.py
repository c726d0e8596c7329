"""A record opened in an emergency: one record, one hour, everybody told, somebody else judges."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from accounts import Role, User
from core import clock
from core.db import db
from core.errors import Forbidden, NotFound, Refused
from core.outbox import Letter
from core.saving import saving
from referrals import breaking_glass
from referrals.about.safety import raise_worry
from referrals.models import BrokenGlass, Emergency, Referral, Verdict
from referrals.person.looking import who_looked
from referrals.rules import Status
from tests.builders import a_user, an_ig_officer_of
from tests.client import Client
from tests.referral_builders import a_clinician, a_link_worker, a_practice, a_referral, as_actor

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
WHY = "The police ask if she is safe tonight."


@pytest.fixture
def far(app: Flask) -> Referral:
    """Somebody whom another team looks after."""
    with clock.set_to(MONDAY):
        return a_referral(status=Status.IN_PROGRESS)


@pytest.fixture
def worker(far: Referral) -> User:
    """A link worker of a team that does not."""
    return a_link_worker()


def break_it(far: Referral, worker: User, at: datetime = MONDAY) -> BrokenGlass:
    """Open the record."""
    with clock.set_to(at), saving():
        return breaking_glass.break_glass(far, Emergency.DANGER, WHY, by=as_actor(worker))


def test_the_record_is_open_to_them_alone_for_an_hour(far: Referral, worker: User) -> None:
    glass = break_it(far, worker)
    other = as_actor(a_link_worker())
    with clock.set_to(MONDAY + timedelta(minutes=59)), saving():
        assert breaking_glass.opened(glass.id, by=as_actor(worker)) is glass
        with pytest.raises(NotFound):
            breaking_glass.opened(glass.id, by=other)
    with clock.set_to(MONDAY + timedelta(minutes=60)), pytest.raises(Refused):
        breaking_glass.opened(glass.id, by=as_actor(worker))


def test_who_looks_after_them_and_who_reviews_are_told_and_no_letter_names_anybody(
    far: Referral, worker: User
) -> None:
    officer = an_ig_officer_of(far.to_organisation)
    break_it(far, worker)
    told = db.session.scalars(select(Letter).where(Letter.kind == "glass")).all()
    assert far.owner is not None
    assert {each.to_address for each in told} >= {far.owner.email}
    assert len(told) == 2
    assert not any(far.person.name in each.subject + each.body for each in told)
    [waits] = breaking_glass.to_review(officer)
    assert (waits.glass.by_name, waits.is_late) == (worker.name, False)


def test_the_person_sees_that_it_was_an_emergency(far: Referral, worker: User) -> None:
    glass = break_it(far, worker)
    with clock.set_to(MONDAY), saving():
        breaking_glass.opened(glass.id, by=as_actor(worker))
    assert [(each.name, each.is_emergency) for each in who_looked(far)] == [(worker.name, True)]


def test_somebody_else_judges_within_two_working_days(far: Referral, worker: User) -> None:
    glass = break_it(far, worker)
    officer = an_ig_officer_of(far.to_organisation)
    with clock.set_to(MONDAY + timedelta(days=2)):
        assert not breaking_glass.to_review(officer)[0].is_late
    with clock.set_to(MONDAY + timedelta(days=3)):
        assert breaking_glass.to_review(officer)[0].is_late
    with saving(), pytest.raises(Forbidden):
        breaking_glass.review(glass, Verdict.RIGHT, "", by=as_actor(worker))
    with saving():
        breaking_glass.review(glass, Verdict.RIGHT, "", by=officer)
    assert not breaking_glass.to_review(officer)
    assert [each.id for each in breaking_glass.reviewed(officer)] == [glass.id]


def test_nobody_judges_what_they_opened_themselves(far: Referral, worker: User) -> None:
    a_user(far.to_organisation, Role.LINK_WORKER)
    glass = break_it(far, worker)
    with pytest.raises(NotFound):
        breaking_glass.get_to_review(glass.id, seen_by=as_actor(worker))


def test_more_than_three_in_a_week_stand_out(far: Referral, worker: User) -> None:
    officer = an_ig_officer_of(far.to_organisation)
    for day in range(4):
        break_it(far, worker, MONDAY + timedelta(days=day))
    with clock.set_to(MONDAY + timedelta(days=4)):
        waiting = breaking_glass.to_review(officer)
    assert [each.is_often for each in waiting] == [False, False, False, True]


def test_only_who_may_and_only_with_a_reason(far: Referral, worker: User) -> None:
    clinician = as_actor(a_clinician(a_practice()))
    with saving(), pytest.raises(Forbidden):
        breaking_glass.break_glass(far, Emergency.DANGER, WHY, by=clinician)
    with saving(), pytest.raises(Refused):
        breaking_glass.break_glass(far, Emergency.DANGER, "curious", by=as_actor(worker))
    own = a_link_worker(far.to_organisation)
    with saving(), pytest.raises(Refused):
        breaking_glass.break_glass(far, Emergency.DANGER, WHY, by=as_actor(own))


def test_safety_notes_are_for_a_safeguarding_lead_alone(far: Referral, worker: User) -> None:
    assert far.owner is not None
    with saving():
        raise_worry(far, "Her son takes the phone.", by=as_actor(far.owner))
    lead = a_user(a_link_worker().memberships[0].organisation, Role.SAFEGUARDING_LEAD)
    for user, read in ((worker, []), (lead, ["Her son takes the phone."])):
        glass = break_it(far, user)
        with saving():
            notes = breaking_glass.safety_notes(glass, by=as_actor(user))
            assert [note.worry for note in notes] == read


def test_from_the_form_to_the_verdict(far: Referral, worker: User, client: Client) -> None:
    person, officer = far.person, a_user(far.to_organisation, Role.IG_OFFICER)
    said = {
        "nhs_number": person.nhs_number,
        "born_on-day": str(person.born_on.day),
        "born_on-month": str(person.born_on.month),
        "born_on-year": str(person.born_on.year),
        "emergency": "danger",
        "reason": WHY,
    }
    client.as_(worker)
    assert client.fill("/emergency", {**said, "reason": "short"}).status_code == 422
    page = client.fill("/emergency", said, follow_redirects=True)
    assert "You opened this in an emergency" in page.text
    assert person.name in page.text
    client.as_(officer)
    listed = client.get("/emergency/reviews")
    assert worker.name in listed.text
    glass_id = page.request.path.rpartition("/")[2]
    judged = f"/emergency/reviews/{glass_id}"
    done = client.fill(judged, {"verdict": "right", "note": ""}, follow_redirects=True)
    assert "It was right" in done.text
    assert worker.name in client.get(f"/emergency/looked/{far.id}").text
