"""Directory: what a feed offers us, in one shape for every format, and what was wrong with it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from directory.rules import Access, Answer, Aspect, Attending, Frequency, How, LocationType

Words = tuple[tuple[str, str], ...]


class Unreadable(Exception):
    """The file as a whole cannot be read; the message says why in plain words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong at one place: fatal if the record there had to be left out."""

    place: str
    field: str | None
    reason: str
    fatal: bool = True

    def __str__(self) -> str:
        where = f"{self.place}, {self.field}" if self.field else self.place
        return f"{where}: {self.reason}"


@dataclass(frozen=True, slots=True)
class OrganisationProposal:
    """Who offers the service; the description is safe HTML."""

    source_id: str
    name: str
    description: str = ""
    url: str | None = None
    email: str | None = None
    phone: str = ""


@dataclass(frozen=True, slots=True)
class LocationProposal:
    """A place; the postcode may be an outcode alone, and a missing id is the reader's own."""

    source_id: str
    name: str = ""
    address_1: str = ""
    address_2: str = ""
    city: str = ""
    county: str = ""
    postcode: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    location_type: LocationType = LocationType.PHYSICAL
    accessibility: tuple[str, ...] = ()
    bus: str = ""
    details: Words = ()
    access: tuple[tuple[Access, Answer], ...] = ()


@dataclass(frozen=True, slots=True)
class ScheduleProposal:
    """When it happens; days are written as in iCalendar ("MO", or "1MO" for the first)."""

    byday: tuple[str, ...] = ()
    freq: Frequency | None = None
    interval: int = 1
    bymonthday: tuple[int, ...] = ()
    opens_at: time | None = None
    closes_at: time | None = None
    dtstart: date | None = None
    until: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    description: str = ""
    term_time: bool = False


@dataclass(frozen=True, slots=True)
class CostProposal:
    """What it costs: a sum, words about it, or both. Free is a sum of nought."""

    option: str = ""
    amount: Decimal | None = None
    currency: str = "GBP"
    amount_description: str = ""


@dataclass(frozen=True, slots=True)
class PhoneProposal:
    """A telephone number as people write it."""

    number: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class ContactProposal:
    """Somebody to ask for."""

    name: str = ""
    title: str = ""
    email: str | None = None
    best_time: str = ""


@dataclass(frozen=True, slots=True)
class LanguageProposal:
    """A language the service is given in."""

    name: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class CategoryProposal:
    """A term the publisher filed the service under, and the list the term is from."""

    name: str
    source_id: str = ""
    taxonomy: str = ""


@dataclass(frozen=True, slots=True)
class OwnWords:
    """What a site like ours says of a service beyond what the standard has fields for.

    `details` are by the names of our columns, `categories` by (list, word).
    """

    details: Words = ()
    kinds: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    categories: Words = ()
    confirmed: tuple[tuple[Aspect, How, date], ...] = ()
    capacities: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """One service as its publisher describes it; the description is safe HTML.

    The status is a key of `LIFE_OF_STATUS`.
    """

    source_id: str
    name: str
    description: str = ""
    summary: str = ""
    url: str | None = None
    email: str | None = None
    status: str = "active"
    minimum_age: int | None = None
    maximum_age: int | None = None
    eligibility: str = ""
    attending: Attending | None = None
    application_process: str = ""
    organisation: OrganisationProposal | None = None
    locations: tuple[LocationProposal, ...] = ()
    schedules: tuple[ScheduleProposal, ...] = ()
    costs: tuple[CostProposal, ...] = ()
    phones: tuple[PhoneProposal, ...] = ()
    contacts: tuple[ContactProposal, ...] = ()
    languages: tuple[LanguageProposal, ...] = ()
    categories: tuple[CategoryProposal, ...] = ()
    assured_on: date | None = None
    last_modified: datetime | None = None
    own: OwnWords | None = None


Placed = tuple[str, Proposal | Problem]
"""What was found, and at which place of the file."""


def once_each(found: Iterable[Placed]) -> Iterator[Placed]:
    """Each service once: a repeat is a note, and a repeat that says otherwise is refused."""
    first: dict[str, tuple[str, int]] = {}  # a proposal by its hash: the whole would fill memory
    for place, item in found:
        if isinstance(item, Problem):
            yield place, item
        elif item.source_id not in first:
            first[item.source_id] = (place, hash(item))
            yield place, item
        else:
            earlier, said = first[item.source_id]
            if hash(item) == said:
                note = Problem(place, "id", f"is {earlier} again, so counted once", fatal=False)
                yield place, note
            else:
                reason = f"is already the id of {earlier}, which says something else"
                yield place, Problem(place, "id", reason)
