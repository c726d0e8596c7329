"""Directory: the editors' desk: what waits to be decided, the oldest first, and what grows old."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import joinedload

from core import audit, clock, outbox, work
from core.actors import Actor
from core.db import db
from core.errors import NotFound
from core.saving import saving
from directory import duplicates, editing
from directory.desk import batches, claims, letters, merging, reports, sendings, thanks
from directory.freshness.keeper_links import keeper_link
from directory.listings import get_service, letter_address, step, whole_listings
from directory.models import DeskNote, Enquiry, GroupDraft, Service
from directory.rules import FRESH_FOR, Aspect, Life, Step

RINGABLE = Life.LIVE, Life.NEEDS_CHECKING, Life.HIDDEN


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A listing of the stale board: what is doubtful of it, and what editors noted."""

    service: Service
    asked_in_vain: bool
    doubted: frozenset[Aspect]
    notes: tuple[DeskNote, ...]


def init_app() -> None:
    """Have forgotten every day what is no longer needed."""
    work.chore("clear the editors' desk", timedelta(days=1), _clear)
    work.chore(duplicates.LOOK, timedelta(days=1), merging.look_for_pairs)


def counts() -> dict[str, int]:
    """How much waits of each sort; likenesses are not counted: some are none any more."""
    return {
        "new": len(new_listings()),
        "changes": len(editing.waiting_changes()),
        "reports": len(reports.waiting_reports()),
        "claims": len(claims.waiting_claims()),
        "thanks": len(thanks.waiting_thanks()),
        "old": how_many_doubtful(),
    }


def new_listings() -> list[GroupDraft]:
    """The groups that were added and nobody has looked at, the oldest first."""
    found = (
        select(GroupDraft)
        .join(Service, Service.id == GroupDraft.service_id)
        .where(GroupDraft.sent_at.is_not(None), Service.life == Life.DRAFT)
        .order_by(GroupDraft.sent_at)
    )
    return list(db.session.scalars(found.options(joinedload(GroupDraft.service))))


def get_new(service_id: uuid.UUID) -> Service:
    """A listing that is not shown yet, or NotFound."""
    service = get_service(service_id)
    if service.life is not Life.DRAFT:
        raise NotFound
    return service


def sender_of(service: Service) -> str:
    """Where whoever sent a new listing is reached; empty when we do not know."""
    found = select(GroupDraft.email).where(GroupDraft.service_id == service.id)
    return db.session.scalar(found.limit(1)) or letter_address(service)


def decide_new(service: Service, words: str, *, accept: bool, by: Actor) -> None:
    """Show a new listing to everybody, or do not; whoever sent it is told."""
    step(service, Step.PUBLISH if accept else Step.RETIRE, by=by)
    address = sender_of(service)
    if not address:
        return
    if accept:
        letter = letters.published_letter(service, words, keeper_link(service, by=by))
    else:
        letter = letters.refused_letter(service, words)
    about = f"service:{service.id}"
    outbox.put(letters.sent_to(letter, address, about=about, occasion=about))


def how_many_doubtful() -> int:
    """How many listings of the stale board there are."""
    return db.session.scalar(select(func.count()).select_from(Service).where(_is_old())) or 0


def doubtful(*, start: int = 0, most: int = 50) -> list[Doubtful]:
    """The listings in most doubt: whose groups do not answer, then the longest unchecked."""
    order = (
        _asked_in_vain().desc(),
        Service.assured_on.is_not(None),
        Service.assured_on,
        Service.name,
        Service.slug,
    )
    found = select(Service.id, _asked_in_vain()).where(_is_old()).order_by(*order)
    rows = dict(db.session.execute(found.offset(start).limit(most)).all())
    said, notes = reports.doubted(list(rows)), _notes(list(rows))
    return [
        Doubtful(each, rows[each.id], said.get(each.id, frozenset()), notes.get(each.id, ()))
        for each in whole_listings(list(rows))
    ]


def note(service: Service, words: str, *, by: Actor) -> None:
    """Leave a line for the next editor."""
    made = DeskNote(service_id=service.id, words=words.strip(), at=clock.now(), by_name=by.name)
    db.session.add(made)
    audit.record(by, "note left", about=f"service:{service.id}")


def notes_of(service: Service) -> tuple[DeskNote, ...]:
    """What editors noted of a listing, the latest first."""
    return _notes([service.id]).get(service.id, ())


def _notes(service_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, tuple[DeskNote, ...]]:
    found = select(DeskNote).where(DeskNote.service_id.in_(service_ids))
    notes: dict[uuid.UUID, tuple[DeskNote, ...]] = {}
    for each in db.session.scalars(found.order_by(DeskNote.at.desc())):
        notes[each.service_id] = (*notes.get(each.service_id, ()), each)
    return notes


def _is_old() -> ColumnElement[bool]:
    too_old = Service.assured_on < clock.today() - FRESH_FOR
    unsure = Service.life.in_([Life.NEEDS_CHECKING, Life.HIDDEN])
    reported = Service.id.in_(reports.reported_ids())
    old = or_(Service.assured_on.is_(None), too_old, unsure, reported, _asked_in_vain())
    return Service.life.in_(RINGABLE) & Service.arriving_with.is_(None) & old


def _asked_in_vain() -> ColumnElement[bool]:
    return exists().where(
        Enquiry.service_id == Service.id,
        Enquiry.passed_on_at.is_not(None),
        Enquiry.answered_at.is_(None),
    )


def _clear() -> int:
    with saving():
        forgotten = reports.forget_reporters() + claims.forget_claimants()
        return forgotten + sendings.forget_sendings() + batches.forget_plans()
