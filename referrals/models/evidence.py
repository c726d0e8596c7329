"""Referrals: the tables of what is shown while choosing: figures, and tips of those who refer."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts import User
from core.db import Model, new_id
from directory import Service


class Figures(Model):
    """What is shown of one activity, as it was last made up, and how many people it rests on.

    `parts` holds rounded and shrunk figures only; `rests_on` the true number behind each, which
    is never shown: it decides when enough new people have come for the part to be made up anew.
    """

    __tablename__ = "figures"

    service_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("service.id"), primary_key=True)
    made_on: Mapped[date]
    parts: Mapped[dict[str, Any]] = mapped_column(JSON)
    rests_on: Mapped[dict[str, Any]] = mapped_column(JSON)


class Tip(Model):
    """A short signed word about an activity by somebody who refers; an editor reads it first."""

    __tablename__ = "tip"
    __table_args__ = (
        CheckConstraint("(shown_at IS NULL) = (shown_by = '')", name="shown"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by = '')", name="withdrawn"),
    )

    id: Mapped[uuid.UUID] = new_id()
    version: Mapped[int] = mapped_column(default=1)
    service_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("service.id"), index=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"), index=True)
    practice: Mapped[str] = mapped_column(String(200))
    words: Mapped[str] = mapped_column(String(200))
    written_at: Mapped[datetime]
    shown_at: Mapped[datetime | None]
    shown_by: Mapped[str] = mapped_column(String(80), default="")
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str] = mapped_column(String(80), default="")

    user: Mapped[User] = relationship()
    service: Mapped[Service] = relationship()

    __mapper_args__ = {"version_id_col": version}
