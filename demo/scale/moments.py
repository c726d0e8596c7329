"""The demo: when things happened in its large invented county: in order, at work, never to come."""

from datetime import UTC, date, datetime, time, timedelta

from demo.scale.lot import Lot

A_DAY = timedelta(days=1)
AT_WORK = range(9, 16)
FRIDAY = 4


class NotYet(Exception):
    """The next thing would be in the future: here the way ends for today."""


class Moments:
    """The moments of one way, each later than the one before; none after `until`."""

    def __init__(self, lot: Lot, start: datetime, until: datetime) -> None:
        self._lot, self.now, self.until = lot, start, until

    def later(self, least: int, most: int) -> datetime:
        """At work, so many days on; NotYet when that is to come."""
        moment = self.after(least, most)
        if moment >= self.until:
            raise NotYet
        self.now = moment
        return moment

    def after(self, least: int, most: int) -> datetime:
        """The same, whether or not it has been."""
        return at_work(self.now.date() + self._lot.randint(least, most) * A_DAY, self._lot)


def at_work(day: date, lot: Lot) -> datetime:
    """Some time of this day, or of the Monday after when it is a weekend."""
    if day.weekday() > FRIDAY:
        day += (7 - day.weekday()) * A_DAY
    return datetime.combine(day, time(lot.choice(AT_WORK), lot.randrange(60)), tzinfo=UTC)


def next_weekday(day: date, weekday: int) -> date:
    """The first such day after this one."""
    return day + ((weekday - day.weekday() - 1) % 7 + 1) * A_DAY
