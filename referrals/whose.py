"""Referrals: whose records an entry of the audit is about, for the officers of organisations."""

import uuid
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from accounts import say_whose
from core.audit import AuditEntry
from core.db import db
from referrals.models import (
    ApiClient,
    BrokenGlass,
    ClosingMessage,
    FirstVisit,
    MeasureAsked,
    Person,
    PrivatePage,
    Referral,
    SafetyNote,
)

Places = frozenset[uuid.UUID]

HANG_ON_REFERRALS: dict[str, Any] = {
    "visit": FirstVisit,
    "closing": ClosingMessage,
    "private": PrivatePage,
    "measure-asked": MeasureAsked,
    "safety": SafetyNote,
    "glass": BrokenGlass,
}


def init_app() -> None:
    """Tell the accounts whose the records of this room are."""
    say_whose(of_places)


def of_places(entries: Sequence[AuditEntry], places: Places) -> set[uuid.UUID]:
    """Of some entries, the ids of those about people whom these organisations support or sent."""
    said = {each.id: set(_references(each)) for each in entries}
    wanted: dict[str, set[uuid.UUID]] = {}
    for kind, key in (pair for pairs in said.values() for pair in pairs):
        wanted.setdefault(kind, set()).add(key)
    theirs = {(kind, key) for kind, keys in wanted.items() for key in _theirs(kind, keys, places)}
    return {entry_id for entry_id, pairs in said.items() if pairs & theirs}


def _references(entry: AuditEntry) -> Iterator[tuple[str, uuid.UUID]]:
    """All that an entry names: what it is about, who was read of, what was asked for in vain."""
    for reference in (entry.about, *(entry.facts.get("people") or ())):
        kind, _colon, key = reference.partition(":")
        if (found := _key(key)) is not None:
            yield kind, found
    for asked in entry.facts.get("keys") or ():
        if (found := _key(asked)) is not None:
            yield "referral", found
            yield "person", found


def _key(said: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(said)
    except ValueError:
        return None


def _theirs(kind: str, keys: Collection[uuid.UUID], places: Places) -> Iterator[uuid.UUID]:
    """Those of these things that are of these organisations."""
    if kind == "person":
        yield from _people(keys, places)
    elif kind == "client":
        mine = ApiClient.practice_id.in_(places)
        yield from db.session.scalars(select(ApiClient.id).where(ApiClient.id.in_(keys), mine))
    elif kind == "referral":
        mine = Referral.id.in_(keys)
        yield from db.session.scalars(select(Referral.id).where(mine, _between(places)))
    elif kind in HANG_ON_REFERRALS:
        table = HANG_ON_REFERRALS[kind]
        hangs = select(table.id).join(Referral, Referral.id == table.referral_id)
        yield from db.session.scalars(hangs.where(table.id.in_(keys), _between(places)))


def _people(keys: Collection[uuid.UUID], places: Places) -> Iterator[uuid.UUID]:
    known = select(Referral.person_id).where(Referral.person_id.in_(keys), _between(places))
    mine = or_(Person.practice_id.in_(places), Person.id.in_(known))
    yield from db.session.scalars(select(Person.id).where(Person.id.in_(keys), mine))


def _between(places: Places) -> ColumnElement[bool]:
    return or_(Referral.to_organisation_id.in_(places), Referral.from_organisation_id.in_(places))
