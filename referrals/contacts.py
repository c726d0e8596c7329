"""Referrals: every contact a link worker has, or tries to have, with the person."""

from datetime import date

from core import audit, clock
from core.actors import Actor
from core.db import db, hold
from core.errors import Forbidden, Refused
from referrals.day.cover import on_behalf_of
from referrals.models import ContactMade, Referral
from referrals.pathway import act
from referrals.rules import NOT_YOURS, UNDER_WAY, Action, ContactHow, Part, Status
from referrals.sight import parts_of

NOT_MET_YET = frozenset({Status.ACCEPTED, Status.CONTACTING})


def log_contact(
    referral: Referral,
    how: ContactHow,
    *,
    minutes: int,
    note: str,
    next_contact_on: date | None,
    by: Actor,
) -> ContactMade:
    """Note a contact, and when the next will be. To have spoken is to begin; no answer is a try."""
    hold(referral)
    if referral.is_onward or Part.RECEIVER not in parts_of(by, referral):
        raise Forbidden(NOT_YOURS.reason)
    if referral.status not in UNDER_WAY:
        raise Refused("Contacts can be noted between accepting a referral and closing it.")
    telling = referral.person.telling
    if how is ContactHow.LETTER and telling is not None and not telling.post:
        raise Refused("They have asked for nothing by post.")
    contact = ContactMade(
        how=how,
        minutes=minutes,
        note=note.strip(),
        by=by.ref,
        by_name=by.name,
        at=clock.now(),
    )
    referral.contacts.append(contact)
    referral.next_contact_on = next_contact_on
    db.session.flush()
    audit.record(
        by,
        "contact noted",
        about=referral.about,
        how=how,
        minutes=minutes,
        on_behalf_of=on_behalf_of(by, referral),
    )
    if referral.status in NOT_MET_YET and contact.reached:
        act(referral, Action.BEGIN, by=by)
    elif referral.status in NOT_MET_YET and how is ContactHow.NO_ANSWER:
        act(referral, Action.TRY_CONTACT, by=by)
    return contact
