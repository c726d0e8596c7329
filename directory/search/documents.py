"""Directory search: what is indexed of a listing, read from the database in a few queries.

Only what everybody may see of a listing goes in; nothing of the people who run it or come to it.
"""

import re
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from accounts import Organisation
from directory import taxonomy
from directory.cleaning import plain_text
from directory.models import (
    Accessibility,
    Attribute,
    CostOption,
    Location,
    Schedule,
    Service,
    ServiceAtLocation,
    TaxonomyTerm,
)
from directory.rules import SHOWN, Answer
from directory.search.words import fold

AT_A_TIME = 500

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FREE, PAID, UNKNOWN_COST = COSTS = ("free", "paid", "unknown")

_WEEKDAY = re.compile("|".join(WEEKDAYS))


@dataclass(frozen=True, slots=True)
class Facts:
    """What a listing is filtered and ordered by, in plain values that can be stored."""

    id: uuid.UUID
    name: str
    checked: int
    attending: str
    points: tuple[tuple[float, float], ...]
    kinds: tuple[str, ...]
    days: tuple[str, ...]
    cost: str
    access: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A listing as the index takes it: its facts, and its words by field."""

    facts: Facts
    texts: dict[str, str]


@dataclass(slots=True)
class _Gathered:
    """What hangs on one listing, while it is collected."""

    points: set[tuple[float, float]] = field(default_factory=set)
    places: set[str] = field(default_factory=set)
    access: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)
    terms: list[str] = field(default_factory=list)
    days: set[str] = field(default_factory=set)
    amounts: list[Decimal | None] = field(default_factory=list)


_Found = defaultdict[uuid.UUID, _Gathered]


def how_many(session: Session) -> int:
    """How many listings everybody may see."""
    counted = select(func.count()).select_from(Service).where(Service.life.in_(SHOWN))
    return session.scalar(counted) or 0


def shown_ids(session: Session) -> list[uuid.UUID]:
    """The listings everybody may see."""
    return list(session.scalars(select(Service.id).where(Service.life.in_(SHOWN))))


def read(session: Session, ids: Sequence[uuid.UUID]) -> Iterator[Document]:
    """Those of these listings that everybody may see."""
    for start in range(0, len(ids), AT_A_TIME):
        yield from _read_some(session, ids[start : start + AT_A_TIME])


def cost_of(amounts: Iterable[Decimal | None]) -> str:
    """Free only if something is said to cost nothing and nothing is said to cost more."""
    known = [amount for amount in amounts if amount is not None]
    if not known:
        return UNKNOWN_COST
    return PAID if any(amount > 0 for amount in known) else FREE


def _read_some(session: Session, ids: Sequence[uuid.UUID]) -> Iterator[Document]:
    found: _Found = defaultdict(_Gathered)
    for gather in (_gather_places, _gather_access, _gather_terms, _gather_days, _gather_costs):
        gather(session, ids, found)
    wanted = select(
        Service.id,
        Service.name,
        Service.summary,
        Service.description,
        Service.eligibility_description,
        Service.attending,
        Service.assured_on,
        Organisation.name.label("organisation"),
    ).join(Service.organisation)
    shown = wanted.where(Service.id.in_(ids), Service.life.in_(SHOWN)).order_by(Service.id)
    for row in session.execute(shown):
        yield _document(row, found[row.id])


def _document(row: Any, more: _Gathered) -> Document:
    facts = Facts(
        id=row.id,
        name=fold(row.name),
        checked=row.assured_on.toordinal() if row.assured_on else 0,
        attending=row.attending.value,
        points=tuple(sorted(more.points)),
        kinds=tuple(sorted(more.kinds)),
        days=tuple(sorted(more.days)),
        cost=cost_of(more.amounts),
        access=tuple(sorted(more.access)),
    )
    texts = {
        "name": row.name,
        "organisation": row.organisation,
        "about": f"{row.summary}\n{plain_text(row.description)}",
        "categories": "\n".join(more.terms),
        "eligibility": row.eligibility_description,
        "place": "\n".join(sorted(more.places)),
    }
    return Document(facts, texts)


def _gather_places(session: Session, ids: Sequence[uuid.UUID], found: _Found) -> None:
    at = ServiceAtLocation.service_id
    wanted = select(at, Location.latitude, Location.longitude, Location.name, Location.city)
    for each, latitude, longitude, *names in session.execute(
        wanted.join(ServiceAtLocation.location).where(at.in_(ids))
    ):
        found[each].places.update(filter(None, names))
        if latitude is not None and longitude is not None:
            found[each].points.add((latitude, longitude))


def _gather_access(session: Session, ids: Sequence[uuid.UUID], found: _Found) -> None:
    # Only a yes counts: "no" and "not known" are alike no reason to come.
    at = ServiceAtLocation.service_id
    there = Accessibility.location_id == ServiceAtLocation.location_id
    wanted = select(at, Accessibility.feature).join(Accessibility, there)
    for each, feature in session.execute(
        wanted.where(at.in_(ids), Accessibility.answer == Answer.YES)
    ):
        found[each].access.add(feature.value)


def _gather_terms(session: Session, ids: Sequence[uuid.UUID], found: _Found) -> None:
    wanted = select(
        Attribute.service_id, TaxonomyTerm.taxonomy, TaxonomyTerm.code, TaxonomyTerm.name
    ).join(Attribute.term)
    for each, vocabulary, code, name in session.execute(
        wanted.where(Attribute.service_id.in_(ids)).order_by(Attribute.position)
    ):
        found[each].terms.append(name)
        if vocabulary == taxonomy.KINDS:
            found[each].kinds.add(code)


def _gather_days(session: Session, ids: Sequence[uuid.UUID], found: _Found) -> None:
    wanted = select(Schedule.service_id, Schedule.byday).where(Schedule.service_id.in_(ids))
    for each, byday in session.execute(wanted):
        found[each].days.update(_WEEKDAY.findall(byday))


def _gather_costs(session: Session, ids: Sequence[uuid.UUID], found: _Found) -> None:
    wanted = select(CostOption.service_id, CostOption.amount)
    for each, amount in session.execute(wanted.where(CostOption.service_id.in_(ids))):
        found[each].amounts.append(amount)
