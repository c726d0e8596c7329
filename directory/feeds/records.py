"""Directory: one raw record of a feed, asked field by field; it notes what it had to leave out."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from math import inf
from typing import TypeVar

from directory.cleaning import (
    LONGEST_RAW,
    one_line,
    safe_html,
    uk_postcode,
    web_address,
    whole_text,
)
from directory.cleaning import email_address as an_email
from directory.feeds.proposals import Problem
from directory.timing.timetables import calendar_day, clock_time

T = TypeVar("T")
LONGEST_NAME = 200
LONGEST_NOTE = 500
LONGEST_WORDS = 2_000

# What is wrong with these may be a private person's; the place and the field are enough to find it.
_NOT_QUOTED = frozenset({"email", "number", "phone"})


class Rejected(Exception):
    """The record must be left out; says which field and why."""

    def __init__(self, field: str | None, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


@dataclass(slots=True)
class Record:
    """A mapping from outside, read with care; parts of it share its notes."""

    place: str
    raw: Mapping[str, object]
    notes: dict[Problem, None] = field(default_factory=dict)  # in order, each once
    path: str = ""

    def required(self, name: str) -> str:
        """The words of a field the record is nothing without."""
        value = self.raw.get(name)
        if value is None or (isinstance(value, str) and not one_line(value)):
            raise Rejected(self.path + name, "is missing" if value is None else "is blank")
        if not isinstance(value, str):
            raise Rejected(self.path + name, "is not text")
        if len(one_line(value)) > LONGEST_NAME:
            raise Rejected(self.path + name, f"is longer than {LONGEST_NAME} characters")
        return one_line(value)

    def words(self, *names: str, longest: int = LONGEST_NAME) -> str:
        """Plain words on one line, from the first of these fields that has any."""
        name, value = self._first(names)
        if not value:
            return ""
        found = one_line(value)
        if len(found) <= longest:
            return found
        self.note(name, f"is longer than {longest} characters, so it was cut")
        return found[: longest - 1].rstrip() + "…"

    def text(self, name: str) -> str:
        """Plain words in their own lines, as a site like ours keeps them."""
        return whole_text(self._first((name,))[1])[0].strip()

    def html(self, *names: str) -> str:
        """Safe HTML, from the first of these fields that has any."""
        name, value = self._first(names)
        if whole_text(value)[1]:
            self.note(name, "had broken characters in it, which were left out")
        if len(value) > LONGEST_RAW:
            self.note(name, f"is longer than {LONGEST_RAW} characters, so it was cut")
        return safe_html(value)

    def read(self, reader: Callable[[str], T], *names: str) -> T | None:
        """What the reader makes of the first of these fields with anything in it, if it can."""
        name, value = self._first(names)
        if not value:
            return None
        words = " ".join(value.split())
        try:
            return reader(words)
        except ValueError as problem:
            quoted = "" if name in _NOT_QUOTED else f"“{one_line(words)[:60]}” "
            self.note(name, f"{quoted}{problem}, so it was left out")
            return None

    def number(self, *names: str, least: float, most: float) -> float | None:
        """A number between these two."""

        def between(words: str) -> float:
            try:
                found = float(words)
            except ValueError:
                raise ValueError("is not a number") from None
            if not least <= found <= most:
                raise ValueError(f"is not between {least:g} and {most:g}")
            return found

        return self.read(between, *names)

    def web_address(self, *names: str, longest: int = 2_000) -> str | None:
        """An absolute web address; a mended one is noted."""
        name, value = self._first(names)
        found = self.read(web_address, *names)
        if found and len(found) > longest:
            self.note(name, f"is longer than {longest} characters, so it was left out")
            return None
        if found and found != value.strip():
            self.note(name, f"“{one_line(value)[:60]}” was read as {found[:60]}")
        return found

    def email(self, *names: str) -> str | None:
        """An e-mail address."""
        return self.read(an_email, *names)

    def postcode(self, *names: str) -> str | None:
        """A UK postcode or outcode."""
        return self.read(uk_postcode, *names)

    def day(self, *names: str) -> date | None:
        """A date."""
        return self.read(calendar_day, *names)

    def times(self) -> tuple[time | None, time | None]:
        """When it opens and closes; a closing that does not follow the opening is left out."""
        opens, closes = self.read(clock_time, "opens_at"), self.read(clock_time, "closes_at")
        if opens and opens == closes == time():
            return None, None  # midnight to midnight is how feeds say that they do not know
        if opens is not None and closes is not None and closes <= opens:
            self.note("closes_at", "is not after it opens, so it was left out")
            closes = None
        return opens, closes

    def part(self, name: str) -> "Record | None":
        """The record inside this one under that name."""
        value = self.raw.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, Mapping):
            self.note(name, "is not an object, so it was left out")
            return None
        return Record(self.place, value, self.notes, f"{self.path}{name}.")

    def parts(self, *names: str) -> Iterator["Record"]:
        """The records in the lists under any of these names."""
        for name in names:
            value = self.raw.get(name)
            if value is None or value == "":
                continue
            if not isinstance(value, list):
                self.note(name, "is not a list, so it was left out")
                continue
            for index, each in enumerate(value):
                if isinstance(each, Mapping):
                    yield Record(self.place, each, self.notes, f"{self.path}{name}[{index}].")
                else:
                    self.note(f"{name}[{index}]", "is not an object, so it was left out")

    def note(self, name: str, reason: str) -> None:
        """Remember something that was left out or mended."""
        self.notes[Problem(self.place, self.path + name, reason, fatal=False)] = None

    def _first(self, names: tuple[str, ...]) -> tuple[str, str]:
        for name in names:
            value = self.raw.get(name)
            if value is None:
                continue  # most of them, and there are fifty to a record
            if isinstance(value, list) and value and all(isinstance(each, str) for each in value):
                value = ", ".join(value)
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                value = str(value)
            if isinstance(value, str) and value.strip():
                return name, value
            if value and not isinstance(value, str):
                self.note(name, "is not text, so it was left out")
        return names[0], ""


def point(place: Record) -> tuple[float | None, float | None]:
    """Where it is; what cannot be on earth is refused, what is not in the UK is left out."""
    latitude = place.number("latitude", least=-inf, most=inf)
    longitude = place.number("longitude", least=-inf, most=inf)
    if latitude is not None and abs(latitude) > 90:
        raise Rejected(f"{place.path}latitude", "is not between -90 and 90")
    if longitude is not None and abs(longitude) > 180:
        raise Rejected(f"{place.path}longitude", "is not between -180 and 180")
    if latitude is None and longitude is None:
        return None, None
    if latitude is None or longitude is None:
        place.note("latitude", "and longitude must come together, so the one was left out")
        return None, None
    if not (49 <= latitude <= 61 and -9 <= longitude <= 2.5):
        place.note("latitude", "and longitude are not in the UK, so they were left out")
        return None, None
    return latitude, longitude
