"""The link worker's desk: what the record's headings and lists are called on screen."""

from core.languages import lazy
from referrals.models import GoalEnd, Heading, HelpKind, NeedKind

HEADING_WORDS = {
    Heading.MATTERS: lazy("What matters most to me"),
    Heading.PEOPLE: lazy("People who matter to me"),
    Heading.WELLNESS: lazy("How I am when I am well"),
    Heading.PLEASE_DO: lazy("Please do"),
    Heading.PLEASE_DONT: lazy("Please do not"),
    Heading.SUPPORT: lazy("How and when to support me"),
    Heading.ALSO: lazy("Also worth knowing about me"),
    Heading.WRITTEN_WITH: lazy("Who helped me to write this"),
    Heading.STRENGTHS: lazy("What I am good at, and who I have"),
    Heading.HARD_NOW: lazy("What is hard now"),
    Heading.HOUSEHOLD: lazy("Who lives with me"),
    Heading.HOME: lazy("My home"),
    Heading.WORK_AND_MONEY: lazy("Work and money"),
    Heading.CARING: lazy("Whom I look after"),
    Heading.UNDERSTANDING: lazy("What else helps us understand each other"),
}

HINTS = {
    Heading.MATTERS: lazy("In their own words. What would they not want to be without?"),
    Heading.PEOPLE: lazy("Family, friends, neighbours, a pet. Not their telephone numbers."),
    Heading.WELLNESS: lazy("What does a good day look like?"),
    Heading.PLEASE_DO: lazy("What they would like others to do."),
    Heading.PLEASE_DONT: lazy("What they would like others to leave."),
    Heading.SUPPORT: lazy("Such as: mornings are bad. Let me try by myself first."),
    Heading.STRENGTHS: lazy("Skills, habits, people, places. Everybody has some."),
    Heading.HARD_NOW: lazy("In their own words."),
    Heading.UNDERSTANDING: lazy(
        "Short: it stands beside the name in every list. A group reads it once it has said yes. "
        "Such as: Sylheti, face her, ring twice."
    ),
}

NEED_WORDS = {
    NeedKind.COMPANY: lazy("People and company"),
    NeedKind.MOOD: lazy("Mood and worry"),
    NeedKind.LOSS: lazy("Somebody has died, or left"),
    NeedKind.HEALTH: lazy("Living with an illness or pain"),
    NeedKind.MOVING: lazy("Moving more, eating well"),
    NeedKind.MONEY: lazy("Money and benefits"),
    NeedKind.HOUSING: lazy("Home and housing"),
    NeedKind.WORK: lazy("Work and volunteering"),
    NeedKind.LEARNING: lazy("Learning something"),
    NeedKind.CARING: lazy("Caring for somebody"),
    NeedKind.MEMORY: lazy("Memory"),
    NeedKind.DRINK: lazy("Drink, drugs or gambling"),
    NeedKind.ONLINE: lazy("Telephone and internet"),
    NeedKind.EVERY_DAY: lazy("Everyday things and getting about"),
    NeedKind.SAFE: lazy("Feeling safe"),
}

HELP_WORDS = {
    HelpKind.INTERPRETER: lazy("Interpreter"),
    HelpKind.SIGN_LANGUAGE: lazy("British Sign Language"),
    HelpKind.LIP_READING: lazy("Reads lips"),
    HelpKind.HEARING_LOOP: lazy("Hearing loop"),
    HelpKind.LARGE_PRINT: lazy("Large print"),
    HelpKind.BRAILLE: lazy("Braille"),
    HelpKind.EASY_READ: lazy("Easy words and pictures"),
    HelpKind.SLOWLY: lazy("Speak slowly"),
    HelpKind.MORE_TIME: lazy("More time"),
    HelpKind.SPEAKS_FOR: lazy("Somebody speaks for them"),
    HelpKind.NO_CALLS: lazy("No telephone calls"),
}

GOAL_END_WORDS = {
    GoalEnd.REACHED: lazy("They got there"),
    GoalEnd.PARTLY: lazy("They got some of the way"),
    GoalEnd.SET_ASIDE: lazy("They set it aside"),
    GoalEnd.SAID_ANEW: lazy("They said it in other words"),
}

OWN_WORDS = (
    Heading.MATTERS,
    Heading.PEOPLE,
    Heading.WELLNESS,
    Heading.PLEASE_DO,
    Heading.PLEASE_DONT,
    Heading.SUPPORT,
    Heading.ALSO,
    Heading.WRITTEN_WITH,
)
LIFE = (
    Heading.STRENGTHS,
    Heading.HARD_NOW,
    Heading.HOUSEHOLD,
    Heading.HOME,
    Heading.WORK_AND_MONEY,
    Heading.CARING,
)
