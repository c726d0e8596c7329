"""The demo: one group asked in its large invented county: its answer, the visit, the weeks."""

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from core import clock
from demo.scale.county import Offered
from demo.scale.lot import new_id
from demo.scale.moments import Moments, next_weekday
from demo.scale.register import Goer, weeks_after
from demo.scale.words import BRING, GETTING_THERE, MET_BY
from demo.scale.writing import Written, a_minute_after, referral_row
from referrals.making import SHARED_WITH_GROUP
from referrals.models import FirstVisit, GroupPlace, Referral
from referrals.rules import DECLINE_WORDS, Action, Came, DeclineReason

if TYPE_CHECKING:
    from demo.scale.ways import Way

SUITS = 6
"""Of so many activities drawn by lot one that fits the reason is taken."""

WEEKS = (0, 1, 2, 3, 5, 8, 12, 16, 20, 26, 30, 40)
SAID_NO = (*DECLINE_WORDS,)
CHANGED_MIND = "They would like to try something else."
NOBODY_SAID = 14
"""Days after a visit in which it may be that nobody has said yet what became of it."""

EVENING = time(20, 5)


class AtGroup:
    """A link worker asks one group whether somebody may come."""

    def __init__(self, way: "Way", moments: Moments, *, is_end: bool) -> None:
        self._way, self._moments, self._is_end = way, moments, is_end
        self._lot, self._rows = way.lot, way.rows
        self.came = False
        self.was_asked = False

    def tell(self) -> None:
        """All of it, until the whole way ends or today comes."""
        offered = self._choose()
        if offered is None:
            return
        at = self._moments.later(2, 25)
        self._ask(offered, at)
        fate = self._lot.random()
        if fate < 0.10:
            reason = self._lot.choice(SAID_NO)
            at = self._moments.later(1, 6)
            self.written.step(Action.REJECT, at, self._way.worker, _because(reason))
        elif fate < 0.13:
            at = self._moments.later(1, 6)
            self.written.step(Action.WITHDRAW, at, self._way.worker, CHANGED_MIND)
        else:
            self._is_taken(offered)

    def _choose(self) -> Offered | None:
        offers, lot = self._way.area.offers, self._lot
        asked = {group.offered.id for group in self._way.onward}
        drawn = [
            each
            for each in (offers[int(len(offers) * lot.random() ** 2)] for _ in range(SUITS))
            if each.id not in asked
        ]
        fit = (each for each in drawn if self._way.reason.value in each.needs)
        return next(fit, drawn[0] if drawn else None)

    def _ask(self, offered: Offered, at: datetime) -> None:
        way, self.offered, self.was_asked = self._way, offered, True
        row = referral_row(
            self._lot,
            next(way.numbers.refs),
            at,
            parent_id=way.first.id,
            person_id=way.person["id"],
            referrer_id=way.worker.id,
            from_organisation_id=way.area.team,
            to_organisation_id=offered.group,
            service_id=offered.id,
            reasons=[way.reason.value],
            note="",
        )
        self._rows[Referral].append(row)
        self.written = Written(row, self._rows, self._lot)
        self._goer = Goer(self.written.id, offered.id, way.worker)
        wording = SHARED_WITH_GROUP.format(to=offered.group_name)
        self.written.agree(wording, at, way.worker, way.basis)
        self.written.step(Action.SEND, at, way.worker)
        seat = way.numbers.seats[offered.group] = way.numbers.seats.get(offered.group, 0) + 1
        self._rows[GroupPlace].append(
            {
                "id": new_id(self._lot),
                "organisation_id": offered.group,
                "referral_id": self.written.id,
                "number": seat,
                "code": next(way.numbers.codes),
                "high_support": self._lot.random() < 0.05,
            }
        )

    def _is_taken(self, offered: Offered) -> None:
        at = self._moments.later(1, 6)
        self.written.step(Action.ACCEPT, at, self._way.worker)
        self._way.register.welcome(self._goer, at, self._rows)
        if self._lot.random() < 0.9:
            self._visits(offered, again=self._lot.random() < 0.5)

    def _visits(self, offered: Offered, *, again: bool) -> None:
        made = self._moments.later(1, 6)
        on = next_weekday(
            made.date() + timedelta(days=self._lot.choice((0, 0, 7))), offered.weekday
        )
        is_over = on < self._moments.until.date()
        if not is_over and self._is_end:
            return  # they finished with the link worker before it
        if not is_over or self._nobody_said(on):
            self._plan(offered, made, on, Came.PLANNED)
            return
        came = self._lot.choices((Came.CAME, Came.DID_NOT_COME, Came.NOT_KNOWN), (62, 27, 11))[0]
        self._plan(offered, made, on, came)
        self._way.register.first(self._goer, on, came, self._rows)
        self._moments.now = datetime.combine(on, EVENING, tzinfo=clock.LONDON)
        if came is Came.CAME:
            self._goes(on)
        elif came is Came.DID_NOT_COME and again:
            self._visits(offered, again=False)

    def _nobody_said(self, on: date) -> bool:
        ago = (self._moments.until.date() - on).days
        return not self._is_end and ago < NOBODY_SAID and self._lot.random() < 0.2

    def _goes(self, first: date) -> None:
        self.came = True
        self.written.step(Action.BEGIN, a_minute_after(self._moments.now), self._way.worker)
        weeks = weeks_after(first, self._moments.until.date())
        self._way.register.weekly(self._goer, weeks, self._lot.choice(WEEKS))

    def _plan(self, offered: Offered, made: datetime, on: date, came: Came) -> None:
        said, worker = came is not Came.PLANNED, self._way.worker
        at = datetime.combine(on, EVENING, tzinfo=clock.LONDON)
        self._rows[FirstVisit].append(
            {
                "id": new_id(self._lot),
                "referral_id": self.written.id,
                "session_on": on,
                "starts_at": offered.starts_at,
                "getting_there": self._lot.choice(GETTING_THERE),
                "met_by": MET_BY,
                "bring": self._lot.choice(BRING),
                "came": came,
                "answered_by": worker.ref if said else "",
                "answered_by_name": worker.name if said else "",
                "answered_at": at if said else None,
                "made_at": made,
            }
        )


def _because(reason: DeclineReason) -> str:
    return f"{DECLINE_WORDS[reason]}."
