"""Referrals, the person: the keys by which somebody without an account asks, reads and decides.

A key to a private page opens nothing by itself: behind it a PIN is asked for. Who has given it
holds a second key for a short while, in a cookie of that one browser.
"""

import uuid
from datetime import timedelta

from sqlalchemy import select

from core import links
from core.actors import Actor, Kind
from core.db import db
from core.links import SignedLink
from referrals.models import PrivatePage, Referral
from referrals.rules import Part

ASKS = "asks-for-help"
"""Held within one piece of work, by whoever sends a referral without an account."""

MY_PAGE = "my-page"
"""What is sent to the person: it leads to the question for the PIN."""

OPENED = "my-page-opened"
"""Given to the browser in which the right PIN was typed."""

LASTS = timedelta(days=90)
STAYS_OPEN = timedelta(minutes=30)

NO_PART: frozenset[Part] = frozenset()


def parts_by_key(actor: Actor, referral: Referral) -> frozenset[Part]:
    """What the holder of a person's key is to this referral; nothing to one that it is not for."""
    link = _link_of(actor)
    if link is None or not link.works:
        return NO_PART
    if link.purpose == ASKS and link.about == referral.about:
        return frozenset({Part.REFERRER})
    if link.purpose != OPENED:
        return NO_PART
    page_of_first = _page_about(link.about)
    if page_of_first == referral.id:
        own = frozenset({Part.REFERRER}) if referral.is_own else NO_PART
        return own | {Part.RESIDENT}
    return frozenset({Part.RESIDENT}) if page_of_first == referral.parent_id else NO_PART


def asks(referral: Referral, who: str, *, by: Actor) -> Actor:
    """Whoever sends this referral, as an actor with no rights but this one's; never a token.

    `who` is no name: what is written down of an actor is not sealed.
    """
    token = links.make(ASKS, about=referral.about, for_whom=who, lasts=timedelta(minutes=1), by=by)
    return links.unseal(ASKS, token).actor


def page_of(referral: Referral) -> PrivatePage | None:
    """The private page about this referral, if there is one."""
    found = select(PrivatePage).where(PrivatePage.referral_id == referral.id)
    return db.session.scalar(found)


def _link_of(actor: Actor) -> SignedLink | None:
    if actor.kind is not Kind.LINK:
        return None
    return db.session.get(SignedLink, uuid.UUID(actor.ref.removeprefix("link:")))


def _page_about(about: str) -> uuid.UUID | None:
    page = select(PrivatePage.referral_id).where(
        PrivatePage.id == uuid.UUID(about.removeprefix("private:"))
    )
    return db.session.scalar(page)
