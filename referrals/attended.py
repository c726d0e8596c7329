"""Referrals: what is known of whether somebody went; nothing counts as a success without it."""

from sqlalchemy import select, union

from core.db import db
from referrals.models import Attendance, FirstVisit, Referral
from referrals.rules import Came

SAID = frozenset({Came.CAME, Came.NOT_KNOWN})
"""An attendance, or the plain word that nobody knows."""


def known_of(onward: Referral) -> frozenset[Came]:
    """All that was said of the visits and sessions of one referral on to a group."""
    visits = select(FirstVisit.came).where(FirstVisit.referral_id == onward.id)
    sessions = select(Attendance.came).where(Attendance.referral_id == onward.id)
    return frozenset(db.session.scalars(union(visits, sessions)))


def is_known(referral: Referral) -> bool:
    """Whether a referral on to a group may be called finished. A first one is not about coming."""
    return not referral.is_onward or bool(SAID & known_of(referral))
