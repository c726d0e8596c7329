"""The questions our open data answers: what each may look like, what it means, how it is read.

One table, so that what the document of the API promises is exactly what is accepted.
"""

import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

from werkzeug.datastructures import MultiDict

from core.errors import BadInput

USUAL_SIZE, LARGEST_SIZE, LAST_PAGE = 50, 500, 100_000
OLDEST, FURTHEST, LONGEST = 130, 2_000_000, 200

_DAYS = "(MO|TU|WE|TH|FR|SA|SU)"
_TIME = r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?Z?$"
_POSTCODE = r"^[A-Za-z]{1,2}[0-9][A-Za-z0-9]?( ?[0-9][A-Za-z]{2})?$"
_UUID = r"^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$"
_WHOLE = r"^-?(0|[1-9][0-9]{0,8})$"
_NUMBER = r"^-?[0-9]{1,20}(\.[0-9]{1,400})?([eE][+-]?[0-9]{1,3})?$"
_PLAIN = r"^[^\u0000\ufffd]*$"
_DAY_ALONE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One question: its words for people, its JSON schema, and how a text becomes a value."""

    words: str
    schema: Mapping[str, Any]
    read: Callable[[str], Any]


def read(asked: MultiDict[str, str], names: Iterable[str]) -> dict[str, Any]:
    """The values of these questions as far as they were asked; BadInput says what is wrong."""
    said = {}
    for name in names:
        if name not in asked:
            continue
        if len(asked.getlist(name)) > 1:
            raise BadInput(f"{name} may be given once only.")
        try:
            said[name] = PARAMETERS[name].read(asked[name])
        except ValueError as trouble:
            raise BadInput(f"{name} must be {trouble}.") from None
    return said


def _text(value: str) -> str:
    if len(value) > LONGEST:
        raise ValueError(f"at most {LONGEST} characters long")
    return value


def _whole(least: int, most: int) -> tuple[Mapping[str, Any], Callable[[str], int]]:
    def read_it(value: str) -> int:
        if not re.search(_WHOLE, value) or not least <= int(value) <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return int(value)

    return {"type": "integer", "minimum": least, "maximum": most}, read_it


def _metres(value: str) -> float:
    if not re.search(_NUMBER, value) or not 0 <= float(value) <= FURTHEST:
        raise ValueError(f"a number of metres from 0 to {FURTHEST}")
    return float(value)


def _id(value: str) -> uuid.UUID:
    if not re.search(_UUID, value):
        raise ValueError("an id such as 6f2b1c1e-8a44-4c0e-9d3b-0f6a2f7f8a01")
    return uuid.UUID(value.strip())


def _clock_time(value: str) -> time:
    if not re.search(_TIME, value):
        raise ValueError("a time of day such as 10:30")
    return time.fromisoformat(value.strip().rstrip("Z"))


def _days(value: str) -> tuple[str, ...]:
    if not re.search(f"^{_DAYS}(,{_DAYS}){{0,6}}$", value):
        raise ValueError("a day, or several with commas: MO, TU, WE, TH, FR, SA, SU")
    return tuple(value.strip().split(","))


def _moment(value: str) -> datetime:
    # A plus sign that was not escaped arrives as a space; a leap second is the one before it.
    plain = value.strip().upper().replace(" ", "+").replace(":60", ":59")
    try:
        found = datetime.fromisoformat(plain)
        if "T" not in plain and not re.search(_DAY_ALONE, plain):
            raise ValueError
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC) if plain < "1" else datetime.max.replace(tzinfo=UTC)
    except ValueError:
        raise ValueError("a date and time such as 2026-11-01T09:00:00Z") from None


def _yes_or_no(value: str) -> bool:
    if value not in {"true", "false"}:
        raise ValueError("true or false")
    return value == "true"


def _format(value: str) -> str:
    if value not in {"json", "ndjson"}:
        raise ValueError("json or ndjson")
    return value


def _postcode(value: str) -> str:
    if not re.search(_POSTCODE, value):
        raise ValueError("a postcode such as PR1 2HE, or the first part of one")
    return value.strip().upper()


_ID = {"type": "string", "format": "uuid", "pattern": _UUID}
_TRUTH = {"type": "boolean"}
_CLOCK = {"type": "string", "pattern": _TIME, "examples": ["10:30"]}

PARAMETERS: dict[str, Parameter] = {
    "search": Parameter(
        "Words that must all be in the name, the description, the organisation or a category.",
        {"type": "string", "maxLength": LONGEST, "pattern": _PLAIN},
        _text,
    ),
    "text": Parameter(
        "The same as `search`, for programs that speak version 1.0.",
        {"type": "string", "maxLength": LONGEST, "pattern": _PLAIN},
        _text,
    ),
    "page": Parameter("Which page of the list, from 1.", *_whole(1, LAST_PAGE)),
    "per_page": Parameter(
        f"How many on a page; {USUAL_SIZE} if this is left out.", *_whole(1, LARGEST_SIZE)
    ),
    "taxonomy_term_id": Parameter("Only what this term describes.", _ID, _id),
    "taxonomy_id": Parameter(
        "Only what a term of this taxonomy describes. The id of a term does too, as in 1.0.",
        _ID,
        _id,
    ),
    "minimum_age": Parameter(
        "Only what is for people of at least this age: its own minimum age is this or higher.",
        *_whole(0, OLDEST),
    ),
    "maximum_age": Parameter(
        "Only what is for people up to this age: its own maximum age is this or lower.",
        *_whole(0, OLDEST),
    ),
    "start_time": Parameter(
        "Only what has a session that begins at this time of day or later (UK time).",
        _CLOCK,
        _clock_time,
    ),
    "end_time": Parameter(
        "Only what has a session that ends at this time of day or earlier (UK time).",
        _CLOCK,
        _clock_time,
    ),
    "day": Parameter(
        "Only what has a session on this day, or on one of several (MO,WE). With times, one and "
        "the same session must suit.",
        {"type": "string", "pattern": f"^{_DAYS}(,{_DAYS}){{0,6}}$", "examples": ["TU"]},
        _days,
    ),
    "organization_id": Parameter("Only what this organisation offers.", _ID, _id),
    "modified_after": Parameter(
        "Only what changed at this moment or later. Services that are no longer listed are then "
        "in the list too, as an id, a name and the status `defunct`.",
        {
            "type": "string",
            "anyOf": [{"format": "date-time"}, {"format": "date"}],
            "examples": ["2026-11-01T09:00:00Z"],
        },
        _moment,
    ),
    "minimal": Parameter(
        "Only ids and when each changed last, all on one page unless `per_page` is given.",
        _TRUTH,
        _yes_or_no,
    ),
    "full": Parameter("Everything about each, not only what stands beside it.", _TRUTH, _yes_or_no),
    "full_service": Parameter("With the services of each organisation.", _TRUTH, _yes_or_no),
    "top_only": Parameter("Only terms that stand under no other.", _TRUTH, _yes_or_no),
    "parent_id": Parameter("Only terms that stand under this one.", _ID, _id),
    "format": Parameter(
        "`json` for a page, `ndjson` for everything at once, one record a line.",
        {"type": "string", "enum": ["json", "ndjson"]},
        _format,
    ),
    "postcode": Parameter(
        "Only what is held near this postcode: within `proximity`, or within five miles if that "
        "is left out, and then also what is offered online or by telephone.",
        {"type": "string", "pattern": _POSTCODE, "examples": ["PR1 2HE"]},
        _postcode,
    ),
    "proximity": Parameter(
        "How many metres from `postcode`. Without a postcode it says nothing.",
        {"type": "number", "minimum": 0, "maximum": FURTHEST, "examples": [5000]},
        _metres,
    ),
}

PAGED = ("page", "per_page", "format")
NARROWING = (
    "search",
    "text",
    "taxonomy_term_id",
    "taxonomy_id",
    "minimum_age",
    "maximum_age",
    "start_time",
    "end_time",
    "day",
    "organization_id",
    "modified_after",
    "postcode",
    "proximity",
)
ASKED_OF: dict[str, tuple[str, ...]] = {
    "services": (*NARROWING, "minimal", "full", *PAGED),
    "service_at_locations": (*NARROWING, "full", *PAGED),
    "organizations": (
        "search",
        "taxonomy_term_id",
        "taxonomy_id",
        "full",
        "full_service",
        *PAGED,
    ),
    "taxonomies": ("search", *PAGED),
    "taxonomy_terms": ("search", "taxonomy_id", "parent_id", "top_only", *PAGED),
}
"""Which list answers which questions."""
