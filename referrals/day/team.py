"""Referrals, the day: who of a team has how much, and how people pass from one to another.

Weights are in weights.toml: named, so that a team can argue about them.
"""

import tomllib
import uuid
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

from sqlalchemy import ColumnElement, Select, String, case, cast, func, literal, select
from sqlalchemy.orm import aliased

from accounts import May, Role, User, members
from core import audit, clock
from core.actors import Actor
from core.db import db, hold
from core.errors import Forbidden, Refused
from referrals.models import GroupPlace, OwnerChange, Person, Referral
from referrals.pathway import act, what_may
from referrals.rules import NOT_YOURS, OPEN, UNANSWERED, Action, Part, Reason, Status
from referrals.sight import parts_of, referrals_for

FILE = Path(__file__).with_name("weights.toml")
A_YEAR = timedelta(days=365)
WORKING = (Role.LINK_WORKER, Role.TEAM_LEAD)


@dataclass(frozen=True, slots=True)
class Scale:
    """What one person counts for, what adds to it, and what is too much."""

    one_person: float
    heavy_from: float
    safe_a_year: int
    most_a_year: int
    new_for_days: int
    many_reasons: int
    weights: dict[str, float]


@dataclass(frozen=True, slots=True)
class Load:
    """How much one link worker has."""

    user: User
    people: int
    weight: float
    year: int

    @property
    def is_heavy(self) -> bool:
        """Whether the open work weighs more than one can carry."""
        return self.weight >= scale().heavy_from

    @property
    def is_over(self) -> bool:
        """Whether more were taken on in a year than is safe."""
        return self.year > scale().most_a_year

    @property
    def is_near(self) -> bool:
        """Whether the year comes near what is safe."""
        return scale().safe_a_year <= self.year <= scale().most_a_year


@cache
def scale() -> Scale:
    """The weights of this deployment."""
    return Scale(**tomllib.loads(FILE.read_text("utf-8")))


def colleagues(actor: Actor) -> list[User]:
    """Those who work a caseload in the actor's teams, by name; the actor is one of them."""
    found = {
        user.id: user
        for team in actor.where(May.WORK_CASELOAD)
        for role in WORKING
        for user in members(team, role)
    }
    return sorted(found.values(), key=lambda user: user.name)


def loads(actor: Actor) -> list[Load]:
    """How much everybody of the team has, the heaviest first."""
    each = {user.id: (0, 0.0) for user in colleagues(actor)}
    weight = func.coalesce(func.sum(_weight()), 0.0)
    theirs = (
        _team(actor)
        .join(Referral.person)
        .where(Referral.status.in_(OPEN), Referral.owner_id.in_(each))
        .with_only_columns(Referral.owner_id, func.count(), weight)
        .group_by(Referral.owner_id)
    )
    for owner, people, heavy in db.session.execute(theirs).all():
        if owner is not None:
            each[owner] = people, float(heavy)
    taken = (
        _team(actor)
        .where(Referral.owner_id.in_(each), Referral.sent_at > clock.now() - A_YEAR)
        .with_only_columns(Referral.owner_id, func.count())
        .group_by(Referral.owner_id)
    )
    years = dict(db.session.execute(taken).all())
    found = [Load(user, *each[user.id], years.get(user.id, 0)) for user in colleagues(actor)]
    return sorted(found, key=lambda load: (-load.weight, load.user.name))


def claim(referral: Referral, *, by: Actor) -> None:
    """Take somebody nobody has taken yet from the team's queue: it says that one reads it."""
    hold(referral)
    if Part.RECEIVER not in parts_of(by, referral) or referral.is_onward:
        raise Forbidden(NOT_YOURS.reason)
    if referral.owner_id is not None or referral.status not in UNANSWERED:
        raise Refused("Somebody else has taken this one already.")
    _change(referral, by.user_id, by=by)
    if Action.OPEN in what_may(by, referral):
        act(referral, Action.OPEN, by=by)


