"""Referrals: the table of slips: an activity handed over on paper or by text, without a name.

A slip has a day, never a time, and nobody's name: not whom it was for, not who gave it.
"""

import uuid
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts import Organisation
from core.db import Model, new_id
from directory import Service


class Slip(Model):
    """A short code for one activity, and the days on which it led somewhere."""

    __tablename__ = "slip"

    id: Mapped[uuid.UUID] = new_id()
    version: Mapped[int] = mapped_column(default=1)
    code: Mapped[str] = mapped_column(String(8), unique=True)
    service_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("service.id"), index=True)
    practice_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    made_on: Mapped[date]
    looked_up_on: Mapped[date | None]
    turned_on: Mapped[date | None]
    ticked_on: Mapped[date | None]

    service: Mapped[Service] = relationship()
    practice: Mapped[Organisation] = relationship()

    __mapper_args__ = {"version_id_col": version}


class WrongCode(Model):
    """A code that was tried and is none of ours; `who` is a hash that says nothing tomorrow."""

    __tablename__ = "wrong_code"
    __table_args__ = (Index("ix_wrong_code_who_at", "who", "at"),)

    id: Mapped[uuid.UUID] = new_id()
    who: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
