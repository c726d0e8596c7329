"""Ground floor: what happens later. One loop, `flask work`, runs the jobs that rooms register.

A *queue* is polled and leases its own rows. A *chore* runs at an interval and is leased here, so
that of several workers one does it. One that takes long runs *apart*, in a process of its own, so
that no letter waits for it.
"""

import logging
import multiprocessing
import signal
import sys
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from multiprocessing.process import BaseProcess

from flask import current_app
from sqlalchemy import String, func, or_, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Mapped, mapped_column

from core import clock, outbox
from core.db import Model, change_rows, db
from core.saving import forget_old_keys, saving

POLL_SECONDS = 0.25
LEASE = timedelta(minutes=10)
LEASE_APART = timedelta(hours=3)
"""Longer than the longest backup: nobody begins it a second time meanwhile."""

GRACE_SECONDS = 20
"""Shorter than whoever stops the loop waits for it."""

log = logging.getLogger(__name__)

Queue = Callable[[], bool]
Chore = Callable[[], object]

_queues: dict[str, Queue] = {}
_chores: dict[str, tuple[timedelta, Chore]] = {}
_apart: set[str] = set()
_children: dict[str, BaseProcess] = {}
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


def chore(name: str, every: timedelta, do: Chore, *, apart: bool = False) -> None:
    """Register something to be done at an interval; `apart` if it takes long."""
    _chores[name] = (every, do)
    if apart:
        _apart.add(name)


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


def run_once(*, apart: bool = False) -> int:
    """Do everything that is due now, or what can be before one must stop; how many were done.

    `apart`: what takes long is begun in a process of its own, and not waited for.
    """
    done = 0
    for name, take_one in _queues.items():
        done += not _stop.is_set() and _safely(name, take_one)
    for name, (every, do) in _chores.items():
        if apart and name in _apart:
            _begin_apart(name, every, do)
        else:
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
        if not run_once(apart=True):
            _stop.wait(POLL_SECONDS)
    end_apart(GRACE_SECONDS)


def end_apart(seconds: float) -> None:
    """Wait so long for what runs apart; what is not done by then is told to stop, and tidies up."""
    for child in _children.values():
        child.join(seconds)
        if child.is_alive():
            child.terminate()
            child.join(POLL_SECONDS)
    _children.clear()


def _begin_apart(name: str, every: timedelta, do: Chore) -> None:
    running = _children.get(name)
    if _stop.is_set() or (running is not None and running.is_alive()) or not _is_due(name):
        return
    db.engine.dispose()  # no connection is shared with a process that is forked from here
    fork = multiprocessing.get_context("fork")
    _children[name] = child = fork.Process(target=_do_apart, args=(name, every, do), name=name)
    child.start()


def _do_apart(name: str, every: timedelta, do: Chore) -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal's whole group: the loop tells us
    _do_if_due(name, every, do)


def _is_due(name: str) -> bool:
    """Whether it can be leased now, or was never heard of."""
    try:
        run = db.session.get(ChoreRun, name)
        return run is None or _is_free(run)
    except SQLAlchemyError:
        return False  # the queues say that the database is away
    finally:
        db.session.remove()


def _is_free(run: ChoreRun) -> bool:
    now = clock.now()
    return run.due_at <= now and (run.leased_until is None or run.leased_until <= now)


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
    if not _is_free(run):
        return False
    with saving():
        leased = change_rows(
            update(ChoreRun)
            .where(ChoreRun.name == name, ChoreRun.due_at <= clock.now())
            .where(or_(ChoreRun.leased_until.is_(None), ChoreRun.leased_until < clock.now()))
            .values(leased_until=clock.now() + _lease_of(name))
        )
    return leased == 1


def _lease_of(name: str) -> timedelta:
    return LEASE_APART if name in _apart else LEASE


def _introduce(name: str) -> bool:
    """Write down a chore never run before; whoever writes first runs it."""
    try:
        with saving():
            db.session.add(
                ChoreRun(name=name, due_at=clock.now(), leased_until=clock.now() + _lease_of(name))
            )
    except IntegrityError:
        return False
    return True
