"""The link worker's words: what tabs, tags, buttons and columns are called, and in which order."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import url_for
from markupsafe import Markup, escape

from core import clock
from core.languages import _, lazy
from core.templating import day, day_long
from referrals.caseload import Row, Sort, Tab
from referrals.day.attempts import Attempts, Stage, policy
from referrals.day.today import News
from referrals.declines import is_standing
from referrals.models import FirstVisit, Kept, Person, Referral
from referrals.people import way_to_reach
from referrals.rules import (
    OPEN,
    STATUS_WORDS,
    UNDER_WAY,
    Action,
    Basis,
    Came,
    ContactRoute,
    Status,
)
from referrals.visits import Became, became_of

A_DAY = timedelta(days=1)

TAB_WORDS = {
    Tab.OPEN: "All open",
    Tab.NEW: "New",
    Tab.TRYING: "Trying to contact",
    Tab.ACTIVE: "Active",
    Tab.WAITING: "Waiting for group",
    Tab.ON_HOLD: "On hold",
    Tab.CLOSED: "Closed",
}

SORT_WORDS = {
    Sort.PERSON: "Person",
    Sort.STATUS: "Status",
    Sort.NEXT: "Next contact",
    Sort.REASON: "Main reason",
    Sort.CONTACTS: "Contacts",
    Sort.REFERRED: "Referred",
}

COLOURS = {
    Tab.NEW: "blue",
    Tab.TRYING: "yellow",
    Tab.ACTIVE: "green",
    Tab.WAITING: "purple",
    Tab.ON_HOLD: "orange",
    Tab.CLOSED: "grey",
}

COLOURS_APART = {Status.ACCEPTED: "teal", Status.INFO_REQUESTED: "purple"}
"""Those that differ from others behind their tab: just begun, and waiting for somebody else."""

TEAMS_WORDS = {Status.SENT: "New", Status.INFO_REQUESTED: "Asked the practice"}
"""Where the team calls a status otherwise than others do."""

GROUPS_WORDS = {
    Status.SENT: ("Waiting for an answer", "purple"),
    Status.OPENED: ("Waiting for an answer", "purple"),
    Status.ACCEPTED: ("They said yes", "green"),
    Status.CONTACTING: ("They said yes", "green"),
    Status.IN_PROGRESS: ("Going there", "green"),
    Status.REJECTED: ("Not this time", "orange"),
}
"""How a referral on to a group stands; every other status is told in its usual words."""

ROUTE_WORDS = {
    ContactRoute.PHONE: "Ring",
    ContactRoute.TEXT: "Send a text to",
    ContactRoute.EMAIL: "Send an email to",
    ContactRoute.LETTER: "Write to",
    ContactRoute.SOMEONE_ELSE: "Through somebody else:",
}

SCHEMES = {
    ContactRoute.PHONE: "tel",
    ContactRoute.TEXT: "sms",
    ContactRoute.EMAIL: "mailto",
}

BASIS_WORDS = {
    Basis.AGREED: "They agreed",
    Basis.BEST_INTERESTS: "Decided in their best interests",
}

CAME_WORDS = {
    Came.CAME: "They came",
    Came.DID_NOT_COME: "They did not come",
    Came.NOT_KNOWN: "Not known",
    Came.CALLED_OFF: "Called off",
}


PART_WORDS = {
    "morning": lazy("in the morning"),
    "afternoon": lazy("in the afternoon"),
    "evening": lazy("in the evening"),
}
"""How the parts of the day are said; one that a deployment adds is said by its own name."""

NEWS_WORDS: dict[str, Any] = {
    Action.SEND: lazy("New referral"),
    Action.ANSWER: lazy("The practice answered"),
    Action.WITHDRAW: lazy("The practice took it back"),
    Action.ACCEPT: lazy("%(activity)s said yes"),
    Action.REJECT: lazy("%(activity)s said not this time"),
    Came.CAME: lazy("Came to %(activity)s"),
    Came.DID_NOT_COME: lazy("Did not come to %(activity)s"),
}

BECAME_WORDS = {
    Became.CAME: CAME_WORDS[Came.CAME],
    Became.REPLANNED: "Planned again for another day",
    Became.MISSED: CAME_WORDS[Came.DID_NOT_COME],
    Became.NOT_KNOWN: CAME_WORDS[Came.NOT_KNOWN],
    Became.CALLED_OFF: CAME_WORDS[Came.CALLED_OFF],
}

KEPT_WORDS = {
    Kept.KEPT: lazy("They did it"),
    Kept.NOT_KEPT: lazy("Not this time"),
    Kept.CHANGED: lazy("The plan changed"),
}
"""What became of a pledge, with no word of blame."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A button for a step. `what` names it in the address; `posts`: it needs no page of its own."""

    action: Action
    text: str
    what: str
    posts: bool = False
    first_choice: bool = False


OFFERS = (
    Offer(Action.ACCEPT, "Accept", "accept", first_choice=True),
    Offer(Action.OPEN, "I am looking at this", "open", posts=True),
    Offer(Action.ASK, "Ask the practice", "ask"),
    Offer(Action.REJECT, "Not for us", "not-for-us"),
    Offer(Action.RESUME, "Start again", "resume", posts=True, first_choice=True),
    Offer(Action.COMPLETE, "Finish", "finish"),
    Offer(Action.PAUSE, "Pause", "pause"),
    Offer(Action.CLOSE_NO_CONTACT, "Could not be reached", "not-reached"),
    Offer(Action.RECORD_DECLINED, "They said no", "said-no"),
    Offer(Action.FAIL, "Cannot go on", "cannot-go-on"),
)
"""What may be offered for a person, in the order of the buttons; the rules say which now."""

