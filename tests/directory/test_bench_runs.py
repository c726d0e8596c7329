"""Directory: the parts of `make bench` run, so that they can be run whenever somebody asks."""

import json
from itertools import cycle

import pytest

from benchmarks import bench
from benchmarks.speed import asked, beside, edits, pages, sites, workers
from benchmarks.speed.bare import create_app
from benchmarks.speed.sites import Site
from benchmarks.speed.telling import LEAST, Figure, Told
from benchmarks.speed.visitors import visit

LISTINGS = 60


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A tiny invented directory, with an index of each engine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sites, "KEPT", tmp_path_factory.mktemp("bench"))
        made = Site(LISTINGS)
        made.prepare()
        beside.prepare(made)
        return made


def test_all_engines_answer_every_kind_of_question_alike(site: Site) -> None:
    run = beside.measure(site, count=2, rounds=1)

    assert run.compared
    assert not any(run.differing.values())
    told = Told()
    beside.tell(site, run, told)
    assert {kind for _, kind in run.rounds} == set(asked.KINDS_OF_QUESTION)
    assert {each.beside for each in told.figures if each.ratio is not None} == {
        beside.FTS5,
        beside.TANTIVY,
        beside.WHOOSH,
    }


def test_the_addresses_of_the_mix_are_pages(site: Site) -> None:
    client = site.application().test_client()
    paths = pages.addresses(beside.findable(beside.opened(site)[1], 1))

    assert paths
    assert {client.get(path).status_code for path in paths} == {200}


def test_the_bare_page_shows_listings(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KITH_DATABASE", str(site.folder / "kith.db"))

    assert b"/activities/listing-" in create_app().test_client().get("/activities").data


def test_visitors_count_the_pages_they_get(site: Site) -> None:
    database = {"KITH_DATABASE": str(site.folder / "kith.db")}
    with pages.served(pages.BARE, database) as port:
        seen = visit(port, cycle(("/activities", "/nothing")), seconds=0.2)

    assert seen.per_second
    assert seen.bytes
    assert seen.failed


def test_understanding_and_suggesting_are_timed(site: Site) -> None:
    told = Told()
    with site.application().app_context():
        workers.understanding(site, told, 1)
        workers.suggesting(site, told, 1)

    assert len(told.figures) == 4


def test_edits_are_seen_in_another_worker(site: Site) -> None:
    told = Told()
    edits.measure(site, told, edits=1, workers=1)

    (by_sql,) = (each for each in told.figures if each.target == 0)
    assert by_sql.ok


def test_a_figure_says_whether_its_target_is_met() -> None:
    fast = Figure("text AND", 60, 0.5, "ms", 1.0, 0.9, "another")
    slow = Figure("pages", 60, 300.0, "pages/s", 0.35, 0.3, "a bare page", LEAST)
    none = Figure("size", 60, 50.0, "kB")

    assert [each.ok for each in (fast, slow, none)] == [True, False, None]
    assert json.loads(fast.as_json()) | {"beside": "another"} == json.loads(fast.as_json())
    written = bench.table([fast, slow, none])
    assert "| ≤ 1× | met |" in written
    assert "| ≥ 0.35× | **missed** |" in written


def test_the_table_has_its_place_in_the_docs() -> None:
    text = bench.DOCS.read_text(encoding="utf-8")

    assert text.count(bench.BEGIN) == text.count(bench.END) == 1
