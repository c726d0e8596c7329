"""Referrals: what stands in somebody's way to a group, and what help with it was offered.

What volunteers can offer is written in the same place, so that nothing here knows who helps.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import select

from core import audit, clock
from core.actors import Actor
from core.db import db, hold
from core.errors import Forbidden, Refused
from directory import Card, Query, card, find_place, find_services, shown_listings
from referrals.models import Barrier, BarrierKind, Helped, Referral
from referrals.rules import NOT_YOURS, UNDER_WAY, Part
from referrals.sight import parts_of

HELPED_BY = {
    BarrierKind.TRANSPORT: "getting-about",
    BarrierKind.CHILDCARE: "families-and-children",
    BarrierKind.COST: "money-and-benefits",
}
"""The kind of listing that helps with it; with the rest people help, not listings."""

WITHIN_MILES = 5.0
MOST_SHOWN = 3


def note_barriers(referral: Referral, kinds: Collection[BarrierKind], *, by: Actor) -> None:
    """What stands in the way now: these and no others. Help that was offered stays with each."""
    _open_for(referral, by)
    known = {barrier.kind: barrier for barrier in barriers_of(referral)}
    for kind in known.keys() - set(kinds):
        db.session.delete(known[kind])
    for kind in set(kinds) - known.keys():
        db.session.add(Barrier(referral=referral, kind=kind, at=clock.now(), by=by.ref))
    db.session.flush()
    audit.record(by, "barriers noted", about=referral.about, kinds=" ".join(sorted(kinds)))


def offer_help(barrier: Barrier, words: str, helped: Helped, *, by: Actor) -> None:
    """Write down what help was offered with it, and whether they took it up."""
    _open_for(barrier.referral, by)
    if helped is not Helped.NOT_YET and not words.strip():
        raise Refused("Say what help was offered.")
    barrier.help_offered, barrier.helped = words.strip(), helped
    db.session.flush()
    audit.record(by, "help offered", about=barrier.referral.about, kind=barrier.kind)


def barriers_of(referral: Referral) -> Sequence[Barrier]:
    """What stands in the way, in the order of the list."""
    found = db.session.scalars(select(Barrier).where(Barrier.referral_id == referral.id))
    return sorted(found, key=lambda barrier: list(BarrierKind).index(barrier.kind))


def help_near(barrier: Barrier) -> list[Card]:
    """What the directory has near the person that helps with it, the nearest first."""
    kind = HELPED_BY.get(barrier.kind)
    postcode = barrier.referral.person.postcode
    home = find_place(postcode) if postcode else None
    if kind is None or home is None:
        return []
    wanted = Query(kinds=frozenset({kind}), near=home, within=WITHIN_MILES, per_page=MOST_SHOWN)
    far = {hit.id: hit.distance_miles for hit in find_services(wanted).hits}
    found = [card(service, far[service.id]) for service in shown_listings(list(far))]
    return [each for each in found if not (each.is_full or each.is_paused)]


def _open_for(referral: Referral, by: Actor) -> None:
    hold(referral)
    if referral.is_onward or Part.RECEIVER not in parts_of(by, referral):
        raise Forbidden(NOT_YOURS.reason)
    if referral.status not in UNDER_WAY:
        raise Refused("This can be noted while the referral is open.")
