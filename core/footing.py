"""Ground floor: whether the database is one that people's details may be given to.

Asked when the service starts. In production what would lose or show them is refused; elsewhere, and
where it is only unwise, it is told in the log and by `flask ops doctor`.
"""

import logging
from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from core import sealing
from core.db import UnsafeDatabase, db, is_empty
from core.settings import in_force

SQLITE = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}
DURABLE = ("fsync", "synchronous_commit", "full_page_writes")
ENDS = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")

UNBOUND = text(
    "SELECT rolsuper OR rolbypassrls OR EXISTS (SELECT FROM pg_tables "
    "WHERE schemaname = 'public' AND tableowner = current_user) "
    "FROM pg_roles WHERE rolname = current_user"
)
SIGNED_IN_ABOVE = text(
    "SELECT rolsuper OR rolbypassrls OR EXISTS (SELECT FROM pg_tables "
    "WHERE schemaname = 'public' AND tableowner = session_user) "
    "FROM pg_roles WHERE rolname = session_user"
)

log = logging.getLogger(__name__)


def look_before_serving() -> None:
    """Refuse to serve in production on a database that is not safe; tell of what is unwise."""
    settings = in_force()
    try:
        if is_empty():
            return
        dangers, doubts = [*dangers_of(), *restored()], list(doubts_of())
    except OperationalError:
        return  # it does not answer yet: `/readyz` says so until it does
    finally:
        db.session.remove()
        db.engine.dispose()  # who serves is forked from here
    for each in [*dangers, *doubts]:
        log.warning("%s", each)
    if dangers and settings.is_production:
        raise UnsafeDatabase(" ".join(dangers))


def dangers_of() -> Iterator[str]:
    """What would lose what was confirmed, or show people to whom they do not concern."""
    return _of_sqlite() if db.engine.dialect.name == "sqlite" else _of_postgresql()


def restored() -> Iterator[str]:
    """Whom a backup brought back, though they were forgotten."""
    back = len(sealing.back_again())
    if back:
        yield f"{back} who were forgotten are here again: run `flask ops repeat`."


def _of_sqlite() -> Iterator[str]:
    for name, wanted in SQLITE.items():
        found = db.session.scalar(text(f"PRAGMA {name}"))
        if found != wanted:
            yield f"SQLite's {name} is {found}, not {wanted}."


def _of_postgresql() -> Iterator[str]:
    for name in DURABLE:
        if db.session.scalar(text(f"SHOW {name}")) == "off":
            yield f"PostgreSQL's {name} is off: a power cut loses what was confirmed."
    for name in ENDS:
        if db.session.scalar(text(f"SHOW {name}")) in {"0", None}:
            yield f"PostgreSQL's {name} is not set: one may wait for ever."
    if db.session.scalar(UNBOUND):
        yield (
            "Kith speaks to PostgreSQL as a superuser or as the owner of its tables: see "
            "docs/runbooks/postgresql.md."
        )


def doubts_of() -> Iterator[str]:
    """What is safe, and could be safer."""
    if db.engine.dialect.name == "postgresql" and db.session.scalar(SIGNED_IN_ABOVE):
        yield (
            "Kith signs in to PostgreSQL as who may do everything, and then lays that down. A "
            "sign-in of its own is better: see docs/runbooks/postgresql.md."
        )
