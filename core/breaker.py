"""Ground floor: when a carrier of letters is down, one letter a minute tries it; the rest wait.

As soon as one has gone all may go: nobody waits out a pause that grew while the carrier was away,
and a carrier in trouble is not knocked at by thousands.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import String, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.db import Model, change_rows, db

TRIES_EVERY = timedelta(minutes=1)


class CarrierDown(Model):
    """A carrier that did not take the last letter, since when, and when it is tried next."""

    __tablename__ = "carrier_down"

    carrier: Mapped[str] = mapped_column(String(20), primary_key=True)
    since: Mapped[datetime]
    try_at: Mapped[datetime]


def shut() -> Collection[str]:
    """The carriers to which nothing is to be given just now."""
    found = select(CarrierDown.carrier).where(CarrierDown.try_at > clock.now())
    return db.session.scalars(found).all()


def down() -> Collection[str]:
    """The carriers that are down."""
    return db.session.scalars(select(CarrierDown.carrier)).all()


def may_try(carrier: str) -> bool:
    """Whether a letter may be given to it; of several who ask while it is down, one may."""
    known = select(CarrierDown.carrier).where(CarrierDown.carrier == carrier)
    if db.session.scalar(known) is None:
        return True
    taken = update(CarrierDown).where(
        CarrierDown.carrier == carrier, CarrierDown.try_at <= clock.now()
    )
    return change_rows(taken.values(try_at=clock.now() + TRIES_EVERY)) == 1


def failed(carrier: str) -> None:
    """It did not take a letter, for a reason of its own."""
    later = clock.now() + TRIES_EVERY
    known = update(CarrierDown).where(CarrierDown.carrier == carrier).values(try_at=later)
    if not change_rows(known):
        db.session.merge(CarrierDown(carrier=carrier, since=clock.now(), try_at=later))


def works(carrier: str) -> None:
    """It took a letter."""
    db.session.execute(delete(CarrierDown).where(CarrierDown.carrier == carrier))
