"""The demo: who came when in its large invented county: exactly so many attendances in all.

First visits are as they are. Of the weeks after, each person is said to have come to some; the rest
are spare, and are drawn on when a batch of people falls short of its share of the whole.
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from core import clock
from core.actors import system
from demo.scale.county import Rows, Somebody
from demo.scale.lot import Lot, new_id
from referrals.groups.value import NOTIONAL_HOURS, NOTIONAL_POUNDS
from referrals.models import Attendance, Given, Told, ValueEntry
from referrals.rules import Came

CAME_LATER = (Came.CAME,) * 17 + (Came.DID_NOT_COME,) * 2 + (Came.NOT_KNOWN,)
HOW = (Told.LINK, Told.LETTER, Told.TEXT, Told.REGISTER, Told.REGISTER, Told.LINK_WORKER)
EVENING = time(20, 5)
POSTER = system("value given")


@dataclass(frozen=True, slots=True)
class Goer:
    """Somebody at a group, and the link worker in whose name it is written down."""

    referral: uuid.UUID
    service: uuid.UUID
    worker: Somebody


class Register:
    """Attendances of one batch after the other, up to a whole known beforehand."""

    def __init__(self, lot: Lot, whole: int) -> None:
        self._lot, self._whole = lot, whole
        self.written = 0
        self._chosen: list[tuple[Goer, date]] = []
        self._spare: list[tuple[Goer, date]] = []

    def first(self, goer: Goer, on: date, came: Came, rows: Rows) -> None:
        """What is known of a first visit."""
        self._write(goer, on, came, Told.LINK_WORKER, rows)

    def weekly(self, goer: Goer, weeks: list[date], wished: int) -> None:
        """The weeks somebody could have gone, and in how many of the first of them they did."""
        self._chosen += [(goer, on) for on in weeks[:wished]]
        self._spare += [(goer, on) for on in weeks[wished:]]

    def close(self, share: float, rows: Rows) -> None:
        """Write this batch, after which this share of the whole is done."""
        short = round(share * self._whole) - self.written - len(self._chosen)
        if short > 0:
            self._chosen += self._lot.sample(self._spare, min(short, len(self._spare)))
        elif short < 0:
            self._lot.shuffle(self._chosen)
            del self._chosen[short:]
        for goer, on in self._chosen:
            came, how = self._lot.choice(CAME_LATER), self._lot.choice(HOW)
            self._write(goer, on, came, how, rows)
        self._chosen, self._spare = [], []

    def welcome(self, goer: Goer, at: datetime, rows: Rows) -> None:
        """The group took somebody on: that is something given."""
        about = f"welcome:{goer.referral}"
        self._gave(goer, about, Given.WELCOME, clock.local_date(at), at, rows)

    def _write(self, goer: Goer, on: date, came: Came, how: Told, rows: Rows) -> None:
        at = datetime.combine(on, EVENING, tzinfo=clock.LONDON)
        rows[Attendance].append(
            {
                "id": new_id(self._lot),
                "service_id": goer.service,
                "referral_id": goer.referral,
                "on": on,
                "came": came,
                "by": goer.worker.ref,
                "by_name": goer.worker.name,
                "how": how,
                "at": at,
            }
        )
        self.written += 1
        if came is Came.CAME:
            about = f"visit:{goer.referral}:{on.isoformat()}"
            self._gave(goer, about, Given.VISIT, on, at, rows)

    def _gave(
        self, goer: Goer, about: str, given: Given, on: date, at: datetime, rows: Rows
    ) -> None:
        rows[ValueEntry].append(
            {
                "id": new_id(self._lot),
                "occasion": f"{about}#001",
                "service_id": goer.service,
                "about": about,
                "given": given,
                "on": on,
                "times": 1,
                "hours": NOTIONAL_HOURS[given],
                "pounds": NOTIONAL_POUNDS[given],
                "agreed": False,
                "by": POSTER.ref,
                "at": at,
            }
        )


def weeks_after(first: date, until: date) -> list[date]:
    """The same weekday in every week after a first visit, up to the day before `until`."""
    number = max(0, (until - first).days - 1) // 7
    return [first + timedelta(weeks=week) for week in range(1, number + 1)]
