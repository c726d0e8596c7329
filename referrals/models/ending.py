"""Referrals: the table of endings: agreed with the person early on, so that none is sudden."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Model, new_id
from referrals.models.way import Referral


class Ending(Model):
    """When and how the work together ends, and what the person would like after it (F4)."""

    __tablename__ = "ending"
    __table_args__ = (CheckConstraint("looks_like <> ''", name="looks_like"),)

    id: Mapped[uuid.UUID] = new_id()
    version: Mapped[int] = mapped_column(default=1)
    referral_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("referral.id"), unique=True)
    ends_on: Mapped[date]
    looks_like: Mapped[str] = mapped_column(String(300))
    step_down: Mapped[str] = mapped_column(String(300), default="")
    check_ins: Mapped[bool] = mapped_column(default=True)
    letter: Mapped[bool] = mapped_column(default=False)
    gives_back: Mapped[str] = mapped_column(String(200), default="")
    by: Mapped[str] = mapped_column(String(80))
    by_name: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]

    referral: Mapped[Referral] = relationship()

    __mapper_args__ = {"version_id_col": version}
