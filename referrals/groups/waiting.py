"""Referrals, groups: the waiting list: offers in order, each for two working days, then the next.

The group is told nothing of who waits. An offer holds its place until it is taken or lapses.
"""

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from core import audit, clock, outbox
from core.actors import Actor, system
from core.db import db, hold
from core.errors import Forbidden, NotFound, Refused
from core.languages import _
from core.rows import all_shown
from core.saving import saving
from core.working_days import working_days_after
from directory import Service
from referrals import letters
from referrals.groups.capacity import may_take
from referrals.groups.fairness import next_of
from referrals.models import Referral, WaitingPlace, Waits
from referrals.pathway import refer_on
from referrals.rules import NOT_YOURS, OPEN, UNDER_WAY, Part, Reason
from referrals.sight import parts_of

OFFER_HOLDS = 2
"""Working days in which an offer can be taken."""

STANDING = frozenset({Waits.WAITING, Waits.OFFERED})


def join(
    parent: Referral,
    service: Service,
    *,
    reason: Reason | None = None,
    note: str = "",
    high_support: bool = False,
    by: Actor,
) -> WaitingPlace:
    """Have somebody wait for a place; what the group will be told when it is asked is kept."""
    hold(parent)
    if parent.is_onward or Part.RECEIVER not in parts_of(by, parent):
        raise Forbidden(NOT_YOURS.reason)
    if parent.status not in UNDER_WAY:
        raise Refused(_("Accept the referral first."))
    hold(service)
    if _is_there(parent, service):
        raise Refused(_("They wait for %(name)s already, or it has been asked.", name=service.name))
    entry = WaitingPlace(
        service=service,
        referral=parent,
        reason=reason or Reason(parent.reasons[0]),
        note=note.strip(),
        high_support=high_support,
        joined_at=clock.now(),
        joined_by_name=by.name,
    )
    db.session.add(entry)
    db.session.flush()
    audit.record(by, "waiting list joined", about=parent.about, service=str(service.id))
    return entry


def leave(entry: WaitingPlace, *, by: Actor) -> None:
    """They do not want to wait any more, or do not want the place."""
    _hold_all(entry, by=by)
    if entry.state in STANDING:
        _end(entry, Waits.LEFT, by=by)


def take(entry: WaitingPlace, *, by: Actor) -> Referral:
    """Take the place that was offered: the group is asked now."""
    _hold_all(entry, by=by)
    if entry.state is not Waits.OFFERED or not _stands(entry):
        raise Refused(_("This offer has run out. Have them join the waiting list again."))
    _end(entry, Waits.TAKEN, by=by)
    return refer_on(
        entry.referral,
        entry.service,
        note=entry.note,
        reason=entry.reason,
        high_support=entry.high_support,
        has_turn=True,
        by=by,
    )


def get_entry(entry_id: uuid.UUID, *, seen_by: Actor) -> WaitingPlace:
    """A line of the waiting list, if the person is theirs to know of; NotFound otherwise."""
    entry = db.session.get(WaitingPlace, entry_id)
    if entry is None or Part.RECEIVER not in parts_of(seen_by, entry.referral):
        raise NotFound
    return entry


@all_shown("how many stand before somebody; who they are the page does not say")
def line_for(service_id: uuid.UUID) -> list[WaitingPlace]:
    """Who waits or has an offer, in the order they joined."""
    found = select(WaitingPlace).where(
        WaitingPlace.service_id == service_id, WaitingPlace.state.in_(STANDING)
    )
    found = found.options(joinedload(WaitingPlace.referral))
    return list(db.session.scalars(found.order_by(WaitingPlace.joined_at, WaitingPlace.id)))


def offer_places() -> int:
    """Offer every free place to whoever is next; returns how many offers were made."""
    standing = select(WaitingPlace.service_id).where(WaitingPlace.state.in_(STANDING))
    services = list(db.session.scalars(standing.distinct()))
    db.session.rollback()
    offered = 0
    for service_id in services:
        with saving():
            offered += serve(db.session.get_one(Service, service_id), by=system("waiting list"))
    return offered


def serve(service: Service, *, by: Actor) -> int:
    """Let what has run out lapse, then offer what is free; returns how many offers were made."""
    hold(service)
    line = _tidied(line_for(service.id), by=by)
    waiting = [entry for entry in line if entry.state is Waits.WAITING]
    offered = 0
    while waiting:
        entry = next_of(service, waiting)
        waiting.remove(entry)
        if may_take(service, high_support=entry.high_support, has_turn=True) is None:
            _offer(entry, by=by)
            offered += 1
    return offered


def _tidied(line: Sequence[WaitingPlace], *, by: Actor) -> list[WaitingPlace]:
    """The line without whose way has ended and whose offer has run out."""
    for entry in line:
        if entry.referral.status not in UNDER_WAY:
            _end(entry, Waits.LEFT, by=by)
        elif entry.state is Waits.OFFERED and not _stands(entry):
            _end(entry, Waits.LAPSED, by=by)
            _tell(letters.OFFER_LAPSED, entry, by=by)
    return [entry for entry in line if entry.state in STANDING]


def _offer(entry: WaitingPlace, *, by: Actor) -> None:
    entry.state, entry.offered_at = Waits.OFFERED, clock.now()
    entry.offer_until = working_days_after(clock.today(), OFFER_HOLDS)
    db.session.flush()
    audit.record(by, "place offered", about=entry.referral.about, service=str(entry.service_id))
    _tell(letters.PLACE_OFFERED, entry, by=by)


def _tell(words: letters.Words, entry: WaitingPlace, *, by: Actor) -> None:
    occasion = f"{words.kind}:{entry.id}"
    draft = letters.to_team(words, entry.referral, occasion=occasion, by=by)
    if draft is not None:
        outbox.put(draft)


def _stands(entry: WaitingPlace) -> bool:
    return entry.offer_until is not None and clock.today() <= entry.offer_until


def _end(entry: WaitingPlace, state: Waits, *, by: Actor) -> None:
    entry.state, entry.ended_at = state, clock.now()
    db.session.flush()
    about, service = entry.referral.about, str(entry.service_id)
    audit.record(by, "waiting list left", about=about, service=service, how=state)


def _hold_all(entry: WaitingPlace, *, by: Actor) -> None:
    """Hold the way, the service and the entry, in the order in which everybody holds them."""
    if Part.RECEIVER not in parts_of(by, entry.referral):
        raise Forbidden(NOT_YOURS.reason)
    hold(entry.referral)
    hold(entry.service)
    hold(entry)


def _is_there(parent: Referral, service: Service) -> bool:
    asked = select(Referral.id).where(
        Referral.parent_id == parent.id,
        Referral.service_id == service.id,
        Referral.status.in_(OPEN),
    )
    waits = select(WaitingPlace.id).where(
        WaitingPlace.referral_id == parent.id,
        WaitingPlace.service_id == service.id,
        WaitingPlace.state.in_(STANDING),
    )
    return db.session.scalar(asked.union_all(waits).limit(1)) is not None
