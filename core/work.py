"""Ground floor: what happens later. One loop, `flask work`, runs the jobs that rooms register.

A *queue* is polled and leases its own rows. A *chore* runs at an interval and is leased here, so
that of several workers one does it.
"""

import logging
import signal
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import String, func, or_, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Mapped, mapped_column

from core import clock, outbox
from core.db import Model, change_rows, db
from core.saving import forget_old_keys, saving

POLL_SECONDS = 0.25
LEASE = timedelta(minutes=10)

log = logging.getLogger(__name__)

Queue = Callable[[], bool]
Chore = Callable[[], object]

_queues: dict[str, Queue] = {}
_chores: dict[str, tuple[timedelta, Chore]] = {}
_stop = threading.Event()


class Failed(Exception):
    """A chore could not be done, for a reason that says nothing of anybody and may be shown."""


class ChoreRun(Model):
    """When a chore is next due, who holds it until when, and why it failed if it last did."""

    __tablename__ = "chore_run"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    due_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    trouble: Mapped[str] = mapped_column(String(200), default="", server_default="")


def queue(name: str, take_one: Queue) -> None:
    """Register a queue: `take_one` does one thing and says whether there was one."""
    _queues[name] = take_one


def chore(name: str, every: timedelta, do: Chore) -> None:
    """Register something to be done at an interval."""
    _chores[name] = (every, do)


def hurry(name: str) -> None:
    """Have a chore done at the next chance, in the transaction of what makes it needful."""
    db.session.execute(update(ChoreRun).where(ChoreRun.name == name).values(due_at=clock.now()))


def init_app() -> None:
    """Register the ground floor's own jobs."""
    queue("letters", lambda: outbox.send_next(current_app.extensions["kith.transport"]))
    chore("forget old form keys", timedelta(days=1), forget_old_keys)


def overdue(since: datetime) -> list[str]:
    """The chores that should have been done by then and were not."""
    found = select(ChoreRun.name).where(ChoreRun.due_at < since, ChoreRun.name.in_(_chores))
    return list(db.session.scalars(found.order_by(ChoreRun.name)))


def has_run() -> bool:
    """Whether the loop has ever run over this database."""
    return db.session.scalar(select(ChoreRun.name).limit(1)) is not None


def latest_due() -> datetime:
    """The furthest moment any chore is put off to."""
    return db.session.scalar(select(func.max(ChoreRun.due_at))) or clock.now()


def failing() -> dict[str, str]:
    """The chores that failed when last tried, and why."""
    found = select(ChoreRun.name, ChoreRun.trouble).where(ChoreRun.trouble != "")
    return dict(iter(db.session.execute(found)))


def run_once() -> int:
    """Do everything that is due now, or what can be before one must stop; how many were done."""
    done = 0
    for name, take_one in _queues.items():
        done += not _stop.is_set() and _safely(name, take_one)
    for name, (every, do) in _chores.items():
        done += not _stop.is_set() and _do_if_due(name, every, do)
    return done


def run_until_empty(most: int = 100_000) -> int:
    """Do what is due until nothing is; for tests, the demo and `flask work --once`."""
    total = 0
    while total < most and (done := run_once()):
        total += done
    return total


def run_forever() -> None:
    """The loop: until told to stop, which it does between two things, never within one."""
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: _stop.set())
    while not _stop.is_set():
        if not run_once():
            _stop.wait(POLL_SECONDS)


def _safely(name: str, take_one: Queue) -> bool:
    try:
        return take_one()
    except Exception:
        log.exception("queue %s failed", name)
        return False
    finally:
        db.session.remove()


def _do_if_due(name: str, every: timedelta, do: Chore) -> bool:
    try:
        if not _lease(name):
            return False
        do()
        with saving():
            db.session.execute(
                update(ChoreRun)
                .where(ChoreRun.name == name)
                .values(due_at=clock.now() + every, leased_until=None, trouble="")
            )
    except Exception as error:
        log.exception("chore %s failed; it is tried again when its lease runs out", name)
        _note_trouble(name, str(error) if isinstance(error, Failed) else type(error).__name__)
        return False
    finally:
        db.session.remove()
    return True


def _note_trouble(name: str, trouble: str) -> None:
    db.session.remove()
    try:
        with saving():
            db.session.execute(
                update(ChoreRun).where(ChoreRun.name == name).values(trouble=trouble[:200])
            )
    except SQLAlchemyError:
        log.exception("the trouble of chore %s could not be noted", name)


def _lease(name: str) -> bool:
    run = db.session.get(ChoreRun, name)
    if run is None:
        return _introduce(name)
    if run.due_at > clock.now() or (run.leased_until and run.leased_until > clock.now()):
        return False
    with saving():
        leased = change_rows(
            update(ChoreRun)
            .where(ChoreRun.name == name, ChoreRun.due_at <= clock.now())
            .where(or_(ChoreRun.leased_until.is_(None), ChoreRun.leased_until < clock.now()))
            .values(leased_until=clock.now() + LEASE)
        )
    return leased == 1


def _introduce(name: str) -> bool:
    """Write down a chore never run before; whoever writes first runs it."""
    try:
        with saving():
            db.session.add(
                ChoreRun(name=name, due_at=clock.now(), leased_until=clock.now() + LEASE)
            )
    except IntegrityError:
        return False
    return True
