"""Referrals, the record: who somebody is in their own words, their goals, risks and safety."""

from referrals.about.goals import Said, end_goal, goals_of, open_goals, say_anew, set_goal
from referrals.about.life import communication_needs, current, versions, write
from referrals.about.risks import risks_of, risks_stated, state_risks, statements

__all__ = [
    "Said",
    "communication_needs",
    "current",
    "end_goal",
    "goals_of",
    "open_goals",
    "risks_of",
    "risks_stated",
    "say_anew",
    "set_goal",
    "state_risks",
    "statements",
    "versions",
    "write",
]
