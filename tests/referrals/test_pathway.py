"""The way of a referral: made, moved, sent on; what is written with each step."""

import re
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from core import clock
from core.audit import AuditEntry
from core.db import db
from core.errors import Forbidden, Refused
from core.saving import saving
from referrals.about import state_risks
from referrals.checks import open_here
from referrals.models import Consent, Person, Referral, Step
from referrals.pathway import accept, act, refer, refer_on, what_may
from referrals.rules import Action, Basis, Reason, Status
from tests.referral_builders import (
    WALKS,
    a_clinician,
    a_link_worker,
    a_new_person,
    a_practice,
    a_practice_admin,
    a_referral,
    a_service,
    an_onward,
    as_actor,
    owner_of,
)

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)


def test_a_referral_goes_to_the_practices_own_link_workers(app: Flask) -> None:
    referral = a_referral()
    assert referral.status is Status.SENT
    assert referral.to_organisation == referral.from_organisation.link_worker_team
    assert referral.person.practice == referral.from_organisation
    assert referral.sent_at is not None


def test_what_was_agreed_is_written_down_with_the_referral(app: Flask) -> None:
    referral = a_referral()
    [consent] = referral.consents
    assert consent.basis is Basis.AGREED
    assert referral.to_organisation.name in consent.wording
    assert consent.by == f"user:{referral.referrer_id}"


def test_best_interests_needs_a_reason(app: Flask) -> None:
    doctor = as_actor(a_clinician())
    with pytest.raises(Refused, match="best interests"), saving():
        refer(a_new_person(), reasons=[Reason.MEMORY], basis=Basis.BEST_INTERESTS, by=doctor)
    assert db.session.scalar(select(func.count()).select_from(Referral)) == 0
    with saving():
        referral = refer(
            a_new_person(),
            reasons=[Reason.MEMORY],
            basis=Basis.BEST_INTERESTS,
            why="Cannot weigh it up today.",
            by=doctor,
        )
    assert referral.consents[0].why == "Cannot weigh it up today."


def test_a_practice_without_link_workers_is_told_so(app: Flask) -> None:
    doctor = as_actor(a_clinician(a_practice(has_team=False)))
    with pytest.raises(Refused, match="no link-worker team"), saving():
        refer(a_new_person(), reasons=[Reason.LONELY], basis=Basis.AGREED, by=doctor)


def test_a_referral_needs_a_reason(app: Flask) -> None:
    doctor = as_actor(a_clinician())
    with pytest.raises(Refused, match="reason"), saving():
        refer(a_new_person(), reasons=[], basis=Basis.AGREED, by=doctor)


def test_only_clinicians_of_one_practice_refer(app: Flask) -> None:
    for somebody in (a_link_worker(), a_practice_admin(a_practice())):
        with pytest.raises(Forbidden), saving():
            refer(
                a_new_person(),
                reasons=[Reason.LONELY],
                basis=Basis.AGREED,
                by=as_actor(somebody),
            )


@pytest.mark.asvs("2.3.2")
def test_somebody_already_referred_is_not_referred_twice(app: Flask) -> None:
    person = a_new_person()
    with clock.set_to(NOON):
        first = a_referral(Status.ACCEPTED, person=person)
        doctor = as_actor(first.referrer)
        with pytest.raises(Refused) as refusal, saving():
            refer(person, reasons=[Reason.MONEY_HOUSING], basis=Basis.AGREED, by=doctor)
    assert first.owner is not None
    assert refusal.value.reason == f"Already with {first.owner.name} since 3 November 2026."
    assert open_here(person, by=doctor) == first
    assert db.session.scalar(select(func.count()).select_from(Referral)) == 1


def test_a_referral_nobody_has_taken_yet_is_with_the_team(app: Flask) -> None:
    person = a_new_person()
    first = a_referral(person=person)
    with pytest.raises(Refused, match=first.to_organisation.name), saving():
        refer(person, reasons=[Reason.LONELY], basis=Basis.AGREED, by=as_actor(first.referrer))


def test_somebody_whose_referral_has_ended_can_be_referred_again(app: Flask) -> None:
    person = a_new_person()
    first = a_referral(Status.CLOSED_NO_CONTACT, person=person)
    second = a_referral(person=person, referrer=first.referrer)
    assert second.person_id == first.person_id
    assert second.id != first.id


def test_another_practice_is_not_told_that_somebody_is_known(app: Flask) -> None:
    person = a_new_person()
    first = a_referral(person=person)
    second = a_referral(person=person)
    assert second.person_id != first.person_id
    assert open_here(person, by=as_actor(second.referrer)) == second


@pytest.mark.parametrize("status", WALKS)
def test_a_referral_can_be_walked_to_every_state(app: Flask, status: Status) -> None:
    referral = a_referral(status)
    assert referral.status is status
    assert [step.now for step in referral.steps][-1] is status
    assert [step.number for step in referral.steps] == list(range(1, len(referral.steps) + 1))


def test_each_step_is_kept_with_its_author_and_audited(app: Flask) -> None:
    referral = a_referral(Status.ACCEPTED)
    step = referral.steps[-1]
    worker = owner_of(referral)
    assert (step.action, step.was, step.now) == (Action.ACCEPT, Status.SENT, Status.ACCEPTED)
    assert (step.by, step.by_name) == (worker.ref, worker.name)
    audited = select(AuditEntry).where(
        AuditEntry.about == referral.about, AuditEntry.action == "referral moved"
    )
    assert [row.facts["step"] for row in db.session.scalars(audited)][-1] == "accept"


