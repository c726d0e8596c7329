"""Referrals: the tables of going somewhere for the first time: what somebody means to do."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Model, new_id
from referrals.models.way import FirstVisit


class Kept(StrEnum):
    """What became of a pledge. To change a plan is not to break it."""

    TO_COME = "to-come"
    KEPT = "kept"
    NOT_KEPT = "not-kept"
    CHANGED = "changed"


class Pledge(Model):
    """What somebody means to do to get to their first visit, in their own words (F4)."""

    __tablename__ = "pledge"
    __table_args__ = (
        CheckConstraint("words <> ''", name="words"),
        CheckConstraint("(kept = 'to-come') = (said_at IS NULL)", name="said"),
    )

    id: Mapped[uuid.UUID] = new_id()
    version: Mapped[int] = mapped_column(default=1)
    visit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("first_visit.id"), unique=True)
    words: Mapped[str] = mapped_column(String(300))
    witness: Mapped[str] = mapped_column(String(80), default="")
    remind_at: Mapped[datetime | None]
    kept: Mapped[Kept] = mapped_column(default=Kept.TO_COME)
    said_at: Mapped[datetime | None]
    by: Mapped[str] = mapped_column(String(80))
    by_name: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]

    visit: Mapped[FirstVisit] = relationship(back_populates="pledge")

    __mapper_args__ = {"version_id_col": version}
