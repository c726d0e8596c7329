"""Directory: the same thing done with many listings: chosen, looked at, then done or left.

What was looked at is what is done: a listing that has changed in between is left as it is.
"""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from accounts import Organisation
from core import audit, clock, outbox
from core.actors import Actor
from core.db import db
from core.languages import _, lazy, translated
from directory import taxonomy
from directory.desk import batches
from directory.desk.letters import decided_letter, owners_letter
from directory.facts import ListingFacts
from directory.keeping import facts_of
from directory.listings import change_listing, letter_address, step, whole_listings
from directory.models import (
    Attribute,
    Batch,
    ListingStep,
    Location,
    Service,
    ServiceAtLocation,
    TaxonomyTerm,
)
from directory.rules import FRESH_FOR, LIFE_WORDS, Life, Step, turn
from directory.taxonomy import AUDIENCES, KINDS, NEEDS

MOST_AT_ONCE = 2_000


class What(StrEnum):
    """What can be done with many listings."""

    PUBLISH = "publish"
    PAUSE = "pause"
    RESUME = "resume"
    RETIRE = "retire"
    CHECK = "check"
    KIND = "kind"
    EMAIL = "email"
    WORDS = "words"
    MERGE = "merge"


WHAT_WORDS = {
    What.PUBLISH: lazy("Show them to everybody"),
    What.PAUSE: lazy("Pause them"),
    What.RESUME: lazy("Say that they are on again"),
    What.RETIRE: lazy("Take them down"),
    What.CHECK: lazy("Say that everything in them is right"),
    What.KIND: lazy("Say what kind they are"),
    What.EMAIL: lazy("Write to those who keep them"),
    What.WORDS: lazy("Read a category as ours"),
    What.MERGE: lazy("Make two listings one"),
}

CHOOSABLE = tuple(each for each in What if each not in {What.WORDS, What.MERGE})

WOULD = {
    What.PUBLISH: lazy("It will be shown to everybody."),
    What.PAUSE: lazy("It will say that it is paused."),
    What.RESUME: lazy("It will no longer say that it is paused."),
    What.RETIRE: lazy("It will be taken down."),
    What.CHECK: lazy("It will say that it was checked today."),
    What.EMAIL: lazy("Whoever keeps it gets the letter."),
}

TOLD = frozenset({What.PUBLISH, What.PAUSE, What.RESUME, What.RETIRE})
"""What those who keep a listing are told of."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which listings: every limit that is set must hold."""

    text: str = ""
    kind: str = ""
    place: str = ""
    source: str = ""
    life: str = ""
    stale: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One listing of a plan: what will be done with it, or why it cannot be."""

    service: Service
    words: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What a batch will do, listing by listing, and the letters that go with it."""

    will: tuple[Line, ...]
    cannot: tuple[Line, ...]
    letters: tuple[outbox.Draft, ...]


def how_many_chosen(choice: Choice) -> int:
    """How many listings fit."""
    return db.session.scalar(select(func.count()).select_from(_chosen(choice).subquery())) or 0


def chosen_ids(choice: Choice, *, start: int = 0, most: int = MOST_AT_ONCE) -> list[uuid.UUID]:
    """The listings that fit, by name."""
    order = Service.name, Service.slug
    return list(db.session.scalars(_chosen(choice).order_by(*order).offset(start).limit(most)))


def sources() -> list[str]:
    """Where listings came from, apart from those begun here."""
    found = select(Service.source).where(Service.source != "").distinct()
    return sorted(db.session.scalars(found))


def foresee(batch: Batch) -> Plan:
    """What the batch would do if it were done now."""
    versions = {uuid.UUID(service_id): version for service_id, version in batch.chosen}
    will, cannot = [], []
    for service in whole_listings(list(versions)):
        why = _why_not(service, batch)
        if service.version != versions[service.id]:
            why = _("It was changed since you chose it.")
        if why:
            cannot.append(Line(service, why))
        else:
            will.append(Line(service, _would(service, batch)))
    return Plan(tuple(will), tuple(cannot), tuple(_letters(batch, will)))


def carry_out(batch: Batch, *, by: Actor) -> Plan:
    """Do it: as one piece, with its letters, which leave when it can no longer be undone."""
    plan = foresee(batch)
    batches.begin(batch, [line.service for line in plan.will])
    for line in plan.will:
        batches.belongs(_do(line.service, batch, by=by), batch)
    batch.left = [[line.service.name, line.words] for line in plan.cannot]
    if batch.what == What.WORDS:
        batches.keep_mapping(batch)
        taxonomy.map_term(uuid.UUID(batch.said["term"]), batch.said["to"], by=by)
    for draft in plan.letters:
        outbox.put(draft)
    done, left = len(plan.will), len(plan.cannot)
    audit.record(
        by, "batch done", about=batches.about(batch), what=batch.what, done=done, left=left
    )
    return plan


