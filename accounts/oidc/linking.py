"""Accounts: which of our people an identity provider means, by its own name for them.

Never by an e-mail address: anybody may write one anywhere.
"""

from sqlalchemy import delete, select

from accounts.models import OutsideIdentity, User
from accounts.oidc.tokens import Vouched
from accounts.signing_in import factors, letters
from core import audit, clock
from core.actors import Actor
from core.db import change_rows, db
from core.errors import NotFound, Refused
from core.languages import _


def find_user(who: Vouched) -> User | None:
    """Our user, if somebody has linked the two and they have not left."""
    found = _find(who)
    return found.user if found and found.user.disabled_at is None else None


def link(user: User, who: Vouched, *, by: Actor) -> None:
    """Let somebody sign in there from now on; they have just shown both that they are."""
    found = _find(who)
    if found is not None and found.user_id != user.id:
        raise Refused(_("That sign-in belongs to another account here."))
    if found is None:
        db.session.add(
            OutsideIdentity(
                user_id=user.id, issuer=who.issuer, subject=who.subject, linked_at=clock.now()
            )
        )
        factors.tell_of_change(user, letters.OUTSIDE_LINKED, by=by)


def unlink(user: User, issuer: str, *, by: Actor) -> None:
    """Let somebody sign in there no more."""
    theirs = delete(OutsideIdentity).where(
        OutsideIdentity.user_id == user.id, OutsideIdentity.issuer == issuer
    )
    if not change_rows(theirs):
        raise NotFound
    audit.record(by, "second step changed", about=f"user:{user.id}", what="unlinked")


def issuers_of(user: User) -> frozenset[str]:
    """Where else somebody may sign in."""
    found = select(OutsideIdentity.issuer).where(OutsideIdentity.user_id == user.id)
    return frozenset(db.session.scalars(found))


def _find(who: Vouched) -> OutsideIdentity | None:
    return db.session.scalar(
        select(OutsideIdentity).where(
            OutsideIdentity.issuer == who.issuer, OutsideIdentity.subject == who.subject
        )
    )
