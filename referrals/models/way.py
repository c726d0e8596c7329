"""Referrals: the tables of one person's way: who, what was asked, each step, what came of it."""

import uuid
from datetime import date, datetime, time
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts import Field, Organisation, User
from core.db import Model, new_id
from core.sealing import SealedBy, sealed, sealed_day, sealed_or_none
from directory import Service
from referrals.rules import (
    Action,
    Basis,
    Came,
    ContactHow,
    ContactRoute,
    Status,
)

if TYPE_CHECKING:
    from referrals.models.day import OwnerChange
    from referrals.models.measuring import Measure
    from referrals.models.person import AskedFor, Telling
    from referrals.models.sending import AddedNote
    from referrals.models.visiting import Pledge


class AskedBy(StrEnum):
    """Who asked for a referral (FHIR ServiceRequest.requester)."""

    PROFESSIONAL = "professional"
    PERSON = "person"
    FRIEND = "friend"


class Person(Model):
    """Whom referrals are about. (PRSB: person demographics.) They need no account.

    Each practice keeps its own record of somebody: none learns from ours that another knows them.
    """

    __tablename__ = "person"
    __table_args__ = (UniqueConstraint("practice_id", "nhs_number_index"),)
    __sealed_by__ = SealedBy()
    __blind__: ClassVar = {
        "nhs_number_index": ("nhs_number",),
        "name_index": ("name", "born_on"),
    }

    id: Mapped[uuid.UUID] = new_id()
    version: Mapped[int] = mapped_column(default=1)
    name = sealed(Field.IDENTITY)
    preferred_name = sealed(Field.MINIMUM, default="")
    born_on = sealed_day(Field.IDENTITY)
    nhs_number = sealed_or_none(Field.IDENTITY)
    nhs_number_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    name_index: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)
    phone = sealed(Field.IDENTITY, default="")
    email = sealed(Field.IDENTITY, default="")
    address = sealed(Field.IDENTITY, default="")
    postcode = sealed(Field.IDENTITY, default="")
    contact_route: Mapped[ContactRoute] = mapped_column(default=ContactRoute.PHONE)
    contact_note = sealed(Field.MINIMUM, default="")
    communication_needs = sealed(Field.MINIMUM, default="")
    practice_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    created_at: Mapped[datetime]

    practice: Mapped[Organisation] = relationship()
    telling: Mapped["Telling | None"] = relationship(back_populates="person")

    __mapper_args__ = {"version_id_col": version}

    @property
    def about(self) -> str:
        """How audit and letters speak of them."""
        return f"person:{self.id}"

    @property
    def called(self) -> str:
        """What to call them."""
        return self.preferred_name or self.name.split()[0]


class Referral(Model):
    """One request on a person's behalf (FHIR ServiceRequest with its Task).

    Without a parent it goes from a practice to a link-worker team; with one, from the link worker
    on to a group (ServiceRequest.basedOn, Task.partOf).
    """

    __tablename__ = "referral"
    __sealed_by__ = SealedBy("person")
    __table_args__ = (
        Index("ix_referral_to_status", "to_organisation_id", "status"),
        CheckConstraint("(parent_id IS NULL) OR (service_id IS NOT NULL)", name="onward_service"),
        CheckConstraint(
            "(asked_by = 'professional') = (referrer_id IS NOT NULL)", name="professional"
        ),
    )

    id: Mapped[uuid.UUID] = new_id()
    version: Mapped[int] = mapped_column(default=1)
    ref: Mapped[str] = mapped_column(String(12), unique=True)
    parent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("referral.id"), index=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    asked_by: Mapped[AskedBy] = mapped_column(default=AskedBy.PROFESSIONAL)
    referrer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"), index=True)
    from_organisation_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("organisation.id"), index=True
    )
    to_organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    service_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("service.id"), index=True)
    owner_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"), index=True)
    status: Mapped[Status] = mapped_column(default=Status.DRAFT)
    reasons: Mapped[list[str]] = mapped_column(JSON, default=list)
    note = sealed(Field.NEEDS, default="")
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    next_contact_on: Mapped[date | None]
    erased_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()
    parent: Mapped["Referral | None"] = relationship(
        remote_side="Referral.id", back_populates="onward"
    )
    onward: Mapped[list["Referral"]] = relationship(
        back_populates="parent", order_by="Referral.created_at"
    )
    referrer: Mapped[User | None] = relationship(foreign_keys=[referrer_id])
    owner: Mapped[User | None] = relationship(foreign_keys=[owner_id])
    from_organisation: Mapped[Organisation] = relationship(foreign_keys=[from_organisation_id])
    to_organisation: Mapped[Organisation] = relationship(foreign_keys=[to_organisation_id])
    service: Mapped[Service | None] = relationship()
    steps: Mapped[list["Step"]] = relationship(back_populates="referral", order_by="Step.number")
    consents: Mapped[list["Consent"]] = relationship(
        back_populates="referral", order_by="Consent.at"
    )
    contacts: Mapped[list["ContactMade"]] = relationship(
        back_populates="referral", order_by="ContactMade.at"
    )
    visits: Mapped[list["FirstVisit"]] = relationship(
        back_populates="referral", order_by="FirstVisit.made_at"
    )
    measures: Mapped[list["Measure"]] = relationship(
        back_populates="referral", order_by="Measure.taken_on"
    )

    owner_changes: Mapped[list["OwnerChange"]] = relationship(
        back_populates="referral", order_by="OwnerChange.at"
    )
    added_notes: Mapped[list["AddedNote"]] = relationship(
        back_populates="referral", order_by="AddedNote.at"
    )
    asked_for: Mapped["AskedFor | None"] = relationship(back_populates="referral")

    __mapper_args__ = {"version_id_col": version}

    @property
    def is_onward(self) -> bool:
        """Whether it is a link worker's referral on to a group."""
        return self.parent_id is not None

    @property
    def is_own(self) -> bool:
        """Whether no professional sent it: the person asked, or somebody close to them did."""
        return self.asked_by is not AskedBy.PROFESSIONAL

    @property
    def about(self) -> str:
        """How audit, letters and links speak of it."""
        return f"referral:{self.id}"


