"""Accounts: who signs in, the organisations they act for, and the row behind every session."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.rules import OrganisationKind, Role
from core.db import Model, new_id


class Organisation(Model):
    """A party: a practice, a link-worker team, a community group (HSDS organization), a funder."""

    __tablename__ = "organisation"
    __table_args__ = (
        UniqueConstraint("source", "source_id"),
        CheckConstraint("(source = '') = (source_id IS NULL)", name="source_pair"),
    )

    id: Mapped[uuid.UUID] = new_id()
    version: Mapped[int] = mapped_column(default=1)
    kind: Mapped[OrganisationKind]
    name: Mapped[str] = mapped_column(String(200), index=True)
    description: Mapped[str] = mapped_column(Text, default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    website: Mapped[str] = mapped_column(String(500), default="")
    address: Mapped[str] = mapped_column(String(300), default="")
    postcode: Mapped[str] = mapped_column(String(8), default="")
    ods_code: Mapped[str | None] = mapped_column(String(12), unique=True)
    source: Mapped[str] = mapped_column(String(120), default="")
    source_id: Mapped[str | None] = mapped_column(String(200))
    link_worker_team_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"))
    created_at: Mapped[datetime]

    link_worker_team: Mapped["Organisation | None"] = relationship(remote_side="Organisation.id")

    __mapper_args__ = {"version_id_col": version}


class User(Model):
    """Somebody who signs in. (A *person* is whom a referral is about.)"""

    __tablename__ = "user"

    id: Mapped[uuid.UUID] = new_id()
    version: Mapped[int] = mapped_column(default=1)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    job: Mapped[str] = mapped_column(String(120), default="")
    password_hash: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]

    memberships: Mapped[list["Membership"]] = relationship(back_populates="user")

    __mapper_args__ = {"version_id_col": version}


class Membership(Model):
    """A role somebody holds in an organisation."""

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("user_id", "organisation_id", "role"),)

    id: Mapped[uuid.UUID] = new_id()
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    role: Mapped[Role]
    since: Mapped[datetime]

    user: Mapped[User] = relationship(back_populates="memberships")
    organisation: Mapped[Organisation] = relationship()


class SignIn(Model):
    """One signed-in browser. The cookie holds a random token, this row only its hash."""

    __tablename__ = "sign_in"

    id: Mapped[uuid.UUID] = new_id()
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"), index=True)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    device: Mapped[str] = mapped_column(String(120), default="")

    user: Mapped[User] = relationship()


class WrongTry(Model):
    """A failed sign-in, counted by account and by address; both are kept hashed."""

    __tablename__ = "wrong_try"
    __table_args__ = (Index("ix_wrong_try_who_at", "who", "at"),)

    id: Mapped[uuid.UUID] = new_id()
    who: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
