"""Ground floor: signed links. Random, expiring, for one purpose, revocable; they act only on POST.

Only a hash of the token is stored, so a stolen database opens nothing. A link is a key to one
thing (`about`) for one purpose; opening the page (a mail scanner does) changes nothing.
"""

import hashlib
import secrets
import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import String, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from core import audit, clock, rows
from core.actors import Actor, Kind
from core.db import Model, change_rows, db, new_id
from core.errors import NotFound


class SignedLink(Model):
    """A key somebody was sent."""

    __tablename__ = "signed_link"

    id: Mapped[uuid.UUID] = new_id()
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    purpose: Mapped[str] = mapped_column(String(40))
    about: Mapped[str] = mapped_column(String(80), index=True)
    for_whom: Mapped[str] = mapped_column(String(120))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    single_use: Mapped[bool] = mapped_column(default=False)
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    @property
    def works(self) -> bool:
        """Whether it still opens what it was made for."""
        spent = self.single_use and self.used_at is not None
        return self.revoked_at is None and not spent and self.expires_at > clock.now()

    @property
    def actor(self) -> Actor:
        """Whoever holds the link, as an actor with no rights but the link's own."""
        return Actor(Kind.LINK, f"link:{self.id}", name=self.for_whom)


class LinkExpired(NotFound):
    """It was a link of ours, but its time is over; the page says how to get a new one."""


def make(
    purpose: str,
    *,
    about: str,
    for_whom: str,
    lasts: timedelta,
    by: Actor,
    single_use: bool = False,
) -> str:
    """Make a link's token, 43 characters; it is told once, here, and never stored."""
    token = secrets.token_urlsafe(32)
    link = SignedLink(
        token_hash=_hash(token),
        purpose=purpose,
        about=about,
        for_whom=for_whom,
        made_at=clock.now(),
        expires_at=clock.now() + lasts,
        single_use=single_use,
    )
    db.session.add(link)
    audit.record(by, "link made", about=about, purpose=purpose)
    return token


def find(purpose: str, token: str) -> SignedLink | None:
    """The link behind a token, whether or not its time is over: enough to offer a new one."""
    wanted = SignedLink.token_hash == _hash(token), SignedLink.purpose == purpose
    link = db.session.scalar(select(SignedLink).where(*wanted))
    if link is not None:  # one that has run out too: its page says of what
        rows.bring_key(link.about)
    return link


def unseal(purpose: str, token: str) -> SignedLink:
    """The link behind a token, for this purpose only; NotFound or LinkExpired otherwise."""
    link = find(purpose, token)
    if link is None:
        raise NotFound
    if not link.works:
        raise LinkExpired
    return link


def use(link: SignedLink) -> None:
    """Spend a link inside saving(); a single-use link can be spent once, whoever is faster."""
    unspent = update(SignedLink).where(SignedLink.id == link.id, SignedLink.revoked_at.is_(None))
    if link.single_use:
        unspent = unspent.where(SignedLink.used_at.is_(None))
    if change_rows(unspent.values(used_at=clock.now())) != 1:
        raise LinkExpired


def revoke(about: str, *, by: Actor) -> None:
    """Shut every link about a thing."""
    db.session.execute(
        update(SignedLink)
        .where(SignedLink.about == about, SignedLink.revoked_at.is_(None))
        .values(revoked_at=clock.now())
    )
    audit.record(by, "links revoked", about=about)


def forget(abouts: Collection[str]) -> int:
    """Delete every link to these things; returns how many there were."""
    return change_rows(delete(SignedLink).where(SignedLink.about.in_(abouts)))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
