"""Referrals, measuring: the sets of questions there are for one person, and why one is not."""

import uuid
from dataclasses import dataclass

from core.errors import NotFound, Refused
from referrals.about import goals_of
from referrals.measures import GOALS, LONELINESS, ONS4, SWEMWBS, Instrument, Question
from referrals.measuring.licensed import swemwbs
from referrals.models import Goal, GoalEnd, Referral

GOALS_INTRO = (
    "These are your own goals, in your own words. For each say how near you feel to it today. "
    "There are no right or wrong answers."
)


@dataclass(frozen=True, slots=True)
class Unavailable:
    """A set of questions that cannot be asked now, and why."""

    key: str
    name: str
    why: str


def choosable(referral: Referral) -> list[Instrument | Unavailable]:
    """Every set of questions, in the order they are offered."""
    return [ONS4, LONELINESS, _of_goals(referral), _scale()]


def get_instrument(referral: Referral, key: str) -> Instrument:
    """One that can be asked now; NotFound when there is no such, Refused with the reason else."""
    found = next((each for each in choosable(referral) if each.key == key), None)
    if found is None:
        raise NotFound
    if isinstance(found, Unavailable):
        raise Refused(found.why)
    return found


def _scale() -> Instrument | Unavailable:
    found = swemwbs()
    if isinstance(found, Instrument):
        return found
    return Unavailable(SWEMWBS, "Seven statements about wellbeing (SWEMWBS)", found)


def _of_goals(referral: Referral) -> Instrument | Unavailable:
    goals = goals_of(referral)
    wanted = [goal for goal in goals if goal.ended_as is not GoalEnd.SAID_ANEW]
    name = "Their own goals, from 0 to 10"
    if not wanted:
        return Unavailable(GOALS, name, "No goal is written down yet.")
    first = {goal.id: goal for goal in goals}
    return Instrument(
        key=GOALS,
        name=name,
        intro=GOALS_INTRO,
        questions=tuple(_question(goal, _root(goal, first)) for goal in wanted),
        attribution="The words are theirs; the scale is ours.",
    )


def _root(goal: Goal, by_id: dict[uuid.UUID, Goal]) -> Goal:
    """The goal as it was first said: answers to it stay with it, however it is said later."""
    while goal.follows_id is not None:
        goal = by_id[goal.follows_id]
    return goal


def _question(goal: Goal, root: Goal) -> Question:
    return Question(
        root.id.hex,
        f"“{goal.words}”",
        goal.words,
        "not begun",
        "all the way there",
    )
