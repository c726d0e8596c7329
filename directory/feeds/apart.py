"""Directory: reads a file from outside in a process of its own, which can hurt nobody but itself.

The child may use so much memory and time and no more; it has nothing to do with the database, and
sends what it has read through a pipe. One that is killed is a file that cannot be taken: whoever
sent it is told where reading it stopped.
"""

import multiprocessing
import resource
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from directory.feeds.limits import Limits
from directory.feeds.proposals import Placed, Unreadable
from directory.feeds.reading import Feed, reading

AT_ONCE = 100
PAGES = Path("/proc/self/statm")


@contextmanager
def reading_apart(
    name: str, path: Path, limits: Limits, columns: Mapping[str, int] | None = None
) -> Iterator[Feed]:
    """The services of a file, as `reading` gives them, read by a child with limits."""
    # Forked, for a new start of everything takes seconds; the child ends without tidying up, so
    # that nothing it shares with us (a connection, a lock) is closed behind our back.
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_read, args=(theirs, name, path, limits, columns), daemon=True)
    child.start()
    theirs.close()
    try:
        total = _next(ours, limits, name)
        yield Feed(total, _items(ours, limits, name))
    finally:
        child.kill()
        child.join()
        ours.close()


def _items(ours: Connection, limits: Limits, name: str) -> Iterator[Placed]:
    where = name
    while some := _next(ours, limits, where):
        where = f"{name} after {some[-1][0]}"
        yield from some


def _next(ours: Connection, limits: Limits, where: str) -> Any:
    """What the child says next; Unreadable when that is why, or when it says nothing any more."""
    too_much = f"to read {where} takes more memory or time than a file may"
    try:
        if not ours.poll(limits.most_silence):
            raise Unreadable(too_much)
        said, refusal = ours.recv()
    except (EOFError, OSError):
        raise Unreadable(too_much) from None
    if refusal is not None:
        raise Unreadable(refusal or too_much)
    return said


def _read(
    theirs: Connection,
    name: str,
    path: Path,
    limits: Limits,
    columns: Mapping[str, int] | None,
) -> None:
    """What the child does."""
    _limit(limits)
    try:
        with path.open("rb") as file, reading(name, file, limits, columns) as feed:
            theirs.send((feed.total, None))
            items = iter(feed.items)
            while some := list(islice(items, AT_ONCE)):
                theirs.send((some, None))
            theirs.send(([], None))
    except Unreadable as refusal:
        theirs.send((None, refusal.reason))
    except (MemoryError, RecursionError):
        theirs.send((None, ""))


def _limit(limits: Limits) -> None:
    """So much memory beyond what we were born with, so much time, and no picture of a crash."""
    born_with = int(PAGES.read_text().split()[0]) * resource.getpagesize() if PAGES.exists() else 0
    memory, seconds = born_with + limits.most_memory, limits.most_seconds
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
