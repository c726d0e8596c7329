"""The demo: the ways of its large invented county: each person's, told from the day they were sent.

A way is told event by event until it reaches today, and stops there: so people stand in every
state, as they do in life. How often what happens is an assumption, written down here: nine in ten
meet a link worker, and about four in ten go somewhere.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from demo.scale.county import Area, Practice, Rows, Somebody
from demo.scale.lot import Lot, new_id
from demo.scale.moments import Moments, NotYet, at_work
from demo.scale.onward import AtGroup
from demo.scale.register import Register
from demo.scale.words import (
    ANSWERED,
    COMMUNICATION,
    CONTACT_NOTES,
    FIRST_NAMES,
    LAST_NAMES,
    MISTAKE,
    RISK,
    WHY_ASKED,
    WHY_FAILED,
    WHY_NOT_TAKEN,
    WHY_PAUSED,
    listed,
)
from demo.scale.writing import Written, a_minute_after, referral_row
from referrals.making import SHARED_WITH_TEAM
from referrals.measures import HIGHEST, LOWEST, ONS4
from referrals.models import Measure, Person, Referral, RiskStatement, Task, TaskKind
from referrals.rules import (
    CLOSED,
    UNDER_WAY,
    Action,
    ContactHow,
    ContactRoute,
    Point,
    Reason,
    Status,
    ending_with_parent,
)

DAYS = 730
"""Over how many days, up to today, people were referred."""

REASONS = (*Reason,)
OFTEN = (30, 24, 14, 14, 6, 6, 3, 3)
ROUTES = (ContactRoute.PHONE,) * 3 + (ContactRoute.TEXT,)
ASKED_ON, MANY = (0, 1, 2, 3), (12, 55, 24, 9)
TASKS = ("Ring the library about the room", "Find out which bus stops at the door")


@dataclass(frozen=True, slots=True)
class Numbers:
    """Where the next number of each sort comes from."""

    nhs: Iterator[str]
    refs: Iterator[str]
    codes: Iterator[str]
    seats: dict[Any, int]


class Way:
    """One person's way."""

    def __init__(
        self,
        area: Area,
        numbers: Numbers,
        register: Register,
        rows: Rows,
        *,
        lot: Lot,
        now: datetime,
    ) -> None:
        self.area, self.numbers, self.register = area, numbers, register
        self.rows, self.lot, self.now = rows, lot, now
        self._practice: Practice = lot.choice(area.practices)
        self._clinician = lot.choice(self._practice.clinicians)
        self.worker: Somebody = lot.choice(area.workers)
        self.reason = lot.choices(REASONS, OFTEN)[0]
        sent = at_work(now.date() - timedelta(days=lot.randint(4, DAYS)), lot)
        self.moments = Moments(lot, sent, now - timedelta(minutes=5))
        self.onward: list[AtGroup] = []

    def tell(self) -> None:
        """All of it, up to today."""
        sent = self.moments.now
        self.person = self._enter(sent)
        row = referral_row(
            self.lot,
            next(self.numbers.refs),
            sent,
            person_id=self.person["id"],
            referrer_id=self._clinician.id,
            from_organisation_id=self._practice.id,
            to_organisation_id=self.area.team,
            reasons=[self.reason.value],
            note="",
        )
        self.rows[Referral].append(row)
        self.first = Written(row, self.rows, self.lot)
        wording = SHARED_WITH_TEAM.format(to=self.area.team_name, sender=self._practice.name)
        self.basis = self.first.agree(wording, sent, self._clinician)
        self.first.step(Action.SEND, sent, self._clinician)
        row["next_contact_on"] = at_work(sent.date() + timedelta(days=2), self.lot).date()
        with suppress(NotYet):
            if self._is_taken() and self._is_reached():
                self._is_helped()
        if self.first.status not in CLOSED:
            self._lies_ahead()

    def _enter(self, at: datetime) -> dict[str, Any]:
        lot = self.lot
        person = {
            "id": new_id(lot),
            "name": f"{lot.choice(FIRST_NAMES)} {lot.choice(LAST_NAMES)}",
            "born_on": date(lot.randint(1932, 2005), lot.randint(1, 12), lot.randint(1, 28)),
            "nhs_number": next(self.numbers.nhs),
            "phone": f"07700 900{lot.randrange(1000):03}",
            "address": f"{lot.randint(1, 120)} {lot.choice(listed('roads'))}",
            "postcode": lot.choice(self.area.town.postcodes),
            "contact_route": lot.choice(ROUTES),
            "communication_needs": lot.choice(COMMUNICATION) if lot.random() < 0.1 else "",
            "practice_id": self._practice.id,
            "created_at": at,
        }
        self.rows[Person].append(person)
        return person

    def _is_taken(self) -> bool:
        first, lot, later = self.first, self.lot, self.moments.later
        if lot.random() < 0.01:
            first.step(Action.MARK_ERROR, later(1, 2), self._clinician, MISTAKE)
            return False
        if lot.random() < 0.12:
            first.step(Action.OPEN, later(1, 2), self.worker)
        if lot.random() < 0.03:
            first.step(Action.ASK, later(1, 2), self.worker, lot.choice(WHY_ASKED))
            first.step(Action.ANSWER, later(1, 5), self._clinician, lot.choice(ANSWERED))
        if lot.random() < 0.03:
            first.step(Action.REJECT, later(1, 4), self.worker, lot.choice(WHY_NOT_TAKEN))
            return False
        first.step(Action.ACCEPT, later(1, 4), self.worker)
        first.row["owner_id"] = self.worker.id
        return True

    def _is_reached(self) -> bool:
        """Three tries, a kind letter and time to answer it, for those who are not."""
        first, lot, later = self.first, self.lot, self.moments.later
        reached = lot.random() < 0.93
        for _ in range(lot.choice((0, 0, 0, 1, 2)) if reached else 3):
            at = later(3, 5)
            first.contact(ContactHow.NO_ANSWER, at, self.worker)
            first.step(Action.TRY_CONTACT, at, self.worker)
        if reached:
            at = later(1, 4)
            first.contact(ContactHow.PHONE, at, self.worker, lot.choice(CONTACT_NOTES))
            first.step(Action.BEGIN, at, self.worker)
            return True
        first.contact(ContactHow.LETTER, later(1, 4), self.worker)
        first.step(Action.CLOSE_NO_CONTACT, later(24, 30), self.worker)
        return False

    def _is_helped(self) -> None:
        first, lot = self.first, self.lot
        answers = self._measure(Point.BEFORE, None) if lot.random() < 0.7 else None
        if lot.random() < 0.04:
            at = self.moments.later(5, 20)
            first.step(Action.PAUSE, at, self.worker, lot.choice(WHY_PAUSED))
            first.step(Action.RESUME, self.moments.later(10, 40), self.worker)
        self._states_risks()
        says_no = lot.random() < 0.08
        ends = self.moments.after(*((3, 60) if says_no else (60, 330)))
        until = min(ends, self.moments.until)
        for _ in range(lot.choices(ASKED_ON, MANY)[0] if not says_no else 0):
            self._asks_a_group(until, is_end=ends < self.moments.until)
        self._is_rung(until)
        if ends >= self.moments.until:
            return
        self.moments.now = ends
        self._ends(ends, says_no=says_no)
        if answers is not None and first.status is Status.CLOSED_COMPLETED and lot.random() < 0.55:
            self._measure(Point.AFTER, answers)

    def _states_risks(self) -> None:
        """Before anybody is sent on to a group; nearly always there are none."""
        words = RISK if self.lot.random() < 0.03 else ""
        self.rows[RiskStatement].append(
            {
                "id": new_id(self.lot),
                "referral_id": self.first.id,
                "number": 1,
                "none_known": not words,
                "words": words,
                "by": self.worker.ref,
                "by_name": self.worker.name,
                "at": self.moments.now,
            }
        )

    def _asks_a_group(self, until: datetime, *, is_end: bool) -> None:
        asked = Moments(self.lot, self.moments.now, until)
        group = AtGroup(self, asked, is_end=is_end)
        with suppress(NotYet):
            group.tell()
        if group.was_asked:
            self.onward.append(group)

    def _is_rung(self, until: datetime) -> None:
        rung = Moments(self.lot, self.moments.now, until)
        with suppress(NotYet):
            for _ in range(self.lot.choice((0, 1, 1, 2, 3))):
                at = rung.later(14, 40)
                note = self.lot.choice(CONTACT_NOTES)
                self.first.contact(ContactHow.PHONE, at, self.worker, note)

    def _ends(self, at: datetime, *, says_no: bool) -> None:
        first, lot = self.first, self.lot
        if says_no:
            first.step(Action.RECORD_DECLINED, at, self.worker)
        elif lot.random() < 0.04:
            first.step(Action.FAIL, at, self.worker, lot.choice(WHY_FAILED))
        else:
            first.step(Action.COMPLETE, at, self.worker)
        for group in self.onward:
            if group.written.status not in CLOSED:
                action = ending_with_parent(first.status, came=group.came)
                group.written.end_too(action, a_minute_after(at))

    def _measure(self, point: Point, before: dict[str, int] | None) -> dict[str, int]:
        """Those who answer twice are a point or so better off, some of them worse."""
        answers = {}
        for question in ONS4.questions:
            if before is None:
                said = round(self.lot.gauss(4.6 if question.good > 0 else 5.6, 2.1))
            else:
                said = before[question.key] + question.good * round(self.lot.gauss(0.9, 1.9))
            answers[question.key] = min(HIGHEST, max(LOWEST, said))
        self.rows[Measure].append(
            {
                "id": new_id(self.lot),
                "referral_id": self.first.id,
                "point": point,
                "answers": answers,
                "taken_on": self.moments.now.date(),
                "by": self.worker.ref,
            }
        )
        return answers

    def _lies_ahead(self) -> None:
        """When the next contact is, and what is to be done."""
        today = self.now.date()
        if self.first.status not in UNDER_WAY:
            return
        self.first.row["next_contact_on"] = today + timedelta(days=self.lot.randint(-2, 24))
        if self.lot.random() < 0.2:
            self.rows[Task].append(
                {
                    "id": new_id(self.lot),
                    "referral_id": self.first.id,
                    "kind": TaskKind.DO,
                    "words": self.lot.choice(TASKS),
                    "due_on": today + timedelta(days=self.lot.randint(-2, 14)),
                    "by": self.worker.ref,
                    "by_name": self.worker.name,
                    "at": self.moments.now,
                }
            )
