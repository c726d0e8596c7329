"""Referrals: the table of a practice's own programs that may read its referrals, and wrong keys."""

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts import Organisation
from core.db import Model, new_id


class ClientSees(StrEnum):
    """How much a client may read of the referrals of its practice."""

    STATUS = "status"
    RECORD = "record"


class ApiClient(Model):
    """A program of one practice. Its key was told once; only a hash of it is here."""

    __tablename__ = "api_client"

    id: Mapped[uuid.UUID] = new_id()
    practice_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    sees: Mapped[ClientSees]
    secret_hash: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    last_used_on: Mapped[date | None]
    minute_began_at: Mapped[datetime | None]
    asked_this_minute: Mapped[int] = mapped_column(default=0)

    practice: Mapped[Organisation] = relationship()

    @property
    def about(self) -> str:
        """How audit speaks of it."""
        return f"client:{self.id}"


class WrongKey(Model):
    """A key that opened nothing, counted by address; the address is kept hashed."""

    __tablename__ = "wrong_key"
    __table_args__ = (Index("ix_wrong_key_who_at", "who", "at"),)

    id: Mapped[uuid.UUID] = new_id()
    who: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
