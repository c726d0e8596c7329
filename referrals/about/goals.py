"""Referrals, the record: what somebody wants for themselves, in their own words; what came of it.

A goal is never rewritten. Said in other words it is a new one that follows the old, so both can be
read; how near somebody feels to it is asked with the other questions (`referrals.measures`).
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from core import audit, clock
from core.actors import Actor
from core.db import db, hold
from core.errors import NotFound, Refused
from referrals.about.life import may_write
from referrals.models import Goal, GoalEnd, Referral

MOST = 5
"""More than a few goals at once are no goals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What somebody says of a goal: their words, what they will do, how it stands with them."""

    words: str
    steps: str = ""
    importance: int | None = None
    confidence: int | None = None


def set_goal(referral: Referral, said: Said, *, by: Actor) -> Goal:
    """Write down a goal."""
    may_write(referral, by=by)
    hold(referral)
    if len(open_goals(referral)) >= MOST:
        raise Refused("Five goals at once are enough. End one first.")
    return _add(referral, said, None, by=by)


def say_anew(goal: Goal, said: Said, *, by: Actor) -> Goal:
    """The same goal in other words, or with other steps; the old words stay to be read."""
    end_goal(goal, GoalEnd.SAID_ANEW, by=by)
    return _add(goal.referral, said, goal, by=by)


def end_goal(goal: Goal, ended: GoalEnd, *, by: Actor) -> None:
    """Say what became of a goal; it is said once."""
    may_write(goal.referral, by=by)
    hold(goal.referral)
    db.session.refresh(goal)
    if goal.ended_at is not None:
        raise Refused("This goal has ended already. Go back to see how things stand.")
    goal.ended_as, goal.ended_at, goal.ended_by_name = ended, clock.now(), by.name
    db.session.flush()
    audit.record(by, "goal ended", about=goal.referral.about, ended=ended)


def goals_of(referral: Referral) -> Sequence[Goal]:
    """All the goals there were, the oldest first."""
    return db.session.scalars(
        select(Goal).where(Goal.referral_id == referral.id).order_by(Goal.at, Goal.id)
    ).all()


def open_goals(referral: Referral) -> list[Goal]:
    """The goals somebody has now."""
    return [goal for goal in goals_of(referral) if goal.ended_at is None]


def get_goal(referral: Referral, goal_id: uuid.UUID) -> Goal:
    """One of the goals of a referral; NotFound otherwise."""
    found = next((goal for goal in goals_of(referral) if goal.id == goal_id), None)
    if found is None:
        raise NotFound
    return found


def _add(referral: Referral, said: Said, follows: Goal | None, *, by: Actor) -> Goal:
    if not said.words.strip():
        raise Refused("Write the goal down in their own words.")
    goal = Goal(
        referral=referral,
        follows_id=follows.id if follows else None,
        words=said.words.strip(),
        steps=said.steps.strip(),
        importance=said.importance,
        confidence=said.confidence,
        by=by.ref,
        by_name=by.name,
        at=clock.now(),
    )
    db.session.add(goal)
    db.session.flush()
    audit.record(by, "goal set", about=referral.about)
    return goal
