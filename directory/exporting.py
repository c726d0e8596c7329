"""Directory: all that is public, as files that other programs take: tables, maps, feeds.

Everything is written listing by listing: a file is never in memory as a whole. The same listings
make the same bytes.
"""

import csv
import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import date
from typing import IO, Any

from sqlalchemy.orm.interfaces import ORMOption

from accounts import Organisation
from core import clock, site
from core.spreadsheets import safe_cell
from directory.cards import cost_words
from directory.cleaning import plain_text
from directory.feeds import published, speaking
from directory.feeds.packing import COLUMNS, FILES, description, rows_of
from directory.feeds.published import Wanted
from directory.feeds.vocabularies import all_taxonomies
from directory.feeds.writing import Record, moment
from directory.models import Service
from directory.rules import ACCESS_WORDS, HSDS_STATUS, Answer
from directory.taxonomy import KINDS
from directory.timing.sessions import when_words

LICENCE = {
    "name": "OGL-UK-3.0",
    "title": "Open Government Licence v3.0",
    "path": "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
}
_COLUMNS = (
    "id",
    "name",
    "organisation",
    "summary",
    "description",
    "kinds",
    "when",
    "price",
    "who_for",
    "minimum_age",
    "maximum_age",
    "how",
    "phone",
    "email",
    "website",
    "place",
    "address",
    "town",
    "county",
    "postcode",
    "latitude",
    "longitude",
    *(feature.value for feature in ACCESS_WORDS),
    "languages",
    "status",
    "assured_date",
    "last_modified",
    "page",
)
_CHUNK = 64 * 1024
_NO_DATE = (1980, 1, 1, 0, 0, 0)
_CODED = {"byday", "bymonthday"}
_SHARED = {"taxonomy_term", "unit"}


def as_csv() -> Iterator[bytes]:
    """One table, a listing a row, for people with a spreadsheet."""
    yield _csv_row(_COLUMNS)
    today = clock.today()
    for services in _listings(published.told_in_a_row()):
        yield b"".join(_csv_row(_row(each, today)) for each in services)


def as_geojson() -> Iterator[bytes]:
    """The listings that stand somewhere, as points."""
    yield b'{"type":"FeatureCollection","features":['
    comma = b""
    for services in _listings(published.told_on_a_map()):
        for each in services:
            for feature in _features(each):
                yield comma + _json(feature)
                comma = b",\n"
    yield b"]}\n"


def as_json() -> Iterator[bytes]:
    """The listings as Open Referral UK says them, whole, in one document."""
    yield b'{"contents":['
    comma = b""
    for records in _records():
        for each in records:
            yield comma + _json(each)
            comma = b",\n"
    yield b"]}\n"


def as_hsds() -> Iterator[bytes]:
    """The tables of HSDS 3 with their description, in a zip."""
    with ExitStack() as stack:
        tables = {
            table: stack.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8", newline=""))
            for table in COLUMNS
        }
        _fill(tables)
        packed = stack.enter_context(tempfile.TemporaryFile())
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            told = json.dumps(description(site.name(), LICENCE), indent=1, ensure_ascii=False)
            archive.writestr(_entry("datapackage.json"), told.encode("utf-8"))
            for table, file in tables.items():
                _pack(archive, FILES[table], file)
        packed.seek(0)
        while chunk := packed.read(_CHUNK):
            yield chunk


FORMATS: dict[str, Callable[[], Iterator[bytes]]] = {
    "hsds": as_hsds,
    "csv": as_csv,
    "geojson": as_geojson,
    "oruk-json": as_json,
}


def page_of(service: Service) -> str:
    """The address of the page of a listing."""
    return site.address(f"/activities/{service.slug}")


def _listings(options: Sequence[ORMOption]) -> Iterator[list[Service]]:
    return published.in_batches(published.services(Wanted()), Service.id, options)


def _records() -> Iterator[list[Record]]:
    today = clock.today()
    for services in _listings(published.whole_service()):
        checks = published.confirmations(each.id for each in services)
        yield [
            speaking.service_in_full(each, checks.get(each.id, ()), today=today)
            for each in services
        ]


