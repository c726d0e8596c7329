"""Referrals: the questions people are asked before and after, in their published words.

Source: Office for National Statistics / Government Analysis Function, personal wellbeing harmonised
standard (ONS4), licensed under the Open Government Licence v3.0. Each question is reported by
itself: a sum of the four means nothing. For people of 16 and over.
"""

from dataclasses import dataclass

ATTRIBUTION = (
    "Source: Office for National Statistics / Government Analysis Function, personal wellbeing "
    "harmonised standard, licensed under the Open Government Licence v3.0."
)

LOWEST, HIGHEST = 0, 10

NOISE = 1
"""A change of one point lies within a person's day-to-day ups and downs (standards notes §4.2)."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question, its scale, and a short name for charts. `good`: +1 when higher is better."""

    key: str
    name: str
    asks: str
    low: str
    high: str
    good: int = 1


@dataclass(frozen=True, slots=True)
class Instrument:
    """A published set of questions."""

    key: str
    name: str
    intro: str
    questions: tuple[Question, ...]
    attribution: str


ONS4 = Instrument(
    key="ons4",
    name="Four questions about wellbeing (ONS4)",
    intro=(
        "Next I would like to ask you four questions about your feelings on aspects of your life. "
        "There are no right or wrong answers. For each of these questions I’d like you to give an "
        "answer on a scale of 0 to 10, where 0 is ‘not at all’ and 10 is ‘completely’."
    ),
    questions=(
        Question(
            "life_satisfaction",
            "Life satisfaction",
            "Overall, how satisfied are you with your life nowadays?",
            "not at all satisfied",
            "completely satisfied",
        ),
        Question(
            "worthwhile",
            "Feeling life is worthwhile",
            "Overall, to what extent do you feel that the things you do in your life are "
            "worthwhile?",
            "not at all worthwhile",
            "completely worthwhile",
        ),
        Question(
            "happiness",
            "Happiness yesterday",
            "Overall, how happy did you feel yesterday?",
            "not at all happy",
            "completely happy",
        ),
        Question(
            "anxiety",
            "Anxiety yesterday (lower is better)",
            "On a scale where 0 is ‘not at all anxious’ and 10 is ‘completely anxious’, overall, "
            "how anxious did you feel yesterday?",
            "not at all anxious",
            "completely anxious",
            good=-1,
        ),
    ),
    attribution=ATTRIBUTION,
)
