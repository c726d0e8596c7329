"""Referrals: the message at the end, to who referred; the person sees every word of it first.

Its headings are those of the PRSB message back to GP and referrer. The person says how much of it
may go: nothing, only the codes, or all. Until they have said so nothing goes at all.
"""

import uuid
from collections import Counter
from datetime import timedelta

from sqlalchemy import select

from accounts import Field, May
from core import audit, clock, links, outbox, site
from core.actors import Actor, Kind
from core.db import db, hold
from core.errors import ChangedMeanwhile, Forbidden, NotFound, Refused
from core.links import SignedLink
from core.outbox import Channel, Draft
from referrals import letters
from referrals.measures import ONS4
from referrals.models import ClosingMessage, Limit, ReadHow, Referral
from referrals.outcomes import measures_of
from referrals.person.telling import OwnLetter, address_of
from referrals.record import reasons_in_words
from referrals.rules import (
    NOT_YOURS,
    STATUS_WORDS,
    Came,
    Part,
    Point,
    Status,
)
from referrals.sight import facts_shown, parts_of
from referrals.statuses import SNOMED_ON_ENTRY

CLOSING_LINK = "closing-message"
LASTS = timedelta(days=30)
TOLD_OF = frozenset({Status.CLOSED_COMPLETED, Status.FAILED, Status.PERSON_DECLINED})
"""Ended with somebody who can be shown the message; who was never reached cannot."""

NONE = "None."


def draft(referral: Referral, *, outcome: str, risks: str, plan: str, by: Actor) -> ClosingMessage:
    """Write the message, or write it anew while the person has not answered."""
    hold(referral)
    _receiver(referral, by)
    if referral.status not in TOLD_OF:
        raise Refused("Write this message when the referral has ended.")
    if not outcome.strip():
        raise Refused("Say what came of it.")
    message = message_of(referral)
    if message is None:
        message = ClosingMessage(referral=referral)
        db.session.add(message)
    elif message.allowed is not None:
        raise Refused("The person has already said how much of it may go.")
    message.outcome, message.risks, message.plan = outcome.strip(), risks.strip(), plan.strip()
    message.by, message.by_name, message.at = by.ref, by.name, clock.now()
    db.session.flush()
    audit.record(by, "closing message drafted", about=referral.about)
    return message


def message_of(referral: Referral) -> ClosingMessage | None:
    """The message about this referral, if one was written."""
    found = select(ClosingMessage).where(ClosingMessage.referral_id == referral.id)
    return db.session.scalar(found)


def send_to_person(message: ClosingMessage, *, by: Actor) -> None:
    """Send the person a key to the message, the way they agreed to be reached; earlier ones end."""
    referral = message.referral
    _receiver(referral, by)
    if message.allowed is not None:
        raise Refused("The person has already answered.")
    person = referral.person
    way = address_of(person)
    if way is None:
        raise Refused("They are not reached by text or email: read it together.")
    links.revoke(message.about, by=by)
    token = links.make(CLOSING_LINK, about=message.about, for_whom="the person", lasts=LASTS, by=by)
    channel, address = way
    letter = Draft(
        kind=OwnLetter.CLOSING,
        about=message.about,
        for_whom=person.about,
        same_as=f"{message.about}:{clock.now().isoformat()}",
        to_address=address,
        subject="" if channel is Channel.SMS else "A message for you to read first",
        body=f"There is a message for you to read. {site.address(f'/closing/{token}')}\n",
        channel=channel,
    )
    outbox.put(letter)


def message_behind(link: SignedLink) -> ClosingMessage:
    """The message a key opens."""
    found = select(ClosingMessage).where(ClosingMessage.id == _id_of(link))
    message = db.session.scalar(found)
    if message is None:
        raise NotFound
    return message


