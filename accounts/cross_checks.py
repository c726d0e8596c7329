"""Accounts: what must never be among its rows: a way in for somebody who has left."""

from collections.abc import Iterable

from sqlalchemy import or_, select

from accounts.models import Membership, SignIn, User
from core import clock
from core.db import db
from core.links import SignedLink
from core.ops import cross_check


def init_app() -> None:
    """Register them."""
    cross_check("a session of somebody who has left", sessions_of_leavers)
    cross_check("a link by which somebody who has left could choose a password", links_of_leavers)


def sessions_of_leavers() -> Iterable[str]:
    """Sessions not ended, of people who are shut out or are of no organisation any more."""
    here = select(Membership.id).where(Membership.user_id == SignIn.user_id).exists()
    gone = or_(User.disabled_at.is_not(None), ~here)
    found = select(SignIn.id).join(User, User.id == SignIn.user_id)
    live = db.session.scalars(found.where(SignIn.ended_at.is_(None), gone))
    return (f"session:{each}" for each in live)


def links_of_leavers() -> Iterable[str]:
    """Links to choose a password that still work, of people who are shut out."""
    gone = db.session.scalars(select(User.id).where(User.disabled_at.is_not(None)))
    abouts = {f"user:{each}/password" for each in gone}
    working = select(SignedLink.id, SignedLink.about).where(
        SignedLink.about.startswith("user:"),
        SignedLink.revoked_at.is_(None),
        SignedLink.used_at.is_(None),
        SignedLink.expires_at > clock.now(),
    )
    return (f"link:{each.id}" for each in db.session.execute(working) if each.about in abouts)
