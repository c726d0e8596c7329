"""Referrals: a few things near a practice that a clinician can hand over there and then."""

from collections.abc import Iterable

from accounts import May, get_organisation
from core.actors import Actor
from directory import Card, Query, Service, card, find_place, find_services, shown_listings

HOW_MANY = 3
WITHIN_MILES = 3.0
LOOKED_THROUGH = 40


def to_hand_over(actor: Actor) -> list[Card]:
    """What is nearest to the actor's practice that anybody may just go to, one of each kind."""
    practices = sorted(actor.where(May.REFER))
    near = find_place(get_organisation(practices[0]).postcode) if practices else None
    if near is None:
        return []
    hits = find_services(Query(near=near, within=WITHIN_MILES, per_page=LOOKED_THROUGH)).hits
    distances = {hit.id: hit.distance_miles for hit in hits}
    listings = shown_listings([hit.id for hit in hits])
    return _one_of_each_kind(
        card(service, distances[service.id]) for service in listings if _anybody_may_go(service)
    )


def _anybody_may_go(service: Service) -> bool:
    return not service.referral_needed


def _one_of_each_kind(cards: Iterable[Card]) -> list[Card]:
    chosen: dict[str, Card] = {}
    for each in cards:
        if each.is_fresh and not (each.is_full or each.is_paused):
            chosen.setdefault(each.kind, each)
    return list(chosen.values())[:HOW_MANY]
