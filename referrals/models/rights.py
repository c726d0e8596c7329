"""Referrals: the tables of people's rights: what was asked, decided, handed over, kept and let go.

None but the earlier facts has a foreign key to a person: what was done remains when a record is
gone.
"""

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts import Field, Organisation
from core.db import Model, new_id
from core.sealing import SealedBy, sealed, sealed_facts
from referrals.models.way import Person


class Right(StrEnum):
    """What somebody asks for."""

    SEE = "see"
    FORGET = "forget"


class Stage(StrEnum):
    """How far a request is."""

    ASKED = "asked"
    CHECKED = "checked"
    READY = "ready"
    DONE = "done"
    CLOSED = "closed"


class AskedHow(StrEnum):
    """How a request reached us."""

    OWN_PAGE = "own-page"
    PHONE = "phone"
    LETTER = "letter"
    EMAIL = "email"
    IN_PERSON = "in-person"


class RightsRequest(Model):
    """Somebody asks to see what is kept about them, or that it be forgotten."""

    __tablename__ = "rights_request"
    __sealed_by__ = SealedBy(purpose="rights")
    __table_args__ = (
        CheckConstraint(
            "stage NOT IN ('checked', 'ready') OR length(identity) > 0", name="identity"
        ),
        Index("ix_rights_request_team_stage", "team_id", "stage"),
    )

    id: Mapped[uuid.UUID] = new_id()
    version: Mapped[int] = mapped_column(default=1)
    right: Mapped[Right]
    about: Mapped[str] = mapped_column(String(80), index=True)
    ref: Mapped[str] = mapped_column(String(12))
    team_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    how: Mapped[AskedHow]
    asked_at: Mapped[datetime]
    due_on: Mapped[date]
    stage: Mapped[Stage] = mapped_column(default=Stage.ASKED)
    stage_at: Mapped[datetime]
    identity = sealed(Field.IDENTITY, default="")
    outcome = sealed(Field.IDENTITY, default="")
    by: Mapped[str] = mapped_column(String(80))
    by_name: Mapped[str] = mapped_column(String(120))

    team: Mapped[Organisation] = relationship()
    lines: Mapped[list["ReviewLine"]] = relationship(
        back_populates="request", order_by="ReviewLine.place"
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def person_id(self) -> uuid.UUID:
        """Whom it is about."""
        return uuid.UUID(self.about.removeprefix("person:"))


class Concern(StrEnum):
    """Why somebody has to look at a line before it is handed over."""

    RESTRICTED = "restricted"
    SOMEBODY_ELSE = "somebody-else"


class Handing(StrEnum):
    """What becomes of a line."""

    GIVE = "give"
    HOLD_HARM = "hold-harm"
    HOLD_OTHER = "hold-other"


class ReviewLine(Model):
    """One thing that is kept, by its place; what it says is not repeated here."""

    __tablename__ = "review_line"
    __table_args__ = (
        CheckConstraint("(verdict IS NULL) = (decided_at IS NULL)", name="decided"),
        CheckConstraint("verdict IS NULL OR verdict = 'give' OR length(reason) > 0", name="held"),
        Index("ix_review_line_request_place", "request_id", "place", unique=True),
    )
    __sealed_by__ = SealedBy(purpose="rights")

    id: Mapped[uuid.UUID] = new_id()
    request_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("rights_request.id"))
    place: Mapped[str] = mapped_column(String(160))
    concern: Mapped[Concern]
    verdict: Mapped[Handing | None]
    reason = sealed(Field.RESTRICTED, default="")
    decided_by_name: Mapped[str] = mapped_column(String(120), default="")
    decided_at: Mapped[datetime | None]

    request: Mapped[RightsRequest] = relationship(back_populates="lines")


class Pack(Model):
    """A sealed copy, ready to be fetched once; it is emptied then, or when its week is over."""

    __tablename__ = "pack"

    id: Mapped[uuid.UUID] = new_id()
    version: Mapped[int] = mapped_column(default=1)
    request_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("rights_request.id"), unique=True)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    pin_hash: Mapped[str] = mapped_column(String(200))
    wrong_tries: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime]
    fetched_at: Mapped[datetime | None]

    request: Mapped[RightsRequest] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @property
    def about(self) -> str:
        """How links and letters speak of it."""
        return f"pack:{self.id}"


class Earlier(Model):
    """What a fact was before it was put right, and who put it right. Never changed."""

    __tablename__ = "earlier"
    __table_args__ = (Index("ix_earlier_person_id_at", "person_id", "at"),)
    __sealed_by__ = SealedBy("person")

    id: Mapped[uuid.UUID] = new_id()
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    place: Mapped[str] = mapped_column(String(120))
    was = sealed_facts(Field.IDENTITY)
    why = sealed(Field.IDENTITY, default="")
    by: Mapped[str] = mapped_column(String(80))
    by_name: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]

    person: Mapped[Person] = relationship()


class LegalHold(Model):
    """While it stands, nothing about this person is let go, whatever the schedule says."""

    __tablename__ = "legal_hold"
    __sealed_by__ = SealedBy(purpose="rights")
    __table_args__ = (CheckConstraint("(ended_at IS NULL) = (ended_by = '')", name="ended"),)

    id: Mapped[uuid.UUID] = new_id()
    about: Mapped[str] = mapped_column(String(80), index=True)
    ref: Mapped[str] = mapped_column(String(12))
    team_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    why = sealed(Field.IDENTITY)
    by: Mapped[str] = mapped_column(String(80))
    by_name: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str] = mapped_column(String(80), default="")


class KeptOn(Model):
    """Somebody looked at a record whose time was over, and said why it is kept, and until when."""

    __tablename__ = "kept_on"
    __sealed_by__ = SealedBy(purpose="rights")

    id: Mapped[uuid.UUID] = new_id()
    about: Mapped[str] = mapped_column(String(80), index=True)
    until: Mapped[date]
    why = sealed(Field.IDENTITY)
    by: Mapped[str] = mapped_column(String(80))
    by_name: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]


class Disposal(Model):
    """What remains of a record that was let go: that there was one, and who decided why."""

    __tablename__ = "disposal"

    id: Mapped[uuid.UUID] = new_id()
    about: Mapped[str] = mapped_column(String(80), unique=True)
    refs: Mapped[str] = mapped_column(String(300))
    team_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    rule: Mapped[str] = mapped_column(String(60))
    first_on: Mapped[date]
    last_on: Mapped[date]
    why: Mapped[str] = mapped_column(String(300))
    by: Mapped[str] = mapped_column(String(80))
    by_name: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]
