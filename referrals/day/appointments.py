"""Referrals, the day: times at which somebody is seen or rung, and a calendar that follows them.

The calendar says "Appointment" and the reference: no name, no health. A place only where the link
worker chose to show it.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from icalendar import Calendar, Event
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import contains_eager

from accounts import User
from core import audit, clock, links, site
from core.actors import Actor
from core.db import db
from core.errors import Forbidden, NotFound, Refused
from core.links import SignedLink
from referrals.day.cover import referrals_of
from referrals.models import Appointment, Referral
from referrals.rules import NOT_YOURS, UNDER_WAY, Part
from referrals.sight import parts_of, referrals_for

CALENDAR = "calendar"
"""The purpose of the link a calendar follows."""

LASTS = timedelta(days=366)
SHOWN_BACK, SHOWN_ON = timedelta(days=30), timedelta(days=366)


def book(
    referral: Referral,
    starts_at: datetime,
    *,
    minutes: int,
    place: str,
    place_shown: bool,
    by: Actor,
) -> Appointment:
    """Agree a time with somebody on the caseload."""
    if referral.is_onward or Part.RECEIVER not in parts_of(by, referral):
        raise Forbidden(NOT_YOURS.reason)
    if referral.status not in UNDER_WAY:
        raise Refused("Accept the referral first.")
    if starts_at <= clock.now():
        raise Refused("An appointment is at a time to come.")
    made = Appointment(
        referral=referral,
        starts_at=starts_at,
        minutes=minutes,
        place=place.strip(),
        place_shown=place_shown and bool(place.strip()),
        by=by.ref,
        by_name=by.name,
        at=clock.now(),
    )
    db.session.add(made)
    db.session.flush()
    audit.record(by, "appointment made", about=referral.about)
    return made


def call_off(appointment: Appointment, *, by: Actor) -> None:
    """It will not be; to call it off again changes nothing."""
    if Part.RECEIVER not in parts_of(by, appointment.referral):
        raise Forbidden(NOT_YOURS.reason)
    if appointment.called_off_at is None:
        appointment.called_off_at = clock.now()
        db.session.flush()
        audit.record(by, "appointment called off", about=appointment.referral.about)


def get_appointment(appointment_id: uuid.UUID, *, seen_by: Actor) -> Appointment:
    """An appointment with somebody on the actor's caseload; NotFound otherwise."""
    theirs = referrals_for(seen_by).with_only_columns(Referral.id)
    found = db.session.scalar(
        select(Appointment).where(
            Appointment.id == appointment_id, Appointment.referral_id.in_(theirs)
        )
    )
    if found is None or Part.RECEIVER not in parts_of(seen_by, found.referral):
        raise NotFound
    return found


def appointments_for(actor: Actor, *, start: datetime, end: datetime) -> Sequence[Appointment]:
    """Those of the actor's own people, and of those they cover for, in the order of the day."""
    theirs = referrals_of(actor).with_only_columns(Referral.id)
    wanted = _standing().where(
        Appointment.referral_id.in_(theirs),
        Appointment.starts_at >= start,
        Appointment.starts_at < end,
    )
    return db.session.scalars(wanted).all()


def coming_for(referral: Referral) -> Sequence[Appointment]:
    """The appointments somebody still has, the next first."""
    coming = _standing().where(
        Appointment.referral_id == referral.id, Appointment.starts_at >= clock.now()
    )
    return db.session.scalars(coming).all()


def new_calendar_key(*, by: Actor) -> str:
    """A new address for the actor's calendar; an older one stops working."""
    about = calendar_about(by.user_id)
    links.revoke(about, by=by)
    return links.make(CALENDAR, about=about, for_whom=by.name, lasts=LASTS, by=by)


def calendar_of(link: SignedLink) -> bytes:
    """The calendar behind a link: whoever it was made for must still be here."""
    user = db.session.get(User, uuid.UUID(link.about.partition(":")[2]))
    if user is None or user.disabled_at is not None:
        raise NotFound
    made = Calendar()
    made.add("prodid", f"-//{site.name()}//appointments//EN")
    made.add("version", "2.0")
    made.add("name", "Appointments")
    made.add("x-wr-calname", "Appointments")
    now = clock.now()
    own = _standing().where(
        Referral.owner_id == user.id,
        Appointment.starts_at.between(now - SHOWN_BACK, now + SHOWN_ON),
    )
    for each in db.session.scalars(own):
        made.add_component(_event(each))
    return bytes(made.to_ical())


def _event(appointment: Appointment) -> Event:
    event = Event()
    event.add("uid", f"{appointment.id}@appointments")
    event.add("dtstamp", appointment.at)
    event.add("dtstart", appointment.starts_at)
    event.add("dtend", appointment.starts_at + timedelta(minutes=appointment.minutes))
    event.add("summary", f"Appointment, ref {appointment.referral.ref}")
    event.add("class", "PRIVATE")
    if appointment.place_shown:
        event.add("location", appointment.place)
    return event


def _standing() -> Select[Appointment]:
    return (
        select(Appointment)
        .join(Appointment.referral)
        .where(
            Appointment.called_off_at.is_(None),
            or_(Referral.status.in_(UNDER_WAY), Appointment.starts_at < clock.now()),
        )
        .options(contains_eager(Appointment.referral).joinedload(Referral.person))
        .order_by(Appointment.starts_at)
    )


def calendar_about(user_id: uuid.UUID | None) -> str:
    """How links speak of somebody's calendar."""
    return f"calendar:{user_id}"
