"""Referrals: what must never be among its rows, looked for by whoever runs the site and in backups.

What is found is named by its reference; nothing is said about anybody.
"""

import uuid
from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import aliased

from core import clock, figures
from core.db import db
from core.ops import cross_check
from core.sealing import DataKey
from core.working_days import working_days_after
from referrals.models import Person, Referral, Step
from referrals.rules import CLOSED, OPEN, UNANSWERED, UNDER_WAY

WAITS_TOO_LONG = 2
"""Working days after which somebody should have looked (hazard: a referral nobody sees)."""


def init_app() -> None:
    """Register them, and what whoever watches the service is shown."""
    cross_check("a case under way that nobody has", cases_without_owner)
    cross_check("a referral ended without its moment, or open with one", ends_of_two_minds)
    cross_check("a referral that stands elsewhere than its last step says", steps_astray)
    cross_check("a group asked on behalf of a case that has ended", onward_without_case)
    cross_check("a person with open referrals whose key is gone", people_without_key)
    figures.watch(
        "kith_referrals_waiting",
        "Referrals that nobody has answered for over two working days.",
        waiting_too_long,
    )


def waiting_too_long() -> int:
    """How many referrals to teams were sent more than two working days ago and not answered."""
    sent = select(Referral.sent_at).where(
        Referral.status.in_(UNANSWERED),
        Referral.parent_id.is_(None),
        Referral.sent_at < clock.now() - timedelta(days=WAITS_TOO_LONG),
    )
    today = clock.today()
    return sum(
        working_days_after(clock.local_date(moment), WAITS_TOO_LONG) < today
        for moment in db.session.scalars(sent)
        if moment is not None
    )


def cases_without_owner() -> Iterable[str]:
    """Referrals to a team that are under way, with nobody who looks after them."""
    return _named(
        select(Referral.id).where(
            Referral.status.in_(UNDER_WAY),
            Referral.parent_id.is_(None),
            Referral.owner_id.is_(None),
        )
    )


def ends_of_two_minds() -> Iterable[str]:
    """Referrals whose state and the moment they ended say different things."""
    ended = Referral.closed_at.is_not(None)
    return _named(select(Referral.id).where(Referral.status.in_(CLOSED) != ended))


def steps_astray() -> Iterable[str]:
    """Referrals whose history does not end where they stand."""
    last = (
        select(Step.referral_id, func.max(Step.number).label("number"))
        .group_by(Step.referral_id)
        .subquery()
    )
    return _named(
        select(Referral.id)
        .join(last, last.c.referral_id == Referral.id)
        .join(Step, (Step.referral_id == Referral.id) & (Step.number == last.c.number))
        .where(Step.now != Referral.status)
    )


def onward_without_case() -> Iterable[str]:
    """Open referrals on to a group under one that has ended."""
    case = aliased(Referral)
    return _named(
        select(Referral.id)
        .join(case, case.id == Referral.parent_id)
        .where(Referral.status.in_(UNANSWERED), case.status.in_(CLOSED))
    )


def people_without_key() -> Iterable[str]:
    """People whose referrals are open and whom nobody can read about any more."""
    is_open = exists().where(Referral.person_id == Person.id, Referral.status.in_(OPEN))
    has_key = exists().where(DataKey.holder_id == Person.id)
    lost = db.session.scalars(select(Person.id).where(is_open, ~has_key))
    return (f"person:{each}" for each in lost)


def _named(found: Select[uuid.UUID]) -> Iterable[str]:
    return (f"referral:{each}" for each in db.session.scalars(found))
