"""How the search is scored: by hand, by an oracle, by the command, and with files that are none."""

import contextlib
import hashlib
import json
import math
import shutil
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from hypothesis import given
from hypothesis import strategies as st

from core.db import db
from core.saving import saving
from core.settings import Settings
from demo import towns
from directory.evaluating import (
    LARGEST,
    PAGE,
    Judgement,
    Unfit,
    difference,
    evaluate,
    ndcg,
    read,
    recall,
)
from directory.judging import OURS, asked, here, judgements_of_ours
from directory.listings import slug_of
from directory.models import OldAddress
from directory.search import Query, search
from tests.builders import a_listing
from tests.engines import on_sqlite

JUDGED = Path(__file__).parent / "judgements"
OPEN_LIST = Path(towns.__file__).parent / "data" / "open-list.json"
BOTH_HALVES = [
    (OURS, JUDGED / "kept_back.json"),
    (JUDGED / "open_development.json", JUDGED / "open_kept_back.json"),
]


def judged(query: str, *relevant: str, group: str = "plain") -> Judgement:
    return Judgement(query, frozenset(relevant), group)


def test_ndcg_and_recall_are_what_they_come_to_by_hand() -> None:
    found = ["a", "x", "b", "y"]
    assert ndcg(frozenset("ab"), found) == pytest.approx((1 + 1 / 2) / (1 + 1 / math.log2(3)))
    assert recall(frozenset("ab"), found) == 1
    assert ndcg(frozenset("b"), found) == pytest.approx(1 / 2)
    assert recall(frozenset("abcd"), found) == pytest.approx(1 / 2)
    assert ndcg(frozenset("q"), found) == recall(frozenset("q"), found) == 0
    assert ndcg(frozenset("a"), []) == 0


def test_a_first_page_full_of_what_helps_is_the_best_there_can_be() -> None:
    found = [f"l{number}" for number in range(12)]
    assert ndcg(frozenset(found), found) == pytest.approx(1)
    assert recall(frozenset(found), found) == pytest.approx(PAGE / 12)


def test_what_is_found_twice_counts_once() -> None:
    assert ndcg(frozenset("ab"), ["a", "a", "b"]) == pytest.approx(1)
    assert recall(frozenset("ab"), ["a", "a"]) == pytest.approx(1 / 2)


def the_slow_way(relevant: frozenset[str], found: list[str]) -> tuple[float, float]:
    """nDCG and recall written down from their definitions."""
    page: list[str] = []
    for name in found:
        if name not in page and len(page) < PAGE:
            page.append(name)
    gains = [1 if name in relevant else 0 for name in page]
    ideal = [1] * len(relevant) + [0] * PAGE

    def dcg(each: list[int]) -> float:
        return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(each[:PAGE], start=1))

    return dcg(gains) / dcg(ideal), sum(gains) / len(relevant)


names = st.integers(0, 30).map(str)


@given(st.frozensets(names, min_size=1, max_size=25), st.lists(names, max_size=25))
def test_the_figures_equal_their_definitions(relevant: frozenset[str], found: list[str]) -> None:
    slow = the_slow_way(relevant, found)
    assert (ndcg(relevant, found), recall(relevant, found)) == pytest.approx(slow)
    assert 0 <= slow[0] <= 1
    assert 0 <= slow[1] <= 1


def test_every_query_counts_the_same_and_groups_have_their_own_figures() -> None:
    answers = {"one": ["a"], "two": ["x", "b"], "three": []}
    scores = evaluate(
        [judged("one", "a"), judged("two", "b"), judged("three", "c", group="slip")],
        lambda text: answers[text],
    )
    plain = (1 + 1 / math.log2(3)) / 2
    assert scores.as_json() == {
        "queries": 3,
        "ndcg@10": round(plain * 2 / 3, 4),
        "recall@10": round(2 / 3, 4),
        "zero_results": round(1 / 3, 4),
        "groups": {
            "plain": {
                "queries": 2,
                "ndcg@10": round(plain, 4),
                "recall@10": 1.0,
                "zero_results": 0.0,
            },
            "slip": {"queries": 1, "ndcg@10": 0.0, "recall@10": 0.0, "zero_results": 1.0},
        },
    }


def test_nothing_asked_scores_nothing() -> None:
    assert evaluate([], lambda _: []).as_json()["queries"] == 0


def test_a_change_tells_which_queries_it_helped_and_which_it_harmed() -> None:
    queries = [judged("same", "a"), judged("up", "a"), judged("far up", "a"), judged("down", "a")]
    before = {"same": ["a"], "up": ["x", "a"], "far up": [], "down": ["a"]}
    after = {"same": ["a", "x"], "up": ["a"], "far up": ["a"], "down": []}
    found = difference(evaluate(queries, before.__getitem__), evaluate(queries, after.__getitem__))
    assert [change.query for change in found.better] == ["far up", "up"]
    assert [(each.query, each.before, each.after) for each in found.worse] == [("down", 1, 0)]


