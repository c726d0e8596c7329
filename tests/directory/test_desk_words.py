"""The needs people come with, at the editors' desk: looked at first, then saved, then undone."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from accounts import OrganisationKind, Role
from core.db import db
from core.saving import saving
from directory import judging, meaning, search
from directory.desk import thesaurus as changing
from directory.desk.foreseeing import foresee
from directory.meaning.in_force import trying
from directory.models import Service
from tests.builders import a_listing, a_user, an_organisation
from tests.client import Client
from tests.page import hidden_fields

BOARD_GAMES = "/desk/directory/meaning?code=board-games"


@pytest.fixture
def desk_of(client: Client) -> Client:
    """An editor at a browser."""
    council = an_organisation("Bow Council", OrganisationKind.COUNCIL)
    return client.as_(a_user(council, Role.EDITOR, "Ed Moss"))


def typed(**other: Any) -> Mapping[str, Any]:
    """The form of the board games as it opens, but for what is said here."""
    known = meaning.thesaurus(now=True).concepts
    concept = known["board-games"]
    return {
        "name": concept.name,
        "shown_as": concept.shown_as,
        "phrases": "\n".join(concept.phrases),
        "words": "\n".join(concept.words),
        "near": "\n".join(known[code].name for code in concept.near),
        "kinds": list(concept.kinds),
        "needs": list(concept.needs),
        **other,
    }


def names(ids: tuple[Any, ...]) -> set[str]:
    return {db.session.get_one(Service, each).name for each in ids}


def test_every_need_is_listed_with_its_counts(desk_of: Client) -> None:
    a_listing("Chess for all")
    search.rebuild()
    page = desk_of.get("/desk/directory/meanings").text
    assert page.count("/desk/directory/meaning?code=") == len(meaning.thesaurus().concepts)
    assert search.meaning_counts(["board-games", "debt"]) == {"board-games": 1, "debt": 0}
    assert "/desk/directory/meanings" in desk_of.get("/desk/directory").text


def test_a_change_is_looked_at_before_it_is_saved(desk_of: Client) -> None:
    a_listing("Tiddlywinks in Bow")
    answers = typed(words="tiddlywinks", step="look")
    page = desk_of.fill(BOARD_GAMES, answers)
    assert page.status_code == 200
    assert "What it would do" in page.text
    assert "Tiddlywinks in Bow" in page.text
    assert changing.history("board-games") == []
    kept = desk_of.post(
        BOARD_GAMES,
        data={**hidden_fields(page.text), **answers, "step": "keep", "why": "They are played."},
    )
    assert kept.status_code == 303
    (edit,) = changing.history("board-games")
    assert (edit.by_name, edit.why) == ("Ed Moss", "They are played.")
    assert "They are played." in desk_of.get(BOARD_GAMES).text


def test_saving_the_form_as_it_opened_changes_nothing_said(desk_of: Client) -> None:
    before = meaning.thesaurus(now=True).concepts["board-games"]
    assert desk_of.fill(BOARD_GAMES, typed(step="keep")).status_code == 303
    assert meaning.thesaurus(now=True).concepts["board-games"] == before


def test_a_change_is_taken_back(desk_of: Client) -> None:
    desk_of.fill(BOARD_GAMES, typed(phrases="tiddlywinks", step="keep"))
    assert meaning.thesaurus(now=True).concepts["board-games"].phrases == ("tiddlywinks",)
    back = desk_of.fill_act(
        "/desk/directory/meaning/back?code=board-games&version=0", on=BOARD_GAMES
    )
    assert back.status_code == 303
    assert "chess" in meaning.thesaurus(now=True).concepts["board-games"].phrases
    assert [edit.version for edit in changing.history("board-games")] == [2, 1]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"name": ""}, "Give it a name"),
        ({"shown_as": " "}, "Say how"),
        ({"phrases": "?!"}, "cannot be looked for"),
        ({"words": "word " * 40}, "cannot be looked for"),
        ({"phrases": "\n".join(f"phrase {n}" for n in range(401))}, "400 is the most"),
        ({"near": "Nonesuch"}, "There is no need called"),
    ],
)
def test_what_cannot_be_kept_is_said_beside_its_box(
    desk_of: Client, wrong: dict[str, str], told: str
) -> None:
    page = desk_of.fill(BOARD_GAMES, typed(step="keep", **wrong))
    assert page.status_code == 422
    assert told in page.text
    assert changing.history("board-games") == []


def test_who_saves_over_a_newer_version_is_told(desk_of: Client) -> None:
    begun = desk_of.get(BOARD_GAMES)
    desk_of.fill(BOARD_GAMES, typed(phrases="tiddlywinks", step="keep"))
    late = {**hidden_fields(begun.text), **typed(step="keep")}
    assert desk_of.post(BOARD_GAMES, data=late).status_code == 409


@pytest.mark.parametrize(
    "path", ["/desk/directory/meaning", "/desk/directory/meaning?code=nonesuch"]
)
def test_a_need_that_is_not_there_is_not_found(desk_of: Client, path: str) -> None:
    assert desk_of.get(path).status_code == 404


def test_it_is_foreseen_which_listings_gain_and_lose(app: Flask) -> None:
    a_listing("Tiddlywinks in Bow")
    a_listing("Dominoes in Bow")
    concept = meaning.thesaurus().concepts["board-games"]
    other = replace(concept, name="Games", words=("tiddlywinks",), phrases=("play",))
    foreseen = foresee(other)
    assert names(foreseen.gains) == {"Tiddlywinks in Bow"}
    assert names(foreseen.loses) == {"Dominoes in Bow"}
    assert foreseen.is_all
    assert foreseen.judged is None
    assert meaning.thesaurus(now=True).concepts["board-games"] == concept


def test_searches_are_scored_before_and_after_where_judged_listings_are_here(app: Flask) -> None:
    judged = judging.judgements_of_ours()[0]
    with saving():
        a_listing("Somewhere").slug = min(judged.relevant)
    concept = meaning.thesaurus().concepts["board-games"]
    foreseen = foresee(replace(concept, phrases=(*concept.phrases, judged.query)))
    assert foreseen.judged is not None
    assert foreseen.judged.before.queries >= 1
    same = foresee(concept).judged
    assert same is not None
    assert same.before == same.after
    assert (same.better, same.worse) == ((), ())


def test_a_thesaurus_is_tried_in_one_place_only(app: Flask) -> None:
    known = meaning.thesaurus()
    concept = replace(known.concepts["board-games"], phrases=("xyzzy",))
    with trying(known.having(concept)):
        assert [each.code for each in meaning.understand("xyzzy").concepts] == ["board-games"]
    assert meaning.understand("xyzzy").concepts == ()


def test_only_editors_see_the_needs(client: Client) -> None:
    group = a_user(an_organisation(), Role.ORGANISER, "Olu")
    for path in ("/desk/directory/meanings", BOARD_GAMES):
        assert client.as_(group).get(path).status_code == 404
