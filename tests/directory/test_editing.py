"""Editing: what a group says goes live or waits by its risk; each change is read and undone."""

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import clock, outbox
from core.actors import Actor
from core.db import db
from core.errors import ChangedMeanwhile, Forbidden, NotFound, Refused
from core.saving import saving
from directory import editing
from directory.differences import LABELS, changed_facts, differences
from directory.facts import (
    ContactFacts,
    CostFacts,
    LanguageFacts,
    ListingFacts,
    PhoneFacts,
    PlaceFacts,
    ScheduleFacts,
)
from directory.keeping import facts_of
from directory.listings import get_service, history_of
from directory.models import ListingStep, Service
from directory.rules import (
    RISK,
    WORDED,
    Access,
    Answer,
    Aspect,
    Attending,
    Decision,
    Frequency,
    is_about_safeguarding,
)
from tests.builders import (
    BUILDER,
    MONDAY_MORNING,
    a_listing,
    an_editor,
    an_organisation,
    an_organiser_of,
)

NEW_PHONE = (PhoneFacts(number="01632 960 777"),)


@pytest.fixture(autouse=True)
def _monday_morning() -> Iterator[None]:
    with clock.set_to(MONDAY_MORNING):
        yield


@pytest.fixture
def listing(app: object) -> Service:
    """A listing of a group that can be written to."""
    group = an_organisation(email="hello@bowknitters.example")
    return a_listing(organisation=group, phones=(PhoneFacts(number="01632 960 102"),))


def propose(service: Service, by: Actor | None = None, **said: Any) -> editing.Outcome:
    by = by or an_organiser_of(service.organisation)
    with saving():
        facts = replace(facts_of(service), **said)
        return editing.propose_change(service, facts, version=service.version, by=by)


def said_now(service: Service) -> ListingFacts:
    db.session.rollback()
    return facts_of(get_service(service.id))


def test_what_a_group_says_of_its_times_goes_live_and_its_number_waits(listing: Service) -> None:
    outcome = propose(listing, summary="Now with tea.", phones=NEW_PHONE)
    said = said_now(listing)
    assert (said.summary, said.phones[0].number) == ("Now with tea.", "01632 960 102")
    assert outcome.live is not None
    assert outcome.waiting is not None
    assert [each.label for each in editing.what_waits(outcome.waiting)] == ["Phone number"]
    assert editing.why_it_waits(outcome.waiting) == [
        "A wrong number or address would send people to a stranger."
    ]
    assert editing.waiting_changes() == [outcome.waiting]


@pytest.mark.parametrize(
    ("said", "waits"),
    [
        ({"minimum_age": 16}, True),
        ({"email": "new@bowknitters.example"}, True),
        ({"url": "https://new.example/"}, True),
        ({"contacts": (ContactFacts(name="Bob"),)}, True),
        ({"description": "<p>All helpers have a DBS check.</p>"}, True),
        ({"eligibility_description": "Children may come alone, unaccompanied."}, True),
        ({"description": "<p>We knit hats.</p>"}, False),
        ({"cost_options": (CostFacts(amount=Decimal(2)),)}, False),
        ({"schedules": ()}, False),
    ],
)
def test_only_what_could_harm_somebody_waits(
    listing: Service, said: dict[str, Any], waits: bool
) -> None:
    outcome = propose(listing, **said)
    assert (outcome.waiting is not None) is waits
    assert (outcome.live is None) is waits


def test_taking_a_safeguarding_sentence_away_waits_too(listing: Service) -> None:
    propose(listing, by=an_editor(), description="<p>Tea. All helpers have a DBS check.</p>")
    assert propose(listing, description="<p>Tea.</p>").waiting is not None
    assert propose(listing, description="<p>Cake. All helpers have a DBS check.</p>").live


def test_what_an_editor_says_goes_live(listing: Service) -> None:
    outcome = propose(listing, by=an_editor(), phones=NEW_PHONE, minimum_age=18)
    assert outcome.waiting is None
    assert said_now(listing).phones == NEW_PHONE


