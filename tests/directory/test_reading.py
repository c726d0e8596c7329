"""Reading a text: by its words, the need behind it and its sense; corrected; never an error."""

import uuid
from pathlib import Path

import numpy as np
import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.db import db
from directory.meaning import thesaurus, vectors
from directory.search import Query, segments
from directory.search.choosing import answer
from directory.search.documents import Document, Facts
from directory.search.fallback import Everybody, FromSql
from directory.search.reading import FIT, WORDS, Listings, readings
from directory.search.snapshot import open_state
from directory.search.words import fold
from tests.engines import on_sqlite

LISTED = {
    "Money drop-in": "Help with debts, bailiffs and bills you cannot pay.",
    "Debt advice by phone": "Advisers ring you back about what you owe.",
    "Quiet water": "A circle for people who are bereaved. Come when somebody close has died.",
    "Knit and natter": "Wool, needles and tea. Bring your knitting.",
    "Slow mile": "A gentle stroll by the canal. We walk at the pace of the slowest.",
    "Walking group": "Walks of five miles on Sundays.",
    "Chair yoga": "Gentle stretching for stiff joints and arthritis.",
    "Harbour choir": "Singing for everyone. Nobody need read music.",
    "Ukulele evening": "Beginners strum together.",
    "Bus buddies": "Somebody rides beside you until you dare go alone.",
    "Canal football": "Football for anybody, in Burnley.",
    "Moor football": "Football for anybody, on the hill.",
    "Money in Burnley": "Advice about bills.",
    "Park football": "Football for anybody. We speak Gujarati.",
}
HELD_AT = {"Moor football": (53.789, -2.240), "Park football": (51.063, -0.326)}
"""In Burnley, and in Horsham."""


@pytest.fixture
def listings(app: Flask, tmp_path: Path) -> Listings:
    """An index of these, and the thesaurus that comes with the software."""
    segments.create(tmp_path)
    segments.write(tmp_path, (), [_document(*each) for each in LISTED.items()])
    files = [path.name for path in tmp_path.iterdir() if path.is_file()]
    return open_state(tmp_path, files, {})[0]


def _document(name: str, about: str) -> Document:
    texts = dict.fromkeys(("organisation", "categories", "eligibility", "place"), "")
    texts |= {"name": name, "about": about}
    nothing: tuple[()] = ()
    facts = Facts(
        id=uuid.uuid5(uuid.NAMESPACE_DNS, name),
        name=fold(name),
        checked=0,
        stale=False,
        attending="venue",
        points=(HELD_AT[name],) if name in HELD_AT else nothing,
        kinds=nothing,
        needs=nothing,
        slots=nothing,
        cost="unknown",
        ages=nothing,
        audiences=nothing,
        languages=nothing,
        access=nothing,
        access_unknown=nothing,
        offers=nothing,
        offers_unknown=nothing,
        full=nothing,
        concepts=tuple(sorted(thesaurus().concepts_of(texts, (), ()).items())),
        vector=vectors.stored(vectors.of_listing(texts)),
    )
    return Document(facts, texts)


def found(listings: Listings, text: str) -> list[str]:
    """The names of what is found, the best first."""
    named = {uuid.uuid5(uuid.NAMESPACE_DNS, name): name for name in LISTED}
    return [named[hit.id] for hit in answer(listings, Query(text)).hits]


@on_sqlite
@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("skint", {"Money drop-in", "Debt advice by phone"}),
        ("my husband died and I don't know where to turn", {"Quiet water"}),
        ("can't pay my bills", {"Money drop-in", "Debt advice by phone"}),
        ("dodgy knees", {"Chair yoga"}),
    ],
)
def test_people_find_what_they_need_in_words_no_listing_has(
    listings: Listings, text: str, first: set[str]
) -> None:
    assert found(listings, text)[0] in first
    understood = answer(listings, Query(text)).understood
    assert understood is not None
    assert understood.concepts


@on_sqlite
@pytest.mark.parametrize("name", LISTED)
def test_who_types_the_name_of_an_activity_finds_it_first(listings: Listings, name: str) -> None:
    assert found(listings, name)[0] == found(listings, name.upper())[0] == name


