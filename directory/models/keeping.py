"""Directory: what a group says beside its listing: notices, proposed changes, assurances."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts import Organisation
from core.db import Model, new_id
from directory.models.listing import LONG, SHORT, Service
from directory.rules import AssuranceKind, Decision, NoticeKind


class Notice(Model):
    """Something that holds for some days and ends by itself: cancelled, paused, full, news."""

    __tablename__ = "notice"
    __table_args__ = (CheckConstraint("first_on <= last_on", name="days"),)

    id: Mapped[uuid.UUID] = new_id()
    service_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("service.id"), index=True)
    kind: Mapped[NoticeKind]
    first_on: Mapped[date]
    last_on: Mapped[date]
    words: Mapped[str] = mapped_column(SHORT, default="")
    made_at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(80))
    by_name: Mapped[str] = mapped_column(String(120), default="")
    taken_down_at: Mapped[datetime | None]
    indexed_on: Mapped[date]

    service: Mapped[Service] = relationship(back_populates="notices")

    def holds_on(self, day: date) -> bool:
        """Whether it holds on a day."""
        return self.taken_down_at is None and self.first_on <= day <= self.last_on


class ProposedChange(Model):
    """A change of a listing that waits for an editor, because somebody could come to harm by it."""

    __tablename__ = "proposed_change"

    id: Mapped[uuid.UUID] = new_id()
    service_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("service.id"), index=True)
    said_before: Mapped[dict[str, Any]] = mapped_column(JSON)
    said_after: Mapped[dict[str, Any]] = mapped_column(JSON)
    made_at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(80))
    by_name: Mapped[str] = mapped_column(String(120), default="")
    decision: Mapped[Decision] = mapped_column(default=Decision.WAITING, index=True)
    decided_at: Mapped[datetime | None]
    decided_by_name: Mapped[str] = mapped_column(String(120), default="")
    why: Mapped[str] = mapped_column(LONG, default="")

    service: Mapped[Service] = relationship()


class Assurance(Model):
    """A fact about how a group keeps people safe: said or seen, with its dates."""

    __tablename__ = "assurance"
    __table_args__ = (UniqueConstraint("organisation_id", "kind"),)

    id: Mapped[uuid.UUID] = new_id()
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[AssuranceKind]
    words: Mapped[str] = mapped_column(SHORT, default="")
    dated_on: Mapped[date | None]
    expires_on: Mapped[date | None]
    seen_on: Mapped[date | None]
    seen_by_name: Mapped[str] = mapped_column(String(120), default="")
    may_be_named: Mapped[bool] = mapped_column(default=False)
    said_at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(80))
    by_name: Mapped[str] = mapped_column(String(120), default="")

    organisation: Mapped[Organisation] = relationship()
