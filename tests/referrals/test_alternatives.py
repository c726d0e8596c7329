"""A group says no: what else is offered is true, open to the person, and new to them."""

import random
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from flask import Flask

from core import clock
from core.actors import Actor
from core.db import db
from core.errors import Forbidden, Refused
from core.saving import saving
from directory import Service, find_place
from directory.facts import ListingFacts, PlaceFacts
from directory.listings import draft_listing, step
from directory.notices import is_full, is_resting, say_full
from directory.places import miles
from directory.rules import Attending, Step
from referrals.alternatives import WITHIN_MILES, Alternative, agree_to_another, ask_next, for_
from referrals.caseload import age_of
from referrals.day import tasks
from referrals.groups.capacity import may_take
from referrals.models import Referral
from referrals.pathway import act
from referrals.rules import Action, Reason, Status
from tests.builders import BUILDER, an_organisation, in_one_work
from tests.referral_builders import (
    a_link_worker,
    a_new_person,
    a_referral,
    an_onward,
    as_actor,
    group_of,
    owner_of,
)
from tests.referrals.group_builders import with_room

HOME = "E3 3BQ"
NEAR, FURTHER, FAR = "E3 4LH", "E15 4QZ", "BB11 2DL"
SINGING = ListingFacts(
    name="Bow singers",
    email="sing@group.example",
    kinds=("music-and-singing",),
    needs=("lonely",),
    places=(PlaceFacts(name="The hall", postcode=NEAR),),
)


def listed(facts: ListingFacts = SINGING, **changes: Any) -> Service:
    with in_one_work():
        group = an_organisation(f"Friends of {facts.name}", email="")
        service = draft_listing(replace(facts, **changes), group, by=BUILDER)
        step(service, Step.PUBLISH, by=BUILDER)
    return service


def held_at(postcode: str) -> tuple[PlaceFacts, ...]:
    return (PlaceFacts(name="The hall", postcode=postcode),)


def declined(
    service: Service | None = None, *, parent: Referral | None = None, agreed: bool = True
) -> Referral:
    with in_one_work():
        parent = parent or a_referral(
            Status.IN_PROGRESS, person=a_new_person(postcode=HOME), reasons=(Reason.LONELY,)
        )
        onward = an_onward(parent=parent, service=service or listed())
        if agreed:
            agree_to_another(onward, by=owner_of(parent))
        act(onward, Action.REJECT, by=owner_of(parent), note="We are full.")
    return onward


def worker_of(onward: Referral) -> Actor:
    assert onward.parent is not None
    return owner_of(onward.parent)


def names(found: list[Alternative]) -> list[str]:
    return [each.service.name for each in found]


def test_what_shares_the_need_is_offered_and_says_why(app: Flask) -> None:
    onward = declined()
    listed(name="Poplar choir", meets_at_door=True, places_free=4)
    listed(name="Tax help", kinds=("money-and-benefits",), needs=("money-housing",))
    [found] = for_(onward)
    assert found.service.name == "Poplar choir"
    assert found.miles is not None
    assert found.why == (
        "For: Lonely or few contacts",
        "Same kind: Music and singing",
        f"{found.miles:.1f} miles from home",
        "Room for 4 more",
        "Somebody meets new people at the door",
    )


def test_what_is_nearer_comes_first_and_what_is_out_of_reach_never(app: Flask) -> None:
    onward = declined()
    listed(name="Stratford choir", places=held_at(FURTHER))
    listed(name="Burnley choir", places=held_at(FAR))
    listed(name="Poplar choir")
    listed(name="Singing by phone", places=(), attending=Attending.PHONE)
    assert names(for_(onward))[0] in {"Poplar choir", "Singing by phone"}
    assert set(names(for_(onward))) == {"Poplar choir", "Stratford choir", "Singing by phone"}
    assert len(for_(onward, limit=1)) == 1


def test_without_a_postcode_it_is_looked_for_around_the_group_that_said_no(app: Flask) -> None:
    parent = a_referral(Status.IN_PROGRESS, person=a_new_person(postcode=""))
    onward = declined(parent=parent)
    listed(name="Poplar choir")
    [found] = for_(onward)
    assert "miles from the group that said no" in " ".join(found.why)


@pytest.mark.parametrize("seed", range(3))
def test_nothing_ineligible_full_or_tried_before_is_ever_offered(app: Flask, seed: int) -> None:
    lot = random.Random(seed)
    with saving():
        services = [listed(drawn(lot, number)) for number in range(30)]
        parent = a_referral(
            Status.IN_PROGRESS,
            person=a_new_person(postcode=HOME, born_on=date(lot.choice((1948, 1999)), 3, 31)),
            reasons=(Reason.LONELY, Reason.CARING),
        )
        for service in lot.sample(services, 6):
            if lot.random() < 0.5:
                say_full(service, by=BUILDER)
            elif may_take(service) is None:
                declined(service, parent=parent)
        for service in lot.sample(services, 4):
            with_room(lot.choice((0, 5)), service=service)
        onward = declined(parent=parent)
    for found in for_(onward, limit=100):
        assert is_right(found, onward)
    assert for_(onward), "the draw leaves something to offer"


