"""Directory: brings listings in from a file or a feed: all of it, or nothing at all.

Every import is read, previewed and only then brought in, by whoever works through `carry_on`: the
background loop, or the command that asked for it. Stopped anywhere, it is taken up where it was.
"""

import logging
import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert

from core import work
from core.actors import Actor
from core.db import db
from core.saving import saving
from directory.feeds import limits, runs
from directory.feeds.apart import reading_apart
from directory.feeds.arriving import bring_in
from directory.feeds.following import fetch
from directory.feeds.preview import problems_of
from directory.feeds.proposals import Problem, Unreadable
from directory.feeds.reading import Format, format_of, look
from directory.feeds.runs import LONGEST_TROUBLE, Lost, cancel, get_run, go_ahead, hold
from directory.feeds.staging import AT_ONCE, Judge, chunks
from directory.feeds.taking_back import take_back
from directory.models import ImportRow, ImportRun
from directory.rules import ImportState, Verdict

WENT_WRONG = "something went wrong while it came in, so all of it was taken back"
WAIT_SECONDS = 0.5
TOOK_TOO_LONG = "reading it takes too long"

log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]

_under_way: dict[uuid.UUID, Iterator[None]] = {}


@dataclass(frozen=True, slots=True)
class Summary:
    """What an import did or would do, and what was wrong with what it was given."""

    created: int
    updated: int
    unchanged: int
    rejected: int
    problems: tuple[Problem, ...]


def import_file(
    name: str,
    data: bytes | Path,
    *,
    by: Actor,
    source: str,
    progress: Progress | None = None,
    dry_run: bool = False,
) -> Summary:
    """Bring in every service of the file that can be; Unreadable if it is no such file at all.

    `data` is the file, or what is in it. `source` names the publisher: the same service of the
    same source is the same listing.
    A dry run only says what would come of it. Not for within saving(): it saves as it goes.
    """
    with saving():
        run_id = runs.begin(name=name, source=source, by=by, mine=True).id
        if isinstance(data, Path):
            shutil.copyfile(data, runs.file_of(run_id))
        else:
            runs.file_of(run_id).write_bytes(data)
    return _see_to(run_id, by=by, progress=progress, dry_run=dry_run)


def import_feed(
    url: str, *, by: Actor, source: str, progress: Progress | None = None, dry_run: bool = False
) -> Summary:
    """The same from a feed at an address."""
    with saving():
        run_id = runs.begin(name=url, source=source, url=url, by=by, mine=True).id
    return _see_to(run_id, by=by, progress=progress, dry_run=dry_run)


def take_one() -> bool:
    """Do the next step of the import that is at hand; for the background loop."""
    with saving():
        run_id = runs.claim()
    if run_id is None:
        return False
    steps = _under_way.pop(run_id, None) or carry_on(run_id)
    for _ in steps:
        _under_way[run_id] = steps
        break
    return True


def init_app() -> None:
    """Have imports seen to by the background loop."""
    work.queue("imports", take_one)
    work.chore("forget old imports", timedelta(days=1), runs.tidy_up)


def carry_on(run_id: uuid.UUID) -> Iterator[None]:
    """Do what is to be done with a run, step by step, until it is over or waits for a person."""
    state = get_run(run_id).state
    db.session.rollback()
    doing = {
        ImportState.WAITING: _receive,
        ImportState.READING: _read,
        ImportState.BRINGING_IN: bring_in,
        ImportState.TAKING_BACK: take_back,
    }[state]
    try:
        yield from doing(run_id)
    except Lost:
        log.info("an import was stopped: %s", run_id)
    except Unreadable as refusal:
        _refuse(run_id, state, refusal.reason)
    except Exception:
        if state is ImportState.TAKING_BACK:
            raise
        log.exception("an import failed: %s", run_id)
        db.session.rollback()
        _refuse(run_id, state, WENT_WRONG)


def summary_of(run: ImportRun) -> Summary:
    """What a run did or would do."""
    return Summary(run.created, run.updated, run.unchanged, run.rejected, tuple(problems_of(run)))


def _see_to(run_id: uuid.UUID, *, by: Actor, progress: Progress | None, dry_run: bool) -> Summary:
    """See a run through to its end, here and now."""
    try:
        while not _is_settled(run := get_run(run_id), dry_run=dry_run):
            _do_next(run, by=by, progress=progress)
    except BaseException:
        _give_up(run_id, by=by)
        raise
    summary = summary_of(run)
    if run.state is ImportState.READY:
        with saving():
            cancel(run, by=by)
    runs.file_of(run_id).unlink(missing_ok=True)
    if run.state is ImportState.REFUSED:
        raise Unreadable(run.trouble)
    return summary


