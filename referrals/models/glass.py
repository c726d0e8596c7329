"""Referrals: the table of records opened in an emergency by somebody they are not shared with."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts import Field, User
from core.db import Model, new_id
from core.sealing import SealedBy, sealed
from referrals.models.way import Referral


class Emergency(StrEnum):
    """Why somebody had to see a record that is not theirs."""

    DANGER = "danger"
    ASKED = "asked"
    NOBODY_THERE = "nobody-there"


class Verdict(StrEnum):
    """What whoever looked at it afterwards found."""

    RIGHT = "right"
    TO_TALK = "to-talk"
    WRONG = "wrong"


class BrokenGlass(Model):
    """One record, open to one person for an hour, and what was thought of it afterwards."""

    __tablename__ = "broken_glass"
    __sealed_by__ = SealedBy("referral", "person")
    __table_args__ = (
        CheckConstraint("(reviewed_at IS NULL) = (verdict IS NULL)", name="reviewed"),
        CheckConstraint("reviewed_by <> by", name="by_somebody_else"),
        Index("ix_broken_glass_user_id_opened_at", "user_id", "opened_at"),
    )

    id: Mapped[uuid.UUID] = new_id()
    version: Mapped[int] = mapped_column(default=1)
    referral_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("referral.id"), index=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    by: Mapped[str] = mapped_column(String(80))
    by_name: Mapped[str] = mapped_column(String(120))
    emergency: Mapped[Emergency]
    reason = sealed(Field.NEEDS)
    opened_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    verdict: Mapped[Verdict | None]
    note = sealed(Field.NEEDS, default="")
    reviewed_by: Mapped[str] = mapped_column(String(80), default="")
    reviewed_by_name: Mapped[str] = mapped_column(String(120), default="")
    reviewed_at: Mapped[datetime | None]

    referral: Mapped[Referral] = relationship()
    user: Mapped[User] = relationship()

    __mapper_args__ = {"version_id_col": version}
