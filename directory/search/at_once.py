"""Directory search: one message to PostgreSQL and its answer, for what every search asks.

It goes by the driver itself, over connections of its own that are not tried out before: of the time
of a search, more would go into preparing to ask than into asking.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

import psycopg
from sqlalchemy import Engine, create_engine

from core.db import engine_options


def first(engine: Engine, wanted: str, values: Sequence[object] = ()) -> tuple[Any, ...] | None:
    """The first row of what is wanted, if there is one."""
    plainly = _driven_plainly(engine)
    try:
        return _first(plainly, wanted, values)
    except psycopg.OperationalError:
        plainly.dispose()  # they were lost, as they are when the server was started again
    return _first(plainly, wanted, values)


def _first(plainly: Engine, wanted: str, values: Sequence[object]) -> tuple[Any, ...] | None:
    held = plainly.raw_connection()
    try:
        connection = held.driver_connection
        if not isinstance(connection, psycopg.Connection):
            raise TypeError("this is not PostgreSQL")
        found: tuple[Any, ...] | None = connection.execute(
            wanted.encode(), values, binary=True
        ).fetchone()
    except psycopg.OperationalError:
        held.invalidate()
        raise
    finally:
        held.close()
    return found


@cache
def _driven_plainly(engine: Engine) -> Engine:
    options = engine_options(engine.url.drivername) | {"pool_pre_ping": False}
    return create_engine(
        engine.url, isolation_level="AUTOCOMMIT", pool_reset_on_return=None, **options
    )
