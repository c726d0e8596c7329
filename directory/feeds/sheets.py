"""Directory: reads services from a sheet saved as CSV, whose columns may be called anything."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from core.spreadsheets import plain_cell
from directory.cleaning import one_line, phone_number, plain_text, sum_in_words, summary_of
from directory.feeds.proposals import (
    CategoryProposal,
    CostProposal,
    LocationProposal,
    OrganisationProposal,
    PhoneProposal,
    Placed,
    Problem,
    Proposal,
    ScheduleProposal,
    Unreadable,
    once_each,
)
from directory.feeds.records import (
    LONGEST_NAME,
    LONGEST_NOTE,
    LONGEST_WORDS,
    Record,
    Rejected,
    point,
)
from directory.feeds.tables import Table, heading, open_table
from directory.rules import Frequency
from directory.timing.timetables import WEEK, days_of_week

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
    "town",
    "latitude",
    "longitude",
    "minimum_age",
    "maximum_age",
    "who_for",
    "opening_hours",
)
_REQUIRED = ("id", "name")
_ALSO_CALLED = {
    "organisation": "organization provider charity group run_by provided_by",
    "name": "title service activity service_name activity_name club club_name venue_name",
    "id": "identifier ref reference uid uuid service_id unique_id",
    "description": "about details summary what",
    "url": "website web web_address web_site link homepage",
    "email": "e_mail email_address contact_email",
    "phone": "telephone tel phone_number telephone_number contact_number contact_telephone",
    "postcode": "post_code postal_code zip",
    "category": "categories type kind tags activity_type",
    "day": "days day_of_week",
    "opens_at": "start start_time opens from starts_at",
    "closes_at": "end end_time closes to ends_at finish",
    "cost": "price fee charge charges fees costs",
    "address": "venue address_1 street location address_line_1 where",
    "town": "city town_or_city post_town",
    "latitude": "lat",
    "longitude": "lon lng long",
    "minimum_age": "min_age age_from",
    "maximum_age": "max_age age_to",
    "who_for": "eligibility audience who_is_it_for target_audience suitable_for",
    "opening_hours": "opening_times hours when times open",
}
MEANT = {
    called: column for column, words in _ALSO_CALLED.items() for called in (column, *words.split())
}


def read(file: BinaryIO, columns: Mapping[str, int] | None = None) -> Iterator[Placed]:
    """Each service of a sheet, or why it is left out; Unreadable if none can be.

    `columns` says in which column of the sheet each of ours is; else their headings must say so.
    """
    table = open_table(file, known=MEANT)
    if columns is None:
        columns = guess(table.headings)
        missing = [each for each in _REQUIRED if each not in columns]
        if missing:
            raise Unreadable(f"its first row has no column called {' or '.join(missing)}")
    return _told(table.note, once_each(_each(table, columns)))


def guess(headings: list[str]) -> dict[str, int]:
    """Which column of a sheet each of ours is, as far as its headings say."""
    found: dict[str, int] = {}
    plain = [heading(each) for each in headings]
    # A heading that is our very word counts before one that only means the same.
    for column in COLUMNS:
        meanings = [at for at, each in enumerate(plain) if MEANT.get(each) == column]
        exact = [at for at in meanings if plain[at] == column]
        if meanings:
            found[column] = (exact or meanings)[0]
    return found


def _told(note: Problem | None, found: Iterator[Placed]) -> Iterator[Placed]:
    if note:
        yield note.place, note
    yield from found


def _each(table: Table, columns: Mapping[str, int]) -> Iterator[Placed]:
    for number, row in table.rows():
        place = f"row {number}"
        if isinstance(row, Problem):
            yield place, row
        elif any(map(str.strip, row)):
            yield from _row(place, row, len(table.headings), columns)


def _row(place: str, row: list[str], width: int, columns: Mapping[str, int]) -> Iterator[Placed]:
    if any(map(str.strip, row[width:])):
        reason = f"has {len(row)} cells under {width} headings: is a comma out of place?"
        yield place, Problem(place, None, reason)
        return
    # Cells missing at the end are blank.
    cells = {name: plain_cell(row[at]) for name, at in columns.items() if at < len(row)}
    if "id" not in columns:
        cells["id"] = _own_id(cells)
    elif one_line(cells.get("id", "")):
        place += f" (id {one_line(cells['id'])[:80]})"
    record = Record(place, cells)
    try:
        yield place, _service(record)
    except Rejected as refusal:
        yield place, Problem(place, refusal.field, refusal.reason)
    else:
        yield from ((place, note) for note in record.notes)


def _own_id(cells: Mapping[str, str]) -> str:
    """An id for a row that has none: the same row of next month's sheet gets the same."""
    said = "|".join(one_line(cells.get(each, "")) for each in ("name", "organisation", "postcode"))
    return hashlib.sha256(said.casefold().encode()).hexdigest()[:20]


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
        minimum_age=_age(record, "minimum_age"),
        maximum_age=_age(record, "maximum_age"),
        eligibility=record.words("who_for", longest=LONGEST_WORDS),
        organisation=_organisation(record.words("organisation")),
        locations=tuple(_location(record, source_id)),
        schedules=(*_schedule(record), *_opening_hours(record)),
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
        address = re.sub(
            rf"[\s,.]*{' ?'.join(map(re.escape, postcode.split()))}[\s.]*$", "", address, flags=re.I
        )
    town = record.words("town")
    latitude, longitude = point(record)
    if postcode or address or town or latitude is not None:
        yield LocationProposal(
            f"{source_id}#1",
            address_1=address[:LONGEST_NAME],
            city=town,
            postcode=postcode,
            latitude=latitude,
            longitude=longitude,
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


def _opening_hours(record: Record) -> Iterator[ScheduleProposal]:
    """When it is open, in whatever words the sheet says so."""
    if words := record.words("opening_hours", longest=LONGEST_WORDS):
        yield ScheduleProposal(description=words)


def _age(record: Record, name: str) -> int | None:
    found = record.number(name, least=0, most=120)
    return None if found is None else int(found)
