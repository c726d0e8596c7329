"""Referrals: the tables of groups that never log in: who came, to which session, and who said so."""

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Model, new_id
from directory import Service
from referrals.models.way import Referral
from referrals.rules import Came


class Told(StrEnum):
    """Which way an attendance reached us."""

    LINK = "link"
    LETTER = "letter"
    TEXT = "text"
    EMAIL = "email"
    REGISTER = "register"
    DOOR = "door"
    LINK_WORKER = "link-worker"


class Attendance(Model):
    """Whether somebody came on one day. One row a day: a later word replaces an earlier one."""

    __tablename__ = "attendance"
    __table_args__ = (
        UniqueConstraint("referral_id", "on"),
        CheckConstraint("came <> 'planned' AND came <> 'called-off'", name="said"),
        Index("ix_attendance_service_on", "service_id", "on"),
    )

    id: Mapped[uuid.UUID] = new_id()
    version: Mapped[int] = mapped_column(default=1)
    service_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("service.id"))
    referral_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("referral.id"))
    on: Mapped[date]
    came: Mapped[Came]
    by: Mapped[str] = mapped_column(String(80))
    by_name: Mapped[str] = mapped_column(String(120))
    how: Mapped[Told]
    at: Mapped[datetime]

    referral: Mapped[Referral] = relationship()
    service: Mapped[Service] = relationship()

    __mapper_args__ = {"version_id_col": version}
