"""Directory: what visitors leave: lists they share, and counts that name nobody."""

import uuid
from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Model


class SharedList(Model):
    """A shortlist under a short address. It names activities and nobody."""

    __tablename__ = "shared_list"

    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    service_ids: Mapped[list[str]] = mapped_column(JSON)
    made_at: Mapped[datetime]
    used_on: Mapped[date] = mapped_column(index=True)


class DayCount(Model):
    """How often something was done with a listing on one day."""

    __tablename__ = "day_count"

    service_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("service.id"), primary_key=True)
    on: Mapped[date] = mapped_column(primary_key=True)
    what: Mapped[str] = mapped_column(String(40), primary_key=True)
    number: Mapped[int] = mapped_column(default=0)
