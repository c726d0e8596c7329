"""Directory: what an import would do, before it does it: what is new, what changes, what stays."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Select, select

from core.db import db
from core.spreadsheets import as_csv
from directory.differences import Difference, differences
from directory.feeds.precedence import merged
from directory.feeds.proposals import Problem
from directory.feeds.staging import read_again
from directory.freshness.evidence import confirmed_here
from directory.keeping import facts_of
from directory.listings import whole_listings
from directory.models import ImportRow, ImportRun, Service
from directory.rules import Aspect, Verdict


@dataclass(frozen=True, slots=True)
class Changed:
    """A listing that would change: what of it, and what it keeps because people here said so."""

    service: Service
    told: list[Difference]
    kept: frozenset[Aspect]


def changes(run: ImportRun, *, start: int, most: int) -> list[Changed]:
    """Some of the listings that would change, as they are now and as they would be."""
    rows = _rows(run, Verdict.UPDATE).offset(start).limit(most)
    said = {row.service_id: read_again(row.said or {}) for row in db.session.scalars(rows)}
    ids = [each for each in said if each is not None]
    confirmed = confirmed_here(ids)
    found = []
    for service in whole_listings(ids):
        before = facts_of(service)
        after, kept = merged(before, said[service.id].facts, confirmed[service.id])
        found.append(Changed(service, differences(before, after), kept))
    return found


def new_names(run: ImportRun, *, most: int) -> list[str]:
    """The names of some of the listings that would be new."""
    rows = _rows(run, Verdict.CREATE).limit(most)
    return [row.name for row in db.session.scalars(rows)]


def problems_of(run: ImportRun, *, fatal: bool | None = None, most: int = 0) -> Iterator[Problem]:
    """What was wrong with the file, in the order of its records: what was left out, or only noted.

    At most the problems of so many records; of all when not said.
    """
    wanted = select(ImportRow.place, ImportRow.problems).where(
        ImportRow.run_id == run.id, ImportRow.has_problems
    )
    if fatal is not None:
        is_left_out = ImportRow.verdict == Verdict.REJECT
        wanted = wanted.where(is_left_out if fatal else ~is_left_out)
    wanted = wanted.order_by(ImportRow.number)
    for place, problems in db.session.execute(wanted.limit(most) if most else wanted):
        for field, reason, is_fatal in problems:
            yield Problem(place, field, reason, fatal=is_fatal)


def left_out(problems: Iterator[Problem] | tuple[Problem, ...]) -> str:
    """The records that were left out and why, as a sheet to mend them by."""
    rows = ((each.place, each.field, each.reason) for each in problems if each.fatal)
    return as_csv(("where", "field", "reason"), rows)


def _rows(run: ImportRun, verdict: Verdict) -> Select[ImportRow]:
    wanted = select(ImportRow).where(ImportRow.run_id == run.id, ImportRow.verdict == verdict)
    return wanted.order_by(ImportRow.number)
