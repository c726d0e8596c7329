"""Search: what is found, how it is ordered and counted, equals doing it the slow and plain way."""

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from whoosh.query import And, Or, Query, Term
from whoosh.scoring import BM25F
from whoosh.searching import Searcher

from benchmarks.invented import listings, point, questions
from core import clock
from directory.places import Place, PlaceKind, miles
from directory.search import asking, segments
from directory.search.choosing import answer
from directory.search.columns import NAME_BYTES
from directory.search.documents import Document, Facts
from directory.search.parts import K1, B
from directory.search.ranking import (
    DISTANCE_WEIGHT,
    FRESHNESS_WEIGHT,
    HALVED_AFTER_DAYS,
    HALVED_WITHIN,
    ROOM_WEIGHT,
    STALE_MILES,
    STALE_WEIGHT,
    Passing,
    contenders,
    scores,
)
from directory.search.snapshot import Snapshot, open_state
from directory.search.texts import FIELDS
from directory.search.ticks import codes_of
from directory.search.words import asked_words

TOP = 20
QUESTIONS = [
    *questions(60),
    "free friendly",
    "welcome everyone tea",
    "bus",
    "community hall people",
]


class Built:
    """An index written in several parts, with listings changed and taken away since."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kept: dict[str, Facts] = {}
        segments.create(folder)
        first = listings(1_500)
        self.write(first, first)
        gone, changed = first[:60], first[60:120]
        renamed = [_renamed(each) for each in changed]
        self.write([*gone, *changed], renamed)
        more = listings(90, seed=7)
        self.write(more, more)

    def write(self, of: list[Document], documents: list[Document]) -> None:
        segments.write(self.folder, [each.facts.id for each in of], documents)
        for each in of:
            self.kept.pop(each.facts.id.hex, None)
        self.kept |= {each.facts.id.hex: each.facts for each in documents}

    @property
    def files(self) -> list[str]:
        # An index is opened on the files of its last state; Whoosh takes the latest it sees.
        return [path.name for path in self.folder.iterdir() if path.is_file()]


def _renamed(document: Document) -> Document:
    return Document(document.facts, document.texts | {"name": "Quiet knitting by the canal"})


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return Built(tmp_path_factory.mktemp("index"))


@pytest.fixture(scope="module")
def snapshot(built: Built) -> Snapshot:
    return open_state(built.folder, built.files, {})[0]


@pytest.fixture(scope="module")
def whoosh(built: Built) -> Iterator[Searcher]:
    index = segments.open_index(built.folder, built.files)
    with index.searcher(weighting=BM25F(B=B, K1=K1)) as searcher:
        yield searcher


def in_any_field(stem: str) -> Query:
    return Or([Term(field, stem) for field in FIELDS])


def all_words(text: str) -> Query:
    return And([in_any_field(word.stem) for word in asked_words(text)])


def some_words(text: str) -> Query:
    return Or([in_any_field(word.stem) for word in asked_words(text)])


def exhaustively(whoosh: Searcher, query: Query) -> dict[str, float]:
    return {hit["id"]: hit.score for hit in whoosh.search(query, limit=None)}


@pytest.mark.parametrize("text", QUESTIONS)
def test_our_first_page_is_that_of_scoring_everything_with_whoosh(
    text: str, built: Built, snapshot: Snapshot, whoosh: Searcher
) -> None:
    expected = exhaustively(whoosh, all_words(text))
    found = answer(snapshot, asking.Query(text, exact=True, per_page=TOP))
    if not expected:
        expected = exhaustively(whoosh, some_words(text))
        assert found.loosened
    best = max(expected.values())
    assert found.total == len(expected)
    fair = {id_: score / best * evidence(built.kept[id_]) for id_, score in expected.items()}
    ours = [(hit.id.hex, hit.score) for hit in found.hits]
    for id_, score in ours:
        assert score == pytest.approx(fair[id_], rel=1e-6)
    top = sorted(fair.values(), reverse=True)[:TOP]
    assert [score for _, score in ours] == pytest.approx(top, rel=1e-6)


def test_there_are_several_parts_and_some_listings_are_gone(built: Built, whoosh: Searcher) -> None:
    assert len(whoosh.reader().leaf_readers()) > 1
    assert whoosh.reader().doc_count() == len(built.kept) < whoosh.reader().doc_count_all()


def chance_queries() -> Iterator[asking.Query]:
    chance = random.Random(5)
    for text in [*[""] * 25, *questions(35, seed=9)]:
        near = None
        if chance.random() < 0.7:
            near = Place("here", PlaceKind.POINT, *point(chance))
        yield asking.Query(
            text,
            exact=True,
            near=near,
            within=chance.choice((1.0, 3.0, 5.0, 30.0)),
            kinds=some(chance, asking.KINDS, 0.3),
            needs=some(chance, asking.NEEDS, 0.1),
            days=some(chance, asking.DAYS, 0.3),
            times=some(chance, asking.TIMES, 0.3),
            free=chance.random() < 0.2,
            ages=some(chance, asking.AGES, 0.2),
            audiences=some(chance, asking.AUDIENCES, 0.1),
            languages=some(chance, asking.LANGUAGES, 0.1),
            access=some(chance, asking.ACCESS, 0.2),
            attending=some(chance, asking.ATTENDING, 0.3),
            offers=some(chance, asking.OFFERS, 0.2),
            unknown=chance.random() < 0.4,
            explain=True,
            per_page=TOP,
        )


def some(chance: random.Random, facet: str, how_often: float) -> frozenset[str]:
    if chance.random() > how_often:
        return frozenset()
    return frozenset(chance.sample(codes_of(facet), chance.choice((1, 1, 2))))


def values(facts: Facts, query: asking.Query) -> dict[str, set[str]]:
    """What is true of a listing, choice by choice; with what may be, if that is asked for."""
    slots = [each.split("-") for each in facts.slots]
    access, offers, costs = set(facts.access), set(facts.offers), {facts.cost}
    if query.unknown:
        access |= set(facts.access_unknown)
        offers |= set(facts.offers_unknown)
        costs |= {"free", "paid"} if facts.cost == "unknown" else set()
    return {
        asking.KINDS: set(facts.kinds),
        asking.NEEDS: set(facts.needs),
        asking.DAYS: {day for day, part in slots if not query.times or part in query.times},
        asking.TIMES: {part for day, part in slots if not query.days or day in query.days},
        asking.COST: costs,
        asking.AGES: set(facts.ages),
        asking.AUDIENCES: set(facts.audiences),
        asking.LANGUAGES: set(facts.languages),
        asking.ACCESS: access,
        asking.ATTENDING: {facts.attending},
        asking.OFFERS: offers - {"places"} if facts.full else offers,
    }


def away(facts: Facts, query: asking.Query) -> float:
    assert query.near is not None
    here = query.near.latitude, query.near.longitude
    return min((miles(*here, *each) for each in facts.points), default=float("inf"))


def fits(facts: Facts, query: asking.Query) -> bool:
    said = values(facts, query)
    return all(
        chosen <= said[facet] if facet in asking.NEEDED_TOGETHER else bool(chosen & said[facet])
        for facet, chosen in query.chosen().items()
        if chosen
    )


def with_only(query: asking.Query, facet: str, code: str) -> asking.Query:
    """The same question with this choice in place of what is ticked in its facet."""
    ticked = query.chosen()[facet] if facet in asking.NEEDED_TOGETHER else frozenset()
    return query.ticking(facet, ticked | {code})


def reachable(built: Built, query: asking.Query) -> dict[str, Facts]:
    found = {}
    for id_, facts in built.kept.items():
        if query.near is not None and query.within < away(facts, query) < float("inf"):
            continue
        found[id_] = facts
    return found


@pytest.mark.parametrize("query", list(chance_queries()))
def test_filters_counts_distances_and_order_are_those_of_looking_at_each_listing(
    query: asking.Query, built: Built, snapshot: Snapshot, whoosh: Searcher
) -> None:
    inside = reachable(built, query)
    relevance = dict.fromkeys(inside, 0.0)
    if query.text:
        for meant in (all_words(query.text), some_words(query.text)):
            scores = exhaustively(whoosh, meant)
            relevance = {id_: scores[id_] for id_ in inside if id_ in scores}
            if relevance:
                break
    expected = {id_: inside[id_] for id_ in relevance if fits(inside[id_], query)}
    found = answer(snapshot, query)
    assert found.total == len(expected)
    for facet, counts in found.facets.items():
        if facet != asking.COST:
            for code, count in counts.items():
                other = with_only(query, facet, code)
                assert count == sum(fits(inside[id_], other) for id_ in relevance), (facet, code)
    surely = {id_ for id_ in relevance if fits(inside[id_], replace(query, unknown=False))}
    perhaps = {id_ for id_ in relevance if fits(inside[id_], replace(query, unknown=True))}
    assert found.not_known == len(perhaps - surely)
    assert {hit.id.hex for hit in found.hits} <= set(expected)
    assert_ordered(found, expected, relevance, query, surely)


def freshness(facts: Facts) -> float:
    """What it gives a listing to have been confirmed lately, by the formula as it is written."""
    days = max(clock.today().toordinal() - facts.checked, 0)
    lately = 2 ** (-days / HALVED_AFTER_DAYS) if facts.checked else 0.0
    fresh = 1 - FRESHNESS_WEIGHT + FRESHNESS_WEIGHT * lately
    return fresh * STALE_WEIGHT if facts.stale else fresh


def room(facts: Facts) -> float:
    if facts.full:
        return 1 - ROOM_WEIGHT
    if "places" in facts.offers:
        return 1 + ROOM_WEIGHT
    return 1.0 if "places" in facts.offers_unknown else 1 - ROOM_WEIGHT


def evidence(facts: Facts) -> float:
    return freshness(facts) * room(facts)


def nearness(miles: float, query: asking.Query) -> float:
    lost = 1 - 0.5 ** (miles / (query.within * HALVED_WITHIN))
    return 1 - DISTANCE_WEIGHT * lost


def assert_ordered(
    answer: asking.Answer,
    expected: dict[str, Facts],
    relevance: dict[str, float],
    query: asking.Query,
    surely: set[str],
) -> None:
    best = max((relevance[id_] for id_ in expected), default=1.0) or 1.0
    keys = {}
    for id_, facts in expected.items():
        distance = 0.0 if query.near is None else away(facts, query)
        score = evidence(facts) * (relevance[id_] / best if query.text else 1)
        score *= nearness(distance, query) if query.near else 1
        tenths = 0.0 if query.text else round((min(distance, 1e6) + STALE_MILES * facts.stale) * 10)
        name = facts.name.encode()[:NAME_BYTES]
        keys[id_] = (id_ not in surely, tenths, round(-score, 9), name, id_)
    for hit in answer.hits:
        assert hit.score == pytest.approx(-keys[hit.id.hex][2], abs=1e-8)
        assert_explained(hit, expected[hit.id.hex], relevance[hit.id.hex] / best, query)
        facts = expected[hit.id.hex]
        if query.near is None or not facts.points:
            assert hit.distance_miles is None
        else:
            assert hit.distance_miles == pytest.approx(away(facts, query), rel=1e-6)
    shown = [keys[hit.id.hex] for hit in answer.hits]
    top = sorted(keys.values())[: len(shown)]
    assert [key[:3] for key in shown] == [
        (*key[:2], pytest.approx(key[2], abs=1e-8)) for key in top
    ]
    if not query.text:
        assert shown == top


def assert_explained(hit: asking.Hit, facts: Facts, share: float, query: asking.Query) -> None:
    """Each factor is what the formula says, is there only if it matters, and is put in words."""
    assert hit.why is not None
    values = {each.name: each.value for each in hit.why.factors}
    expected = {"freshness": freshness(facts), "room": room(facts)}
    if query.text:
        expected["relevance"] = share
    if query.near is not None:
        expected["nearness"] = nearness(away(facts, query), query)
    if query.near is not None and not query.text:
        expected["nearest first"] = 1.0
    if query.unknown and any(query.chosen()[facet] for facet in asking.MAY_BE_UNKNOWN):
        expected["not known"] = 1.0
    assert values == pytest.approx(expected)
    assert hit.why.score == pytest.approx(hit.score)
    assert all(each.words.endswith(".") for each in hit.why.factors)


def test_counts_of_cost_leave_out_what_is_ticked_there(snapshot: Snapshot) -> None:
    every, free = answer(snapshot, asking.Query()), answer(snapshot, asking.Query(free=True))
    assert every.facets[asking.COST] == free.facets[asking.COST]
    assert free.total == every.facets[asking.COST]["free"] < every.total


def test_pages_follow_one_another_without_gap_or_repetition(
    built: Built, snapshot: Snapshot
) -> None:
    near = Place("here", PlaceKind.POINT, 51.53, -0.02)
    seen = []
    query = asking.Query(near=near, within=100, per_page=50)
    for page in range(1, answer(snapshot, query).pages + 1):
        seen += [hit.id.hex for hit in answer(snapshot, replace(query, page=page)).hits]
    assert sorted(seen) == sorted(reachable(built, query))
    beyond = answer(snapshot, replace(query, page=500))
    assert (beyond.hits, beyond.total) == ([], len(seen))


@pytest.mark.parametrize("near", [None, Place("here", PlaceKind.POINT, 51.53, -0.02)])
def test_nobody_of_the_first_pages_is_passed_over_where_very_many_are_found(
    near: Place | None,
) -> None:
    chance, size = np.random.default_rng(3), 20_000
    many = Passing(
        rows=chance.permutation(size).astype(np.int32),
        relevance=(chance.random(size) ** 4).round(3),
        apart=None if near is None else chance.random(size) * 1e-6,
    )
    evidence = chance.choice([0.6, 0.85, 1.0, 1.05], size)
    scored = scores(many, evidence, asking.Query(near=near))
    for last in (20, 500):
        kept = contenders(many, evidence, asking.Query(near=near), last)
        least = np.sort(scored)[-last]
        assert np.isin(np.flatnonzero(scored >= least - 1e-9), kept).all()
        assert len(kept) < size / 2
