"""Referrals: the questions people are asked before and after, in their published words.

ONS4 and the loneliness questions may be printed by anybody who names their source, so they stand
here; each ONS4 question is reported by itself: a sum of the four means nothing. The words of the
short Warwick–Edinburgh scale are not ours to print: a deployment that holds a licence brings them
(`referrals.measuring.licensed`). All are for people of 16 and over.
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
    """One question, its scale, and a short name for charts. `good`: +1 when higher is better.

    With `choices` it is answered in words, each of which stands for a number.
    """

    key: str
    name: str
    asks: str
    low: str = ""
    high: str = ""
    good: int = 1
    choices: tuple[tuple[int, str], ...] = ()

    @property
    def least(self) -> int:
        """The lowest answer there is."""
        return min(number for number, _ in self.choices) if self.choices else LOWEST

    @property
    def most(self) -> int:
        """The highest answer there is."""
        return max(number for number, _ in self.choices) if self.choices else HIGHEST

    def in_words(self, answer: int) -> str:
        """An answer as it was given."""
        return dict(self.choices).get(answer, str(answer))


@dataclass(frozen=True, slots=True)
class Instrument:
    """A set of questions. `has_score`: whether its answers may be put together to one number."""

    key: str
    name: str
    intro: str
    questions: tuple[Question, ...]
    attribution: str
    has_score: bool = False


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

_HARDLY = ((1, "Hardly ever or never"), (2, "Some of the time"), (3, "Often"))
_NEVER = (
    (1, "Never"),
    (2, "Hardly ever"),
    (3, "Occasionally"),
    (4, "Some of the time"),
    (5, "Often or always"),
)

LONELINESS = Instrument(
    key="loneliness",
    name="Four questions about loneliness (UCLA-3 and the direct question)",
    intro="The next questions are about your relationships with others.",
    questions=(
        Question(
            "companionship",
            "Lacking companionship",
            "How often do you feel that you lack companionship?",
            good=-1,
            choices=_HARDLY,
        ),
        Question(
            "left_out",
            "Feeling left out",
            "How often do you feel left out?",
            good=-1,
            choices=_HARDLY,
        ),
        Question(
            "isolated",
            "Feeling isolated from others",
            "How often do you feel isolated from others?",
            good=-1,
            choices=_HARDLY,
        ),
        Question(
            "lonely",
            "Feeling lonely",
            "How often do you feel lonely?",
            good=-1,
            choices=_NEVER,
        ),
    ),
    attribution=(
        "Source: Office for National Statistics, measuring loneliness: guidance for use of the "
        "national indicators on surveys, licensed under the Open Government Licence v3.0. The "
        "first three questions: Hughes and others (2004), three-item loneliness scale."
    ),
    has_score=True,
)
"""The three are put together to a score from 3 to 9; the direct question stands by itself."""

UCLA3 = ("companionship", "left_out", "isolated")

SWEMWBS = "swemwbs"
GOALS = "goals"
