"""The clinician's words: what tabs, tags, buttons and numbers are called."""

from dataclasses import dataclass
from datetime import date

from dateutil.relativedelta import relativedelta

from core import clock
from referrals.following import Tab
from referrals.models import Referral
from referrals.outcomes import Story
from referrals.rules import STATUS_WORDS, Action, Basis, ContactRoute, Status

TAB_WORDS = {
    Tab.ALL: "All",
    Tab.OPEN: "Open",
    Tab.ASKED: "Needs your answer",
    Tab.FINISHED: "Finished",
}

COLOURS = {
    Status.SENT: "blue",
    Status.OPENED: "blue",
    Status.INFO_REQUESTED: "orange",
    Status.ACCEPTED: "teal",
    Status.CONTACTING: "yellow",
    Status.IN_PROGRESS: "green",
    Status.ON_HOLD: "purple",
}
"""Those that are open; every other is grey."""

OWN_WORDS = {Status.INFO_REQUESTED: "Needs your answer"}
"""Where those who referred call a status otherwise than others do."""

ROUTE_VERBS = {
    ContactRoute.PHONE: "ring",
    ContactRoute.TEXT: "text",
    ContactRoute.EMAIL: "email",
    ContactRoute.LETTER: "write to",
    ContactRoute.SOMEONE_ELSE: "get in touch about",
}

DONE_WORDS = {
    Action.ANSWER: "Your answer is with the link workers.",
    Action.WITHDRAW: "You have taken this referral back. We have told the link workers.",
    Action.MARK_ERROR: "This is marked as entered by mistake. We have told the link workers.",
}

TOO_LATE = "This referral has ended, so there is nothing to take back."


@dataclass(frozen=True, slots=True)
class Ending:
    """The page on which a referral is ended by those who made it."""

    title: str
    means: str
    button: str


ENDINGS = {
    Action.WITHDRAW: Ending(
        "Take this referral back",
        "Do this when the person does not want or need it any more. The link workers stop.",
        "Take it back",
    ),
    Action.MARK_ERROR: Ending(
        "This referral was a mistake",
        "Do this when it should never have been made: the wrong person, or made twice. "
        "It is left out of every count.",
        "Mark it as a mistake",
    ),
}


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time up to today; none of `months` is all there is."""

    key: str
    text: str
    months: int | None = None

    @property
    def since(self) -> date:
        """Its first day."""
        if self.months is None:
            return date(2000, 1, 1)
        return clock.today() - relativedelta(months=self.months)

    @property
    def until(self) -> date:
        """Its last day."""
        return clock.today()


USUAL_PERIOD = "6-months"
PERIODS = {
    period.key: period
    for period in (
        Period(USUAL_PERIOD, "6 months", 6),
        Period("12-months", "12 months", 12),
        Period("all", "All"),
    )
}


def status_words(referral: Referral) -> tuple[str, str]:
    """How a referral stands, and the colour of its tag."""
    status = referral.status
    return OWN_WORDS.get(status, STATUS_WORDS[status]), COLOURS.get(status, "grey")


def question_of(referral: Referral) -> str:
    """What was asked of the practice last."""
    asked = [step.note for step in referral.steps if step.action is Action.ASK]
    return asked[-1] if asked else ""


def agreement_of(referral: Referral) -> str:
    """Why the details may be shared."""
    consent = referral.consents[0]
    if consent.basis is Basis.AGREED:
        return "They agreed to it"
    return f"They could not agree. In their best interests: {consent.why}"


def ends_of(story: Story) -> list[dict[str, object]]:
    """Where everybody is now, as bars."""
    found = {"Still going on": story.still_open} | {
        STATUS_WORDS[status]: number for status, number in story.ended.items()
    }
    most_first = sorted(found.items(), key=lambda each: -each[1])
    return [{"text": text, "number": number} for text, number in most_first if number]


def dots_of(story: Story) -> list[dict[str, object]]:
    """The averages before and after, where enough people answered twice."""
    return [
        {"text": change.question.name, "before": change.before, "after": change.after}
        for change in story.changes
        if change.before is not None
    ]
