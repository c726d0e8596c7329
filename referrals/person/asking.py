"""Referrals, the person: somebody asks for help themselves, or for a friend who said yes to it.

Nobody proves who they are, so nothing that is known of anybody is changed or told by it: each makes
a record of its own, and the team sees whom it may be the same as.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time

from sqlalchemy import select, true

from accounts import Organisation
from core import audit, clock
from core.actors import Actor
from core.db import db
from core.errors import Refused
from core.marking import marked
from directory import Service
from referrals.caseload import first_contact_by
from referrals.making import new_referral, note_consent
from referrals.models import AskedBy, AskedFor, Person, Referral, ToldBy
from referrals.pathway import act
from referrals.people import MISSING_WAY, NewPerson, way_to_reach
from referrals.person.keys import asks
from referrals.person.telling import EARLIEST, set_telling
from referrals.rules import OPEN, Action, Basis, ContactRoute, Reason

SHARED = marked(
    "What I wrote goes to {to}, so that a link worker can get in touch. Nobody else reads it "
    "unless I say so."
)
SHARED_BY_FRIEND = marked(
    "They said yes to this: it goes to {to}, so that a link worker can ask them what they want. "
    "Nobody else reads it unless they say so."
)

TOLD_BY = {ContactRoute.TEXT: ToldBy.TEXT, ContactRoute.EMAIL: ToldBy.EMAIL}


@dataclass(frozen=True, slots=True, kw_only=True)
class Friend:
    """Who asks for somebody else, and what they are to them."""

    name: str
    is_their: str
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What somebody says who asks for help for themselves, or with a friend beside them."""

    called: str
    born_on: date
    postcode: str
    reasons: Sequence[Reason]
    words: str = ""
    contact_route: ContactRoute
    phone: str = ""
    email: str = ""
    communication_needs: str = ""
    voicemail: bool = False
    not_before: time = EARLIEST
    code_word: str = ""
    friend: Friend | None = None

    @property
    def person(self) -> NewPerson:
        """What is kept of who it is about."""
        return NewPerson(
            name=self.called,
            preferred_name=self.called[:60],
            born_on=self.born_on,
            phone=self.phone,
            email=self.email,
            postcode=self.postcode,
            contact_route=self.contact_route,
            communication_needs=self.communication_needs,
        )


def ask_for_help(
    answers: Answers, team: Organisation, *, service: Service | None = None, by: Actor
) -> Referral:
    """Send it to the shared queue of the team, with their agreement on record."""
    if not answers.reasons:
        raise Refused("Choose at least one thing.")
    if not way_to_reach(answers.person):
        raise Refused(MISSING_WAY[answers.contact_route])
    friend = answers.friend
    person = _enter(answers.person, team, by=by)
    referral = new_referral(
        person,
        team,
        team,
        reasons=answers.reasons,
        note=answers.words,
        service=service,
        asked_by=AskedBy.FRIEND if friend else AskedBy.PERSON,
        by=by,
    )
    if friend:
        referral.asked_for = AskedFor(
            name=friend.name, is_their=friend.is_their, phone=friend.phone
        )
    sender = asks(referral, "a friend" if friend else "the person", by=by)
    set_telling(
        person,
        # Whoever is written about by a friend has not chosen yet how to be told.
        told_by=ToldBy.NOTHING if friend else TOLD_BY.get(answers.contact_route, ToldBy.NOTHING),
        voicemail=answers.voicemail,
        not_before=max(answers.not_before, EARLIEST),
        code_word=answers.code_word,
        by=sender,
    )
    wording = SHARED_BY_FRIEND if friend else SHARED
    note_consent(referral, Basis.AGREED, "", wording, by=sender)
    act(referral, Action.SEND, by=sender)
    referral.next_contact_on = first_contact_by(clock.today())
    return referral


def alike(referral: Referral) -> list[Referral]:
    """Others open with the team about somebody of the same name and birthday.

    Two that practices sent are not compared: they know people by their NHS number.
    """
    person = referral.person
    either_is_own = true() if referral.is_own else Referral.referrer_id.is_(None)
    return list(
        db.session.scalars(
            select(Referral)
            .join(Person)
            .where(
                Referral.id != referral.id,
                either_is_own,
                Referral.parent_id.is_(None),
                Referral.to_organisation_id == referral.to_organisation_id,
                Referral.status.in_(OPEN),
                Person.name_index == person.name_index,
            )
            .order_by(Referral.sent_at)
        )
    )


def _enter(new: NewPerson, team: Organisation, *, by: Actor) -> Person:
    facts = {fact: getattr(new, fact) for fact in NewPerson.__slots__}
    person = Person(practice=team, created_at=clock.now(), **facts)
    db.session.add(person)
    db.session.flush()
    audit.record(by, "person entered", about=f"person:{person.id}")
    return person
