"""Referrals, rights: how long a record is kept, and who looks before it is let go.

The schedule is data (`retention.toml`). Its clock starts when nothing is open any more, from the
last contact; it starts again when the record is used again. A legal hold stops every clock. Nothing
about a person is let go by itself: it comes before an officer, who decides.
"""

import tomllib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from dateutil.relativedelta import relativedelta
from sqlalchemy import func, select

from accounts import May
from core import audit, clock, outbox
from core.actors import Actor
from core.db import db
from core.errors import Forbidden, NotFound, Refused
from core.languages import _
from core.saving import saving
from referrals.models import (
    ContactMade,
    KeptOn,
    LegalHold,
    Person,
    Referral,
    SafetyNote,
    Step,
)
from referrals.rights.requests import find_by_ref
from referrals.rules import CLOSED, NOT_YOURS, UNDER_WAY

MOST_SHOWN = 50
CHILD_UNDER = 18
LONGEST_KEPT_ON = relativedelta(years=5)


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the schedule."""

    key: str
    title: str
    years: int
    source: str
    until_birthday: int = 0
    until_birthday_if_17: int = 0


@dataclass(frozen=True, slots=True)
class Over:
    """A record whose time is over, or would be: by which rule, since when."""

    person_id: uuid.UUID
    refs: tuple[str, ...]
    team_id: uuid.UUID
    rule: Rule
    first_on: date
    last_on: date
    due_on: date


@cache
def schedule() -> Mapping[str, Rule]:
    """The rules of the schedule, by their keys."""
    return {key: Rule(key=key, **said) for key, said in _said()["rule"].items()}


def technical(what: str) -> timedelta:
    """How long a row that says nothing about anybody is kept."""
    return timedelta(days=_said()["technical"][what])


def waiting_for(actor: Actor, *, most: int = MOST_SHOWN) -> list[Over]:
    """The records of the officer's team whose time is over and that nobody has looked at."""
    shortest = min(rule.years for rule in schedule().values())
    before = clock.now() - relativedelta(years=shortest)
    last = func.max(func.coalesce(Referral.closed_at, Referral.created_at))
    people = (
        select(Referral.person_id)
        .where(Referral.to_organisation_id.in_(actor.where(May.HANDLE_RIGHTS)))
        .where(Referral.parent_id.is_(None), Referral.erased_at.is_(None))
        .group_by(Referral.person_id)
        .having(last < before)
        .order_by(last)
    )
    found = []
    for person_id in db.session.scalars(people):
        over = standing_of(person_id)
        if over is not None and over.due_on <= clock.today() and not _is_kept(person_id):
            found.append(over)
        if len(found) == most:
            break
    return found


def standing_of(person_id: uuid.UUID) -> Over | None:
    """When a record's time is over; None while anything is open, for then no clock runs."""
    person = db.session.get(Person, person_id)
    ways = list(db.session.scalars(select(Referral).where(Referral.person_id == person_id)))
    firsts = [way for way in ways if not way.is_onward]
    is_open = any(way.status not in CLOSED for way in ways)
    is_gone = any(way.erased_at is not None for way in firsts)
    if person is None or not firsts or is_open or is_gone:
        return None
    last_on = _last_contact(ways)
    rule = _rule_for(person, ways, last_on)
    return Over(
        person_id,
        tuple(way.ref for way in firsts),
        firsts[-1].to_organisation_id,
        rule,
        clock.local_date(min(way.created_at for way in firsts)),
        last_on,
        _due(rule, person.born_on, last_on),
    )


def get_over(person_id: uuid.UUID, *, seen_by: Actor) -> Over:
    """A record of the officer's team that nothing is open in; NotFound otherwise."""
    found = standing_of(person_id)
    if found is None or found.team_id not in seen_by.where(May.HANDLE_RIGHTS):
        raise NotFound
    return found


def keep_on(over: Over, *, until: date, why: str, by: Actor) -> KeptOn:
    """Look at it, and keep it for longer: until when, and why."""
    _officer(over.team_id, by)
    if not clock.today() < until <= clock.today() + LONGEST_KEPT_ON:
        raise Refused(_("Choose a day in the next five years; it is looked at again then."))
    if not why.strip():
        raise Refused(_("Say why."))
    kept = KeptOn(
        about=f"person:{over.person_id}",
        until=until,
        why=why.strip(),
        by=by.ref,
        by_name=by.name,
        at=clock.now(),
    )
    db.session.add(kept)
    audit.record(by, "record kept on", about=kept.about, until=until.isoformat())
    return kept


