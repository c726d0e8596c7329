"""Directory: everything that can be said of a listing, as one value that compares and copies.

Fields are called as their columns, so a form, a feed and the demo say the same thing the same way.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal

from directory.rules import Access, Answer, Attending, Frequency, LocationType


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceFacts:
    """A place of a listing, and how to get there. Each listing has its own."""

    name: str = ""
    location_type: LocationType = LocationType.PHYSICAL
    address_1: str = ""
    address_2: str = ""
    city: str = ""
    county: str = ""
    postcode: str = ""
    latitude: float | None = None
    longitude: float | None = None
    bus: str = ""
    walk: str = ""
    park: str = ""
    lift: str = ""
    access: Mapping[Access, Answer] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleFacts:
    """When it happens. `byday` as "MO,WE" or "1SA,-1FR", `bymonthday` as "1,15"."""

    freq: Frequency | None = None
    interval: int = 1
    byday: str = ""
    bymonthday: str = ""
    dtstart: date | None = None
    until: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    opens_at: time | None = None
    closes_at: time | None = None
    term_time: bool = False
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CostFacts:
    """A price and what it is for; an amount of 0 is free, None is not known."""

    option: str = ""
    amount: Decimal | None = None
    currency: str = "GBP"
    amount_description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactFacts:
    """Somebody to ask for, who has agreed to be named in public."""

    name: str = ""
    title: str = ""
    email: str = ""
    best_time: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneFacts:
    """A number that may be printed."""

    number: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageFacts:
    """A language spoken there."""

    code: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingFacts:
    """A whole listing. `kinds`, the main one first, and `needs` are codes of our own words.

    `categories` are words of other people's lists, as (list, word).
    """

    name: str
    summary: str = ""
    description: str = ""
    url: str = ""
    email: str = ""
    eligibility_description: str = ""
    minimum_age: int | None = None
    maximum_age: int | None = None
    application_process: str = ""
    referral_needed: bool | None = None
    attending: Attending = Attending.VENUE
    before_you_come: str = ""
    when_you_arrive: str = ""
    afterwards: str = ""
    meets_at_door: bool | None = None
    places_free: int | None = None
    assured_on: date | None = None
    places: tuple[PlaceFacts, ...] = ()
    schedules: tuple[ScheduleFacts, ...] = ()
    cost_options: tuple[CostFacts, ...] = ()
    contacts: tuple[ContactFacts, ...] = ()
    phones: tuple[PhoneFacts, ...] = ()
    languages: tuple[LanguageFacts, ...] = ()
    kinds: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    categories: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where an imported listing comes from, and what it was when it came."""

    service_id: uuid.UUID
    source: str
    source_id: str
    source_hash: str
