"""Directory: what visitors leave: lists they share, and counts that name nobody."""

import uuid
from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Model
from directory.models.listing import SHORT


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


class NotFoundCount(Model):
    """How often a search found nothing on one day, by what was ticked and about where.

    Codes are joined by commas. The text that was typed is never kept.
    """

    __tablename__ = "not_found_count"

    on: Mapped[date] = mapped_column(primary_key=True)
    kinds: Mapped[str] = mapped_column(SHORT, primary_key=True)
    needs: Mapped[str] = mapped_column(SHORT, primary_key=True)
    days: Mapped[str] = mapped_column(String(40), primary_key=True)
    place: Mapped[str] = mapped_column(SHORT, primary_key=True)
    number: Mapped[int] = mapped_column(default=0)
