"""Referrals, the day: how somebody is tried, when the next try is due, and when to stop trying.

Three tries on different days and at different times of day, then a kind letter, then time to
answer it; only then is a referral closed as "could not be reached". attempts.toml has the numbers.
"""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path

from sqlalchemy import ColumnElement, select

from core import clock
from core.working_days import is_working_day, working_days_after
from referrals.models import ContactMade, Referral
from referrals.rules import ContactHow

A_DAY = timedelta(days=1)
FILE = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True, slots=True)
class PartOfDay:
    """A part of the day, from the end of the one before."""

    name: str
    until: time


@dataclass(frozen=True, slots=True)
class Policy:
    """How often, how far apart, and how long the letter gives."""

    tries: int
    working_days_between: int
    working_days_to_answer: int
    counted: frozenset[ContactHow]
    parts: tuple[PartOfDay, ...]

    def part_at(self, moment: datetime) -> PartOfDay:
        """In which part of the day it was, by the clock on the wall."""
        wall = clock.local(moment).time()
        return next((part for part in self.parts if wall < part.until), self.parts[-1])


class Stage(StrEnum):
    """What comes next for somebody who has not been reached."""

    TRY = "try"
    WRITE = "write"
    WAIT = "wait"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Attempts:
    """Which tries count, and what comes next and from which day on.

    `parts`: the parts of the day still to be tried. `uncounted`: tries too like another to count.
    """

    tries: tuple[datetime, ...]
    uncounted: int
    stage: Stage
    on: date
    parts: tuple[PartOfDay, ...] = ()

    @property
    def number(self) -> int:
        """Which try the next one would be."""
        return len(self.tries) + 1


@cache
def policy() -> Policy:
    """The policy of this deployment."""
    said = tomllib.loads(FILE.read_text("utf-8"))
    return Policy(
        tries=said["tries"],
        working_days_between=said["working_days_between"],
        working_days_to_answer=said["working_days_to_answer"],
        counted=frozenset(ContactHow(how) for how in said["counted"]),
        parts=tuple(PartOfDay(part["name"], part["until"]) for part in said["part_of_day"]),
    )


def attempts_for(contacts: Iterable[ContactMade], *, rule: Policy | None = None) -> Attempts:
    """Where somebody stands who was tried by these contacts. To have spoken starts it all anew."""
    rule = rule or policy()
    since = _since_spoken_to(contacts)
    made = [contact.at for contact in since if contact.how in rule.counted]
    tries = _counted(made, rule)
    so_far = tuple(tries), len(made) - len(tries)
    letters = [contact.at for contact in since if contact.how is ContactHow.LETTER]
    if letters:
        over = closes_from(clock.local_date(letters[-1]), rule)
        return Attempts(*so_far, Stage.CLOSE if clock.today() >= over else Stage.WAIT, over)
    if len(tries) >= rule.tries:
        return Attempts(*so_far, Stage.WRITE, _at_work(clock.today()))
    earliest = clock.today()
    if tries:
        last = clock.local_date(tries[-1])
        earliest = max(earliest, working_days_after(last, rule.working_days_between))
    return Attempts(*so_far, Stage.TRY, _at_work(earliest), _parts_left(tries, rule))


def closes_from(written_on: date, rule: Policy | None = None) -> date:
    """The first day on which a letter written on a day has had its time to be answered."""
    days = (rule or policy()).working_days_to_answer
    return working_days_after(written_on, days) + A_DAY


def answered_no_letter() -> ColumnElement[bool]:
    """Of a referral: the letter was written, and its time to be answered is over."""
    last = _last_day_to_write(clock.today())
    midnight = datetime.combine(last + A_DAY, time(), tzinfo=clock.LONDON)
    return (
        select(ContactMade.id)
        .where(
            ContactMade.referral_id == Referral.id,
            ContactMade.how == ContactHow.LETTER,
            ContactMade.at < midnight,
        )
        .correlate(Referral)
        .exists()
    )


def _last_day_to_write(today: date) -> date:
    """The last day a letter may be of, to have had its time by today."""
    day = today
    while closes_from(day) > today:
        day -= A_DAY
    return day


def _since_spoken_to(contacts: Iterable[ContactMade]) -> list[ContactMade]:
    since: list[ContactMade] = []
    for contact in sorted(contacts, key=lambda each: each.at):
        since = [] if contact.reached else [*since, contact]
    return since


def _counted(made: Sequence[datetime], rule: Policy) -> list[datetime]:
    counted: list[datetime] = []
    for moment in made:
        is_new_day = clock.local_date(moment) not in {clock.local_date(each) for each in counted}
        if is_new_day and rule.part_at(moment) in _parts_left(counted, rule):
            counted.append(moment)
    return counted


def _parts_left(tries: Sequence[datetime], rule: Policy) -> tuple[PartOfDay, ...]:
    """The parts of the day not tried in the present round; once all are, they start again."""
    done = len(tries) // len(rule.parts) * len(rule.parts)
    used = {rule.part_at(each) for each in tries[done:]}
    return tuple(part for part in rule.parts if part not in used)


def _at_work(day: date) -> date:
    return day if is_working_day(day) else working_days_after(day, 1)
