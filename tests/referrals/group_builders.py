"""Builders of groups that never log in: limits, waiting lists, and people who go there."""

from sqlalchemy import select

from core.actors import Actor
from core.db import db
from core.links import SignedLink
from directory import Service
from referrals.groups.keys import register_key
from referrals.groups.room import set_room
from referrals.groups.waiting import join
from referrals.models import Referral, WaitingPlace
from referrals.pathway import refer_on
from referrals.rules import Status
from tests.builders import in_one_work
from tests.referral_builders import TEST, a_referral, a_service, owner_of


def keeper_of(service: Service) -> Actor:
    """The group, as whoever holds its own register's link."""
    with in_one_work():
        register_key(service, by=TEST)
    found = select(SignedLink).where(SignedLink.about == f"group-service:{service.id}")
    link = db.session.scalars(found.order_by(SignedLink.made_at.desc())).first()
    assert link is not None
    return link.actor


def with_room(
    places: int | None = None,
    new_per_week: int | None = None,
    high_support: int | None = None,
    service: Service | None = None,
) -> Service:
    """A group that has said what it can take."""
    service = service or a_service()
    keeper = keeper_of(service)
    with in_one_work():
        set_room(
            service,
            places=places,
            new_per_week=new_per_week,
            high_support=high_support,
            by=keeper,
        )
    return service


def sent_to(
    service: Service, parent: Referral | None = None, *, high_support: bool = False
) -> Referral:
    """Somebody the group is asked about."""
    parent = parent or a_referral(Status.IN_PROGRESS)
    with in_one_work():
        return refer_on(parent, service, note="", high_support=high_support, by=owner_of(parent))


def who_waits(
    service: Service, parent: Referral | None = None, *, high_support: bool = False
) -> WaitingPlace:
    """Somebody who waits for a place."""
    parent = parent or a_referral(Status.IN_PROGRESS)
    with in_one_work():
        return join(parent, service, high_support=high_support, by=owner_of(parent))
