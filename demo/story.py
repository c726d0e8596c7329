"""The demo's referrals: each person's story is walked by the real moves, each at its own time."""

import random
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, TypeVar

from sqlalchemy import select, update

from accounts import User, actor_for
from core import clock
from core.actors import Actor
from core.db import db
from core.links import SignedLink
from core.outbox import Letter, State
from demo.days import A_DAY, Days
from directory import Service, Session, get_service, next_sessions
from directory.cards import cost_words
from referrals.about import risks_stated, state_risks
from referrals.contacts import log_contact
from referrals.measures import ONS4
from referrals.models import FirstVisit, Referral
from referrals.outcomes import record_measure
from referrals.pathway import accept, act, refer, refer_on
from referrals.people import NewPerson
from referrals.pledges import pledge
from referrals.rules import (
    DECLINE_WORDS,
    Action,
    Basis,
    Came,
    ContactHow,
    ContactRoute,
    DeclineReason,
    Point,
    Reason,
)
from referrals.visits import plan_visit, record_visit, visit_of

Entry = Mapping[str, Any]
T = TypeVar("T")

NOT_ANSWERED = -1
A_WEEK = 7
EVENING = time(20, 5)

PLAIN_STEPS = {
    "open": Action.OPEN,
    "ask": Action.ASK,
    "reject": Action.REJECT,
    "person-declined": Action.RECORD_DECLINED,
    "pause": Action.PAUSE,
    "resume": Action.RESUME,
    "complete": Action.COMPLETE,
    "close-no-contact": Action.CLOSE_NO_CONTACT,
    "fail": Action.FAIL,
}
"""What the link worker does with the referral itself."""

PRACTICE_STEPS = {
    "answer": Action.ANSWER,
    "withdraw": Action.WITHDRAW,
    "mark-error": Action.MARK_ERROR,
}
MAY_END = {*PLAIN_STEPS, *PRACTICE_STEPS, "group-no"}
CONTACTS = {how.value: how for how in ContactHow}
POINTS = {point.value: point for point in Point}
CAME = {came.value: came for came in Came if came is not Came.PLANNED}


@dataclass(frozen=True, slots=True)
class World:
    """What there is before anybody is referred: who signs in, and what is on."""

    users: Mapping[str, User]
    services: Mapping[str, uuid.UUID]
    _read: dict[str, Service] = field(default_factory=dict)

    def service(self, key: str) -> Service:
        """A listing by its key in the file, read once."""
        if key not in self._read:
            self._read[key] = get_service(self.services[key])
        return self._read[key]


