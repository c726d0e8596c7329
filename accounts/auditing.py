"""Accounts: the audit as the officers of one organisation read it, and nothing of any other's.

They read what its people did while they were its people, and what anybody did to its records.
Which records are an organisation's is known to the rooms above, who say so with `say_whose`.
"""

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from accounts.models import Membership, User
from accounts.rules import May
from core import audit, clock
from core.actors import Actor
from core.audit import AuditEntry, export
from core.db import db

MOST_READ = 20_000
"""Entries looked through for a page; the file that can be taken out leaves none out."""

KEPT_AT_HAND = timedelta(days=90)

Whose = Callable[[Sequence[AuditEntry], frozenset[uuid.UUID]], set[uuid.UUID]]
"""Of some entries, the ids of those that are about records of these organisations."""

_rooms: list[Whose] = []


def say_whose(whose: Whose) -> None:
    """Register what a room knows of whose its records are. Called once by a room."""
    if whose not in _rooms:
        _rooms.append(whose)


@dataclass(frozen=True, slots=True)
class Noted:
    """One entry, and what its people are called today, where they are the officer's own."""

    entry: AuditEntry
    by_name: str
    about_name: str


@dataclass(frozen=True, slots=True)
class Span:
    """A time during which somebody was of an organisation; it may go on."""

    start: datetime
    end: datetime | None = None

    def holds(self, moment: datetime) -> bool:
        return self.start <= moment and (self.end is None or moment <= self.end)


def latest_for(actor: Actor, most: int) -> list[Noted]:
    """The newest entries that are this officer's to read, newest first."""
    places, found, read = actor.where(May.REVIEW_ACCESS), list[AuditEntry](), 0
    for page in audit.newest_first(clock.now() - KEPT_AT_HAND):
        mine = of_places(page, places)
        found += [each for each in page if each.id in mine]
        read += len(page)
        if len(found) >= most or read >= MOST_READ:
            break
    names = _names(_references(found[:most]), places)
    return [Noted(each, names.get(each.by, ""), names.get(each.about, "")) for each in found[:most]]


def lines_for(actor: Actor) -> Iterator[str]:
    """The last 90 days of what is this officer's to read, as FHIR AuditEvent, oldest first."""
    places = actor.where(May.REVIEW_ACCESS)
    return export.lines(clock.now() - KEPT_AT_HAND, only=lambda page: of_places(page, places))


def of_places(entries: Sequence[AuditEntry], places: frozenset[uuid.UUID]) -> set[uuid.UUID]:
    """The ids of those entries that the officers of these organisations may read."""
    if not places:
        return set()
    spans = _spans(_references(entries), places)
    own = {f"organisation:{each}" for each in places}
    mine = {
        each.id
        for each in entries
        if each.about in own
        or any(
            span.holds(each.at)
            for reference in (each.by, _user(each.about))
            for span in spans.get(reference, ())
        )
    }
    return mine.union(*(whose(entries, places) for whose in _rooms))


def _references(entries: Sequence[AuditEntry]) -> set[str]:
    said = {each.by for each in entries} | {_user(each.about) for each in entries}
    return {each for each in said if each.startswith("user:")}


def _user(about: str) -> str:
    """Of `user:<id>/password` the user."""
    return about.partition("/")[0]


def _spans(references: set[str], places: frozenset[uuid.UUID]) -> dict[str, list[Span]]:
    """When each was of one of these organisations. The audit itself says who came and went."""
    keys = {str(each) for each in places}
    moves = select(AuditEntry.about, AuditEntry.at, AuditEntry.action, AuditEntry.facts).where(
        AuditEntry.about.in_(references), AuditEntry.action.in_(("joined", "role taken"))
    )
    spans: dict[str, list[Span]] = {}
    held: dict[str, set[tuple[str, str]]] = {}
    for about, at, action, facts in db.session.execute(moves.order_by(AuditEntry.at)):
        if facts["organisation"] not in keys:
            continue
        roles, theirs = held.setdefault(about, set()), spans.setdefault(about, [])
        if action == "joined":
            if not roles:
                theirs.append(Span(at))
            roles.add((facts["organisation"], facts["role"]))
        else:
            roles.discard((facts["organisation"], facts["role"]))
            if not roles and theirs:
                theirs[-1] = Span(theirs[-1].start, at)
    for reference, since in _here_since(references, places):
        theirs = spans.setdefault(reference, [])
        if not any(each.end is None for each in theirs):
            theirs.append(Span(since))
    return spans


def _here_since(
    references: set[str], places: frozenset[uuid.UUID]
) -> Iterator[tuple[str, datetime]]:
    ids = [uuid.UUID(each.removeprefix("user:")) for each in references]
    found = select(Membership.user_id, Membership.since).where(
        Membership.user_id.in_(ids), Membership.organisation_id.in_(places)
    )
    for user_id, since in db.session.execute(found.order_by(Membership.since)):
        yield f"user:{user_id}", since


def _names(references: set[str], places: frozenset[uuid.UUID]) -> dict[str, str]:
    """What those are called today who are, or were, of these organisations."""
    ids = [uuid.UUID(each.removeprefix("user:")) for each in _spans(references, places)]
    named = select(User.id, User.name).where(User.id.in_(ids))
    return {f"user:{key}": name for key, name in db.session.execute(named)}
