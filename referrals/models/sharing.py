"""Referrals: the tables of what groups give: who waits for a place, and what it was worth."""

import uuid
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts import Field
from core.db import Model, new_id
from core.sealing import SealedBy, sealed
from directory import Service
from referrals.models.way import Referral
from referrals.rules import Reason


class Waits(StrEnum):
    """Where somebody stands on a waiting list."""

    WAITING = "waiting"
    OFFERED = "offered"
    TAKEN = "taken"
    LAPSED = "lapsed"
    LEFT = "left"


class WaitingPlace(Model):
    """Somebody who waits for a place in a group. The group knows nothing of it yet."""

    __tablename__ = "waiting_place"
    __sealed_by__ = SealedBy("referral", "person")
    __table_args__ = (
        CheckConstraint("state <> 'offered' OR offer_until IS NOT NULL", name="offer"),
        Index("ix_waiting_place_service_state", "service_id", "state"),
    )

    id: Mapped[uuid.UUID] = new_id()
    version: Mapped[int] = mapped_column(default=1)
    service_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("service.id"))
    referral_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("referral.id"), index=True)
    reason: Mapped[Reason]
    note = sealed(Field.NEEDS, default="")
    high_support: Mapped[bool] = mapped_column(default=False)
    state: Mapped[Waits] = mapped_column(default=Waits.WAITING)
    joined_at: Mapped[datetime]
    joined_by_name: Mapped[str] = mapped_column(String(120))
    offered_at: Mapped[datetime | None]
    offer_until: Mapped[date | None]
    ended_at: Mapped[datetime | None]

    referral: Mapped[Referral] = relationship()
    service: Mapped[Service] = relationship()

    __mapper_args__ = {"version_id_col": version}


class ValueRate(Model):
    """What one welcome and one visit count for at a group, and whether its funder agreed to it."""

    __tablename__ = "value_rate"
    __table_args__ = (
        CheckConstraint("welcome_hours >= 0 AND visit_hours >= 0", name="hours"),
        CheckConstraint("welcome_pounds >= 0 AND visit_pounds >= 0", name="pounds"),
    )

    id: Mapped[uuid.UUID] = new_id()
    version: Mapped[int] = mapped_column(default=1)
    service_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("service.id"), unique=True)
    welcome_hours: Mapped[Decimal]
    visit_hours: Mapped[Decimal]
    welcome_pounds: Mapped[Decimal]
    visit_pounds: Mapped[Decimal]
    agreed_with: Mapped[str] = mapped_column(String(120), default="")
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(String(80))

    __mapper_args__ = {"version_id_col": version}


class Given(StrEnum):
    """What a group gave."""

    WELCOME = "welcome"
    VISIT = "visit"


class ValueEntry(Model):
    """A line of what a group gave. Never changed: what was wrong is taken back by another line."""

    __tablename__ = "value_entry"
    __table_args__ = (Index("ix_value_entry_service_on", "service_id", "on"),)

    id: Mapped[uuid.UUID] = new_id()
    occasion: Mapped[str] = mapped_column(String(80), unique=True)
    service_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("service.id"))
    about: Mapped[str] = mapped_column(String(80), index=True)
    given: Mapped[Given]
    on: Mapped[date]
    times: Mapped[int]
    hours: Mapped[Decimal]
    pounds: Mapped[Decimal]
    agreed: Mapped[bool]
    by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]
