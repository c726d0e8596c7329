"""Referrals: the programs of a practice: each has a key of its own, one practice, and no more."""

import hashlib
import hmac
import secrets
import uuid
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, func, or_, select, update

from accounts import Field, Organisation, OrganisationKind, actor_for_client
from core import audit, clock
from core.actors import Actor
from core.db import change_rows, db
from core.errors import BadInput, NotFound, Refused
from core.languages import lazy
from core.saving import saving
from referrals.models import ApiClient, ClientSees, WrongKey

MARK = "kith_"
"""A key found where it should not be can be told for what it is, by people and by scanners."""

SECRET_BYTES = 32
MINUTE = timedelta(minutes=1)
MOST_A_MINUTE = 120
WINDOW = timedelta(minutes=15)
MOST_WRONG_KEYS = 30

SEES = {
    ClientSees.STATUS: frozenset({Field.PUBLIC, Field.LOGISTICS}),
    ClientSees.RECORD: frozenset(
        {Field.PUBLIC, Field.LOGISTICS, Field.MINIMUM, Field.IDENTITY, Field.NEEDS}
    ),
}
"""What each sort of key opens of what the role of an API client may read at all."""

NO_KEY = lazy("Send the key of your practice as “Authorization: Bearer”.")
TOO_MANY = lazy("That is more than we can answer at once. Wait a minute, then go on.")


def add_client(
    practice: Organisation, name: str, sees: ClientSees, *, by: Actor
) -> tuple[ApiClient, str]:
    """Let a program read what its practice sent; its key is told here, and never again."""
    if practice.kind is not OrganisationKind.PRACTICE:
        raise Refused("Only a practice can have one: it reads the referrals a practice sent.")
    if not name.strip():
        raise Refused("Say which program it is.")
    secret = secrets.token_urlsafe(SECRET_BYTES)
    client = ApiClient(
        practice=practice,
        name=name.strip()[:120],
        sees=sees,
        secret_hash=_hash(secret),
        made_at=clock.now(),
    )
    db.session.add(client)
    db.session.flush()
    audit.record(by, "client added", about=client.about, practice=str(practice.id), sees=sees)
    return client, f"{MARK}{client.id.hex}.{secret}"


def clients() -> Sequence[ApiClient]:
    """All there ever were, the newest last."""
    return db.session.scalars(select(ApiClient).order_by(ApiClient.made_at)).all()


def revoke_client(client_id: uuid.UUID, *, by: Actor) -> ApiClient:
    """End a client: its key opens nothing from this moment on."""
    client = db.session.get(ApiClient, client_id)
    if client is None:
        raise NotFound
    if client.revoked_at is not None:
        raise Refused("This was ended before.")
    client.revoked_at = clock.now()
    audit.record(by, "client revoked", about=client.about)
    return client


def practice_with(ods_code: str) -> Organisation | None:
    """The practice with this ODS code."""
    found = select(Organisation).where(Organisation.ods_code == ods_code.strip().upper())
    return db.session.scalar(found)


def admit(key: str, *, from_address: str) -> Actor:
    """Whoever holds this key, as an actor; BadInput, 401 or 429, for a wrong key or for too many.

    It does its own saving: a wrong key is counted although it opens nothing.
    """
    with saving():
        if _wrong_keys(from_address) >= MOST_WRONG_KEYS:
            raise BadInput(str(TOO_MANY), 429)
        client = _find(key)
        if client is None:
            db.session.add(WrongKey(who=from_address, at=clock.now()))
        else:
            is_too_fast = not _counted(client)
            client.last_used_on = clock.today()
            actor = actor_for_client(
                client.about, client.name, client.practice_id, SEES[client.sees]
            )
    if client is None:
        raise BadInput(str(NO_KEY), 401)
    if is_too_fast:
        raise BadInput(str(TOO_MANY), 429)
    return actor


def forget_wrong_keys() -> int:
    """Drop the wrong keys that count no longer; returns how many."""
    with saving():
        return change_rows(delete(WrongKey).where(WrongKey.at < clock.now() - WINDOW))


def _find(key: str) -> ApiClient | None:
    """The client whose key this is. Compared in constant time, whether or not there is one."""
    name, _, secret = key.removeprefix(MARK).partition(".")
    try:
        client = db.session.get(ApiClient, uuid.UUID(hex=name))
    except ValueError:
        client = None
    kept = client.secret_hash if client else _hash("")
    is_right = hmac.compare_digest(kept, _hash(secret)) and bool(secret)
    return client if client and is_right and client.revoked_at is None else None


def _counted(client: ApiClient) -> bool:
    """Count one question; False when this minute has had enough of them."""
    own, now = ApiClient.id == client.id, clock.now()
    began = ApiClient.minute_began_at
    anew = update(ApiClient).where(own, or_(began.is_(None), began <= now - MINUTE))
    if change_rows(anew.values(minute_began_at=now, asked_this_minute=1)):
        return True
    room = update(ApiClient).where(own, ApiClient.asked_this_minute < MOST_A_MINUTE)
    return bool(change_rows(room.values(asked_this_minute=ApiClient.asked_this_minute + 1)))


def _wrong_keys(who: str) -> int:
    lately = WrongKey.who == who, WrongKey.at > clock.now() - WINDOW
    return db.session.scalar(select(func.count()).select_from(WrongKey).where(*lately)) or 0


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
