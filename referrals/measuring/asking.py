"""Referrals, measuring: questions sent to the person's own phone, answered once, by nobody else.

The message says only that there are some questions. Opening the link changes nothing; it answers
once, for two weeks, while the referral it belongs to is open or has ended well.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy import select

from core import audit, clock, links, outbox, site
from core.actors import Actor
from core.db import db, hold
from core.errors import Forbidden, NotFound, Refused
from core.links import SignedLink
from core.outbox import Channel, Draft
from referrals.measures import Instrument
from referrals.models import FilledIn, Measure, MeasureAsked, Person, Referral
from referrals.outcomes import ASKED_WHILE, note_answers
from referrals.person.telling import OwnLetter, address_of
from referrals.rules import NOT_YOURS, Part, Point
from referrals.sight import parts_of

QUESTIONS_LINK = "questions"
LASTS = timedelta(days=14)
SUBJECT = "A few questions for you"
WORDS = "We have a few short questions for you. You may leave any of them out."


def ask(referral: Referral, instrument: Instrument, point: Point, *, by: Actor) -> MeasureAsked:
    """Send the person a link to the questions; one sent earlier for the same ends."""
    hold(referral)
    if referral.is_onward or Part.RECEIVER not in parts_of(by, referral):
        raise Forbidden(NOT_YOURS.reason)
    if referral.status not in ASKED_WHILE:
        raise Refused("These questions are asked once a referral has been accepted.")
    way = address_of(referral.person)
    if way is None or not can_be_asked(referral.person):
        raise Refused("They are not reached by text or email. Ask together, or print the sheet.")
    for earlier in _open(referral, instrument.key, point):
        links.revoke(earlier.about, by=by)
    asked = MeasureAsked(
        referral=referral,
        instrument=instrument.key,
        point=point,
        by=by.ref,
        by_name=by.name,
        asked_at=clock.now(),
    )
    db.session.add(asked)
    db.session.flush()
    token = links.make(
        QUESTIONS_LINK,
        about=asked.about,
        for_whom="the person",
        lasts=LASTS,
        by=by,
        single_use=True,
    )
    outbox.put(_letter(asked, token, way))
    audit.record(by, "questions sent", about=referral.about, instrument=instrument.key, point=point)
    return asked


def can_be_asked(person: Person) -> bool:
    """Whether a link can reach them in the way they want."""
    wants_none = person.telling is not None and not person.telling.questions
    return address_of(person) is not None and not wants_none


def asked_of(referral: Referral) -> Sequence[MeasureAsked]:
    """Every time they were sent questions, the newest first."""
    wanted = select(MeasureAsked).where(MeasureAsked.referral_id == referral.id)
    return db.session.scalars(wanted.order_by(MeasureAsked.asked_at.desc())).all()


def asked_behind(link: SignedLink) -> MeasureAsked:
    """What a key asks."""
    asked = db.session.get(MeasureAsked, uuid.UUID(link.about.removeprefix("measure-asked:")))
    if asked is None:
        raise NotFound
    return asked


def may_answer(asked: MeasureAsked) -> bool:
    """Whether it still matters: the referral is open, or has ended well."""
    return asked.referral.status in ASKED_WHILE


def take_answers(link: SignedLink, instrument: Instrument, answers: Mapping[str, int]) -> Measure:
    """Write down what the person answered by themselves; their key has then done its work."""
    links.use(link)
    asked = asked_behind(link)
    hold(asked.referral)
    asked.answered_at = clock.now()
    return note_answers(
        asked.referral,
        asked.point,
        answers,
        taken_on=clock.today(),
        instrument=instrument,
        filled_in=FilledIn.OWN_PHONE,
        by=link.actor,
    )


def _open(referral: Referral, instrument: str, point: Point) -> Sequence[MeasureAsked]:
    return [
        asked
        for asked in asked_of(referral)
        if (asked.instrument, asked.point, asked.answered_at) == (instrument, point, None)
    ]


def _letter(asked: MeasureAsked, token: str, way: tuple[Channel, str]) -> Draft:
    channel, address = way
    return Draft(
        kind=OwnLetter.QUESTIONS,
        about=asked.referral.about,
        for_whom=asked.referral.person.about,
        same_as=asked.about,
        to_address=address,
        subject=SUBJECT if channel is Channel.EMAIL else "",
        body=f"{WORDS} {site.address(f'/questions/{token}')} {site.name()}\n",
        channel=channel,
    )
