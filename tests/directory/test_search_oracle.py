"""Search: what texts find, and in which order, is what Whoosh finds when it scores everything."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import whoosh
from hypothesis import given
from hypothesis import strategies as st
from whoosh.query import And, AndNot, NullQuery, Phrase, Query, Term

from benchmarks.exhaustive import Exhaustive, differences, opened
from benchmarks.invented import listings
from benchmarks.search_oracle import build, mixed
from directory.search import parsing, segments, sidecars, whoosh_blocks
from directory.search.parsing import any_of, parsed
from directory.search.snapshot import Snapshot
from directory.search.texts import FIELDS
from directory.search.words import asked_words

SIZE = 2_000
BOMBS = [
    "",
    "*",
    "****",
    '"',
    '""" tea "',
    "-",
    "- - -tea",
    "-tea -coffee",
    "((((a* OR b*) AND (c* OR d*))",
    "(" * 500 + "tea" + ")" * 500,
    "a~9999",
    "tea^1e308 name:tea [a TO z]",
    '"tea coffee"~999999',
    "a* " * 200,
    "-" * 5_000 + "tea",
    "te* " * 3_000,
    "tea " * 2_500,
    "\x00\x07\x1b tea \u202e\u200f\u2066 aet",
    "'; DROP TABLE service; --",
    "<script>alert(1)</script>",
    "\ud800",
    "٣ مساعدة *",
    "ﬀ" * 300,
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("index")


@pytest.fixture(scope="module")
def snapshot(folder: Path) -> Snapshot:
    return build(folder, listings(SIZE))


@pytest.fixture(scope="module")
def exhaustive(folder: Path, snapshot: Snapshot) -> Iterator[Exhaustive]:
    names = [path.name for path in folder.iterdir()]
    with opened(folder, names, snapshot.texts) as found:
        yield found


def scores(snapshot: Snapshot, query: Query) -> dict[int, float]:
    found = snapshot.texts.found(query)
    assert bool(snapshot.alive[found.rows].all())
    assert bool((np.diff(found.rows) > 0).all())
    assert bool((found.scores > 0).all())
    return dict(zip(found.rows.tolist(), found.scores.tolist(), strict=True))


@pytest.mark.parametrize("text", mixed(40))
def test_the_first_page_and_the_total_are_those_of_scoring_everything(
    text: str, snapshot: Snapshot, exhaustive: Exhaustive
) -> None:
    begun = snapshot.texts.taken_as_begun(text)
    for query in (parsed(text), any_of(parsed(text)), begun):
        assert differences(scores(snapshot, query), exhaustive.found(query)) == []


def test_the_index_is_of_several_segments_and_some_listings_are_gone(
    snapshot: Snapshot, exhaustive: Exhaustive
) -> None:
    reader = exhaustive.stock.reader()
    assert len(reader.leaf_readers()) > 3
    assert reader.doc_count() == len(snapshot) < reader.doc_count_all() == len(snapshot.alive)


def test_this_is_a_version_of_whoosh_whose_blocks_we_know() -> None:
    """Before another is named in `whoosh_blocks`, the next test must pass with it."""
    assert whoosh.__version__ in whoosh_blocks.KNOWN_VERSIONS


def test_blocks_hold_what_the_public_matchers_of_whoosh_tell(folder: Path) -> None:
    files = [path.name for path in folder.iterdir()]
    with segments.open_index(folder, files).reader() as whole:
        several = 0
        for reader, _ in whole.leaf_readers():
            for field in FIELDS:
                for word in reader.lexicon(field):
                    # The public way round deletions would be another class of matcher.
                    ours = list(whoosh_blocks.blocks(_matcher(reader, field, word)))
                    told = whoosh_blocks.posting_by_posting(_matcher(reader, field, word))
                    assert _joined(ours) == _joined(told)
                    several += len(ours) > 1
        assert several > 10


