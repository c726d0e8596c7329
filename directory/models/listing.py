"""Directory: what is on offer, in the words of HSDS 3 (Open Referral), and its search work."""

import uuid
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts import Organisation
from core.db import Model, new_id
from directory.identity import term_id
from directory.rules import Access, Answer, Attending, Frequency, Life, LocationType

if TYPE_CHECKING:
    from directory.models.keeping import Notice

SHORT, LONG, LINK = String(200), String(500), String(2000)


def _id_of_term(row: Any) -> uuid.UUID:
    """The same word has the same id on every site: feeds speak of it by this id."""
    said = row.get_current_parameters()
    return term_id(said["taxonomy"], said["code"])


class Service(Model):
    """An activity or a help on offer (HSDS service): what people see as a listing."""

    __tablename__ = "service"
    __table_args__ = (
        UniqueConstraint("source", "source_id"),
        CheckConstraint("(source = '') = (source_id IS NULL)", name="source_pair"),
        CheckConstraint("minimum_age IS NULL OR minimum_age BETWEEN 0 AND 130", name="min_age"),
        CheckConstraint("maximum_age IS NULL OR maximum_age BETWEEN 0 AND 130", name="max_age"),
    )

    id: Mapped[uuid.UUID] = new_id()
    version: Mapped[int] = mapped_column(default=1)
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    name: Mapped[str] = mapped_column(SHORT)
    summary: Mapped[str] = mapped_column(LONG, default="")
    description: Mapped[str] = mapped_column(Text, default="")
    url: Mapped[str] = mapped_column(LINK, default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    letters_to: Mapped[str] = mapped_column(String(254), default="")
    life: Mapped[Life] = mapped_column(default=Life.DRAFT, index=True)
    eligibility_description: Mapped[str] = mapped_column(Text, default="")
    minimum_age: Mapped[int | None]
    maximum_age: Mapped[int | None]
    application_process: Mapped[str] = mapped_column(Text, default="")
    referral_needed: Mapped[bool | None]
    attending: Mapped[Attending] = mapped_column(default=Attending.VENUE)
    before_you_come: Mapped[str] = mapped_column(Text, default="")
    when_you_arrive: Mapped[str] = mapped_column(Text, default="")
    afterwards: Mapped[str] = mapped_column(Text, default="")
    meets_at_door: Mapped[bool | None]
    places_free: Mapped[int | None]
    new_people_per_week: Mapped[int | None]
    assured_on: Mapped[date | None]
    source: Mapped[str] = mapped_column(String(120), default="")
    source_id: Mapped[str | None] = mapped_column(SHORT)
    source_hash: Mapped[str] = mapped_column(String(64), default="")
    arriving_with: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("import_run.id"), index=True)
    created_at: Mapped[datetime]
    last_modified: Mapped[datetime]

    organisation: Mapped[Organisation] = relationship()
    places: Mapped[list["ServiceAtLocation"]] = relationship(
        back_populates="service",
        cascade="all, delete-orphan",
        order_by="ServiceAtLocation.position",
    )
    schedules: Mapped[list["Schedule"]] = relationship(
        back_populates="service", cascade="all, delete-orphan", order_by="Schedule.position"
    )
    cost_options: Mapped[list["CostOption"]] = relationship(
        back_populates="service", cascade="all, delete-orphan", order_by="CostOption.position"
    )
    contacts: Mapped[list["Contact"]] = relationship(
        back_populates="service", cascade="all, delete-orphan"
    )
    phones: Mapped[list["Phone"]] = relationship(
        back_populates="service", cascade="all, delete-orphan", order_by="Phone.position"
    )
    languages: Mapped[list["Language"]] = relationship(
        back_populates="service", cascade="all, delete-orphan", order_by="Language.code"
    )
    attributes: Mapped[list["Attribute"]] = relationship(
        back_populates="service", cascade="all, delete-orphan", order_by="Attribute.position"
    )
    notices: Mapped[list["Notice"]] = relationship(
        back_populates="service",
        cascade="all, delete-orphan",
        order_by="Notice.first_on",
        primaryjoin="and_(Notice.service_id == Service.id, Notice.taken_down_at.is_(None))",
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def location(self) -> "Location | None":
        """Where it is held; the first place, for the many that have one."""
        return self.places[0].location if self.places else None


class Location(Model):
    """A place where things happen, with its address (HSDS location and address in one row)."""

    __tablename__ = "location"
    __table_args__ = (
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude"),
        CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="point"),
    )

    id: Mapped[uuid.UUID] = new_id()
    name: Mapped[str] = mapped_column(SHORT, default="")
    location_type: Mapped[LocationType] = mapped_column(default=LocationType.PHYSICAL)
    address_1: Mapped[str] = mapped_column(SHORT, default="")
    address_2: Mapped[str] = mapped_column(SHORT, default="")
    city: Mapped[str] = mapped_column(SHORT, default="")
    county: Mapped[str] = mapped_column(SHORT, default="")
    postcode: Mapped[str] = mapped_column(String(10), default="")
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    bus: Mapped[str] = mapped_column(LONG, default="")
    walk: Mapped[str] = mapped_column(LONG, default="")
    park: Mapped[str] = mapped_column(LONG, default="")
    lift: Mapped[str] = mapped_column(LONG, default="")

    accessibility: Mapped[list["Accessibility"]] = relationship(
        back_populates="location", cascade="all, delete-orphan"
    )


