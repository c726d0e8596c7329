"""Safety notes: read by the few who must, every reading written down, and nowhere else at all."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from accounts import Role, User, add_user, join
from core import clock
from core.audit import AuditEntry
from core.db import db
from core.errors import Forbidden, NotFound
from core.outbox import Letter
from core.saving import saving
from referrals.about.safety import (
    get_referral_to_keep_safe,
    may_read,
    people_with_notes,
    raise_worry,
    read_notes,
)
from referrals.closing import draft, text_of
from referrals.day import cover
from referrals.models import Limit, Referral
from referrals.pathway import act
from referrals.rules import Action, Status
from tests.builders import in_one_work
from tests.client import Client
from tests.referral_builders import (
    TEST,
    a_link_worker,
    a_practice_admin,
    a_referral,
    as_actor,
    owner_of,
)
from tests.referrals.link_desk import referred

WORRY = "She says her nephew takes her pension."


def a_lead(referral: Referral, role: Role = Role.SAFEGUARDING_LEAD) -> User:
    with in_one_work():
        user = add_user(f"{role}@team.example", "Lena Lead", password_hash="-", by=TEST)
        join(user, referral.to_organisation, role, by=TEST)
        db.session.refresh(user)
    return user


def looks(referral: Referral) -> int:
    wanted = select(AuditEntry).where(
        AuditEntry.about == referral.about, AuditEntry.action == "looked"
    )
    return sum("F5" in entry.facts["classes"] for entry in db.session.scalars(wanted))


def test_who_looks_after_them_and_both_leads_read_it_and_nobody_else(app: Flask) -> None:
    referral = a_referral(Status.IN_PROGRESS)
    leads = [a_lead(referral), a_lead(referral, Role.TEAM_LEAD)]
    colleague = a_link_worker(referral.to_organisation)
    with saving():
        raise_worry(referral, WORRY, by=owner_of(referral))
        for reader in (owner_of(referral), *map(as_actor, leads)):
            assert [note.worry for note in read_notes(referral, by=reader)] == [WORRY]
        assert not read_notes(referral, by=as_actor(colleague))
    for stranger in (
        a_link_worker(),
        referral.referrer,
        a_practice_admin(referral.from_organisation),
    ):
        with pytest.raises(NotFound), saving():
            read_notes(referral, by=as_actor(stranger))
        with pytest.raises(NotFound):
            get_referral_to_keep_safe(referral.id, seen_by=as_actor(stranger))
        with pytest.raises(Forbidden), saving():
            raise_worry(referral, WORRY, by=as_actor(stranger))


def test_whoever_covers_reads_it_for_as_long_as_they_cover(app: Flask) -> None:
    referral = a_referral(Status.IN_PROGRESS)
    colleague = a_link_worker(referral.to_organisation)
    assert not may_read(referral, as_actor(colleague))
    assert referral.owner is not None
    with saving():
        made = cover.begin(
            referral.owner,
            colleague,
            from_on=clock.today(),
            until_on=clock.today() + timedelta(days=1),
            by=owner_of(referral),
        )
    assert may_read(referral, as_actor(colleague))
    with saving():
        cover.end(made, by=owner_of(referral))
    assert not may_read(referral, as_actor(colleague))


def test_a_colleague_reads_back_what_they_wrote_themselves(app: Flask) -> None:
    referral = a_referral(Status.IN_PROGRESS)
    colleague = as_actor(a_link_worker(referral.to_organisation))
    with saving():
        raise_worry(referral, WORRY, by=owner_of(referral))
        raise_worry(referral, "A bruise", by=colleague)
        assert [note.worry for note in read_notes(referral, by=colleague)] == ["A bruise"]


def test_every_reading_is_written_down_first(app: Flask) -> None:
    referral = a_referral(Status.IN_PROGRESS)
    lead = as_actor(a_lead(referral))
    with saving():
        raise_worry(referral, WORRY, by=owner_of(referral))
    for reading in (
        lambda: read_notes(referral, by=lead),
        lambda: people_with_notes(by=lead),
    ):
        before = looks(referral)
        with saving():
            reading()
        assert looks(referral) == before + 1


def test_the_leads_hear_that_there_is_something_and_not_what(app: Flask) -> None:
    referral = a_referral(Status.IN_PROGRESS)
    leads = [a_lead(referral), a_lead(referral, Role.TEAM_LEAD)]
    before = db.session.scalar(select(func.count()).select_from(Letter)) or 0
    with saving():
        raise_worry(referral, WORRY, by=owner_of(referral))
    letters = db.session.scalars(select(Letter).where(Letter.kind == "safety")).all()
    assert {letter.to_address for letter in letters} == {lead.email for lead in leads}
    assert db.session.scalar(select(func.count()).select_from(Letter)) == before + 2
    for letter in letters:
        said = f"{letter.subject} {letter.body} {letter.about}"
        for secret in ("nephew", referral.person.name, referral.ref, str(referral.id)):
            assert secret not in said


def test_the_message_at_the_end_says_nothing_of_it(app: Flask) -> None:
    referral = a_referral(Status.IN_PROGRESS)
    by = owner_of(referral)

    with saving():
        raise_worry(referral, WORRY, by=by)
        act(referral, Action.RECORD_DECLINED, by=by)
        message = draft(referral, outcome="She went home.", risks="", plan="", by=by)
    assert "nephew" not in text_of(message, Limit.SUMMARY)


def test_a_worry_is_written_and_read_on_the_page(desk: Client, amina: User) -> None:
    referral = referred(amina)
    here = f"/safety/{referral.id}"
    desk.fill(here, {"worry": WORRY, "done": "Rang the safeguarding team"})
    assert WORRY in desk.get(here).text
    assert "nephew" not in desk.get(f"/caseload/{referral.id}").text
    assert "nephew" not in desk.get(f"/caseload/{referral.id}/about").text
    lead = a_lead(referral)
    desk.as_(lead)
    assert referral.person.name in desk.get("/safety").text
    assert WORRY in desk.get(here).text
    assert desk.get(f"/caseload/{referral.id}").status_code == 404
