"""Ground floor: new keys for old while the site runs, a few holders in each transaction.

A new root wraps every data key anew: what is sealed stays as it is. New data keys seal every row
anew; the last generation still opens what a reader fetched a moment ago, until it is put away.
"""

import secrets
import time
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import click
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Row, select, text, update
from sqlalchemy.exc import OperationalError

from core import audit, clock, keys
from core.actors import system
from core.db import db
from core.ops import ops
from core.saving import saving
from core.sealing import data_keys
from core.sealing.boxes import generation_of
from core.sealing.columns import ERASED, REGISTER, Sealed, of_model, rows_of
from core.sealing.data_keys import DataKey

AT_ONCE = 200
"""Keys of one transaction: nobody waits long for it."""

GRACE_SECONDS = 60
"""Longer than any transaction of ours may last."""

PAUSE_SECONDS = 0.1

BY = system("key rotation")
ABOUT = "keys"

Progress = Callable[[int], None]


def new_root(progress: Progress = lambda _done: None) -> int:
    """Make a new root and wrap every data key under it; returns how many were wrapped."""
    root = keys.ring().add_root()
    done = _rewrap_all(root, 0, progress)
    # Whoever read the key file just before may have wrapped a key under the old root since.
    time.sleep(2 * keys.LOOK_AGAIN_SECONDS)
    done = _rewrap_all(root, done, progress)
    with saving():
        audit.record(BY, "root key renewed", about=ABOUT, rewrapped=done)
    return done


def new_data_keys(
    progress: Progress = lambda _done: None, *, grace_seconds: float = GRACE_SECONDS
) -> int:
    """Give every holder new data keys and seal their rows anew; returns how many keys."""
    began, done = clock.now(), 0
    while holders := _older_than(began):
        for holder in holders:
            done += _giving_way(partial(_renew, holder, began))
        progress(done)
    db.session.rollback()
    time.sleep(grace_seconds)
    with saving():
        db.session.execute(update(DataKey).values(before=None))
        audit.record(BY, "data keys renewed", about=ABOUT, renewed=done)
    return done


def unused_roots() -> list[bytes]:
    """The roots in the key file under which no data key is wrapped."""
    used = set(db.session.scalars(select(DataKey.root_id).distinct()))
    return [each for each in keys.ring().ids()[:-1] if each not in used]


def _rewrap_all(root: keys.Root, done: int, progress: Progress) -> int:
    while number := _giving_way(lambda: _rewrap_some(root)):
        done += number
        progress(done)
    return done


def _giving_way(step: Callable[[], int]) -> int:
    """One small transaction, begun again when somebody at work needs the same rows."""
    while True:
        try:
            with saving():
                if db.engine.dialect.name == "postgresql":
                    # Far less than the second after which PostgreSQL ends one of two that wait
                    # for each other: it is never the other who is ended.
                    db.session.execute(text("SET LOCAL lock_timeout = '200ms'"))
                return step()
        except OperationalError:
            time.sleep(PAUSE_SECONDS)


def _rewrap_some(root: keys.Root) -> int:
    rows = db.session.scalars(
        select(DataKey).where(DataKey.root_id != root.id).limit(AT_ONCE).with_for_update()
    ).all()
    for row in rows:
        _rewrap(row, root)
    return len(rows)


def _rewrap(row: DataKey, root: keys.Root) -> None:
    whose, old = (row.holder_id, row.kind), keys.ring().root(row.root_id)
    secret = data_keys.unwrap(old, row.wrapped, whose, row.generation)
    row.wrapped = data_keys.wrap(root, secret, whose, row.generation)
    if row.before is not None:
        secret = data_keys.unwrap(old, row.before, whose, row.generation - 1)
        row.before = data_keys.wrap(root, secret, whose, row.generation - 1)
    row.root_id = root.id


def _older_than(moment: datetime) -> Sequence[uuid.UUID]:
    old = select(DataKey.holder_id).where(DataKey.made_at < moment).distinct()
    return db.session.scalars(old.limit(AT_ONCE // 4)).all()


def _renew(holder: uuid.UUID, began: datetime) -> int:
    """New keys for one holder; whoever writes about them waits meanwhile."""
    root = keys.ring().newest()
    mine = select(DataKey).where(DataKey.holder_id == holder, DataKey.made_at < began)
    held = db.session.scalars(mine.with_for_update()).all()
    for row in held:
        whose, was = (holder, row.kind), row.generation
        old = data_keys.unwrap(keys.ring().root(row.root_id), row.wrapped, whose, was)
        new = secrets.token_bytes(data_keys.LENGTH)
        row.before = data_keys.wrap(root, old, whose, was)
        row.wrapped = data_keys.wrap(root, new, whose, was + 1)
        row.generation, row.root_id, row.made_at = was + 1, root.id, clock.now()
        both = {was: AESGCM(old), was + 1: AESGCM(new)}
        _seal_anew(whose, data_keys.Opened(was + 1, both))
    return len(held)


def _seal_anew(whose: data_keys.Whose, key: data_keys.Opened) -> None:
    """Every row of one holder, past the session: nobody's edit clashes with it."""
    for model in dict.fromkeys(each.model for each in REGISTER if each.by.kind == whose[1]):
        attributes = of_model(model)
        if attributes[0].by.purpose:
            continue
        for row in db.session.execute(rows_of(model, whose[0])).all():
            values = _anew(row, attributes, key)
            if values:
                db.session.execute(
                    update(model.__table__).where(model.__table__.c.id == row.id).values(values)
                )


def _anew(row: Row[Any], attributes: list[Sealed[Any]], key: data_keys.Opened) -> dict[str, bytes]:
    values = {}
    held: Any
    for each, held in zip(attributes, row[1:], strict=True):
        if held and held != ERASED:
            about = each.about(row[0])
            plain = key.unseal(held, about, generation_of(held))
            values[each.name] = key.seal(plain, about)
    return values


@ops.command("rotate-keys")
@click.option("--data", is_flag=True, help="New data keys too: everything is sealed anew.")
@click.option("--forget-old", is_flag=True, help="Only take unused root keys out of the key file.")
def rotate_keys(*, data: bool, forget_old: bool) -> None:
    """Make a new root key and wrap every data key under it, while the site runs."""
    if forget_old:
        old = set(unused_roots())
        keys.ring().forget_roots(old)
        click.echo(f"{len(old)} old root keys forgotten. Backups from their time need the escrow.")
        return
    click.echo(f"{new_root()} data keys wrapped under a new root key.")
    if data:
        click.echo(f"{new_data_keys()} data keys renewed.")
    click.echo(f"Copy {keys.ring().path} to its custodians now.")