class Story:
    """One person's way, told event by event in the order of the file."""

    def __init__(self, entry: Entry, world: World, *, worker: str) -> None:
        self._entry = entry
        self._world = world
        self._days = Days()
        self._by = actor_for(world.users[entry["by"]])
        self._worker = actor_for(world.users[entry.get("worker", worker)])
        # The minutes of the day are drawn by lot, the same at every load.
        self._lot = random.Random(entry["name"])  # noqa: S311
        self._session: date | None = None
        self._onward: Referral | None = None

    def tell(self) -> Referral:
        """Walk the whole of it; letters go out as they were written."""
        entry = self._entry
        with clock.set_to(self._moment(entry)):
            self._referral = refer(
                new_person(entry["person"], entry["name"]),
                reasons=[Reason(code) for code in entry["reasons"]],
                basis=Basis(entry.get("basis", "agreed")),
                why=entry.get("why", ""),
                note=entry.get("note", ""),
                service=self._service(entry["service"]) if "service" in entry else None,
                by=self._by,
            )
        for event in entry["story"]:
            with clock.set_to(self._moment(event)):
                self._happen(event)
        deliver()
        return self._referral

    def _moment(self, event: Entry) -> datetime:
        if event.get("do") in CAME and "ago" not in event:
            return self._after_session(event.get("later", 0))
        at = time(self._lot.randint(9, 15), self._lot.randint(0, 59))
        if "at" in event:
            at = time.fromisoformat(event["at"])
        return self._days.at_work(event["ago"], at)

    def _after_session(self, later: int) -> datetime:
        """The group answers in the evening, or some days later."""
        visit = self._visit()
        return self._days.on(visit.session_on + later * A_DAY, EVENING)

    def _happen(self, event: Entry) -> None:
        what = event["do"]
        if what in MAY_END:
            deliver()  # else the letters that have not gone out would be stopped with it
        if what in PLAIN_STEPS:
            act(self._referral, PLAIN_STEPS[what], by=self._worker, note=event.get("note", ""))
        elif what in PRACTICE_STEPS:
            act(self._referral, PRACTICE_STEPS[what], by=self._by, note=event["note"])
        elif what in CONTACTS:
            self._contact(CONTACTS[what], event)
        elif what in POINTS:
            self._measure(POINTS[what], event["answers"])
        elif what in CAME:
            self._answer_visit(CAME[what], event)
        else:
            self._others()[what](event)

    def _others(self) -> dict[str, Callable[[Entry], None]]:
        return {
            "accept": self._accept,
            "ask-group": self._ask_group,
            "group-yes": self._group_yes,
            "group-no": self._group_no,
            "plan": self._plan,
        }

    def _accept(self, event: Entry) -> None:
        accept(self._referral, by=self._worker, next_contact_on=self._next(event, 2))

    def _contact(self, how: ContactHow, event: Entry) -> None:
        log_contact(
            self._referral,
            how,
            minutes=event.get("minutes", 0),
            note=event.get("note", ""),
            next_contact_on=self._next(event, A_WEEK),
            by=self._worker,
        )

    def _next(self, event: Entry, otherwise: int) -> date:
        if "due" in event:
            return self._days.due(event["due"])
        return clock.today() + otherwise * A_DAY

    def _measure(self, point: Point, answers: list[int]) -> None:
        asked = zip(ONS4.questions, answers, strict=True)
        given = {question.key: said for question, said in asked if said != NOT_ANSWERED}
        record_measure(self._referral, point, given, taken_on=clock.today(), by=self._worker)

    def _ask_group(self, event: Entry) -> None:
        keys = event["group"] if isinstance(event["group"], list) else [event["group"]]
        service = self._service(keys[0])
        if "session" in event:
            service, self._session = self._on_the_day(keys, self._days.day(event["session"]))
        reason = Reason(event["reason"]) if "reason" in event else None
        if not risks_stated(self._referral):
            risks = self._entry.get("risks", "")
            state_risks(self._referral, none_known=not risks, words=risks, by=self._worker)
        self._onward = refer_on(
            self._referral, service, note=event.get("note", ""), reason=reason, by=self._worker
        )

    def _group_yes(self, event: Entry) -> None:
        onward = self._at_group()
        act(onward, Action.ACCEPT, by=self._group(event))

    def _group_no(self, event: Entry) -> None:
        onward = self._at_group()
        why = DECLINE_WORDS[DeclineReason(event["why"])]
        note = f"{why}. {event.get('note', '')}".strip()
        act(onward, Action.REJECT, by=self._group(event), note=note)

    def _plan(self, event: Entry) -> None:
        onward = self._at_group()
        service = self._told(onward.service)
        earliest = self._session or clock.today() + A_DAY
        if "session" in event:
            earliest = self._days.day(event["session"])
        session = self._coming(service, earliest)
        plan_visit(
            onward,
            session_on=session.on,
            starts_at=session.starts_at,
            getting_there=event["way"],
            met_by=event.get("meets") or f"{service.contacts[0].name}, at the door",
            cost=cost_words(service),
            bring=event.get("bring", ""),
            going_with=event.get("with", ""),
            worry=event.get("worry", ""),
            by=self._worker,
        )
        if "pledge" in event:
            witness = event.get("witness", "")
            pledge(self._visit(), event["pledge"], witness=witness, by=self._worker)
        self._session = None

    def _answer_visit(self, came: Came, event: Entry) -> None:
        record_visit(self._visit(), came, by=self._group(event))

    def _group(self, event: Entry) -> Actor:
        """The group itself, by the newest key it was sent; or the link worker for it, by phone."""
        if event.get("told") == "by phone":
            return self._worker
        about = self._at_group().about
        newest = select(SignedLink).where(SignedLink.about == about)
        link = db.session.scalars(newest.order_by(SignedLink.made_at.desc()).limit(1)).one()
        return link.actor

    def _at_group(self) -> Referral:
        return self._told(self._onward)

    def _visit(self) -> FirstVisit:
        return self._told(visit_of(self._at_group()))

    def _told(self, thing: T | None) -> T:
        if thing is None:
            raise LookupError(
                f"{self._entry['name']}: a group is asked, then says yes, then a visit"
            )
        return thing

    def _service(self, key: str) -> Service:
        return self._world.service(key)

    def _on_the_day(self, keys: list[str], day: date) -> tuple[Service, date]:
        """The first of these that meets on a day, whichever weekday the demo is filled on."""
        for key in keys:
            if self._coming(self._service(key), day).on == day:
                return self._service(key), day
        raise LookupError(f"{self._entry['name']}: none of the groups meets on {day}")

    def _coming(self, service: Service, day: date) -> Session:
        start = datetime.combine(day, time(), tzinfo=clock.LONDON)
        return next_sessions(service, after=start, count=1)[0]


def new_person(entry: Entry, name: str) -> NewPerson:
    """What the practice says of somebody, from the file."""
    facts = dict(entry)
    route = ContactRoute(facts.pop("contact_route", "phone"))
    return NewPerson(name=name, contact_route=route, **facts)


def deliver() -> None:
    """Send what is waiting, as the letterbox does: nothing leaves, and the letter counts as sent.

    It happens within the demo's one transaction, so that an interrupted load leaves nothing.
    """
    db.session.execute(
        update(Letter)
        .where(Letter.state == State.WAITING)
        .values(state=State.SENT, sent_at=Letter.written_at, tries=1)
        .execution_options(synchronize_session=False)
    )
