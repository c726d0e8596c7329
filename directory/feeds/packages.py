"""Directory: reads an HSDS datapackage: a zip of CSV tables that point to each other by ids.

The tables are sorted into a small database on the disk, which is thrown away, so that a large
package does not fill the memory.
"""

import json
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from core.spreadsheets import plain_cell
from directory.feeds.archives import members, unpacked
from directory.feeds.limits import Limits
from directory.feeds.proposals import Problem, Unreadable
from directory.feeds.tables import heading, open_table

AT_ONCE = 2_000

_OWNERS: dict[str, tuple[str, ...]] = {
    "service": ("id",),
    "organization": ("id",),
    "location": ("id",),
    "taxonomy_term": ("id",),
    "taxonomy": ("id",),
    "unit": ("id",),
    "service_at_location": ("service_id",),
    "address": ("location_id",),
    "accessibility": ("location_id",),
    "schedule": ("service_id", "service_at_location_id", "location_id"),
    "cost_option": ("service_id",),
    "contact": ("service_id", "service_at_location_id"),
    "phone": ("service_id", "contact_id", "service_at_location_id", "organization_id"),
    "language": ("service_id",),
    "attribute": ("link_id",),
    "service_capacity": ("service_id",),
}
"""The tables that are read, and which of its columns says whose each row is."""

_ALSO_CALLED = {
    "addresses": "address",
    "taxonomies": "taxonomy",
    "service_capacities": "service_capacity",
    "services_at_location": "service_at_location",
    "services_at_locations": "service_at_location",
    "accessibility_for_disabilities": "accessibility",
    "physical_addresses": "address",
}


@contextmanager
def opened(file: BinaryIO, limits: Limits) -> Iterator["Package"]:
    """The package in this file; Unreadable if it is none, or not one to be opened."""
    found = {_table(name): info for name, info in members(file, limits).items()}
    if "service" not in found:
        spreadsheet = "[content_types].xml" in members(file, limits)
        raise Unreadable(
            "it is a spreadsheet: save it as CSV and try again"
            if spreadsheet
            else "it is an archive without a file called services.csv"
        )
    with tempfile.TemporaryDirectory(prefix="kith-package-") as folder:
        package = Package(sqlite3.connect(f"{folder}/package.db"))
        try:
            for table in _OWNERS.keys() & found.keys():
                with unpacked(file, found[table]) as sheet:
                    package.fill(table, sheet, limits)
            yield package
        finally:
            package.close()


class Package:
    """The tables of a package, asked by whose a row is."""

    def __init__(self, rows: sqlite3.Connection) -> None:
        self._rows = rows
        rows.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
            "CREATE TABLE part (kind TEXT, owner TEXT, said TEXT);"
            "CREATE INDEX part_owner ON part (owner, kind);"
        )

    def close(self) -> None:
        """Let go of the tables."""
        self._rows.close()

    def count(self) -> int:
        """How many services there are."""
        counted = self._rows.execute("SELECT count(*) FROM part WHERE kind = 'service'")
        return int(counted.fetchone()[0])

    def services(self) -> Iterator[dict[str, Any]]:
        """Each service with everything that is its own, as the JSON of the standard has it."""
        wanted = "SELECT said FROM part WHERE kind = 'service' ORDER BY rowid"
        for (said,) in self._rows.execute(wanted):
            yield self._whole(json.loads(said))

    def fill(self, table: str, sheet: BinaryIO, limits: Limits) -> None:
        """Take in the rows of one table."""
        read = open_table(sheet)
        names = [heading(each) for each in read.headings]
        owners = [each for each in _OWNERS[table] if each in names]
        some: list[tuple[str, str, str]] = []
        for number, row in read.rows():
            if isinstance(row, Problem):
                raise Unreadable(f"the table of {table} {row.place} {row.reason}")
            if table == "service" and number > limits.most_rows + 1:
                raise Unreadable(f"there are more than {limits.most_rows:,} services in it")
            cells = {name: plain_cell(cell) for name, cell in zip(names, row, strict=False) if cell}
            owner = next((cells[each] for each in owners if each in cells), "")
            some.append((table, owner, json.dumps(cells)))
            if len(some) == AT_ONCE:
                self._add(some)
                some = []
        self._add(some)

    def _add(self, some: list[tuple[str, str, str]]) -> None:
        with self._rows:
            self._rows.executemany("INSERT INTO part VALUES (?, ?, ?)", some)

    def _of(self, table: str, owner: str) -> list[dict[str, Any]]:
        wanted = "SELECT said FROM part WHERE owner = ? AND kind = ? ORDER BY rowid"
        return [json.loads(said) for (said,) in self._rows.execute(wanted, (owner, table))]

    def _one(self, table: str, own_id: str) -> dict[str, Any] | None:
        return next(iter(self._of(table, own_id)), None) if own_id else None

    def _whole(self, service: dict[str, Any]) -> dict[str, Any]:
        own_id = service.get("id", "")
        own = service.get("organization_id", "")
        organisation = self._one("organization", own)
        if organisation is not None:
            organisation["phones"] = self._of("phone", own)
        parts = {
            "schedules": self._with_attributes("schedule", own_id),
            "cost_options": self._of("cost_option", own_id),
            "contacts": self._with_attributes("contact", own_id),
            "phones": self._of("phone", own_id),
            "languages": self._of("language", own_id),
            "attributes": self._attributes(own_id),
            "capacities": [
                each | {"unit": self._one("unit", each.get("unit_id", ""))}
                for each in self._of("service_capacity", own_id)
            ],
            "service_at_locations": [self._place(each) for each in self._links(own_id)],
        }
        for contact in parts["contacts"]:
            parts["phones"] += self._of("phone", contact.get("id", ""))
        return service | {"organization": organisation} | parts

    def _links(self, own_id: str) -> list[dict[str, Any]]:
        return self._of("service_at_location", own_id)

    def _place(self, link: dict[str, Any]) -> dict[str, Any]:
        own_id = link.get("location_id", "")
        place = self._one("location", own_id)
        parts = {
            name: self._with_attributes(name, link.get("id", "")) for name in ("schedule", "phone")
        }
        said = link | {f"{name}s": held for name, held in parts.items() if held}
        if place is None:
            return said
        return said | {
            "location": place
            | {
                "addresses": self._of("address", own_id),
                "accessibility": self._with_attributes("accessibility", own_id),
                "schedules": self._with_attributes("schedule", own_id),
                "attributes": self._attributes(own_id),
            }
        }

    def _with_attributes(self, table: str, owner: str) -> list[dict[str, Any]]:
        return [
            each | {"attributes": self._attributes(each.get("id", ""))}
            for each in self._of(table, owner)
        ]

    def _attributes(self, owner: str) -> list[dict[str, Any]]:
        return [
            each | {"taxonomy_term": self._term(each.get("taxonomy_term_id", ""))}
            for each in self._of("attribute", owner)
        ]

    def _term(self, own_id: str) -> dict[str, Any] | None:
        term = self._one("taxonomy_term", own_id)
        if term is None or term.get("taxonomy"):
            return term
        taxonomy = self._one("taxonomy", term.get("taxonomy_id", ""))
        return term | {"taxonomy": taxonomy.get("name", "")} if taxonomy else term


def _table(name: str) -> str:
    """Which table a file holds: the standard names them in the singular, many in the plural."""
    stem = name.removesuffix(".csv") if name.endswith(".csv") else ""
    stem = _ALSO_CALLED.get(stem, stem)
    return stem if stem in _OWNERS else stem.removesuffix("s")
