"""Referrals, groups: who came, a row a day; what this says of a first visit the visit says too."""

import uuid
from collections.abc import Collection
from datetime import date

from sqlalchemy import select

from core import audit, clock
from core.actors import Actor
from core.db import db
from referrals.models import Attendance, Referral, Told
from referrals.rules import Came

SAID = frozenset({Came.CAME, Came.DID_NOT_COME, Came.NOT_KNOWN})
"""What can be said of somebody who was expected."""


def write_down(onward: Referral, on: date, came: Came, *, how: Told, by: Actor) -> bool:
    """Keep what was said of a day, in the place of what was said before; False: it was the same.

    A visit that was called off was none, so nothing is kept of that day.
    """
    row = said_of(onward, on)
    if came not in SAID:
        if row is not None:
            db.session.delete(row)
            db.session.flush()
        return row is not None
    if row is not None and row.came is came:
        return False
    if row is None:
        row = Attendance(service_id=onward.service_id, referral_id=onward.id, on=on)
        db.session.add(row)
    row.came, row.how, row.at = came, how, clock.now()
    row.by, row.by_name = by.ref, by.name
    db.session.flush()
    audit.record(by, "attendance noted", about=onward.about, on=on.isoformat(), came=came, how=how)
    return True


def said_of(onward: Referral, on: date) -> Attendance | None:
    """What was said of one day."""
    return db.session.scalar(
        select(Attendance).where(Attendance.referral_id == onward.id, Attendance.on == on)
    )


def said_of_all(
    onward: Collection[Referral], days: Collection[date]
) -> dict[tuple[uuid.UUID, date], Came]:
    """What was said of these people on these days, by referral and day."""
    found = select(Attendance).where(
        Attendance.referral_id.in_([each.id for each in onward]), Attendance.on.in_(days)
    )
    return {(row.referral_id, row.on): row.came for row in db.session.scalars(found)}


def missed_in_a_row(onward: Referral) -> int:
    """How many times, up to now, they did not come one time after another."""
    told = select(Attendance.came).where(
        Attendance.referral_id == onward.id, Attendance.came != Came.NOT_KNOWN
    )
    missed = 0
    for came in db.session.scalars(told.order_by(Attendance.on.desc())):
        if came is Came.CAME:
            break
        missed += 1
    return missed
