"""Referrals: a group said no, so somebody is given the task of finding what is next."""

from core import clock
from core.actors import Actor, system
from core.working_days import working_days_after
from referrals.day import tasks
from referrals.models import Referral, TaskKind
from referrals.rules import UNDER_WAY, Status

WORDS = "{name} said not this time. Choose what to try next."


def lay_task(onward: Referral) -> None:
    """Have the link worker see by the next working day that something else is to be found."""
    due_on = working_days_after(clock.today(), 1)
    tasks.add(onward, _words(onward), due_on, by=system("group declined"), kind=TaskKind.GROUP)


def found_another(parent: Referral, *, by: Actor) -> None:
    """Another group is asked: the tasks that asked for this are done."""
    asked_for = {_words(each) for each in parent.onward if each.status is Status.REJECTED}
    for task in tasks.open_about(parent):
        if task.words in asked_for:
            tasks.done(task, by=by)


def is_standing(onward: Referral) -> bool:
    """Whether a group has said no to somebody who is still waiting to go somewhere."""
    parent = onward.parent
    return onward.status is Status.REJECTED and parent is not None and parent.status in UNDER_WAY


def _words(onward: Referral) -> str:
    name = onward.service.name if onward.service else ""
    return WORDS.format(name=name)[: tasks.LONGEST]