class Step(Model):
    """What happened to a referral, by whom, and when. Never changed; shown on screen."""

    __tablename__ = "step"
    __sealed_by__ = SealedBy("referral", "person")
    __table_args__ = (UniqueConstraint("referral_id", "number"),)

    id: Mapped[uuid.UUID] = new_id()
    referral_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("referral.id"))
    number: Mapped[int]
    action: Mapped[Action]
    undoes_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("step.id"), unique=True)
    was: Mapped[Status]
    now: Mapped[Status]
    by: Mapped[str] = mapped_column(String(80))
    by_name: Mapped[str] = mapped_column(String(120))
    note = sealed(Field.NEEDS, default="")
    at: Mapped[datetime]

    referral: Mapped[Referral] = relationship(back_populates="steps")


class Consent(Model):
    """What somebody agreed to share, with whom, in which words, and who wrote it down.

    `or_another`: if the group says no, another like it may be asked without asking them again.
    """

    __tablename__ = "consent"
    __sealed_by__ = SealedBy("referral", "person")
    __table_args__ = (
        CheckConstraint("basis = 'agreed' OR length(why) > 0", name="best_interests_reason"),
    )

    id: Mapped[uuid.UUID] = new_id()
    referral_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("referral.id"), index=True)
    basis: Mapped[Basis]
    wording: Mapped[str] = mapped_column(String(300))
    why = sealed(Field.NEEDS, default="")
    or_another: Mapped[bool] = mapped_column(default=False)
    by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]

    referral: Mapped[Referral] = relationship(back_populates="consents")


class ContactMade(Model):
    """A contact, or a try at one (PRSB: contacts with professionals)."""

    __tablename__ = "contact_made"
    __sealed_by__ = SealedBy("referral", "person")

    id: Mapped[uuid.UUID] = new_id()
    referral_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("referral.id"), index=True)
    how: Mapped[ContactHow]
    minutes: Mapped[int] = mapped_column(default=0)
    note = sealed(Field.NEEDS, default="")
    by: Mapped[str] = mapped_column(String(80))
    by_name: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime]

    referral: Mapped[Referral] = relationship(back_populates="contacts")

    @property
    def reached(self) -> bool:
        """Whether the person was spoken to, or seen."""
        return self.how in {ContactHow.PHONE, ContactHow.VISIT}


class FirstVisit(Model):
    """The plan for one visit to one session, and what became of it.

    `worry` is for the link worker alone; the group never reads it.
    """

    __tablename__ = "first_visit"
    __sealed_by__ = SealedBy("referral", "person")
    __table_args__ = (
        CheckConstraint("(came = 'planned') = (answered_at IS NULL)", name="answered"),
    )

    id: Mapped[uuid.UUID] = new_id()
    version: Mapped[int] = mapped_column(default=1)
    referral_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("referral.id"), index=True)
    session_on: Mapped[date]
    starts_at: Mapped[time | None]
    getting_there = sealed(Field.NEEDS, default="")
    going_with = sealed(Field.NEEDS, default="")
    worry = sealed(Field.NEEDS, default="")
    met_by = sealed(Field.NEEDS, default="")
    cost = sealed(Field.NEEDS, default="")
    bring = sealed(Field.NEEDS, default="")
    came: Mapped[Came] = mapped_column(default=Came.PLANNED)
    answered_by: Mapped[str] = mapped_column(String(80), default="")
    answered_by_name: Mapped[str] = mapped_column(String(120), default="")
    answered_at: Mapped[datetime | None]
    made_at: Mapped[datetime]

    referral: Mapped[Referral] = relationship(back_populates="visits")
    pledge: Mapped["Pledge | None"] = relationship(back_populates="visit")

    __mapper_args__ = {"version_id_col": version}

    @property
    def about(self) -> str:
        """How letters speak of it."""
        return f"visit:{self.id}"
