"""When nothing is found: what is offered to let go is true, the least, and the shortest way off."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.invented import PLAIN, TOPICS, listings
from directory.places import Place, PlaceKind
from directory.search import asking, segments
from directory.search.asking import OFFERED_MILES, Limit, Query, Relaxation
from directory.search.choosing import answer
from directory.search.relaxing import MOST_OFFERED, relaxations, texts_without_a_word
from directory.search.snapshot import Snapshot, open_state
from directory.search.ticks import codes_of

FACETS = tuple(Query().chosen())
WORDS = sorted({word for topic in TOPICS for word in topic} | {"zeppelin", *PLAIN[:4]})
BOW = Place("Bow", PlaceKind.POINT, 51.53, -0.02)
AT_SEA = Place("At sea", PlaceKind.POINT, 57.0, 1.5)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    folder = tmp_path_factory.mktemp("index")
    segments.create(folder)
    segments.write(folder, (), listings(120))
    files = [path.name for path in folder.iterdir() if path.is_file()]
    return open_state(folder, files, {})[0]


@st.composite
def questions(draw: st.DrawFn) -> Query:
    query = Query(
        " ".join(draw(st.lists(st.sampled_from(WORDS), max_size=3))),
        exact=True,
        near=draw(st.sampled_from([None, BOW, AT_SEA])),
        within=draw(st.sampled_from([0.5, 2.0, 5.0, 40.0])),
        unknown=draw(st.booleans()),
    )
    for facet in draw(st.lists(st.sampled_from(FACETS), max_size=3)):
        codes = draw(st.lists(st.sampled_from(codes_of(facet)), min_size=1, max_size=2))
        query = query.ticking(facet, frozenset(codes))
    return query


def total(snapshot: Snapshot, query: Query) -> int:
    return answer(snapshot, query).total


def without(query: Query, limit: Limit) -> Iterator[Query]:
    """The slow and plain way to let go of one limit; the least letting go first."""
    if limit.of == "within":
        yield from (replace(query, within=each) for each in OFFERED_MILES if each > query.within)
        yield replace(query, near=None)
    elif limit.of == "text":
        left = [each for each in query.text.split() if limit.value and each != limit.value]
        yield replace(query, text=" ".join(left))
    else:
        left_of = {each for each in query.chosen()[limit.of] if limit.value not in ("", each)}
        yield query.ticking(limit.of, frozenset(left_of if limit.value else ()))


def limits(query: Query) -> list[Limit]:
    found = [Limit("within")] if query.near else []
    if words := dict.fromkeys(query.text.split()):
        found += [Limit("text"), *(Limit("text", each) for each in words if len(words) > 1)]
    for facet, codes in query.chosen().items():
        if facet in ("access", "offers"):
            found += [Limit(facet, code) for code in codes]
        elif codes:
            found.append(Limit(facet))
    return found


def brings_back(snapshot: Snapshot, query: Query, group: tuple[Limit, ...]) -> int:
    """How many the first way to let go of all these finds; nearer before further."""
    first, *rest = sorted(group, key=lambda each: each.of != "within")
    for step in without(query, first):
        for other in product(*(without(step, each) for each in rest)):
            found = total(snapshot, other[0] if other else step)
            if found:
                return found
    return 0


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(query=questions())
def test_what_is_offered_is_what_trying_every_limit_would_find(
    snapshot: Snapshot, query: Query
) -> None:
    offered = relaxations(snapshot, query)
    if total(snapshot, query):
        assert offered == []
        return
    for each in offered:
        assert each.count == total(snapshot, each.query) > 0
    assert [each.count for each in offered] == sorted((o.count for o in offered), reverse=True)
    expected = tried(snapshot, query, [(each,) for each in limits(query)])
    if not expected:
        pairs = combinations(limits(query), 2)
        two_of_text = ("text", "text")
        expected = tried(
            snapshot, query, [each for each in pairs if tuple(e.of for e in each) != two_of_text]
        )
    for group in [each for each in expected if Limit("text") in each]:
        others = set(group) - {Limit("text")}
        by_word = [o for o in expected if {e for e in o if e.of != "text"} == others]
        if any(each.of == "text" and each.value for o in by_word for each in o):
            del expected[group]
    assert_best(offered, expected)


def tried(
    snapshot: Snapshot, query: Query, groups: list[tuple[Limit, ...]]
) -> dict[frozenset[Limit], int]:
    counts = {frozenset(each): brings_back(snapshot, query, each) for each in groups}
    return {group: count for group, count in counts.items() if count}


def assert_best(offered: list[Relaxation], expected: dict[frozenset[Limit], int]) -> None:
    told = {frozenset(each.limits): each.count for each in offered}
    assert told.items() <= expected.items()
    best = sorted(expected.values(), reverse=True)[:MOST_OFFERED]
    assert [each.count for each in offered] == best


def test_the_whole_text_goes_only_where_no_one_word_will_do(snapshot: Snapshot) -> None:
    query = Query("zeppelin", exact=True, near=BOW, within=100.0)
    [only] = relaxations(snapshot, query)
    assert only.limits == (Limit(asking.TEXT),)
    assert only.count == total(snapshot, Query(near=BOW, within=100.0))


def test_words_in_quotes_and_words_left_out_are_let_go_as_they_were_typed() -> None:
    left = texts_without_a_word('"tea and chat" -men bingo')
    assert left == {
        '"tea and chat"': "-men bingo",
        "-men": '"tea and chat" bingo',
        "bingo": '"tea and chat" -men',
    }
