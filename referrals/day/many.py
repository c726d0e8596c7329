"""Referrals, the day: one change for many people at once, shown before it is made, and undone.

Whom it cannot be done for is told beforehand and left out. What it was before is kept: for half an
hour whoever made the change can put back everybody who has not been changed since.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from accounts import User
from core import audit, clock
from core.actors import Actor
from core.db import db
from core.errors import NotFound, Refused
from referrals.day import tasks
from referrals.day.cover import referrals_of
from referrals.day.team import hand_back, hand_over, may_hand_over
from referrals.day.undoing import WITHIN
from referrals.models import ManyChanged, ManyKind, Referral, Task
from referrals.rules import OPEN

MOST = 200


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be done for each: a new day, a new colleague, or a task by a day."""

    kind: ManyKind
    on: date | None = None
    to: User | None = None
    words: str = ""

    @property
    def after(self) -> str:
        """How it is afterwards, as it is kept to see what has changed since."""
        if self.kind is ManyKind.HAND_OVER:
            return str(self.to.id) if self.to else ""
        return self.on.isoformat() if self.on else ""


@dataclass(frozen=True, slots=True)
class Line:
    """One person of a preview, and what stands in the way; "" when nothing does."""

    referral: Referral
    why_not: str


def chosen(ids: Sequence[uuid.UUID], *, seen_by: Actor) -> list[Referral]:
    """Those of the team with these ids, in this order; a stranger's are not among them."""
    wanted = (
        referrals_of(seen_by, team=True)
        .where(Referral.id.in_(ids[:MOST]))
        .options(joinedload(Referral.person), joinedload(Referral.owner))
    )
    found = {referral.id: referral for referral in db.session.scalars(wanted)}
    return [found[each] for each in dict.fromkeys(ids) if each in found]


def preview(referrals: Sequence[Referral], change: Change, *, by: Actor) -> list[Line]:
    """Who would be changed, and who would not and why."""
    return [Line(each, _why_not(each, change, by=by)) for each in referrals]


def change_many(referrals: Sequence[Referral], change: Change, *, by: Actor) -> ManyChanged:
    """Make the change for everybody it can be made for."""
    able = [line.referral for line in preview(referrals, change, by=by) if not line.why_not]
    if not able:
        raise Refused("This cannot be done for anybody you chose.")
    began = clock.now()
    before = {str(each.id): _do(each, change, by=by) for each in able}
    made = ManyChanged(kind=change.kind, before=before, after=change.after, by=by.ref, at=began)
    db.session.add(made)
    db.session.flush()
    audit.record(by, "many changed", about=f"many:{made.id}", kind=made.kind, number=len(able))
    return made


def undo_many(made: ManyChanged, *, by: Actor) -> int:
    """Put back everybody who has not been changed since; returns how many."""
    if made.undone_at is not None or clock.now() - made.at >= WITHIN:
        raise Refused("This can no longer be undone.")
    number = sum(_put_back(key, was, made, by=by) for key, was in made.before.items())
    made.undone_at = clock.now()
    db.session.flush()
    audit.record(by, "many put back", about=f"many:{made.id}", kind=made.kind, number=number)
    return number


def get_many(wanted: uuid.UUID, *, seen_by: Actor) -> ManyChanged:
    """A change of one's own, or NotFound."""
    found = db.session.get(ManyChanged, wanted)
    if found is None or found.by != seen_by.ref:
        raise NotFound
    return found


def many_to_undo(actor: Actor) -> ManyChanged | None:
    """The actor's last change for many, while it can be undone."""
    return db.session.scalar(
        select(ManyChanged)
        .where(
            ManyChanged.by == actor.ref,
            ManyChanged.undone_at.is_(None),
            ManyChanged.at > clock.now() - WITHIN,
        )
        .order_by(ManyChanged.at.desc())
        .limit(1)
    )


def _why_not(referral: Referral, change: Change, *, by: Actor) -> str:
    if referral.status not in OPEN:
        return "This referral has ended."
    if change.kind is ManyKind.HAND_OVER:
        no = may_hand_over(referral, by=by)
        return no.reason if no else ""
    return ""


def _do(referral: Referral, change: Change, *, by: Actor) -> str:
    """Change one, and say how it was."""
    if change.kind is ManyKind.HAND_OVER:
        was = str(referral.owner_id or "")
        hand_over(referral, change.to, by=by)
        return was
    if change.on is None:
        raise Refused("Say which day.")
    if change.kind is ManyKind.ADD_TASK:
        return str(tasks.add(referral, change.words, change.on, by=by).id)
    was = referral.next_contact_on.isoformat() if referral.next_contact_on else ""
    referral.next_contact_on = change.on
    db.session.flush()
    audit.record(by, "next contact planned", about=referral.about, on=change.after)
    return was


def _put_back(key: str, was: str, made: ManyChanged, *, by: Actor) -> bool:
    if made.kind is ManyKind.ADD_TASK:
        return _drop_task(uuid.UUID(was), made)
    referral = db.session.get(Referral, uuid.UUID(key))
    if referral is None or referral.status not in OPEN:
        return False
    if made.kind is ManyKind.HAND_OVER:
        if str(referral.owner_id or "") != made.after:
            return False
        hand_back(referral, uuid.UUID(was) if was else None, by=by)
        return True
    planned = referral.next_contact_on.isoformat() if referral.next_contact_on else ""
    if planned != made.after:
        return False
    referral.next_contact_on = date.fromisoformat(was) if was else None
    audit.record(by, "next contact planned", about=referral.about, on=was)
    return True


def _drop_task(task_id: uuid.UUID, made: ManyChanged) -> bool:
    """A task that stood there before, or is done by now, stays."""
    task = db.session.get(Task, task_id)
    if task is None or task.done_at is not None or task.at < made.at or task.by != made.by:
        return False
    db.session.delete(task)
    return True
