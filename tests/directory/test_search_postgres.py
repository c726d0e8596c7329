"""Search in PostgreSQL: one index for all machines, nothing on their disks, edits seen at once."""

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from flask import Flask
from sqlalchemy import delete, func, insert, select, text, update

from benchmarks.invented import listings
from benchmarks.search_oracle import build, mixed
from core import clock, work
from core.db import act_as_owner, db, may_write
from core.settings import Settings
from directory.models import SearchArray, SearchJob, SearchState, SearchWord, Service
from directory.rules import Life
from directory.search import Query, generation, packing, rebuild, search, segments, tables
from directory.search.choosing import answer
from directory.search.documents import Document
from directory.search.on_postgres import AT_ONCE, PACKED_AT, Index
from directory.search.packing import Overtaken, Packed, State, pack, put_in_force
from directory.search.shelf import SCHEMA
from directory.search.snapshot import Snapshot, open_state
from directory.search.tables import Fetched
from directory.search.texts import Scored
from tests.builders import a_listing, an_organisation
from tests.directory.test_search_oracle import BOMBS
from tests.engines import on_postgresql

pytestmark = on_postgresql

SIZE = 1_000


@pytest.fixture
def town(app: Flask) -> None:
    """An index of six listings, all of them packed."""
    group = an_organisation()
    for name in ("Knit and natter", "Walking group", "Chess", "Bingo", "Choir", "Tai chi"):
        a_listing(name, organisation=group)
    rebuild()
    assert (parts(), jobs()) == ([6], 0)


def another() -> Index:
    """The index as another process sees it."""
    return Index(db.engine, in_background=False)


def found(index: Index, said: str) -> int:
    return index.ask(lambda listings: answer(listings, Query(said, exact=True))).total


def jobs() -> int:
    db.session.rollback()  # to see what others have committed
    return db.session.scalar(select(func.count()).select_from(SearchJob)) or 0


def parts() -> list[int]:
    """How many listings each part in force has still."""
    db.session.rollback()
    state = packing.state(db.session())
    return [each.living for each in state.parts] if state else []


def said(statement: object) -> None:
    with may_write(), db.engine.begin() as connection:
        connection.execute(statement)  # type: ignore[call-overload]


def dropped(table: str) -> None:
    with may_write(), db.engine.begin() as connection:
        act_as_owner(connection)  # who runs the service may not
        connection.execute(text(f"DROP TABLE {table}"))


def a_job(service: uuid.UUID) -> dict[str, object]:
    return {"id": uuid.uuid4(), "service_id": service, "at": clock.now()}


def id_of(name: str) -> uuid.UUID:
    return db.session.scalars(select(Service.id).where(Service.name == name)).one()


@pytest.mark.usefixtures("town")
def test_an_edit_is_in_the_next_answer_of_every_process() -> None:
    ours, theirs = another(), another()
    assert found(ours, "pottery") == found(theirs, "pottery") == 0
    a_listing("Pottery")
    assert jobs() > 0
    assert found(ours, "pottery") == found(theirs, "pottery") == 1
    with may_write(), db.engine.begin() as connection:
        connection.execute(update(Service).where(Service.name == "Pottery").values(name="Clay"))
        connection.execute(insert(SearchJob).values(a_job(id_of("Pottery"))))
    assert (found(ours, "pottery"), found(theirs, "clay")) == (0, 1)
    with may_write(), db.engine.begin() as connection:
        gone = update(Service).where(Service.name == "Chess").values(life=Life.RETIRED)
        connection.execute(gone)
        connection.execute(insert(SearchJob).values(a_job(id_of("Chess"))))
    assert found(theirs, "chess") == found(another(), "chess") == 0
    assert theirs.ask(len) == 6


@pytest.mark.usefixtures("town")
def test_changes_are_seen_in_whatever_order_they_are_committed() -> None:
    index = another()
    chess, choir = id_of("Chess"), id_of("Choir")
    db.session.rollback()
    with may_write(), db.engine.connect() as slow:
        slow.execute(update(Service).where(Service.id == chess).values(name="Draughts"))
        slow.execute(insert(SearchJob).values(a_job(chess)))
        with db.engine.begin() as quick:
            quick.execute(update(Service).where(Service.id == choir).values(name="Brass band"))
            quick.execute(insert(SearchJob).values(a_job(choir)))
        assert (found(index, "draughts"), found(index, "brass")) == (0, 1)
        slow.commit()
    assert (found(index, "draughts"), found(index, "brass")) == (1, 1)


@pytest.mark.usefixtures("town")
def test_nothing_of_it_lies_on_the_disk(app: Flask) -> None:
    settings: Settings = app.extensions["kith.settings"]
    assert not search(Query("chess", exact=True)).from_sql
    assert not (settings.data_dir / "index").exists()
    assert not (settings.data_dir / "index.lock").exists()