def test_a_file_of_judgements_is_read() -> None:
    file = {"queries": [{"query": " skint ", "relevant": ["a", "b", "a"], "group": "slang"}]}
    assert read(json.dumps(file).encode()) == (judged("skint", "a", "b", group="slang"),)
    file = {"queries": [{"query": "no group", "relevant": ["a"]}]}
    assert read(json.dumps(file).encode())[0].group == "other"


def a_file(*queries: Any) -> bytes:
    return json.dumps({"queries": queries}).encode()


NOT_JUDGEMENTS = {
    "empty": (b"", "it is empty"),
    "blank": (b" \n", "it is empty"),
    "not JSON": (b"{queries", "it is not JSON"),
    "deep": (b"[" * 100_000, "it is not JSON"),
    "a huge number": (b'{"queries": ' + b"9" * 5_000 + b"}", "it is not JSON"),
    "not text": (b'{"queries": "\xff"}', "it is not text in UTF-8"),
    "a list": (b"[]", 'it has no list of "queries"'),
    "no queries": (a_file(), 'it has no list of "queries"'),
    "a text": (a_file("skint"), "query 1 is not an object"),
    "no query": (a_file({"relevant": ["a"]}), 'query 1: "query" is not words'),
    "a blank": (a_file({"query": " ", "relevant": ["a"]}), 'query 1: "query" is not words'),
    "none": (a_file({"query": "q"}), 'query 1 has no list of "relevant" listings'),
    "nothing": (
        a_file({"query": "q", "relevant": []}),
        'query 1 has no list of "relevant" listings',
    ),
    "numbers": (a_file({"query": "q", "relevant": [1]}), 'query 1: "relevant" is not words'),
    "a list of groups": (
        a_file({"query": "q", "relevant": ["a"], "group": []}),
        'query 1: "group" is not words',
    ),
    "half a letter": (
        b'{"queries": [{"query": "\\ud800", "relevant": ["a"]}]}',
        'query 1: "query" cannot be read',
    ),
    "an end of text": (
        b'{"queries": [{"query": "q", "relevant": ["a\\u0000"]}]}',
        'query 1: "relevant" cannot be read',
    ),
    "an endless query": (
        a_file({"query": "q" * 2_000, "relevant": ["a"]}),
        'query 1: "query" cannot be read',
    ),
    "twice": (
        a_file({"query": "Tai chi", "relevant": ["a"]}, {"query": "tai  chi", "relevant": ["b"]}),
        "it has the query “tai  chi” twice",
    ),
    "too large": (b" " * (LARGEST + 1), "it is larger than 10 MB"),
}  # fmt: skip


@pytest.mark.parametrize("name", NOT_JUDGEMENTS)
def test_what_is_no_file_of_judgements_is_told_why(name: str) -> None:
    content, why = NOT_JUDGEMENTS[name]
    with pytest.raises(Unfit) as refused:
        read(content)
    assert refused.value.reason == why


keys = st.sampled_from(["queries", "query", "relevant", "group"])
anything = st.recursive(
    st.none() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(keys, inner),
)


@given(anything)
def test_whatever_json_it_is_it_is_read_or_refused(said: Any) -> None:
    with contextlib.suppress(Unfit):
        assert all(each.relevant for each in read(json.dumps(said).encode()))


def test_a_listing_is_known_by_its_id_its_publishers_id_and_its_addresses(app: Flask) -> None:
    ours, theirs, moved = (a_listing(name) for name in ("Bingo", "Chess", "Darts"))
    with saving():
        theirs.source, theirs.source_id = "list", "mh7"
        db.session.add(OldAddress(slug="darts-once", service_id=moved.id))
    found = here(
        [
            judged("one", str(ours.id), ours.slug),
            judged("two", "mh7", "gone"),
            judged("three", "darts-once", str(ours.id).upper()),
        ]
    )
    assert [each.relevant for each in found.judgements] == [
        {str(ours.id)},
        {str(theirs.id), "gone"},
        {str(moved.id), str(ours.id)},
    ]
    assert found.unknown == 1


def test_more_names_than_one_question_may_hold_are_all_known(app: Flask) -> None:
    service = a_listing("Bingo")
    names = [service.slug, *(f"not-here-{number}" for number in range(1_500))]
    assert here([judged("many", *names)]).unknown == 1_500


def ran(app: Flask, file: Path, *options: str) -> Any:
    runner: FlaskCliRunner = app.test_cli_runner()
    return runner.invoke(args=["directory", "evaluate", str(file), *options])


