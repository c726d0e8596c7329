"""Directory: who confirmed which part of a listing, how and when; and what groups were asked."""

import uuid
from datetime import datetime

from sqlalchemy import (
    ForeignKey,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Model, new_id
from directory.models.listing import Service
from directory.rules import Aspect, How


class FieldCheck(Model):
    """The latest confirmation of one aspect of a listing in one way."""

    __tablename__ = "field_check"
    __table_args__ = (UniqueConstraint("service_id", "aspect", "how"),)

    id: Mapped[uuid.UUID] = new_id()
    service_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("service.id"))
    aspect: Mapped[Aspect]
    how: Mapped[How]
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(80))
    by_name: Mapped[str] = mapped_column(String(120), default="")

    service: Mapped[Service] = relationship()


class Enquiry(Model):
    """Whether a listing is still right was asked; by letter, unless its group has no address."""

    __tablename__ = "enquiry"

    id: Mapped[uuid.UUID] = new_id()
    service_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("service.id"), index=True)
    asked_at: Mapped[datetime]
    has_letter: Mapped[bool] = mapped_column(default=True)
    reminded_at: Mapped[datetime | None]
    passed_on_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]

    service: Mapped[Service] = relationship()