@pytest.mark.usefixtures("town")
def test_there_is_another_generation_whenever_answers_may_be_others() -> None:
    seen = [generation()]
    a_listing("Pottery")
    seen.append(generation())
    rebuild()
    seen.append(generation())
    assert generation() == seen[-1]
    said(delete(SearchState))
    seen.append(generation())
    assert len(set(seen)) == 4
    assert seen[-1] == ""


Loss = Callable[[], object]

LOSSES: dict[str, Loss] = {
    "no state": lambda: said(delete(SearchState)),
    "another version": lambda: said(update(SearchState).values(layout=SCHEMA - 1)),
    "no arrays": lambda: said(delete(SearchArray)),
    "arrays cut short": lambda: said(
        update(SearchArray).values(content=func.substr(SearchArray.content, 1, 9))
    ),
    "arrays of another kind": lambda: said(update(SearchArray).values(kind="U")),
    "no words": lambda: said(delete(SearchWord)),
    "words cut short": lambda: said(update(SearchWord).values(cases=b"")),
    "no table of words": lambda: dropped("search_word"),
    "no table of states": lambda: dropped("search_state"),
}


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.usefixtures("town")
def test_a_lost_index_is_answered_for_and_built_anew(loss: str) -> None:
    LOSSES[loss]()
    index = another()  # which has nothing in memory
    assert search(Query("chess", exact=True)).total == 1
    try:
        assert found(index, "chess") == 1
    except Exception:
        index.mend()
    assert found(index, "chess") == 1
    assert not search(Query("chess", exact=True)).from_sql
    assert parts() == [6]


@pytest.mark.usefixtures("town")
def test_what_a_newer_version_wrote_is_left_alone_but_by_hand() -> None:
    said(update(SearchState).values(layout=SCHEMA + 1))
    before = db.session.scalar(select(SearchState.generation))
    for _ in "12":
        assert search(Query("chess", exact=True)).from_sql
    a_listing("Pottery")
    db.session.rollback()
    assert db.session.scalar(select(SearchState.generation)) == before
    assert rebuild() == 7
    assert not search(Query("chess", exact=True)).from_sql


@pytest.mark.usefixtures("town")
def test_the_background_loop_builds_a_lost_index() -> None:
    said(delete(SearchState))
    assert work.run_until_empty() > 0
    assert not search(Query("chess", exact=True)).from_sql
    assert work.run_once() == 0


@pytest.mark.usefixtures("town")
def test_many_changes_are_packed_and_few_are_not() -> None:
    group = an_organisation("Potters")
    a_listing("Pottery 0", organisation=group)
    assert parts() == [6]
    assert jobs() > 0
    for number in range(1, 7):
        a_listing(f"Pottery {number}", organisation=group)
    assert parts() == [6]
    assert found(another(), "pottery") == 7
    said(insert(SearchJob).values([a_job(id_of("Chess")) for _ in range(PACKED_AT)]))
    assert work.run_until_empty() > 0
    assert (sum(parts()), jobs()) == (13, 0)
    assert found(another(), "chess") == 1


@pytest.mark.usefixtures("app")
def test_what_is_smaller_is_packed_with_what_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    group = an_organisation()
    monkeypatch.setattr("directory.search.on_postgres.PACKED_AT", 10**6)
    ids = [a_listing(f"Chess {number}", organisation=group).id for number in range(8)]
    rebuild()
    for some, expected in ((ids[:2], [6, 2]), (ids[2:3], [5, 2, 1]), (ids[3:4], [4, 4])):
        said(insert(SearchJob).values([a_job(each) for each in some]))
        assert pack(db.engine) == 8
        assert parts() == expected
        assert found(another(), "chess") == 8
    said(insert(SearchJob).values([a_job(each) for each in ids[4:8]]))
    assert (pack(db.engine), parts()) == (8, [8])
    kept = set(db.session.scalars(select(SearchWord.part_id)))
    assert kept == set(db.session.scalars(select(SearchArray.part_id)))
    assert len(kept) == 1


@pytest.mark.usefixtures("town")
def test_more_changes_than_are_read_at_once_wait_to_be_packed() -> None:
    index = another()
    assert found(index, "chess") == 1
    said(insert(SearchJob).values([a_job(uuid.uuid4()) for _ in range(AT_ONCE)]))
    a_listing("Pottery")  # which packs what waits
    assert jobs() == 0
    assert found(index, "pottery") == 1
    assert sum(parts()) == 7


@contextmanager
def held() -> Iterator[None]:
    with packing.lock(db.engine) as mine:
        assert mine
        yield


@pytest.mark.usefixtures("town")
def test_while_one_packs_no_other_does_yet_edits_are_seen() -> None:
    said(insert(SearchJob).values([a_job(id_of("Chess")) for _ in range(PACKED_AT)]))
    with held():
        a_listing("Pottery")
        assert not another().take_one()
        assert jobs() > PACKED_AT
        assert search(Query("chess", exact=True)).total == 1
    assert work.run_until_empty() > 0
    assert (jobs(), search(Query("pottery", exact=True)).total) == (0, 1)


