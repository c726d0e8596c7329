"""Referrals, groups: how long somebody waits for a group's answer, and what is done meanwhile.

PATIENCE is the whole rule. Days are working days since the group was asked, or since its question
was answered; while it waits for an answer itself, nothing is counted. Each thing is done once.
"""

import uuid
from collections.abc import Callable
from datetime import date
from enum import StrEnum

from sqlalchemy import Select, select

from accounts import Role, members
from core import audit, clock, outbox
from core.actors import Actor, system
from core.db import db, hold
from core.languages import _
from core.outbox import Letter, State
from core.saving import saving
from core.working_days import working_days_after
from directory import Life, Service
from referrals import letters
from referrals.day import tasks
from referrals.group_keys import send_key
from referrals.groups.capacity import NOT_RUNNING
from referrals.models import GroupNudge, Referral, TaskKind
from referrals.pathway import act
from referrals.rules import UNDER_WAY, Action, Status


class Do(StrEnum):
    """What is done when a group has not answered."""

    NUDGE = "nudge"
    TELL_LEAD = "tell-lead"
    RETURN = "return"


PATIENCE = ((3, Do.NUDGE), (6, Do.NUDGE), (9, Do.NUDGE), (10, Do.TELL_LEAD), (15, Do.RETURN))
"""After so many working days, this."""

AWAITED = frozenset({Status.SENT, Status.OPENED})
NOT_BEFORE = 8
"""The hour before which nobody is written to."""

NO_ANSWER = "No answer"
NOT_REACHED = 0
"""The mark of a letter that could not be delivered, where others have their working days."""

STOPPED = -1
"""The mark of a group that has stopped though it had said yes."""


def lose_patience() -> int:
    """Do for every group that has not answered what is due by now; returns how much was done."""
    if clock.local(clock.now()).hour < NOT_BEFORE:
        return 0
    waiting = select(Referral.id).where(
        Referral.parent_id.is_not(None), Referral.status.in_(AWAITED)
    )
    onward_ids = list(db.session.scalars(waiting.order_by(Referral.created_at, Referral.id)))
    undelivered = list(db.session.scalars(_undelivered()))
    stopped = list(db.session.scalars(_stopped()))
    db.session.rollback()
    done = 0
    for onward_id in onward_ids:
        with saving():
            done += _one(db.session.get_one(Referral, onward_id), by=system("patience"))
    for letter_id in undelivered:
        with saving():
            done += _not_reached(db.session.get_one(Letter, letter_id), by=system("patience"))
    for onward_id in stopped:
        with saving():
            _say_stopped(db.session.get_one(Referral, onward_id), by=system("patience"))
    return done + len(stopped)


def waiting_since(onward: Referral) -> date:
    """The day from which the group's answer is awaited."""
    turns = [s.at for s in onward.steps if s.action in {Action.SEND, Action.ANSWER}]
    return clock.local_date(max(turns, default=onward.created_at))


def due_by(since: date, today: date) -> list[tuple[int, Do]]:
    """What is due when nobody has answered since a day."""
    return [(days, do) for days, do in PATIENCE if working_days_after(since, days) <= today]


def _one(onward: Referral, *, by: Actor) -> int:
    hold(onward.parent or onward)
    db.session.refresh(onward)
    if onward.status not in AWAITED or onward.service is None:
        return 0
    if onward.service.life is Life.RETIRED:
        _give_back(onward, _("They have stopped."), by=by)
        return 1
    since = waiting_since(onward)
    before = _done_since(onward, since)
    warned = any(day < clock.today() for day in before.values())
    due = [(days, do) for days, do in due_by(since, clock.today()) if days not in before]
    if not warned:  # nobody loses a place without a word on an earlier day
        due = [(days, do) for days, do in due if do is not Do.RETURN]
    for days, _do in due:
        _remember(onward.id, since, days)
    if not due:
        return 0
    # After a long night only the latest is done: nobody wants three letters at once.
    days, do = due[-1]
    _DOES[do](onward, days, by)
    return 1


def _nudge(onward: Referral, days: int, by: Actor) -> None:
    paused = onward.service is not None and onward.service.life in NOT_RUNNING
    occasion = f"nudge:{onward.id}:{waiting_since(onward).isoformat()}:{days}"
    if paused or not send_key(onward, letters.GROUP_NUDGE, occasion=occasion, by=by):
        _have_it_rung(onward, by=by)


