"""Accounts: codes: six figures from an authenticator app, and ten on paper for when it is lost."""

import re
import secrets
import uuid
from datetime import timedelta

import pyotp
from sqlalchemy import delete, select, update

from accounts.models import AuthenticatorApp, RecoveryCode, User
from accounts.signing_in import factors, letters
from accounts.signing_in.passwords import hash_password, is_password
from core import audit, clock, sealing, site
from core.actors import Actor
from core.db import change_rows, db
from core.errors import Refused
from core.languages import _

STEP = timedelta(seconds=30)
PURPOSE = "totp"
HOW_MANY = 10
SIGNS = "23456789abcdefghjkmnpqrstuvwxyz"
SECRET = re.compile(r"[A-Z2-7]{32}")
LONG = 11
"""Eleven of 31 signs are 54 bits, hashed as slowly as a password."""


def new_secret() -> str:
    """A secret to be shared with an authenticator app: 160 bits, as it can be typed."""
    return pyotp.random_base32()


def is_secret(text: str) -> bool:
    """Whether this is such a secret as we make."""
    return SECRET.fullmatch(text) is not None


def address_of(secret: str, user: User) -> str:
    """What the app reads off the square pattern."""
    return pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=site.name())


def step_of(secret: str, code: str) -> int | None:
    """The half minute a code is of: this one, the one before or the one after; None if wrong."""
    figures = "".join(code.split())
    this = int(clock.now().timestamp()) // int(STEP.total_seconds())
    maker = pyotp.TOTP(secret)
    for step in (this, this - 1, this + 1):
        if secrets.compare_digest(
            maker.generate_otp(step).encode(), figures.encode("utf-8", "replace")
        ):
            return step
    return None


def set_up_app(user: User, secret: str, code: str, *, by: Actor) -> bool:
    """Keep an app's secret, in place of one before, if the first code it makes is right."""
    step = step_of(secret, code)
    if step is None:
        return False
    db.session.execute(delete(AuthenticatorApp).where(AuthenticatorApp.user_id == user.id))
    app = AuthenticatorApp(id=uuid.uuid4(), user_id=user.id, made_at=clock.now(), last_step=step)
    app.secret = sealing.seal(secret.encode(), purpose=PURPOSE, about=_where(app))
    db.session.add(app)
    factors.tell_of_change(user, letters.APP_SET_UP, by=by)
    return True


def remove_app(user: User, *, by: Actor) -> None:
    """Forget the app."""
    if not change_rows(delete(AuthenticatorApp).where(AuthenticatorApp.user_id == user.id)):
        raise Refused(_("There is no app to remove."))
    factors.one_less(user, letters.APP_REMOVED, by=by)


def is_code_of_app(app: AuthenticatorApp, code: str) -> bool:
    """Whether the app made this code just now; inside saving(), for a code is good once."""
    secret = sealing.unseal(app.secret, purpose=PURPOSE, about=_where(app)).decode()
    step = step_of(secret, code)
    if step is None:
        return False
    unused = update(AuthenticatorApp).where(
        AuthenticatorApp.id == app.id, AuthenticatorApp.last_step < step
    )
    return change_rows(unused.values(last_step=step)) == 1


def new_codes() -> list[str]:
    """Ten codes to print: a figure that says which it is, then eleven signs."""
    signs = ("".join(secrets.choice(SIGNS) for _ in range(LONG)) for _ in range(HOW_MANY))
    return [f"{number}{each[:3]}-{each[3:7]}-{each[7:]}" for number, each in enumerate(signs)]


def hashes_of(codes: list[str]) -> list[str]:
    """What is kept of them; slow on purpose, so never within a transaction."""
    return [hash_password(_bare(code)) for code in codes]


def keep_codes(user: User, hashes: list[str], *, by: Actor) -> None:
    """Keep ten new codes; those printed before are worthless from now on."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    db.session.add_all(
        RecoveryCode(user_id=user.id, number=number, code_hash=kept)
        for number, kept in enumerate(hashes)
    )
    audit.record(by, "codes made", about=f"user:{user.id}")


def find_code(user: User, typed: str) -> uuid.UUID | None:
    """The unused code on paper that this is. It hashes: never within a transaction."""
    bare = _bare(typed)
    if len(bare) != LONG + 1 or not bare[0].isascii() or not bare[0].isdigit():
        return None
    found = db.session.scalar(
        select(RecoveryCode).where(
            RecoveryCode.user_id == user.id,
            RecoveryCode.number == int(bare[0]),
            RecoveryCode.used_at.is_(None),
        )
    )
    code_id, kept = (found.id, found.code_hash) if found else (None, "")
    db.session.rollback()
    return code_id if is_password(kept, bare) else None


def use_code(code_id: uuid.UUID, user: User, *, by: Actor) -> bool:
    """Cross a code out inside saving(); False if somebody was faster."""
    unused = update(RecoveryCode).where(RecoveryCode.id == code_id, RecoveryCode.used_at.is_(None))
    if change_rows(unused.values(used_at=clock.now())) != 1:
        return False
    factors.tell_of_change(user, letters.CODE_USED, by=by)
    return True


def take(user: User, typed: str, on_paper: uuid.UUID | None, *, by: Actor) -> bool:
    """Whether this is a good code of somebody's, which it is no more after; inside saving().

    `on_paper`: what find_code() found.
    """
    if on_paper is not None:
        return use_code(on_paper, user, by=by)
    app = factors.factors_of(user).app
    return app is not None and is_code_of_app(app, typed)


def _bare(code: str) -> str:
    return "".join(code.split()).replace("-", "").lower()


def _where(app: AuthenticatorApp) -> str:
    return f"authenticator_app.secret|{app.id}"
