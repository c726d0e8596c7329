"""Referrals: which step may follow which, who may take it, what it needs, and who is told.

States and their FHIR meaning follow our state machine (standards notes §2.6): FHIR R4 Task.status
with the transitions of Gravity SDOH Clinical Care 3.0.0. The one table is MOVES; no status changes
anywhere else. A referral from a practice to a link-worker team and one from a link worker on to a
group move by the same table: only the parts people play differ. What the system itself may do is to
end a referral on to a group: when the one it hangs on has ended (`ending_with_parent`), or when the
group has not answered for longer than anybody should wait.
"""

from dataclasses import dataclass, replace
from enum import StrEnum


class Status(StrEnum):
    """Where a referral stands."""

    DRAFT = "draft"
    SENT = "sent"
    OPENED = "opened"
    INFO_REQUESTED = "info-requested"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    PERSON_DECLINED = "person-declined"
    WITHDRAWN = "withdrawn"
    CONTACTING = "contacting"
    IN_PROGRESS = "in-progress"
    ON_HOLD = "on-hold"
    CLOSED_COMPLETED = "closed-completed"
    CLOSED_NO_CONTACT = "closed-no-contact"
    FAILED = "failed"
    ENTERED_IN_ERROR = "entered-in-error"


class Action(StrEnum):
    """What somebody does with a referral, in the words of the work."""

    SEND = "send"
    OPEN = "open"
    ASK = "ask"
    ANSWER = "answer"
    ACCEPT = "accept"
    REJECT = "reject"
    RECORD_DECLINED = "record-declined"
    WITHDRAW = "withdraw"
    TRY_CONTACT = "try-contact"
    BEGIN = "begin"
    PAUSE = "pause"
    RESUME = "resume"
    COMPLETE = "complete"
    CLOSE_NO_CONTACT = "close-no-contact"
    FAIL = "fail"
    MARK_ERROR = "mark-error"
    TAKE_BACK = "take-back"  # not in the table: it leads to where the step it undoes began


class Part(StrEnum):
    """What somebody is to this one referral. (A role is their job; doors speak of roles.)"""

    REFERRER = "referrer"
    RECEIVER = "receiver"
    RESIDENT = "resident"
    SYSTEM = "system"


class Need(StrEnum):
    """What must hold before a step; each is a fact of the same name."""

    AGREED = "agreed"
    REASON_GIVEN = "reason_given"
    VISITS_SETTLED = "visits_settled"
    ATTENDANCE_KNOWN = "attendance_known"
    LETTER_SENT = "letter_sent"
    RISKS_STATED = "risks_stated"


NEED_WORDS = {
    Need.AGREED: "The person must agree first, or it must be in their best interests.",
    Need.REASON_GIVEN: "Say why.",
    Need.VISITS_SETTLED: "Say first whether the person came to the visit you planned.",
    Need.ATTENDANCE_KNOWN: "Say first whether the person ever came, or that nobody knows.",
    Need.LETTER_SENT: "Write the kind letter first, and give them the time it says to answer.",
    Need.RISKS_STATED: "Say first which risks are known, or that none are.",
}


@dataclass(frozen=True, slots=True)
class Move:
    """One line of the table. `tells_onward`: told besides, when it goes from a link worker on."""

    action: Action
    start: frozenset[Status]
    end: Status
    by: frozenset[Part]
    needs: tuple[Need, ...] = ()
    tells: frozenset[Part] = frozenset()
    tells_onward: frozenset[Part] = frozenset()


@dataclass(frozen=True, slots=True)
class Facts:
    """What the table needs to know of a referral, and of what is being done now."""

    status: Status
    agreed: bool = True
    reason_given: bool = False
    visits_settled: bool = True
    attendance_known: bool = True
    letter_sent: bool = True
    risks_stated: bool = True


@dataclass(frozen=True, slots=True)
class No:
    """Why a step cannot be taken, in plain words; `not_yours` when somebody else could."""

    reason: str
    not_yours: bool = False


NOT_YOURS = No("This is not yours to do.", not_yours=True)


_S = Status
UNANSWERED = frozenset({_S.SENT, _S.OPENED, _S.INFO_REQUESTED})
UNDER_WAY = frozenset({_S.ACCEPTED, _S.CONTACTING, _S.IN_PROGRESS, _S.ON_HOLD})
"""The receiver has said yes."""

OPEN = UNANSWERED | UNDER_WAY
"""Somebody still owes this person something."""

