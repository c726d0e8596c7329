"""Ground floor: forgetting a holder: the keys go, and with them all that was sealed for them.

In a copy made before, without the table of keys, what was sealed stays there and says nothing.
"""

import logging
import uuid
from typing import Any

from sqlalchemy import update
from sqlalchemy.exc import DBAPIError

from core.db import db, may_write
from core.saving import afterwards
from core.sealing import data_keys
from core.sealing.columns import ERASED, REGISTER, of_model, rows_of

log = logging.getLogger(__name__)


def erase(holder: uuid.UUID) -> int:
    """Destroy a holder's keys and blind-index values, and empty their rows; returns how many keys.

    The rows stay, for what else hangs on them. Nothing can be sealed for this holder again.
    """
    session = db.session()
    session.flush()
    destroyed = data_keys.destroy(session, holder)
    for model in dict.fromkeys(each.model for each in REGISTER if not each.by.purpose):
        _empty(model, holder)
    session.expire_all()
    afterwards(scrub)
    return destroyed


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
