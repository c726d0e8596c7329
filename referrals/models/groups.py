"""Referrals: the tables of groups that never log in: who came, where, and who said so."""

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts import Field
from core.db import Model, new_id
from core.sealing import SealedBy, sealed
from directory import Service
from referrals.models.way import Referral
from referrals.rules import Came


class Told(StrEnum):
    """Which way an attendance reached us."""

    LINK = "link"
    LETTER = "letter"
    TEXT = "text"
    EMAIL = "email"
    REGISTER = "register"
    DOOR = "door"
    LINK_WORKER = "link-worker"


class Attendance(Model):
    """Whether somebody came on one day. One row a day: a later word replaces an earlier one."""

    __tablename__ = "attendance"
    __table_args__ = (
        UniqueConstraint("referral_id", "on"),
        CheckConstraint("came <> 'planned' AND came <> 'called-off'", name="said"),
        Index("ix_attendance_service_on", "service_id", "on"),
    )

    id: Mapped[uuid.UUID] = new_id()
    version: Mapped[int] = mapped_column(default=1)
    service_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("service.id"))
    referral_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("referral.id"))
    on: Mapped[date]
    came: Mapped[Came]
    by: Mapped[str] = mapped_column(String(80))
    by_name: Mapped[str] = mapped_column(String(120))
    how: Mapped[Told]
    at: Mapped[datetime]

    referral: Mapped[Referral] = relationship()
    service: Mapped[Service] = relationship()

    __mapper_args__ = {"version_id_col": version}


class GroupDesk(Model):
    """What a group has said it can take, and the code at the head of its register.

    None: what its listing says counts; and where that says nothing, there is no limit.
    """

    __tablename__ = "group_desk"
    __table_args__ = (
        CheckConstraint("places IS NULL OR places BETWEEN 0 AND 500", name="places"),
        CheckConstraint("new_per_week IS NULL OR new_per_week BETWEEN 0 AND 100", name="new"),
        CheckConstraint("high_support IS NULL OR high_support BETWEEN 0 AND 100", name="support"),
    )

    id: Mapped[uuid.UUID] = new_id()
    version: Mapped[int] = mapped_column(default=1)
    service_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("service.id"), unique=True)
    code: Mapped[str] = mapped_column(String(4), unique=True)
    places: Mapped[int | None]
    new_per_week: Mapped[int | None]
    high_support: Mapped[int | None]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(String(80))
    changed_by_name: Mapped[str] = mapped_column(String(120))

    service: Mapped[Service] = relationship()

    __mapper_args__ = {"version_id_col": version}


class RestWeek(Model):
    """A week, by its Monday, in which a group takes nobody new."""

    __tablename__ = "rest_week"
    __table_args__ = (UniqueConstraint("service_id", "monday"),)

    id: Mapped[uuid.UUID] = new_id()
    service_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("service.id"))
    monday: Mapped[date]


class GroupPlace(Model):
    """One person's number and code at a group: what registers, letters and replies call them."""

    __tablename__ = "group_place"
    __table_args__ = (UniqueConstraint("organisation_id", "number"),)

    id: Mapped[uuid.UUID] = new_id()
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    referral_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("referral.id"), unique=True)
    number: Mapped[int]
    code: Mapped[str] = mapped_column(String(4), unique=True)
    high_support: Mapped[bool] = mapped_column(default=False)

    referral: Mapped[Referral] = relationship()


class GroupWeek(Model):
    """One letter to one address of a group about one week's sessions: "who came?"."""

    __tablename__ = "group_week"
    __table_args__ = (UniqueConstraint("organisation_id", "monday", "address"),)

    id: Mapped[uuid.UUID] = new_id()
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    monday: Mapped[date]
    address: Mapped[str] = mapped_column(String(254))
    asked_at: Mapped[datetime]

    @property
    def about(self) -> str:
        """How audit, letters and links speak of it."""
        return f"group-week:{self.id}"


class GroupNudge(Model):
    """What was done, and when, because a group had not answered for so many working days."""

    __tablename__ = "group_nudge"
    __table_args__ = (UniqueConstraint("referral_id", "waiting_since", "working_days"),)

    id: Mapped[uuid.UUID] = new_id()
    referral_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("referral.id"))
    waiting_since: Mapped[date]
    working_days: Mapped[int]
    at: Mapped[datetime]


class Inbound(StrEnum):
    """What became of a message that a group sent."""

    WAITING = "waiting"
    NOTED = "noted"
    FOR_A_PERSON = "for-a-person"
    READ = "read"


class InboundMessage(Model):
    """A text message or e-mail from a group. Its words are for link workers, and soon forgotten."""

    __tablename__ = "inbound_message"
    __sealed_by__ = SealedBy(purpose="inbound-message")
    __table_args__ = (Index("ix_inbound_message_state_received_at", "state", "received_at"),)

    id: Mapped[uuid.UUID] = new_id()
    message_id: Mapped[str] = mapped_column(String(120), unique=True)
    how: Mapped[Told]
    sender = sealed(Field.LOGISTICS)
    words = sealed(Field.NEEDS)
    state: Mapped[Inbound] = mapped_column(default=Inbound.WAITING)
    organisation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"))
    received_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    read_by_name: Mapped[str] = mapped_column(String(120), default="")