@pytest.mark.asvs("16.2.5")
def test_the_audit_never_holds_the_person(app: Flask) -> None:
    referral = an_onward(Status.REJECTED)
    person = referral.person
    secrets = (person.name, person.nhs_number, person.phone, person.address, "funeral", "lonely")
    for row in db.session.scalars(select(AuditEntry)):
        said = f"{row.about} {row.facts}"
        assert not [secret for secret in secrets if secret and secret in said]


def test_whoever_accepts_owns_it_and_says_when_they_will_be_in_touch(app: Flask) -> None:
    referral = a_referral()
    worker = a_link_worker(referral.to_organisation)
    with saving():
        accept(referral, by=as_actor(worker), next_contact_on=date(2030, 1, 2))
    assert referral.owner == worker
    assert referral.next_contact_on == date(2030, 1, 2)


def test_a_refused_step_leaves_nothing_behind(app: Flask) -> None:
    referral = a_referral()
    steps = len(referral.steps)
    with pytest.raises(Refused, match="Say why"), saving():
        act(referral, Action.WITHDRAW, by=as_actor(referral.referrer))
    assert referral.status is Status.SENT
    assert len(referral.steps) == steps


@pytest.mark.asvs("8.3.1")
def test_a_step_that_is_somebody_elses_is_forbidden(app: Flask) -> None:
    referral = a_referral()
    with pytest.raises(Forbidden), saving():
        act(referral, Action.ACCEPT, by=as_actor(referral.referrer))
    with pytest.raises(Forbidden), saving():
        act(referral, Action.ACCEPT, by=as_actor(a_link_worker()))


def test_what_may_be_done_is_what_is_then_allowed(app: Flask) -> None:
    referral = a_referral()
    doctor, worker = as_actor(referral.referrer), a_link_worker(referral.to_organisation)
    assert what_may(doctor, referral) == {Action.WITHDRAW, Action.MARK_ERROR}
    assert Action.ACCEPT in what_may(as_actor(worker), referral)
    assert not what_may(as_actor(a_link_worker()), referral)


def test_a_question_goes_back_and_forth(app: Flask) -> None:
    referral = a_referral(Status.INFO_REQUESTED)
    with saving():
        act(referral, Action.ANSWER, by=as_actor(referral.referrer), note="She has a stair lift.")
    assert referral.status is Status.OPENED
    assert referral.steps[-1].note == "She has a stair lift."


def test_references_can_be_read_out_and_tell_nothing(app: Flask) -> None:
    refs = [a_referral().ref for _ in range(5)]
    assert len(set(refs)) == 5
    assert all(re.fullmatch(r"SP-[2-9BCDFGHJKMNPQRSTVWXYZ]{5}", ref) for ref in refs)


def test_a_group_is_asked_with_what_was_agreed_and_one_reason(app: Flask) -> None:
    parent = a_referral(Status.IN_PROGRESS)
    service = a_service("Bow Walkers")
    with saving():
        onward = refer_on(
            parent,
            service,
            note="Please look out for her.",
            reason=Reason.BEREAVEMENT,
            by=owner_of(parent),
        )
    assert (onward.status, onward.parent_id) == (Status.SENT, parent.id)
    assert onward.person_id == parent.person_id
    assert onward.to_organisation == service.organisation
    assert onward.reasons == ["bereavement"]
    assert service.organisation.name in onward.consents[0].wording


def test_a_group_is_not_asked_before_the_referral_is_accepted(app: Flask) -> None:
    parent = a_referral(Status.OPENED)
    worker = as_actor(a_link_worker(parent.to_organisation))
    with pytest.raises(Refused, match="Accept the referral first"), saving():
        refer_on(parent, a_service(), note="", by=worker)


def test_a_group_is_asked_once_at_a_time(app: Flask) -> None:
    onward = an_onward()
    parent, service = onward.parent, onward.service
    assert parent is not None
    assert service is not None
    with pytest.raises(Refused, match="already asked"), saving():
        refer_on(parent, service, note="", by=owner_of(parent))
    with saving():
        act(onward, Action.REJECT, by=owner_of(parent), note="We are full")
    assert an_onward(parent=parent, service=service).status is Status.SENT


def test_only_the_team_sends_somebody_on(app: Flask) -> None:
    parent = a_referral(Status.IN_PROGRESS)
    for somebody in (parent.referrer, a_link_worker()):
        with pytest.raises(Forbidden), saving():
            refer_on(parent, a_service(), note="", by=as_actor(somebody))


def test_a_group_cannot_be_asked_by_way_of_another_group(app: Flask) -> None:
    onward = an_onward(Status.ACCEPTED)
    assert onward.parent is not None
    with pytest.raises(Forbidden), saving():
        refer_on(onward, a_service(), note="", by=owner_of(onward.parent))


def test_best_interests_are_carried_on_to_the_group(app: Flask) -> None:
    with saving():
        doctor = a_clinician()
        parent = refer(
            a_new_person(),
            reasons=[Reason.MEMORY],
            basis=Basis.BEST_INTERESTS,
            why="Her daughter asked.",
            by=as_actor(doctor),
        )
        worker = as_actor(a_link_worker(parent.to_organisation))
        accept(parent, by=worker, next_contact_on=clock.today())
        state_risks(parent, none_known=True, by=worker)
        onward = refer_on(parent, a_service(), note="", by=worker)
    assert (onward.consents[0].basis, onward.consents[0].why) == (
        Basis.BEST_INTERESTS,
        "Her daughter asked.",
    )


def test_nothing_is_left_in_draft(app: Flask) -> None:
    an_onward()
    drafts = select(func.count()).select_from(Referral).where(Referral.status == Status.DRAFT)
    assert db.session.scalar(drafts) == 0
    for table in (Person, Consent, Step):
        assert db.session.scalar(select(func.count()).select_from(table))
