"""Referrals: what there is near a person, and what is already known for a first visit there."""

from dataclasses import dataclass

from core import clock
from directory import (
    Card,
    Query,
    Service,
    Session,
    card,
    find_place,
    find_services,
    next_sessions,
    shown_listings,
)
from referrals.letters import address_of
from referrals.models import Referral
from referrals.rules import OPEN

MOST_SHOWN = 20
MOST_SESSIONS = 5
MILES = (1, 3, 5, 10, 25)


@dataclass(frozen=True, slots=True)
class Choice:
    """An activity somebody could go to, and whether its group has been asked already."""

    card: Card
    asked: bool


@dataclass(frozen=True, slots=True)
class Choices:
    """What was found near a person, how many in all, and whether we know where they live."""

    shown: list[Choice]
    total: int
    knows_where: bool


@dataclass(frozen=True, slots=True)
class Hints:
    """What the listing says that a plan for a first visit begins with."""

    sessions: list[Session]
    met_by: str
    cost: str
    ways: list[str]
    bring: str


def choices_near(referral: Referral, text: str, *, within: float) -> Choices:
    """Activities around the person's postcode, those that fit the words best first."""
    home = find_place(referral.person.postcode) if referral.person.postcode else None
    found = find_services(Query(text=text, near=home, within=within, per_page=MOST_SHOWN))
    far = {hit.id: hit.distance_miles for hit in found.hits}
    asked = _asked(referral)
    services = shown_listings([hit.id for hit in found.hits])
    return Choices(
        shown=[Choice(card(each, far[each.id]), each.id in asked) for each in services],
        total=found.total,
        knows_where=home is not None,
    )


def writes_to(service: Service) -> bool:
    """Whether the group can be sent a letter; one without an address is rung."""
    return bool(address_of(service))


def hints_for(service: Service) -> Hints:
    """What is known already: the next sessions, who is at the door, the cost, the way."""
    place = service.location
    named = next((contact.name for contact in service.contacts if contact.name), "")
    ways = (place.bus, place.walk, place.lift, place.park) if place else ()
    return Hints(
        sessions=next_sessions(service, after=clock.now(), count=MOST_SESSIONS),
        met_by=f"{named}, at the door" if named and service.meets_at_door else "",
        cost=card(service).cost,
        ways=[way for way in ways if way],
        bring=service.before_you_come,
    )


def _asked(referral: Referral) -> set[object]:
    return {onward.service_id for onward in referral.onward if onward.status in OPEN}
