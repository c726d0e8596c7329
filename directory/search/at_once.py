"""Directory search: one message to PostgreSQL and its answer, for what every search asks."""

from functools import cache
from typing import Any

from sqlalchemy import Engine, Row, Select, create_engine
from sqlalchemy.exc import DBAPIError

from core.db import engine_options


def first(engine: Engine, wanted: Select[Any]) -> Row[Any] | None:
    """The first row. A connection is not tried out before: if it turns out lost, there is another.

    Otherwise half of the time of a search would go into asking whether one may ask.
    """
    plainly = _without_trying_out(engine)
    try:
        with plainly.connect() as connection:
            return connection.execute(wanted).first()
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
    with plainly.connect() as connection:
        return connection.execute(wanted).first()


@cache
def _without_trying_out(engine: Engine) -> Engine:
    options = engine_options(engine.url.drivername) | {"pool_pre_ping": False}
    return create_engine(engine.url, isolation_level="AUTOCOMMIT", **options)
