"""Referrals: the tables of measures: what was answered, how, and who was asked to answer alone."""

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Model, new_id
from referrals.models.way import Referral
from referrals.rules import Point


class FilledIn(StrEnum):
    """How answers were given. Somebody who asks and waits gets kinder answers than paper does."""

    TOGETHER = "together"
    OWN_PHONE = "own-phone"
    PAPER = "paper"


class Measure(Model):
    """Answers to a published set of questions at one point of a person's way.

    A question that was not answered is not among the answers.
    """

    __tablename__ = "measure"
    __table_args__ = (UniqueConstraint("referral_id", "instrument", "point"),)

    id: Mapped[uuid.UUID] = new_id()
    referral_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("referral.id"))
    instrument: Mapped[str] = mapped_column(String(30), default="ons4")
    point: Mapped[Point]
    answers: Mapped[dict[str, Any]] = mapped_column(JSON)
    filled_in: Mapped[FilledIn] = mapped_column(default=FilledIn.TOGETHER)
    taken_on: Mapped[date]
    by: Mapped[str] = mapped_column(String(80))

    referral: Mapped[Referral] = relationship(back_populates="measures")


class MeasureAsked(Model):
    """Somebody was sent a link to answer by themselves, on their own phone."""

    __tablename__ = "measure_asked"

    id: Mapped[uuid.UUID] = new_id()
    referral_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("referral.id"), index=True)
    instrument: Mapped[str] = mapped_column(String(30))
    point: Mapped[Point]
    by: Mapped[str] = mapped_column(String(80))
    by_name: Mapped[str] = mapped_column(String(120))
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]

    referral: Mapped[Referral] = relationship()

    @property
    def about(self) -> str:
        """How its link speaks of it."""
        return f"measure-asked:{self.id}"
