"""Referrals: a few things near a practice that a clinician can hand over there and then."""

from collections.abc import Iterable
from dataclasses import dataclass

from accounts import May, get_organisation
from core.actors import Actor
from directory import Card, Query, card, find_place, find_services, shown_listings
from referrals.peers import near

HOW_MANY = 3
WITHIN_MILES = 3.0
LOOKED_THROUGH = 40


@dataclass(frozen=True, slots=True)
class Handy:
    """An activity to hand over, and how many colleagues near here send people there."""

    card: Card
    colleagues: int | None


def to_hand_over(actor: Actor) -> list[Handy]:
    """What is nearest to the actor's practice that anybody may just go to, one of each kind."""
    practices = sorted(actor.where(May.REFER))
    here = find_place(get_organisation(practices[0]).postcode) if practices else None
    if here is None:
        return []
    hits = find_services(Query(near=here, within=WITHIN_MILES, per_page=LOOKED_THROUGH)).hits
    far = {hit.id: hit.distance_miles for hit in hits}
    listings = {each.id: each for each in shown_listings([hit.id for hit in hits])}
    open_to_all = (each for each in listings.values() if not each.referral_needed)
    chosen = _one_of_each_kind(card(each, far[each.id]) for each in open_to_all)
    return [Handy(each, near(listings[each.id], by=actor)) for each in chosen]


def _one_of_each_kind(cards: Iterable[Card]) -> list[Card]:
    chosen: dict[str, Card] = {}
    for each in cards:
        if each.is_fresh and not (each.is_full or each.is_paused):
            chosen.setdefault(each.kind, each)
    return list(chosen.values())[:HOW_MANY]
