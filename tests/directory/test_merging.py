"""Two listings of one thing become one, and nothing that pointed at the other is lost."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from accounts import OrganisationKind, Role
from core import clock
from core.actors import Actor
from core.db import db
from core.errors import ChangedMeanwhile, Refused
from core.saving import saving
from core.work import hurry, run_until_empty
from directory import duplicates
from directory.desk import batches, merging
from directory.keeping import facts_of
from directory.listings import change_listing, history_of, moved_to, step
from directory.models import Batch, Service
from directory.rules import Life, Step
from tests.builders import (
    BUILDER,
    MONDAY_MORNING,
    a_listing,
    a_user,
    an_editor,
    an_organisation,
)
from tests.client import Client
from tests.engines import on_sqlite

SOON = MONDAY_MORNING + timedelta(minutes=5)
LATER = MONDAY_MORNING + timedelta(minutes=10)


@pytest.fixture(autouse=True)
def _monday_morning(app: Flask) -> Iterator[None]:
    with clock.set_to(MONDAY_MORNING):
        yield


@pytest.fixture
def editor(app: Flask) -> Actor:
    """Somebody who keeps the whole directory."""
    return an_editor()


@pytest.fixture
def twins(app: Flask) -> tuple[Service, Service]:
    """The same thing, twice, said a little differently."""
    group = an_organisation()
    first = a_listing("Knit and natter", organisation=group, summary="Bring your knitting.")
    second = a_listing("Knit and natter", organisation=group, summary="Wool and tea.", url="")
    return first, second


def merged(keep: Service, other: Service, editor: Actor, *taken: str) -> Batch:
    with clock.set_to(SOON), saving():
        versions = keep.version, other.version
        return merging.merge(keep, other, taken, versions=versions, by=editor)


def test_two_that_look_alike_are_shown_until_somebody_says_they_are_two(
    editor: Actor, twins: tuple[Service, Service]
) -> None:
    assert merging.pairs() == [], "nobody has looked yet"
    merging.look_for_pairs()
    [pair] = merging.pairs()
    assert {pair.one.id, pair.other.id} == {each.id for each in twins}
    with saving():
        merging.say_not_the_same(pair.other, pair.one, by=editor)
        merging.say_not_the_same(pair.one, pair.other, by=editor)
    assert merging.pairs() == []


def test_two_that_look_alike_no_more_are_not_shown(twins: tuple[Service, Service]) -> None:
    merging.look_for_pairs()
    assert merging.looked_at() == MONDAY_MORNING
    with saving():
        first = twins[0]
        change_listing(
            first, replace(facts_of(first), name="Chess"), version=first.version, by=BUILDER
        )
    assert merging.pairs() == []


def test_what_an_import_brought_is_looked_through_at_the_next_chance(app: Flask) -> None:
    run_until_empty()
    later = MONDAY_MORNING + timedelta(hours=2)
    with clock.set_to(later):
        a_listing("Chess")
        a_listing("Chess")
        run_until_empty()
        assert merging.pairs() == []
        with saving():
            hurry(duplicates.LOOK)
        run_until_empty()
        assert merging.looked_at() == later


def test_only_what_differs_is_asked(twins: tuple[Service, Service]) -> None:
    [side] = merging.sides(*twins)
    assert side.piece.key == "about"
    assert [(each.was, each.now) for each in side.differences] == [
        ("Bring your knitting.", "Wool and tea.")
    ]


def test_the_one_that_stays_takes_what_was_chosen_from_the_other(
    editor: Actor, twins: tuple[Service, Service]
) -> None:
    keep, other = twins
    merged(keep, other, editor, "about")
    assert keep.summary == "Wool and tea."
    assert other.life is Life.RETIRED
    assert history_of(other)[0].what == "retired"
    assert moved_to(other.slug) == keep.slug
    assert moved_to(keep.slug) is None


def test_old_addresses_lead_through_a_second_merging(
    editor: Actor, twins: tuple[Service, Service]
) -> None:
    keep, other = twins
    third = a_listing("Knitting circle")
    merged(keep, other, editor)
    merged(third, keep, editor)
    assert moved_to(other.slug) == third.slug
    with saving():
        step(third, Step.RETIRE, by=editor)
    assert moved_to(other.slug) is None


def test_a_merging_is_taken_back_whole(editor: Actor, twins: tuple[Service, Service]) -> None:
    keep, other = twins
    before = facts_of(keep)
    batch = merged(keep, other, editor, "about")
    with clock.set_to(LATER), saving():
        assert batches.undo(batch, by=editor) == []
    assert facts_of(keep) == before
    assert other.life is Life.LIVE
    assert moved_to(other.slug) is None


def test_a_listing_is_not_merged_with_itself_nor_on_an_old_look(
    editor: Actor, twins: tuple[Service, Service]
) -> None:
    keep, other = twins
    with pytest.raises(Refused):
        merged(keep, keep, editor)
    versions = keep.version, other.version
    with saving():
        facts = replace(facts_of(other), name="Knitters")
        change_listing(other, facts, version=other.version, by=BUILDER)
    with pytest.raises(ChangedMeanwhile), saving():
        merging.merge(keep, other, [], versions=versions, by=editor)


@on_sqlite
def test_an_editor_makes_two_one_and_the_old_address_leads_on(
    client: Client, twins: tuple[Service, Service]
) -> None:
    keep, other = twins
    council = an_organisation("Bow Council", OrganisationKind.COUNCIL)
    client.as_(a_user(council, Role.EDITOR, "Ed Moss"))
    page = f"/desk/directory/same?keep={keep.id}&other={other.id}"
    merging.look_for_pairs()
    assert "same?keep=" in client.get("/desk/directory?tab=duplicates").text
    assert client.fill(page, {"about": "other"}).status_code == 303
    answer = client.get(f"/activities/{other.slug}")
    assert (answer.status_code, answer.location) == (301, f"/activities/{keep.slug}")
    db.session.expire_all()
    assert keep.summary == "Wool and tea."


@on_sqlite
def test_an_editor_says_that_two_are_two(client: Client, twins: tuple[Service, Service]) -> None:
    council = an_organisation("Bow Council", OrganisationKind.COUNCIL)
    client.as_(a_user(council, Role.EDITOR, "Ed Moss"))
    keep, other = twins
    both = f"keep={keep.id}&other={other.id}"
    merging.look_for_pairs()
    client.fill_act(f"/desk/directory/two?{both}", on=f"/desk/directory/same?{both}")
    assert "Nothing waits here" in client.get("/desk/directory?tab=duplicates").text
