"""Referrals: the tables of what a practice adds once it has referred, and puts in its record."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts import Field
from core.db import Model, new_id
from core.sealing import SealedBy, sealed
from referrals.models.way import Referral


class AddedNote(Model):
    """What the practice wants the link worker to know of somebody who is with them already."""

    __tablename__ = "added_note"
    __sealed_by__ = SealedBy("referral", "person")

    id: Mapped[uuid.UUID] = new_id()
    referral_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("referral.id"), index=True)
    words = sealed(Field.NEEDS)
    by: Mapped[str] = mapped_column(String(80))
    by_name: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]

    referral: Mapped[Referral] = relationship(back_populates="added_notes")


class RecordEntry(Model):
    """Words with a code that somebody took into the patient's own record.

    There is one for each code and episode, whoever presses the button and however often. An
    episode is one referral from a practice.
    """

    __tablename__ = "record_entry"
    __sealed_by__ = SealedBy("referral", "person")
    __table_args__ = (UniqueConstraint("referral_id", "code"),)

    id: Mapped[uuid.UUID] = new_id()
    referral_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("referral.id"))
    code: Mapped[str] = mapped_column(String(18))
    words = sealed(Field.NEEDS)
    by: Mapped[str] = mapped_column(String(80))
    by_name: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]

    referral: Mapped[Referral] = relationship()
