"""Directory: the life of a listing, and what may be said of it, in plain Python."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from core.marking import marked


class Life(StrEnum):
    """Where a listing stands. Only live and doubtful ones are shown to the public."""

    DRAFT = "draft"
    LIVE = "live"
    NEEDS_CHECKING = "needs-checking"
    PAUSED = "paused"
    HIDDEN = "hidden"
    RETIRED = "retired"


SHOWN = frozenset({Life.LIVE, Life.NEEDS_CHECKING, Life.PAUSED})

HSDS_STATUS = {
    Life.DRAFT: "inactive",
    Life.LIVE: "active",
    Life.NEEDS_CHECKING: "active",
    Life.PAUSED: "temporarily closed",
    Life.HIDDEN: "inactive",
    Life.RETIRED: "defunct",
}
"""Our states as `service.status` of HSDS 3 (which has no word for a doubt)."""

LIFE_OF_STATUS = {
    "active": Life.LIVE,
    "inactive": Life.DRAFT,
    "temporarily closed": Life.PAUSED,
    "defunct": Life.RETIRED,
}


class Step(StrEnum):
    """What can be done with a listing."""

    PUBLISH = "publish"
    DOUBT = "doubt"
    CHECK = "check"
    HIDE = "hide"
    PAUSE = "pause"
    RESUME = "resume"
    RETIRE = "retire"
    REVIVE = "revive"


@dataclass(frozen=True, slots=True)
class Turn:
    """One step in the life of a listing."""

    step: Step
    start: frozenset[Life]
    end: Life


TURNS = (
    Turn(Step.PUBLISH, frozenset({Life.DRAFT}), Life.LIVE),
    Turn(Step.DOUBT, frozenset({Life.LIVE}), Life.NEEDS_CHECKING),
    Turn(Step.CHECK, frozenset({Life.LIVE, Life.NEEDS_CHECKING, Life.HIDDEN}), Life.LIVE),
    Turn(Step.HIDE, frozenset({Life.NEEDS_CHECKING}), Life.HIDDEN),
    Turn(Step.PAUSE, frozenset({Life.LIVE, Life.NEEDS_CHECKING}), Life.PAUSED),
    Turn(Step.RESUME, frozenset({Life.PAUSED}), Life.LIVE),
    Turn(
        Step.RETIRE,
        frozenset({Life.DRAFT, Life.LIVE, Life.NEEDS_CHECKING, Life.PAUSED, Life.HIDDEN}),
        Life.RETIRED,
    ),
    Turn(Step.REVIVE, frozenset({Life.RETIRED}), Life.DRAFT),
)


LIFE_WORDS = {
    Life.DRAFT: marked("a draft that nobody else can see"),
    Life.LIVE: marked("shown to everybody"),
    Life.NEEDS_CHECKING: marked("shown, but has not been checked lately"),
    Life.PAUSED: marked("paused"),
    Life.HIDDEN: marked("hidden, because nobody has said for a long time that it is right"),
    Life.RETIRED: marked("retired"),
}

DONE = {
    Step.PUBLISH: marked("published"),
    Step.DOUBT: marked("found to need checking"),
    Step.CHECK: marked("checked"),
    Step.HIDE: marked("hidden, not having been checked for long"),
    Step.PAUSE: marked("paused"),
    Step.RESUME: marked("resumed"),
    Step.RETIRE: marked("retired"),
    Step.REVIVE: marked("taken up again"),
}
"""What was done, as the history of a listing tells it."""


def turn(step: Step, life: Life) -> Turn | None:
    """The one turn this step means for a listing standing here, or None."""
    return next((t for t in TURNS if t.step is step and life in t.start), None)


def way(start: Life, end: Life) -> tuple[Step, ...]:
    """The fewest steps that lead from one state to another."""
    ways: dict[Life, tuple[Step, ...]] = {start: ()}
    reached = [start]
    for life in reached:
        for each in TURNS:
            if life in each.start and each.end not in ways:
                ways[each.end] = (*ways[life], each.step)
                reached.append(each.end)
    return ways[end]


DOUBTED_AFTER = timedelta(days=9 * 30)
"""A listing nobody has confirmed for so long needs checking (ui notes §9: nine months)."""

FRESH_FOR = timedelta(days=90)
"""ORUK asks for an assurance date under three months old (standards §1.2 rule 10)."""


def is_fresh(checked_on: date | None, today: date) -> bool:
    """Whether the listing was confirmed within three months."""
    return checked_on is not None and today - checked_on <= FRESH_FOR


class Answer(StrEnum):
    """What is known of an access need. Not known is never shown as no, nor taken as yes."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Attending(StrEnum):
    """How somebody takes part (the vocabulary of ORUK 1.0 `attending_type`)."""

    VENUE = "venue"
    ONLINE = "online"
    PHONE = "phone"
    HOME_VISIT = "home visit"


class Frequency(StrEnum):
    """HSDS `schedule.freq`."""

    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"


class LocationType(StrEnum):
    """HSDS `location_type`."""

    PHYSICAL = "physical"
    POSTAL = "postal"
    VIRTUAL = "virtual"