def allow(message: ClosingMessage, limit: Limit, *, version: int, by: Actor) -> None:
    """The person says how much may go, of the very words they saw; it is said once."""
    hold(message)
    if by.kind is Kind.LINK:
        key = db.session.get(SignedLink, _link_id(by))
        if key is None or not key.works or key.about != message.about:
            raise Forbidden(NOT_YOURS.reason)
    else:
        _receiver(message.referral, by)
    if message.allowed is not None:
        raise Refused("This has been answered already.")
    if message.version != version:
        raise ChangedMeanwhile
    message.allowed, message.answered_at, message.answered_by = limit, clock.now(), by.ref
    message.read_how = ReadHow.LINK if by.kind is Kind.LINK else ReadHow.TOGETHER
    db.session.flush()
    audit.record(by, "closing message answered", about=message.referral.about, allowed=limit)
    told = letters.closing_message(message.referral)
    if limit is not Limit.NOTHING and told is not None:
        outbox.put(told)


def for_referrer(referral: Referral, actor: Actor) -> str:
    """What the person lets the referrer read, for the patient's record; "" while it is nothing."""
    sent = referral.from_organisation_id in actor.where(May.SEE_PRACTICE_REFERRALS)
    message = message_of(referral)
    if message is None or message.allowed is None or not sent:
        return ""
    return text_of(message, message.allowed) if Field.NEEDS in facts_shown(referral, actor) else ""


def text_of(message: ClosingMessage, limit: Limit) -> str:
    """The very words that go when the person allows this much."""
    if limit is Limit.NOTHING:
        return ""
    return _codes(message.referral) if limit is Limit.CODES else _summary(message)


def _codes(referral: Referral) -> str:
    """The fixed term and code of how it ended, the day and the reference: nobody's own words."""
    code = SNOMED_ON_ENTRY.get(referral.status)
    ended = f"{code.term} (SNOMED CT {code.code})" if code else STATUS_WORDS[referral.status]
    on = letters.day_of(clock.local_date(referral.closed_at or clock.now()))
    return f"{ended}\n{on}. Ref {referral.ref}."


def _summary(message: ClosingMessage) -> str:
    referral = message.referral
    sent = letters.day_of(clock.local_date(referral.sent_at or referral.created_at))
    parts = {
        "Plan and requested actions": message.plan or NONE,
        "Referral": f"Sent {sent}. {reasons_in_words(referral)}. {STATUS_WORDS[referral.status]}.",
        "Contacts": _contacts(referral),
        "Referred on to": _groups(referral),
        "Needs, goals and outcomes": message.outcome,
        "Assessments": _answers(referral),
        "Changes in risk": message.risks or "None known.",
        "Written by": f"{message.by_name}, {letters.day_of(clock.local_date(message.at))}",
    }
    return "\n".join([_codes(referral), *(f"{head}: {said}" for head, said in parts.items())])


def _contacts(referral: Referral) -> str:
    counted = Counter(contact.how for contact in referral.contacts)
    return (
        ", ".join(f"{number} {how.replace('-', ' ')}" for how, number in sorted(counted.items()))
        or NONE
    )


def _groups(referral: Referral) -> str:
    said = []
    for onward in referral.onward:
        if onward.service and onward.status is not Status.ENTERED_IN_ERROR:
            came = any(visit.came is Came.CAME for visit in onward.visits)
            said.append(f"{onward.service.name} ({'came' if came else 'not known to have come'})")
    return "; ".join(said) or NONE


def _answers(referral: Referral) -> str:
    taken = measures_of(referral)
    before = taken[Point.BEFORE].answers if Point.BEFORE in taken else {}
    after = taken[Point.AFTER].answers if Point.AFTER in taken else {}
    said = [
        f"{question.name} {before.get(question.key, 'not asked')} then "
        f"{after.get(question.key, 'not asked')} of 10"
        for question in ONS4.questions
        if question.key in before or question.key in after
    ]
    return "; ".join(said) or NONE


def _receiver(referral: Referral, by: Actor) -> None:
    if referral.is_onward or Part.RECEIVER not in parts_of(by, referral):
        raise Forbidden(NOT_YOURS.reason)


def _id_of(link: SignedLink) -> uuid.UUID:
    return uuid.UUID(link.about.removeprefix("closing:"))


def _link_id(holder: Actor) -> uuid.UUID:
    return uuid.UUID(holder.ref.removeprefix("link:"))
