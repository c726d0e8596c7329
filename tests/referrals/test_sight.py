"""Who may know of a referral, and how much of it."""

import uuid

import pytest
from flask import Flask
from sqlalchemy import select

from accounts import Field
from core.actors import VISITOR, Actor, Kind, system
from core.db import db
from core.errors import NotFound
from core.links import SignedLink
from core.saving import saving
from referrals.group_keys import referral_behind
from referrals.pathway import act
from referrals.rules import CLOSED, UNDER_WAY, Action, Part, Status
from referrals.sight import (
    GROUP_LINK,
    facts_shown,
    get_referral,
    minimum_for,
    one_line_reason,
    parts_of,
    referrals_for,
)
from tests.referral_builders import (
    WALKS,
    a_clinician,
    a_link_worker,
    a_practice_admin,
    a_referral,
    an_onward,
    as_actor,
    group_of,
    owner_of,
)


def seen_by(actor: Actor) -> set[uuid.UUID]:
    return {referral.id for referral in db.session.scalars(referrals_for(actor))}


def test_a_practice_sees_what_it_sent_and_a_team_what_it_got(app: Flask) -> None:
    noise, referral = an_onward().parent, a_referral()
    assert noise is not None
    colleague = a_clinician(referral.from_organisation)
    worker = a_link_worker(referral.to_organisation)
    admin = a_practice_admin(referral.from_organisation)
    for somebody in (referral.referrer, colleague, worker, admin):
        assert seen_by(as_actor(somebody)) == {referral.id}


@pytest.mark.asvs("8.2.2")
def test_a_stranger_cannot_tell_a_record_from_nothing(app: Flask) -> None:
    onward = an_onward(Status.ACCEPTED)
    strangers = [as_actor(a_clinician()), as_actor(a_link_worker()), VISITOR, system("job")]
    assert onward.parent is not None
    for stranger in strangers:
        assert not seen_by(stranger)
        for referral_id in (onward.id, onward.parent.id, uuid.uuid4()):
            with pytest.raises(NotFound):
                get_referral(referral_id, seen_by=stranger)


def test_the_referral_on_to_a_group_belongs_to_the_team(app: Flask) -> None:
    onward = an_onward()
    parent = onward.parent
    assert parent is not None
    assert seen_by(owner_of(parent)) == {parent.id, onward.id}
    doctor = as_actor(parent.referrer)
    assert seen_by(doctor) == {parent.id}
    with pytest.raises(NotFound):
        get_referral(onward.id, seen_by=doctor)


def test_the_group_itself_is_not_let_in_by_its_team_members_rights(app: Flask) -> None:
    onward = an_onward()
    key = group_of(onward)
    assert not seen_by(key)
    assert parts_of(key, onward) == {Part.RECEIVER}


def test_parts_are_what_somebody_is_to_this_one_referral(app: Flask) -> None:
    onward = an_onward()
    parent = onward.parent
    assert parent is not None
    worker = owner_of(parent)
    assert parts_of(as_actor(parent.referrer), parent) == {Part.REFERRER}
    assert parts_of(worker, parent) == {Part.RECEIVER}
    assert parts_of(worker, onward) == {Part.REFERRER, Part.RECEIVER}
    assert parts_of(as_actor(parent.referrer), onward) == frozenset()
    assert parts_of(as_actor(a_practice_admin(parent.from_organisation)), parent) == frozenset()
    assert parts_of(system("job"), parent) == {Part.SYSTEM}


def test_a_key_opens_one_referral_and_no_other(app: Flask) -> None:
    onward, other = an_onward(), an_onward()
    key = group_of(onward)
    assert not parts_of(key, other)
    assert not facts_shown(other, key)
    assert minimum_for(other, key) is None
    unknown = Actor(Kind.LINK, f"link:{uuid.uuid4()}")
    assert not parts_of(unknown, onward)