def hand_over(referral: Referral, to: User | None, *, by: Actor) -> None:
    """Give somebody on the caseload to a colleague, or back to the team's queue.

    Whoever looks after a person may, and so may whoever leads the team.
    """
    hold(referral)
    no = may_hand_over(referral, by=by)
    if no is not None:
        raise no
    if to is None and referral.status not in UNANSWERED:
        raise Refused("Choose who looks after them: they have been accepted.")
    if to is not None and to.id not in {user.id for user in colleagues(by)}:
        raise Refused("Choose somebody of your own team.")
    if referral.owner_id != (to.id if to else None):
        _change(referral, to.id if to else None, by=by)


def hand_back(referral: Referral, was_id: uuid.UUID | None, *, by: Actor) -> None:
    """Undo a handing over that the actor was allowed to make."""
    _change(referral, was_id, by=by)


def may_hand_over(referral: Referral, *, by: Actor) -> Forbidden | Refused | None:
    """What stands in the way of giving this person to somebody else; None when nothing does."""
    leads = referral.to_organisation_id in by.where(May.LEAD_TEAM)
    if referral.is_onward or Part.RECEIVER not in parts_of(by, referral):
        return Forbidden(NOT_YOURS.reason)
    if referral.owner_id not in {None, by.user_id} and not leads:
        return Forbidden("Whoever looks after them can pass them on, or whoever leads the team.")
    if referral.status not in OPEN:
        return Refused("This referral has ended.")
    return None


def queue_size(actor: Actor) -> int:
    """How many nobody has taken yet."""
    waiting = _team(actor).where(Referral.status.in_(UNANSWERED), Referral.owner_id.is_(None))
    return db.session.scalar(waiting.with_only_columns(func.count())) or 0


def _change(referral: Referral, now_id: uuid.UUID | None, *, by: Actor) -> None:
    change = OwnerChange(
        was_id=referral.owner_id,
        now_id=now_id,
        by=by.ref,
        by_name=by.name,
        at=clock.now(),
    )
    referral.owner_changes.append(change)
    referral.owner_id = now_id
    db.session.flush()
    audit.record(
        by,
        "referral passed on",
        about=referral.about,
        was=str(change.was_id or ""),
        now=str(now_id or ""),
    )


def _team(actor: Actor) -> Select[Referral]:
    return referrals_for(actor).where(
        Referral.parent_id.is_(None),
        Referral.to_organisation_id.in_(actor.where(May.WORK_CASELOAD)),
        Referral.status.not_in([Status.DRAFT, Status.ENTERED_IN_ERROR]),
    )


def _weight() -> ColumnElement[float]:
    """What somebody counts for. It stands beside a join with the person."""
    rule = scale()
    said = _conditions(rule)
    total: ColumnElement[float] = literal(rule.one_person)
    for name, weight in rule.weights.items():
        total = total + case((said[name], weight), else_=0.0)
    return total


def _conditions(rule: Scale) -> dict[str, ColumnElement[bool]]:
    onward = aliased(Referral)
    needs_support = (
        select(GroupPlace.id)
        .join(onward, GroupPlace.referral_id == onward.id)
        .where(onward.parent_id == Referral.id, onward.status.in_(OPEN), GroupPlace.high_support)
        .correlate(Referral)
        .exists()
    )
    return {
        "high_support": needs_support,
        "communication_needs": Person.communication_needs.is_there,
        "new": Referral.sent_at > clock.now() - timedelta(days=rule.new_for_days),
        "many_reasons": func.json_array_length(Referral.reasons) >= rule.many_reasons,
        "money_housing": cast(Referral.reasons, String).contains(f'"{Reason.MONEY_HOUSING}"'),
        "being_tried": Referral.status == Status.CONTACTING,
        "on_hold": Referral.status == Status.ON_HOLD,
    }
