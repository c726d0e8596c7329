"""Directory: what lies on the editors' desk: reports, wishes, claims, and work done in bulk."""

import uuid
from datetime import datetime

from sqlalchemy import (
    ForeignKey,
    String,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Model, new_id
from directory.models.listing import LONG, SHORT, Service
from directory.rules import Decision


class Batch(Model):
    """Several listings changed in one go, which can be undone in one go for half an hour."""

    __tablename__ = "batch"

    id: Mapped[uuid.UUID] = new_id()
    what: Mapped[str] = mapped_column(String(60))
    made_at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(80))
    by_name: Mapped[str] = mapped_column(String(120), default="")
    undone_at: Mapped[datetime | None]


class Report(Model):
    """Somebody says that a listing is wrong. Their e-mail is forgotten once they are answered."""

    __tablename__ = "report"

    id: Mapped[uuid.UUID] = new_id()
    service_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("service.id"), index=True)
    about: Mapped[str] = mapped_column(String(40))
    words: Mapped[str] = mapped_column(Text)
    email: Mapped[str] = mapped_column(String(254), default="")
    made_at: Mapped[datetime]
    decision: Mapped[Decision] = mapped_column(default=Decision.WAITING, index=True)
    decided_at: Mapped[datetime | None]
    decided_by_name: Mapped[str] = mapped_column(String(120), default="")
    answer: Mapped[str] = mapped_column(LONG, default="")

    service: Mapped[Service] = relationship()


class Wish(Model):
    """Somebody wishes there were something. It says nothing of who they are."""

    __tablename__ = "wish"

    id: Mapped[uuid.UUID] = new_id()
    words: Mapped[str] = mapped_column(LONG)
    place: Mapped[str] = mapped_column(SHORT, default="")
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    times: Mapped[str] = mapped_column(SHORT, default="")
    made_at: Mapped[datetime]


class Claim(Model):
    """Somebody says that a listing is their group's, and wants to keep it."""

    __tablename__ = "claim"

    id: Mapped[uuid.UUID] = new_id()
    service_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("service.id"), index=True)
    your_name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str] = mapped_column(String(254))
    words: Mapped[str] = mapped_column(LONG, default="")
    made_at: Mapped[datetime]
    decision: Mapped[Decision] = mapped_column(default=Decision.WAITING, index=True)
    decided_at: Mapped[datetime | None]
    decided_by_name: Mapped[str] = mapped_column(String(120), default="")
    why: Mapped[str] = mapped_column(LONG, default="")

    service: Mapped[Service] = relationship()


class OldAddress(Model):
    """An address a listing had once, or that of one that was merged into it."""

    __tablename__ = "old_address"

    slug: Mapped[str] = mapped_column(String(120), primary_key=True)
    service_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("service.id"), index=True)

    service: Mapped[Service] = relationship()
