"""The writer of the search index may be killed at any point: readers see one state or the next."""

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import BuiltinFunctionType, FrameType

import pytest
from flask import Flask
from sqlalchemy import insert, select, update

from core import clock
from core.db import db, may_write
from core.settings import Settings
from directory.models import SearchJob, Service
from directory.search import Query, rebuild, search
from directory.search.choosing import answer
from directory.search.shelf import Shelf
from directory.search.upkeep import Index
from tests.builders import a_listing, an_organisation
from tests.engines import on_sqlite

Work = Callable[[Index], object]

STEPS = frozenset(
    {"open", "write", "writelines", "flush", "close", "truncate", "rename", "replace", "unlink"}
    | {"remove", "rmdir", "mkdir", "chmod", "flock", "execute", "commit"}
)
"""The calls between which a writer is killed: all that another process can see anything of."""

LISTINGS, POINTS, NEVER = 8, 50, -1


@pytest.fixture
def data_dir(app: Flask) -> Path:
    settings: Settings = app.extensions["kith.settings"]
    return settings.data_dir


def edit(index: Index) -> object:
    return index.take_one()


def build_anew(index: Index) -> object:
    return index.rebuild()


@pytest.mark.parametrize("work", [edit, build_anew])
@on_sqlite
def test_readers_never_see_that_a_writer_was_killed(
    work: Work, data_dir: Path, tmp_path: Path
) -> None:
    group = an_organisation()
    for number in range(LISTINGS):
        a_listing(f"Pottery {number}", organisation=group)
    rebuild()
    change("Pottery with Wool")
    in_all = in_another_process(work, data_dir, die_at=NEVER, report=tmp_path / "steps")
    assert in_all > POINTS
    died = 0
    with reading(data_dir, tmp_path / "seen"):
        for number in range(POINTS):
            change(f"Pottery named anew{number}")
            at = 1 + number * (in_all - 1) // (POINTS - 1)
            died += in_another_process(work, data_dir, die_at=at) == -signal.SIGKILL
            ours = Index(db.engine, data_dir, in_background=False)
            while ours.take_one():
                pass
            assert search(Query(f"anew{number}", exact=True)).total == 1
            assert ours.compare() == 0
            Shelf(data_dir).whole()
    assert died > POINTS * 3 / 4
    seen = json.loads((tmp_path / "seen").read_text())
    assert seen["troubles"] == []
    assert seen["questions"] > POINTS
    assert nothing_is_left_over(data_dir)


def change(name: str) -> None:
    """Another name for one listing, and the job of it, as a change leaves it."""
    with may_write(), db.engine.begin() as connection:
        which = connection.scalar(select(Service.id).order_by(Service.id).limit(1))
        connection.execute(update(Service).where(Service.id == which).values(name=name))
        connection.execute(insert(SearchJob).values(service_id=which, at=clock.now()))


def in_another_process(
    work: Work, data_dir: Path, *, die_at: int, report: Path | None = None
) -> int:
    """Have a writer do the work and die at a step; its exit, or how many steps it took if asked."""
    child = os.fork()
    if not child:
        db.engine.dispose(close=False)
        counter = Counter(die_at)
        sys.setprofile(counter)
        with suppress(BaseException):
            work(Index(db.engine, data_dir, in_background=False))
        sys.setprofile(None)
        if report is not None:
            report.write_text(str(counter.steps))
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return status if report is None else int(report.read_text())


class Counter:
    """Counts the steps of this process, and kills it at one of them."""

    def __init__(self, die_at: int) -> None:
        self.steps = 0
        self._die_at = die_at

    def __call__(self, frame: FrameType, event: str, called: object) -> None:
        if event == "c_call" and isinstance(called, BuiltinFunctionType):
            self.steps += called.__name__ in STEPS
            if self.steps == self._die_at:
                os.kill(os.getpid(), signal.SIGKILL)


@contextmanager
def reading(data_dir: Path, report: Path) -> Iterator[None]:
    """Meanwhile another process asks the index, over and over."""
    stop = report.with_name("stop")
    child = os.fork()
    if not child:
        troubles: list[str] = []
        index = Index(db.engine, data_dir, in_background=False)
        questions = 0
        while not stop.exists():
            try:
                found = index.ask(lambda listings: answer(listings, Query("pottery", exact=True)))
                if found.total != LISTINGS:
                    troubles.append(f"{found.total} found")
            except BaseException as trouble:
                troubles.append(repr(trouble))
            questions += 1
            time.sleep(0.005)
        report.write_text(json.dumps({"questions": questions, "troubles": troubles[:9]}))
        os._exit(0)
    try:
        yield
    finally:
        stop.touch()
        os.waitpid(child, 0)


def nothing_is_left_over(data_dir: Path) -> bool:
    """Whether there is no file in the folder of the index but those of the present state."""
    shelf = Shelf(data_dir)
    manifest = shelf.whole()
    known = {shelf.path(manifest) / name for name in manifest.files}
    return {path for path in shelf.folder.rglob("*") if path.is_file()} == {
        *known,
        shelf.folder / "current",
    }
