"""Referrals: all that has happened to one person since they were referred, as one line of time."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time

from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from core import clock
from core.actors import Actor
from core.db import db
from core.errors import NotFound
from directory import Service
from referrals.measures import GOALS, LONELINESS, ONS4, SWEMWBS, Question
from referrals.models import AskedBy, ContactMade, FirstVisit, Measure, OwnerChange, Referral
from referrals.outcomes import change_of
from referrals.rules import Action, Came, ContactHow, Point
from referrals.sight import referrals_for

SENT_WORDS = {
    AskedBy.PROFESSIONAL: "Referred by {practice}",
    AskedBy.PERSON: "Asked for help themselves",
    AskedBy.FRIEND: "A friend or relative asked for help for them",
}

STEP_WORDS = {
    Action.SEND: "{sent}",
    Action.OPEN: "Being read",
    Action.ASK: "Asked {whom} a question",
    Action.ANSWER: "Answered by {whom}",
    Action.ACCEPT: "Accepted",
    Action.REJECT: "Not accepted",
    Action.RECORD_DECLINED: "Did not want to go on",
    Action.WITHDRAW: "Taken back by the practice",
    Action.PAUSE: "Paused",
    Action.RESUME: "Started again",
    Action.COMPLETE: "Finished",
    Action.CLOSE_NO_CONTACT: "Closed: could not be reached",
    Action.FAIL: "Closed: could not go on",
    Action.MARK_ERROR: "Marked as entered by mistake",
}
"""What a step is called. A first contact is told by the contact itself, so it has no words here."""

ONWARD_WORDS = {
    Action.SEND: "Asked {activity}",
    Action.ACCEPT: "{activity} said yes",
    Action.REJECT: "{activity} said not this time",
    Action.RECORD_DECLINED: "Did not want to go to {activity}",
    Action.WITHDRAW: "Told {activity} that no place is needed",
    Action.COMPLETE: "Goes on going to {activity}",
    Action.FAIL: "{activity} could not go on",
    Action.MARK_ERROR: "Asking {activity} was a mistake",
}

CONTACT_WORDS = {
    ContactHow.PHONE: "Phone call",
    ContactHow.VISIT: "Visit",
    ContactHow.TEXT: "Text sent",
    ContactHow.LETTER: "Letter sent",
    ContactHow.NO_ANSWER: "No answer",
}

VISIT_WORDS = {
    Came.CAME: "Came to {activity}",
    Came.DID_NOT_COME: "Did not come to {activity}",
    Came.NOT_KNOWN: "Nobody knows if they came to {activity}",
    Came.CALLED_OFF: "Visit to {activity} called off",
}

MEASURE_WORDS = {
    Point.BEFORE: "Answered the {what} for the first time",
    Point.AFTER: "Answered the {what} again",
    Point.LATER: "Answered the {what} some time later",
}
ASKED_WORDS = {
    ONS4.key: "wellbeing questions",
    LONELINESS.key: "loneliness questions",
    SWEMWBS: "wellbeing statements",
    GOALS: "questions about their goals",
}


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. `on_time` is false where only the day is known."""

    at: datetime
    title: str
    who: str = ""
    note: str = ""
    on_time: bool = True


@dataclass(frozen=True, slots=True)
class Answers:
    """What somebody answered to one question before and after, and the change in words."""

    question: Question
    before: int | None
    after: int | None
    change: str


def whole_record(referral_id: uuid.UUID, *, seen_by: Actor) -> Referral:
    """A first referral with all that hangs on it, in a fixed number of queries; or NotFound."""
    wanted = referrals_for(seen_by).where(Referral.id == referral_id, Referral.parent_id.is_(None))
    found = db.session.scalar(wanted.options(*everything()))
    if found is None:
        raise NotFound
    return found


def events_of(referral: Referral) -> list[Event]:
    """What happened to the person, newest first."""
    said = [*_steps(referral, STEP_WORDS), *_added(referral)]
    return _newest_first([*said, *_work(referral)])


def events_for_practice(referral: Referral, *, notes: bool) -> list[Event]:
    """The same for those who referred; what others note for their own work stays with them.

    `notes`: whether they read what was asked, answered and given as a reason.
    """
    own = [*_steps(referral, STEP_WORDS), *_added(referral)]
    own = own if notes else [replace(event, note="") for event in own]
    return _newest_first([*own, *(replace(event, note="") for event in _work(referral))])


