"""Directory: what people look for and do not find: counted by day, never the words they typed.

Kept are the kinds, situations and days that were ticked, and about where, no nearer than a town or
the first half of a postcode. Nothing is kept of who looked.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import delete, func, select

from core import clock, work
from core.db import change_rows, db
from core.saving import saving
from directory.models import NotFoundCount
from directory.places import roughly
from directory.search import Query
from directory.tallies import Tally, add_to

KEPT_FOR = timedelta(days=730)
LATELY = timedelta(days=90)
MOST_AT_A_TIME = 1_000
MOST_CODES, LONGEST_PLACE = 4, 200

_KEYS = ["on", "kinds", "needs", "days", "place"]
_tally: Tally[tuple[date, str, str, str, str]] = Tally(MOST_AT_A_TIME)


@dataclass(frozen=True, slots=True)
class Unmet:
    """What was looked for in vain, and how often."""

    kinds: tuple[str, ...]
    needs: tuple[str, ...]
    days: tuple[str, ...]
    place: str
    number: int


def init_app() -> None:
    """Have old counts forgotten."""
    work.chore("forget old searches in vain", timedelta(days=1), _forget)


def found_nothing(query: Query) -> None:
    """Count a search that found nothing. It costs nothing and cannot fail a page."""
    place = roughly(query.near)[:LONGEST_PLACE] if query.near else ""
    ticked = _joined(query.kinds), _joined(query.needs), _joined(query.days)
    _tally.add([(clock.today(), *ticked, place)])


def unmet(*, most: int = 200) -> list[Unmet]:
    """What was looked for in vain of late, what was looked for most often first."""
    table = NotFoundCount
    asked = table.kinds, table.needs, table.days, table.place
    number = func.sum(table.number)
    found = select(*asked, number).where(table.on > clock.today() - LATELY).group_by(*asked)
    rows = db.session.execute(found.order_by(number.desc(), *asked).limit(most)).all()
    return [
        Unmet(_apart(kinds), _apart(needs), _apart(days), place, int(times))
        for kinds, needs, days, place, times in rows
    ]


def every_day() -> Sequence[NotFoundCount]:
    """All the counts, the latest day first."""
    table = NotFoundCount
    order = table.on.desc(), table.place, table.kinds, table.needs, table.days
    return db.session.scalars(select(table).order_by(*order)).all()


def is_due() -> bool:
    """Whether something has waited long enough to be written down."""
    return _tally.is_due()


def write_down() -> None:
    """Write down what waits."""
    _tally.write_down(_add)


def _add(taken: dict[tuple[date, str, str, str, str], int]) -> None:
    rows = [
        {**dict(zip(_KEYS, key, strict=True)), "number": number}
        for key, number in sorted(taken.items())
    ]
    add_to(NotFoundCount, _KEYS, rows)


def _joined(codes: Set[str]) -> str:
    # Who ticks everything looks for nothing in particular.
    return ",".join(sorted(codes)) if len(codes) <= MOST_CODES else ""


def _apart(codes: str) -> tuple[str, ...]:
    return tuple(filter(None, codes.split(",")))


def _forget() -> int:
    with saving():
        old = NotFoundCount.on < clock.today() - KEPT_FOR
        return change_rows(delete(NotFoundCount).where(old))
