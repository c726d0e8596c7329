"""Referrals, the person: answers of somebody who asks for help, kept here only while they answer.

They lie on the server, under a key that only a cookie of that browser holds: not in an address, not
in the phone itself. Whoever stops half-way is forgotten.
"""

import hashlib
import secrets
import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select

from core import clock
from core.db import change_rows, db, hold
from core.rows import all_shown, open_things
from core.saving import saving
from referrals.models import Asking, Referral

KEPT_FOR = timedelta(hours=1)


def begin(said: Mapping[str, Any]) -> str:
    """Keep a first answer; returns the key for the cookie, told once and never stored."""
    token, key = secrets.token_urlsafe(32), uuid.uuid4()
    open_things({key})
    draft = Asking(id=key, token_hash=_hash(token), said=dict(said), changed_at=clock.now())
    db.session.add(draft)
    return token


def find(token: str) -> Asking | None:
    """The answers behind a cookie, while they are kept."""
    wanted = Asking.token_hash == _hash(token), Asking.changed_at > clock.now() - KEPT_FOR
    with all_shown("the answers that a browser's key opens"):
        found = db.session.scalar(select(Asking).where(*wanted))
    if found is not None:
        open_things({found.id} | ({found.referral_id} if found.referral_id else set()))
    return found


def keep(draft: Asking, page: str, said: Mapping[str, Any]) -> None:
    """Keep the answers of one page as they were typed."""
    hold(draft)
    draft.said = {**draft.said, page: dict(said)}
    draft.changed_at = clock.now()


def sent(draft: Asking, referral: Referral) -> None:
    """Forget the answers: from now on they are a referral."""
    draft.said, draft.referral, draft.changed_at = {}, referral, clock.now()


def forget(draft: Asking) -> None:
    """Forget all of it at once."""
    db.session.delete(draft)


def forget_old() -> int:
    """Forget what nobody finished; returns how many."""
    with saving():
        return change_rows(delete(Asking).where(Asking.changed_at < clock.now() - KEPT_FOR))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
