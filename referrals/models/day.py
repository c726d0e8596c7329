"""Referrals: the tables of a link worker's day: tasks, times, cover, and what was changed."""

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts import Field, User
from core.db import Model, new_id
from core.sealing import SealedBy, sealed
from referrals.models.way import Referral, Step


class TaskKind(StrEnum):
    """What sort of thing is to be done."""

    DO = "do"
    CALL = "call"
    WRITE = "write"
    CHECK_IN = "check-in"
    GROUP = "group"
    HELP = "help"
    RISKS = "risks"


class Task(Model):
    """Something to be done for one person by a day. It is on the list of whoever looks after them.

    Ending a referral does not touch its tasks: a check-in comes months later, and every other kind
    is simply not asked for any more.
    """

    __tablename__ = "task"
    __sealed_by__ = SealedBy("referral", "person")
    __table_args__ = (
        CheckConstraint("(done_at IS NULL) = (done_by = '')", name="done"),
        Index("ix_task_referral_done", "referral_id", "done_at"),
        Index("ix_task_due_on", "due_on"),
    )

    id: Mapped[uuid.UUID] = new_id()
    version: Mapped[int] = mapped_column(default=1)
    referral_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("referral.id"))
    kind: Mapped[TaskKind]
    words = sealed(Field.NEEDS)
    due_on: Mapped[date]
    by: Mapped[str] = mapped_column(String(80))
    by_name: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]
    done_by: Mapped[str] = mapped_column(String(80), default="")
    done_by_name: Mapped[str] = mapped_column(String(120), default="")
    done_at: Mapped[datetime | None]

    referral: Mapped[Referral] = relationship()

    __mapper_args__ = {"version_id_col": version}


class Appointment(Model):
    """A time at which a link worker sees or rings somebody. `place_shown`: in the calendar too."""

    __tablename__ = "appointment"
    __sealed_by__ = SealedBy("referral", "person")
    __table_args__ = (Index("ix_appointment_starts_at", "starts_at"),)

    id: Mapped[uuid.UUID] = new_id()
    version: Mapped[int] = mapped_column(default=1)
    referral_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("referral.id"), index=True)
    starts_at: Mapped[datetime]
    minutes: Mapped[int] = mapped_column(default=30)
    place = sealed(Field.NEEDS, default="")
    place_shown: Mapped[bool] = mapped_column(default=False)
    by: Mapped[str] = mapped_column(String(80))
    by_name: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]
    called_off_at: Mapped[datetime | None]

    referral: Mapped[Referral] = relationship()

    __mapper_args__ = {"version_id_col": version}


class OwnerChange(Model):
    """Who looked after somebody before, who does now, and who decided it. Never changed."""

    __tablename__ = "owner_change"

    id: Mapped[uuid.UUID] = new_id()
    referral_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("referral.id"), index=True)
    was_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    now_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    by: Mapped[str] = mapped_column(String(80))
    by_name: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]

    referral: Mapped[Referral] = relationship(back_populates="owner_changes")
    now: Mapped[User | None] = relationship(foreign_keys=[now_id])


class Cover(Model):
    """One link worker looks after another's people for some days, both days included."""

    __tablename__ = "cover"
    __table_args__ = (
        CheckConstraint("until_on >= from_on", name="days"),
        CheckConstraint("away_id <> covering_id", name="two_people"),
    )

    id: Mapped[uuid.UUID] = new_id()
    away_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"), index=True)
    covering_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"), index=True)
    from_on: Mapped[date]
    until_on: Mapped[date]
    by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    away: Mapped[User] = relationship(foreign_keys=[away_id])
    covering: Mapped[User] = relationship(foreign_keys=[covering_id])


class ToDiscuss(Model):
    """Somebody a link worker wants to talk over with the team's lead, and that they have."""

    __tablename__ = "to_discuss"
    __sealed_by__ = SealedBy("referral", "person")
    __table_args__ = (CheckConstraint("(talked_at IS NULL) = (talked_by = '')", name="talked"),)

    id: Mapped[uuid.UUID] = new_id()
    version: Mapped[int] = mapped_column(default=1)
    referral_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("referral.id"), index=True)
    why = sealed(Field.NEEDS)
    by: Mapped[str] = mapped_column(String(80))
    by_name: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]
    talked_by: Mapped[str] = mapped_column(String(80), default="")
    talked_at: Mapped[datetime | None]

    referral: Mapped[Referral] = relationship()

    __mapper_args__ = {"version_id_col": version}


class HowItStood(Model):
    """What a step changed besides the status, so that it can be taken back for a short while."""

    __tablename__ = "how_it_stood"

    id: Mapped[uuid.UUID] = new_id()
    step_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("step.id"), unique=True)
    before: Mapped[dict[str, Any]] = mapped_column(JSON)

    step: Mapped[Step] = relationship()


class ManyKind(StrEnum):
    """What can be changed for many people at once."""

    NEXT_CONTACT = "next-contact"
    HAND_OVER = "hand-over"
    ADD_TASK = "add-task"


class ManyChanged(Model):
    """One change for many people: what it was, and how each stood before it."""

    __tablename__ = "many_changed"

    id: Mapped[uuid.UUID] = new_id()
    version: Mapped[int] = mapped_column(default=1)
    kind: Mapped[ManyKind]
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[str] = mapped_column(String(80))
    by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]
    undone_at: Mapped[datetime | None]

    __mapper_args__ = {"version_id_col": version}
