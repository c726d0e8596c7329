"""Referrals: what goes into the patient's own record when a referral has been sent, and only once.

A referral is one episode, and an episode has its code in the record once. Whoever takes the words
with the code over leaves a row; everybody after that is given the words without the code.
"""

from datetime import date

from sqlalchemy import select

from core import audit, clock
from core.actors import Actor
from core.db import db, hold
from core.errors import Forbidden, Refused
from core.languages import _
from core.templating import day
from referrals.caseload import first_contact_by
from referrals.letters import day_of
from referrals.models import Consent, RecordEntry, Referral
from referrals.rules import NOT_YOURS, REASON_WORDS, Basis, Part, Reason, Status
from referrals.sight import parts_of
from referrals.statuses import SNOMED_ON_ENTRY

CODE = SNOMED_ON_ENTRY[Status.SENT]


def first_contact_due(referral: Referral) -> date:
    """The day by which the link workers are first in touch with somebody sent to them."""
    return first_contact_by(_sent_on(referral))


def record_text(referral: Referral, *, with_code: bool = True) -> str:
    """The note for the record: its code once, and the same words whenever it is asked for."""
    team = referral.to_organisation
    lines = [
        f"{CODE.term} (SNOMED CT {CODE.code})" if with_code else CODE.term,
        f"{day_of(_sent_on(referral))}. Reason: {reasons_in_words(referral)}.",
        f"Asked for: {referral.service.name}." if referral.service else "",
        _agreement(referral.consents[0]),
        f"Ref {referral.ref}. {team.name}{f', {team.phone}' if team.phone else ''}.",
        f"First contact by {day_of(first_contact_due(referral))}.",
    ]
    return "\n".join(filter(None, lines))


def taken(referral: Referral) -> RecordEntry | None:
    """Who took the code into the record, and when; None while nobody has."""
    wanted = RecordEntry.referral_id == referral.id, RecordEntry.code == CODE.code
    return db.session.scalar(select(RecordEntry).where(*wanted))


def take(referral: Referral, *, by: Actor) -> RecordEntry:
    """Note that the words with the code are in the record; again, and it is the same note."""
    hold(referral)
    if referral.is_onward or Part.REFERRER not in parts_of(by, referral):
        raise Forbidden(NOT_YOURS.reason)
    if referral.status is Status.ENTERED_IN_ERROR:
        raise Refused("This referral was a mistake, so there is nothing to write in the record.")
    entry = taken(referral)
    if entry is not None:
        return entry
    entry = RecordEntry(
        referral=referral,
        code=CODE.code,
        words=record_text(referral),
        by=by.ref,
        by_name=by.name,
        at=clock.now(),
    )
    db.session.add(entry)
    db.session.flush()
    audit.record(by, "code taken into the record", about=referral.about, code=CODE.code)
    return entry


def text_for_person(referral: Referral, *, ring: str) -> str:
    """A text message for the person: who gets in touch by when, and nothing about them."""
    team = referral.to_organisation
    return _(
        "%(team)s will be in touch with you by %(day)s. Questions? Ring %(phone)s.",
        team=team.name,
        day=day(first_contact_due(referral)),
        phone=team.phone or ring,
    )


def reasons_in_words(referral: Referral) -> str:
    """Why, in the words of the fixed list."""
    return "; ".join(REASON_WORDS[Reason(reason)] for reason in referral.reasons)


def _agreement(consent: Consent) -> str:
    if consent.basis is Basis.AGREED:
        return "They agreed to share their details."
    return f"They could not agree to it. Sent in their best interests: {consent.why}"


def _sent_on(referral: Referral) -> date:
    return clock.local_date(referral.sent_at or referral.created_at)
