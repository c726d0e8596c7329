"""Ground floor: a whole database out into one file and back, on either engine, while it is in use.

SQLite by its own backup interface, never by copying its file; PostgreSQL by `pg_dump` over the
snapshot in which the rows are counted. Rows go back only where there are none.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pysqlite3
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from core.settings import Settings
from core.work import Failed

LONGEST_COPY = 3_600  # seconds


class CannotCopy(Failed):
    """What stands in the way, in words for whoever runs the site."""


Counts = dict[str, int]

HEAD = "SELECT id, seal FROM audit_seal ORDER BY id DESC LIMIT 1"


@dataclass(frozen=True, slots=True)
class Held:
    """What a database holds at one moment: the rows of each table, and where its audit ends."""

    rows: Counts
    sealed: int = 0
    seal: str = ""


def copy_out(url: str, to: Path, settings: Settings) -> Held:
    """Copy the database as it is at one moment into a new file; returns what it holds."""
    if _is_sqlite(url):
        with closing(_sqlite(url)) as source, closing(pysqlite3.connect(str(to))) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE").fetchall()
            return _held(_sqlite_counts(copy), copy)
    return _dump(url, to, settings)


def copy_in(kept: Path, url: str, settings: Settings) -> Held:
    """Put a copy where nothing is; returns what is there then."""
    if not is_empty(url):
        raise CannotCopy("There are tables in that database already. Restore into an empty one.")
    if _is_sqlite(url):
        _put_in_place(kept, _file_of(url))
        return held(url)
    program = _program("pg_restore", settings)
    _run([program, "--no-owner", "--exit-on-error", "--single-transaction", str(kept)], url)
    return held(url)


def is_empty(url: str) -> bool:
    """Whether the database has no tables, or is not there yet."""
    if _is_sqlite(url):
        path = _file_of(url)
        return not path.exists() or path.stat().st_size == 0 or not counts(url)
    return not counts(url)


def counts(url: str) -> Counts:
    """The rows of each table at one moment."""
    if _is_sqlite(url):
        with closing(_sqlite(url)) as connection:
            return _sqlite_counts(connection)
    with _snapshot(url) as connection:
        return _postgres_counts(connection)


def held(url: str) -> Held:
    """What a database holds at one moment."""
    if _is_sqlite(url):
        with closing(_sqlite(url)) as connection:
            return _held(_sqlite_counts(connection), connection)
    with _snapshot(url) as connection:
        return _held(_postgres_counts(connection), connection)


def damage(url: str) -> list[str]:
    """What the engine itself finds wrong with a database; nothing, if it is whole."""
    if not _is_sqlite(url):
        return []  # its pages have checksums, and pg_restore has built every index anew
    with closing(_sqlite(url)) as connection:
        said = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
        astray = connection.execute("PRAGMA foreign_key_check").fetchall()
    return [each for each in said if each != "ok"] + [
        f"a {row[0]} without its {row[2]}" for row in astray
    ]


@contextmanager
def scratch(url: str, folder: Path, name: str) -> Iterator[str]:
    """The address of an empty database beside the real one, gone after the block."""
    if _is_sqlite(url):
        yield f"sqlite:///{folder / name}.db"
        return
    beside = sql.Identifier(name)
    with _outside_transactions(url) as connection:
        try:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(beside))
        except psycopg.errors.InsufficientPrivilege:
            raise CannotCopy(
                "This database user may not create databases, so a backup cannot be tried out. "
                "Set BACKUP_DATABASE_URL to one that may."
            ) from None
    try:
        yield make_url(url).set(database=name).render_as_string(hide_password=False)
    finally:
        with _outside_transactions(url) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(beside))


def _is_sqlite(url: str) -> bool:
    return url.startswith("sqlite")


def _file_of(url: str) -> Path:
    return Path(make_url(url).database or "")


def _sqlite(url: str) -> Any:
    path = _file_of(url)
    if not path.exists():
        raise CannotCopy(f"There is no database at {path}.")
    return pysqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)


def _sqlite_counts(connection: Any) -> Counts:
    names = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    ).fetchall()
    return {
        name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608
        for (name,) in names
    }


def _held(rows: Counts, connection: Any) -> Held:
    """Where the audit ends too: what was cut off its end leaves every other check content."""
    newest = connection.execute(HEAD).fetchone() if rows.get("audit_seal") else None
    return Held(rows, *newest) if newest else Held(rows)


def _put_in_place(kept: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    for leftover in ("-wal", "-shm"):
        place.with_name(place.name + leftover).unlink(missing_ok=True)
    draft = place.with_name(f".{place.name}.restoring")
    shutil.copyfile(kept, draft)
    draft.chmod(0o600)
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    os.replace(draft, place)


def _libpq(url: str) -> URL:
    return make_url(url).set(drivername="postgresql")


@contextmanager
def _outside_transactions(url: str) -> Iterator[psycopg.Connection]:
    address = _libpq(url).render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True, connect_timeout=5) as connection:
        yield connection


@contextmanager
def _snapshot(url: str) -> Iterator[psycopg.Connection]:
    """A connection that sees the database as it is at one moment, and changes nothing."""
    with _outside_transactions(url) as connection:
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        # Otherwise the rules of rows would have the tables' own owner count none.
        connection.execute("SELECT set_config('kith.sees', 'all', true)")
        yield connection
        connection.execute("COMMIT")


def _postgres_counts(connection: psycopg.Connection) -> Counts:
    names = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1"
    ).fetchall()
    found = {}
    for (name,) in names:
        counting = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))
        row = connection.execute(counting).fetchone()
        found[name] = int(row[0]) if row else 0
    return found


def _dump(url: str, to: Path, settings: Settings) -> Held:
    program = _program("pg_dump", settings)
    with _snapshot(url) as connection:
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        found = _held(_postgres_counts(connection), connection)
        how = ["--format=custom", "--compress=0", "--no-owner", f"--file={to}"]
        _run([program, *how, f"--snapshot={row[0] if row else ''}"], url)
    return found


def _program(name: str, settings: Settings) -> str:
    found = shutil.which(name, path=settings.postgres_tools or None)
    if found is None:
        raise CannotCopy(
            f"{name} is not installed here. Install PostgreSQL's client programs, of the server's "
            "version or later, or say in POSTGRES_TOOLS where they are."
        )
    return found


def _run(command: list[str], url: str) -> None:
    """Run one of PostgreSQL's programs; the password goes by its surroundings, which `ps` hides."""
    address = _libpq(url)
    surroundings = {**os.environ, "PGPASSWORD": address.password or "", "PGCONNECT_TIMEOUT": "5"}
    bare = address.set(password=None).render_as_string(hide_password=False)
    ran = subprocess.run(  # noqa: S603
        [*command, f"--dbname={bare}"],
        env=surroundings,
        capture_output=True,
        text=True,
        timeout=LONGEST_COPY,
        check=False,
    )
    if ran.returncode:
        # Its first line names the trouble; the rest can quote rows.
        said = (ran.stderr.strip().splitlines() or ["no reason given"])[0]
        raise CannotCopy(f"{Path(command[0]).name} stopped: {said}")
