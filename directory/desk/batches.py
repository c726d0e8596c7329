"""Directory: several listings changed in one go: half an hour to take it all back.

What a batch does are the listings' own steps, marked with it. Taken back is what nobody has touched
since; the rest is named. Its letters wait for that half hour and are never sent if it is undone.
"""

import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, select
from sqlalchemy.orm import aliased

from core import audit, clock, outbox
from core.actors import Actor
from core.db import db
from core.errors import NotFound, Refused
from core.languages import _, lazy
from core.outbox import Letter
from directory import taxonomy
from directory.facts import from_json
from directory.keeping import write
from directory.listings import record_step, whole_listings
from directory.models import Batch, FieldCheck, ListingStep, OldAddress, Service
from directory.rules import Aspect, How

UNDO_FOR = timedelta(minutes=30)
KEPT_FOR = timedelta(days=1)
"""How long a plan nobody carries out is kept."""

CHANGED_SINCE = lazy("It was changed since.")
PUT_BACK = "put back as it was"


def new_batch(what: str, services: Iterable[Service], *, by: Actor, **said: Any) -> Batch:
    """Write down what is to be done with these listings, as they are now."""
    batch = Batch(
        id=uuid.uuid4(),
        what=what,
        said=said,
        chosen=[[str(each.id), each.version] for each in services],
        before={},
        left=[],
        made_at=clock.now(),
        by=by.ref,
        by_name=by.name,
    )
    db.session.add(batch)
    db.session.flush()
    return batch


def get_batch(batch_id: uuid.UUID) -> Batch:
    """The batch, or NotFound."""
    found = db.session.get(Batch, batch_id)
    if found is None:
        raise NotFound
    return found


def latest_batches(most: int = 10) -> list[Batch]:
    """What was done in one go lately, the latest first."""
    found = select(Batch).where(Batch.done_at.is_not(None)).order_by(Batch.done_at.desc())
    return list(db.session.scalars(found.limit(most)))


def about(batch: Batch) -> str:
    """What the letters of a batch are about."""
    return f"batch:{batch.id}"


def letters_leave_at(batch: Batch) -> datetime:
    """When the letters of a batch are sent: when it can no longer be undone."""
    return (batch.done_at or clock.now()) + UNDO_FOR


def begin(batch: Batch, services: Sequence[Service]) -> None:
    """Note that it is done now, and what only this note can put back later."""
    if batch.done_at is not None:
        raise Refused(_("This has been done already."))
    batch.done_at = clock.now()
    checks = select(FieldCheck).where(FieldCheck.service_id.in_([each.id for each in services]))
    batch.before = {
        "assured_on": {str(s.id): str(s.assured_on) for s in services if s.assured_on},
        "checks": [
            [str(c.service_id), c.aspect, c.how, c.at.isoformat(), c.by, c.by_name]
            for c in db.session.scalars(checks)
        ],
    }


def letters_of(batch: Batch) -> list[Letter]:
    """The letters of a batch, sent, waiting or cancelled."""
    found = select(Letter).where(Letter.about == about(batch))
    return sorted(db.session.scalars(found), key=lambda letter: letter.to_address)


def keep_mapping(batch: Batch) -> None:
    """Note what its category meant before, to put that back too."""
    was = taxonomy.meant_by(uuid.UUID(batch.said["term"]))
    batch.before = {**batch.before, "mapped": [list(each) for each in was]}


def belongs(note: ListingStep | None, batch: Batch) -> None:
    """Mark a listing's step as part of this batch."""
    if note is not None:
        note.batch_id = batch.id


def can_undo(batch: Batch) -> bool:
    """Whether there is still time to take it back."""
    is_open = batch.done_at is not None and batch.undone_at is None
    return is_open and clock.now() < letters_leave_at(batch)


def undo(batch: Batch, *, by: Actor) -> list[tuple[str, str]]:
    """Put every listing back that nobody has touched since; returns those left, and why."""
    if not can_undo(batch):
        raise Refused(_("It is too late to undo this, or somebody has done so already."))
    batch.undone_at = clock.now()
    outbox.cancel(about(batch))
    notes = changed_in(batch)
    touched = _touched_since(batch)
    back = [note for note in notes if note.service_id not in touched]
    services = whole_listings([note.service_id for note in back])  # read at once, not one by one
    _put_back_checks(services, batch)
    for note in back:
        _put_back(note, by=by)
    slugs = [each.slug for each in services]
    db.session.execute(delete(OldAddress).where(OldAddress.slug.in_(slugs)))
    left = [(note.service.name, str(CHANGED_SINCE)) for note in notes if note not in back]
    if "term" in batch.said:
        taxonomy.map_term(uuid.UUID(batch.said["term"]), batch.before["mapped"], by=by)
    audit.record(by, "batch undone", about=about(batch), left=len(left))
    batch.left = [*batch.left, *map(list, left)]
    return left


def changed_in(batch: Batch) -> list[ListingStep]:
    """The steps of listings that a batch took."""
    found = select(ListingStep).where(ListingStep.batch_id == batch.id)
    return list(db.session.scalars(found))


def _touched_since(batch: Batch) -> set[uuid.UUID]:
    """The listings of a batch that something was done with since, or any of them confirmed."""
    ours, later = ListingStep, aliased(ListingStep)
    pairs = ours.service_id == later.service_id, later.at > ours.at
    done = select(ours.service_id).join(later, and_(*pairs)).where(ours.batch_id == batch.id)
    checks = FieldCheck.service_id == ours.service_id, FieldCheck.at > ours.at
    confirmed = select(ours.service_id).join(FieldCheck, and_(*checks))
    found = set(db.session.scalars(confirmed.where(ours.batch_id == batch.id)))
    return found | set(db.session.scalars(done))


def _put_back(note: ListingStep, *, by: Actor) -> None:
    service, was = note.service, note.service.life
    if note.said_before is not None:
        assured_on = service.assured_on
        write(service, from_json(note.said_before))
        service.assured_on = assured_on
    if note.was is not None:
        service.life = note.was
    service.last_modified = clock.now()
    record_step(service, PUT_BACK, was=was, by=by)


def _put_back_checks(services: Sequence[Service], batch: Batch) -> None:
    """The confirmations as they were, and the day they add up to."""
    ids = {str(each.id): each.id for each in services}
    db.session.execute(delete(FieldCheck).where(FieldCheck.service_id.in_(ids.values())))
    for service_id, aspect, how, at, ref, name in batch.before["checks"]:
        if service_id in ids:
            check = FieldCheck(
                service_id=ids[service_id],
                aspect=Aspect(aspect),
                how=How(how),
                at=datetime.fromisoformat(at),
                by=ref,
                by_name=name,
            )
            db.session.add(check)
    for each in services:
        assured_on = batch.before["assured_on"].get(str(each.id))
        each.assured_on = date.fromisoformat(assured_on) if assured_on else None


def forget_plans() -> int:
    """Drop the plans nobody carried out; returns how many."""
    old = Batch.done_at.is_(None), Batch.made_at < clock.now() - KEPT_FOR
    result = db.session.execute(delete(Batch).where(*old).returning(Batch.id))
    return len(result.all())