@pytest.mark.asvs("8.2.3")
@pytest.mark.parametrize("status", WALKS)
def test_a_group_knows_who_it_is_about_only_while_it_says_yes(app: Flask, status: Status) -> None:
    onward = an_onward(status)
    key = group_of(onward)
    shown = facts_shown(onward, key)
    if status in UNDER_WAY:
        assert shown == {Field.PUBLIC, Field.LOGISTICS, Field.MINIMUM}
    elif status in CLOSED and status is not Status.REJECTED:
        assert not shown
    else:
        assert shown == {Field.PUBLIC, Field.LOGISTICS}
    assert (minimum_for(onward, key) is not None) is (status in UNDER_WAY)


def test_a_group_that_said_yes_learns_the_least_it_needs(app: Flask) -> None:
    onward = an_onward(Status.ACCEPTED)
    known = minimum_for(onward, group_of(onward))
    assert known is not None
    assert (known.called, known.reach) == ("Mavis", "01632 960 555")
    assert known.communication_needs == "Large print"
    assert known.note == "Please look out for her at the door."
    person = onward.person
    for secret in (person.name, person.nhs_number, person.address, "1948"):
        assert str(secret) not in str(known)


def test_before_it_says_yes_a_group_reads_one_reason_of_the_fixed_list(app: Flask) -> None:
    assert one_line_reason(an_onward()) == "Lonely or few contacts"


@pytest.mark.asvs("8.2.3")
def test_a_practice_administrator_never_sees_why(app: Flask) -> None:
    referral = a_referral()
    admin = as_actor(a_practice_admin(referral.from_organisation))
    shown = facts_shown(referral, admin)
    assert Field.IDENTITY in shown
    assert Field.NEEDS not in shown


@pytest.mark.asvs("8.4.1")
def test_a_right_to_read_needs_does_not_travel_between_practices(app: Flask) -> None:
    """A clinician of one practice who is an administrator of another is only that there."""
    referral = a_referral()
    elsewhere = as_actor(a_clinician())
    admin = as_actor(a_practice_admin(referral.from_organisation))
    both = Actor(
        kind=Kind.USER,
        ref="user:both",
        holds={**elsewhere.holds, **admin.holds},
        reads=elsewhere.reads | admin.reads,
    )
    assert Field.NEEDS not in facts_shown(referral, both)


@pytest.mark.parametrize("status", [Status.SENT, Status.ACCEPTED, Status.CLOSED_COMPLETED])
def test_clinicians_and_link_workers_see_what_they_need_to_help(app: Flask, status: Status) -> None:
    referral = a_referral(status)
    worker = a_link_worker(referral.to_organisation)
    needed = {Field.LOGISTICS, Field.MINIMUM, Field.IDENTITY, Field.NEEDS}
    for somebody in (referral.referrer, worker):
        assert needed <= facts_shown(referral, as_actor(somebody))
        assert Field.RESTRICTED not in facts_shown(referral, as_actor(somebody))


def test_a_stranger_is_shown_nothing(app: Flask) -> None:
    referral = a_referral()
    for stranger in (as_actor(a_clinician()), as_actor(a_link_worker()), VISITOR):
        assert not facts_shown(referral, stranger)


def test_a_key_of_ours_leads_to_its_referral(app: Flask) -> None:
    onward = an_onward()
    link = db.session.scalars(select(SignedLink)).one()
    assert referral_behind(link) == onward
    link_elsewhere = SignedLink(purpose="other", about=onward.about)
    with pytest.raises(NotFound):
        referral_behind(link_elsewhere)
    for about in (f"referral:{uuid.uuid4()}", f"service:{onward.id}"):
        with pytest.raises(NotFound):
            referral_behind(SignedLink(purpose=GROUP_LINK, about=about))


def test_a_group_acts_in_its_own_name(app: Flask) -> None:
    onward = an_onward()
    key = group_of(onward)
    with saving():
        act(onward, Action.ACCEPT, by=key, note="We look forward to meeting her.")
    assert onward.steps[-1].by_name == onward.to_organisation.name