CLOSED = frozenset(Status) - OPEN - {_S.DRAFT}
"""Nothing more will be done."""

_REFERRER = frozenset({Part.REFERRER})
_RECEIVER = frozenset({Part.RECEIVER})
_RESIDENT = frozenset({Part.RESIDENT})
_BOTH = frozenset({Part.REFERRER, Part.RECEIVER})
_REFERRER_OR_SYSTEM = frozenset({Part.REFERRER, Part.SYSTEM})
_RECEIVER_OR_SYSTEM = frozenset({Part.RECEIVER, Part.SYSTEM})
_RECEIVER_OR_RESIDENT = frozenset({Part.RECEIVER, Part.RESIDENT})

MOVES = (
    Move(
        Action.SEND,
        frozenset({_S.DRAFT}),
        _S.SENT,
        _REFERRER,
        (Need.AGREED, Need.RISKS_STATED),
        _RECEIVER,
    ),
    Move(Action.OPEN, frozenset({_S.SENT}), _S.OPENED, _RECEIVER),
    Move(
        Action.ASK,
        frozenset({_S.SENT, _S.OPENED}),
        _S.INFO_REQUESTED,
        _RECEIVER,
        (Need.REASON_GIVEN,),
        _REFERRER,
    ),
    Move(
        Action.ANSWER,
        frozenset({_S.INFO_REQUESTED}),
        _S.OPENED,
        _REFERRER,
        (Need.REASON_GIVEN,),
        _RECEIVER,
    ),
    Move(
        Action.ACCEPT,
        UNANSWERED,
        _S.ACCEPTED,
        _RECEIVER,
        (Need.AGREED,),
        tells=_RESIDENT,
        tells_onward=_REFERRER,
    ),
    Move(
        Action.REJECT, UNANSWERED, _S.REJECTED, _RECEIVER_OR_SYSTEM, (Need.REASON_GIVEN,), _REFERRER
    ),
    Move(Action.RECORD_DECLINED, OPEN, _S.PERSON_DECLINED, _RECEIVER_OR_RESIDENT, tells=_BOTH),
    Move(
        Action.WITHDRAW,
        OPEN,
        _S.WITHDRAWN,
        _REFERRER_OR_SYSTEM,
        (Need.REASON_GIVEN,),
        _RECEIVER,
    ),
    Move(Action.TRY_CONTACT, frozenset({_S.ACCEPTED, _S.CONTACTING}), _S.CONTACTING, _RECEIVER),
    Move(Action.BEGIN, frozenset({_S.ACCEPTED, _S.CONTACTING}), _S.IN_PROGRESS, _RECEIVER),
    Move(
        Action.PAUSE,
        frozenset({_S.ACCEPTED, _S.CONTACTING, _S.IN_PROGRESS}),
        _S.ON_HOLD,
        _RECEIVER,
        (Need.REASON_GIVEN,),
    ),
    Move(Action.RESUME, frozenset({_S.ON_HOLD}), _S.IN_PROGRESS, _RECEIVER),
    Move(
        Action.COMPLETE,
        frozenset({_S.ACCEPTED, _S.IN_PROGRESS, _S.ON_HOLD}),
        _S.CLOSED_COMPLETED,
        _RECEIVER_OR_SYSTEM,
        (Need.VISITS_SETTLED, Need.ATTENDANCE_KNOWN),
        _REFERRER | _RESIDENT,
    ),
    Move(
        Action.CLOSE_NO_CONTACT,
        frozenset({_S.ACCEPTED, _S.CONTACTING}),
        _S.CLOSED_NO_CONTACT,
        _RECEIVER,
        (Need.LETTER_SENT,),
        _REFERRER,
    ),
    Move(
        Action.FAIL,
        UNDER_WAY,
        _S.FAILED,
        _RECEIVER_OR_SYSTEM,
        (Need.REASON_GIVEN,),
        _REFERRER,
    ),
    Move(
        Action.MARK_ERROR,
        frozenset(Status) - {_S.ENTERED_IN_ERROR},
        _S.ENTERED_IN_ERROR,
        _REFERRER_OR_SYSTEM,
        (Need.REASON_GIVEN,),
        _RECEIVER,
    ),
)


