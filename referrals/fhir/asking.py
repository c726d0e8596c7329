"""Referrals in FHIR: what a search for tasks may ask, read strictly: nothing is passed over.

A question that were half understood would be answered with more people than were asked for.
"""

import base64
import binascii
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self

from core import clock
from core.errors import BadInput
from core.languages import _
from referrals.fhir.states import TASK_CODES

USUAL, MOST = 50, 100
LONGEST_NUMBER = 9
PREFIXES = ("eq", "ge", "gt", "le", "lt", "sa", "eb")
MOMENT = re.compile(
    r"(?P<year>\d{4})(-(?P<month>\d{2})(-(?P<day>\d{2})"
    r"(?P<time>T\d{2}:\d{2}(?P<second>:\d{2}(?P<part>\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2}))?)?)?",
    re.ASCII,
)
JSON = frozenset({"json", "application/json", "application/fhir+json", "application/fhir json"})
"""The last is what a plus becomes in an address that was not escaped."""


@dataclass(frozen=True, slots=True)
class Span:
    """From one moment up to another; either may be open."""

    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended: the next begins behind it, whatever has moved meanwhile."""

    at: datetime
    id: uuid.UUID

    def __str__(self) -> str:
        said = f"{self.at.isoformat()}|{self.id}"
        return base64.urlsafe_b64encode(said.encode()).decode("ascii").rstrip("=")

    @classmethod
    def read(cls, text: str) -> Self:
        """What `str` has written; BadInput for anything else."""
        try:
            said = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
            moment, _bar, key = said.partition("|")
            at = datetime.fromisoformat(moment)
            if at.tzinfo is None:
                raise ValueError("a naive moment")
            return cls(at.astimezone(UTC), uuid.UUID(key))
        except (ValueError, binascii.Error, OverflowError) as trouble:
            raise BadInput(_("This page of the search does not exist.")) from trouble


@dataclass(frozen=True, slots=True)
class Asked:
    """A search for tasks, as it was understood."""

    spans: tuple[Span, ...] = ()
    states: frozenset[str] = frozenset()
    patient: uuid.UUID | None = None
    count: int = USUAL
    after: Cursor | None = None


def read(parameters: Iterable[tuple[str, str]]) -> Asked:
    """The search these parameters ask for; BadInput, in plain words, for what we do not know."""
    given = list(parameters)
    names = [name for name, _value in given]
    unknown = set(names) - {"_lastUpdated", "status", "patient", "_count", "_format", "page"}
    if unknown:
        raise BadInput(_("We know only _lastUpdated, status, patient, _count and _format here."))
    if any(names.count(name) > 1 for name in set(names) - {"_lastUpdated", "status"}):
        raise BadInput(_("One of these was asked twice."))
    one = dict(given)
    if one.get("_format", "json") not in JSON:
        raise BadInput(_("We speak JSON only."), 406)
    return Asked(
        spans=tuple(_span(value) for name, value in given if name == "_lastUpdated"),
        states=_states([value for name, value in given if name == "status"]),
        patient=_patient(one["patient"]) if "patient" in one else None,
        count=_count(one["_count"]) if "_count" in one else USUAL,
        after=Cursor.read(one["page"]) if "page" in one else None,
    )


def _states(values: list[str]) -> frozenset[str]:
    """One list of states: asked twice, it must be in both."""
    found: frozenset[str] = frozenset()
    for value in values:
        named = frozenset(value.split(","))
        if not named <= TASK_CODES:
            raise BadInput(_("We do not know this status of a Task."))
        found = found & named if found else named
    if values and not found:
        raise BadInput(_("A Task has one status at a time."))
    return found


def _patient(value: str) -> uuid.UUID:
    key = value.removeprefix("Patient/")
    try:
        return uuid.UUID(key)
    except ValueError:
        raise BadInput(
            _("Ask for a patient by our own id. A number or a name never goes into an address.")
        ) from None


def _count(value: str) -> int:
    if not (value.isascii() and value.isdigit()):
        raise BadInput(_("_count is a whole number."))
    return min(int(value.lstrip("0")[:LONGEST_NUMBER] or 0), MOST)


def _span(value: str) -> Span:
    """The moments a date with its prefix stands for; a day is the day in London."""
    prefix, said = (value[:2], value[2:]) if value[:2] in PREFIXES else ("eq", value)
    begins, ends = _within(said)
    return {
        "eq": Span(begins, ends),
        "ge": Span(since=begins),
        "gt": Span(since=ends),
        "sa": Span(since=ends),
        "le": Span(until=ends),
        "lt": Span(until=begins),
        "eb": Span(until=begins),
    }[prefix]


def _within(said: str) -> tuple[datetime, datetime]:
    """When what was said begins, and when it is over, both in UTC."""
    found = MOMENT.fullmatch(said.replace(" ", "+"))  # a plus that was not escaped
    if found is None:
        raise BadInput(_("_lastUpdated is a date, or a time with its zone, such as ge2026-11-22."))
    try:
        begins = datetime.fromisoformat(found[0]) if found["time"] else _midnight(found)
        ends = begins + _lasts(found) if found["time"] else _next_midnight(found)
        return begins.astimezone(UTC), ends.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadInput(_("There is no such day or time.")) from None


def _lasts(found: re.Match[str]) -> timedelta:
    """A time stands for all of its minute, its second or its part of one."""
    if found["part"]:
        return timedelta(microseconds=10 ** (7 - len(found["part"])))
    return timedelta(seconds=1) if found["second"] else timedelta(minutes=1)


def _midnight(found: re.Match[str]) -> datetime:
    """A day, a month or a year begins at midnight in London."""
    year, month, day = (int(found[part] or 1) for part in ("year", "month", "day"))
    return datetime(year, month, day, tzinfo=clock.LONDON)


def _next_midnight(found: re.Match[str]) -> datetime:
    first = date(int(found["year"]), int(found["month"] or 1), int(found["day"] or 1))
    if found["day"]:
        later = first + timedelta(days=1)
    elif found["month"]:
        later = (first + timedelta(days=31)).replace(day=1)
    else:
        later = first.replace(year=first.year + 1)
    return datetime.combine(later, time.min, tzinfo=clock.LONDON)
