"""Referrals, the day: whom a link worker wants to talk over, and the lead's list."""

import uuid
from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager

from accounts import May
from core import audit, clock
from core.actors import Actor
from core.db import db
from core.errors import Forbidden, NotFound, Refused
from referrals.models import Referral, ToDiscuss
from referrals.rules import NOT_YOURS, Part
from referrals.sight import parts_of, referrals_for


def put_down(referral: Referral, why: str, *, by: Actor) -> ToDiscuss:
    """Put somebody on the list, with what to talk about. Once is enough until they have talked."""
    if referral.is_onward or Part.RECEIVER not in parts_of(by, referral):
        raise Forbidden(NOT_YOURS.reason)
    if not why.strip():
        raise Refused("Say what you want to talk about.")
    already = waiting_about(referral)
    if already is not None:
        already.why = f"{already.why}\n{why.strip()}"
        return already
    made = ToDiscuss(referral=referral, why=why.strip(), by=by.ref, by_name=by.name, at=clock.now())
    db.session.add(made)
    db.session.flush()
    audit.record(by, "put down to discuss", about=referral.about)
    return made


def talked(about: ToDiscuss, *, by: Actor) -> None:
    """They have talked; what came of it is noted with the person."""
    if about.talked_at is None:
        about.talked_at, about.talked_by = clock.now(), by.ref
        db.session.flush()
        audit.record(by, "talked over", about=about.referral.about)


def waiting_about(referral: Referral) -> ToDiscuss | None:
    """What is still to be talked over about somebody."""
    return db.session.scalar(
        select(ToDiscuss).where(ToDiscuss.referral_id == referral.id, ToDiscuss.talked_at.is_(None))
    )


def to_discuss(actor: Actor) -> Sequence[ToDiscuss]:
    """What a lead's team wants to talk over; a link worker's own for everybody else."""
    wanted = (
        select(ToDiscuss)
        .join(ToDiscuss.referral)
        .where(
            ToDiscuss.talked_at.is_(None),
            Referral.id.in_(_led_by(actor)) | (ToDiscuss.by == actor.ref),
            Referral.id.in_(referrals_for(actor).with_only_columns(Referral.id)),
        )
        .options(contains_eager(ToDiscuss.referral).joinedload(Referral.person))
        .order_by(ToDiscuss.at)
    )
    return db.session.scalars(wanted).all()


def get_to_discuss(wanted: uuid.UUID, *, seen_by: Actor) -> ToDiscuss:
    """One of the list the actor sees; NotFound otherwise."""
    found = next((each for each in to_discuss(seen_by) if each.id == wanted), None)
    if found is None:
        raise NotFound
    return found


def _led_by(actor: Actor) -> Select[uuid.UUID]:
    return select(Referral.id).where(Referral.to_organisation_id.in_(actor.where(May.LEAD_TEAM)))
