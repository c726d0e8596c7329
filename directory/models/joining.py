"""Directory: a group on its way in, and its photos."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    LargeBinary,
    String,
)
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from core.db import Model, new_id
from directory.models.listing import SHORT, Service


class GroupDraft(Model):
    """A listing somebody is filling in page by page, reached by a signed link to their e-mail."""

    __tablename__ = "group_draft"

    id: Mapped[uuid.UUID] = new_id()
    email: Mapped[str] = mapped_column(String(254), index=True)
    your_name: Mapped[str] = mapped_column(String(120), default="")
    said: Mapped[dict[str, Any]] = mapped_column(JSON)
    begun_at: Mapped[datetime]
    written_to_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    service_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("service.id"))

    service: Mapped[Service | None] = relationship()

    @property
    def about(self) -> str:
        """What links and letters call it."""
        return f"draft:{self.id}"


class Photo(Model):
    """A picture of a listing, made small and stripped of what the camera wrote into it.

    It belongs to a listing, or to the draft of one until that is sent.
    """

    __tablename__ = "photo"
    __table_args__ = (CheckConstraint("(service_id IS NULL) != (draft_id IS NULL)", name="one_of"),)

    id: Mapped[uuid.UUID] = new_id()
    service_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("service.id"), index=True)
    draft_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("group_draft.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    alt: Mapped[str] = mapped_column(SHORT)
    width: Mapped[int]
    height: Mapped[int]
    media_type: Mapped[str] = mapped_column(String(40))
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    made_at: Mapped[datetime]

    service: Mapped[Service | None] = relationship()
