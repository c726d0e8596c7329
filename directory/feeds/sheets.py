"""Directory: reads services from a sheet saved as CSV; a sheet with an id and a name will do."""

import codecs
import csv
import io
import re
from collections.abc import Iterator

from directory.cleaning import one_line, phone_number, plain_text, sum_in_words, summary_of
from directory.feeds.proposals import (
    CategoryProposal,
    CostProposal,
    LocationProposal,
    OrganisationProposal,
    PhoneProposal,
    Problem,
    Proposal,
    ScheduleProposal,
    Unreadable,
    once_each,
)
from directory.feeds.records import LONGEST_NAME, LONGEST_NOTE, LONGEST_WORDS, Record, Rejected
from directory.rules import Frequency
from directory.timetables import WEEK, days_of_week

COLUMNS = (
    "id",
    "name",
    "organisation",
    "description",
    "postcode",
    "url",
    "email",
    "phone",
    "category",
    "day",
    "opens_at",
    "closes_at",
    "cost",
    "address",
)
_REQUIRED = ("id", "name")
_ALSO_CALLED = {
    "organization": "organisation",
    "website": "url",
    "e_mail": "email",
    "email_address": "email",
    "telephone": "phone",
    "post_code": "postcode",
    "categories": "category",
}


def read(data: bytes) -> Iterator[Proposal | Problem]:
    """Each service of a CSV sheet, or why it is left out; Unreadable if none can be."""
    text, note = _text(data)
    delimiter = _delimiter(text)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    return _told(note, once_each(_each(rows, *_header(rows))))


def _told(
    note: Problem | None, found: Iterator[Proposal | Problem]
) -> Iterator[Proposal | Problem]:
    if note:
        yield note
    yield from found


def _text(data: bytes) -> tuple[str, Problem | None]:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decoded(data, "utf-16"), None
    try:
        return _decoded(data, "utf-8-sig"), None
    except Unreadable:
        reason = "is not UTF-8, so it was read as Windows text: look at accents and quotation marks"
        return _decoded(data, "cp1252"), Problem("the file", None, reason, fatal=False)


def _decoded(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise Unreadable("it is not text") from None
    if "\0" in text:
        raise Unreadable("it is not text")
    return text


def _delimiter(text: str) -> str:
    """The mark that makes the most known columns of the first line."""
    first = text.lstrip("\r\n").splitlines()[:1] or [""]
    known = {*COLUMNS, *_ALSO_CALLED}
    return max(",;\t|", key=lambda mark: len(known & {*map(_column, first[0].split(mark))}))


def _column(heading: str) -> str:
    return re.sub(r"[\W_]+", "_", heading.strip(' "').lower()).strip("_")


def _header(rows: Iterator[list[str]]) -> tuple[int, list[str]]:
    """The number of the first row with anything in it, and the columns it names."""
    try:
        found = next((each for each in enumerate(rows, start=1) if _has_words(each[1])), None)
    except csv.Error:
        raise Unreadable("its first row cannot be read: look at the quotation marks") from None
    if found is None:
        raise Unreadable("it is empty")
    number, headings = found
    columns = [_ALSO_CALLED.get(_column(each), _column(each)) for each in headings]
    missing = [each for each in _REQUIRED if each not in columns]
    if missing:
        raise Unreadable(f"its first row has no column called {' or '.join(missing)}")
    return number, columns


def _has_words(row: list[str]) -> bool:
    return any(map(str.strip, row))


def _each(
    rows: Iterator[list[str]], number: int, header: list[str]
) -> Iterator[tuple[str, Proposal | Problem]]:
    while True:
        number += 1
        place = f"row {number}"
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error:
            reason = "cannot be read from here on: a quotation mark is missing or out of place"
            yield place, Problem(place, None, reason)
            continue
        if _has_words(row):
            yield from _row(place, row, header)


def _row(place: str, row: list[str], header: list[str]) -> Iterator[tuple[str, Proposal | Problem]]:
    if _has_words(row[len(header) :]):
        reason = f"has {len(row)} cells under {len(header)} headings: is a comma out of place?"
        yield place, Problem(place, None, reason)
        return
    # The first of two columns of one name counts, and cells missing at the end are blank.
    cells = dict(reversed([*zip(header, row, strict=False)]))
    if one_line(cells.get("id", "")):
        place += f" (id {one_line(cells['id'])[:80]})"
    record = Record(place, cells)
    try:
        yield place, _service(record)
    except Rejected as refusal:
        yield place, Problem(place, refusal.field, refusal.reason)
    else:
        yield from ((place, note) for note in record.notes)


def _service(record: Record) -> Proposal:
    source_id, name = record.required("id"), record.required("name")
    description = record.html("description")
    phone = record.read(phone_number, "phone")
    cost = record.words("cost", longest=LONGEST_NOTE)
    categories = map(str.strip, re.split(r"[;|]", record.words("category", longest=LONGEST_WORDS)))
    return Proposal(
        source_id=source_id,
        name=name,
        description=description,
        summary=summary_of(description),
        url=record.web_address("url"),
        email=record.email("email"),
        organisation=_organisation(record.words("organisation")),
        locations=tuple(_location(record, source_id)),
        schedules=tuple(_schedule(record)),
        costs=(CostProposal(amount=sum_in_words(cost), amount_description=cost),) if cost else (),
        phones=(PhoneProposal(phone),) if phone else (),
        categories=tuple(
            CategoryProposal(each[:LONGEST_NAME]) for each in dict.fromkeys(categories) if each
        ),
    )


def _organisation(name: str) -> OrganisationProposal | None:
    return OrganisationProposal(name.casefold()[:LONGEST_NAME], name) if name else None


def _location(record: Record, source_id: str) -> Iterator[LocationProposal]:
    postcode = record.postcode("postcode")
    address = plain_text(record.html("address")).replace("\n", ", ")
    if postcode:  # often written again at the end of the address
        address = re.sub(rf"[\s,.]*{postcode.replace(' ', ' ?')}[\s.]*$", "", address, flags=re.I)
    if postcode or address:
        yield LocationProposal(
            f"{source_id}#1", address_1=address[:LONGEST_NAME], postcode=postcode
        )


def _schedule(record: Record) -> Iterator[ScheduleProposal]:
    words = record.words("day")
    opens_at, closes_at = record.times()
    try:
        days, description = days_of_week(words), ""
    except ValueError:
        days, description = (), words
        if words:
            record.note("day", f"“{words[:60]}” is not days we understand, so it was kept as words")
    found = ScheduleProposal(
        byday=days,
        freq=None if not days else Frequency.WEEKLY if days[0] in WEEK else Frequency.MONTHLY,
        opens_at=opens_at,
        closes_at=closes_at,
        description=description,
    )
    if found != ScheduleProposal():
        yield found
