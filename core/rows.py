"""Ground floor: rows. The database itself shows each transaction only those its actor may know.

This is the last of the layers: it holds when a query forgets whom it is for. PostgreSQL has rules
of its own for it, SQLite is given views (`core.row_views`). What an actor's rows are, a room says
(`shown_by`); here it is told to the database at the beginning of each transaction, for that
transaction alone. Nothing said means no rows. A command or the background
loop sees all, and so does a piece of work within a request that says why (`all_shown`).
"""

import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

from flask import g, has_request_context
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection

from core import guards, row_views
from core.actors import Actor

RUNTIME, BACKUP = guards.RUNTIME, "kith_backup"
"""The roles (docs/runbooks/postgresql.md): who runs the service owns nothing; who copies reads."""

TELL = (
    "SELECT set_config('kith.sees', %s, true), set_config('kith.places', %s, true), "
    "set_config('kith.things', %s, true), set_config('kith.who', %s, true)"
)
BECOME = (
    "SELECT rolname FROM pg_roles WHERE rolname = %s AND rolname <> session_user "
    "AND pg_has_role(session_user, oid, 'MEMBER')"
)

MAY_RUN = f"""DO $$ BEGIN
IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{RUNTIME}')
AND (SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user) THEN
    BEGIN CREATE ROLE {RUNTIME} NOLOGIN;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END;
    EXECUTE 'GRANT {RUNTIME} TO ' || quote_ident(current_user);
END IF;
IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{RUNTIME}') THEN
    GRANT USAGE ON SCHEMA public TO {RUNTIME};
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {RUNTIME};
    GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {RUNTIME};
    ALTER DEFAULT PRIVILEGES IN SCHEMA public
        GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {RUNTIME};
END IF;
IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{BACKUP}') THEN
    GRANT USAGE ON SCHEMA public TO {BACKUP};
    GRANT SELECT ON ALL TABLES IN SCHEMA public TO {BACKUP};
    GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO {BACKUP};
    ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO {BACKUP};
END IF; END $$"""
"""Who may make roles makes the one that owns nothing; what it may do is said either way."""

guards.declare("who runs and who copies", engine=guards.POSTGRESQL, up=[MAY_RUN], down=[])


@dataclass(frozen=True, slots=True)
class Rows:
    """Which rows about people are shown: all, those of organisations, or those of single things."""

    everything: bool = False
    places: frozenset[uuid.UUID] = frozenset()
    things: frozenset[uuid.UUID] = frozenset()
    who: str = ""


NONE, ALL = Rows(), Rows(everything=True)

Open = Callable[[], Connection | None]
"""The connection of the present transaction, if one has begun."""

_rooms: list[tuple[Callable[[Actor], Rows], Callable[[str], frozenset[uuid.UUID]]]] = []
_session: list[Open] = []
_flush: list[Callable[[], None]] = []
_set: ContextVar[Rows | None] = ContextVar("rows shown", default=None)


def shown_by(
    rows_of: Callable[[Actor], Rows], opened_by: Callable[[str], frozenset[uuid.UUID]]
) -> None:
    """Register what an actor's rows are, and which things a key about something opens.

    Called once, by the room that has people's rows.
    """
    _rooms[:] = [(rows_of, opened_by)]


def told_through(open_connection: Open, flush: Callable[[], None]) -> None:
    """Register how the present transaction is reached. Called once, by core.db."""
    _session[:] = [open_connection]
    _flush[:] = [flush]


def shown() -> Rows:
    """What is shown now."""
    chosen = _set.get()
    if chosen is not None:
        return chosen
    if not has_request_context():
        return ALL
    if "actor" not in g or not _rooms:
        return replace(NONE, things=_opened())
    found = _rooms[0][0](g.actor)
    return replace(found, things=found.things | _opened())


def bring_key(about: str) -> None:
    """A signed link about something was brought: show what it opens."""
    if has_request_context() and _rooms and _session and _session[0]() is not None:
        with all_shown("what a key opens"):
            found = _rooms[0][1](about)
        open_things(found)


def open_things(things: Iterable[uuid.UUID]) -> None:
    """Show these rows too for the rest of the request: a key to them was brought."""
    if has_request_context():
        g.things_opened = _opened() | frozenset(things)
        tell_anew()


def tell_anew() -> None:
    """What is shown has changed: tell the transaction that is already under way."""
    connection = _session[0]() if _session else None
    if connection is not None:
        tell(connection)


@contextmanager
def all_shown(why: str) -> Iterator[None]:
    """Show every row within the block, for work that is the service's own: `why` names it.

    Only its counts, or what is the actor's to know, may leave the block.
    """
    if not why:
        raise ValueError("say why all rows must be shown")
    with showing(ALL):
        yield


@contextmanager
def showing(rows: Rows) -> Iterator[None]:
    """Show just these rows within the block."""
    if shown() == rows:
        yield
        return
    token = _set.set(rows)
    try:
        tell_anew()
        yield
        _flush[0]()  # what was changed here must be written while it can still be seen
    finally:
        _set.reset(token)
        tell_anew()


def tell(connection: Connection) -> None:
    """Say to the database what this transaction is shown."""
    rows = shown()
    if connection.dialect.name == "sqlite":
        row_views.tell(connection, rows)
        return
    driver: Any = connection.connection.dbapi_connection
    if rows == NONE and not connection.info.pop("rows told", False):
        return
    if driver.info.transaction_status is TransactionStatus.INERROR:
        return  # it shows nothing to anybody until it is rolled back
    connection.info["rows told"] = True
    said = ("all" if rows.everything else "", _array(rows.places), _array(rows.things), rows.who)
    driver.execute(TELL, said)


def become_runtime(connection: Any) -> None:
    """Act as the role that owns nothing, where there is one and this sign-in may be it."""
    with connection.cursor() as cursor:
        if cursor.execute(BECOME, (RUNTIME,)).fetchone():
            cursor.execute(f"SET ROLE {RUNTIME}")
    connection.commit()


def _opened() -> frozenset[uuid.UUID]:
    found: frozenset[uuid.UUID] = g.get("things_opened", frozenset())
    return found


def _array(keys: Iterable[uuid.UUID]) -> str:
    return "{" + ",".join(sorted(str(key) for key in keys)) + "}"
