"""Street addresses: asked elsewhere only where a geocoder is set, and only when we do not know."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from geopy.exc import GeocoderTimedOut
from geopy.geocoders import Nominatim

from core.db import db
from directory import addresses
from directory.addresses import find_spot
from tests.engines import on_sqlite

pytestmark = on_sqlite  # nothing is asked of the database


class Answers:
    """Stands where another machine would answer, and notes what it was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[str] = []
        self.answer: Any = None
        self.in_transaction = True
        monkeypatch.setattr(Nominatim, "geocode", lambda _self, text, **_rest: self._geocode(text))

    def _geocode(self, text: str) -> Any:
        self.asked.append(text)
        self.in_transaction = db.session().in_transaction()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def elsewhere(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Answers]:
    answers = Answers(monkeypatch)
    addresses.set_up("nominatim", {"user_agent": "kith tests"})
    yield answers
    addresses.set_up("", {})


def at(latitude: float, longitude: float) -> Any:
    return SimpleNamespace(latitude=latitude, longitude=longitude)


def test_without_a_geocoder_nothing_is_asked_of_anybody(app: Flask) -> None:
    addresses.set_up("", {})
    assert find_spot("12 Bruce Road, Bow") is None


def test_what_we_know_is_never_asked_elsewhere(elsewhere: Answers) -> None:
    for text in ("E3 3BQ", "Preston", "bromley-by-bow"):
        assert find_spot(text) is not None
    assert elsewhere.asked == []


def test_an_address_is_found_and_asked_once(elsewhere: Answers) -> None:
    elsewhere.answer = at(51.5265, -0.0163)
    first, again = find_spot("12 Bruce  Road"), find_spot("12 bruce road")
    assert first is not None
    assert (round(first.latitude, 3), round(first.longitude, 3)) == (51.526, -0.016)
    assert first == again
    assert elsewhere.asked == ["12 bruce road"]


def test_nobody_waits_in_a_transaction(elsewhere: Answers) -> None:
    find_spot("12 Bruce Road")
    assert elsewhere.in_transaction is False


@pytest.mark.parametrize("answer", [None, GeocoderTimedOut("late"), at(40.7, -74.0)])
def test_no_answer_or_one_from_far_away_is_no_place(elsewhere: Answers, answer: Any) -> None:
    elsewhere.answer = answer
    assert find_spot("12 Bruce Road") is None


def test_a_geocoder_nobody_knows_stops_the_start(app: Flask) -> None:
    with pytest.raises(ValueError, match="no geocoder called"):
        addresses.set_up("carrier-pigeon", {})
