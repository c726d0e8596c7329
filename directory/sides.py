"""Directory: listings as they are compared with one another, read in a handful of quick queries."""

import re
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Executable, Result, Select, func, or_, select

from accounts import Organisation
from core.db import db
from directory.facts import ListingFacts, PlaceFacts
from directory.likeness import telling, words_of
from directory.models import Location, Phone, Schedule, Service, ServiceAtLocation
from directory.places import find_place, format_postcode
from directory.rules import SHOWN, Life

MOST_COMPARED = 600
AT_A_TIME = 500
MOST_TELLING = 3
AROUND = 0.4
"""Degrees to look around in for a name like this one: some 25 miles."""

NOBODY = uuid.UUID(int=0)


@dataclass(frozen=True, slots=True)
class Side:
    """What is compared of one listing."""

    id: uuid.UUID
    name: str
    slug: str = ""
    where: str = ""
    words: tuple[str, ...] = ()
    place_words: frozenset[str] = frozenset()
    postcode: str = ""
    point: tuple[float, float] | None = None
    times: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    webs: frozenset[str] = frozenset()
    tells: tuple[str, ...] = field(default=())

    @property
    def keys(self) -> list[str]:
        """What a listing that is the same as this one would share with it, at least one of them."""
        outcode = self.postcode.partition(" ")[0]
        return [
            *(f"at {self.postcode}" for _ in self.postcode[:1]),
            *(f"{outcode} {word}" for word in self.tells),
            *self.phones,
            *self.emails,
            *self.webs,
        ]


def side_of(facts: ListingFacts) -> Side:
    """The listing that these facts would make."""
    place = facts.places[0] if facts.places else PlaceFacts()
    postcode = format_postcode(place.postcode) or ""
    words = words_of(facts.name)
    return Side(
        id=NOBODY,
        name=facts.name,
        words=words,
        place_words=frozenset(words_of(place.city)),
        postcode=postcode,
        point=_point(place, postcode),
        times=frozenset(time for each in facts.schedules for time in _times(each)),
        phones=_digits(each.number for each in facts.phones),
        emails=_small(facts.email, *(each.email for each in facts.contacts)),
        webs=_webs(facts.url),
        tells=tuple(telling(words)),
    )


def sides_like(mine: Side, among: Collection[uuid.UUID] | None = None) -> list[Side]:
    """The listings everybody can see that share something with this one."""
    if among is not None:
        return sides_of(among, SHOWN)
    found: set[uuid.UUID] = set()
    for wanted in _ways_to_find(mine):
        shown = wanted.where(Service.life.in_(SHOWN)).limit(MOST_COMPARED)
        found.update(db.session.scalars(shown))
    return _read_some(list(found))


def sides_of(ids: Collection[uuid.UUID], lives: Collection[Life]) -> list[Side]:
    """These listings, as far as they are in one of these states."""
    found: list[uuid.UUID] = []
    for some in _slices(list(ids)):
        # Asked for their life too, SQLite would look through all that live.
        rows = db.session.execute(select(Service.id, Service.life).where(Service.id.in_(some)))
        found += [id_ for id_, life in rows if life in lives]
    return _read_some(found)


def every_side(lives: Collection[Life]) -> list[Side]:
    """Every listing in one of these states."""
    return _read(select(Service.id).where(Service.life.in_(lives)))


def _ways_to_find(mine: Side) -> list[Select[Any]]:
    """One query for each thing that two listings may share."""
    here = select(Service.id).join(Service.places).join(ServiceAtLocation.location)
    ways: list[Select[Any]] = []
    if mine.postcode:
        outcode = mine.postcode.split()[0]
        ways.append(here.where(Location.postcode.startswith(f"{outcode} ", autoescape=True)))
    if mine.phones:
        ways.append(select(Service.id).join(Service.phones).where(_bare(mine.phones)))
    if mine.emails or mine.webs:
        ways.append(select(Service.id).join(Service.organisation).where(or_(*_reached(mine))))
    called = [Service.name.icontains(word, autoescape=True) for word in mine.tells[:MOST_TELLING]]
    if called and mine.point:
        ways.append(here.where(or_(*called), *_around(*mine.point)))
    elif called:
        ways.append(select(Service.id).where(or_(*called)))
    return ways


def _bare(numbers: Collection[str]) -> ColumnElement[bool]:
    bare = func.replace(func.replace(func.replace(Phone.number, " ", ""), "-", ""), "+44", "0")
    return bare.in_(numbers)


