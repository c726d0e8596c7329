"""Contacts: what a link worker notes, and what it makes of the referral."""

from datetime import date

import pytest
from flask import Flask

from core.errors import Forbidden, Refused
from core.saving import saving
from referrals.contacts import log_contact
from referrals.models import ContactMade, Referral
from referrals.rules import ContactHow, Status
from tests.referral_builders import a_referral, an_onward, as_actor, owner_of

NEXT = date(2030, 1, 2)


def note(referral: Referral, how: ContactHow) -> ContactMade:
    with saving():
        return log_contact(
            referral,
            how,
            minutes=15,
            note=" Left word with her daughter. ",
            next_contact_on=NEXT,
            by=owner_of(referral),
        )


@pytest.mark.parametrize(
    ("how", "becomes"),
    [
        (ContactHow.NO_ANSWER, Status.CONTACTING),
        (ContactHow.PHONE, Status.IN_PROGRESS),
        (ContactHow.VISIT, Status.IN_PROGRESS),
        (ContactHow.TEXT, Status.ACCEPTED),
        (ContactHow.LETTER, Status.ACCEPTED),
    ],
)
def test_the_first_contact_says_where_the_referral_stands(
    app: Flask, how: ContactHow, becomes: Status
) -> None:
    referral = a_referral(Status.ACCEPTED)
    contact = note(referral, how)
    assert referral.status is becomes
    assert referral.next_contact_on == NEXT
    assert (contact.minutes, contact.note) == (15, "Left word with her daughter.")
    assert contact.by_name == owner_of(referral).name


def test_every_try_is_kept_until_somebody_answers(app: Flask) -> None:
    referral = a_referral(Status.ACCEPTED)
    for how in (ContactHow.NO_ANSWER, ContactHow.NO_ANSWER, ContactHow.PHONE):
        note(referral, how)
    assert referral.status is Status.IN_PROGRESS
    assert [contact.reached for contact in referral.contacts].count(True) == 1
    assert len(referral.contacts) == 3


@pytest.mark.parametrize("how", ContactHow)
@pytest.mark.parametrize("status", [Status.IN_PROGRESS, Status.ON_HOLD])
def test_later_contacts_move_nothing(app: Flask, status: Status, how: ContactHow) -> None:
    referral = a_referral(status)
    note(referral, how)
    assert referral.status is status


def test_a_next_contact_can_be_left_open(app: Flask) -> None:
    referral = a_referral(Status.IN_PROGRESS)
    with saving():
        log_contact(
            referral,
            ContactHow.PHONE,
            minutes=5,
            note="",
            next_contact_on=None,
            by=owner_of(referral),
        )
    assert referral.next_contact_on is None


def test_contacts_belong_between_accepting_and_closing(app: Flask) -> None:
    with pytest.raises(Refused):
        note(a_referral(Status.CLOSED_COMPLETED), ContactHow.PHONE)


def test_only_the_team_notes_contacts(app: Flask) -> None:
    referral = a_referral(Status.ACCEPTED)
    onward = an_onward(Status.ACCEPTED)
    assert onward.parent is not None
    for wrong, by in (
        (referral, as_actor(referral.referrer)),
        (referral, owner_of(onward.parent)),
        (onward, owner_of(onward.parent)),
    ):
        with pytest.raises(Forbidden), saving():
            log_contact(wrong, ContactHow.PHONE, minutes=5, note="", next_contact_on=None, by=by)
