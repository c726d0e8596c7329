"""Accounts: once a quarter somebody looks at who may do what, one by one, and signs for it."""

from datetime import date

from sqlalchemy import select

from accounts.models import AccessReview, Organisation, User
from accounts.rules import Decision
from accounts.staff import people_of
from core import audit, clock
from core.actors import Actor
from core.db import db


def quarter() -> date:
    """The first day of this quarter."""
    today = clock.today()
    return date(today.year, (today.month - 1) // 3 * 3 + 1, 1)


def reviews_of(organisation: Organisation) -> dict[User, AccessReview | None]:
    """Everybody of an organisation, and what was signed for them this quarter."""
    signed = select(AccessReview).where(
        AccessReview.organisation_id == organisation.id, AccessReview.quarter == quarter()
    )
    by_user = {each.user_id: each for each in db.session.scalars(signed)}
    return {it.user: by_user.get(it.user.id) for it in people_of(organisation.id)}


def percent_signed(organisation: Organisation) -> int:
    """How many of a hundred were signed for this quarter; an empty house is in order."""
    reviews = reviews_of(organisation)
    signed = sum(each is not None for each in reviews.values())
    return 100 * signed // len(reviews) if reviews else 100


def sign(user: User, organisation: Organisation, decision: Decision, *, by: Actor) -> None:
    """Sign for somebody; the last word of a quarter counts."""
    known = reviews_of(organisation).get(user)
    if known is None:
        known = AccessReview(user_id=user.id, organisation_id=organisation.id, quarter=quarter())
        db.session.add(known)
    known.decision = decision
    known.by, known.by_name, known.at = by.ref, by.name, clock.now()
    db.session.flush()
    audit.record(
        by,
        "access reviewed",
        about=f"user:{user.id}",
        organisation=str(organisation.id),
        decision=decision,
    )
