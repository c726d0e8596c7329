"""Directory: who confirmed which part of a listing, how and when; to change one is to confirm it.

What a feed brought is written down only once something else is: until then every part of it is as
old as the feed says, or as the day it came.
"""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time, timedelta
from typing import Protocol

from babel.dates import format_date
from sqlalchemy import select, update

from accounts import May
from core import audit, clock
from core.actors import Actor, Kind, system
from core.db import db, hold
from core.errors import NotFound
from core.languages import _, language, lazy
from core.templating import ago
from directory import search
from directory.facts import ListingFacts, PlaceFacts
from directory.models import Enquiry, FieldCheck, Service
from directory.rules import ASPECT_OF, VITAL, Aspect, How, is_fresh

EVERYTHING = frozenset(Aspect)

ASPECT_WORDS = {
    Aspect.TIME: lazy("time"),
    Aspect.PLACE: lazy("place"),
    Aspect.PRICE: lazy("price"),
    Aspect.CONTACT: lazy("contact details"),
    Aspect.WHO_FOR: lazy("who it is for"),
    Aspect.ACCESS: lazy("access"),
    Aspect.ABOUT: lazy("what happens there"),
}
"""The parts of a listing, as people call them, the first needed first."""


@dataclass(frozen=True, slots=True)
class Check:
    """One confirmation of one aspect."""

    how: How
    at: datetime
    by_name: str = ""


def confirm(
    service: Service,
    aspects: Collection[Aspect],
    how: How,
    *,
    by: Actor,
    at: datetime | None = None,
) -> None:
    """Write down that these aspects of a listing were found right; an older word never counts."""
    hold(service)  # two who confirm at once would each add the same row
    _write_down(service, aspects, how, by=by, at=at)


def drafted(service: Service, *, by: Actor) -> None:
    """A listing has been begun: a person who does so vouches for all of it, a feed for nothing."""
    if how_of(by) is not How.IMPORTED:
        _write_down(service, EVERYTHING, how_of(by), by=by)


def checked(service: Service, *, by: Actor) -> None:
    """Somebody has looked at the whole listing today; a job that does so does it for an editor."""
    how = how_of(by)
    _write_down(service, EVERYTHING, How.EDITOR if how is How.IMPORTED else how, by=by)


def changed(service: Service, before: ListingFacts, after: ListingFacts, *, by: Actor) -> None:
    """A listing has been changed: what was known of the old words says nothing of the new."""
    aspects, how = aspects_in(before, after), how_of(by)
    with db.session.no_autoflush:
        rows = _rows(service)
    if rows:
        # What a person vouched for is not undone by a feed that says less.
        days = [day for day in (before.assured_on, after.assured_on) if day is not None]
        service.assured_on = max(days, default=None)
    for row in rows:
        if row.aspect in aspects and row.how is not how:
            db.session.delete(row)
    dated = service.assured_on if service.assured_on != before.assured_on else None
    if how is How.IMPORTED and dated is not None:
        _write_down(service, EVERYTHING if rows else (), how, by=by, at=_noon(dated))
    else:
        _write_down(service, aspects, how, by=by)


def forget(service: Service, aspects: Collection[Aspect]) -> None:
    """What was known of these aspects counts no longer."""
    for row in _rows(service):
        if row.aspect in aspects:
            db.session.delete(row)


def people_came(service_id: uuid.UUID, on: date) -> None:
    """Somebody went there and found it: time and place were right.

    Only the week is kept, and nobody's name: in a small group a day would point at a person.
    """
    service = db.session.get(Service, service_id)
    if service is None:
        raise NotFound
    monday = on - timedelta(days=on.weekday())
    aspects = {Aspect.TIME, Aspect.PLACE}
    confirm(service, aspects, How.ATTENDED, by=system("attendance"), at=_noon(monday))


def how_of(by: Actor) -> How:
    """How a listing is confirmed when this actor changes it."""
    if by.may(May.EDIT_DIRECTORY):
        return How.EDITOR
    return How.GROUP if by.kind in {Kind.USER, Kind.LINK} else How.IMPORTED


