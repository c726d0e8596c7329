"""Referrals: what somebody is to a referral, which they may know of, and how much of each."""

import uuid
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import aliased

from accounts import Field, May
from core.actors import Actor, Kind
from core.db import db
from core.errors import NotFound
from core.links import SignedLink
from referrals.groups.keys import is_at_door, marks_attendance
from referrals.models import Consent, Referral
from referrals.people import way_to_reach
from referrals.person.keys import parts_by_key
from referrals.rules import OPEN, REASON_WORDS, UNDER_WAY, ContactRoute, Part, Reason

GROUP_LINK = "group-referral"
"""The purpose of the signed link by which a group sees and answers one referral."""

NOBODY: frozenset[Part] = frozenset()
FOR_ANYONE_ASKED = frozenset({Field.PUBLIC, Field.LOGISTICS})
FOR_THEMSELVES = FOR_ANYONE_ASKED | {
    Field.MINIMUM,
    Field.IDENTITY,
    Field.NEEDS,
    Field.ACCESS_LOG,
}


@dataclass(frozen=True, slots=True)
class Minimum:
    """What a group may know of somebody it has said yes to (field class F2), and no more."""

    called: str
    contact_route: ContactRoute
    reach: str
    contact_note: str
    communication_needs: str
    note: str


def parts_of(actor: Actor, referral: Referral) -> frozenset[Part]:
    """What this actor is to this one referral.

    A link worker is both sides of a referral on to a group: many a group answers by telephone, and
    the link worker writes down what it said, under the link worker's own name.
    """
    if actor.kind is Kind.SYSTEM:
        return frozenset({Part.SYSTEM})
    if actor.kind is Kind.LINK:
        holds_key = _holds_key(actor, referral) or marks_attendance(actor, referral)
        return frozenset({Part.RECEIVER}) if holds_key else parts_by_key(actor, referral)
    if referral.is_onward:
        works_it = referral.from_organisation_id in actor.where(May.WORK_CASELOAD)
        return frozenset({Part.REFERRER, Part.RECEIVER}) if works_it else NOBODY
    parts = set()
    if referral.from_organisation_id in actor.where(May.REFER):
        parts.add(Part.REFERRER)
    if referral.to_organisation_id in actor.where(May.WORK_CASELOAD):
        parts.add(Part.RECEIVER)
    return frozenset(parts)


def referrals_for(actor: Actor) -> Select[Referral]:
    """The referrals this actor may know of; nobody may know of any other.

    A practice sees the ones it sent; a link-worker team the ones sent to it and those it sent on.
    Of somebody who was erased nobody knows any more.
    Once somebody has taken their agreement back, only whoever looked after them and the team's lead
    still see theirs.
    """
    practices = actor.where(May.SEE_PRACTICE_REFERRALS) | actor.where(May.REFER)
    teams = actor.where(May.WORK_CASELOAD)
    first = Referral.parent_id.is_(None)
    return select(Referral).where(
        Referral.erased_at.is_(None),
        or_(
            and_(first, Referral.from_organisation_id.in_(practices)),
            and_(first, Referral.to_organisation_id.in_(teams), _is_unlocked(actor)),
            and_(~first, Referral.from_organisation_id.in_(teams), _is_unlocked(actor)),
        ),
    )


def get_referral(referral_id: uuid.UUID, *, seen_by: Actor) -> Referral:
    """The referral, if it exists and is theirs to know of; NotFound otherwise."""
    found = db.session.scalar(referrals_for(seen_by).where(Referral.id == referral_id))
    if found is None:
        raise NotFound
    return found


def facts_shown(referral: Referral, actor: Actor) -> frozenset[Field]:
    """Which classes of fact about this referral's person the actor may be shown now.

    A group sees who it is about only after it has said yes, and only while that lasts. What is
    restricted is never among them: `referrals.about.safety` alone shows it, to a narrower few.
    """
    parts = parts_of(actor, referral)
    if Part.RESIDENT in parts:
        return FOR_THEMSELVES
    if actor.kind is Kind.LINK and parts:
        shown = referral.status in UNDER_WAY and not is_at_door(actor)
        return FOR_ANYONE_ASKED | {Field.MINIMUM} if shown else FOR_ANYONE_ASKED
    if parts:
        return frozenset(Field(name) for name in actor.reads) - {Field.RESTRICTED}
    if not _sees_for_practice(actor, referral):
        return frozenset()
    reads = frozenset(Field(name) for name in actor.reads)
    # A person may hold other roles elsewhere; a program has one practice, and its key says what.
    return reads if actor.kind is Kind.API else reads - {Field.NEEDS}


def minimum_for(referral: Referral, actor: Actor) -> Minimum | None:
    """Whom to welcome and how to reach them, or None while the actor may not know."""
    if Field.MINIMUM not in facts_shown(referral, actor):
        return None
    person = referral.person
    return Minimum(
        called=person.called,
        contact_route=person.contact_route,
        reach=way_to_reach(person),
        contact_note=person.contact_note,
        communication_needs=person.communication_needs,
        note=referral.note,
    )


def one_line_reason(referral: Referral) -> str:
    """Why, in words of the fixed list only: all that a group reads before it has said yes."""
    return REASON_WORDS[Reason(referral.reasons[0])]


def _is_unlocked(actor: Actor) -> ColumnElement[bool]:
    """Of a referral: agreement stands, or the actor looked after it, or leads the team."""
    theirs = aliased(Referral)
    looked_after = select(theirs.id).where(theirs.owner_id == actor.user_id)
    leads = actor.where(May.LEAD_TEAM)
    agreed = select(Consent.id).where(Consent.referral_id == Referral.id).correlate(Referral)
    return or_(
        Referral.status.in_(OPEN),
        Referral.owner_id == actor.user_id,
        Referral.referrer_id == actor.user_id,
        Referral.parent_id.in_(looked_after),
        Referral.to_organisation_id.in_(leads),
        Referral.from_organisation_id.in_(leads),
        agreed.where(Consent.withdrawn_at.is_(None)).exists(),
        ~agreed.exists(),
    )


def _sees_for_practice(actor: Actor, referral: Referral) -> bool:
    practices = actor.where(May.SEE_PRACTICE_REFERRALS)
    return not referral.is_onward and referral.from_organisation_id in practices


def _holds_key(actor: Actor, referral: Referral) -> bool:
    link = db.session.get(SignedLink, uuid.UUID(actor.ref.removeprefix("link:")))
    return (
        link is not None
        and link.works
        and link.purpose == GROUP_LINK
        and link.about == referral.about
    )