ASK_THEM = Offer(Action.ASK, "Ask them a question", "ask")

GROUP_OFFERS = (
    Offer(Action.ACCEPT, "They said yes", "accept", posts=True),
    Offer(Action.REJECT, "They said not this time", "not-this-time"),
    Offer(Action.WITHDRAW, "Take it back", "take-back"),
)
"""The same for a referral on to a group: its answer may come by telephone."""

DONE_WORDS = {
    Action.OPEN: "Your team can see that you are looking at this.",
    Action.RESUME: "Started again. Plan the next contact.",
    Action.ACCEPT: "Noted that they said yes. Now plan the first visit.",
}


def referred_by(referral: Referral) -> str:
    """Who asked for this, and when."""
    on = day_long(referral.sent_at or referral.created_at)
    if referral.referrer is not None:
        place = referral.from_organisation.name
        return _(
            "%(name)s, %(place)s, on %(day)s", name=referral.referrer.name, place=place, day=on
        )
    friend = referral.asked_for
    if friend is None:
        return _("Themselves, on %(day)s", day=on)
    said = _("%(name)s (%(what)s), on %(day)s", name=friend.name, what=friend.is_their, day=on)
    return f"{said}. {friend.phone}" if friend.phone else said


def offers(may: frozenset[Action], *, own: bool) -> list[Offer]:
    """The buttons for a person now. `own`: no practice sent them, so there is none to ask."""
    found = [offer for offer in OFFERS if offer.action in may]
    if not own:
        return found
    return [ASK_THEM if offer.action is Action.ASK else offer for offer in found]


def group_offers(may: frozenset[Action]) -> list[Offer]:
    """The buttons for a referral on to a group now."""
    return [offer for offer in GROUP_OFFERS if offer.action in may]


def tag_of(row: Row) -> dict[str, str]:
    """What the tag of somebody on the caseload says, and its colour."""
    status = row.referral.status
    if row.standing is Tab.WAITING:
        return {"text": TAB_WORDS[Tab.WAITING], "colour": COLOURS[Tab.WAITING]}
    colour = COLOURS_APART.get(status, COLOURS[row.standing])
    return {"text": TEAMS_WORDS.get(status, STATUS_WORDS[status]), "colour": colour}


def group_tag_of(onward: Referral) -> dict[str, str]:
    """The same for a referral on to a group."""
    text, colour = GROUPS_WORDS.get(onward.status, (STATUS_WORDS[onward.status], "grey"))
    return {"text": text, "colour": colour}


def address(referral: Referral, offer: Offer) -> str:
    """The page of a step."""
    return url_for("linkworker.person", referral_id=referral.id) + f"/{offer.what}"


def can_plan(onward: Referral) -> bool:
    """Whether the group has said yes, so that a visit can be planned."""
    return onward.status in UNDER_WAY


def can_try_another(onward: Referral) -> bool:
    """Whether the group said no, and nobody else has been asked since."""
    others = onward.parent.onward if onward.parent else []
    return is_standing(onward) and not any(each.status in OPEN for each in others)


def became_words(visit: FirstVisit) -> str:
    """What became of a visit; "" while it is to come."""
    return BECAME_WORDS.get(became_of(visit), "")


def reach(person: Person) -> Markup:
    """The one way they agreed to be reached by, ready to be pressed."""
    words, way = ROUTE_WORDS[person.contact_route], way_to_reach(person)
    scheme = SCHEMES.get(person.contact_route)
    if scheme is None:
        return escape(f"{words} {way}")
    link = Markup('<a href="{}:{}">{}</a>').format(scheme, way.replace(" ", ""), way)
    return escape(words) + " " + link


def sharing(referral: Referral) -> str:
    """On what ground their details are here, since when, and whether that still stands."""
    if not referral.consents:
        return ""
    last = referral.consents[-1]
    words = f"{BASIS_WORDS[last.basis]}, {day_long(last.at)}"
    if last.why:
        words += f": {last.why}"
    if last.withdrawn_at:
        words += f". Taken back on {day_long(last.withdrawn_at)}"
    return words


def news_of(news: News) -> str:
    """What others did, in words."""
    activity = news.about.service.name if news.about.service else ""
    return str(NEWS_WORDS[news.what]).replace("%(activity)s", activity)


def next_try(attempts: Attempts) -> str:
    """What comes next for somebody who has not been reached, and when."""
    on, most = day(attempts.on), policy().tries
    if attempts.stage is Stage.TRY:
        parts = [str(PART_WORDS.get(part.name, part.name)) for part in attempts.parts]
        when = on if attempts.on > clock.today() else _("today")
        facts = {"number": attempts.number, "most": most, "when": when}
        return _(
            "Try %(number)s of %(most)s: from %(when)s, %(parts)s.",
            parts=_(" or ").join(parts),
            **facts,
        )
    if attempts.stage is Stage.WRITE:
        return _("%(most)s tries without an answer. Now send the kind letter.", most=most)
    if attempts.stage is Stage.WAIT:
        until = day(attempts.on - A_DAY)
        return _("The letter is sent. They have until %(until)s to answer.", until=until)
    return _("The letter has had its time. You can close as “Could not be reached”.")
