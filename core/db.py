"""Ground floor: the database handle, the base of every model, and how a transaction begins.

Whoever reads gets a transaction that cannot write; only `core.saving.saving()` opens one that can.
SQLite runs in WAL mode with `synchronous=FULL` on a library free of the WAL-reset bug (3.7.0 to
3.51.2), and begins writing transactions IMMEDIATE, so that a busy database makes a writer wait
instead of fail. PostgreSQL gets time-outs, so that nothing waits for ever.
"""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import pysqlite3
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    Connection,
    CursorResult,
    DateTime,
    Dialect,
    Engine,
    Enum,
    ExceptionContext,
    MetaData,
    Numeric,
    UpdateBase,
    Uuid,
    create_engine,
    event,
    inspect,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry
from sqlalchemy.types import TypeDecorator

from core import actors, guards, overdue, row_views, rows, turns
from core.settings import Settings


def _column_of(constraint: Any, _table: Any) -> str:
    """Two columns of one table may hold the same enum: their checks need two names."""
    return f"_{constraint.columns[0].name}" if constraint._type_bound else ""


NAMES: dict[str, Any] = {
    "column_of": _column_of,
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s%(column_of)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

SQLITE_PRAGMAS = (
    "busy_timeout=5000",
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "secure_delete=ON",
    "trusted_schema=OFF",
)

POSTGRES_OPTIONS = (
    "-c lock_timeout=5s -c statement_timeout=15s "
    "-c idle_in_transaction_session_timeout=30s -c timezone=UTC"
)

POSTGRES_LINE = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
"""A line on which nothing comes back is given up after a quarter of a minute, not of an hour."""

_writing: ContextVar[bool] = ContextVar("writing", default=False)


class UnsafeDatabase(Exception):
    """This SQLite can lose data in WAL mode; Kith does not start on it."""


class UtcDateTime(TypeDecorator[datetime]):
    """Aware in, aware UTC out, on both engines; a naive time is a mistake and is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("times must be aware")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The one registry; inherit from `Model`."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMES),
        type_annotation_map={
            datetime: UtcDateTime,
            uuid.UUID: Uuid,
            Decimal: Numeric(10, 2),
            StrEnum: Enum(
                StrEnum,
                values_callable=lambda members: [member.value for member in members],
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
        },
    )


db = SQLAlchemy(model_class=Base)

if TYPE_CHECKING:

    class Model(Base):
        """What mypy sees of `db.Model`: the same metadata, typed."""

        __abstract__ = True
else:
    Model = db.Model


def new_id() -> Mapped[uuid.UUID]:
    """The primary key of everything: it can leave the system without telling how many there are."""
    return mapped_column(primary_key=True, default=uuid.uuid4, sort_order=-1)


def is_safe_sqlite(version: tuple[int, ...]) -> bool:
    """Whether this SQLite is free of the WAL-reset bug (sqlite.org/wal.html, fixed in 3.51.3)."""
    return (
        version >= (3, 51, 3)
        or (3, 50, 7) <= version < (3, 51, 0)
        or (3, 44, 6) <= version < (3, 45, 0)
    )


def engine_options(url: str) -> dict[str, Any]:
    """How SQLAlchemy is to open this database. Parameters never reach a log or a traceback."""
    if url.startswith("sqlite"):
        if not is_safe_sqlite(pysqlite3.sqlite_version_info):
            raise UnsafeDatabase(
                f"SQLite {pysqlite3.sqlite_version} may corrupt a database in WAL mode. "
                "Install pysqlite3 0.6.1 or later."
            )
        return {"module": pysqlite3, "hide_parameters": True, "connect_args": {"timeout": 5}}
    return {
        "hide_parameters": True,
        "pool_pre_ping": True,
        "connect_args": {"options": POSTGRES_OPTIONS, "connect_timeout": 5, **POSTGRES_LINE},
    }


def init_app(app: Flask, url: str) -> None:
    """Bind the database to the application and set how its transactions begin."""
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(url)
    db.init_app(app)
    rows.told_through(_open_connection, _write_changes)
    actors.heard_by(rows.tell_anew)
    with app.app_context():
        set_beginnings(db.engine)


def set_beginnings(engine: Engine) -> None:
    """Make the engine begin transactions our way: reading unless told to write."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        queue = turns.keep(engine)
        event.listen(engine, "begin", _beginning_sqlite(queue))
        row_views.keep(engine)
    else:
        event.listen(engine, "connect", lambda connection, _record: rows.become_runtime(connection))
        event.listen(engine, "begin", _begin_postgres)
        event.listen(engine, "handle_error", _take_for_gone)
        queue = None
    overdue.keep(engine, queue, writes=is_writing)


@contextmanager
def may_write() -> Iterator[None]:
    """Within the block new transactions may write.

    For saving(), migrations and tests; and for the search index, which ticks off its own jobs.
    """
    token = _writing.set(True)
    try:
        yield
    finally:
        _writing.reset(token)


def is_writing() -> bool:
    """Whether the code runs inside `may_write()`."""
    return _writing.get()


def change_rows(statement: UpdateBase) -> int:
    """Run an UPDATE or DELETE and say how many rows it touched."""
    result: CursorResult[Any] = db.session.execute(statement)  # type: ignore[assignment]
    return result.rowcount


def hold(row: Model) -> None:
    """Read a row anew and keep it until the commit: who else wants it waits, then sees ours."""
    db.session.flush()  # refresh() would forget what is changed and not yet written
    if db.engine.dialect.name == "sqlite" and not inspect(row).expired:
        return  # whoever writes there is alone from the beginning: what they have read still holds
    # Only this row: what was loaded beside it by an outer join cannot be held, says PostgreSQL.
    db.session.refresh(row, with_for_update={"of": type(row)})


@contextmanager
def owners_connection(settings: Settings) -> Iterator[Connection]:
    """A connection by which the schema may be changed: the owner's own sign-in, if there is one."""
    url = settings.migration_database_url
    if not url:
        with db.engine.connect() as connection:
            yield connection
        return
    engine = create_engine(url, **engine_options(url))
    event.listen(engine, "begin", rows.tell)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def act_as_owner(connection: Connection) -> None:
    """For the rest of this transaction be who signed in to PostgreSQL, not who runs the service."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL ROLE NONE")


def is_empty() -> bool:
    """Whether nobody has migrated this database yet."""
    return not inspect(db.engine).has_table("alembic_version")


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver must never begin by itself: it would begin too late and undo savepoints wrongly.
    connection.isolation_level = None
    for pragma in SQLITE_PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").fetchall()
    guards.watch(connection)


def _beginning_sqlite(queue: turns.Turns | None) -> Callable[[Connection], None]:
    def begin(connection: Connection) -> None:
        writes = is_writing()
        row_views.begin(connection)
        rows.tell(connection)
        if connection.info.get("may write") is not writes:  # said anew, all is compiled anew
            connection.exec_driver_sql(f"PRAGMA query_only={0 if writes else 1}")
            connection.info["may write"] = writes
        if queue is None or not writes:
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
            return
        driver = connection.connection.dbapi_connection
        # Who has waited for too long already is not to wait once more, before all who come after.
        patience = 5_000 if queue.take(driver) else 0
        connection.exec_driver_sql(f"PRAGMA busy_timeout={patience}")
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        except BaseException:
            queue.give_up(driver)
            raise

    return begin


def _take_for_gone(trouble: ExceptionContext) -> None:
    """Whatever keeps a kept connection from answering, it is replaced: none is worth an error."""
    if trouble.is_pre_ping:
        trouble.is_disconnect = True


def _begin_postgres(connection: Any) -> None:
    connection.connection.dbapi_connection.read_only = not is_writing()
    rows.tell(connection)


def _open_connection() -> Connection | None:
    session = db.session()
    return session.connection() if session.in_transaction() and session.is_active else None


def _write_changes() -> None:
    if is_writing():
        db.session.flush()
