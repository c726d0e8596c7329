"""Referrals: the tables of what a practice adds once it has referred, and puts in its record."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Model, new_id
from referrals.models.way import Referral


class AddedNote(Model):
    """What the practice wants the link worker to know of somebody who is with them already."""

    __tablename__ = "added_note"

    id: Mapped[uuid.UUID] = new_id()
    referral_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("referral.id"), index=True)
    words: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(80))
    by_name: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]

    referral: Mapped[Referral] = relationship(back_populates="added_notes")


class RecordEntry(Model):
    """Words with a code for the patient's own record: one of each code for each episode.

    An episode is one referral from a practice. `copied`: who took the words over, and when; from
    then on the code is in the record, and is not given out again.
    """

    __tablename__ = "record_entry"
    __table_args__ = (UniqueConstraint("referral_id", "code"),)

    id: Mapped[uuid.UUID] = new_id()
    version: Mapped[int] = mapped_column(default=1)
    referral_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("referral.id"))
    code: Mapped[str] = mapped_column(String(18))
    words: Mapped[str] = mapped_column(Text)
    laid_at: Mapped[datetime]
    copied_at: Mapped[datetime | None]
    copied_by: Mapped[str] = mapped_column(String(80), default="")
    copied_by_name: Mapped[str] = mapped_column(String(120), default="")

    referral: Mapped[Referral] = relationship()

    __mapper_args__ = {"version_id_col": version}
