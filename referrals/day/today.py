"""Referrals, the day: all that a link worker needs in the morning, in a few queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from core import clock
from core.actors import Actor
from core.db import db
from core.working_days import is_working_day
from referrals.caseload import Row, due
from referrals.day import tasks
from referrals.day.appointments import appointments_for
from referrals.day.cover import referrals_of
from referrals.day.undoing import held_by
from referrals.models import Appointment, FirstVisit, Referral, Step, Task
from referrals.rules import Action, Came

A_DAY = timedelta(days=1)
MOST_NEWS = 30
MOST_TASKS = 30


@dataclass(frozen=True, slots=True)
class News:
    """One thing others did: `what` is the action or what became of a visit, as it is stored."""

    at: datetime
    first: Referral
    about: Referral
    what: str
    by_name: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Today:
    """What is late, what is today, what to answer, what is new, and what can be taken back."""

    contacts: list[Row]
    tasks: Sequence[Task]
    all_tasks: int
    appointments: Sequence[Appointment]
    unanswered: Sequence[FirstVisit]
    news: list[News]
    held: list[Step]

    @property
    def late(self) -> int:
        """How many contacts should have been before today."""
        return sum(row.is_late for row in self.contacts)


def today_for(actor: Actor) -> Today:
    """The actor's day, and that of whoever they cover for."""
    day = clock.today()
    return Today(
        contacts=due(actor),
        tasks=tasks.open_for(actor, until=day, most=MOST_TASKS),
        all_tasks=tasks.how_many(actor, until=day),
        appointments=appointments_for(actor, start=_midnight(day), end=_midnight(day + A_DAY)),
        unanswered=_unanswered(actor),
        news=_news(actor, since=_midnight(last_working_day(day))),
        held=held_by(actor),
    )


def last_working_day(day: date) -> date:
    """The last day before this one on which people were at work."""
    day -= A_DAY
    while not is_working_day(day):
        day -= A_DAY
    return day


def _news(actor: Actor, *, since: datetime) -> list[News]:
    found = [*_steps(actor, since), *_visits(actor, since)]
    return sorted(found, key=lambda news: news.at, reverse=True)[:MOST_NEWS]


def _steps(actor: Actor, since: datetime) -> list[News]:
    """What groups and practices did, and who is new."""
    about, first = aliased(Referral), aliased(Referral)
    told = or_(
        and_(about.parent_id.is_not(None), Step.action.in_([Action.ACCEPT, Action.REJECT])),
        and_(
            about.parent_id.is_(None),
            Step.action.in_([Action.SEND, Action.ANSWER, Action.WITHDRAW]),
        ),
    )
    wanted = (
        select(Step, about, first)
        .join(about, Step.referral_id == about.id)
        .join(first, _first(about, first))
        .where(Step.at >= since, Step.by != actor.ref, told, _mine(actor, first))
        .options(joinedload(first.person), joinedload(about.service))
        .order_by(Step.at.desc())
        .limit(MOST_NEWS)
    )
    return [
        News(step.at, whole, part, step.action, step.by_name, step.note)
        for step, part, whole in db.session.execute(wanted)
    ]


def _visits(actor: Actor, since: datetime) -> list[News]:
    """What others said became of a visit."""
    about, first = aliased(Referral), aliased(Referral)
    wanted = (
        select(FirstVisit, about, first)
        .join(about, FirstVisit.referral_id == about.id)
        .join(first, _first(about, first))
        .where(
            FirstVisit.answered_at >= since,
            FirstVisit.answered_by != actor.ref,
            FirstVisit.came.in_([Came.CAME, Came.DID_NOT_COME]),
            _mine(actor, first),
        )
        .options(joinedload(first.person), joinedload(about.service))
        .order_by(FirstVisit.answered_at.desc())
        .limit(MOST_NEWS)
    )
    return [
        News(visit.answered_at or visit.made_at, whole, part, visit.came, visit.answered_by_name)
        for visit, part, whole in db.session.execute(wanted)
    ]


def _unanswered(actor: Actor) -> Sequence[FirstVisit]:
    """Visits that are over, and of which nobody has said whether the person came."""
    about, first = aliased(Referral), aliased(Referral)
    wanted = (
        select(FirstVisit)
        .join(about, FirstVisit.referral_id == about.id)
        .join(first, _first(about, first))
        .where(
            FirstVisit.came == Came.PLANNED,
            FirstVisit.session_on < clock.today(),
            _mine(actor, first),
        )
        .options(
            joinedload(FirstVisit.referral).joinedload(Referral.person),
            joinedload(FirstVisit.referral).joinedload(Referral.service),
        )
        .order_by(FirstVisit.session_on)
        .limit(MOST_NEWS)
    )
    return db.session.scalars(wanted).all()


def _first(about: type[Referral], first: type[Referral]) -> ColumnElement[bool]:
    """The referral that the other hangs on; of one that hangs on none, itself."""
    return first.id == func.coalesce(about.parent_id, about.id)  # an OR here would read n × n


def _mine(actor: Actor, first: type[Referral]) -> ColumnElement[bool]:
    return first.id.in_(referrals_of(actor).with_only_columns(Referral.id))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=clock.LONDON)