def test_a_second_change_joins_the_one_that_waits(listing: Service) -> None:
    first = propose(listing, phones=NEW_PHONE).waiting
    second = propose(listing, minimum_age=18).waiting
    assert first is not None
    assert second is not None
    assert editing.waiting_for(listing) == second
    assert first.decision is Decision.WITHDRAWN
    labels = [each.label for each in editing.what_waits(second)]
    assert labels == ["Youngest age", "Phone number"]


def test_accepting_lays_only_what_waited_over_what_is_said_by_now(listing: Service) -> None:
    change = propose(listing, phones=NEW_PHONE).waiting
    propose(listing, summary="Said meanwhile.")
    assert change is not None
    with saving():
        editing.decide(change, accept=True, by=BUILDER)
    said = said_now(listing)
    assert (said.summary, said.phones) == ("Said meanwhile.", NEW_PHONE)
    [letter] = [each for each in outbox.waiting() if each.kind == "change-decided"]
    assert letter.to_address == "hello@bowknitters.example"
    assert "01632 960 777" not in letter.body
    assert editing.AS_ASKED in {each.what for each in history_of(listing)}


def test_a_refusal_needs_its_reason_and_tells_it(listing: Service) -> None:
    change = propose(listing, phones=NEW_PHONE).waiting
    assert change is not None
    with pytest.raises(Refused, match="Say why"), saving():
        editing.decide(change, accept=False, by=BUILDER)
    with saving():
        editing.decide(change, accept=False, why="That number did not answer.", by=BUILDER)
    assert said_now(listing).phones[0].number == "01632 960 102"
    [letter] = [each for each in outbox.waiting() if each.kind == "change-decided"]
    assert "That number did not answer." in letter.body


def test_a_change_is_decided_once(listing: Service) -> None:
    change = propose(listing, phones=NEW_PHONE).waiting
    assert change is not None
    with saving():
        editing.decide(change, accept=True, by=BUILDER)
    with pytest.raises(Refused, match="decided this already"), saving():
        editing.decide(change, accept=False, why="No.", by=BUILDER)


def test_a_group_takes_its_change_back_and_decides_none(listing: Service) -> None:
    change = propose(listing, phones=NEW_PHONE).waiting
    assert change is not None
    sheila = an_organiser_of(listing.organisation, "Sheila")
    with pytest.raises(Forbidden), saving():
        editing.decide(change, accept=True, by=sheila)
    with saving():
        editing.withdraw(change, by=sheila)
    assert editing.waiting_changes() == []


def test_another_group_changes_nothing(listing: Service) -> None:
    stranger = an_organiser_of(an_organisation("Poplar Ramblers"))
    with pytest.raises(Forbidden):
        propose(listing, by=stranger, summary="Ours now.")
    change = propose(listing, phones=NEW_PHONE).waiting
    assert change is not None
    with pytest.raises(Forbidden), saving():
        editing.withdraw(change, by=stranger)


def test_a_change_to_an_older_state_is_not_taken(listing: Service) -> None:
    old = listing.version
    propose(listing, summary="Said meanwhile.")
    with pytest.raises(ChangedMeanwhile), saving():
        editing.propose_change(
            listing,
            replace(facts_of(listing), phones=NEW_PHONE),
            version=old,
            by=an_organiser_of(listing.organisation),
        )
    assert editing.waiting_changes() == []


def changing_step(service: Service) -> ListingStep:
    return next(each for each in history_of(service) if each.said_before is not None)


def test_a_step_is_undone(listing: Service) -> None:
    before = said_now(listing)
    live = propose(listing, summary="Wrong.", places_free=3).live
    assert live is not None
    assert [each.label for each in editing.changed_in(live)] == ["In one sentence", "Places left"]
    with saving():
        editing.undo(changing_step(listing), by=BUILDER)
    assert said_now(listing) == before
    assert editing.UNDONE in {each.what for each in history_of(listing)}