def _reached(mine: Side) -> list[ColumnElement[bool]]:
    emails = [func.lower(at).in_(mine.emails) for at in (Service.email, Organisation.email)]
    return [*emails, *(Service.url.icontains(web, autoescape=True) for web in mine.webs)]


def _around(latitude: float, longitude: float) -> tuple[ColumnElement[bool], ...]:
    return (
        Location.latitude.between(latitude - AROUND, latitude + AROUND),
        Location.longitude.between(longitude - 2 * AROUND, longitude + 2 * AROUND),
    )


def _read_some(ids: list[uuid.UUID]) -> list[Side]:
    return [
        side
        for some in _slices(ids)
        for side in _read(select(Service.id).where(Service.id.in_(some)))
    ]


def _slices(ids: list[uuid.UUID]) -> Iterator[list[uuid.UUID]]:
    return (ids[start : start + AT_A_TIME] for start in range(0, len(ids), AT_A_TIME))


def _read(ids: Select[Any]) -> list[Side]:
    """These listings, by columns: whole listings would take ten times as long."""
    times: dict[uuid.UUID, set[str]] = defaultdict(set)
    for row in _rows(_SCHEDULES.where(Schedule.service_id.in_(ids))):
        times[row.service_id].update(_times(row))
    numbers: dict[uuid.UUID, list[str]] = defaultdict(list)
    for row in _rows(_PHONES.where(Phone.service_id.in_(ids))):
        numbers[row.service_id].append(row.number)
    rows = _rows(_SERVICES.where(Service.id.in_(ids)))
    return [_side(row, frozenset(times[row.id]), numbers[row.id]) for row in rows]


def _rows(wanted: Executable) -> Result[Any]:
    """A thousand at a time: of fifty thousand listings what was read need not all be held."""
    return db.session.execute(wanted.execution_options(yield_per=1_000))


def _side(row: Any, times: frozenset[str], numbers: list[str]) -> Side:
    words = words_of(row.name)
    return Side(
        id=row.id,
        name=row.name,
        slug=row.slug,
        where=", ".join(dict.fromkeys(filter(None, (row.place, row.city)))),
        words=words,
        place_words=frozenset(words_of(row.city or "")),
        postcode=row.postcode or "",
        point=None if row.latitude is None else (row.latitude, row.longitude),
        times=times,
        phones=_digits(numbers),
        emails=_small(row.email, row.group_email),
        webs=_webs(row.url),
        tells=tuple(telling(words)),
    )


_SERVICES = (
    select(
        Service.id,
        Service.name,
        Service.slug,
        Service.email,
        Service.url,
        Organisation.email.label("group_email"),
        Location.name.label("place"),
        Location.city,
        Location.postcode,
        Location.latitude,
        Location.longitude,
    )
    .join(Service.organisation)
    .outerjoin(
        ServiceAtLocation,
        (ServiceAtLocation.service_id == Service.id) & (ServiceAtLocation.position == 0),
    )
    .outerjoin(Location, Location.id == ServiceAtLocation.location_id)
)
_PHONES = select(Phone.service_id, Phone.number)
_SCHEDULES = select(Schedule.service_id, Schedule.byday, Schedule.dtstart, Schedule.opens_at)


def _times(schedule: Any) -> list[str]:
    """Each day of it with its hour: "TU 10:00". Whether weekly or monthly is soon mistyped."""
    at = f"{schedule.opens_at:%H:%M}" if schedule.opens_at else "?"
    days = [part.strip()[-2:] for part in schedule.byday.split(",") if part.strip()]
    if not days and schedule.dtstart:
        days = [schedule.dtstart.strftime("%a")[:2].upper()]
    return [f"{day} {at}" for day in days]


def _digits(numbers: Iterable[str]) -> frozenset[str]:
    bare = (re.sub(r"\D", "", number.replace("+44", "0").replace("(0)", "")) for number in numbers)
    return frozenset(number for number in bare if len(number) > 5)


def _small(*addresses: str | None) -> frozenset[str]:
    return frozenset(each.strip().casefold() for each in addresses if each and each.strip())


def _webs(url: str) -> frozenset[str]:
    """The web address without what browsers add by themselves."""
    bare = re.sub(r"^(https?://)?(www\.)?", "", url.strip().casefold()).rstrip("/")
    return frozenset(filter(None, (bare,)))


def _point(place: PlaceFacts, postcode: str) -> tuple[float, float] | None:
    if place.latitude is not None and place.longitude is not None:
        return place.latitude, place.longitude
    found = find_place(postcode) if postcode else None
    return (found.latitude, found.longitude) if found else None
