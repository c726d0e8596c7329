"""The demo's working day: what a link worker has to do, whom she meets, and who covers for whom."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from sqlalchemy import select

from accounts import User, actor_for
from core import clock
from core.db import db
from demo.days import A_DAY, Days
from demo.story import World
from referrals.day import cover, supervision, tasks
from referrals.day.appointments import book
from referrals.models import Referral, TaskKind
from referrals.rules import UNDER_WAY

WORKER, LEAD = "link-worker", "team-lead"

TASKS = (
    (-2, TaskKind.CALL, "Ring the housing office about the repair"),
    (0, TaskKind.DO, "Find out which bus stops at the door"),
    (0, TaskKind.WRITE, "Send the timetable of the swimming pool"),
    (3, TaskKind.HELP, "Ask whether the group has a chair with arms"),
)

APPOINTMENTS = (
    (0, time(10), 45, "The library, Bow Road", True),
    (0, time(14, 30), 30, "By telephone", False),
    (1, time(11), 60, "At their home", False),
)

TO_DISCUSS = (
    "I am not sure how often to ring. Too often, and I take something away.",
    "What could the next step be? I would like to think it through with you.",
)


def fill(world: World) -> None:
    """Give the link worker a day: tasks, appointments, cover to come, and words for the lead."""
    worker, lead = world.users[WORKER], world.users[LEAD]
    people = _people_of(worker)
    by, days = actor_for(worker), Days()
    with clock.set_to(clock.now() - 3 * A_DAY):
        for referral, (in_days, kind, words) in zip(people, TASKS, strict=False):
            tasks.add(referral, words, days.due(in_days), by=by, kind=kind)
        for referral, (in_days, at, minutes, place, shown) in zip(
            reversed(people), APPOINTMENTS, strict=False
        ):
            starts_at = datetime.combine(days.day(in_days), at, tzinfo=clock.LONDON)
            book(referral, starts_at, minutes=minutes, place=place, place_shown=shown, by=by)
        for referral, why in zip(people[2:], TO_DISCUSS, strict=False):
            supervision.put_down(referral, why, by=by)
    first = days.due(7)
    last = first + timedelta(days=4)
    cover.begin(lead, worker, from_on=first, until_on=last, by=actor_for(lead))


def _people_of(worker: User) -> Sequence[Referral]:
    """Those she is working with, always in the same order."""
    wanted = select(Referral).where(
        Referral.owner_id == worker.id,
        Referral.parent_id.is_(None),
        Referral.status.in_(UNDER_WAY),
    )
    return db.session.scalars(wanted.order_by(Referral.sent_at)).all()
