"""What groups without an account have in the towns: their links, who waits, what they wrote."""

import uuid
from datetime import timedelta

from core import clock
from core.actors import Actor, system
from core.db import db
from directory.models import Service
from referrals.groups.keys import door_key, register_key, week_key
from referrals.letters import address_of
from referrals.models import GroupWeek, Inbound, InboundMessage, Referral, Told, WaitingPlace
from referrals.rules import Reason

TEST = system("test")


def what_groups_have(
    name: str, referral: Referral, onward: Referral, service: Service, worker: Actor
) -> tuple[list[str], list[uuid.UUID]]:
    """The group's own links, somebody who waits for a place there, and a message it sent."""
    today = clock.today()
    week = GroupWeek(
        organisation_id=onward.to_organisation_id,
        monday=today - timedelta(days=today.weekday()),
        address=address_of(service).lower(),
        asked_at=clock.now(),
    )
    message = InboundMessage(
        message_id=name,
        how=Told.TEXT,
        sender="07700 900123",
        words=f"Canary-F2-{name} was late",
        state=Inbound.FOR_A_PERSON,
        organisation_id=onward.to_organisation_id,
        received_at=clock.now(),
    )
    waits = WaitingPlace(
        service=service,
        referral=referral,
        reason=Reason.LONELY,
        joined_at=clock.now(),
        joined_by_name=worker.name,
    )
    db.session.add_all([week, message, waits])
    db.session.flush()
    paths = [
        week_key(week, for_whom="group", by=TEST),
        register_key(service, by=TEST),
        door_key(service, by=TEST),
    ]
    return [path.rpartition("/")[2] for path in paths], [message.id, waits.id]
