"""The demo's emergency: a link worker far away had to see a record; nobody has judged it yet."""

from datetime import timedelta

from sqlalchemy import select

from accounts import actor_for
from core import clock
from core.db import db
from demo.story import World
from referrals import Referral, Status
from referrals.breaking_glass import break_glass, opened
from referrals.models import Emergency

WHY = "She is at our drop-in, confused, and asks for her link worker. Nobody in Bow answers."


def fill(world: World) -> None:
    """Have it opened yesterday."""
    team = world.users["link-worker"].memberships[0].organisation_id
    theirs = select(Referral).where(
        Referral.to_organisation_id == team,
        Referral.status == Status.IN_PROGRESS,
        Referral.parent_id.is_(None),
    )
    referral = db.session.scalars(theirs.order_by(Referral.sent_at)).first()
    if referral is None:
        return
    by = actor_for(world.users["lancashire-link-worker"])
    with clock.set_to(clock.now() - timedelta(days=1)):
        glass = break_glass(referral, Emergency.NOBODY_THERE, WHY, by=by)
        opened(glass.id, by=by)
