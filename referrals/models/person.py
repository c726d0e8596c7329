"""Referrals: the tables of people who ask for themselves: areas, answers kept, safety, a page."""

import uuid
from datetime import datetime, time
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts import Field, Organisation
from core.db import Model, new_id
from core.sealing import SealedBy, sealed, sealed_facts
from referrals.models.way import Person, Referral


class ToldBy(StrEnum):
    """How somebody is told that there is news."""

    TEXT = "text"
    EMAIL = "email"
    NOTHING = "nothing"


class TeamArea(Model):
    """Postcodes that begin like this are looked after by this team; the longest beginning wins."""

    __tablename__ = "team_area"

    id: Mapped[uuid.UUID] = new_id()
    team_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    begins: Mapped[str] = mapped_column(String(8), unique=True)

    team: Mapped[Organisation] = relationship()


class Asking(Model):
    """What somebody without an account has answered so far; a cookie of theirs holds its key.

    It is forgotten after a short time, and its answers at once when they are sent.
    """

    __tablename__ = "asking"
    __sealed_by__ = SealedBy(purpose="asking")

    id: Mapped[uuid.UUID] = new_id()
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    said = sealed_facts(Field.NEEDS)
    changed_at: Mapped[datetime] = mapped_column(index=True)
    referral_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("referral.id"))

    referral: Mapped[Referral | None] = relationship()


class AskedFor(Model):
    """Who asked for somebody else, and what they are to them."""

    __tablename__ = "asked_for"
    __sealed_by__ = SealedBy("referral", "person")

    id: Mapped[uuid.UUID] = new_id()
    referral_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("referral.id"), unique=True)
    name = sealed(Field.IDENTITY)
    is_their = sealed(Field.IDENTITY)
    phone = sealed(Field.IDENTITY, default="")

    referral: Mapped[Referral] = relationship(back_populates="asked_for")


class Telling(Model):
    """How somebody is told of news, and how it is safe to ring or write (F2, never to groups)."""

    __tablename__ = "telling"
    __sealed_by__ = SealedBy("person")

    id: Mapped[uuid.UUID] = new_id()
    version: Mapped[int] = mapped_column(default=1)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), unique=True)
    told_by: Mapped[ToldBy]
    voicemail: Mapped[bool] = mapped_column(default=True)
    post: Mapped[bool] = mapped_column(default=True)
    questions: Mapped[bool] = mapped_column(default=True)
    counted: Mapped[bool] = mapped_column(default=True)
    not_before: Mapped[time]
    code_word = sealed(Field.MINIMUM, default="")
    by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]

    person: Mapped[Person] = relationship(back_populates="telling")

    __mapper_args__ = {"version_id_col": version}


class PrivatePage(Model):
    """The page on which somebody reads and changes what is kept about them: a link, and a PIN."""

    __tablename__ = "private_page"
    __table_args__ = (CheckConstraint("wrong_tries >= 0", name="wrong_tries"),)

    id: Mapped[uuid.UUID] = new_id()
    version: Mapped[int] = mapped_column(default=1)
    referral_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("referral.id"), unique=True)
    pin_hash: Mapped[str] = mapped_column(String(200), default="")
    wrong_tries: Mapped[int] = mapped_column(default=0)
    shut_until: Mapped[datetime | None]
    made_at: Mapped[datetime]

    referral: Mapped[Referral] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @property
    def about(self) -> str:
        """How links and letters speak of it."""
        return f"private:{self.id}"


class Correction(Model):
    """What somebody says is wrong, or missing, in what is kept about them (F4)."""

    __tablename__ = "correction"
    __sealed_by__ = SealedBy("referral", "person")
    __table_args__ = (CheckConstraint("length(words) > 0", name="words"),)

    id: Mapped[uuid.UUID] = new_id()
    referral_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("referral.id"), index=True)
    words = sealed(Field.NEEDS)
    at: Mapped[datetime]

    referral: Mapped[Referral] = relationship()