def hold_back(ref: str, born_on: date, why: str, *, by: Actor) -> LegalHold:
    """Stop every clock of somebody's record: a court, an inquiry or a complaint needs it."""
    referral = find_by_ref(ref, born_on, by=by)
    if not why.strip():
        raise Refused(_("Say why."))
    hold = LegalHold(
        about=referral.person.about,
        ref=referral.ref,
        team_id=referral.to_organisation_id,
        why=why.strip(),
        by=by.ref,
        by_name=by.name,
        at=clock.now(),
    )
    db.session.add(hold)
    db.session.flush()
    audit.record(by, "legal hold", about=hold.about)
    return hold


def end_hold(hold_id: uuid.UUID, *, by: Actor) -> None:
    """The reason for a hold is gone; the clocks go on as if they had never stopped."""
    hold = db.session.get(LegalHold, hold_id)
    if hold is None or hold.team_id not in by.where(May.HANDLE_RIGHTS):
        raise NotFound
    if hold.ended_at is None:
        hold.ended_at, hold.ended_by = clock.now(), by.name
        audit.record(by, "legal hold ended", about=hold.about)


def holds_of(actor: Actor) -> Sequence[LegalHold]:
    """The holds that stand in the officer's team, the newest first."""
    found = select(LegalHold).where(
        LegalHold.team_id.in_(actor.where(May.HANDLE_RIGHTS)), LegalHold.ended_at.is_(None)
    )
    return db.session.scalars(found.order_by(LegalHold.at.desc())).all()


def is_held(person_id: uuid.UUID) -> bool:
    """Whether a legal hold stands."""
    standing = select(LegalHold.id).where(
        LegalHold.about == f"person:{person_id}", LegalHold.ended_at.is_(None)
    )
    return db.session.scalar(standing.limit(1)) is not None


def forget_letters_words() -> int:
    """Empty the words of letters that went long ago; that they went is kept."""
    with saving():
        return outbox.forget_words(sent_before=clock.now() - technical("letter_words"))


def _is_kept(person_id: uuid.UUID) -> bool:
    looked = select(KeptOn.id).where(
        KeptOn.about == f"person:{person_id}", KeptOn.until > clock.today()
    )
    return is_held(person_id) or db.session.scalar(looked.limit(1)) is not None


def _last_contact(ways: Sequence[Referral]) -> date:
    ids = [way.id for way in ways]
    moments = [way.closed_at or way.created_at for way in ways]
    for column, of in ((ContactMade.at, ContactMade.referral_id), (Step.at, Step.referral_id)):
        latest = db.session.scalar(select(func.max(column)).where(of.in_(ids)))
        moments += [latest] if latest is not None else []
    return clock.local_date(max(moments))


def _rule_for(person: Person, ways: Sequence[Referral], last_on: date) -> Rule:
    ids = [way.id for way in ways]
    noted = select(SafetyNote.id).where(SafetyNote.referral_id.in_(ids)).limit(1)
    taken = select(Step.id).where(Step.referral_id.in_(ids), Step.now.in_(UNDER_WAY)).limit(1)
    if db.session.scalar(noted) is not None:
        return schedule()["safety"]
    if relativedelta(last_on, person.born_on).years < CHILD_UNDER:
        return schedule()["child"]
    return schedule()["adult" if db.session.scalar(taken) is not None else "no-case"]


def _due(rule: Rule, born_on: date, last_on: date) -> date:
    due = last_on + relativedelta(years=rule.years)
    if rule.until_birthday:
        was_17 = relativedelta(last_on, born_on).years == CHILD_UNDER - 1
        birthday = rule.until_birthday_if_17 if was_17 else rule.until_birthday
        due = max(due, born_on + relativedelta(years=birthday))
    return due


def _officer(team_id: uuid.UUID, by: Actor) -> None:
    if team_id not in by.where(May.HANDLE_RIGHTS):
        raise Forbidden(NOT_YOURS.reason)


@cache
def _said() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("retention.toml").read_text())
