"""Thanks: no account, no name; the group sees the number at once, the words when they are read."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from accounts import OrganisationKind, Role
from core import clock
from core.db import db
from core.errors import BadInput, NotFound, Refused
from core.saving import saving
from directory.desk import thanks, waiting
from directory.desk.sendings import MOST_AN_HOUR
from directory.models import Service, Thanks
from directory.rules import Decision, Life
from tests.builders import BUILDER, MONDAY_MORNING, a_listing, a_user, an_organisation
from tests.client import Client
from tests.engines import on_sqlite

KIND = "I had not laughed like that for a year."


@pytest.fixture(autouse=True)
def _monday_morning(app: Flask) -> Iterator[None]:
    with clock.set_to(MONDAY_MORNING):
        yield


@pytest.fixture
def listing(app: Flask) -> Service:
    """A listing with somebody who keeps it."""
    return a_listing(organisation=an_organisation(email="knit@bow.example"))


def thank(service: Service, words: str = "") -> None:
    with saving():
        thanks.thank(service, words, by=BUILDER)


def decide(made: Thanks, *, accept: bool) -> None:
    with saving():
        thanks.decide_thanks(made, accept=accept, by=BUILDER)


def said_to(service: Service) -> list[str]:
    return [each.words for each in thanks.words_for(service)]


def test_thanks_without_words_count_and_wait_for_nobody(listing: Service) -> None:
    thank(listing)
    assert (thanks.how_many(listing), thanks.waiting_thanks()) == (1, [])
    assert thanks.how_many(a_listing("Choir")) == 0


def test_words_reach_the_group_when_an_editor_lets_them_through(listing: Service) -> None:
    thank(listing, KIND)
    assert (thanks.how_many(listing), said_to(listing)) == (1, [])
    assert waiting.counts()["thanks"] == 1
    [made] = thanks.waiting_thanks()
    decide(made, accept=True)
    assert said_to(listing) == [KIND]
    assert waiting.counts()["thanks"] == 0
    with pytest.raises(Refused):
        decide(made, accept=False)


def test_words_that_are_kept_back_are_forgotten_and_still_count(listing: Service) -> None:
    thank(listing, "Sheila is a fool.")
    decide(thanks.waiting_thanks()[0], accept=False)
    [kept] = db.session.scalars(select(Thanks))
    assert (kept.words, kept.decision, said_to(listing)) == ("", Decision.REFUSED, [])
    assert thanks.how_many(listing) == 1


@pytest.mark.parametrize(
    "words", ["Ring me on 07700 900 982", "Write to mo@home.example", "From E3 3BQ", "x" * 301]
)
def test_thanks_name_nobody_and_are_short(listing: Service, words: str) -> None:
    with pytest.raises(BadInput):
        thank(listing, words)
    assert thanks.how_many(listing) == 0


def test_a_group_is_not_buried_under_words_nobody_has_read(listing: Service) -> None:
    for _ in range(thanks.MOST_WAITING + 2):
        thank(listing, KIND)
    assert len(thanks.waiting_thanks()) == thanks.MOST_WAITING
    assert thanks.how_many(listing) == thanks.MOST_WAITING + 2


def test_the_latest_words_come_first(listing: Service) -> None:
    for day, words in enumerate(("First", "Second")):
        with clock.set_to(MONDAY_MORNING + timedelta(days=day)):
            thank(listing, words)
            decide(thanks.waiting_thanks()[0], accept=True)
    assert said_to(listing) == ["Second", "First"]


def test_there_are_no_thanks_by_a_made_up_id(listing: Service) -> None:
    with pytest.raises(NotFound):
        thanks.get_thanks(listing.id)


@on_sqlite
def test_somebody_thanks_a_group_and_an_editor_passes_it_on(
    client: Client, listing: Service
) -> None:
    page = f"/activities/{listing.slug}/thanks"
    assert page in client.get(f"/activities/{listing.slug}").text
    refused = client.fill(page, {"words": "Ring me on 07700 900 982"})
    assert refused.status_code == 422
    assert "take out phone numbers" in refused.text
    assert "on their way" in client.fill(page, {"words": KIND}, follow_redirects=True).text
    assert KIND not in client.get(f"/activities/{listing.slug}").text
    client.as_(a_user(listing.organisation))
    own = client.get(f"/my-listings/{listing.id}").text
    assert "Somebody said thank you." in own
    assert KIND not in own
    council = an_organisation("Bow Council", OrganisationKind.COUNCIL)
    client.as_(a_user(council, Role.EDITOR, "Ed Moss"))
    [made] = thanks.waiting_thanks()
    item = f"/desk/directory/thanks/{made.id}"
    assert item in client.get("/desk/directory?tab=thanks").text
    assert KIND in client.get(item).text
    client.fill(item, {"answer": "accept"})
    assert client.get(item).status_code == 404
    assert KIND in client.get(f"/my-listings/{listing.id}").text
    assert KIND not in client.get(f"/activities/{listing.slug}").text


@on_sqlite
def test_nobody_thanks_more_than_a_person_would_and_machines_are_not_heard(
    client: Client, listing: Service
) -> None:
    page = f"/activities/{listing.slug}/thanks"
    assert client.fill(page, {"homepage": "https://spam.example"}).status_code == 303
    assert thanks.how_many(listing) == 0
    for _ in range(MOST_AN_HOUR):
        assert client.fill(page, {}).status_code == 303
    assert client.fill(page, {}).status_code == 429
    assert thanks.how_many(listing) == MOST_AN_HOUR


@on_sqlite
def test_what_is_not_shown_cannot_be_thanked(client: Client, app: Flask) -> None:
    draft = a_listing("Draft", life=Life.DRAFT)
    assert client.get(f"/activities/{draft.slug}/thanks").status_code == 404