class Access(StrEnum):
    """The access questions every listing is asked."""

    STEP_FREE = "step_free"
    ACCESSIBLE_TOILET = "accessible_toilet"
    HEARING_LOOP = "hearing_loop"
    BLUE_BADGE_PARKING = "blue_badge_parking"
    QUIET_SPACE = "quiet_space"
    SEATING = "seating"
    BSL = "bsl"
    BRING_CARER = "bring_carer"
    NEAR_BUS = "near_bus"
    JOIN_ONLINE = "join_online"


ACCESS_WORDS = {
    Access.STEP_FREE: marked("Step-free access"),
    Access.ACCESSIBLE_TOILET: marked("Accessible toilet"),
    Access.HEARING_LOOP: marked("Hearing loop"),
    Access.BLUE_BADGE_PARKING: marked("Blue Badge parking"),
    Access.QUIET_SPACE: marked("Quiet space"),
    Access.SEATING: marked("Seating throughout"),
    Access.BSL: marked("Sign language interpreter if you ask"),
    Access.BRING_CARER: marked("Bring a carer or friend free"),
    Access.NEAR_BUS: marked("Near a bus stop"),
    Access.JOIN_ONLINE: marked("Can join online or by phone"),
}


class Aspect(StrEnum):
    """The parts of a listing that are confirmed, doubted and asked about one by one."""

    TIME = "time"
    PLACE = "place"
    PRICE = "price"
    CONTACT = "contact"
    WHO_FOR = "who-for"
    ACCESS = "access"
    ABOUT = "about"


ASPECT_OF: dict[str, Aspect] = {
    "schedules": Aspect.TIME,
    "places": Aspect.PLACE,
    "attending": Aspect.PLACE,
    "cost_options": Aspect.PRICE,
    "contacts": Aspect.CONTACT,
    "phones": Aspect.CONTACT,
    "email": Aspect.CONTACT,
    "url": Aspect.CONTACT,
    "minimum_age": Aspect.WHO_FOR,
    "maximum_age": Aspect.WHO_FOR,
    "eligibility_description": Aspect.WHO_FOR,
    "audiences": Aspect.WHO_FOR,
    "languages": Aspect.WHO_FOR,
    "application_process": Aspect.WHO_FOR,
    "referral_needed": Aspect.WHO_FOR,
}
"""Which aspect a fact of a listing belongs to. Access answers are part of `places` but an aspect of
their own; whatever is not here is what the listing says about itself."""


VITAL = frozenset({Aspect.TIME, Aspect.PLACE, Aspect.PRICE, Aspect.CONTACT})
"""The aspects without which nobody gets there; a listing is as sure as the oldest of them."""


class How(StrEnum):
    """How a part of a listing was confirmed."""

    GROUP = "group"
    EDITOR = "editor"
    ATTENDED = "attended"
    IMPORTED = "imported"


class NoticeKind(StrEnum):
    """What may hold for some days and then end by itself."""

    CANCELLED = "cancelled"
    PAUSE = "pause"
    FULL = "full"
    NEWS = "news"


class Decision(StrEnum):
    """What an editor made of something that was put before them."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class AssuranceKind(StrEnum):
    """What may be said of how a group keeps people safe."""

    INSURANCE = "insurance"
    DBS = "dbs"
    SAFEGUARDING_LEAD = "safeguarding-lead"
    SAFEGUARDING_TRAINING = "safeguarding-training"
    FIRST_AID = "first-aid"
    FOOD_HYGIENE = "food-hygiene"


class ImportState(StrEnum):
    """How far an import has come."""

    WAITING = "waiting"
    READING = "reading"
    MAPPING = "mapping"
    READY = "ready"
    BRINGING_IN = "bringing-in"
    TAKING_BACK = "taking-back"
    DONE = "done"
    REFUSED = "refused"
    CANCELLED = "cancelled"


class Verdict(StrEnum):
    """What an import would do with one record."""

    CREATE = "create"
    UPDATE = "update"
    UNCHANGED = "unchanged"
    REJECT = "reject"


class Risk(StrEnum):
    """Why a group's change of a fact waits for an editor: somebody could come to harm by it."""

    CONTACT = "contact"
    AGES = "ages"
    SAFEGUARDING = "safeguarding"


RISK: dict[str, Risk] = {
    "contacts": Risk.CONTACT,
    "phones": Risk.CONTACT,
    "email": Risk.CONTACT,
    "url": Risk.CONTACT,
    "minimum_age": Risk.AGES,
    "maximum_age": Risk.AGES,
}
"""The facts that wait whatever is said: a wrong number sends people to a stranger, a wrong age
puts a child among adults."""

WORDED = frozenset(
    {
        "name",
        "summary",
        "description",
        "eligibility_description",
        "application_process",
        "before_you_come",
        "when_you_arrive",
        "afterwards",
    }
)
"""The facts that wait when a sentence about safeguarding is changed in them."""

_SAFEGUARDING = re.compile(
    r"safeguard|\bDBS\b|\bdisclosure|criminal record|\bvetted|\bvetting|child protection|"
    r"unsupervised|unaccompanied|\bchaperone|\balone with\b|\bunder[ -]?(1[0-8]|[1-9])s?\b|"
    r"\bminors?\b|vulnerable",
    re.IGNORECASE,
)


def is_about_safeguarding(before: str, after: str) -> bool:
    """Whether a sentence about safeguarding stands in only one of two texts."""
    said, says = (set(map(str.strip, re.split(r"[.!?\n]+", text))) for text in (before, after))
    return any(_SAFEGUARDING.search(sentence) for sentence in said ^ says)
