"""Referrals: the table of closing messages: drafted, seen by the person first, limited by them."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts import Field
from core.db import Model, new_id
from core.sealing import SealedBy, sealed
from referrals.models.way import Referral


class Limit(StrEnum):
    """How much of a closing message the person lets go to who referred them."""

    NOTHING = "nothing"
    CODES = "codes"
    SUMMARY = "summary"


class ReadHow(StrEnum):
    """How the person saw the message before it went."""

    LINK = "link"
    TOGETHER = "together"


class ClosingMessage(Model):
    """What a link worker would tell who referred somebody, and how much of it may be told."""

    __tablename__ = "closing_message"
    __sealed_by__ = SealedBy("referral", "person")
    __table_args__ = (
        CheckConstraint("(allowed IS NULL) = (answered_at IS NULL)", name="answered"),
        CheckConstraint("(allowed IS NULL) = (read_how IS NULL)", name="read"),
    )

    id: Mapped[uuid.UUID] = new_id()
    version: Mapped[int] = mapped_column(default=1)
    referral_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("referral.id"), unique=True)
    outcome = sealed(Field.NEEDS)
    risks = sealed(Field.NEEDS, default="")
    plan = sealed(Field.NEEDS, default="")
    by: Mapped[str] = mapped_column(String(80))
    by_name: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]
    allowed: Mapped[Limit | None]
    read_how: Mapped[ReadHow | None]
    answered_by: Mapped[str] = mapped_column(String(80), default="")
    answered_at: Mapped[datetime | None]

    referral: Mapped[Referral] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @property
    def about(self) -> str:
        """How audit and links speak of it; the referral's own keys end with the referral."""
        return f"closing:{self.id}"
