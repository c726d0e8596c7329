"""Referrals: what a group may know of those sent to it: how many, and never who."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from core.db import db
from core.rows import all_shown
from referrals.models import FirstVisit, Referral
from referrals.rules import Came, Status


@dataclass(frozen=True, slots=True)
class Numbers:
    """How many people link workers asked about, and how many of them came a first time."""

    asked: int
    came: int


@all_shown("what a group is told of itself: counts")
def numbers_of(service_id: uuid.UUID, since: datetime) -> Numbers:
    """The numbers of one activity since a moment."""
    onward = (
        Referral.service_id == service_id,
        Referral.parent_id.is_not(None),
        Referral.status != Status.DRAFT,
        Referral.created_at >= since,
    )
    asked = db.session.scalar(select(func.count()).select_from(Referral).where(*onward))
    first_visits = select(func.count(func.distinct(Referral.id))).join(FirstVisit).where(*onward)
    came = db.session.scalar(first_visits.where(FirstVisit.came == Came.CAME))
    return Numbers(asked or 0, came or 0)
