"""Ground floor: what must never be in the database or beside it, and whether anything is.

Rooms say what must never be with `core.ops.cross_check`; here are those that are of no room.
"""

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import and_, exists, func, select
from sqlalchemy.sql.schema import ForeignKeyConstraint

from core import clock, outbox
from core.db import db
from core.ops.register import Where, cross_check, cross_checks

IN_ROWS, ON_THE_SITE = Where.ROWS, Where.SITE

LATE = timedelta(minutes=15)
MOST_NAMED = 20


def init_app() -> None:
    """Register the ground floor's own."""
    cross_check("a row whose other half is gone", orphans)
    cross_check("a letter late by more than fifteen minutes", late_letters, where=Where.SITE)
    cross_check("a letter sent and still waiting, or neither", letters_of_two_minds)


def all_of(where: Where) -> list[str]:
    """Everything found that must not be, in words; nothing where all is well."""
    found = []
    for name, check in cross_checks().items():
        if check.where is where:
            found += [f"{name}: {each}" for each in list(check.find())[:MOST_NAMED]]
            db.session.rollback()
    return found


def how_many() -> int:
    """How many sorts of thing are looked for."""
    return len(cross_checks())


def orphans() -> Iterable[str]:
    """Rows that point at a row that is not there, by table: what foreign keys forbid."""
    for table in db.metadata.sorted_tables:
        for key in table.foreign_key_constraints:
            count = _astray(key)
            if count:
                yield f"{count} of {table.name}, by {', '.join(key.column_keys)}"


def late_letters() -> Iterable[str]:
    """Letters that should have gone long ago."""
    count = outbox.late(clock.now() - LATE)
    if count:
        yield str(count)


def letters_of_two_minds() -> Iterable[str]:
    """Letters whose state and times say different things."""
    sent = outbox.Letter.state == outbox.State.SENT
    astray = select(outbox.Letter.id).where(sent != outbox.Letter.sent_at.is_not(None))
    return (f"letter:{each}" for each in db.session.scalars(astray.limit(MOST_NAMED)))


def _astray(key: ForeignKeyConstraint) -> int:
    here, there = key.parent, key.referred_table.alias()
    pairs = [(each.parent, there.c[each.column.name]) for each in key.elements]
    found = exists().where(and_(*(there == here for here, there in pairs)))
    points = and_(*(column.is_not(None) for column, _there in pairs))
    counted = select(func.count()).select_from(here).where(points, ~found)
    return db.session.scalar(counted) or 0