def _matcher(reader: object, field: str, word: bytes) -> object:
    return reader._terms.matcher(field, word, reader.schema[field].format)  # type: ignore[attr-defined]


def _joined(blocks: object) -> list[tuple[int, float, list[int]]]:
    return [
        (int(row), float(weight), list(places))
        for block in blocks  # type: ignore[attr-defined]
        for row, weight, places in zip(*block, strict=True)
    ]


@pytest.mark.parametrize("text", [text for text in mixed(40) if not set(text) & set('"*-')])
def test_plain_words_are_what_the_parser_of_whoosh_makes_of_them(text: str) -> None:
    typed = " ".join(word.typed for word in asked_words(text))
    by_whoosh = parsing.parser.parse(typed, normalize=False).accept(parsing.stemmed).normalize()
    assert parsed(text) == by_whoosh


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("help - please", And([Term("", "help"), Term("", "pleas")])),
        ("e-mail", And([Term("", "e"), Term("", "mail")])),
        ("I don't know", And([Term("", "dont"), Term("", "know")])),
        ("help -- please", And([Term("", "help"), Term("", "pleas")])),
        ("help -please", AndNot(Term("", "help"), Term("", "pleas"))),
        ("“tea dance”", Phrase("", ["tea", "danc"])),
        ('"tea" dance', And([Term("", "tea"), Term("", "danc")])),
        ('tea "dance', And([Term("", "tea"), Term("", "danc")])),
        ("NOT tea", And([Term("", "not"), Term("", "tea")])),
        ("tea*s", And([Term("", "tea"), Term("", "s")])),
        ("-tea", NullQuery),
        ("-the tea", Term("", "tea")),
        ("tea TEA téa", Term("", "tea")),
    ],
)
def test_what_people_type_is_taken_as_they_mean_it(text: str, asked: Query) -> None:
    assert repr(parsed(text)) == repr(asked)


@pytest.mark.parametrize("text", BOMBS)
def test_no_text_is_an_error(text: str, snapshot: Snapshot, exhaustive: Exhaustive) -> None:
    for query in (parsed(text), any_of(parsed(text)), snapshot.texts.taken_as_begun(text)):
        assert differences(scores(snapshot, query), exhaustive.found(query)) == []
    snapshot.texts.nearest_words(text)


@given(st.text(st.sampled_from('tea kni-"*(~ \u202e\x00é') | st.characters(), max_size=60))
def test_any_text_is_an_ordinary_question(text: str) -> None:
    assert (parsed(text) is NullQuery) is (not asked_words(text))


def test_leaving_out_alone_asks_for_nothing(snapshot: Snapshot) -> None:
    assert not snapshot.texts.has_words("-tea")
    assert len(snapshot.texts.all_of("-tea")) == len(snapshot.texts.any_of("-tea")) == 0


def test_a_slip_is_told_from_a_known_word(snapshot: Snapshot) -> None:
    near = snapshot.texts.nearest_words
    assert near("knittting")[0][0] == "knitting"
    assert near("comunity")[0][0] == "community"
    assert near("pian")[0][0] == "pain"
    assert near("knitting") == near("Knitted") == near("xx") == near("") == []
    assert all(count > 0 for _, count in near("gardning"))
    assert len(near("gardning", most=1)) == 1


def test_a_file_that_holds_no_arrays_is_refused(tmp_path: Path) -> None:
    sidecars.write(tmp_path / "good", {"some": np.arange(9), "none": np.zeros((0, 3))})
    kept = sidecars.open_(tmp_path / "good")
    assert kept["some"].tolist() == list(range(9))
    assert kept["none"].shape == (0, 3)
    assert not kept["some"].flags.writeable
    content = (tmp_path / "good").read_bytes()
    for bad in (b"KITHARR1" + bytes(8), b"garbage" * 9, content[:-64], content[:20]):
        (tmp_path / "bad").write_bytes(bad)
        with pytest.raises(ValueError):  # noqa: PT011
            sidecars.open_(tmp_path / "bad")
