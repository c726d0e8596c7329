"""Imports in steps: nobody sees half of one, whatever stops it, and whoever takes it up again."""

import json
import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from accounts import Organisation
from core import clock, work
from core.actors import Actor
from core.audit import AuditEntry
from core.db import db
from core.errors import Refused
from core.saving import saving
from directory.feeds import arriving, importing, preview, runs, staging, taking_back
from directory.feeds.importing import carry_on, import_file, take_one
from directory.keeping import facts_of
from directory.listings import change_listing, history_of, how_many_kept
from directory.models import (
    FieldCheck,
    ImportRow,
    ImportRun,
    ListingStep,
    Location,
    SearchJob,
    Service,
    TaxonomyTerm,
)
from directory.rules import ImportState, Life, Verdict
from directory.search import Query, search
from tests.builders import FREE, a_listing, an_editor

COUNT = 7


@pytest.fixture(autouse=True)
def _in_small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a handful of listings take many steps."""
    for module, name in (
        (staging, "AT_ONCE"),
        (importing, "AT_ONCE"),
        (arriving, "NEW_AT_ONCE"),
        (arriving, "CHANGED_AT_ONCE"),
        (taking_back, "AT_ONCE"),
        (taking_back, "NEW_AT_ONCE"),
    ):
        monkeypatch.setattr(module, name, 2)
    importing._under_way.clear()


def feed(word: str = "Choir", count: int = COUNT, **more: Any) -> bytes:
    return json.dumps(
        [
            {
                "id": str(uuid.UUID(int=number + 1)),
                "name": f"{word} {number}",
                "status": "active",
                "organization": {"id": f"o{number % 3}", "name": f"Group {number % 3}"},
                "attributes": [{"taxonomy_term": {"name": "Humming"}}],
                "cost_options": [{"amount": 2}],
                "locations": [{"addresses": [{"postal_code": "E3 3BQ"}]}],
                **more,
            }
            for number in range(count)
        ]
    ).encode()


def a_run(data: bytes, *, by: Actor | None = None, source: str = "bow") -> uuid.UUID:
    """An import that waits to be read, as the page makes one."""
    with saving():
        run = runs.begin(name="bow.json", source=source, by=by or an_editor())
        run_id = run.id
        runs.file_of(run_id).write_bytes(data)
    return run_id


def until(run_id: uuid.UUID, state: ImportState) -> None:
    """Let the background loop work until the run stands there."""
    for _ in range(200):
        if state_of(run_id) is state:
            return
        assert take_one(), f"nothing to do, and the run is {state_of(run_id)}"
    raise AssertionError


def state_of(run_id: uuid.UUID) -> ImportState:
    db.session.rollback()
    return runs.get_run(run_id).state


def ready(data: bytes, **more: Any) -> uuid.UUID:
    run_id = a_run(data, **more)
    until(run_id, ImportState.READY)
    return run_id


def confirm(run_id: uuid.UUID) -> None:
    with saving():
        runs.go_ahead(runs.get_run(run_id), by=an_editor())


def state_of_the_world() -> list[object]:
    """Everything an import could leave behind."""
    db.session.rollback()
    listings = db.session.scalars(select(Service).order_by(Service.id))
    said = [
        (each.id, each.life, each.source_hash, each.organisation.name, facts_of(each))
        for each in listings
    ]
    counted = [
        db.session.scalar(select(func.count()).select_from(model))
        for model in (ListingStep, Location, FieldCheck)
    ]
    kept = db.session.scalars(select(Organisation.name).where(Organisation.source != ""))
    words = db.session.scalars(select(TaxonomyTerm.name).where(TaxonomyTerm.taxonomy == "bow"))
    found = [said, counted, sorted(kept), sorted(words)]
    db.session.rollback()
    return found


def shown() -> int:
    db.session.rollback()
    return search(Query("")).total


def test_an_import_waits_to_be_looked_at_and_then_comes_in_by_the_background_loop(
    app: Flask,
) -> None:
    run_id = ready(feed())
    run = runs.get_run(run_id)
    assert (run.created, run.updated, run.unchanged, run.rejected) == (COUNT, 0, 0, 0)
    assert preview.new_names(run, most=2) == ["Choir 0", "Choir 1"]
    assert shown() == 0
    assert not take_one(), "it waits for a person"
    confirm(run_id)
    work.run_until_empty()
    assert (state_of(run_id), shown()) == (ImportState.DONE, COUNT)


def test_nobody_sees_any_of_it_before_all_of_it(app: Flask) -> None:
    run_id = ready(feed())
    editor = an_editor()
    before = how_many_kept(editor)
    confirm(run_id)
    seen = []
    for _ in range(50):
        seen.append((shown(), how_many_kept(editor) == before))
        if not take_one():
            break
    assert set(seen) == {(0, True), (COUNT, False)}
    assert len(seen) > 3, "it took several steps"


def test_each_listing_has_its_history_and_the_run_one_record(app: Flask) -> None:
    import_file("bow.json", feed(), by=an_editor(), source="bow")
    for service in db.session.scalars(select(Service)):
        [note] = history_of(service)
        assert (note.what, note.by_name, note.now) == ("brought in", "Ed Moss", Life.LIVE)
        assert service.version == 1
        assert service.arriving_with is None
    done = select(AuditEntry.facts).where(AuditEntry.action == "import done")
    [facts] = db.session.scalars(done)
    assert facts == {"created": COUNT, "updated": 0, "unchanged": 0, "rejected": 0}


@pytest.mark.parametrize("already_here", [0, COUNT])
def test_stopped_between_any_two_steps_it_is_taken_up_again(app: Flask, already_here: int) -> None:
    """As when the machine loses power: the steps done are committed, and nobody tidies up."""
    if already_here:
        import_file("bow.json", feed(), by=an_editor(), source="bow")
    counted = 0
    for after in range(40):
        name = f"Choir {after}x"
        run_id = ready(feed(name))
        confirm(run_id)
        done = all_but(run_id, after)
        importing._under_way.clear()  # the process is gone
        with pytest.MonkeyPatch.context() as another:
            another.setattr(runs, "_me", {})
            assert not take_one() or done, "its lease still runs"
            with clock.set_to(clock.now() + 2 * runs.LEASE):
                until(run_id, ImportState.DONE)
        names = set(db.session.scalars(select(Service.name)))
        assert names == {f"{name} {number}" for number in range(COUNT)}
        counted += 1
        if done:
            break
    assert counted > 3


def all_but(run_id: uuid.UUID, after: int) -> bool:
    """Do so many steps of a run; True if it was over before."""
    for _ in range(after):
        if state_of(run_id) is ImportState.DONE:
            return True
        take_one()
    return state_of(run_id) is ImportState.DONE


@pytest.mark.asvs("2.3.3")
@pytest.mark.parametrize("already_here", [0, COUNT])
@pytest.mark.parametrize("after", range(5))
def test_failing_at_any_step_it_leaves_nothing_behind(
    app: Flask, monkeypatch: pytest.MonkeyPatch, already_here: int, after: int
) -> None:
    if already_here:
        import_file("bow.json", feed(), by=an_editor(), source="bow")
        [some, *_] = db.session.scalars(select(Service).order_by(Service.id))
        editor = an_editor()
        with saving():
            facts = replace(facts_of(some), cost_options=(FREE,))
            change_listing(some, facts, version=some.version, by=editor)
    run_id = ready(feed("Brass band", organization={"id": "o9", "name": "New group"}))
    before = state_of_the_world()
    confirm(run_id)
    held, steps = runs.hold, iter(range(100))

    def fails(*args: Any, **said: Any) -> None:
        held(*args, **said)
        if said.get("state") is None and next(steps) == after:
            raise RuntimeError("the disk is full")

    monkeypatch.setattr(arriving, "hold", fails)
    monkeypatch.setattr(arriving, "finish", lambda *_args, **_said: fails(run_id, arriving.GOING))
    until(run_id, ImportState.REFUSED)
    assert "went wrong" in runs.get_run(run_id).trouble
    assert state_of_the_world() == before
    work.run_until_empty()
    assert search(Query("brass")).total == 0


@pytest.mark.parametrize("after", range(4))
def test_cancelled_at_any_step_it_leaves_nothing_behind(app: Flask, after: int) -> None:
    import_file("bow.json", feed(count=5), by=an_editor(), source="bow")
    run_id = ready(feed("Brass band"))
    before = state_of_the_world()
    confirm(run_id)
    for _ in range(after):
        take_one()
    assert state_of(run_id) is ImportState.BRINGING_IN
    with saving():
        runs.cancel(runs.get_run(run_id), by=an_editor())
    until(run_id, ImportState.CANCELLED)
    assert state_of_the_world() == before


def test_who_comes_back_too_late_changes_nothing(app: Flask) -> None:
    run_id = ready(feed())
    confirm(run_id)
    slow = carry_on(run_id)
    next(slow)
    with pytest.MonkeyPatch.context() as another, clock.set_to(clock.now() + 2 * runs.LEASE):
        another.setattr(runs, "_me", {})
        until(run_id, ImportState.DONE)
    before = state_of_the_world()
    assert list(slow) == []
    assert state_of_the_world() == before


def test_what_is_over_cannot_be_cancelled_nor_what_is_cancelled_brought_in(app: Flask) -> None:
    editor = an_editor()
    import_file("bow.json", feed(), by=editor, source="bow")
    [done] = runs.latest_runs()
    with pytest.raises(Refused), saving():
        runs.cancel(done, by=editor)
    run_id = ready(feed("Brass band"))
    with saving():
        runs.cancel(runs.get_run(run_id), by=editor)
    with pytest.raises(Refused), saving():
        runs.go_ahead(runs.get_run(run_id), by=editor)


def test_somebody_who_takes_an_address_meanwhile_keeps_it(app: Flask) -> None:
    run_id = ready(feed())
    own = a_listing("Choir 0", places=())
    confirm(run_id)
    until(run_id, ImportState.DONE)
    slugs = set(db.session.scalars(select(Service.slug)))
    assert own.slug == "choir-0"
    assert "choir-0-2" in slugs


def test_listings_of_one_name_get_addresses_of_their_own(app: Flask) -> None:
    same = [{"id": f"s{number}", "name": "Choir", "status": "active"} for number in range(COUNT)]
    import_file("bow.json", json.dumps(same).encode(), by=an_editor(), source="bow")
    slugs = sorted(db.session.scalars(select(Service.slug)))
    assert slugs == sorted(["choir", *(f"choir-{number}" for number in range(2, COUNT + 1))])


def test_a_dry_run_says_what_would_come_of_it_and_changes_nothing(app: Flask) -> None:
    import_file("bow.json", feed(count=3), by=an_editor(), source="bow")
    before = state_of_the_world()
    data = json.dumps([*json.loads(feed()), {"id": "x", "name": ""}]).encode()
    told = import_file("bow.json", data, by=an_editor(), source="bow", dry_run=True)
    assert (told.created, told.updated, told.unchanged, told.rejected) == (COUNT - 3, 0, 3, 1)
    assert [each.reason for each in told.problems] == ["is blank"]
    assert state_of_the_world() == before


def test_the_preview_shows_what_differs_and_what_is_kept(app: Flask) -> None:
    editor = an_editor()
    import_file("bow.json", feed(count=1), by=editor, source="bow")
    [service] = db.session.scalars(select(Service))
    with saving():
        facts = replace(facts_of(service), cost_options=(FREE,))
        change_listing(service, facts, version=service.version, by=editor)
    run_id = ready(feed("Brass band", count=1, cost_options=[{"amount": 9}]))
    [changed] = preview.changes(runs.get_run(run_id), start=0, most=9)
    assert [str(each.label) for each in changed.told] == ["Name"]
    assert changed.kept == {"price"}
    [note] = preview.problems_of(runs.get_run(run_id))
    assert note.reason == "kept what was confirmed here: price"


def test_old_imports_are_forgotten_but_for_what_was_left_out(app: Flask) -> None:
    data = json.dumps([*json.loads(feed()), {"id": "x", "name": ""}]).encode()
    import_file("bow.json", data, by=an_editor(), source="bow")
    (runs.file_of(uuid.uuid4())).write_bytes(b"left over")
    with clock.set_to(clock.now() + timedelta(days=2)):
        runs.tidy_up()
        assert set(db.session.scalars(select(ImportRow.verdict))) == {Verdict.REJECT}
    with clock.set_to(clock.now() + timedelta(days=40)):
        runs.tidy_up()
        assert db.session.scalar(select(func.count()).select_from(ImportRow)) == 0
    assert db.session.scalar(select(func.count()).select_from(ImportRun)) == 1
    assert list(runs.file_of(uuid.uuid4()).parent.iterdir()) == []


def test_a_feed_leaves_no_search_jobs_behind(app: Flask) -> None:
    import_file("bow.json", feed(), by=an_editor(), source="bow")
    assert db.session.scalar(select(func.count()).select_from(SearchJob)) == 0
    assert shown() == COUNT
