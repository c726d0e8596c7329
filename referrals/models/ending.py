"""Referrals: the table of endings: agreed with the person early on, so that none is sudden."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts import Field
from core.db import Model, new_id
from core.sealing import SealedBy, sealed
from referrals.models.way import Referral


class Ending(Model):
    """When and how the work together ends, and what the person would like after it (F4)."""

    __tablename__ = "ending"
    __sealed_by__ = SealedBy("referral", "person")
    __table_args__ = (CheckConstraint("length(looks_like) > 0", name="looks_like"),)

    id: Mapped[uuid.UUID] = new_id()
    version: Mapped[int] = mapped_column(default=1)
    referral_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("referral.id"), unique=True)
    ends_on: Mapped[date]
    looks_like = sealed(Field.NEEDS)
    step_down = sealed(Field.NEEDS, default="")
    check_ins: Mapped[bool] = mapped_column(default=True)
    letter: Mapped[bool] = mapped_column(default=False)
    gives_back = sealed(Field.NEEDS, default="")
    by: Mapped[str] = mapped_column(String(80))
    by_name: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]

    referral: Mapped[Referral] = relationship()

    __mapper_args__ = {"version_id_col": version}
