"""Shared lists and short addresses: short, hard to guess, forgiving to type, and forgotten."""

import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from core import clock
from core.db import db
from core.errors import NotFound, Refused
from core.saving import saving
from directory.listings import step
from directory.models import SharedList
from directory.rules import Life, Step
from directory.short_links import code_of, find_slug, short_address, tidy
from directory.shortlists import (
    UNUSED_FOR,
    forget_unused,
    get_shared,
    mark_used,
    needs_marking,
    share,
)
from tests.builders import BUILDER, MONDAY_MORNING, a_listing


@pytest.fixture(autouse=True)
def _monday_morning() -> Iterator[None]:
    with clock.set_to(MONDAY_MORNING):
        yield


def a_shared_list(*names: str) -> str:
    services = [a_listing(name) for name in names]
    with saving():
        made = share([each.id for each in services])
    return made.code


def test_a_shared_list_shows_its_activities_in_order(app: Flask) -> None:
    found = get_shared(a_shared_list("Walk", "Choir", "Art"))
    assert [each.name for each in found.services] == ["Walk", "Choir", "Art"]
    assert found.gone == 0
    assert found.address.endswith(f"/l/{found.code}")


def test_a_shared_list_counts_what_is_no_longer_on_and_does_not_name_it(app: Flask) -> None:
    code = a_shared_list("Walk", "Choir")
    gone = get_shared(code).services[0]
    with saving():
        step(gone, Step.RETIRE, by=BUILDER)
    found = get_shared(code)
    assert ([each.name for each in found.services], found.gone) == (["Choir"], 1)


def test_only_what_everybody_may_see_is_shared(app: Flask) -> None:
    hidden = a_listing("Draft", life=Life.DRAFT)
    with pytest.raises(Refused), saving():
        share([hidden.id, uuid.uuid4()])


def test_the_code_of_a_list_may_be_typed_as_it_looks(app: Flask) -> None:
    code = a_shared_list("Walk")
    typed = code.upper().replace("0", "O").replace("1", "L")
    assert get_shared(typed).code == code


def test_a_list_that_nobody_opens_is_forgotten(app: Flask) -> None:
    used, unused = a_shared_list("Walk"), a_shared_list("Choir")
    with clock.set_to(MONDAY_MORNING + UNUSED_FOR):
        assert needs_marking(used)
        with saving():
            mark_used(used)
        assert not needs_marking(used)
    with clock.set_to(MONDAY_MORNING + UNUSED_FOR + timedelta(days=1)):
        with pytest.raises(NotFound):
            get_shared(unused)
        assert forget_unused() == 1
        assert db.session.get(SharedList, unused) is None
        assert get_shared(used).code == used


def test_a_listing_is_found_by_its_short_name(app: Flask) -> None:
    services = [a_listing(name) for name in ("Walk", "Choir", "Art")]
    for each in services:
        assert find_slug(code_of(each.id)) == each.slug
        assert find_slug(code_of(each.id).upper().replace("0", "o")) == each.slug
    assert short_address(services[0].id).endswith(f"/a/{code_of(services[0].id)}")


@pytest.mark.parametrize("code", ["", "0000000000", "zzzzzzzzzz", "ü" * 10, "x" * 4000, "%"])
def test_a_code_that_is_nobodys_finds_nothing(app: Flask, code: str) -> None:
    a_listing()
    assert find_slug(code) is None
    with pytest.raises(NotFound):
        get_shared(code)


@given(st.uuids())
def test_short_names_have_no_letter_that_looks_like_another(service_id: uuid.UUID) -> None:
    code = code_of(service_id)
    assert len(code) == 10
    assert not set(code) & set("oilu")
    assert tidy(code) == code
