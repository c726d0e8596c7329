"""Referrals, the day: what is to be done for whom and by when, each on the list of who looks after.

A task belongs to a person's referral, not to a worker: whoever takes the person over, or covers
for an absence, finds it on their own list.
"""

import uuid
from collections.abc import Sequence
from datetime import date

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import contains_eager

from core import audit, clock, site
from core.actors import Actor, Kind
from core.db import db
from core.errors import Forbidden, NotFound, Refused
from referrals.day.cover import referrals_of
from referrals.models import Referral, Task, TaskKind
from referrals.rules import NOT_YOURS, OPEN, Part
from referrals.sight import parts_of, referrals_for

LONGEST = 200
MAY_ADD = frozenset({Part.RECEIVER, Part.SYSTEM})


def add(
    referral: Referral, words: str, due_on: date, *, by: Actor, kind: TaskKind = TaskKind.DO
) -> Task:
    """Something to do for somebody by a day. The same thing still to be done is not added twice.

    A task about a referral on to a group is noted with the referral it hangs on.
    """
    first = referral.parent or referral
    if not MAY_ADD & parts_of(by, first):
        raise Forbidden(NOT_YOURS.reason)
    said = words.strip()[:LONGEST]
    if not said:
        raise Refused("Say what is to be done.")
    already = _same(first, said, kind)
    if already is not None:
        return already
    task = Task(
        referral=first,
        kind=kind,
        words=said,
        due_on=due_on,
        by=by.ref,
        by_name=site.name() if by.kind is Kind.SYSTEM else by.name,
        at=clock.now(),
    )
    db.session.add(task)
    db.session.flush()
    audit.record(by, "task added", about=first.about, kind=kind)
    return task


def done(task: Task, *, by: Actor) -> None:
    """Tick a task off; to tick it off again changes nothing."""
    if not MAY_ADD & parts_of(by, task.referral):
        raise Forbidden(NOT_YOURS.reason)
    if task.done_at is not None:
        return
    task.done_at, task.done_by = clock.now(), by.ref
    task.done_by_name = site.name() if by.kind is Kind.SYSTEM else by.name
    db.session.flush()
    audit.record(by, "task done", about=task.referral.about, kind=task.kind)


def not_done_yet(task: Task, *, by: Actor) -> None:
    """Put a task back that was ticked off by mistake."""
    if not MAY_ADD & parts_of(by, task.referral):
        raise Forbidden(NOT_YOURS.reason)
    task.done_at, task.done_by, task.done_by_name = None, "", ""
    db.session.flush()
    audit.record(by, "task put back", about=task.referral.about, kind=task.kind)


def get_task(task_id: uuid.UUID, *, seen_by: Actor) -> Task:
    """A task about somebody the actor looks after, or NotFound."""
    theirs = referrals_for(seen_by).with_only_columns(Referral.id)
    found = db.session.scalar(select(Task).where(Task.id == task_id, Task.referral_id.in_(theirs)))
    if found is None or Part.RECEIVER not in parts_of(seen_by, found.referral):
        raise NotFound
    return found


def open_for(
    actor: Actor, *, until: date | None = None, team: bool = False, most: int | None = None
) -> Sequence[Task]:
    """What the actor is to do, the longest overdue first; with `team`, what any of them is."""
    return db.session.scalars(_open_for(actor, until=until, team=team).limit(most)).all()


def how_many(actor: Actor, *, until: date) -> int:
    """How much the actor is to do by a day."""
    ids = _open_for(actor, until=until, team=False).with_only_columns(Task.id).order_by(None)
    return db.session.scalar(select(func.count()).select_from(ids.subquery())) or 0


def _open_for(actor: Actor, *, until: date | None, team: bool) -> Select[Task]:
    theirs = referrals_of(actor, team=team).with_only_columns(Referral.id)
    wanted = _to_do().where(Referral.id.in_(theirs))
    return wanted if until is None else wanted.where(Task.due_on <= until)


def open_about(referral: Referral) -> Sequence[Task]:
    """What is still to be done for one person."""
    return db.session.scalars(_to_do().where(Task.referral_id == referral.id)).all()


def _to_do() -> Select[Task]:
    return (
        select(Task)
        .join(Task.referral)
        .where(
            Task.done_at.is_(None),
            or_(Referral.status.in_(OPEN), Task.kind == TaskKind.CHECK_IN),
        )
        .options(contains_eager(Task.referral).joinedload(Referral.person))
        .order_by(Task.due_on, Task.at)
    )


def _same(referral: Referral, words: str, kind: TaskKind) -> Task | None:
    alike = select(Task).where(
        Task.referral_id == referral.id, Task.kind == kind, Task.done_at.is_(None)
    )
    return next((each for each in db.session.scalars(alike).all() if each.words == words), None)