def decide(action: Action, facts: Facts, parts: frozenset[Part]) -> Move | No:
    """The one move this action means here, or the reason there is none."""
    if not parts:  # whoever is nothing to a referral does not learn where it stands either
        return NOT_YOURS
    for move in MOVES:
        if move.action is not action or facts.status not in move.start:
            continue
        if not parts & move.by:
            return NOT_YOURS
        for need in move.needs:
            if not getattr(facts, need):
                return No(NEED_WORDS[need])
        return move
    return No(f"This referral is {STATUS_WORDS[facts.status].lower()}: that cannot be done now.")


def actions_open_to(facts: Facts, parts: frozenset[Part]) -> frozenset[Action]:
    """What these parts may do now, reasons and answers assumed given: it draws the buttons."""
    hopeful = replace(facts, reason_given=True)
    return frozenset(
        action for action in Action if isinstance(decide(action, hopeful, parts), Move)
    )


def ending_with_parent(parent_end: Status, *, came: bool) -> Action:
    """What the system does with a referral on to a group when the one it hangs on has ended.

    Somebody who went to the group and finished with the link worker simply goes on going: that is
    a completed referral. In every other case the group's help is no longer asked for.
    """
    if parent_end is Status.ENTERED_IN_ERROR:
        return Action.MARK_ERROR
    if parent_end is Status.CLOSED_COMPLETED and came:
        return Action.COMPLETE
    return Action.WITHDRAW


STATUS_WORDS = {
    _S.DRAFT: "Not sent yet",
    _S.SENT: "Sent",
    _S.OPENED: "Being read",
    _S.INFO_REQUESTED: "Waiting for an answer",
    _S.ACCEPTED: "Accepted",
    _S.REJECTED: "Not accepted",
    _S.PERSON_DECLINED: "Person said no",
    _S.WITHDRAWN: "Taken back",
    _S.CONTACTING: "Trying to contact",
    _S.IN_PROGRESS: "Active",
    _S.ON_HOLD: "On hold",
    _S.CLOSED_COMPLETED: "Finished",
    _S.CLOSED_NO_CONTACT: "Could not be reached",
    _S.FAILED: "Could not go on",
    _S.ENTERED_IN_ERROR: "Entered by mistake",
}


class Reason(StrEnum):
    """Why somebody is referred, in the order of the keys 1 to 8."""

    LONELY = "lonely"
    LOW_MOOD = "low-mood"
    LONG_TERM_ILLNESS = "long-term-illness"
    MONEY_HOUSING = "money-housing"
    CARING = "caring"
    BEREAVEMENT = "bereavement"
    MEMORY = "memory"
    OTHER = "other"


REASON_WORDS = {
    Reason.LONELY: "Lonely or few contacts",
    Reason.LOW_MOOD: "Low mood or worry",
    Reason.LONG_TERM_ILLNESS: "Living with pain or long-term illness",
    Reason.MONEY_HOUSING: "Money, housing, benefits",
    Reason.CARING: "Caring for someone",
    Reason.BEREAVEMENT: "Bereavement",
    Reason.MEMORY: "Memory or dementia",
    Reason.OTHER: "Something else",
}


class ContactRoute(StrEnum):
    """The one way the person has agreed to be reached first."""

    PHONE = "phone"
    TEXT = "text"
    EMAIL = "email"
    LETTER = "letter"
    SOMEONE_ELSE = "someone-else"


class Basis(StrEnum):
    """Why details may be shared."""

    AGREED = "agreed"
    BEST_INTERESTS = "best-interests"


class Came(StrEnum):
    """What is known of a planned visit."""

    PLANNED = "planned"
    CAME = "came"
    DID_NOT_COME = "did-not-come"
    NOT_KNOWN = "not-known"
    CALLED_OFF = "called-off"


class ContactHow(StrEnum):
    """How a link worker was, or tried to be, in touch."""

    PHONE = "phone"
    VISIT = "visit"
    TEXT = "text"
    LETTER = "letter"
    NO_ANSWER = "no-answer"


class Point(StrEnum):
    """When a measure was taken."""

    BEFORE = "before"
    AFTER = "after"
    LATER = "later"


class DeclineReason(StrEnum):
    """Why a receiver does not take a referral on."""

    FULL = "full"
    NOT_SUITABLE = "not-suitable"
    OUT_OF_AREA = "out-of-area"
    NOT_RUNNING = "not-running"


DECLINE_WORDS = {
    DeclineReason.FULL: "We are full",
    DeclineReason.NOT_SUITABLE: "We are not right for this person",
    DeclineReason.OUT_OF_AREA: "They live too far away",
    DeclineReason.NOT_RUNNING: "We are not running at the moment",
}
