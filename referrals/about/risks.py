"""Referrals, the record: what is known of risks. "No known risks" is said too, never assumed.

PRSB makes this mandatory, and nobody is sent on to a group before it has been thought of. A new
statement leaves the old ones to be read.
"""

from collections.abc import Sequence

from sqlalchemy import Select, select

from core import audit, clock
from core.actors import Actor
from core.db import db, hold
from core.errors import Refused
from referrals.about.life import may_write
from referrals.models import Referral, RiskStatement


def state_risks(
    referral: Referral, *, none_known: bool = False, words: str = "", visiting: str = "", by: Actor
) -> RiskStatement:
    """Say which risks are known, or none. `visiting`: what whoever goes there must know."""
    may_write(referral, by=by)
    hold(referral)
    if none_known == bool(words.strip()):
        raise Refused("Say which risks there are, or that there are no known risks.")
    last = risks_of(referral)
    stated = RiskStatement(
        referral=referral,
        number=last.number + 1 if last else 1,
        none_known=none_known,
        words=words.strip(),
        visiting=visiting.strip(),
        by=by.ref,
        by_name=by.name,
        at=clock.now(),
    )
    db.session.add(stated)
    db.session.flush()
    audit.record(by, "risks stated", about=referral.about, none_known=none_known)
    return stated


def risks_of(referral: Referral) -> RiskStatement | None:
    """What was said of risks last; None while nobody has said anything."""
    return db.session.scalar(_of(referral).limit(1))


def statements(referral: Referral) -> Sequence[RiskStatement]:
    """All that was said of risks, the newest first."""
    return db.session.scalars(_of(referral)).all()


def risks_stated(referral: Referral) -> bool:
    """Whether somebody has said what is known; a referral on to a group looks to the first one."""
    return risks_of(referral.parent or referral) is not None


def _of(referral: Referral) -> Select[RiskStatement]:
    wanted = select(RiskStatement).where(RiskStatement.referral_id == referral.id)
    return wanted.order_by(RiskStatement.number.desc())