def answers_of(referral: Referral) -> list[Answers]:
    """Both sets of answers side by side, a line a question; none when nobody has asked."""
    asked = (measure for measure in referral.measures if measure.instrument == ONS4.key)
    taken = {measure.point: measure.answers for measure in asked}
    if not taken:
        return []
    before, after = taken.get(Point.BEFORE, {}), taken.get(Point.AFTER, {})
    return [_compare(each, before.get(each.key), after.get(each.key)) for each in ONS4.questions]


def unanswered_visits(referral: Referral) -> list[FirstVisit]:
    """The visits of which nobody has said what became of them, the earliest first."""
    planned = (visit for onward in referral.onward for visit in onward.visits)
    return sorted(
        (visit for visit in planned if visit.came is Came.PLANNED),
        key=lambda visit: visit.session_on,
    )


def everything() -> list[ORMOption]:
    """What to load at once with a referral whose story is told."""
    onward = selectinload(Referral.onward)
    service = onward.joinedload(Referral.service)
    return [
        joinedload(Referral.person),
        joinedload(Referral.owner),
        joinedload(Referral.referrer),
        joinedload(Referral.from_organisation),
        selectinload(Referral.steps),
        selectinload(Referral.contacts),
        selectinload(Referral.consents),
        selectinload(Referral.measures),
        selectinload(Referral.added_notes),
        selectinload(Referral.owner_changes).joinedload(OwnerChange.now),
        onward.selectinload(Referral.steps),
        onward.selectinload(Referral.visits).joinedload(FirstVisit.pledge),
        onward.selectinload(Referral.consents),
        service.joinedload(Service.organisation),
    ]


def _compare(question: Question, before: int | None, after: int | None) -> Answers:
    if before is None or after is None:
        return Answers(question, before, after, "")
    if (moved := change_of(question, before, after)) == 0:
        return Answers(question, before, after, "About the same")
    way = "Up" if after > before else "Down"
    felt = "better" if moved > 0 else "worse"
    return Answers(question, before, after, f"{way} {abs(after - before)}: {felt}")


def _added(referral: Referral) -> Iterator[Event]:
    for note in referral.added_notes:
        yield Event(note.at, "A note from the practice", note.by_name, note.words)


def _work(referral: Referral) -> Iterator[Event]:
    yield from map(_contact, referral.contacts)
    for onward in referral.onward:
        yield from _steps(onward, ONWARD_WORDS)
        for visit in onward.visits:
            yield from _visit(onward, visit)
    yield from map(_measure, referral.measures)
    yield from map(_owner, referral.owner_changes)


def _newest_first(events: list[Event]) -> list[Event]:
    return sorted(events, key=lambda event: event.at)[::-1]


def _steps(referral: Referral, words: dict[Action, str]) -> Iterator[Event]:
    taken = {step.id: step for step in referral.steps}
    for step in referral.steps:
        undone = taken[step.undoes_id] if step.undoes_id else step
        if undone.action in words:
            title = _said(words[undone.action], referral)
            title = f"Taken back: {title}" if step.undoes_id else title
            yield Event(step.at, title, step.by_name, step.note)


def _said(words: str, referral: Referral) -> str:
    sent = SENT_WORDS[referral.asked_by].format(practice=referral.from_organisation.name)
    whom = "them" if referral.is_own else "the practice"
    return words.format(sent=sent, whom=whom, activity=_activity(referral))


def _activity(referral: Referral) -> str:
    return referral.service.name if referral.service else ""


def _contact(contact: ContactMade) -> Event:
    title = CONTACT_WORDS[contact.how]
    if contact.minutes:
        title += f", {contact.minutes} minute{'' if contact.minutes == 1 else 's'}"
    return Event(contact.at, title, contact.by_name, contact.note)


def _visit(onward: Referral, visit: FirstVisit) -> Iterator[Event]:
    on = f"{visit.session_on:%A} {visit.session_on.day} {visit.session_on:%B}"
    yield Event(visit.made_at, f"Planned a first visit to {_activity(onward)} on {on}")
    if visit.answered_at is not None:
        title = VISIT_WORDS[visit.came].format(activity=_activity(onward))
        yield Event(visit.answered_at, title, visit.answered_by_name)


def _owner(change: OwnerChange) -> Event:
    now = f"Now with {change.now.name}" if change.now else "Given back to the team"
    return Event(change.at, now, change.by_name)


def _measure(measure: Measure) -> Event:
    evening = datetime.combine(measure.taken_on, time(23, 59), tzinfo=clock.LONDON)
    title = MEASURE_WORDS[measure.point].format(what=ASKED_WORDS[measure.instrument])
    return Event(evening, title, on_time=False)
