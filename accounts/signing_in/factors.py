"""Accounts: the second step of signing in: who has one, who must, and how it is taken away again.

A second step is a passkey, the six figures of an authenticator app, or one of ten codes on paper.
"""

from dataclasses import dataclass

from sqlalchemy import delete, func, select

from accounts.models import AuthenticatorApp, Passkey, RecoveryCode, User
from accounts.rules import May
from accounts.signing_in import letters, sessions
from core import audit, clock, outbox
from core.actors import Actor
from core.db import db
from core.errors import NotFound, Refused
from core.languages import _


@dataclass(frozen=True, slots=True)
class Factors:
    """What somebody can prove themselves with, besides a password."""

    app: AuthenticatorApp | None
    passkeys: tuple[Passkey, ...]
    codes_left: int

    @property
    def has_any(self) -> bool:
        """Whether there is a second step; codes on paper alone are none."""
        return self.app is not None or bool(self.passkeys)


def factors_of(user: User) -> Factors:
    """What this person has set up."""
    app = db.session.scalar(select(AuthenticatorApp).where(AuthenticatorApp.user_id == user.id))
    keys = select(Passkey).where(Passkey.user_id == user.id).order_by(Passkey.made_at)
    left = select(func.count()).where(
        RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None)
    )
    return Factors(app, tuple(db.session.scalars(keys)), db.session.scalar(left) or 0)


def keeps_sign_in(user: User, actor: Actor) -> bool:
    """Whether this actor keeps the people of the organisation that this user has been in longest.

    Any organisation can add somebody who is known already. It must not win their sign-in by that.
    """
    first = min(user.memberships, key=lambda each: each.since, default=None)
    return first is not None and first.organisation_id in actor.where(May.KEEP_USERS)


def tell_of_change(user: User, what: str, *, by: Actor) -> None:
    """Note that how somebody signs in has changed, and write to them."""
    audit.record(by, "second step changed", about=f"user:{user.id}", what=what)
    outbox.put(letters.changed(user, what, clock.now()))


def one_less(user: User, what: str, *, by: Actor) -> None:
    """Tell of a factor that is gone; where it was the last, who signed in with it has a password's
    proof left, and is asked for a new second step at once wherever one is needed."""
    db.session.flush()
    if not factors_of(user).has_any:
        db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
        sessions.count_as_password_only(user)
    tell_of_change(user, what, by=by)


def reset_second_step(user: User, *, by: Actor) -> None:
    """A colleague takes somebody's second step away, who has lost it: they set up a new one.

    Their sessions end, so that whoever found the telephone is out too. NotFound for who does not
    keep the people of their organisation.
    """
    if by.user_id == user.id:
        raise Refused(_("Ask somebody else who keeps accounts to reset your second step."))
    if not keeps_sign_in(user, by):
        raise NotFound
    _forget(user)
    sessions.end_all(user, by=by)
    audit.record(by, "second step reset", about=f"user:{user.id}")
    outbox.put(letters.changed(user, letters.RESET, clock.now()))


def _forget(user: User) -> None:
    for model in (AuthenticatorApp, RecoveryCode, Passkey):
        db.session.execute(delete(model).where(model.user_id == user.id))
