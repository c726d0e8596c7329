"""Many listings at once: what was looked at is what is done, and it can be taken back."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from accounts import OrganisationKind, Role
from core import clock, outbox, work
from core.actors import Actor
from core.db import db
from core.errors import Refused
from core.saving import saving
from directory import taxonomy
from directory.desk import batches, bulk
from directory.desk.bulk import Choice, What
from directory.facts import CostFacts, ListingFacts
from directory.keeping import facts_of
from directory.listings import change_listing, draft_listing, step
from directory.models import Batch, Service, TaxonomyTerm
from directory.rules import Life, Step
from tests.builders import (
    BOW_HALL,
    BUILDER,
    MONDAY_MORNING,
    a_listing,
    a_user,
    an_editor,
    an_organisation,
)
from tests.client import Client
from tests.engines import on_sqlite

LATER = MONDAY_MORNING + timedelta(minutes=10)
TOO_LATE = MONDAY_MORNING + timedelta(minutes=31)


@pytest.fixture(autouse=True)
def _monday_morning(app: Flask) -> Iterator[None]:
    with clock.set_to(MONDAY_MORNING):
        yield


@pytest.fixture
def editor(app: Flask) -> Actor:
    """Somebody who keeps the whole directory."""
    return an_editor()


def done(what: What, services: list[Service], editor: Actor, **said: object) -> Batch:
    """A batch, planned and carried out."""
    with saving():
        batch = batches.new_batch(what, services, by=editor, **said)
    with saving():
        bulk.carry_out(batch, by=editor)
    return batch


def undone(batch: Batch, editor: Actor) -> list[tuple[str, str]]:
    with saving():
        return batches.undo(batch, by=editor)


def sent_to() -> set[str]:
    """Whom batches have written to."""
    sent = outbox.Letter.state == outbox.State.SENT, outbox.Letter.about.startswith("batch:")
    letters = db.session.scalars(select(outbox.Letter).where(*sent))
    return {letter.to_address for letter in letters}


def test_listings_are_chosen_by_every_limit_that_is_set(app: Flask) -> None:
    knit = a_listing("Knit and natter")
    walkers = an_organisation("Bow Walkers")
    a_listing("Slow walk", kinds=("moving-more",), organisation=walkers)
    a_listing("Old knit", life=Life.RETIRED)
    leeds = replace(BOW_HALL, city="Leeds", postcode="LS1 4DY")
    a_listing("Leeds knit", places=(leeds,))
    assert bulk.chosen_ids(Choice(text="knit", place="London")) == [knit.id]
    assert bulk.how_many_chosen(Choice(text="knit")) == 2
    assert bulk.how_many_chosen(Choice(kind="moving-more")) == 1
    assert bulk.how_many_chosen(Choice(place="ls1")) == 1
    assert bulk.how_many_chosen(Choice(life=Life.RETIRED)) == 1
    assert bulk.how_many_chosen(Choice(stale=True)) == 3
    assert bulk.how_many_chosen(Choice(source="-")) == 3
    assert bulk.how_many_chosen(Choice(source="elsewhere")) == 0


def test_the_plan_says_what_would_change_and_what_cannot(editor: Actor) -> None:
    draft, live = a_listing("Draft", life=Life.DRAFT), a_listing("Live")
    with saving():
        batch = batches.new_batch(What.PUBLISH, [draft, live], by=editor)
    plan = bulk.foresee(batch)
    assert [line.service for line in plan.will] == [draft]
    assert [line.service for line in plan.cannot] == [live]
    assert draft.life is Life.DRAFT


def test_what_changed_since_it_was_chosen_is_left_alone(editor: Actor) -> None:
    service = a_listing()
    with saving():
        batch = batches.new_batch(What.PAUSE, [service], by=editor)
    with saving():
        facts = replace(facts_of(service), name="Knit and chat")
        change_listing(service, facts, version=service.version, by=BUILDER)
    with saving():
        plan = bulk.carry_out(batch, by=editor)
    assert (len(plan.will), len(plan.cannot)) == (0, 1)
    assert service.life is Life.LIVE


def test_a_batch_is_done_once(editor: Actor) -> None:
    batch = done(What.PAUSE, [a_listing()], editor)
    with pytest.raises(Refused), saving():
        bulk.carry_out(batch, by=editor)


@pytest.mark.parametrize(
    ("what", "before", "after"),
    [
        (What.PUBLISH, Life.DRAFT, Life.LIVE),
        (What.PAUSE, Life.LIVE, Life.PAUSED),
        (What.RESUME, Life.PAUSED, Life.LIVE),
        (What.RETIRE, Life.NEEDS_CHECKING, Life.RETIRED),
        (What.CHECK, Life.NEEDS_CHECKING, Life.LIVE),
    ],
)
def test_each_step_is_done_and_taken_back(
    editor: Actor, what: What, before: Life, after: Life
) -> None:
    service = a_listing(life=before)
    said, assured_on = facts_of(service), service.assured_on
    batch = done(what, [service], editor)
    assert service.life is after
    with clock.set_to(LATER):
        assert undone(batch, editor) == []
    assert service.life is before
    assert service.assured_on == assured_on
    assert facts_of(service) == said


def test_a_kind_is_added_behind_those_there_are(editor: Actor) -> None:
    service, has_it = a_listing(), a_listing("Walk", kinds=("moving-more",))
    batch = done(What.KIND, [service, has_it], editor, to=[["kinds", "moving-more"]])
    assert facts_of(service).kinds == ("meeting-people", "moving-more")
    assert [name for name, _ in batch.left] == ["Walk"]
    with clock.set_to(LATER):
        undone(batch, editor)
    assert facts_of(service).kinds == ("meeting-people",)


def test_what_somebody_touched_since_is_left_and_named(editor: Actor) -> None:
    one, other = a_listing("Touched"), a_listing("Untouched")
    batch = done(What.PAUSE, [one, other], editor)
    with clock.set_to(LATER):
        with saving():
            step(one, Step.RESUME, by=BUILDER)
        left = undone(batch, editor)
    assert [name for name, _ in left] == ["Touched"]
    assert (one.life, other.life) == (Life.LIVE, Life.LIVE)
    with clock.set_to(LATER), pytest.raises(Refused):
        undone(batch, editor)


def test_after_half_an_hour_it_stays_done(editor: Actor) -> None:
    service = a_listing()
    batch = done(What.PAUSE, [service], editor)
    with clock.set_to(TOO_LATE), pytest.raises(Refused):
        undone(batch, editor)
    assert service.life is Life.PAUSED


def test_each_keeper_gets_one_letter_and_not_before_it_is_final(editor: Actor) -> None:
    group = an_organisation(email="both@bow.example")
    listings = [a_listing(name, organisation=group) for name in ("Knit", "Sew")]
    unreachable = a_listing("Nobody")
    done(
        What.EMAIL, [*listings, unreachable], editor, subject="A new rule", words="Please read it."
    )
    [letter] = outbox.waiting()
    assert (letter.to_address, letter.subject) == ("both@bow.example", "A new rule")
    assert "Knit" in letter.body
    assert "Sew" in letter.body
    assert "this is the address we have" in letter.body
    assert letter.next_try_at == MONDAY_MORNING + batches.UNDO_FOR
    work.run_until_empty()
    assert sent_to() == set()
    with clock.set_to(TOO_LATE):
        work.run_until_empty()
    assert sent_to() == {"both@bow.example"}


def test_undoing_cancels_the_letters(editor: Actor) -> None:
    service = a_listing(organisation=an_organisation(email="knit@bow.example"))
    batch = done(What.RETIRE, [service], editor)
    with clock.set_to(LATER):
        undone(batch, editor)
    assert [letter.state for letter in batches.letters_of(batch)] == [outbox.State.CANCELLED]
    with clock.set_to(TOO_LATE):
        work.run_until_empty()
    assert sent_to() == set()


def test_hundreds_are_done_and_undone_in_one_go(editor: Actor) -> None:
    group = an_organisation(email="many@bow.example")
    with saving():
        services = [
            draft_listing(
                ListingFacts(name=f"Walk {n}", cost_options=(CostFacts(amount=None),)),
                group,
                by=BUILDER,
            )
            for n in range(200)
        ]
    batch = done(What.PUBLISH, services, editor)
    assert {each.life for each in services} == {Life.LIVE}
    assert len(outbox.waiting()) == 1
    with clock.set_to(LATER):
        assert undone(batch, editor) == []
    assert {each.life for each in services} == {Life.DRAFT}


def test_a_foreign_category_is_read_as_ours_from_then_on(editor: Actor) -> None:
    service = a_listing(categories=(("Leeds", "Get Active!"),))
    other = a_listing("Other", categories=(("Hull", "Get Active!"),))
    [term] = db.session.scalars(select(TaxonomyTerm).where(TaxonomyTerm.taxonomy == "Leeds"))
    assert [(each.name, each.count) for each in taxonomy.foreign_in_use("active")] == [
        ("Get Active!", 1),
        ("Get Active!", 1),
    ]
    meant = [["kinds", "moving-more"], ["needs", "lonely"]]
    batch = done(What.WORDS, [service], editor, term=str(term.id), to=meant)
    assert facts_of(service).kinds == ("meeting-people", "moving-more")
    assert facts_of(service).needs == ("lonely",)
    assert facts_of(other).kinds == ("meeting-people",)
    assert taxonomy.mapped("Leeds", "get  active!") == (
        ("kinds", "moving-more"),
        ("needs", "lonely"),
    )
    assert taxonomy.mapped("Hull", "Get Active!") == ()
    with clock.set_to(LATER):
        undone(batch, editor)
    assert taxonomy.mapped("Leeds", "Get Active!") == ()
    assert facts_of(service).kinds == ("meeting-people",)


def test_plans_nobody_carries_out_are_dropped(editor: Actor) -> None:
    with saving():
        batches.new_batch(What.PAUSE, [a_listing()], by=editor)
    with clock.set_to(MONDAY_MORNING + timedelta(days=2)):
        work.run_until_empty()
    assert list(db.session.scalars(select(Batch))) == []


@on_sqlite
def test_an_editor_looks_before_anything_is_done(client: Client) -> None:
    council = an_organisation("Bow Council", OrganisationKind.COUNCIL)
    client.as_(a_user(council, Role.EDITOR, "Ed Moss"))
    group = an_organisation("Bow Makers", email="knit@bow.example")
    one, other = (a_listing(name, organisation=group) for name in ("Knit", "Sew"))
    page = "/desk/directory/many?q=knit"
    assert client.fill(page, {"which": "ticked", "what": "pause"}).status_code == 422
    planned = client.fill(page, {"which": "all", "what": "pause"})
    assert planned.status_code == 303
    plan = client.get(planned.location).text
    assert "Knit" in plan
    assert "Your group is paused" in plan
    db.session.expire_all()
    assert one.life is Life.LIVE
    client.fill_act(planned.location, on=planned.location)
    db.session.expire_all()
    assert (one.life, other.life) == (Life.PAUSED, Life.LIVE)
    client.fill_act(f"{planned.location}/undo", on=planned.location)
    db.session.expire_all()
    assert one.life is Life.LIVE


@on_sqlite
def test_an_editor_writes_to_those_who_keep_what_is_ticked(client: Client) -> None:
    council = an_organisation("Bow Council", OrganisationKind.COUNCIL)
    client.as_(a_user(council, Role.EDITOR, "Ed Moss"))
    service = a_listing(organisation=an_organisation(email="knit@bow.example"))
    page = "/desk/directory/many"
    said = {"which": "ticked", "listing": str(service.id), "what": "email", "subject": "Hello"}
    assert client.fill(page, said).status_code == 422
    planned = client.fill(page, {**said, "words": "The hall shuts on Friday."})
    text = client.get(planned.location).text
    assert "1 letter is sent" in text
    assert "The hall shuts on Friday." in text


@on_sqlite
def test_an_editor_maps_a_category_and_sees_what_changes_first(client: Client) -> None:
    council = an_organisation("Bow Council", OrganisationKind.COUNCIL)
    client.as_(a_user(council, Role.EDITOR, "Ed Moss"))
    service = a_listing(categories=(("Leeds", "Get Active!"),))
    assert "Get Active!" in client.get("/desk/directory/words").text
    [term] = db.session.scalars(select(TaxonomyTerm).where(TaxonomyTerm.taxonomy == "Leeds"))
    planned = client.fill(f"/desk/directory/word?term={term.id}", {"kinds": "moving-more"})
    assert "Moving more" in client.get(planned.location).text
    client.fill_act(planned.location, on=planned.location)
    db.session.expire_all()
    assert facts_of(service).kinds == ("meeting-people", "moving-more")
    assert "Moving more" in client.get("/desk/directory/words").text.partition("Our own words")[0]
