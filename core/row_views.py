"""Ground floor: row views. SQLite shows each transaction only the rows that its actor may know.

SQLite has no rules about rows. So a connection that serves somebody sees a table about people
through a view of the same name that leaves out what is not to be seen: whatever a query looks like,
and whoever forgot whom it is for, it reads the view. What may be seen is told at the beginning of
each transaction (`core.rows`), and nothing said means no rows. Changes go to the table itself, and
of those too another's rows are passed over, as PostgreSQL does it. Migrations work without views.
"""

import json
import re
import uuid
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, event

from core import guards

HUNG, WITHIN, TOLD = "row views hung", "row views hung within", "rows told"

PLACES = "(SELECT value FROM json_each(kith_places()))"
THINGS = "(SELECT value FROM json_each(kith_things()))"
SEES_ALL, WHO = "kith_sees_all()", "kith_who()"
"""How a rule of SQLite asks what it was told."""

HELD = (
    ("AFTER INSERT", "NEW", "ABORT, 'a row of somebody else'"),
    ("BEFORE UPDATE", "OLD", "IGNORE"),
    ("BEFORE DELETE", "OLD", "IGNORE"),
)
"""What is asked about a row that changes, and what becomes of the change when it is not shown."""

CHANGE = re.compile(
    r'\s*((?:INSERT|REPLACE)(?: OR \w+)? INTO|UPDATE(?: OR \w+)?|DELETE FROM)\s+"?(\w+)"?', re.I
)


class Shown(Protocol):
    """What is shown: `core.rows.Rows`."""

    @property
    def everything(self) -> bool: ...
    @property
    def places(self) -> frozenset[uuid.UUID]: ...
    @property
    def things(self) -> frozenset[uuid.UUID]: ...
    @property
    def who(self) -> str: ...


_rules: dict[str, str] = {}
_added_to: set[str] = set()


def show_through(rules: Mapping[str, str], *, added_to: Mapping[str, str]) -> None:
    """Register the rule of each table about people: true of the rows that are shown.

    To tables that are `added_to` everybody may add, whatever they are shown of them.
    """
    _rules.clear()
    _rules.update(rules)
    _rules.update(added_to)
    _added_to.clear()
    _added_to.update(added_to)
    _past_view.cache_clear()


def keep(engine: Engine) -> None:
    """Have this SQLite engine read through the views and change what is behind them."""
    event.listen(engine, "connect", _answer_rules)
    event.listen(engine, "before_cursor_execute", _change_the_table, retval=True)


def begin(connection: Connection) -> None:
    """Set right what hangs on a connection, before its next transaction."""
    if connection.info.pop(WITHIN, False):  # what became of it, the last transaction's end decided
        _hang(connection)
    if connection.info.get(HUNG) and guards.are_lowered():
        _ask(connection, _down())
        connection.info[HUNG] = False


def tell(connection: Connection, rows: Shown) -> None:
    """Say what the transactions of this connection are shown from now on."""
    told: dict[str, Any] = connection.info[TOLD]
    told["all"] = int(rows.everything)
    told["places"], told["things"] = _array(rows.places), _array(rows.things)
    told["who"] = rows.who
    if not rows.everything and not connection.info.get(HUNG):
        _hang(connection)


def _hang(connection: Connection) -> None:
    driver: Any = connection.connection.dbapi_connection
    found = driver.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'").fetchall()
    there = {str(name) for (name,) in found} & _rules.keys()
    _ask(connection, _up(there))
    connection.info[HUNG] = len(there) == len(_rules)  # or nobody has migrated it yet
    connection.info[WITHIN] = driver.in_transaction


def _ask(connection: Connection, statements: Iterable[str]) -> None:
    driver: Any = connection.connection.dbapi_connection
    [(only_reads,)] = driver.execute("PRAGMA query_only").fetchall()
    driver.execute("PRAGMA query_only=0")
    for statement in statements:
        driver.execute(statement)
    driver.execute(f"PRAGMA query_only={only_reads}")


def _answer_rules(driver: Any, record: Any) -> None:
    told = record.info[TOLD] = {"all": 0, "places": "[]", "things": "[]", "who": ""}
    # What is told changes between statements, never within one: SQLite need ask only once in each.
    for name in told:
        called = "kith_sees_all" if name == "all" else f"kith_{name}"
        driver.create_function(called, 0, lambda name=name: told[name], deterministic=True)


def _up(there: set[str]) -> Iterable[str]:
    for table in sorted(there):
        rule, rows = _rules[table], f'SELECT * FROM main."{table}" WHERE'  # noqa: S608 - names of ours
        is_theirs = f"NOT EXISTS ({rows} rowid = {{}}.rowid AND ({rule}))"
        yield f'CREATE TEMP VIEW IF NOT EXISTS "{table}" AS {rows} {SEES_ALL} OR {rule}'
        for change, row, what in () if table in _added_to else HELD:
            yield (
                f'CREATE TEMP TRIGGER IF NOT EXISTS "{table} {change}" {change} ON main."{table}" '
                f"WHEN NOT {SEES_ALL} BEGIN SELECT RAISE({what}) "
                f"WHERE {is_theirs.format(row)}; END"
            )


def _down() -> Iterable[str]:
    for table in _rules:
        yield f'DROP VIEW IF EXISTS temp."{table}"'
        for change, _row, _what in HELD:
            yield f'DROP TRIGGER IF EXISTS temp."{table} {change}"'


def _change_the_table(
    connection: Connection,
    _cursor: object,
    statement: str,
    parameters: object,
    _context: object,
    _executemany: bool,  # noqa: FBT001 - as SQLAlchemy calls it
) -> tuple[str, object]:
    hung = connection.info.get(HUNG)
    return (_past_view(statement) if hung else statement), parameters


@lru_cache(1_000)
def _past_view(statement: str) -> str:
    found = CHANGE.match(statement)
    if found is None or found[2] not in _rules:
        return statement
    return f'{found[1]} main."{found[2]}"{statement[found.end() :]}'


def _array(keys: Iterable[uuid.UUID]) -> str:
    return json.dumps([key.hex for key in keys])