def _chosen(choice: Choice) -> Select[uuid.UUID]:
    wanted = select(Service.id).join(Organisation, Organisation.id == Service.organisation_id)
    limits: list[ColumnElement[bool]] = [Service.arriving_with.is_(None)]
    if choice.text.strip():
        names = (Service.name, Organisation.name, Service.summary)
        limits.append(
            or_(*(each.icontains(choice.text.strip(), autoescape=True) for each in names))
        )
    if choice.kind:
        terms = select(Attribute.service_id).join(TaxonomyTerm)
        of_kind = TaxonomyTerm.taxonomy == KINDS, TaxonomyTerm.code == choice.kind
        limits.append(Service.id.in_(terms.where(*of_kind)))
    if choice.place.strip():
        limits.append(Service.id.in_(_held_in(choice.place.strip())))
    if choice.source:
        limits.append(Service.source == ("" if choice.source == "-" else choice.source))
    if choice.life:
        limits.append(Service.life == Life(choice.life))
    else:
        limits.append(Service.life != Life.RETIRED)
    if choice.stale:
        too_old = Service.assured_on < clock.today() - FRESH_FOR
        limits.append(or_(Service.assured_on.is_(None), too_old))
    return wanted.where(*limits)


def _held_in(place: str) -> Select[uuid.UUID]:
    held = select(ServiceAtLocation.service_id).join(Location)
    town = func.lower(Location.city) == place.lower()
    return held.where(or_(town, Location.postcode.istartswith(place, autoescape=True)))


def _why_not(service: Service, batch: Batch) -> str:
    """Why this cannot be done with a listing; empty when it can."""
    what = What(batch.what)
    if what in {What.KIND, What.WORDS}:
        is_said = _with_terms(service, batch) == facts_of(service)
        return _("It says so already.") if is_said else ""
    if what is What.EMAIL:
        return "" if letter_address(service) else _("We have no email address for it.")
    if turn(Step(what), service.life) is None:
        return _("It is %(state)s.", state=translated(LIFE_WORDS[service.life]))
    return ""


def _would(service: Service, batch: Batch) -> str:
    if batch.what not in {What.KIND, What.WORDS}:
        return str(WOULD[What(batch.what)])
    was, now = facts_of(service), _with_terms(service, batch)
    names = taxonomy.own_names()
    new = [
        names[name, code]
        for name in (KINDS, NEEDS, AUDIENCES)
        for code in getattr(now, name)
        if code not in getattr(was, name)
    ]
    return _("It will also be found under: %(words)s.", words=", ".join(new))


def _with_terms(service: Service, batch: Batch) -> ListingFacts:
    """What the listing says with these words of ours added behind its own."""
    facts = facts_of(service)
    for name, code in batch.said["to"]:
        held = getattr(facts, name)
        if code not in held:
            added: dict[str, Any] = {name: (*held, code)}
            facts = replace(facts, **added)
    return facts


def _do(service: Service, batch: Batch, *, by: Actor) -> ListingStep | None:
    what = What(batch.what)
    if what is What.EMAIL:
        return None
    if what in {What.KIND, What.WORDS}:
        facts = _with_terms(service, batch)
        return change_listing(service, facts, version=service.version, by=by)
    return step(service, Step(what), by=by)


def _letters(batch: Batch, will: Sequence[Line]) -> list[outbox.Draft]:
    """One letter to each address, whatever number of listings are kept there."""
    what = What(batch.what)
    if what not in TOLD and what is not What.EMAIL:
        return []
    kept: dict[str, list[Service]] = defaultdict(list)
    for line in will:
        if address := letter_address(line.service).lower():
            kept[address].append(line.service)
    occasion, leaves_at = batches.about(batch), batches.letters_leave_at(batch)
    drafts = []
    for address, services in sorted(kept.items()):
        if what is What.EMAIL:
            draft = owners_letter(services, batch.said["subject"], batch.said["words"])
        else:
            draft = decided_letter(services, Step(what))
        sent = replace(draft, to_address=address, about=occasion, same_as=occasion)
        drafts.append(replace(sent, not_before=leaves_at))
    return drafts
