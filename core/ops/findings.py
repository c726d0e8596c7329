"""Ground floor: what must never be in the database or beside it, and whether anything is.

Rooms say what must never be with `core.ops.cross_check`; here are those that are of no room.
"""

from collections.abc import Iterable
from datetime import timedelta
from itertools import islice

from sqlalchemy import and_, exists, func, select
from sqlalchemy.sql.schema import ForeignKeyConstraint

from core import audit, clock, outbox, sealing
from core.audit import anchors
from core.db import db
from core.keys import KeyTrouble
from core.ops.register import Finder, Where, cross_check, cross_checks
from core.settings import in_force

IN_ROWS, ON_THE_SITE = Where.ROWS, Where.SITE

LATE = timedelta(minutes=15)
MOST_NAMED = 20
SAMPLE = 5
"""Rows of each sort that are opened: one is enough to show that the key is the right one."""


def init_app() -> None:
    """Register the ground floor's own."""
    cross_check("a row whose other half is gone", orphans)
    cross_check("an entry of the audit that is not as it was sealed", audit_astray)
    cross_check("an audit that is not the one that was anchored", audit_moved, where=Where.SITE)
    cross_check("something sealed that its key does not open", shut_for_good)
    cross_check("somebody forgotten who is here again", forgotten_again, where=Where.SITE)
    cross_check("a letter late by more than fifteen minutes", late_letters, where=Where.SITE)
    cross_check("a letter sent and still waiting, or neither", letters_of_two_minds)


def all_of(where: Where) -> list[str]:
    """Everything found that must not be, in words; nothing where all is well."""
    found = []
    for name, check in cross_checks().items():
        if check.where is where:
            found += [f"{name}: {each}" for each in _asked(check.find)]
    return found


def _asked(find: Finder) -> list[str]:
    try:
        return list(islice(find(), MOST_NAMED))
    except Exception as error:  # what cannot be looked for is itself found wanting
        return [f"could not be looked for ({type(error).__name__})"]
    finally:
        db.session.rollback()


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


def audit_astray() -> Iterable[str]:
    """What the chain of the audit tells of itself."""
    return audit.verify().troubles


def audit_moved() -> Iterable[str]:
    """What the chain tells beside what was written down outside the database."""
    settings = in_force()
    return set(audit.verify(anchors.kept(settings.data_dir)).troubles) - set(audit_astray())


def shut_for_good() -> Iterable[str]:
    """Sorts of row of which one or another does not open: a key is missing, or another's."""
    for model in dict.fromkeys(each.model for each in sealing.REGISTER):
        try:
            for row in db.session.scalars(select(model).limit(SAMPLE)):
                for attribute in sealing.of_model(model):
                    getattr(row, attribute.name)
        except (sealing.Broken, KeyTrouble):
            yield str(model.__tablename__)


def forgotten_again() -> Iterable[str]:
    """Those whom a restored backup has brought back: `flask ops repeat` forgets them again."""
    return (f"holder:{each}" for each in sealing.back_again())


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
