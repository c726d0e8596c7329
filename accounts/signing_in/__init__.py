"""Accounts: signing in: passwords, second steps, sessions, and how often one may be wrong."""

from sqlalchemy import select

from accounts.models import User
from accounts.signing_in.passwords import hash_password, is_password
from accounts.signing_in.sessions import start
from accounts.signing_in.tries import MOST_PER_ACCOUNT, forget_wrong_tries
from core.db import db

__all__ = [
    "MOST_PER_ACCOUNT",
    "find_user",
    "forget_wrong_tries",
    "hash_password",
    "is_password",
    "start",
]


def find_user(email: str, password: str) -> tuple[User | None, bool]:
    """The user with this address, and whether this is their password; as slow for an unknown
    address as for a known one."""
    user = db.session.scalar(select(User).where(User.email == email.strip().lower()))
    kept = user.password_hash if user and user.disabled_at is None else ""
    # Hashing takes a while and needs no database: let nobody wait for our transaction.
    db.session.rollback()
    return user, is_password(kept, password)
