"""The demo's groups without a login: what they can take, who waits, what they wrote and gave."""

from collections import defaultdict
from datetime import timedelta

from sqlalchemy import Select, select

from accounts import User, actor_for
from core import clock
from core.actors import Actor, system
from core.db import db
from directory import Service
from referrals.groups.room import rest, set_room, weeks_ahead
from referrals.groups.value import post
from referrals.groups.waiting import join
from referrals.letters import address_of
from referrals.models import Inbound, InboundMessage, Referral, Told
from referrals.rules import OPEN, UNDER_WAY, Status

DEMO = system("demo")
FULL, ROOMY, RESTING = 0, 4, 2
WROTE = (
    "Hello, 1 came but somebody else we did not expect came along too. "
    "The side door sticks, please tell people to ring the bell."
)


def fill() -> None:
    """Have every group say what it can take, and give link workers something to look after."""
    people: dict[Service, list[User]] = defaultdict(list)
    for onward in db.session.scalars(_onward()):
        if onward.service is not None and onward.parent and onward.parent.owner:
            people[onward.service].append(onward.parent.owner)
    groups = sorted(people, key=lambda each: (-len(people[each]), each.name))
    for number, service in enumerate(groups):
        worker = actor_for(people[service][0])
        extra = FULL if number == 1 else ROOMY
        _say_room(service, len(people[service]) + extra, rests=number == RESTING, by=worker)
        post(service, by=DEMO)
    if len(groups) > 1:
        _have_one_wait(groups[1], people[groups[1]][0])
        _write(groups[0])


def _onward() -> Select[Referral]:
    return (
        select(Referral)
        .where(Referral.parent_id.is_not(None), Referral.status.in_(OPEN))
        .order_by(Referral.created_at, Referral.ref)
    )


def _say_room(service: Service, places: int, *, rests: bool, by: Actor) -> None:
    set_room(service, places=places, new_per_week=None, high_support=2, by=by)
    if rests:
        rest(service, weeks_ahead()[4:5], by=by)


def _have_one_wait(service: Service, worker: User) -> None:
    """Somebody else of the same link worker would like to go where there is no room."""
    others = select(Referral).where(
        Referral.owner_id == worker.id,
        Referral.status.in_(UNDER_WAY - {Status.ON_HOLD}),
    )
    for other in db.session.scalars(others.order_by(Referral.created_at, Referral.ref)):
        if all(onward.service_id != service.id for onward in other.onward):
            with clock.set_to(clock.now() - timedelta(days=2)):
                join(other, service, by=actor_for(worker))
            return


def _write(service: Service) -> None:
    moment = clock.now() - timedelta(days=1)
    db.session.add(
        InboundMessage(
            message_id="demo",
            how=Told.EMAIL,
            sender=address_of(service) or "somebody@group.example",
            words=WROTE,
            state=Inbound.FOR_A_PERSON,
            organisation_id=service.organisation_id,
            received_at=moment,
        )
    )
    db.session.flush()
