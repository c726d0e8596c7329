"""Referrals, the record: worries about somebody's safety, for the very few who must know of them.

Read by whoever looks after the person now (or covers for them), by the lead of their team and by
its safeguarding lead; a colleague may write one down and sees what they wrote themselves. Every
reading is written down. No export, letter, list or index reads this table, and nothing else here
says that there is anything in it.
"""

import uuid
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import joinedload

from accounts import Field, May, Role, User, members
from core import audit, clock, outbox, site
from core.actors import Actor, Kind
from core.db import db
from core.errors import Forbidden, NotFound, Refused
from core.outbox import Draft
from referrals.day.cover import on_behalf_of
from referrals.models import Referral, SafetyNote
from referrals.rules import NOT_YOURS, Status

LONGEST = 2000
TOLD = "Something was written down about somebody's safety in your team. Sign in to read it."


def raise_worry(
    referral: Referral, worry: str, *, done: str = "", told: str = "", by: Actor
) -> SafetyNote:
    """Write a worry down, and tell those who lead that there is one; never what it is."""
    if not may_raise(referral, by):
        raise Forbidden(NOT_YOURS.reason)
    if not worry.strip():
        raise Refused("Say what you are worried about.")
    if max(len(worry), len(done)) > LONGEST:
        raise Refused("Use 2,000 letters or fewer.")
    note = SafetyNote(
        referral=referral,
        worry=worry.strip(),
        done=done.strip(),
        told=told.strip(),
        by=by.ref,
        by_name=by.name,
        at=clock.now(),
    )
    db.session.add(note)
    db.session.flush()
    audit.record(by, "safety note written", about=referral.about)
    for lead in _leads(referral):
        if lead.id != by.user_id:
            outbox.put(_letter(lead, note))
    return note


def read_notes(referral: Referral, *, by: Actor) -> Sequence[SafetyNote]:
    """The notes this actor may read, the newest first; that they were read is written down."""
    if not (may_read(referral, by) or may_raise(referral, by)):
        raise NotFound
    audit.looked(by, about=referral.about, classes=[Field.RESTRICTED])
    wanted = select(SafetyNote).where(SafetyNote.referral_id == referral.id)
    if not may_read(referral, by):
        wanted = wanted.where(SafetyNote.by == by.ref)
    return db.session.scalars(wanted.order_by(SafetyNote.at.desc())).all()


def people_with_notes(*, by: Actor) -> Sequence[Referral]:
    """Whom those who lead must know of; that this list was read is written down for each."""
    noted = select(SafetyNote.referral_id).distinct()
    wanted = select(Referral).where(_led_by(by), Referral.id.in_(noted), _real())
    wanted = wanted.options(joinedload(Referral.person), joinedload(Referral.owner))
    found = db.session.scalars(wanted.order_by(Referral.sent_at.desc())).all()
    for referral in found:
        audit.looked(by, about=referral.about, classes=[Field.RESTRICTED])
    return found


def get_referral_to_keep_safe(referral_id: uuid.UUID, *, seen_by: Actor) -> Referral:
    """A first referral of the actor's own team; NotFound for everybody else."""
    works = Referral.to_organisation_id.in_(seen_by.where(May.WORK_CASELOAD))
    wanted = _first().where(Referral.id == referral_id, or_(works, _led_by(seen_by)))
    found = db.session.scalar(wanted)
    if found is None:
        raise NotFound
    return found


def may_read(referral: Referral, actor: Actor) -> bool:
    """Whether all that is written about this person's safety is theirs to read."""
    team = referral.to_organisation_id
    if actor.kind is not Kind.USER or Field.RESTRICTED not in actor.reads:
        return False
    if team in actor.where(May.LEAD_SAFEGUARDING) | actor.where(May.LEAD_TEAM):
        return True
    looks_after = referral.owner_id == actor.user_id or bool(on_behalf_of(actor, referral))
    return looks_after and team in actor.where(May.WORK_CASELOAD)


def may_raise(referral: Referral, actor: Actor) -> bool:
    """Whether they may write a worry down: anybody of the team, so that none is lost."""
    places = actor.where(May.WORK_CASELOAD) | actor.where(May.LEAD_SAFEGUARDING)
    return Field.RESTRICTED in actor.writes and referral.to_organisation_id in places


def _first() -> Select[Referral]:
    return select(Referral).where(Referral.parent_id.is_(None), _real())


def _real() -> ColumnElement[bool]:
    known = Referral.status.not_in((Status.DRAFT, Status.ENTERED_IN_ERROR))
    return and_(known, Referral.erased_at.is_(None))


def _led_by(actor: Actor) -> ColumnElement[bool]:
    led = actor.where(May.LEAD_SAFEGUARDING) | actor.where(May.LEAD_TEAM)
    return Referral.to_organisation_id.in_(led)


def _leads(referral: Referral) -> list[User]:
    team = referral.to_organisation_id
    both = [*members(team, Role.SAFEGUARDING_LEAD), *members(team, Role.TEAM_LEAD)]
    return list({lead.id: lead for lead in both}.values())


def _letter(lead: User, note: SafetyNote) -> Draft:
    """About nobody: not even a reference stands in it."""
    return Draft(
        kind="safety",
        about=f"safety:{note.id}",
        same_as=f"safety:{note.id}:{lead.id}",
        to_address=lead.email,
        to_name=lead.name[:120],
        subject="Something to read about safety",
        body="\n\n".join([f"Hello {lead.name},", TOLD, site.address("/safety"), site.name()])
        + "\n",
    )