def drawn(lot: random.Random, number: int) -> ListingFacts:
    """A listing by lot: near or far, for the young or the old, with room or without."""
    youngest, oldest = lot.choice(((None, None), (18, 30), (60, None), (None, 70)))
    return replace(
        SINGING,
        name=f"Group {number}",
        email=lot.choice(("a@group.example", "a@group.example", "")),
        places=held_at(lot.choice((NEAR, FURTHER, FAR))),
        kinds=(lot.choice(("music-and-singing", "moving-more", "food-and-cooking")),),
        needs=lot.choice((("lonely",), ("caring", "lonely"), ("memory",), ())),
        audiences=lot.choice(((), (), ("carers",), ("men",))),
        minimum_age=youngest,
        maximum_age=oldest,
        places_free=lot.choice((None, None, 0, 3)),
        new_people_per_week=lot.choice((None, None, 0, 2)),
        attending=lot.choice((Attending.VENUE, Attending.VENUE, Attending.ONLINE)),
    )


def is_right(found: Alternative, onward: Referral) -> bool:
    """What the record itself says, asked anew and without the code under test."""
    service, today = found.service, clock.today()
    age = age_of(onward.person, today)
    codes = {each.term.code for each in service.attributes}
    tried = {each.service_id for each in onward.parent.onward} if onward.parent else set()
    return (
        (service.minimum_age or 0) <= age <= (service.maximum_age or 130)
        and bool(codes & {"lonely", "caring", "music-and-singing"})
        and "men" not in codes
        and not is_full(service, today)
        and not is_resting(service, today)
        and may_take(service) is None
        and service.id not in tried
        and bool(service.email)
        and (service.attending is Attending.ONLINE or as_far_as(service) <= WITHIN_MILES)
    )


def as_far_as(service: Service) -> float:
    home, place = find_place(HOME), service.location
    assert home is not None
    assert place is not None
    assert place.latitude is not None
    assert place.longitude is not None
    return miles(home.latitude, home.longitude, place.latitude, place.longitude)


def test_the_next_is_asked_within_what_the_person_agreed_to(app: Flask) -> None:
    onward = declined()
    other = listed(name="Poplar choir")
    with saving():
        asked = ask_next(onward, other, by=worker_of(onward))
    assert (asked.status, asked.service_id, asked.note) == (Status.SENT, other.id, onward.note)
    assert asked.consents[-1].or_another


def test_who_agreed_to_one_group_is_asked_before_another_hears_of_them(app: Flask) -> None:
    onward = declined(agreed=False)
    other = listed(name="Poplar choir")
    with pytest.raises(Refused, match="Ask the person first"), saving():
        ask_next(onward, other, by=worker_of(onward))


def test_who_takes_their_word_back_is_not_sent_on(app: Flask) -> None:
    onward = declined()
    other = listed(name="Poplar choir")
    with saving():
        onward.consents[-1].withdrawn_at = clock.now()
    with pytest.raises(Refused, match="Ask the person first"), saving():
        ask_next(onward, other, by=worker_of(onward))


def test_what_has_filled_up_since_the_page_was_read_is_not_asked(app: Flask) -> None:
    onward = declined()
    other = listed(name="Poplar choir")
    with_room(0, service=other)
    with pytest.raises(Refused, match="no room"), saving():
        ask_next(onward, other, by=worker_of(onward))


def test_another_team_and_the_group_ask_nobody(app: Flask) -> None:
    onward = declined()
    other = listed(name="Poplar choir")
    for by in (group_of(onward), as_actor(a_link_worker())):
        with pytest.raises(Forbidden), saving():
            ask_next(onward, other, by=by)
        with pytest.raises(Forbidden), saving():
            agree_to_another(onward, by=by)


def test_a_no_lays_a_task_that_asking_another_ticks_off(app: Flask) -> None:
    onward = declined()
    parent = onward.parent
    assert parent is not None
    [task] = tasks.open_about(parent)
    assert task.words == "Bow singers said not this time. Choose what to try next."
    assert clock.today() < task.due_on
    other = listed(name="Poplar choir")
    with saving():
        ask_next(onward, other, by=owner_of(parent))
    db.session.rollback()
    assert tasks.open_about(parent) == []
