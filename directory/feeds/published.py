"""Directory: what is published and who may be told of it: everybody, of what is shown to all.

Filters add up. Lists are in the order of ids, so that a page stays the same page while others
read, and are read in batches, each in a transaction of its own, so that nothing waits for a slow
reader.
"""

import math
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, extract, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from accounts import Organisation
from core.db import db
from directory.feeds.details import OWN_LISTS
from directory.identity import taxonomy_id
from directory.models import (
    Attribute,
    FieldCheck,
    ListingStep,
    Location,
    Notice,
    Schedule,
    Service,
    ServiceAtLocation,
    TaxonomyTerm,
)
from directory.places import Place
from directory.rules import SHOWN, Attending, How
from directory.taxonomy import OWN

BATCH = 200
USUAL_METRES = 8_000.0
"""How far around a postcode, where no distance is named: five miles, as on the pages."""

METRES_A_DEGREE = 111_195.0
NO_LIMIT = 999
_WEEK = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which listings somebody asks for; what is not said narrows nothing."""

    search: str = ""
    taxonomy_term_id: uuid.UUID | None = None
    taxonomy_id: uuid.UUID | None = None
    organization_id: uuid.UUID | None = None
    minimum_age: int | None = None
    maximum_age: int | None = None
    start_time: time | None = None
    end_time: time | None = None
    days: tuple[str, ...] = ()
    modified_after: datetime | None = None
    nowhere: bool = False
    near: Place | None = None
    proximity: float | None = None


def services(wanted: Wanted) -> Select[Service]:
    """The listings asked for; with `modified_after` also those that are no longer public."""
    shown = and_(Service.life.in_(SHOWN), *_narrowed(wanted), *_near_service(wanted))
    if wanted.modified_after is None:
        return select(Service).where(shown)
    since = Service.last_modified >= wanted.modified_after
    return select(Service).where(since, or_(shown, was_public()))


def places(wanted: Wanted) -> Select[ServiceAtLocation]:
    """The listings asked for, once for each place they are held at."""
    found = select(ServiceAtLocation).join(Service).join(Location)
    conditions = [Service.life.in_(SHOWN), *_narrowed(wanted), *_near_location(wanted)]
    if wanted.modified_after is not None:
        conditions.append(Service.last_modified >= wanted.modified_after)
    return found.where(*conditions)


def organisations(words: str = "", wanted: Wanted | None = None) -> Select[Organisation]:
    """Those who offer something that is shown."""
    offered = select(Service.organisation_id).where(Service.life.in_(SHOWN))
    if wanted is not None:
        offered = offered.where(*_narrowed(wanted))
    found = select(Organisation).where(Organisation.id.in_(offered))
    for word in words.split():
        found = found.where(_says(word, Organisation.name, Organisation.description))
    return found


def terms() -> Select[TaxonomyTerm]:
    """Our own words, and those of others that sort something shown."""
    used = (
        select(Attribute.taxonomy_term_id)
        .join(Service, Service.id == Attribute.service_id)
        .where(Service.life.in_(SHOWN))
    )
    own = TaxonomyTerm.taxonomy.in_(OWN)
    found = select(TaxonomyTerm).where(or_(own, TaxonomyTerm.id.in_(used)))
    return found.order_by(TaxonomyTerm.taxonomy, TaxonomyTerm.code)


def was_public() -> ColumnElement[bool]:
    """Whether a listing was shown once and is so no more."""
    step = and_(ListingStep.service_id == Service.id, ListingStep.now.in_(SHOWN))
    return and_(Service.life.not_in(SHOWN), exists().where(step))


def whole_service() -> tuple[ORMOption, ...]:
    """A listing with all its parts, in a handful of queries whatever their number."""
    return (*told_in_a_row(), selectinload(Service.contacts))


def told_in_a_row() -> tuple[ORMOption, ...]:
    """A listing with what a row of a spreadsheet says of it."""
    where = selectinload(Service.places).joinedload(ServiceAtLocation.location)
    return (
        *told_on_a_map(),
        where.selectinload(Location.accessibility),
        selectinload(Service.languages),
        selectinload(Service.attributes).joinedload(Attribute.term),
        selectinload(Service.notices),
    )


def told_on_a_map() -> tuple[ORMOption, ...]:
    """A listing with what a point on a map says of it."""
    return (
        joinedload(Service.organisation),
        selectinload(Service.places).joinedload(ServiceAtLocation.location),
        selectinload(Service.schedules),
        selectinload(Service.cost_options),
        selectinload(Service.phones),
    )


def brief_service() -> tuple[ORMOption, ...]:
    """A listing with what stands beside it one to one."""
    return joinedload(Service.organisation), selectinload(Service.notices)


def whole_place() -> tuple[ORMOption, ...]:
    """A listing at one of its places, with all there is to say of both."""
    parts: tuple[Any, ...] = whole_service()
    return (
        joinedload(ServiceAtLocation.location).selectinload(Location.accessibility),
        joinedload(ServiceAtLocation.service).options(*parts),
    )


def brief_place() -> tuple[ORMOption, ...]:
    """A listing at one of its places, with what stands beside it one to one."""
    parts: tuple[Any, ...] = brief_service()
    return (
        joinedload(ServiceAtLocation.location),
        joinedload(ServiceAtLocation.service).options(*parts),
    )


def confirmations(ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[FieldCheck]]:
    """What people confirmed of these listings. That an import said something confirms nothing."""
    found: dict[uuid.UUID, list[FieldCheck]] = {}
    checks = select(FieldCheck).where(FieldCheck.service_id.in_(set(ids)))
    for each in db.session.scalars(checks.where(FieldCheck.how != How.IMPORTED)):
        found.setdefault(each.service_id, []).append(each)
    return found


def how_many(found: Select[Any]) -> int:
    """How many rows a list has."""
    return db.session.scalar(select(func.count()).select_from(found.order_by(None).subquery())) or 0


def in_batches(
    found: Select[Any],
    key: InstrumentedAttribute[uuid.UUID],
    options: Sequence[ORMOption] = (),
) -> Iterator[list[Any]]:
    """The whole of a list, some rows at a time, each lot in a transaction of its own."""
    last: uuid.UUID | None = None
    while True:
        more = found if last is None else found.where(key > last)
        rows = list(db.session.scalars(more.options(*options).order_by(key).limit(BATCH)))
        if rows:
            last = getattr(rows[-1], key.key)
            yield rows
        db.session.expunge_all()  # first: what is let go of need not be undone
        db.session.rollback()
        if len(rows) < BATCH:
            return


def latest_change() -> datetime | None:
    """When anything published last changed: a listing, a notice, or a confirmation."""
    moments = [
        db.session.scalar(select(func.max(Service.last_modified)).where(Service.life.in_(SHOWN))),
        db.session.scalar(select(func.max(Service.last_modified)).where(was_public())),
        db.session.scalar(select(func.max(Notice.made_at))),
        db.session.scalar(select(func.max(Notice.taken_down_at))),
        db.session.scalar(select(func.max(FieldCheck.at)).where(FieldCheck.how != How.IMPORTED)),
    ]
    return max((each for each in moments if each is not None), default=None)


def state() -> tuple[object, ...]:
    """What changes whenever anything published does; for telling a copy that it is still good."""
    listed = select(func.count(), func.sum(Service.version)).select_from(Service)
    offered = select(func.count(), func.sum(Organisation.version)).select_from(Organisation)
    named = select(func.count()).select_from(TaxonomyTerm)
    counts = [tuple(db.session.execute(each).one()) for each in (listed, offered, named)]
    return (latest_change(), *counts)


def _narrowed(wanted: Wanted) -> list[ColumnElement[bool]]:
    said = [_says_all(word) for word in wanted.search.split()]
    if wanted.organization_id is not None:
        said.append(Service.organisation_id == wanted.organization_id)
    if wanted.minimum_age is not None:
        said.append(func.coalesce(Service.minimum_age, 0) >= wanted.minimum_age)
    if wanted.maximum_age is not None:
        said.append(func.coalesce(Service.maximum_age, NO_LIMIT) <= wanted.maximum_age)
    return said + _at_times(wanted) + _sorted_by(wanted)


def _says_all(word: str) -> ColumnElement[bool]:
    """Whether a listing, its group or its categories hold a word."""
    group = exists().where(
        Organisation.id == Service.organisation_id, _says(word, Organisation.name)
    )
    category = exists().where(
        Attribute.service_id == Service.id,
        TaxonomyTerm.id == Attribute.taxonomy_term_id,
        _says(word, TaxonomyTerm.name),
    )
    return or_(_says(word, Service.name, Service.summary, Service.description), group, category)


def _says(word: str, *columns: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    return or_(*(each.icontains(word, autoescape=True) for each in columns))


def _at_times(wanted: Wanted) -> list[ColumnElement[bool]]:
    """One and the same session must be on that day and within those times."""
    held = []
    if wanted.days:
        held.append(or_(*(_on(day) for day in wanted.days)))
    if wanted.start_time is not None:
        held.append(Schedule.opens_at >= wanted.start_time)
    if wanted.end_time is not None:
        held.append(Schedule.closes_at <= wanted.end_time)
    return [exists().where(Schedule.service_id == Service.id, *held)] if held else []


def _on(day: str) -> ColumnElement[bool]:
    once = and_(Schedule.freq.is_(None), extract("dow", Schedule.dtstart) == _WEEK.index(day))
    return or_(Schedule.byday.contains(day), once)


def _sorted_by(wanted: Wanted) -> list[ColumnElement[bool]]:
    said = []
    if wanted.taxonomy_term_id is not None:
        said.append(_has(TaxonomyTerm.id == wanted.taxonomy_term_id))
    if wanted.taxonomy_id is not None:
        # Version 1.0 says taxonomy_id for what 3.0 calls a term, so one of either is understood.
        lists = [
            name
            for name in db.session.scalars(select(TaxonomyTerm.taxonomy).distinct())
            if taxonomy_id(OWN_LISTS.get(name, name)) == wanted.taxonomy_id
        ]
        term = TaxonomyTerm.id == wanted.taxonomy_id
        said.append(_has(or_(term, TaxonomyTerm.taxonomy.in_(lists))))
    return said


def _has(which: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(
        Attribute.service_id == Service.id, TaxonomyTerm.id == Attribute.taxonomy_term_id, which
    )


def _near_service(wanted: Wanted) -> list[ColumnElement[bool]]:
    around = _near_location(wanted)
    if not around:
        return []
    here = exists().where(
        ServiceAtLocation.service_id == Service.id,
        Location.id == ServiceAtLocation.location_id,
        *around,
    )
    if wanted.proximity is not None or wanted.nowhere:
        return [here]
    # Without a distance the question is who serves the postcode: whoever is on a telephone does.
    anywhere = Service.attending.in_((Attending.ONLINE, Attending.PHONE))
    return [or_(here, anywhere)]


def _near_location(wanted: Wanted) -> list[ColumnElement[bool]]:
    """Within so many metres, on a plane that touches the earth there: 0.1% off at 100 miles."""
    if wanted.nowhere:
        return [Location.id.is_(None)]
    if wanted.near is None:
        return []
    metres = USUAL_METRES if wanted.proximity is None else wanted.proximity
    angle = math.radians(wanted.near.latitude)
    north = Location.latitude - wanted.near.latitude
    narrowing = math.cos(angle) - math.sin(angle) * north * (math.radians(1) / 2)
    east = (Location.longitude - wanted.near.longitude) * narrowing
    reach = metres / METRES_A_DEGREE
    return [
        Location.latitude.is_not(None),
        Location.latitude.between(wanted.near.latitude - reach, wanted.near.latitude + reach),
        north * north + east * east <= reach * reach,
    ]
