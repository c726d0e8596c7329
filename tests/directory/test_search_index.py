"""A search index in a folder is disposable: lost or damaged, it is answered for and built anew."""

import fcntl
import json
import os
import shutil
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, insert, select, update

from core import clock, work
from core.db import db, may_write
from core.saving import saving
from core.settings import Settings
from directory.facts import PlaceFacts
from directory.models import SearchJob, Service
from directory.places import Place, PlaceKind
from directory.rules import Life
from directory.search import Query, catch_up, generation, mark, rebuild, search, segments, upkeep
from directory.search.choosing import answer
from directory.search.fallback import Everybody, FromSql
from directory.search.segments import TOGETHER
from directory.search.shelf import Shelf
from directory.search.state import is_read
from directory.search.upkeep import AT_ONCE, Index
from tests.builders import a_listing, an_organisation
from tests.engines import on_sqlite

Damage = Callable[[Path], object]


@pytest.fixture
def data_dir(app: Flask) -> Path:
    settings: Settings = app.extensions["kith.settings"]
    return settings.data_dir


@pytest.fixture
def folder(data_dir: Path) -> Path:
    """The folder of an index that holds two listings."""
    group = an_organisation()
    a_listing("Knit and natter", organisation=group)
    a_listing("Walking group", organisation=group)
    assert from_where() == "index"
    return data_dir / "index"


