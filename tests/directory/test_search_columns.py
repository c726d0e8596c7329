"""Search columns: kept as arrays they say the same, wherever they are cut and whatever is new."""

import json
import random
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from benchmarks.invented import listings, point
from directory.meaning.vectors import SIZE
from directory.outlines import Box
from directory.places import Place, PlaceKind, miles
from directory.search import ticks
from directory.search.asking import Answer, Query
from directory.search.choosing import answer, within_box
from directory.search.columns import Columns, Mask
from directory.search.documents import Facts
from directory.search.texts import Scored

BOW = Place("Bow", PlaceKind.POINT, 51.53, -0.02)
QUESTIONS = (
    Query(),
    Query(kinds={"meeting-people"}, days={"TU"}, times={"evening"}, per_page=50),
    Query(near=BOW, within=5, free=True, unknown=True),
    Query(near=BOW, within=0.7, access={"step_free"}, offers={"places"}),
    Query("anything", near=BOW, within=30, exact=True, languages={"bn", "pl"}, ages={"65-over"}),
)


class EverySecond:
    """Words of which any text has every second listing that is there, the first the best."""

    def __init__(self, alive: Mask) -> None:
        self._rows = np.flatnonzero(alive & (np.arange(len(alive)) % 2 == 0)).astype(np.int32)

    def has_words(self, text: str) -> bool:
        return bool(text)

    def all_of(self, text: str) -> Scored:
        return Scored(self._rows, 1.0 / (self._rows + 1.0))

    any_of = begun = all_of

    def nearest_words(self, word: str, most: int = 3) -> tuple[()]:
        return ()


class Some:
    """Listings of which all are there but every seventh."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.alive = np.arange(len(columns)) % 7 != 0
        self.texts = EverySecond(self.alive)


@pytest.fixture(scope="module")
def facts() -> list[Facts]:
    chance = random.Random(4)
    told = [each.facts for each in listings(900, seed=11)]
    weigh = lambda: tuple((code, 0.5) for code in ("debt", "grief") if chance.random() < 0.4)  # noqa: E731
    return [
        replace(each, concepts=weigh(), vector=bytes([n % 100] * SIZE))
        for n, each in enumerate(told)
    ]


@pytest.fixture(scope="module")
def whole(facts: list[Facts]) -> Columns:
    return Columns.of(facts)


def answers(columns: Columns) -> list[Answer]:
    return [answer(Some(columns), query) for query in QUESTIONS]


def test_columns_that_were_kept_answer_as_they_did(whole: Columns) -> None:
    kept = {name: array.copy() for name, array in whole.arrays().items()}
    for array in kept.values():
        array.flags.writeable = False
    assert answers(Columns.from_arrays(kept)) == answers(whole)


def test_it_makes_no_difference_where_columns_are_cut(facts: list[Facts], whole: Columns) -> None:
    cuts = [0, 1, 700, 700, 702, 900]
    parts = [Columns.of(facts[start:end]) for start, end in pairwise(cuts)]
    joined = Columns.joined(parts)
    assert answers(joined) == answers(whole)
    assert joined.ids(np.arange(900, dtype=np.int32)) == [each.id for each in facts]
    assert answers(Columns.joined([]))[0].total == 0
    for code in ("debt", "grief", "no such need"):
        rows, weights = joined.concept_rows(code)
        expected = [n for n, each in enumerate(facts) if code in dict(each.concepts)]
        assert rows.tolist() == expected == whole.concept_rows(code)[0].tolist()
        assert weights.tolist() == [0.5] * len(expected)
    every, asked = np.arange(900, dtype=np.int32), np.linspace(-1, 1, SIZE, dtype=np.float32)
    assert joined.likeness(every, asked).tolist() == whole.likeness(every, asked).tolist()


def test_choices_that_came_and_went_since_columns_were_kept_are_no_error(whole: Columns) -> None:
    kept = dict(whole.arrays())
    width, said = json.loads(kept["ticks_named"].tobytes())
    first, codes = said["kinds"]
    # As if two had changed places since, one had gone, and one were new.
    codes[0], codes[1], codes[2] = codes[1], codes[0], "gone since"
    said["kinds"] = first, codes
    kept["ticks_named"] = np.frombuffer(json.dumps([width, said]).encode(), dtype=np.uint8)
    before = answer(Some(whole), Query()).facets["kinds"]
    now = answer(Some(Columns.from_arrays(kept)), Query()).facets
    names = ticks.codes_of("kinds")
    assert now["kinds"][names[0]] == before[names[1]]
    assert now["kinds"][names[1]] == before[names[0]]
    assert now["kinds"][names[2]] == 0
    assert now["needs"] == answer(Some(whole), Query()).facets["needs"]


@pytest.mark.parametrize("size", [0, 1, 255, 256, 700, 3_999, 4_000, 61_234])
def test_bits_are_counted_as_one_would_count_them_singly(size: int) -> None:
    table = np.random.default_rng(size).integers(0, 256, (size, 5), dtype=np.uint8)
    singly = np.unpackbits(table, axis=1, bitorder="little").astype(np.int64).sum(axis=0)
    assert ticks.tally(table).tolist() == singly.tolist()


@pytest.mark.parametrize("seed", range(12))
def test_a_box_holds_those_with_a_place_in_it_that_fit(
    seed: int, facts: list[Facts], whole: Columns
) -> None:
    chance = random.Random(seed)
    (south, west), up, across = point(chance), chance.random() / 4, chance.random() / 2
    box = Box(west - across, south - up, west + across, south + up)
    some = Some(whole)
    for query in (
        Query(per_page=500),
        Query("text", free=True, near=BOW, exact=True, per_page=500),
    ):
        expected = {
            each.id
            for n, each in enumerate(facts)
            if any(box.holds(longitude, latitude) for latitude, longitude in each.points)
            and some.alive[n]
            and (not query.text or n % 2 == 0)
            and (not query.free or each.cost == "free")
        }
        found = within_box(some, box, query)
        assert {hit.id for hit in found.hits} == expected
        assert (found.total, found.facets) == (len(expected), {})


def test_a_place_at_the_edge_of_the_world_is_found_from_there(facts: list[Facts]) -> None:
    far = [(70.0, 30.0), (10.0, -40.0), (49.0, -9.0), (-33.9, 151.2)]
    moved = [replace(each, points=(far[n % 4],)) for n, each in enumerate(facts)]
    columns = Columns.of(moved)
    for latitude, longitude in far:
        here = Place("there", PlaceKind.POINT, latitude, longitude)
        rows, _ = columns.near(here, 1.0)
        assert sorted(rows.tolist()) == [
            n for n, each in enumerate(moved) if miles(latitude, longitude, *each.points[0]) < 1
        ]
