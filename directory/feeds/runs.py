"""Directory: an import from its first moment to its last: who has it in hand, how far it is.

A run is worked on by one process at a time, which holds a lease and renews it with every step. Each
step is a short transaction that only commits while the lease is still its own, so a process that
was stopped and comes back too late changes nothing.
"""

import os
import uuid
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import and_, delete, or_, select, update

from core import audit, clock, work
from core.actors import Actor, Kind
from core.db import change_rows, db
from core.errors import NotFound, Refused
from core.saving import saving
from directory import duplicates
from directory.feeds import limits
from directory.models import ImportRow, ImportRun
from directory.rules import ImportState, Verdict

LEASE = timedelta(minutes=2)
KEPT_FOR = timedelta(days=30)
NEEDED_FOR = timedelta(days=1)
AT_ONCE = 1_000
LONGEST_SOURCE, LONGEST_NAME, LONGEST_TROUBLE = 120, 200, 500

WORKING = (
    ImportState.WAITING,
    ImportState.READING,
    ImportState.BRINGING_IN,
    ImportState.TAKING_BACK,
)
OVER = (ImportState.DONE, ImportState.REFUSED, ImportState.CANCELLED)

_me: dict[int, str] = {}


class Lost(Exception):
    """The run has been cancelled, or another process has it in hand."""


def begin(*, name: str, source: str, url: str = "", by: Actor, mine: bool = False) -> ImportRun:
    """A new run, waiting; `mine` when this process will see to it itself."""
    source = source.strip()[:LONGEST_SOURCE]
    if not source:
        raise Refused("Say who publishes this, so that we know it again next time.")
    run = ImportRun(
        id=uuid.uuid4(),
        source=source,
        name=name.strip()[:LONGEST_NAME] or "a file",
        url=url,
        made_at=clock.now(),
        by=by.ref,
        by_name=by.name,
        holder=me() if mine else "",
        leased_until=clock.now() + LEASE if mine else None,
    )
    db.session.add(run)
    db.session.flush()
    audit.record(by, "import begun", about=f"import:{run.id}", source=source)
    return run


def get_run(run_id: uuid.UUID) -> ImportRun:
    """The run, or NotFound."""
    found = db.session.get(ImportRun, run_id)
    if found is None:
        raise NotFound
    return found


def latest_runs(most: int = 50) -> list[ImportRun]:
    """The imports of late, the newest first."""
    return list(
        db.session.scalars(select(ImportRun).order_by(ImportRun.made_at.desc()).limit(most))
    )


def say_columns(run: ImportRun, columns: Mapping[str, int], *, by: Actor) -> None:
    """Say which column of the sheet each of ours is; then it can be read."""
    if "name" not in columns:
        raise Refused("Say which column holds the name. Without a name there is no activity.")
    _move(run, ImportState.MAPPING, ImportState.READING, columns=dict(columns))
    audit.record(by, "import columns said", about=f"import:{run.id}")


def go_ahead(run: ImportRun, *, by: Actor) -> None:
    """Let what was previewed come in."""
    _move(run, ImportState.READY, ImportState.BRINGING_IN, done=0)
    audit.record(by, "import confirmed", about=f"import:{run.id}")


def cancel(run: ImportRun, *, by: Actor) -> None:
    """Stop it. What has come in already is taken back; what is finished cannot be cancelled."""
    if run.state in OVER or run.state is ImportState.TAKING_BACK:
        raise Refused("This import is over, so it cannot be cancelled.")
    if run.state is ImportState.BRINGING_IN:
        _move(run, run.state, ImportState.TAKING_BACK, done=0)
    else:
        _move(run, run.state, ImportState.CANCELLED, finished_at=clock.now())
    audit.record(by, "import cancelled", about=f"import:{run.id}")


def claim() -> uuid.UUID | None:
    """The oldest run there is something to do for, now ours; None when others have it in hand.

    For within saving(). Imports are done one after another.
    """
    oldest = select(ImportRun).where(ImportRun.state.in_(WORKING)).order_by(ImportRun.made_at)
    run = db.session.scalar(oldest.limit(1))
    if run is None:
        return None
    free = or_(
        ImportRun.holder == me(),
        ImportRun.leased_until.is_(None),
        ImportRun.leased_until < clock.now(),
    )
    mine = update(ImportRun).where(ImportRun.id == run.id, free)
    values = {"holder": me(), "leased_until": clock.now() + LEASE}
    return run.id if change_rows(mine.values(values)) == 1 else None


def hold(run_id: uuid.UUID, at: ImportState, /, **said: Any) -> None:
    """Renew the lease and write down how far it is, in the transaction of a step. Lost if not ours.

    `said` are columns of the run; with a new state it moves on.
    """
    mine = update(ImportRun).where(
        ImportRun.id == run_id, ImportRun.holder == me(), ImportRun.state == at
    )
    if change_rows(mine.values(leased_until=clock.now() + LEASE, **said)) != 1:
        raise Lost


def finish(run_id: uuid.UUID, at: ImportState, end: ImportState, /, **said: Any) -> None:
    """The same, and that was the last step."""
    hold(run_id, at, **said)
    if end is ImportState.DONE:
        work.hurry(duplicates.LOOK)  # what came in may have been here before
    over = {"state": end, "finished_at": clock.now(), "holder": ""}
    db.session.execute(update(ImportRun).where(ImportRun.id == run_id).values(over))


def actor_of(run: ImportRun) -> Actor:
    """Who a run acts for: the system's hand, under the name of whoever asked for it."""
    return Actor(Kind.SYSTEM, run.by, name=run.by_name)


def file_of(run_id: uuid.UUID) -> Path:
    """Where the file of a run waits to be read."""
    return limits.waiting_room() / run_id.hex


def me() -> str:
    """This process; another one, forked off, is not the same."""
    own = os.getpid()
    if own not in _me:
        _me[own] = f"{own}-{uuid.uuid4().hex[:20]}"
    return _me[own]


def tidy_up() -> None:
    """Drop the rows of imports that are over, a few at a time, and files that nobody will read.

    Those of records that were left out are kept for a month, for whoever asks why.
    """
    yesterday, long_ago = clock.now() - NEEDED_FOR, clock.now() - KEPT_FOR
    over = ImportRun.state.in_(OVER)
    useless = or_(
        ImportRun.made_at < long_ago,
        and_(ImportRun.made_at < yesterday, ImportRow.verdict != Verdict.REJECT),
    )
    old = select(ImportRow.id).join(ImportRun, ImportRun.id == ImportRow.run_id)
    while some := list(db.session.scalars(old.where(over, useless).limit(AT_ONCE))):
        with saving():
            db.session.execute(delete(ImportRow).where(ImportRow.id.in_(some)))
    needed = select(ImportRun.id).where(ImportRun.state.not_in(OVER))
    kept = {each.hex for each in db.session.scalars(needed)}
    for path in limits.waiting_room().iterdir():
        if path.name not in kept:
            path.unlink(missing_ok=True)


def _move(run: ImportRun, start: ImportState, end: ImportState, **said: Any) -> None:
    """Move a run on, unless somebody else has moved it meanwhile."""
    moving = update(ImportRun).where(ImportRun.id == run.id, ImportRun.state == start)
    if change_rows(moving.values(state=end, **said)) != 1:
        raise Refused("This import has moved on since. Open it again to see how far it is.")
    db.session.expire(run)
