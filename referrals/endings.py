"""Referrals: good endings: planned with the person from the start, and not the last they hear.

Somebody knows early when the work together ends and what comes then. When it has ended their link
worker asks after three and after six months how it goes, unless they would rather not.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from dateutil.relativedelta import relativedelta
from sqlalchemy import delete, select

from core import audit, clock, outbox, site
from core.actors import Actor, system
from core.db import db, hold
from core.errors import Forbidden, Refused
from core.outbox import Channel, Draft
from core.working_days import working_days_after
from referrals.day import tasks
from referrals.models import Ending, Referral, Step, Task, TaskKind
from referrals.person.telling import OwnLetter, address_of
from referrals.rules import NOT_YOURS, UNDER_WAY, Action, Part
from referrals.sight import parts_of

CHECK_INS = (3, 6)
"""Months after the end."""

TALK_BEFORE = timedelta(days=14)
TALK = "Talk about the ending you planned together"
CHECK_IN = "Check in, {months} months on: how is it going?"
GIVES_BACK = " They would like to give something back: {what}"
BY_POST = "Post the letter they asked for, now that you have ended"

SUBJECT = "Thank you"
THANKS = "Thank you for the time together. It was good to meet you. All the best."
RING = "If you want to talk again, ring {team}{phone}."
INVITED = "You wanted to give something back. We would be glad: ring us when it suits you."

_JOB = system("good ending")


def plan_ending(
    referral: Referral,
    *,
    ends_on: date,
    looks_like: str,
    step_down: str = "",
    check_ins: bool = True,
    letter: bool = False,
    gives_back: str = "",
    by: Actor,
) -> Ending:
    """Write down, or change, what was agreed about the ending; a reminder comes before it."""
    hold(referral)
    if referral.is_onward or Part.RECEIVER not in parts_of(by, referral):
        raise Forbidden(NOT_YOURS.reason)
    if referral.status not in UNDER_WAY:
        raise Refused("An ending is planned while you work together.")
    if ends_on < clock.today():
        raise Refused("The day must be today or later.")
    if not looks_like.strip():
        raise Refused("Say how you both will know that it is time.")
    ending = ending_of(referral) or Ending(referral=referral)
    ending.ends_on, ending.looks_like = ends_on, looks_like.strip()
    ending.step_down, ending.gives_back = step_down.strip(), gives_back.strip()
    ending.check_ins, ending.letter = check_ins, letter
    ending.by, ending.by_name, ending.at = by.ref, by.name, clock.now()
    db.session.add(ending)
    db.session.flush()
    audit.record(by, "ending planned", about=referral.about, ends_on=ends_on.isoformat())
    _remind(referral, ends_on, by=by)
    return ending


def ending_of(referral: Referral) -> Ending | None:
    """What was agreed about the ending, if anything was."""
    return db.session.scalar(select(Ending).where(Ending.referral_id == referral.id))


def check_ins_of(referral: Referral) -> list[Task]:
    """The check-ins after the end, the first one first."""
    found = select(Task).where(Task.referral_id == referral.id, Task.kind == TaskKind.CHECK_IN)
    return list(db.session.scalars(found.order_by(Task.due_on)))


def after(step: Step, *, not_before: datetime | None) -> None:
    """What follows once the work together is finished: check-ins, and a letter if they wish it."""
    referral = step.referral
    if step.action is not Action.COMPLETE or referral.is_onward:
        return
    ending = ending_of(referral)
    if ending is None or ending.check_ins:
        ended_on = clock.local_date(step.at)
        for months, words in _check_ins(ending):
            due = _working_day(ended_on + relativedelta(months=months))
            tasks.add(referral, words, due, by=_JOB, kind=TaskKind.CHECK_IN)
    if ending is not None and ending.letter:
        _write(referral, ending, step, not_before)


def taken_back(referral: Referral, step: Step) -> None:
    """The step that ended it was taken back: there is nothing to check in on yet."""
    if step.action is Action.COMPLETE:
        _drop_check_ins(referral, since=step.at)


def leave_in_peace(referral: Referral) -> None:
    """They want nothing more: nobody checks in."""
    _drop_check_ins(referral, since=referral.created_at)


def _drop_check_ins(referral: Referral, *, since: datetime) -> None:
    db.session.execute(
        delete(Task).where(
            Task.referral_id == referral.id,
            Task.kind == TaskKind.CHECK_IN,
            Task.done_at.is_(None),
            Task.at >= since,
        )
    )


def _remind(referral: Referral, ends_on: date, *, by: Actor) -> None:
    due = max(_working_day(ends_on - TALK_BEFORE), clock.today())
    task = tasks.add(referral, TALK, due, by=by)
    task.due_on = due


def _check_ins(ending: Ending | None) -> Iterator[tuple[int, str]]:
    for months in CHECK_INS:
        words = CHECK_IN.format(months=months)
        if ending is not None and ending.gives_back and months == CHECK_INS[0]:
            words += GIVES_BACK.format(what=ending.gives_back)
        yield months, words


def _working_day(day: date) -> date:
    return working_days_after(day - timedelta(days=1), 1)


def _write(referral: Referral, ending: Ending, step: Step, not_before: datetime | None) -> None:
    """Not a word in it of what it was about; whoever has no such address gets it by post."""
    way = address_of(referral.person)
    telling = referral.person.telling
    if way is None and telling is not None and not telling.post:
        return
    if way is None:
        due = working_days_after(clock.today(), 2)
        tasks.add(referral, BY_POST, due, by=_JOB, kind=TaskKind.CHECK_IN)
        return
    channel, address = way
    team = referral.to_organisation
    ring = RING.format(team=team.name, phone=f", {team.phone}" if team.phone else "")
    parts = [THANKS, ring, INVITED if ending.gives_back else "", site.name()]
    draft = Draft(
        kind=OwnLetter.ENDING,
        about=referral.about,
        for_whom=referral.person.about,
        same_as=f"{referral.about}:{step.number}:ending",
        to_address=address,
        subject="" if channel is Channel.SMS else SUBJECT,
        body="\n\n".join(filter(None, parts)) + "\n",
        channel=channel,
        not_before=not_before,
    )
    outbox.put(draft)
