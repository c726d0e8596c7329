"""Directory: everything that can be said of a listing, as one value that compares and copies.

Fields are called as their columns, so a form, a feed and the demo say the same thing the same way.
"""

import types
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date, time
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from directory.rules import Access, Answer, Attending, Frequency, LocationType

_PLAIN = {str, int, float, bool, type(None)}
_EMPTY: tuple[object, ...] = ((), {})


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
    """A whole listing. `kinds` (the main one first), `needs` and `audiences` are our own codes.

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
    new_people_per_week: int | None = None
    assured_on: date | None = None
    places: tuple[PlaceFacts, ...] = ()
    schedules: tuple[ScheduleFacts, ...] = ()
    cost_options: tuple[CostFacts, ...] = ()
    contacts: tuple[ContactFacts, ...] = ()
    phones: tuple[PhoneFacts, ...] = ()
    languages: tuple[LanguageFacts, ...] = ()
    kinds: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    categories: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where an imported listing comes from, and what it was when it came."""

    service_id: uuid.UUID
    source: str
    source_id: str
    source_hash: str


def as_json(said: Any) -> Any:
    """Facts as JSON can hold them; what was left at its usual value is left out."""
    kind: Any = type(said)
    if kind in _PLAIN:
        return said
    if (usual := _usual(kind)) is not None:
        return {
            name: value if type(value) in _PLAIN else as_json(value)
            for name, default in usual
            if (value := getattr(said, name)) is not default
            and value != default
            and (value or value not in _EMPTY)
        }
    if isinstance(said, Mapping):
        return {str(key): as_json(value) for key, value in said.items()}
    if isinstance(said, (tuple, list)):
        return [as_json(each) for each in said]
    if isinstance(said, Enum):
        return said.value
    return str(said) if isinstance(said, (date, time, Decimal, uuid.UUID)) else said


def from_json(said: Mapping[str, Any]) -> ListingFacts:
    """The facts that `as_json` wrote down."""
    return _reader(ListingFacts)(said)  # type: ignore[no-any-return]


@cache
def _usual(kind: Any) -> tuple[tuple[str, Any], ...] | None:
    """The facts of a kind and their usual values; None for what is no kind of facts."""
    if not is_dataclass(kind):
        return None
    return tuple((each.name, each.default) for each in fields(kind))


# Made once for each kind: to look at the types anew at every fact takes longer than the reading.
@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    """What makes a fact of this kind of its JSON. Nothing stays nothing, whatever the kind."""
    read = _reader_of_something(kind)
    return lambda said: None if said is None else read(said)


def _reader_of_something(kind: Any) -> Callable[[Any], Any]:
    if kind in (str, bool, float, Any):
        return lambda said: said
    if kind in (date, time):
        return kind.fromisoformat  # type: ignore[no-any-return]
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        of = {name: _reader(hint) for name, hint in hints.items() if hint not in _PLAIN}
        return lambda said: kind(
            **{name: of[name](each) if name in of else each for name, each in said.items()}
        )
    if get_origin(kind) in (Union, types.UnionType):
        return _reader(next(each for each in get_args(kind) if each is not type(None)))
    if get_origin(kind) is tuple:
        return _reader_of_many(get_args(kind))
    if get_origin(kind) is Mapping:
        of_key, of_value = map(_reader, get_args(kind))
        return lambda said: {of_key(key): of_value(value) for key, value in said.items()}
    return lambda said: kind(said)


def _reader_of_many(kinds: tuple[Any, ...]) -> Callable[[Any], tuple[Any, ...]]:
    if kinds[-1] is ...:
        of_each = _reader(kinds[0])
        return lambda said: tuple(map(of_each, said))
    of = [_reader(each) for each in kinds]
    return lambda said: tuple(read(each) for read, each in zip(of, said, strict=True))
