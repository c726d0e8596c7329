"""Referrals: what clinicians can tell each other about an activity: that they use it, and a tip.

Clinicians are counted, never patients, never oneself, and only when there are three or more; there
is no table of who refers most. A tip is signed; an editor reads it before anybody else does.
"""

import re
import uuid
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Select, func, select, union

from accounts import May, Organisation
from core import audit, clock
from core.actors import Actor
from core.db import db, hold
from core.errors import Forbidden, NotFound, Refused
from core.rows import all_shown
from directory import Service
from referrals.models import Person, Referral, Tip
from referrals.rules import NOT_YOURS, Status

FEWEST = 3
A_YEAR = timedelta(days=365)
LONGEST = 200
NEVER_WAS = (Status.DRAFT, Status.ENTERED_IN_ERROR)

ABOUT_SOMEBODY = re.compile(
    r"@|\d[\d ]{3,}|\b(?:mr|mrs|ms|miss|mx)\b\.?\s+\w|\b(?:my|a|one) patients?\b", re.I
)
"""An address, a number long enough to be somebody's, a title with a name, one patient."""


@all_shown("how many colleagues of the network refer there: a count, hidden when small")
def near(service: Service, *, by: Actor) -> int | None:
    """How many other clinicians of the network had somebody sent here within a year."""
    here = select(Referral).where(
        Referral.service_id == service.id, Referral.status.not_in(NEVER_WAS)
    )
    sent = union(
        here.with_only_columns(Referral.id).where(Referral.parent_id.is_(None)),
        here.with_only_columns(Referral.parent_id).where(Referral.parent_id.is_not(None)),
    ).subquery()
    teams = select(Organisation.link_worker_team_id).where(Organisation.id.in_(by.where(May.REFER)))
    network = select(Organisation.id).where(Organisation.link_worker_team_id.in_(teams))
    counted = (
        select(func.count(Referral.referrer_id.distinct()))
        .join(sent, sent.c.id == Referral.id)
        .where(
            Referral.status.not_in(NEVER_WAS),
            Referral.sent_at >= clock.now() - A_YEAR,
            Referral.from_organisation_id.in_(network),
            Referral.referrer_id != by.user_id,
        )
    )
    number = db.session.scalar(counted) or 0
    return number if number >= FEWEST else None


def write_tip(service: Service, words: str, *, by: Actor) -> Tip:
    """Write a tip; it is shown once an editor has read it. One at a time for each activity."""
    if not by.may(May.REFER):
        raise Forbidden(NOT_YOURS.reason)
    words = " ".join(words.split())
    objection = objection_to(words, by=by)
    if objection:
        raise Refused(objection)
    for earlier in db.session.scalars(_standing(service).where(Tip.user_id == by.user_id)):
        _withdraw(earlier, by)
    tip = Tip(
        service=service,
        user_id=by.user_id,
        practice=by.place,
        words=words,
        written_at=clock.now(),
    )
    db.session.add(tip)
    db.session.flush()
    audit.record(by, "tip written", about=f"tip:{tip.id}")
    return tip


def objection_to(words: str, *, by: Actor) -> str:
    """Why these words cannot be a tip; "" when they can."""
    if not words.strip():
        return "Write a tip first."
    if len(words) > LONGEST:
        return f"Use {LONGEST} letters or fewer."
    if ABOUT_SOMEBODY.search(words) or _names_somebody(words, by):
        return "Write about the activity, never about a person who went there."
    return ""


def show_tip(tip: Tip, *, by: Actor) -> None:
    """An editor has read it and found nobody in it."""
    hold(tip)
    if not by.may(May.EDIT_DIRECTORY):
        raise Forbidden(NOT_YOURS.reason)
    if tip.withdrawn_at is None and tip.shown_at is None:
        tip.shown_at, tip.shown_by = clock.now(), by.ref
        audit.record(by, "tip shown", about=f"tip:{tip.id}")


def withdraw_tip(tip: Tip, *, by: Actor) -> None:
    """Whoever wrote it takes it back, or an editor takes it away."""
    hold(tip)
    if tip.user_id != by.user_id and not by.may(May.EDIT_DIRECTORY):
        raise Forbidden(NOT_YOURS.reason)
    _withdraw(tip, by)


def get_tip(tip_id: uuid.UUID, *, seen_by: Actor) -> Tip:
    """The tip, for whoever wrote it and for editors; NotFound for everybody else."""
    tip = db.session.get(Tip, tip_id)
    if tip is None or (tip.user_id != seen_by.user_id and not seen_by.may(May.EDIT_DIRECTORY)):
        raise NotFound
    return tip


def tips_of(service: Service) -> Sequence[Tip]:
    """The tips that are shown, the newest first."""
    shown = _standing(service).where(Tip.shown_at.is_not(None))
    return db.session.scalars(shown.order_by(Tip.written_at.desc())).all()


def own_tip(service: Service, *, by: Actor) -> Tip | None:
    """The actor's own tip that stands, shown already or not."""
    return db.session.scalar(_standing(service).where(Tip.user_id == by.user_id).limit(1))


def tips_to_read() -> Sequence[Tip]:
    """Those that wait for an editor, the oldest first."""
    waiting = select(Tip).where(Tip.shown_at.is_(None), Tip.withdrawn_at.is_(None))
    return db.session.scalars(waiting.order_by(Tip.written_at)).all()


def _standing(service: Service) -> Select[Tip]:
    return select(Tip).where(Tip.service_id == service.id, Tip.withdrawn_at.is_(None))


def _withdraw(tip: Tip, by: Actor) -> None:
    if tip.withdrawn_at is None:
        tip.withdrawn_at, tip.withdrawn_by = clock.now(), by.ref
        db.session.flush()
        audit.record(by, "tip withdrawn", about=f"tip:{tip.id}")


def _names_somebody(words: str, by: Actor) -> bool:
    """Whether the words hold the name of anybody whom the actor's own practice referred."""
    theirs = Referral.from_organisation_id.in_(by.where(May.REFER))
    people = select(Person).where(Person.id.in_(select(Referral.person_id).where(theirs)))
    said = words.casefold()
    return any(person.name.casefold() in said for person in db.session.scalars(people).all())