@on_sqlite
@pytest.mark.parametrize("text", ["stroll", "singing", "knitting", "bereaved", "debts"])
def test_beside_who_has_all_the_words_only_what_comes_near_is_found(
    listings: Listings, text: str
) -> None:
    best, *others = answer(listings, Query(text, explain=True)).hits
    assert best.why is not None
    shares = [each.why.factors[0].value for each in others if each.why is not None]
    assert best.why.parts["words"] == WORDS
    assert all(share >= FIT for share in shares)


@on_sqlite
@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("football burnley", {"Canal football", "Moor football"}),
        ("football near Horsham", {"Park football"}),
        ("gujarati footie", {"Park football"}),
    ],
)
def test_who_is_there_or_says_so_and_who_has_what_no_need_explains_comes_first(
    listings: Listings, text: str, first: set[str]
) -> None:
    names = found(listings, text)
    assert set(names[: len(first)]) == first
    assert {name for name in LISTED if "football" in name} <= set(names), "nobody is shut out"


@on_sqlite
def test_what_has_nothing_to_do_with_it_is_not_found(listings: Listings) -> None:
    assert "Walking group" not in found(listings, "skint")
    assert "Ukulele evening" not in found(listings, "walking group")
    assert found(listings, "zzxqj wvvk") == []


@on_sqlite
def test_chatter_need_not_be_had(listings: Listings) -> None:
    plain, padded = (
        answer(listings, Query(text))
        for text in ("ukulele", "please could somebody tell me where there is any ukulele")
    )
    assert found(listings, "where is there any ukulele please")[0] == "Ukulele evening"
    assert not plain.loosened
    assert not padded.loosened


@on_sqlite
def test_a_mistyped_word_is_put_right_and_that_is_told(listings: Listings) -> None:
    mistyped = answer(listings, Query("harbuor"))
    assert mistyped.corrected == "harbour"
    assert found(listings, "harbuor")[0] == "Harbour choir"
    assert answer(listings, Query("harbour")).corrected == ""
    assert answer(listings, Query("harbuor", exact=True)).corrected == ""


@on_sqlite
@pytest.mark.parametrize("text", ["skint", "walking", "singing for stiff joints", '"slow mile"'])
def test_the_parts_of_a_score_come_to_the_score(listings: Listings, text: str) -> None:
    for reading in readings(listings, Query(text)):
        assert np.allclose(sum(reading.parts.values()), reading.scores)
        assert (np.diff(reading.rows) > 0).all()


@on_sqlite
def test_who_knows_the_words_is_taken_at_them(listings: Listings) -> None:
    assert found(listings, '"walking group"') == ["Walking group"]
    assert "Walking group" not in found(listings, "walk -group")
    assert answer(listings, Query('"skint"')).understood is None


@on_sqlite
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.sampled_from(" ".join(LISTED.values()).split()), max_size=5).map(" ".join))
def test_exact_words_are_plain_words(listings: Listings, text: str) -> None:
    plain = listings.texts.all_of(text), listings.texts.begun(text), listings.texts.any_of(text)
    for reading, scored in zip(readings(listings, Query(text, exact=True)), plain, strict=False):
        assert reading.rows.tolist() == scored.rows.tolist()
        assert reading.scores.tolist() == scored.scores.tolist()
        assert reading.understood is None


@on_sqlite
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(max_size=120) | st.text('abcdeno "*-()~\u202e\u0301', max_size=60))
def test_no_text_is_an_error(listings: Listings, text: str) -> None:
    for reading in readings(listings, Query(text)):
        assert len(reading.rows) == len(reading.scores)
        assert (reading.scores > 0).all()
        assert listings.alive[reading.rows].all()


@on_sqlite
def test_while_the_database_answers_odd_texts_are_no_error_either(app: Flask) -> None:
    for text in ("walk walking walked", "bereavment", "skint", "don't know where", "ukel"):
        sql = FromSql(db.session(), [text], Everybody(db.engine, in_background=False))
        assert answer(sql, Query(text)).total == 0