def test_a_step_is_not_undone_over_what_somebody_said_since(listing: Service) -> None:
    propose(listing, summary="Wrong.", places_free=3)
    step = changing_step(listing)
    propose(listing, summary="Right.")
    with pytest.raises(Refused, match="since: In one sentence"), saving():
        editing.undo(step, by=BUILDER)
    assert said_now(listing).summary == "Right."


def test_undoing_a_number_waits_when_a_group_does_it(listing: Service) -> None:
    propose(listing, by=BUILDER, phones=NEW_PHONE)
    sheila = an_organiser_of(listing.organisation)
    with saving():
        outcome = editing.undo(changing_step(listing), by=sheila)
    assert outcome.live is None
    assert outcome.waiting is not None


def test_a_step_without_words_or_of_another_listing_is_not_undone(listing: Service) -> None:
    with pytest.raises(Refused, match="nothing to undo"), saving():
        editing.undo(history_of(listing)[0], by=BUILDER)
    other = a_listing("Walks")
    with pytest.raises(NotFound):
        editing.get_step(other, history_of(listing)[0].id)


def test_differences_are_said_in_plain_words() -> None:
    hall = PlaceFacts(name="Bow Hall", postcode="E3 3BQ", access={Access.STEP_FREE: Answer.YES})
    before = ListingFacts(
        name="Knit",
        places=(hall,),
        schedules=(ScheduleFacts(freq=Frequency.WEEKLY, byday="TU", opens_at=time(10)),),
        cost_options=(CostFacts(amount=Decimal(0)),),
    )
    after = replace(
        before,
        description="<p>Tea.</p>",
        places=(replace(hall, bus="25 to Bow", access={Access.STEP_FREE: Answer.NO}),),
        schedules=(
            *before.schedules,
            ScheduleFacts(
                freq=Frequency.WEEKLY, interval=2, byday="FR", dtstart=date(2026, 11, 27)
            ),
        ),
        cost_options=(CostFacts(amount=Decimal("2.50"), amount_description="with tea"),),
        languages=(LanguageFacts(code="bn", name="Bengali"),),
        attending=Attending.ONLINE,
        meets_at_door=True,
    )
    found = {each.label: (each.was, each.now) for each in differences(before, after)}
    assert found == {
        "What it is like": ("", "Tea."),
        "Met at the door": ("", "yes"),
        "When": (
            "Tuesdays, 10am",
            "Tuesdays, 10am\nEvery other Friday, from Friday 27 November 2026",
        ),
        "How people join in": ("At a place", "Online"),
        "How to get there": ("", "By bus: 25 to Bow"),
        "Access and comfort": ("Step-free access: yes", "Step-free access: no"),
        "Cost": ("Free", "£2.50, with tea"),
        "Languages spoken": ("", "Bengali"),
    }
    when = next(each for each in differences(before, after) if each.label == "When")
    assert (when.aspect, when.gone, when.kept) == (Aspect.TIME, [], ["Tuesdays, 10am"])


def test_every_fact_of_a_listing_has_a_name_and_every_risk_is_a_fact() -> None:
    names = {each.name for each in fields(ListingFacts)}
    assert set(LABELS) == names
    assert set(RISK) | WORDED <= names


@given(st.text(alphabet="ab. \n", max_size=30), st.text(alphabet="ab. \n", max_size=30))
def test_a_sentence_about_safeguarding_waits_exactly_when_it_is_changed(
    around: str, more: str
) -> None:
    sentence = "Helpers are DBS checked"
    with_it = f"{around}. {sentence}. {more}"
    assert is_about_safeguarding(f"{around}. {more}", with_it)
    assert is_about_safeguarding(with_it, f"{around}. {sentence} twice. {more}")
    assert not is_about_safeguarding(with_it, f"{more}. {sentence}. {around} b")


def test_the_check_date_is_no_difference() -> None:
    before = ListingFacts(name="Knit")
    after = replace(before, assured_on=date(2026, 1, 1))
    assert changed_facts(before, after) == []