@pytest.mark.usefixtures("town")
def test_who_lost_the_lock_while_packing_undoes_nobodys_work() -> None:
    before = packing.state(db.session())
    assert before is not None
    rebuild()
    now = State(uuid.uuid4(), before.parts)
    with pytest.raises(Overtaken):
        put_in_force(db.engine, before, now, [])
    assert parts() == [6]
    assert found(another(), "chess") == 1


@pytest.mark.usefixtures("town")
def test_what_the_index_tells_otherwise_than_the_database_is_repaired_at_night() -> None:
    said(update(Service).where(Service.name == "Walking group").values(name="Nordic rambles"))
    said(update(Service).where(Service.name == "Chess").values(life=Life.RETIRED))
    assert (
        search(Query("nordic", exact=True)).total,
        search(Query("chess", exact=True)).total,
    ) == (0, 1)
    assert another().compare() == 2
    assert (
        search(Query("nordic", exact=True)).total,
        search(Query("walking", exact=True)).total,
    ) == (1, 0)
    assert search(Query("chess", exact=True)).total == 0
    assert another().compare() == 0


def test_readers_in_many_threads_never_notice_who_packs(app: Flask, town: None) -> None:
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
    for number in range(8):
        a_listing(f"Pottery {number}", organisation=group)
        rebuild()
    done.set()
    for reader in readers:
        reader.join()
    assert troubles == []
    assert search(Query("pottery", exact=True)).total == 8


@pytest.mark.usefixtures("town")
def test_no_text_is_an_error() -> None:
    for bomb in (*BOMBS, "tea" * 5_000, "a~9999"):
        assert search(Query(bomb)).total >= 0, bomb[:40]
    assert not search(Query(f"{bomb} chess")).from_sql


def kept(documents: list[list[Document]], gone: list[list[int]]) -> Snapshot:
    """An index in the database of these parts, without these of their rows."""
    fresh = []
    for some, without in zip(documents, gone, strict=True):
        part = uuid.uuid4()
        fresh.append(Packed(part, tables.write(db.engine, part, some), without))
    put_in_force(db.engine, None, State(uuid.uuid4(), fresh), [])
    return another().ask(lambda snapshot: snapshot)


def told(snapshot: Snapshot, scored: Scored) -> dict[uuid.UUID, float]:
    ids = snapshot.columns.ids(scored.rows)
    return dict(zip(ids, scored.scores.tolist(), strict=True))


@pytest.mark.usefixtures("app")
def test_it_finds_and_scores_as_the_index_in_a_folder_does(tmp_path: Path) -> None:
    documents = listings(SIZE)
    segments.create(tmp_path)
    segments.write(tmp_path, (), documents)
    theirs = open_state(tmp_path, [each.name for each in tmp_path.iterdir()], {})[0]
    ours = kept([documents], [[]])
    for each in (*mixed(60), *BOMBS):
        for way in ("all_of", "any_of", "begun"):
            a, b = (told(one, getattr(one.texts, way)(each)) for one in (ours, theirs))
            assert a == pytest.approx(b), (way, each)
    for word in ("bereavment", "walkng", "tea", "zzyzx", "sinigng", ""):
        assert ours.texts.nearest_words(word) == theirs.texts.nearest_words(word)
    assert ours.digests() == theirs.digests()


@pytest.mark.usefixtures("app")
def test_in_several_parts_with_listings_gone_it_finds_the_same(tmp_path: Path) -> None:
    documents = listings(SIZE)
    theirs = build(tmp_path, documents)
    living = theirs.digests().keys()
    of_id = {each.facts.id: each for each in (*documents, *listings(90, seed=7))}
    rest = [of_id[each] for each in sorted(living) if each not in _changed(documents)]
    renamed = [
        Document(of_id[each].facts, of_id[each].texts | {"name": "Quiet knitting by the canal"})
        for each in sorted(_changed(documents) & living)
    ]
    first = [*rest[:600], *documents[:10]]
    ours = kept([first, rest[600:], renamed], [list(range(600, 610)), [], []])
    assert ours.digests() == theirs.digests()
    for each in mixed(60):
        for way in ("all_of", "any_of", "begun"):
            a, b = (told(one, getattr(one.texts, way)(each)) for one in (ours, theirs))
            assert a.keys() == b.keys(), (way, each)


def _changed(documents: list[Document]) -> set[uuid.UUID]:
    return {each.facts.id for each in documents[60:120]}


@pytest.mark.usefixtures("app")
def test_words_are_kept_in_memory_only_while_there_is_room() -> None:
    part = uuid.uuid4()
    tables.write(db.engine, part, listings(300))
    plenty, hardly = Fetched(db.engine), Fetched(db.engine, most=1)
    with db.engine.connect() as connection:
        ample, scant = (tables.read(connection, part, each).words for each in (plenty, hardly))
    for number in range(40):
        for _ in "12":
            a, b = ample.postings(number), scant.postings(number)
            assert np.array_equal(a[0], b[0])
            assert np.array_equal(a[1], b[1])
            assert np.array_equal(ample.places(number), scant.places(number))
    assert (len(plenty), len(hardly)) == (80, 1)
