"""Ground floor: what the database itself refuses, whoever asks; and what this program never asks.

A module declares its guards: triggers, grants, rules about rows. A migration hangs them all, and so
must every later one that rebuilds a guarded table (SQLite loses a table's triggers with it). On
SQLite, which has no roles, each connection also refuses the statements that would take them away.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import pysqlite3
from sqlalchemy import Connection

SQLITE, POSTGRESQL = "sqlite", "postgresql"
RUNTIME = "kith_runtime"
"""The role that runs the service on PostgreSQL; it owns nothing."""

_IF_RUNTIME = (
    f"DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{RUNTIME}') THEN "
    "{}; END IF; END $$"
)

_DROPS = frozenset(
    {
        pysqlite3.SQLITE_ALTER_TABLE,
        pysqlite3.SQLITE_ATTACH,
        pysqlite3.SQLITE_DETACH,
        pysqlite3.SQLITE_DROP_INDEX,
        pysqlite3.SQLITE_DROP_TABLE,
        pysqlite3.SQLITE_DROP_TEMP_TRIGGER,
        pysqlite3.SQLITE_DROP_TEMP_VIEW,
        pysqlite3.SQLITE_DROP_TRIGGER,
        pysqlite3.SQLITE_DROP_VIEW,
    }
)
_SETTLED = frozenset(
    {
        "foreign_keys",
        "ignore_check_constraints",
        "journal_mode",
        "recursive_triggers",
        "synchronous",
        "trusted_schema",
        "writable_schema",
    }
)
"""What is set when a connection opens and not changed afterwards."""


@dataclass(frozen=True, slots=True)
class Guard:
    """Statements that hang one guard on one engine, and those that take it down, hung or not."""

    name: str
    engine: str
    up: tuple[str, ...]
    down: tuple[str, ...]


_guards: dict[tuple[str, str], Guard] = {}
_only_added_to: set[str] = set()
_lowered: ContextVar[bool] = ContextVar("guards lowered", default=False)


def declare(name: str, *, engine: str, up: Sequence[str], down: Sequence[str]) -> None:
    """Have this hung wherever the schema is made. `down` must also run where nothing hangs."""
    _guards[name, engine] = Guard(name, engine, tuple(up), tuple(down))


def only_add_to(table: str) -> None:
    """Have nobody change, delete or replace what stands in this table.

    Who has the running program's role on PostgreSQL may insert and read here and nothing else.
    """
    _only_added_to.add(table)
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is only added to'); END"
    # REPLACE takes the old row away without asking a DELETE trigger: what is there must be missed.
    there = f"EXISTS (SELECT 1 FROM {table} WHERE rowid = NEW.rowid OR id = NEW.id)"  # noqa: S608
    declare(
        f"only add to {table}",
        engine=SQLITE,
        up=(
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}",
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}",
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {there} {refuse}",
        ),
        down=tuple(
            f"DROP TRIGGER IF EXISTS {table}_no_{what}" for what in ("update", "delete", "replace")
        ),
    )
    declare(
        f"only add to {table}",
        engine=POSTGRESQL,
        up=(
            (
                f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$BEGIN RAISE EXCEPTION '{table} is only added to'; END$$"
            ),
            (
                f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"
            ),
            _IF_RUNTIME.format(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {RUNTIME}"),
        ),
        down=(
            f"DROP TRIGGER IF EXISTS {table}_no_change ON {table}",
            f"DROP FUNCTION IF EXISTS {table}_refuse",
        ),
    )


def hang(connection: Connection) -> None:
    """Hang every declared guard of this engine anew. Migrations call this, as the tables' owner."""
    for guard in declared(connection.dialect.name):
        for statement in (*guard.down, *guard.up):
            connection.exec_driver_sql(statement)


def take_down(connection: Connection) -> None:
    """Take every guard down, the last declared first."""
    for guard in reversed(declared(connection.dialect.name)):
        for statement in guard.down:
            connection.exec_driver_sql(statement)


def declared(engine: str) -> list[Guard]:
    """The guards of an engine, in the order they were declared."""
    return [guard for guard in _guards.values() if guard.engine == engine]


@contextmanager
def lowered() -> Iterator[None]:
    """Within the block SQLite takes every statement: for migrations, and for nothing else."""
    token = _lowered.set(True)
    try:
        yield
    finally:
        _lowered.reset(token)


def are_lowered() -> bool:
    """Whether a migration is under way."""
    return _lowered.get()


def watch(connection: Any) -> None:
    """Have a new SQLite connection refuse what no running program has to ask."""
    connection.set_authorizer(_may_ask)


def _may_ask(action: int, first: str | None, second: str | None, *_where: object) -> int:
    if _lowered.get():
        return int(pysqlite3.SQLITE_OK)
    if action in {pysqlite3.SQLITE_UPDATE, pysqlite3.SQLITE_DELETE}:
        is_refused = first in _only_added_to
    elif action == pysqlite3.SQLITE_PRAGMA:
        is_refused = second is not None and (first or "").lower() in _SETTLED
    else:
        is_refused = action in _DROPS
    return int(pysqlite3.SQLITE_DENY if is_refused else pysqlite3.SQLITE_OK)
