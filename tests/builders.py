"""Builds what tests of the directory need, by the same steps that people take.

Called outside saving() each is a commit of its own; called inside, it joins that work.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any

from accounts import (
    Organisation,
    OrganisationKind,
    Role,
    User,
    actor_for,
    add_user,
    join,
    set_up,
)
from core.actors import Actor, system
from core.db import is_writing
from core.saving import saving
from directory.facts import CostFacts, ListingFacts, PlaceFacts, ScheduleFacts
from directory.listings import draft_listing, step
from directory.models import Service
from directory.rules import Access, Answer, Frequency, Life, way

BUILDER = system("test")

MONDAY_MORNING = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""A Monday in winter, when the clock in London shows UTC."""

BOW_HALL = PlaceFacts(
    name="Bow Common Hall",
    address_1="12 Roman Road",
    city="London",
    postcode="E3 3BQ",
    access={Access.STEP_FREE: Answer.YES, Access.HEARING_LOOP: Answer.NO},
)
TUESDAYS_AT_TEN = ScheduleFacts(
    freq=Frequency.WEEKLY, byday="TU", opens_at=time(10), closes_at=time(11, 30)
)
FREE = CostFacts(amount=Decimal(0))


@contextmanager
def in_one_work() -> Iterator[None]:
    """Join the present unit of work, or open one."""
    if is_writing():
        yield
    else:
        with saving():
            yield


def an_organisation(
    name: str = "Bow Common Knitters",
    kind: OrganisationKind = OrganisationKind.GROUP,
    **facts: Any,
) -> Organisation:
    """An organisation, set up."""
    with in_one_work():
        return set_up(name, kind, by=BUILDER, **facts)


def a_user(
    organisation: Organisation, role: Role = Role.ORGANISER, name: str = "Sheila Dunn"
) -> User:
    """Somebody with a role in an organisation. They cannot sign in with any password."""
    with in_one_work():
        email = f"{uuid.uuid4().hex[:12]}@people.example"
        user = add_user(email, name, password_hash="none", by=BUILDER)
        join(user, organisation, role, by=BUILDER)
    return user


def an_organiser_of(organisation: Organisation, name: str = "Sheila Dunn") -> Actor:
    """Somebody who keeps the listings of an organisation."""
    return actor_for(a_user(organisation, Role.ORGANISER, name))


def an_admin_of(organisation: Organisation, name: str = "Bernadette Coyle") -> Actor:
    """Somebody who keeps the people of an organisation."""
    return actor_for(a_user(organisation, Role.ORG_ADMIN, name))


def an_ig_officer_of(organisation: Organisation, name: str = "Sunita Mistry") -> Actor:
    """Somebody who looks after how an organisation keeps what it knows about people."""
    return actor_for(a_user(organisation, Role.IG_OFFICER, name))


def an_editor() -> Actor:
    """Somebody who keeps the whole directory."""
    council = an_organisation("Tower Hamlets Council", OrganisationKind.COUNCIL)
    return actor_for(a_user(council, Role.EDITOR, "Ed Moss"))


def a_listing(
    name: str = "Knit and natter",
    *,
    organisation: Organisation | None = None,
    life: Life = Life.LIVE,
    **facts: Any,
) -> Service:
    """A listing that has walked to this point of its life; `facts` as in ListingFacts."""
    organisation = organisation or an_organisation()
    said = {
        "kinds": ("meeting-people",),
        "places": (BOW_HALL,),
        "schedules": (TUESDAYS_AT_TEN,),
        "cost_options": (FREE,),
        **facts,
    }
    with in_one_work():
        service = draft_listing(ListingFacts(name=name, **said), organisation, by=BUILDER)
        for each in way(Life.DRAFT, life):
            step(service, each, by=BUILDER)
    return service
