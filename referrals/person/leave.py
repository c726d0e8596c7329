"""Referrals, the person: the one place that says whether a letter about somebody may go, and when.

The outbox asks here when a letter is written and again when it is sent. A letter to the person goes
by the way they chose, at an hour that is safe for them, and begins with their own word. Once they
have taken their agreement back, nothing goes but that it has ended, and what they ask for
themselves.
"""

import uuid
from datetime import datetime

from core.db import db
from core.outbox import Leave, Letter
from referrals import letters
from referrals.models import ClosingMessage, FirstVisit, Person, Referral
from referrals.person.telling import OwnLetter, address_of, safe_moment
from referrals.rights.consent import has_withdrawn

THAT_IT_ENDED = frozenset(
    words.kind
    for words in (
        letters.GROUP_NOT_NEEDED,
        letters.GROUP_RELEASED,
        letters.FOR_REFERRER,
        letters.FOR_LINK_WORKER,
    )
)
ASKED_FOR = frozenset({OwnLetter.OWN_PAGE, OwnLetter.COPY})
"""The person asks for these, whatever they have stopped."""

OWN = frozenset(OwnLetter)


def leave_for(letter: Letter, moment: datetime) -> Leave | None:
    """Whether a letter may go, from when on, and with what word before it."""
    referral = referral_behind(letter.about)
    goes_anyway = letter.kind in THAT_IT_ENDED | ASKED_FOR
    if referral is not None and not goes_anyway and has_withdrawn(referral):
        return None
    return _to_the_person(letter, moment) if letter.kind in OWN else Leave(moment)


def referral_behind(about: str) -> Referral | None:
    """The referral that a letter is about; None where it is about nobody."""
    kind, _, key = about.partition(":")
    if kind == "referral":
        return db.session.get(Referral, uuid.UUID(key))
    if kind == "visit":
        visit = db.session.get(FirstVisit, uuid.UUID(key))
        return visit.referral if visit is not None else None
    if kind == "closing":
        message = db.session.get(ClosingMessage, uuid.UUID(key))
        return message.referral if message is not None else None
    return None


def _to_the_person(letter: Letter, moment: datetime) -> Leave | None:
    kind, _, key = letter.for_whom.partition(":")
    person = db.session.get(Person, uuid.UUID(key)) if kind == "person" else None
    if person is None or address_of(person) != (letter.channel, letter.to_address):
        return None
    if letter.kind == OwnLetter.QUESTIONS and person.telling and not person.telling.questions:
        return None
    word = person.telling.code_word if person.telling else ""
    return Leave(safe_moment(person, moment), f"{word}. " if word else "")
