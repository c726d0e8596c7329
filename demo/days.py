"""The demo's days: when things happened, counted back from today, so that the demo never ages.

Link workers and practices work on weekdays; groups answer when they like. Whatever today is, and
at whatever hour the demo is filled, nothing happens in the future and everything in its order.
"""

from datetime import date, datetime, time, timedelta

from core import clock

A_DAY = timedelta(days=1)
JUST_NOW = timedelta(minutes=5)
BETWEEN = timedelta(minutes=9)


class Days:
    """The moments of one person's story: each is later than the one before."""

    def __init__(self) -> None:
        self._now = clock.now()
        self._last: datetime | None = None

    def at_work(self, ago: int, at: time) -> datetime:
        """So many days ago at this time; the Friday before when that is a weekend."""
        day = workday_before(self.day(-ago))
        while _moment(day, at) > self._now - JUST_NOW:
            day = workday_before(day - A_DAY)
        return self._in_order(_moment(day, at))

    def on(self, day: date, at: time) -> datetime:
        """This day at this time, or just now when that is still to come."""
        return self._in_order(min(_moment(day, at), self._now - JUST_NOW))

    def due(self, in_days: int) -> date:
        """A day counted from today, on which somebody works; today itself is today."""
        day = self.day(in_days)
        if in_days == 0:
            return day
        return workday_after(day) if in_days > 0 else workday_before(day)

    def day(self, in_days: int) -> date:
        """A day counted from today."""
        return clock.local_date(self._now) + in_days * A_DAY

    def _in_order(self, moment: datetime) -> datetime:
        if self._last is not None and moment <= self._last:
            moment = self._last + min(BETWEEN, (self._now - self._last) / 2)
        self._last = moment
        return moment


def workday_before(day: date) -> date:
    """The day itself, or the Friday before a weekend."""
    return day - max(0, day.weekday() - 4) * A_DAY


def workday_after(day: date) -> date:
    """The day itself, or the Monday after a weekend."""
    return day + (7 - day.weekday() if day.weekday() > 4 else 0) * A_DAY


def _moment(day: date, at: time) -> datetime:
    return datetime.combine(day, at, tzinfo=clock.LONDON)
