"""Referrals: one letter a week to each clinician: how many of theirs went, wait, said no, are lost.

The numbers are those of the register, and each referral is in exactly one of them. The letter holds
no name, no reference and no reason; what is to be done is done after signing in.
"""

import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, func, or_, select, union

from accounts import May, User, actor_for
from core import clock, outbox, site, work
from core.db import db
from core.outbox import Draft
from core.saving import saving
from referrals.models import Attendance, FirstVisit, Referral
from referrals.rules import CLOSED, OPEN, Came, Status

LOOKS_BACK = timedelta(weeks=12)
"""Referrals sent longer ago are told of only while they are open."""

AT = time(7, 30)
"""On Monday, before surgery, by the clock on the wall."""

EVERY_HOUR = timedelta(hours=1)


class Stands(StrEnum):
    """How it stands with one referral, as the letter says it."""

    WENT = "went"
    WAITING = "waiting"
    DECLINED = "declined"
    LOST = "lost"
    OTHERWISE = "ended otherwise"


LOST = frozenset({Status.CLOSED_NO_CONTACT, Status.FAILED, Status.REJECTED})


@dataclass(frozen=True, slots=True)
class Tally:
    """How many referrals of one clinician stand how, and how many wait for their answer."""

    stands: dict[Stands, int]
    asked: int

    @property
    def total(self) -> int:
        """How many there are in all."""
        return sum(self.stands.values())

    @property
    def words(self) -> str:
        """The one line of the letter."""
        said = ", ".join(f"{self.stands[each]} {each}" for each in Stands if self.stands[each])
        of = "your 1 referral" if self.total == 1 else f"your {self.total} referrals"
        to_do = "nothing for you to do"
        if self.asked:
            to_do = f"{self.asked} {'needs' if self.asked == 1 else 'need'} your answer"
        return f"Of {of}: {said} — {to_do}."


def init_app() -> None:
    """Have the letters written once a week."""
    work.chore("write the weekly digest", EVERY_HOUR, write_letters)


def write_letters() -> int:
    """Write this week's letters unless they are written; returns for how many clinicians."""
    now = clock.local(clock.now())
    monday = now.date() - timedelta(days=now.weekday())
    if now < datetime.combine(monday, AT, tzinfo=clock.LONDON):
        return 0
    written = 0
    with saving():
        for user_id, tally in tallies().items():
            user = db.session.get(User, user_id)
            if user and user.disabled_at is None and actor_for(user).may(May.REFER):
                outbox.put(_letter(user, tally, f"digest:{user.id}:{monday}"))
                written += 1
    return written


def tallies() -> dict[uuid.UUID, Tally]:
    """How it stands with the referrals of every clinician, in one statement."""
    went = Referral.id.in_(_went())
    counted = (
        select(User.id, Referral.status, went, func.count())
        .join(Referral, Referral.referrer_id == User.id)
        .where(*_told_of())
        .group_by(User.id, Referral.status, went)
    )
    stands: dict[uuid.UUID, dict[Stands, int]] = defaultdict(lambda: dict.fromkeys(Stands, 0))
    asked: dict[uuid.UUID, int] = defaultdict(int)
    for user_id, status, has_gone, number in db.session.execute(counted):
        stands[user_id][stands_with(status, went=bool(has_gone))] += number
        asked[user_id] += number if status is Status.INFO_REQUESTED else 0
    return {user_id: Tally(found, asked[user_id]) for user_id, found in stands.items()}


def stands_with(status: Status, *, went: bool) -> Stands:
    """How the letter says that it stands with a referral."""
    if went:
        return Stands.WENT
    if status in OPEN:
        return Stands.WAITING
    if status is Status.PERSON_DECLINED:
        return Stands.DECLINED
    return Stands.LOST if status in LOST else Stands.OTHERWISE


def _told_of() -> tuple[ColumnElement[bool], ...]:
    return (
        Referral.parent_id.is_(None),
        Referral.status.in_((OPEN | CLOSED) - {Status.ENTERED_IN_ERROR}),
        or_(Referral.sent_at >= clock.now() - LOOKS_BACK, Referral.status.in_(OPEN)),
    )


def _went() -> ColumnElement[uuid.UUID | None]:
    """Those who were at a group at least once."""
    came = union(
        select(Attendance.referral_id).where(Attendance.came == Came.CAME),
        select(FirstVisit.referral_id).where(FirstVisit.came == Came.CAME),
    ).subquery()
    there = select(Referral.parent_id).join(came, came.c.referral_id == Referral.id)
    return there.where(Referral.parent_id.is_not(None), Referral.status != Status.ENTERED_IN_ERROR)  # type: ignore[return-value]


def _letter(user: User, tally: Tally, occasion: str) -> Draft:
    lines = [f"Hello {user.name},", tally.words, site.address("/my-referrals"), site.name()]
    return Draft(
        kind="digest",
        about=f"user:{user.id}",
        same_as=occasion,
        to_address=user.email,
        to_name=user.name[:120],
        subject="Your referrals this week",
        body="\n\n".join(lines) + "\n",
    )
