"""Ground floor: a database knows its key, and is not opened with another."""

from contextlib import suppress

from flask import Flask, current_app
from sqlalchemy import LargeBinary, insert, inspect, select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Mapped, mapped_column

from core import keys
from core.db import Model, db, may_write
from core.sealing.boxes import Broken, seal, unseal

PURPOSE, ABOUT, SAID = "check", "key_check.said|1", b"Kith"
EXTENSION = "kith.key_checked"


class KeyCheck(Model):
    """One row: a word that only this database's own key opens."""

    __tablename__ = "key_check"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    said: Mapped[bytes] = mapped_column(LargeBinary)


def init_app(app: Flask) -> None:
    """Refuse to start with the wrong key; if the database is away, at the first request."""
    app.extensions[EXTENSION] = False
    app.before_request(_check_once)
    with app.app_context():
        _check_once()
        db.engine.dispose()  # whoever serves is forked from here, and shares no connection


def _check_once() -> None:
    if not current_app.extensions[EXTENSION]:
        with suppress(OperationalError):  # pages that need the database say so themselves
            current_app.extensions[EXTENSION] = key_fits()


def key_fits() -> bool:
    """Whether the key was compared, and fits: KeyTrouble if not.

    A database that is not migrated yet has nothing to compare.
    """
    if not inspect(db.engine).has_table(KeyCheck.__tablename__):
        return False
    with db.engine.connect() as connection:
        said = connection.scalar(select(KeyCheck.said))
    if said is None:
        return _put()
    try:
        unseal(said, purpose=PURPOSE, about=ABOUT)
    except Broken:
        raise keys.KeyTrouble(
            f"The key file {keys.ring().path} is not the one that this database was sealed with. "
            "Nothing was changed. Put back the right key file; see docs/runbooks/keys.md."
        ) from None
    return True


def _put() -> bool:
    row = {"id": 1, "said": seal(SAID, purpose=PURPOSE, about=ABOUT)}
    try:
        with may_write(), db.engine.begin() as connection:
            connection.execute(insert(KeyCheck), row)
    except IntegrityError:  # another process put its own at the same moment
        return key_fits()
    return True