class ServiceAtLocation(Model):
    """A service held at a place (HSDS service_at_location)."""

    __tablename__ = "service_at_location"
    __table_args__ = (UniqueConstraint("service_id", "location_id"),)

    id: Mapped[uuid.UUID] = new_id()
    service_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("service.id"))
    location_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("location.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)

    service: Mapped[Service] = relationship(back_populates="places")
    location: Mapped[Location] = relationship()


class Schedule(Model):
    """When it happens, in local time (HSDS schedule, after RFC 5545)."""

    __tablename__ = "schedule"

    id: Mapped[uuid.UUID] = new_id()
    service_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("service.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    freq: Mapped[Frequency | None]
    interval: Mapped[int] = mapped_column(default=1)
    byday: Mapped[str] = mapped_column(String(60), default="")
    bymonthday: Mapped[str] = mapped_column(String(60), default="")
    dtstart: Mapped[date | None]
    until: Mapped[date | None]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    opens_at: Mapped[time | None]
    closes_at: Mapped[time | None]
    term_time: Mapped[bool] = mapped_column(default=False)
    description: Mapped[str] = mapped_column(Text, default="")

    service: Mapped[Service] = relationship(back_populates="schedules")


class CostOption(Model):
    """A price and what it is for (HSDS cost_option). Free is an amount of 0, not a missing row."""

    __tablename__ = "cost_option"

    id: Mapped[uuid.UUID] = new_id()
    service_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("service.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    option: Mapped[str] = mapped_column(LONG, default="")
    amount: Mapped[Decimal | None]
    currency: Mapped[str] = mapped_column(String(3), default="GBP")
    amount_description: Mapped[str] = mapped_column(LONG, default="")

    service: Mapped[Service] = relationship(back_populates="cost_options")


class Accessibility(Model):
    """One access question and its answer for a place: yes, no, or not known."""

    __tablename__ = "accessibility"
    __table_args__ = (UniqueConstraint("location_id", "feature"),)

    id: Mapped[uuid.UUID] = new_id()
    location_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("location.id"))
    feature: Mapped[Access]
    answer: Mapped[Answer] = mapped_column(default=Answer.UNKNOWN)
    details: Mapped[str] = mapped_column(LONG, default="")

    location: Mapped[Location] = relationship(back_populates="accessibility")


class Contact(Model):
    """Somebody to ask for, who has agreed to be named in public (HSDS contact)."""

    __tablename__ = "contact"

    id: Mapped[uuid.UUID] = new_id()
    service_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("service.id"), index=True)
    name: Mapped[str] = mapped_column(String(120), default="")
    title: Mapped[str] = mapped_column(String(120), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    best_time: Mapped[str] = mapped_column(SHORT, default="")

    service: Mapped[Service] = relationship(back_populates="contacts")


class Phone(Model):
    """A number that may be printed (HSDS phone)."""

    __tablename__ = "phone"

    id: Mapped[uuid.UUID] = new_id()
    service_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("service.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    number: Mapped[str] = mapped_column(String(60))
    description: Mapped[str] = mapped_column(SHORT, default="")

    service: Mapped[Service] = relationship(back_populates="phones")


class Language(Model):
    """A language spoken there (HSDS language; ISO 639)."""

    __tablename__ = "language"
    __table_args__ = (UniqueConstraint("service_id", "code"),)

    id: Mapped[uuid.UUID] = new_id()
    service_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("service.id"))
    code: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(60))

    service: Mapped[Service] = relationship(back_populates="languages")


class TaxonomyTerm(Model):
    """A word of a vocabulary: our kinds and needs, or a category an import brought."""

    __tablename__ = "taxonomy_term"
    __table_args__ = (UniqueConstraint("taxonomy", "code"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=_id_of_term, sort_order=-1)
    taxonomy: Mapped[str] = mapped_column(String(120))
    code: Mapped[str] = mapped_column(SHORT)
    name: Mapped[str] = mapped_column(SHORT)
    description: Mapped[str] = mapped_column(LONG, default="")
    term_uri: Mapped[str] = mapped_column(LINK, default="")
    parent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("taxonomy_term.id"))


class Attribute(Model):
    """A term that describes a service (HSDS attribute)."""

    __tablename__ = "attribute"
    __table_args__ = (UniqueConstraint("service_id", "taxonomy_term_id"),)

    id: Mapped[uuid.UUID] = new_id()
    service_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("service.id"))
    taxonomy_term_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("taxonomy_term.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)

    service: Mapped[Service] = relationship(back_populates="attributes")
    term: Mapped[TaxonomyTerm] = relationship()


class ListingStep(Model):
    """What was done with a listing, by whom and when: its history, shown on screen."""

    __tablename__ = "listing_step"

    id: Mapped[uuid.UUID] = new_id()
    service_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("service.id"), index=True)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(80))
    by_name: Mapped[str] = mapped_column(String(120), default="")
    what: Mapped[str] = mapped_column(String(60))
    was: Mapped[Life | None]
    now: Mapped[Life]
    said_before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    said_after: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    batch_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("batch.id"), index=True)

    service: Mapped[Service] = relationship()


class SearchJob(Model):
    """A listing whose index entry must be made anew; written with the change, in one commit."""

    __tablename__ = "search_job"

    id: Mapped[uuid.UUID] = new_id()
    service_id: Mapped[uuid.UUID] = mapped_column(index=True)
    at: Mapped[datetime]
