"""Referrals: the tables of a first visit: what somebody means to do, and what is in the way."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts import Field
from core.db import Model, new_id
from core.sealing import SealedBy, sealed
from referrals.models.way import FirstVisit, Referral


class Kept(StrEnum):
    """What became of a pledge. To change a plan is not to break it."""

    TO_COME = "to-come"
    KEPT = "kept"
    NOT_KEPT = "not-kept"
    CHANGED = "changed"


class BarrierKind(StrEnum):
    """What may stand in the way of going."""

    TRANSPORT = "transport"
    CHILDCARE = "childcare"
    COST = "cost"
    CONFIDENCE = "confidence"
    INTERPRETER = "interpreter"
    BUDDY = "buddy"


class Helped(StrEnum):
    """Whether help with it was found."""

    NOT_YET = "not-yet"
    OFFERED = "offered"
    TAKEN_UP = "taken-up"
    NOT_WANTED = "not-wanted"


class Pledge(Model):
    """What somebody means to do to get to their first visit, in their own words (F4)."""

    __tablename__ = "pledge"
    __sealed_by__ = SealedBy("visit", "referral", "person")
    __table_args__ = (
        CheckConstraint("length(words) > 0", name="words"),
        CheckConstraint("(kept = 'to-come') = (said_at IS NULL)", name="said"),
    )

    id: Mapped[uuid.UUID] = new_id()
    version: Mapped[int] = mapped_column(default=1)
    visit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("first_visit.id"), unique=True)
    words = sealed(Field.NEEDS)
    witness = sealed(Field.NEEDS, default="")
    remind_at: Mapped[datetime | None]
    kept: Mapped[Kept] = mapped_column(default=Kept.TO_COME)
    said_at: Mapped[datetime | None]
    by: Mapped[str] = mapped_column(String(80))
    by_name: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]

    visit: Mapped[FirstVisit] = relationship(back_populates="pledge")

    __mapper_args__ = {"version_id_col": version}


class Barrier(Model):
    """One thing in somebody's way, and the help that was offered with it (F4)."""

    __tablename__ = "barrier"
    __sealed_by__ = SealedBy("referral", "person")
    __table_args__ = (
        UniqueConstraint("referral_id", "kind"),
        CheckConstraint("helped = 'not-yet' OR length(help_offered) > 0", name="help"),
    )

    id: Mapped[uuid.UUID] = new_id()
    version: Mapped[int] = mapped_column(default=1)
    referral_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("referral.id"))
    kind: Mapped[BarrierKind]
    help_offered = sealed(Field.NEEDS, default="")
    helped: Mapped[Helped] = mapped_column(default=Helped.NOT_YET)
    by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]

    referral: Mapped[Referral] = relationship()

    __mapper_args__ = {"version_id_col": version}
