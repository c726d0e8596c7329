"""Meaning: what is understood of what people type, what listings are good for, who changed that."""

from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select

from core.audit import AuditEntry
from core.db import db
from core.errors import BadInput, ChangedMeanwhile, NotFound
from core.saving import saving
from directory import meaning
from directory.desk import thesaurus as desk
from directory.meaning import Concept, Thesaurus
from directory.meaning.concept import read, shipped
from directory.meaning.folding import words
from directory.models import SearchJob, Service
from tests.builders import BUILDER, a_listing, an_organisation

SMALL = """
[[concept]]
code = "bereavement"
name = "Grief and loss"
shown_as = "help after somebody has died"
kinds = ["bereavement"]
needs = ["bereavement"]
words = ["bereavement", "bereaved", "grief"]
phrases = ["lost my husband", "husband died", "on my own since the funeral"]
near = ["company"]

[[concept]]
code = "company"
name = "Company and friends"
shown_as = "ways to meet people"
kinds = ["meeting-people"]
needs = ["lonely"]
words = ["loneliness", "befriending", "coffee mornings"]
phrases = ["on my own", "can't get out", "no friends", "lonely"]

[[concept]]
code = "debt"
name = "Money and debt"
shown_as = "help with money and debt"
kinds = ["money-and-benefits"]
words = ["debt", "money advice", "food bank"]
phrases = ["skint", "can't pay my bills", "bailiffs"]
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Thesaurus:
    """Three concepts."""
    folder = tmp_path_factory.mktemp("concepts")
    (folder / "small.toml").write_text(SMALL, encoding="utf-8")
    return Thesaurus(read(folder))


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("skint", {"debt"}),
        ("SKINT!!!", {"debt"}),
        ("i am so skiiint", {"debt"}),
        ("My husband has just died", {"bereavement"}),
        ("my husband sadly died", {"bereavement"}),
        ("losing my husband", set()),
        ("Can’t get out since my husband died", {"bereavement", "company"}),
        ("cannot pay all of the bills", {"debt"}),
        ("can not pay my bill", {"debt"}),
        ("I'm on my own", {"company"}),
        ("so very lonely", {"company"}),
        ("lonelyyyy", {"company"}),
        ("foodbank", {"debt"}),
        ("food-bank", {"debt"}),
        ("coffee morning", {"company"}),
        ("bereavment", {"bereavement"}),
        ("berevement", {"bereavement"}),
        ("knitting", set()),
        ("own", set()),
        ("", set()),
    ],
)
def test_people_are_understood_however_they_write(
    small: Thesaurus, text: str, codes: set[str]
) -> None:
    assert {each.code for each in small.understand(text).concepts} == codes


def test_the_longest_phrase_wins(small: Thesaurus) -> None:
    (meant,) = small.understand("on my own since the funeral").concepts
    assert meant.code == "bereavement"


def test_what_was_typed_is_given_back(small: Thesaurus) -> None:
    understood = small.understand("Skint, and want to paint")
    assert [each.phrase for each in understood.concepts] == ["Skint"]
    assert understood.text == "Skint, and want to paint"
    assert understood.rest == ", and want to paint"
    assert small.understand("to paint").rest == "to paint"


def weight(thesaurus: Thesaurus, text: str) -> float:
    return thesaurus.understand(text).concepts[0].weight


def test_a_mistyped_word_is_less_sure_than_a_right_one(small: Thesaurus) -> None:
    assert weight(small, "bailifs") == weight(small, "bailiffs")  # a doubled letter is no slip
    assert weight(small, "bialiffs") < weight(small, "bailiffs")


def test_one_word_of_a_long_text_tells_less_than_all_of_a_short_one(small: Thesaurus) -> None:
    long = "painting watercolours in the park with bailiffs"
    assert 0 < weight(small, long) < weight(small, "bailiffs") == weight(small, "the bailiffs")


def test_words_of_our_own_are_not_bent_into_each_other(small: Thesaurus) -> None:
    slips = {text: small.slip_for(words(text)[0]) for text in ("loneliness", "lonliness", "walk")}
    assert slips == {"loneliness": None, "lonliness": "loneliness", "walk": None}


@given(st.text(max_size=400))
def test_no_text_is_an_error(text: str) -> None:
    thesaurus = Thesaurus({"debt": Concept("debt", "Debt", "help", phrases=("can't pay",))})
    understood = thesaurus.understand(text)
    assert all(0 < each.weight <= 1 for each in understood.concepts)
    assert len(understood.rest) <= len(understood.text)
    assert all(0 < each <= 1 for each in thesaurus.concepts_of({"about": text}, [], []).values())


def test_a_listing_is_good_for_what_it_names(small: Thesaurus) -> None:
    named = small.concepts_of({"name": "Bereavement café"}, [], [])
    filed = small.concepts_of({"name": "The Haven", "categories": "Bereavement"}, [], [])
    told = small.concepts_of({"about": "For those who have lost their husband"}, [], [])
    in_passing = small.concepts_of({"about": "All are welcome, the bereaved too."}, [], [])
    assert set(named) == set(filed) == set(told) == set(in_passing) == {"bereavement"}
    assert (
        named["bereavement"]
        > filed["bereavement"]
        > in_passing["bereavement"]
        > told["bereavement"]
    )


def test_naming_it_again_makes_it_surer_up_to_a_point(small: Thesaurus) -> None:
    weights = [
        small.concepts_of({"about": "debt " * times}, [], [])["debt"] for times in (1, 2, 3, 4, 90)
    ]
    assert weights[0] < weights[1] < weights[2] == weights[3] == weights[4] < 1


def test_our_own_terms_tell_what_a_listing_is_good_for(small: Thesaurus) -> None:
    assert set(small.concepts_of({}, ["bereavement"], ["lonely"])) == {"bereavement", "company"}
    assert small.concepts_of({}, ["moving-more"], []) == {}


def test_a_code_that_is_there_twice_is_told(tmp_path: Path) -> None:
    (tmp_path / "twice.toml").write_text(SMALL + SMALL, encoding="utf-8")
    with pytest.raises(ValueError, match="twice"):
        read(tmp_path)


def test_the_version_tells_one_thesaurus_from_another(small: Thesaurus) -> None:
    same = Thesaurus(dict(small.concepts))
    other = small.having(Concept("debt", "Money", "help with money"))
    assert small.version == same.version != other.version


def a_concept(**said: object) -> Concept:
    lists = {"words": ("whittling",), "phrases": ("idle hands",), **said}
    return Concept("whittling", "Wood", "carving", **lists)  # type: ignore[arg-type]


def test_an_edit_is_understood_at_once_and_kept(app: Flask) -> None:
    assert meaning.understand("idle hands").concepts == ()
    with saving():
        desk.change(a_concept(), why=" People ask for it. ", by=BUILDER)
    assert [each.code for each in meaning.understand("my idle hands").concepts] == ["whittling"]
    (edit,) = desk.history("whittling")
    assert (edit.version, edit.why, edit.by_name) == (1, "People ask for it.", BUILDER.name)
    told = db.session.scalars(select(AuditEntry).where(AuditEntry.about == "concept:whittling"))
    assert [each.action for each in told] == ["concept changed"]


def test_an_edit_stands_in_place_of_what_came_with_the_software(app: Flask) -> None:
    code, came = next(iter(shipped().items()))
    with saving():
        desk.change(Concept(code, "Other", "others"), why="", by=BUILDER)
    assert meaning.thesaurus().concepts[code].name == "Other"
    with saving():
        desk.revert(code, 0, by=BUILDER)
    assert meaning.thesaurus().concepts[code] == came
    assert [each.version for each in desk.history(code)] == [2, 1]


def test_an_earlier_version_can_be_had_back(app: Flask) -> None:
    for phrase in ("idle hands", "bored hands"):
        with saving():
            desk.change(a_concept(phrases=(phrase,)), why="", by=BUILDER)
    with saving():
        desk.revert("whittling", 1, by=BUILDER)
    assert meaning.thesaurus().concepts["whittling"].phrases == ("idle hands",)
    with pytest.raises(NotFound), saving():
        desk.revert("whittling", 9, by=BUILDER)
    with pytest.raises(NotFound), saving():
        desk.revert("nonesuch", 0, by=BUILDER)


def test_who_saves_over_a_newer_version_is_told(app: Flask) -> None:
    with saving():
        desk.change(a_concept(), why="", by=BUILDER, seen=0)
    with pytest.raises(ChangedMeanwhile), saving():
        desk.change(a_concept(), why="", by=BUILDER, seen=0)


@pytest.mark.parametrize(
    "concept",
    [
        Concept("x", " ", "help"),
        Concept("x", "Name", ""),
        Concept("x", "Name" * 99, "help"),
        Concept("x", "Name", "help", phrases=("?!",)),
        Concept("x", "Name", "help", words=("word " * 99,)),
        Concept("x", "Name", "help", near=("nonesuch",)),
        Concept("x", "Name", "help", kinds=("nonesuch",)),
        Concept("x", "Name", "help", needs=("nonesuch",)),
        Concept("x", "Name", "help", phrases=tuple(f"phrase {n}" for n in range(999))),
    ],
)
def test_what_cannot_be_a_concept_is_refused(app: Flask, concept: Concept) -> None:
    with pytest.raises(BadInput), saving():
        desk.change(concept, why="", by=BUILDER)


def test_an_edit_has_those_listings_indexed_anew_that_name_it(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = an_organisation()
    whittlers = a_listing("Whittlers of Bow", organisation=group)
    a_listing("Knit and natter", organisation=group)
    cared_for = a_listing("Elm House", organisation=group, kinds=("bereavement",))
    marked: set[str] = set()
    for concept in (
        a_concept(words=("  whittle ", "whittle", "")),
        a_concept(words=("whittle",), kinds=("bereavement",)),
    ):
        with saving():
            db.session.execute(delete(SearchJob))
            desk.change(concept, why="", by=BUILDER)
            jobs = db.session.scalars(select(SearchJob.service_id))
            marked = {db.session.get_one(Service, each).name for each in jobs}
        if not concept.kinds:
            assert marked == {whittlers.name}
    assert cared_for.name in marked
    assert "Knit and natter" not in marked
