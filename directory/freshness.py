"""Directory: listings grow old; once a day those nobody has confirmed for long are doubted."""

from datetime import timedelta

from sqlalchemy import or_, select

from core import clock, work
from core.actors import Actor, system
from core.db import db
from core.saving import saving
from directory.listings import step
from directory.models import Service
from directory.rules import DOUBTED_AFTER, Life, Step

EVERY_DAY = timedelta(days=1)


def init_app() -> None:
    """Have it done once a day."""
    work.chore("doubt old listings", EVERY_DAY, _doubt)


def doubt_unconfirmed(*, by: Actor) -> int:
    """Mark the live listings nobody has confirmed for nine months; returns how many.

    One that was never confirmed is given nine months from its first day here.
    """
    since = clock.today() - DOUBTED_AFTER
    never = Service.assured_on.is_(None) & (Service.created_at < clock.now() - DOUBTED_AFTER)
    old = select(Service).where(Service.life == Life.LIVE, or_(Service.assured_on < since, never))
    doubted = list(db.session.scalars(old))
    for service in doubted:
        step(service, Step.DOUBT, by=by)
    return len(doubted)


def _doubt() -> int:
    with saving():
        return doubt_unconfirmed(by=system("freshness"))