def _tell_lead(onward: Referral, days: int, by: Actor) -> None:
    occasion = f"lead:{onward.id}:{waiting_since(onward).isoformat()}:{days}"
    for lead in members(onward.from_organisation_id, Role.TEAM_LEAD):
        draft = letters.to_lead(lead, onward, occasion=occasion)
        if draft is not None:
            outbox.put(draft)
    _have_it_rung(onward, by=by)


def _return(onward: Referral, days: int, by: Actor) -> None:
    _give_back(onward, _("%(days)s working days.", days=days), by=by)


def _give_back(onward: Referral, why: str, *, by: Actor) -> None:
    act(onward, Action.REJECT, by=by, note=f"{NO_ANSWER}. {why}")
    released = letters.released(onward)
    if released is not None:
        outbox.put(released)
    words = _("Choose something else: %(name)s did not answer.", name=_name(onward))
    _task(onward, words, TaskKind.GROUP, by=by)


def _have_it_rung(onward: Referral, *, by: Actor) -> None:
    words = _("Ring %(name)s: they have not answered.", name=_name(onward))
    _task(onward, words, TaskKind.CALL, by=by)


def _not_reached(letter: Letter, *, by: Actor) -> int:
    """A letter to a group could not be delivered: somebody has to ring."""
    onward = db.session.get(Referral, uuid.UUID(letter.about.partition(":")[2]))
    if onward is None or not onward.is_onward or onward.closed_at is not None:
        return 0
    written = clock.local_date(letter.written_at)
    marked = select(GroupNudge.id).where(
        GroupNudge.referral_id == onward.id,
        GroupNudge.waiting_since == written,
        GroupNudge.working_days == NOT_REACHED,
    )
    if db.session.scalar(marked) is not None:
        return 0
    _remember(onward.id, written, NOT_REACHED)
    audit.record(by, "group not reached", about=onward.about)
    words = _("Ring %(name)s: our letter did not reach them.", name=_name(onward))
    _task(onward, words, TaskKind.CALL, by=by)
    return 1


def _stopped() -> Select[uuid.UUID]:
    """Whom a group has said yes to that has stopped since, if nobody was told."""
    told = select(GroupNudge.referral_id).where(GroupNudge.working_days == STOPPED)
    going = (
        select(Referral.id)
        .join(Referral.service)
        .where(Referral.parent_id.is_not(None), Referral.status.in_(UNDER_WAY))
    )
    return going.where(Service.life == Life.RETIRED, Referral.id.not_in(told))


def _say_stopped(onward: Referral, *, by: Actor) -> None:
    """Somebody has to tell the person before they stand before a locked door."""
    _remember(onward.id, waiting_since(onward), STOPPED)
    audit.record(by, "group stopped", about=onward.about)
    words = _("Tell them, and choose something else: %(name)s has stopped.", name=_name(onward))
    _task(onward, words, TaskKind.CALL, by=by)


def _undelivered() -> Select[uuid.UUID]:
    return select(Letter.id).where(
        Letter.state == State.GIVEN_UP,
        Letter.kind.like("group-%"),
        Letter.about.like("referral:%"),
    )


def _done_since(onward: Referral, since: date) -> dict[int, date]:
    """What was done about this silence, by its working days, and on which day."""
    found = select(GroupNudge).where(
        GroupNudge.referral_id == onward.id, GroupNudge.waiting_since == since
    )
    return {each.working_days: clock.local_date(each.at) for each in db.session.scalars(found)}


def _remember(onward_id: uuid.UUID, since: date, days: int) -> None:
    db.session.add(
        GroupNudge(referral_id=onward_id, waiting_since=since, working_days=days, at=clock.now())
    )
    db.session.flush()


def _task(onward: Referral, words: str, kind: TaskKind, *, by: Actor) -> None:
    tasks.add(onward, words, working_days_after(clock.today(), 1), kind=kind, by=by)


def _name(onward: Referral) -> str:
    return onward.service.name if onward.service else ""


_DOES: dict[Do, Callable[[Referral, int, Actor], None]] = {
    Do.NUDGE: _nudge,
    Do.TELL_LEAD: _tell_lead,
    Do.RETURN: _return,
}
