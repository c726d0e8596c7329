"""Directory: what lies on the editors' desk: reports, wishes, claims, and work done in bulk."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Model, new_id
from directory.models.listing import LONG, SHORT, Service, TaxonomyTerm
from directory.rules import Decision


class Batch(Model):
    """Several listings to be changed in one go: the plan, what came of it, and its undoing.

    `chosen` holds each listing's id and the version that was looked at; `before` what the listings'
    own steps cannot put back; `left` those that were left as they were, and why.
    """

    __tablename__ = "batch"

    id: Mapped[uuid.UUID] = new_id()
    what: Mapped[str] = mapped_column(String(60))
    said: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    chosen: Mapped[list[list[Any]]] = mapped_column(JSON, default=list)
    before: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    left: Mapped[list[list[str]]] = mapped_column(JSON, default=list)
    made_at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(80))
    by_name: Mapped[str] = mapped_column(String(120), default="")
    done_at: Mapped[datetime | None]
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


class Thanks(Model):
    """Somebody thanks a group, and need not say who they are.

    The words, if there are any, wait until an editor lets them through to the group; those that
    are not let through are not kept.
    """

    __tablename__ = "thanks"

    id: Mapped[uuid.UUID] = new_id()
    service_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("service.id"), index=True)
    words: Mapped[str] = mapped_column(LONG, default="")
    made_at: Mapped[datetime]
    decision: Mapped[Decision] = mapped_column(default=Decision.WAITING, index=True)
    decided_at: Mapped[datetime | None]
    decided_by_name: Mapped[str] = mapped_column(String(120), default="")

    service: Mapped[Service] = relationship()


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


class LikelyPair(Model):
    """Two listings that looked alike when they were last looked for, and how much so."""

    __tablename__ = "likely_pair"
    __table_args__ = (CheckConstraint("one_id < other_id", name="order"),)

    one_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("service.id"), primary_key=True)
    other_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("service.id"), primary_key=True)
    score: Mapped[float]
    looked_at: Mapped[datetime]


class NotTheSame(Model):
    """Two listings that look alike, and an editor has said that they are not the same."""

    __tablename__ = "not_the_same"
    __table_args__ = (CheckConstraint("one_id < other_id", name="order"),)

    one_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("service.id"), primary_key=True)
    other_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("service.id"), primary_key=True)
    at: Mapped[datetime]
    by_name: Mapped[str] = mapped_column(String(120), default="")


class MappedTerm(Model):
    """A category of somebody else's list, and one of our own words it stands for."""

    __tablename__ = "mapped_term"
    __table_args__ = (UniqueConstraint("foreign_id", "own_id"),)

    id: Mapped[uuid.UUID] = new_id()
    foreign_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("taxonomy_term.id"))
    own_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("taxonomy_term.id"))

    foreign: Mapped[TaxonomyTerm] = relationship(foreign_keys=foreign_id)
    own: Mapped[TaxonomyTerm] = relationship(foreign_keys=own_id)


class DeskNote(Model):
    """A line an editor left beside a listing for the next editor: rang, nobody there."""

    __tablename__ = "desk_note"

    id: Mapped[uuid.UUID] = new_id()
    service_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("service.id"), index=True)
    words: Mapped[str] = mapped_column(LONG)
    at: Mapped[datetime]
    by_name: Mapped[str] = mapped_column(String(120), default="")


class Sending(Model):
    """That somebody without an account sent something; `who` is a keyed hash, new every day."""

    __tablename__ = "sending"
    __table_args__ = (Index("ix_sending_who_at", "who", "at"),)

    id: Mapped[uuid.UUID] = new_id()
    who: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