def evidence_of(service: Service) -> dict[Aspect, Check | None]:
    """The latest confirmation of each aspect; None where there never was one."""
    checks = checks_of([service])[service.id]
    return {
        aspect: max(checks.get(aspect, ()), key=lambda check: check.at, default=None)
        for aspect in Aspect
    }


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence on how sure some parts are, and whether it is good news."""

    words: str
    is_fresh: bool


class Brought(Protocol):
    """What of a listing, or of a row of its table, tells when a feed vouched for it."""

    id: uuid.UUID
    assured_on: date | None
    source: str
    created_at: datetime


def checks_of(services: Iterable[Brought]) -> dict[uuid.UUID, dict[Aspect, tuple[Check, ...]]]:
    """All confirmations of these listings that still count, by aspect."""
    listings = {each.id: each for each in services}
    found: dict[uuid.UUID, dict[Aspect, tuple[Check, ...]]] = {each: {} for each in listings}
    rows = select(FieldCheck).where(FieldCheck.service_id.in_(listings))
    for row in db.session.scalars(rows):
        of_listing = found[row.service_id]
        check = Check(row.how, row.at, row.by_name)
        of_listing[row.aspect] = (*of_listing.get(row.aspect, ()), check)
    for listing_id, checks in found.items():
        brought_at = _brought_at(listings[listing_id])
        if not checks and brought_at is not None:
            checks.update(dict.fromkeys(Aspect, (Check(How.IMPORTED, brought_at),)))
    return found


def confirmed_here(service_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, frozenset[Aspect]]:
    """The aspects that the group or an editor has confirmed; imports leave those alone."""
    by_people = FieldCheck.how.in_([How.GROUP, How.EDITOR])
    wanted = select(FieldCheck.service_id, FieldCheck.aspect).where(
        FieldCheck.service_id.in_(service_ids), by_people
    )
    found: dict[uuid.UUID, frozenset[Aspect]] = dict.fromkeys(service_ids, frozenset())
    for service_id, aspect in db.session.execute(wanted):
        found[service_id] |= {aspect}
    return found


def aspects_in(before: ListingFacts, after: ListingFacts) -> frozenset[Aspect]:
    """Which aspects differ. When it was last checked is not one of them."""
    differ = {
        ASPECT_OF.get(each.name, Aspect.ABOUT)
        for each in fields(ListingFacts)
        if each.name not in {"places", "assured_on"}
        and getattr(before, each.name) != getattr(after, each.name)
    }
    if _without_access(before.places) != _without_access(after.places):
        differ.add(Aspect.PLACE)
    if [each.access for each in before.places] != [each.access for each in after.places]:
        differ.add(Aspect.ACCESS)
    return frozenset(differ)


def spoken_of(service: Service) -> list[Aspect]:
    """The parts this listing says anything about, the first needed first."""
    says = {
        Aspect.TIME: service.schedules,
        Aspect.PLACE: service.places,
        Aspect.PRICE: service.cost_options,
        Aspect.CONTACT: service.phones or service.email or service.url or service.contacts,
        Aspect.ACCESS: [each for at in service.places for each in at.location.accessibility],
    }
    return [aspect for aspect in ASPECT_WORDS if says.get(aspect, True)]


def words_of(service: Service) -> tuple[str, ...]:
    """How sure its vital parts are: "Time and place confirmed 6 days ago", and so on."""
    return tuple(said.words for said in how_sure(service, evidence_of(service)))


def how_sure(service: Service, known: Mapping[Aspect, Check | None]) -> list[Said]:
    """The same, with whether each of the sentences is good news."""
    said: dict[tuple[str, bool], list[str]] = {}
    for aspect in spoken_of(service):
        if aspect in VITAL:
            said.setdefault(_how_sure(known[aspect]), []).append(str(ASPECT_WORDS[aspect]))
    return [
        Said(_begun(words.format(joined(names))), good) for (words, good), names in said.items()
    ]


def joined(names: Sequence[str]) -> str:
    """Several things in one breath: "time, place and price"."""
    if len(names) < 2:
        return "".join(names)
    return _("%(most)s and %(last)s", most=", ".join(names[:-1]), last=names[-1])


def _how_sure(check: Check | None) -> tuple[str, bool]:
    """What is said of all aspects as sure as this one, with room for their names."""
    if check is None:
        return _("{} not checked yet"), False
    day = clock.local_date(check.at)
    if check.how is How.IMPORTED:
        return _("{} taken from another list, %(ago)s", ago=ago(day)), False
    if is_fresh(day, clock.today()):
        return _("{} confirmed %(ago)s", ago=ago(day)), True
    pattern = "MMMM" if (clock.today() - day).days < 330 else "MMMM y"
    since = format_date(day, pattern, locale=language().code)
    return _("{} not checked since %(month)s", month=since), False


def _begun(words: str) -> str:
    return words[:1].upper() + words[1:]


def _without_access(places: Iterable[PlaceFacts]) -> list[PlaceFacts]:
    return [replace(each, access={}) for each in places]


def _write_down(
    service: Service,
    aspects: Collection[Aspect],
    how: How,
    *,
    by: Actor,
    at: datetime | None = None,
) -> None:
    if not aspects:
        return
    with db.session.no_autoflush:
        rows = [each for each in _rows(service) if each not in db.session.deleted]
    held = {(each.aspect, each.how): each for each in rows} or _as_brought(service)
    at = at or clock.now()
    for aspect in sorted(aspects):
        row = held.get((aspect, how))
        if row is None:
            row = held[aspect, how] = _row(service, aspect, how, at)
        if row.at <= at:
            row.at, row.by, row.by_name = at, by.ref, by.name
    audit.record(by, "listing confirmed", about=f"service:{service.id}", how=how)
    if how is How.GROUP or (how is How.EDITOR and set(aspects) >= VITAL):
        _answer_enquiries(service)
    _assure(service, held.values())


def _answer_enquiries(service: Service) -> None:
    """However the word came, the group need not be asked for it again."""
    asked = update(Enquiry).where(Enquiry.service_id == service.id, Enquiry.answered_at.is_(None))
    with db.session.no_autoflush:
        db.session.execute(asked.values(answered_at=clock.now()))


def _rows(service: Service) -> list[FieldCheck]:
    wanted = select(FieldCheck).where(FieldCheck.service_id == service.id)
    return list(db.session.scalars(wanted))


def _row(service: Service, aspect: Aspect, how: How, at: datetime) -> FieldCheck:
    row = FieldCheck(service=service, aspect=aspect, how=how, at=at, by="", by_name="")
    db.session.add(row)
    return row


def _brought_at(service: Brought) -> datetime | None:
    """When a feed last vouched for a listing: its own date, or the day it came."""
    if service.assured_on is not None:
        return _noon(service.assured_on)
    return service.created_at if service.source else None


def _as_brought(service: Service) -> dict[tuple[Aspect, How], FieldCheck]:
    brought_at = _brought_at(service)
    if brought_at is None:
        return {}
    rows = {}
    for aspect in Aspect:
        row = rows[aspect, How.IMPORTED] = _row(service, aspect, How.IMPORTED, brought_at)
        row.by = system("import").ref
    return rows


def _assure(service: Service, rows: Iterable[FieldCheck]) -> None:
    """Keep the date the whole listing was last known right: that of its oldest vital part."""
    latest: dict[Aspect, datetime] = {}
    for row in rows:
        if row.how is not How.IMPORTED:
            latest[row.aspect] = max(row.at, latest.get(row.aspect, row.at))
    if not latest.keys() >= VITAL:
        return
    assured_on = clock.local_date(min(latest[aspect] for aspect in VITAL))
    if service.assured_on is None or assured_on > service.assured_on:
        service.assured_on = assured_on
        service.last_modified = clock.now()
        search.mark(service)


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), tzinfo=clock.LONDON)