@contextmanager
def held(data_dir: Path) -> Iterator[None]:
    """The lock is in the hands of another process."""
    with (data_dir / "index.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def from_where() -> str:
    """Who answered, having checked that the answer is right."""
    answer = search(Query("knitting", exact=True))
    assert answer.total == 1
    assert search(Query(kinds={"meeting-people"})).total == 2
    return "database" if answer.from_sql else "index"


def asked(index: Index, text: str) -> int:
    """How many listings one index finds."""
    return index.ask(lambda listings: answer(listings, Query(text, exact=True))).total


def jobs() -> int:
    db.session.rollback()  # to see what others have committed
    return db.session.scalar(select(func.count()).select_from(SearchJob)) or 0


def files_of(folder: Path) -> list[Path]:
    return [folder / "current", *(path for path in folder.rglob("*") if path.parent != folder)]


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def deleted(path: Path) -> None:
    path.unlink()


def garbled(path: Path) -> None:
    path.write_bytes(os.urandom(path.stat().st_size))


def one_byte_changed(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x55
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [cut_short, emptied, deleted, garbled, one_byte_changed])
@on_sqlite
def test_any_damage_to_any_file_is_noticed_answered_and_mended(
    folder: Path, damage: Damage
) -> None:
    rebuild()
    count = len(files_of(folder))
    assert count > 5
    for number in range(count):
        path = sorted(files_of(folder))[number]
        damage(path)
        fresh = Index(db.engine, folder.parent, in_background=False)
        # A reader needs none of the files that Whoosh writes, nor what is said of them.
        found = search(Query("knitting", exact=True))
        assert found.from_sql is is_read(path.name) or path.name == "current"
        catch_up()
        assert from_where() == "index"
        assert asked(fresh, "knitting") == 1
        Shelf(folder.parent).whole()


@pytest.mark.parametrize(
    "lose",
    [
        lambda folder: shutil.rmtree(folder),
        lambda folder: (folder / "current").unlink(),
        lambda folder: (folder / "current").write_text("[]"),
        lambda folder: (folder / "current").write_text("{}"),
        lambda folder: (folder / "current").write_bytes(b"\xff\xfe"),
        lambda folder: _say(folder, schema=10**6),
        lambda folder: _say(folder, generation="../../etc"),
        lambda folder: _say(folder, files={"../kith.db": [1, 1]}),
        lambda folder: folder.chmod(0o755),
        lambda folder: (shutil.rmtree(folder), folder.write_text("a file")),
        lambda folder: (shutil.rmtree(folder), folder.symlink_to("/tmp")),  # not ours
    ],
)
@on_sqlite
def test_a_lost_index_is_answered_for_and_built_anew(folder: Path, lose: Damage) -> None:
    lose(folder)
    assert search(Query("knitting", exact=True)).from_sql
    assert from_where() == "index"
    assert folder.lstat().st_mode & 0o777 == 0o700


def _say(folder: Path, **otherwise: object) -> None:
    current = folder / "current"
    current.write_text(json.dumps(json.loads(current.read_text()) | otherwise))


def test_what_cannot_be_read_in_time_is_told_in_part_and_soon_whole(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    near, far = (
        PlaceFacts(name=name, latitude=51.5, longitude=at)
        for name, at in (("Bow", 0.0), ("Bath", -2.4))
    )
    for number, place in enumerate((far, near, far)):
        a_listing(f"Walk {number}", places=(place,))
    monkeypatch.setattr("directory.search.fallback.FEW", 1)
    everybody = Everybody(db.engine, in_background=True)
    with db.session() as session:
        nearest = FromSql(session, [""], everybody, (51.5, 0.1))
        assert (nearest.partly, answer(nearest, Query()).total) == (True, 1)
        assert (
            answer(nearest, Query(near=Place("", PlaceKind.POINT, 51.5, 0.0), within=1)).total == 1
        )
        assert FromSql(session, ["walk"], everybody).partly
        assert not FromSql(session, ["2"], everybody).partly
    everybody.renew()
    everybody.settle()
    with db.session() as session:
        whole = FromSql(session, [""], everybody)
    assert (whole.partly, answer(whole, Query()).total) == (False, 3)


@on_sqlite
def test_nothing_is_read_from_a_folder_others_can_write_to(folder: Path) -> None:
    folder.chmod(0o770)
    with pytest.raises(Exception, match="open to others"):
        Shelf(folder.parent).manifest()


@on_sqlite
def test_the_background_loop_builds_a_lost_index(folder: Path) -> None:
    shutil.rmtree(folder)
    assert work.run_until_empty() > 0
    assert from_where() == "index"
    assert work.run_once() == 0


@on_sqlite
def test_a_lost_index_is_rebuilt_behind_the_readers_back(app: Flask, folder: Path) -> None:
    elsewhere = folder.parent / "elsewhere"
    index = Index(db.engine, elsewhere, in_background=True)
    index.mend()
    index.settle()
    assert asked(index, "knitting") == 1
    shutil.rmtree(elsewhere)


@on_sqlite
def test_a_change_another_process_made_is_seen_by_the_next_question(folder: Path) -> None:
    ours, theirs = (Index(db.engine, folder.parent, in_background=False) for _ in range(2))
    assert asked(ours, "pottery") == 0
    with held(folder.parent):
        a_listing("Pottery")
    assert jobs() > 0
    assert theirs.take_one()
    assert asked(ours, "pottery") == 1
    assert jobs() == 0


@on_sqlite
def test_who_cannot_have_the_lock_leaves_the_work(folder: Path) -> None:
    with held(folder.parent):
        a_listing("Pottery")
        assert jobs() > 0
        assert search(Query("pottery", exact=True)).total == 0
        assert not Index(db.engine, folder.parent, in_background=False).take_one()
    assert work.run_until_empty() > 0
    assert (jobs(), search(Query("pottery", exact=True)).total) == (0, 1)


@on_sqlite
def test_a_writer_that_died_half_way_is_as_if_it_had_not_begun(folder: Path) -> None:
    shelf = Shelf(folder.parent)
    generation = shelf.path(shelf.manifest())
    segments.write(generation, db.session.scalars(select(Service.id)).all(), [])
    (generation / "MAIN_halfdone.trm").write_bytes(b"half")
    assert from_where() == "index"
    a_listing("Pottery")
    assert search(Query("pottery", exact=True)).total == 1
    assert not (generation / "MAIN_halfdone.trm").exists()


@on_sqlite
def test_an_index_of_other_listings_is_noticed_with_the_next_change(folder: Path) -> None:
    with may_write(), db.engine.begin() as connection:
        connection.execute(
            update(Service).where(Service.name == "Walking group").values(life=Life.RETIRED)
        )
    assert search(Query("walking", exact=True)).total == 1
    a_listing("Pottery")
    assert search(Query("walking", exact=True)).total == 0


@on_sqlite
def test_what_the_index_tells_otherwise_than_the_database_is_repaired_at_night(
    folder: Path,
) -> None:
    with may_write(), db.engine.begin() as connection:
        change = update(Service).where(Service.name == "Walking group")
        connection.execute(change.values(name="Nordic rambles"))
    assert search(Query("nordic", exact=True)).total == 0
    index = Index(db.engine, folder.parent, in_background=False)
    assert index.compare() == 1
    assert work.run_until_empty() > 0
    assert (
        search(Query("nordic", exact=True)).total,
        search(Query("walking", exact=True)).total,
    ) == (
        1,
        0,
    )
    assert index.compare() == 0


@on_sqlite
def test_what_is_not_shown_any_more_is_gone_from_the_index_after_the_night(folder: Path) -> None:
    with may_write(), db.engine.begin() as connection:
        connection.execute(update(Service).values(life=Life.RETIRED))
    assert search(Query("walking", exact=True)).total == 1
    assert Index(db.engine, folder.parent, in_background=False).compare() == 2
    assert work.run_until_empty() > 0
    assert search(Query()).total == 0


@on_sqlite
def test_the_loop_merges_what_many_edits_have_left(folder: Path) -> None:
    group = an_organisation("Potters")
    for number in range(TOGETHER + 1):
        a_listing(f"Pottery {number}", organisation=group)
    assert segments_of(folder) > TOGETHER
    assert work.run_until_empty() > 0
    assert segments_of(folder) <= TOGETHER
    assert search(Query("pottery", exact=True)).total == TOGETHER + 1
    assert Index(db.engine, folder.parent, in_background=False).compare() == 0


@on_sqlite
def test_without_a_loop_whoever_saves_merges_at_last(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "MOST_SEGMENTS", TOGETHER)
    group = an_organisation("Potters")
    for number in range(TOGETHER * 2):
        a_listing(f"Pottery {number}", organisation=group)
    assert segments_of(folder) <= TOGETHER + 2
    assert search(Query("pottery", exact=True)).total == TOGETHER * 2


@on_sqlite
def test_an_index_mostly_of_what_is_gone_is_built_anew_at_night(folder: Path) -> None:
    for name in ("Knitting one", "Knitting two", "Knitting three"):
        with may_write(), db.engine.begin() as connection:
            change = update(Service).where(Service.name.startswith("Knit"))
            connection.execute(change.values(name=name))
            which = connection.scalar(select(Service.id).where(Service.name == name))
            connection.execute(insert(SearchJob).values(service_id=which, at=clock.now()))
        catch_up()
    before = generation().partition(".")[0]
    assert Index(db.engine, folder.parent, in_background=False).compare() == 0
    assert generation().partition(".")[0] != before


def segments_of(folder: Path) -> int:
    return len(list(folder.glob("*/*.words")))


@on_sqlite
def test_there_is_another_generation_whenever_answers_may_be_others(folder: Path) -> None:
    seen = [generation()]
    a_listing("Pottery")
    seen.append(generation())
    rebuild()
    seen.append(generation())
    assert generation() == seen[-1]
    shutil.rmtree(folder)
    seen.append(generation())
    assert len(set(seen)) == 4
    assert seen[-1] == ""


@on_sqlite
def test_nothing_is_marked_by_work_that_failed(folder: Path) -> None:
    service = db.session.scalars(select(Service)).first()
    assert service is not None
    with pytest.raises(ZeroDivisionError), saving():
        mark(service)
        _ = 1 / 0
    assert jobs() == 0


@on_sqlite
def test_many_changes_at_once_are_a_new_index(folder: Path) -> None:
    before = json.loads((folder / "current").read_text())["generation"]
    with may_write(), db.engine.begin() as connection:
        ids = list(connection.scalars(select(Service.id)))
        for _ in range(AT_ONCE + 1):
            job = {"id": uuid.uuid4(), "service_id": ids[0], "at": clock.now()}
            connection.execute(insert(SearchJob).values(job))
    catch_up()
    assert json.loads((folder / "current").read_text())["generation"] != before
    assert from_where() == "index"


@on_sqlite
def test_a_new_index_says_how_far_it_is(folder: Path) -> None:
    told: list[tuple[int, int]] = []
    assert rebuild(lambda done, total: told.append((done, total))) == 2
    assert told == [(1, 2), (2, 2)]


@on_sqlite
def test_readers_in_many_threads_never_notice_the_writer(app: Flask, folder: Path) -> None:
    troubles: list[object] = []
    done = threading.Event()

    def read() -> None:
        with app.app_context():
            while not done.is_set():
                answer = search(Query("knitting walking pottery", exact=True))
                if answer.from_sql or answer.total < 2:
                    troubles.append(answer)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    group = an_organisation("Potters")
    for number in range(12):
        a_listing(f"Pottery {number}", organisation=group)
    rebuild()
    done.set()
    for reader in readers:
        reader.join()
    assert troubles == []
    assert search(Query("pottery", exact=True)).total == 12
