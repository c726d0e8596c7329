"""Referrals, groups: fair sharing: when places are scarce no practice takes more than its share.

The rule: as long as somebody waits for a place in a group, places are offered first to people of
practices that hold less than their share there, the longest waiting first. A practice's share is
the group's places divided by the number of practices that have somebody there or waiting, rounded
up. Only when nobody else waits does a practice get more, so that no place stays empty.
"""

import uuid
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from sqlalchemy import func, select

from core import clock
from core.db import db
from directory import Service
from referrals.groups.capacity import at_group, room_at
from referrals.models import Person, Referral, WaitingPlace, Waits
from referrals.rules import Status

LOOKS_BACK = timedelta(days=90)
FEWEST = 20
"""Below so many referrals in the time looked at, no share of them says anything."""

TOO_MUCH = 0.3
"""More than this part of all a team's referrals to one group is an outsized share."""


@dataclass(frozen=True, slots=True)
class Outsized:
    """A group that gets more of a team's referrals than is good for it, or for the others."""

    service: Service
    asked: int
    of: int

    @property
    def percent(self) -> int:
        return round(100 * self.asked / self.of)


def next_of(service: Service, waiting: Sequence[WaitingPlace]) -> WaitingPlace:
    """Whose turn it is among these, of whom there is at least one."""
    line = sorted(waiting, key=lambda entry: (entry.joined_at, entry.id.hex))
    held = held_by_practice(service.id)
    share = share_of(service, held, line)
    below = (entry for entry in line if held[_practice(entry)] < share)
    return next(below, line[0])


def share_of(service: Service, held: Counter[uuid.UUID], waiting: Sequence[WaitingPlace]) -> int:
    """How many places one practice may hold while people of another wait."""
    practices = {*held, *map(_practice, waiting)}
    free = room_at(service).places
    return ceil((held.total() + (1 if free is None else free)) / len(practices))


def held_by_practice(service_id: uuid.UUID) -> Counter[uuid.UUID]:
    """How many places each practice's people hold there, offers not yet taken among them."""
    there = (
        select(Person.practice_id, func.count())
        .join(Referral, Referral.person_id == Person.id)
        .where(*at_group(service_id))
    )
    offered = (
        select(Person.practice_id, func.count())
        .join(Referral, Referral.person_id == Person.id)
        .join(WaitingPlace, WaitingPlace.referral_id == Referral.id)
        .where(WaitingPlace.service_id == service_id, WaitingPlace.state == Waits.OFFERED)
    )
    held: Counter[uuid.UUID] = Counter()
    for each in (there, offered):
        for practice_id, number in db.session.execute(each.group_by(Person.practice_id)):
            held[practice_id] += number
    return held


def outsized(team_ids: Collection[uuid.UUID]) -> list[Outsized]:
    """The groups that get an outsized share of what these teams have sent on lately."""
    sent = (
        Referral.parent_id.is_not(None),
        Referral.from_organisation_id.in_(team_ids),
        Referral.status.not_in([Status.DRAFT, Status.ENTERED_IN_ERROR]),
        Referral.created_at >= clock.now() - LOOKS_BACK,
    )
    counted = select(Referral.service_id, func.count()).where(*sent)
    asked = dict(db.session.execute(counted.group_by(Referral.service_id)).all())
    total = sum(asked.values())
    if total < FEWEST:
        return []
    much = {key: number for key, number in asked.items() if number > TOO_MUCH * total}
    services = db.session.scalars(select(Service).where(Service.id.in_(much)))
    found = [Outsized(each, much[each.id], total) for each in services]
    return sorted(found, key=lambda each: each.asked, reverse=True)


def _practice(entry: WaitingPlace) -> uuid.UUID:
    return entry.referral.person.practice_id