def _is_settled(run: ImportRun, *, dry_run: bool) -> bool:
    return run.state in runs.OVER or (dry_run and run.state is ImportState.READY)


def _do_next(run: ImportRun, *, by: Actor, progress: Progress | None) -> None:
    if run.holder != runs.me():
        time.sleep(WAIT_SECONDS)  # another process has taken it over
        db.session.rollback()
    elif run.state is ImportState.MAPPING:
        _take_headings_at_their_word(run, by=by)
    elif run.state is ImportState.READY:
        with saving():
            go_ahead(run, by=by)
    else:
        run_id = run.id
        for _ in carry_on(run_id):
            _tell(run_id, progress)


def _give_up(run_id: uuid.UUID, *, by: Actor) -> None:
    """Somebody pulled the plug on a command: leave nothing behind."""
    db.session.rollback()
    run = get_run(run_id)
    if run.state in runs.OVER:
        return
    with saving():
        cancel(run, by=by)
    if run.state is ImportState.TAKING_BACK:
        for _ in carry_on(run_id):
            pass
    runs.file_of(run_id).unlink(missing_ok=True)


def _tell(run_id: uuid.UUID, progress: Progress | None) -> None:
    if progress:
        run = get_run(run_id)
        progress(run.done, run.total)
        db.session.rollback()


def _take_headings_at_their_word(run: ImportRun, *, by: Actor) -> None:
    with runs.file_of(run.id).open("rb") as file:
        guess = look(file).guess
    missing = [each for each in ("id", "name") if each not in guess]
    if missing:
        raise Unreadable(f"its first row has no column called {' or '.join(missing)}")
    with saving():
        runs.say_columns(run, guess, by=by)


def _receive(run_id: uuid.UUID) -> Iterator[None]:
    """Get hold of the file, and find out whether somebody must say what its columns are."""
    run = get_run(run_id)
    name, url = run.name, run.url
    db.session.rollback()
    path = runs.file_of(run_id)
    if url:
        for count in fetch(url, path, limits.present()):
            with saving():
                hold(run_id, ImportState.WAITING, done=count)
            yield
    if not path.exists():
        raise Unreadable("the file is not here any more: send it again")
    with path.open("rb") as file:
        sheet = format_of(name, file, limits.present()) is Format.SHEET
        if sheet:
            look(file)
    with saving():
        end = ImportState.MAPPING if sheet else ImportState.READING
        hold(run_id, ImportState.WAITING, state=end, done=0)


def _read(run_id: uuid.UUID) -> Iterator[None]:
    """Stage every record of the file."""
    started = time.monotonic()
    with saving():
        hold(run_id, ImportState.READING, done=0)
        db.session.execute(delete(ImportRow).where(ImportRow.run_id == run_id))
    run = get_run(run_id)
    name, columns, judge = run.name, dict(run.columns) or None, Judge(run.source, run_id)
    db.session.rollback()
    most = limits.present()
    with reading_apart(name, runs.file_of(run_id), most, columns) as feed:
        for number, some in enumerate(chunks(feed.items), start=1):
            if time.monotonic() - started > most.most_seconds:
                raise Unreadable(TOOK_TOO_LONG)
            rows = judge.rows(some)
            db.session.rollback()
            with saving():
                if rows:
                    db.session.connection().execute(insert(ImportRow), rows)
                done = min(number * AT_ONCE, feed.total)
                hold(run_id, ImportState.READING, done=done, total=feed.total)
            yield
    if not feed.total:
        raise Unreadable("there is nothing in it")
    with saving():
        hold(run_id, ImportState.READING, **_counts(judge), state=ImportState.READY)
    runs.file_of(run_id).unlink(missing_ok=True)


def _counts(judge: Judge) -> dict[str, Any]:
    created, updated = judge.counts[Verdict.CREATE], judge.counts[Verdict.UPDATE]
    return {
        "created": created,
        "updated": updated,
        "unchanged": judge.counts[Verdict.UNCHANGED],
        "rejected": judge.counts[Verdict.REJECT],
        "changed_organisations": judge.changed_organisations,
        "done": 0,
        "total": created + updated,
    }


def _refuse(run_id: uuid.UUID, state: ImportState, reason: str) -> None:
    """It cannot come in: say why, and leave nothing of it."""
    trouble = reason[:LONGEST_TROUBLE]
    with saving():
        if state is ImportState.BRINGING_IN:
            hold(run_id, state, trouble=trouble, state=ImportState.TAKING_BACK, done=0)
            return
        hold(run_id, state, trouble=trouble)
        runs.finish(run_id, state, ImportState.REFUSED)
    runs.file_of(run_id).unlink(missing_ok=True)
