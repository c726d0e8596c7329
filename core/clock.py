"""Ground floor: the only clock. Everybody asks here, so tests and the demo can set it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")

_set_to: ContextVar[datetime | None] = ContextVar("clock", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _set_to.get() or datetime.now(UTC)


def today() -> date:
    """The date in London, where a session at seven in the evening is today's."""
    return local_date(now())


def local(moment: datetime) -> datetime:
    """An aware moment as people in Britain read it off the wall."""
    return moment.astimezone(LONDON)


def local_date(moment: datetime) -> date:
    """The date in London at an aware moment."""
    return local(moment).date()


@contextmanager
def set_to(moment: datetime) -> Iterator[None]:
    """Within the block it is `moment` (aware), and time stands still."""
    if moment.tzinfo is None:
        raise ValueError("the clock takes aware times only")
    token = _set_to.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _set_to.reset(token)
