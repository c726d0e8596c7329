"""The words listings are sorted by: our own lists, and what other directories call the same."""

import re

import pytest
from flask import Flask
from sqlalchemy import func, select

from core.db import db
from core.errors import NotFound
from core.saving import saving
from directory.models import TaxonomyTerm
from directory.taxonomy import (
    KINDS,
    NEEDS,
    ensure_terms,
    find_code,
    foreign_terms,
    kinds,
    language_code,
    language_name,
    needs,
    own_terms,
)
from tests.builders import BUILDER


def test_our_lists_are_complete_and_told_apart() -> None:
    assert (len(kinds()), len(needs())) == (18, 12)
    for terms in (kinds(), needs()):
        assert (
            len({each.code for each in terms}) == len({each.name for each in terms}) == len(terms)
        )
        assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", each.code) for each in terms)


@pytest.mark.parametrize(
    ("taxonomy", "called", "code"),
    [
        (KINDS, "Meeting people", "meeting-people"),
        (KINDS, "meeting-people", "meeting-people"),
        (KINDS, "  Lunch   CLUBS ", "meeting-people"),
        (KINDS, "Alzheimer’s", "memory-and-dementia"),
        (KINDS, "Carers", "caring-for-someone"),
        (NEEDS, "Bereaved", "bereavement"),
        (KINDS, "Miscellaneous", None),
        (KINDS, "Not dementia", None),
    ],
)
def test_a_category_is_ours_when_it_clearly_means_ours(
    taxonomy: str, called: str, code: str | None
) -> None:
    assert find_code(taxonomy, called) == code


def test_languages_are_called_as_people_call_them() -> None:
    assert language_name("BN") == "Bengali"
    assert language_name("xx") == "xx"
    assert language_code("british sign language") == "bfi"
    assert language_code("Klingon") is None


def test_our_words_are_entered_once(app: Flask) -> None:
    with saving():
        assert ensure_terms(by=BUILDER) == 41
    with saving():
        assert ensure_terms(by=BUILDER) == 0
    assert [each.name for each in own_terms(KINDS, ["moving-more"])] == ["Moving more"]


def test_a_word_we_have_not_is_not_found(app: Flask) -> None:
    with pytest.raises(NotFound):
        own_terms(KINDS, ["no-such-kind"])


def test_a_word_of_another_list_is_entered_once_however_it_is_written(app: Flask) -> None:
    with saving():
        [first] = foreign_terms([("Some council", "Mental Health")])
        [second, other] = foreign_terms(
            [("Some council", "mental  health"), ("Another council", "Mental Health")]
        )
    assert first is second
    assert other is not first
    assert db.session.scalar(select(func.count()).select_from(TaxonomyTerm)) == 2
