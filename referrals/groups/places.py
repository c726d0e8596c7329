"""Referrals, groups: the number and the code by which a group's register speaks of each person.

A number stays with the person for as long as they go there, so that "2" means the same one every
week. A code is drawn by lot and tells nothing.
"""

import secrets

from sqlalchemy import func, select

from accounts import May
from core import clock
from core.actors import Actor
from core.db import db, hold
from core.rows import all_shown
from directory import Service
from referrals.groups.capacity import at_group, desk_of
from referrals.models import GroupDesk, GroupPlace, Referral

MARKS = "23456789BCDFGHJKMNPQRSTVWXZ"
"""Nothing that looks or sounds like something else, no vowels to make words of, no Y for yes."""

LETTERS = MARKS[8:]


@all_shown("the next number at a group, whoever has people there")
def give_place(onward: Referral, *, high_support: bool) -> GroupPlace:
    """Give somebody their number and code at the group; called when the group is asked."""
    hold(onward.to_organisation)  # two asked about at once must not get one number
    group = onward.to_organisation_id
    last = select(func.max(GroupPlace.number)).where(GroupPlace.organisation_id == group)
    place = GroupPlace(
        organisation_id=group,
        referral=onward,
        number=(db.session.scalar(last) or 0) + 1,
        code=_new_code(),
        high_support=high_support,
    )
    db.session.add(place)
    db.session.flush()
    return place


def place_of(onward: Referral) -> GroupPlace | None:
    """Somebody's number and code; none for whom was asked about before there were any."""
    return db.session.scalar(select(GroupPlace).where(GroupPlace.referral_id == onward.id))


def places_at(service: Service, *, seen_by: Actor) -> list[GroupPlace]:
    """The people the actor's teams have there, by number: their codes are for them to know."""
    found = (
        select(GroupPlace)
        .join(Referral, Referral.id == GroupPlace.referral_id)
        .where(
            *at_group(service.id),
            Referral.from_organisation_id.in_(seen_by.where(May.WORK_CASELOAD)),
        )
    )
    return list(db.session.scalars(found.order_by(GroupPlace.number)))


def open_desk(service: Service, *, by: Actor) -> GroupDesk:
    """The group's desk, made when first wanted; the caller holds the service."""
    desk = desk_of(service.id)
    if desk is None:
        desk = GroupDesk(
            service_id=service.id,
            code=_new_code(),
            changed_at=clock.now(),
            changed_by=by.ref,
            changed_by_name=by.name,
        )
        db.session.add(desk)
        db.session.flush()
    return desk


@all_shown("that no two people have one code")
def _new_code() -> str:
    """Four marks, the first a letter: a person's, or a register's."""
    while True:
        code = secrets.choice(LETTERS) + "".join(secrets.choice(MARKS) for _ in range(3))
        taken = select(GroupPlace.id).where(GroupPlace.code == code)
        heads = select(GroupDesk.id).where(GroupDesk.code == code)
        if db.session.scalar(taken.union_all(heads).limit(1)) is None:
            return code
