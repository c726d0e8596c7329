"""Referrals: how one is made: the record, the reference to read out, and what was agreed to."""

import secrets
import uuid
from collections.abc import Sequence

from sqlalchemy import select

from accounts import Organisation
from core import audit, clock
from core.actors import Actor
from core.db import db
from core.errors import Refused
from core.rows import all_shown
from directory import Service
from referrals.models import AskedBy, Consent, Person, Referral
from referrals.rules import Basis, Reason, Status

REF_MARKS = "23456789BCDFGHJKMNPQRSTVWXYZ"
"""Nothing that looks or sounds like something else, and no vowels to make words of."""

SHARED_WITH_TEAM = (
    "These details go to {to}, so that a link worker can get in touch. {sender} hears what came "
    "of it."
)
SHARED_WITH_GROUP = (
    "{to} first reads only that somebody would like to come, and why in one line. Once they say "
    "yes: what to call the person, one way to reach them, and what helps them to take part."
)


def new_referral(
    person: Person,
    sender: Organisation,
    receiver: Organisation,
    *,
    reasons: Sequence[Reason],
    note: str,
    service: Service | None,
    by: Actor,
    parent: Referral | None = None,
    asked_by: AskedBy = AskedBy.PROFESSIONAL,
) -> Referral:
    """A referral not sent yet, with a reference of its own."""
    referral = Referral(
        id=uuid.uuid4(),  # known at once: nothing has to be written only to learn it
        ref=_new_ref(),
        parent=parent,
        person=person,
        asked_by=asked_by,
        referrer_id=by.user_id if asked_by is AskedBy.PROFESSIONAL else None,
        from_organisation=sender,
        to_organisation=receiver,
        service=service,
        reasons=[reason.value for reason in reasons],
        note=note.strip(),
        status=Status.DRAFT,
        created_at=clock.now(),
    )
    db.session.add(referral)
    return referral


def note_consent(referral: Referral, basis: Basis, why: str, wording: str, *, by: Actor) -> None:
    """Keep what they agreed to, in the words they agreed to; or why it is in their interest."""
    if basis is Basis.BEST_INTERESTS and not why.strip():
        raise Refused("Say why this is in their best interests.")
    words = wording.format(to=referral.to_organisation.name, sender=referral.from_organisation.name)
    referral.consents.append(
        Consent(basis=basis, wording=words[:300], why=why.strip(), by=by.ref, at=clock.now())
    )
    audit.record(by, "consent noted", about=referral.about, basis=basis)


@all_shown("that no reference is drawn twice")
def _new_ref() -> str:
    """A reference people can read out: drawn by lot, so it tells nothing, and never drawn twice."""
    while True:
        ref = "SP-" + "".join(secrets.choice(REF_MARKS) for _ in range(5))
        if db.session.scalar(select(Referral.id).where(Referral.ref == ref)) is None:
            return ref