def _json(said: Any) -> bytes:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def _csv_row(cells: Sequence[object]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue().encode("utf-8")


def _row(service: Service, today: date) -> list[object]:
    said = speaking.service_in_brief(service, today=today)
    place, where = _place(service)
    answers = {each.feature: each.answer for each in place.accessibility} if place else {}
    terms = [each.term for each in service.attributes]
    cells = {
        **{name: said.get(name, "") for name in _COLUMNS},
        "organisation": service.organisation.name,
        "summary": service.summary,
        "description": plain_text(said.get("description", "")),
        "kinds": ", ".join(each.name for each in terms if each.taxonomy == KINDS),
        "when": when_words(service),
        "price": cost_words(service),
        "who_for": service.eligibility_description,
        "how": service.attending.value,
        "phone": service.phones[0].number if service.phones else service.organisation.phone,
        "website": said.get("url", ""),
        **where,
        **{
            feature.value: "" if answer is Answer.UNKNOWN else answer.value
            for feature, answer in answers.items()
        },
        "languages": ", ".join(each.name for each in service.languages),
        "page": page_of(service),
    }
    return [safe_cell(cells[name]) for name in _COLUMNS]


def _place(service: Service) -> tuple[Any, dict[str, object]]:
    """The first place of a listing, and its cells."""
    location = service.location
    names = ("place", "address", "town", "county", "postcode", "latitude", "longitude")
    if location is None:
        return None, dict.fromkeys(names, "")
    lines = ", ".join(filter(None, (location.address_1, location.address_2)))
    town, county, postcode = location.city, location.county, location.postcode
    point = location.latitude, location.longitude
    cells = (location.name, lines, town, county, postcode, *point)
    return location, dict(zip(names, cells, strict=True))


def _features(service: Service) -> Iterator[Record]:
    for link in service.places:
        spot = link.location
        if spot.latitude is None or spot.longitude is None:
            continue
        properties = {
            "service_id": str(service.id),
            "name": service.name,
            "organisation": service.organisation.name,
            "summary": service.summary,
            "when": when_words(service),
            "price": cost_words(service),
            "place": spot.name,
            "postcode": spot.postcode,
            "status": HSDS_STATUS[service.life],
            "last_modified": moment(service.last_modified),
            "page": page_of(service),
        }
        yield {
            "type": "Feature",
            "id": str(link.id),
            "geometry": {"type": "Point", "coordinates": [spot.longitude, spot.latitude]},
            "properties": {name: value for name, value in properties.items() if value},
        }


class _Tables:
    """The tables as they fill; a word or a unit that many listings share is written once."""

    def __init__(self, files: Mapping[str, IO[str]]) -> None:
        self.seen: set[str] = set()
        self.writers = {
            table: csv.writer(file, lineterminator="\n") for table, file in files.items()
        }
        for table, writer in self.writers.items():
            writer.writerow(COLUMNS[table])

    def write(self, table: str, record: Record) -> None:
        """A record with all that is within it."""
        for own, said in rows_of(table, record):
            if own in _SHARED:
                if said["id"] in self.seen:
                    continue
                self.seen.add(said["id"])
            self.writers[own].writerow([_coded(name, said.get(name)) for name in COLUMNS[own]])


def _fill(files: Mapping[str, IO[str]]) -> None:
    """Write every row of every table once."""
    tables = _Tables(files)
    for each in all_taxonomies():
        tables.write("taxonomy", each)
    for rows in published.in_batches(published.organisations(), Organisation.id):
        for organisation in rows:
            tables.write("organization", speaking.organisation_in_full(organisation))
    for records in _records():
        for record in records:
            tables.write("service", record)


def _coded(name: str, value: object) -> object:
    return value if name in _CODED else safe_cell(value)


def _pack(archive: zipfile.ZipFile, name: str, file: IO[str]) -> None:
    file.flush()
    file.seek(0)
    with archive.open(_entry(name), "w", force_zip64=True) as packed:
        while chunk := file.buffer.read(_CHUNK):  # type: ignore[attr-defined]
            packed.write(chunk)


def _entry(name: str) -> zipfile.ZipInfo:
    """Without a date of its own: the same tables make the same bytes."""
    entry = zipfile.ZipInfo(name, _NO_DATE)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry
