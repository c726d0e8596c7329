"""Benchmarks: S2, queries that forget for whom they ask: do they show another practice's people?

    python -m benchmarks.assurance.s2_scoping

Twenty-six shapes of a query, none of which says whose rows it wants, run as a clinician of one of
two practices. The database itself must leave out the other practice's rows in every one, and all
rows where nobody is named: PostgreSQL by its policies, SQLite by the views through which it reads.
With those taken away the same shapes must find some. Some shapes the house's lint of queries
refuses to their author besides; how many is told beside the figures.
"""

import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path

from accounts import User
from benchmarks.assurance import shapes
from benchmarks.assurance.goals import control, exactly
from core import guards, row_views
from core.db import act_as_owner, db, may_write
from core.rows import NONE, Rows, showing
from referrals.row_guards import rows_of
from referrals.rules import Status
from tests.engines import Engines
from tests.house.queries import escapes, people
from tests.referral_builders import a_clinician, a_practice, a_referral, an_onward, as_actor

SHAPES = [getattr(shapes, name) for name in dir(shapes) if name.startswith("by_")]

OURS = 2
"""How many referrals a practice of this script has: one, and where it was sent on to."""


def main() -> None:
    """Print the figures of S2."""
    folder = Path(tempfile.mkdtemp(prefix="kith-scoping-"))
    engines = Engines(folder)
    try:
        exactly("S2a", "shapes of a query tried on each engine", len(SHAPES), 26)
        for letter, name in (("b", "postgresql"), ("c", "sqlite")):
            app = engines.fresh(name)
            with app.app_context():
                _try_all(f"S2{letter}", name)
        _tell_of_the_lint()
    finally:
        engines.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _try_all(goal: str, engine: str) -> None:
    mine, theirs = _two_practices()
    own = rows_of(as_actor(mine))
    exactly(f"{goal}1", f"{engine}: shapes that show another's rows", len(_leaking(own, theirs)))
    shown = [shape for shape in SHAPES if _found(shape, NONE)]
    exactly(f"{goal}2", f"{engine}: shapes that show a row when nobody is named", len(shown))
    _take_rules_away(engine)
    control(f"{goal}3", f"{engine} without its rules: shapes that leak", len(_leaking(own, theirs)))


def _tell_of_the_lint() -> None:
    source = Path(shapes.__file__).read_text(encoding="utf-8")
    lines = {line for line, _what in escapes(source, people())}
    refused = sum(bool(lines & set(_lines_of(shape))) for shape in SHAPES)
    print(f"# the lint of queries refuses {refused} of {len(SHAPES)} shapes besides", flush=True)


def _two_practices() -> tuple[User, set[str]]:
    """A clinician, and the ids of everything that is another practice's."""
    before = _all_ids()
    theirs = a_clinician(a_practice())
    an_onward(parent=a_referral(Status.IN_PROGRESS, referrer=theirs))
    foreign = _all_ids() - before
    mine = a_clinician(a_practice())
    an_onward(parent=a_referral(Status.IN_PROGRESS, referrer=mine))
    return mine, foreign


def _all_ids() -> set[str]:
    db.session.rollback()
    return {each for table in shapes.TABLES for each in map(str, db.session.scalars(table))}


def _leaking(rows: Rows, foreign: set[str]) -> list[Callable[[], Iterable[object]]]:
    return [
        shape for shape in SHAPES if any(_is_theirs(each, foreign) for each in _found(shape, rows))
    ]


def _is_theirs(found: object, foreign: set[str]) -> bool:
    if isinstance(found, int):  # a count: more than are ours is somebody else's too
        return found > OURS
    return str(found if isinstance(found, uuid.UUID) else uuid.UUID(str(found))) in foreign


def _found(shape: Callable[[], Iterable[object]], rows: Rows) -> list[object]:
    db.session.remove()
    with may_write(), showing(rows):
        found = [each for each in shape() if each not in (None, 0)]
        db.session.rollback()
    db.session.remove()
    return found


def _lines_of(shape: Callable[[], Iterable[object]]) -> range:
    code = shape.__code__
    return range(code.co_firstlineno, max(line or 0 for *_, line in code.co_lines()) + 1)


def _take_rules_away(engine: str) -> None:
    if engine == "sqlite":
        row_views.show_through({}, added_to={})
        db.session.remove()
        db.engine.dispose()
        return
    with may_write(), db.engine.begin() as connection:
        act_as_owner(connection)
        [rules] = [each for each in guards.declared(engine) if each.name == "rows of people"]
        for statement in rules.down:
            connection.exec_driver_sql(statement)


if __name__ == "__main__":
    main()
