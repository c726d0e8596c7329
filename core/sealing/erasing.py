"""Ground floor: forgetting a holder: the keys go, and with them all that was sealed for them.

In a copy made before, without the table of keys, what was sealed stays there and says nothing.
"""

import logging
import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from core import clock, outlasting
from core.db import db, may_write
from core.errors import Refused
from core.languages import _
from core.saving import afterwards
from core.sealing import data_keys
from core.sealing.columns import ERASED, REGISTER, of_model, rows_of
from core.sealing.data_keys import DataKey

BEGUN_FOR = timedelta(minutes=10)
"""No transaction lasts as long: what was begun before is done or will never be."""

log = logging.getLogger(__name__)


def erase(holder: uuid.UUID) -> int:
    """Destroy a holder's keys and blind-index values, and empty their rows; returns how many keys.

    The rows stay, for what else hangs on them. Nothing can be sealed for this holder again. It is
    refused where it cannot be written down for the day after a restore.
    """
    try:
        outlasting.will_do(outlasting.Act.FORGOTTEN, holder)
    except OSError:
        log.exception("an erasure could not be written down outside the database")
        raise Refused(_("This cannot be done now. Tell whoever runs the site.")) from None
    session = db.session()
    session.flush()
    destroyed = data_keys.destroy(session, holder)
    for model in dict.fromkeys(each.model for each in REGISTER if not each.by.purpose):
        _empty(model, holder)
    session.expire_all()
    afterwards(scrub)
    return destroyed


def back_again() -> list[uuid.UUID]:
    """Who was forgotten and can be read again, as after a restore."""
    return _with_keys(outlasting.to_repeat(outlasting.Act.FORGOTTEN))


def settle_doubts() -> None:
    """Write down as done what was committed just before the machine stopped."""
    begun = {
        each.key: each for each in outlasting.in_doubt() if each.act is outlasting.Act.FORGOTTEN
    }
    old = [key for key, line in begun.items() if clock.now() - line.at > BEGUN_FOR]
    there = set(_with_keys(old))
    outlasting.settle(outlasting.Act.FORGOTTEN, (key for key in old if key not in there))


def _with_keys(holders: list[uuid.UUID]) -> list[uuid.UUID]:
    found = set[uuid.UUID]()
    for start in range(0, len(holders), data_keys.AT_ONCE):
        some = holders[start : start + data_keys.AT_ONCE]
        held = select(DataKey.holder_id).where(DataKey.holder_id.in_(some))
        found.update(db.session.scalars(held))
    return [each for each in holders if each in found]


def scrub() -> None:
    """Have no old page of the database hold a key that was destroyed; best effort, after a commit.

    SQLite overwrites what is deleted (`secure_delete`), but its log keeps it until it is emptied.
    PostgreSQL keeps old rows until they are vacuumed, its own log and copies for as long as they
    are kept.
    """
    db.session.rollback()  # a reader, ourselves included, would keep the log from being emptied
    try:
        with may_write(), db.engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                raw: Any = connection.connection.dbapi_connection
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            else:
                connection.execution_options(isolation_level="AUTOCOMMIT")
                connection.detach()  # it goes back to no pool: only an owner may clean its table
                connection.exec_driver_sql("SET ROLE NONE")
                connection.exec_driver_sql("VACUUM data_key")
    except DBAPIError:
        log.warning("what was erased is overwritten later: the database was busy")


def _empty(model: Any, holder: uuid.UUID) -> None:
    attributes = of_model(model)
    ids = rows_of(model, holder).with_only_columns(model.id)
    gone: dict[str, bytes | None] = {each.name: ERASED for each in attributes}
    gone |= dict.fromkeys(getattr(model, "__blind__", {}), None)
    table = model.__table__
    db.session.execute(update(table).where(table.c.id.in_(ids)).values(gone))