def test_the_command_scores_what_is_loaded(app: Flask, tmp_path: Path) -> None:
    bingo, chess = a_listing("Bingo"), a_listing("Chess")
    file = tmp_path / "judged.json"
    file.write_bytes(
        a_file(
            {"query": "bingo", "relevant": [bingo.slug], "group": "plain"},
            {"query": "zzyzx", "relevant": [str(chess.id), "nobody"], "group": "odd"},
        )
    )
    done = ran(app, file, "--json", "--exact")
    assert (done.exit_code, done.stdout.count("\n")) == (0, 1)
    assert json.loads(done.stdout) == {
        "queries": 2,
        "ndcg@10": 0.5,
        "recall@10": 0.5,
        "zero_results": 0.5,
        "groups": {
            "plain": {"queries": 1, "ndcg@10": 1.0, "recall@10": 1.0, "zero_results": 0.0},
            "odd": {"queries": 1, "ndcg@10": 0.0, "recall@10": 0.0, "zero_results": 1.0},
        },
        "unknown": 1,
    }


@on_sqlite
def test_the_command_speaks_to_people_too(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "judged.json"
    a_listing("Bingo")
    file.write_bytes(a_file({"query": "bingo", "relevant": ["nobody"], "group": "plain"}))
    done = ran(app, file)
    assert done.exit_code == 0
    assert done.stdout.splitlines()[0].split() == [
        "queries",
        "nDCG@10",
        "recall@10",
        "nothing",
        "found",
    ]
    assert done.stdout.splitlines()[2].split() == ["all", "1", "0.000", "0.000", "0.0%"]
    assert done.stdout.endswith("Listings it names that are not here: 1.\n")


@on_sqlite
def test_a_missing_index_is_built_before_it_is_scored(app: Flask, tmp_path: Path) -> None:
    bingo = a_listing("Bingo")
    settings: Settings = app.extensions["kith.settings"]
    shutil.rmtree(settings.data_dir / "index")
    file = tmp_path / "judged.json"
    file.write_bytes(a_file({"query": "bingo", "relevant": [bingo.slug]}))
    assert json.loads(ran(app, file, "--json").stdout)["ndcg@10"] == 1
    assert not search(Query("bingo")).from_sql


@on_sqlite
def test_a_bad_file_is_refused_in_plain_words(app: Flask, tmp_path: Path) -> None:
    a_listing("Bingo")
    file = tmp_path / "bad.json"
    file.write_bytes(b"{")
    done = ran(app, file)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == "bad.json was not read: it is not JSON.\n"
    done = ran(app, file, "--json")
    assert done.exit_code == 2
    assert json.loads(done.stdout) == {"error": "bad.json was not read: it is not JSON."}
    for nothing in (tmp_path, tmp_path / "none.json"):
        done = ran(app, nothing)
        assert done.exit_code == 2, done.output
        assert "was not read" in done.stderr
    with file.open("wb") as large:
        large.truncate(50 * 1024**2)
    assert ran(app, file).stderr == "bad.json was not read: it is larger than 10 MB.\n"


@on_sqlite
def test_only_the_first_page_is_asked_for(app: Flask) -> None:
    for number in range(PAGE + 2):
        a_listing(f"Bingo {number}")
    assert len(asked("bingo")) == len(asked("bingo", exact=True)) == PAGE


@pytest.mark.parametrize("halves", BOTH_HALVES, ids=["demo", "open"])
def test_no_query_chose_its_half(halves: tuple[Path, Path]) -> None:
    seen: set[str] = set()
    for kept_back, path in enumerate(halves):
        for each in read(path.read_bytes()):
            assert hashlib.sha256(each.query.encode()).digest()[0] % 2 == kept_back, each.query
            assert each.query.casefold() not in seen
            seen.add(each.query.casefold())
    assert len(seen) >= 60


def test_every_judged_listing_is_in_the_demo() -> None:
    names = {
        each["id"] for each in json.loads(OPEN_LIST.read_text(encoding="utf-8")) if "id" in each
    }
    for path in towns.files():
        town = towns.read(path)
        groups = {group["key"]: group for group in town["group"]}
        names |= {slug_of(towns.facts_in(each, groups[each["group"]])) for each in town["listing"]}
    both = [*judgements_of_ours(), *read((JUDGED / "kept_back.json").read_bytes())]
    assert len(both) >= 220
    assert not {name for each in both for name in each.relevant} - names


def test_every_judged_open_listing_is_in_its_file() -> None:
    listings = json.loads((JUDGED / "open_listings.json").read_text(encoding="utf-8"))
    names = {each["id"] for each in listings}
    for half in ("open_development.json", "open_kept_back.json"):
        judgements = read((JUDGED / half).read_bytes())
        assert not {name for each in judgements for name in each.relevant} - names
