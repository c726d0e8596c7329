"""Directory: reads whatever file of services we are given, once it is known to be one we can take.

A file is gone through once before anything of it is believed: one that is cut short, too long or
hostile is refused before the first row of it is looked at.
"""

import codecs
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import BinaryIO

from directory.feeds import json_stream, oruk, packages, sheets
from directory.feeds.limits import MEGABYTE, Limits
from directory.feeds.proposals import Placed, Unreadable
from directory.feeds.tables import open_table

SAMPLES = 5


class Format(StrEnum):
    """What a file turned out to be."""

    JSON = "json"
    SHEET = "sheet"
    PACKAGE = "package"


@dataclass(frozen=True, slots=True)
class Feed:
    """A file of services that can be read: how many there are, and each of them."""

    total: int
    items: Iterator[Placed]


@dataclass(frozen=True, slots=True)
class Look:
    """The top of a sheet: its headings, what stands below each, and what we take them for."""

    headings: tuple[str, ...]
    samples: tuple[tuple[str, ...], ...]
    guess: Mapping[str, int]


@contextmanager
def reading(
    name: str, file: BinaryIO, limits: Limits, columns: Mapping[str, int] | None = None
) -> Iterator[Feed]:
    """The services of a file; Unreadable, before any is given, if it cannot be taken."""
    kind = format_of(name, file, limits)
    if kind is Format.PACKAGE:
        with packages.opened(file, limits) as package:
            yield Feed(package.count(), oruk.read_records(package.services()))
    elif kind is Format.JSON:
        file.seek(0)
        total = _count(json_stream.services(file), limits)
        yield Feed(total, oruk.read(file))
    else:
        total = _count_rows(file, limits)
        yield Feed(total, sheets.read(file, columns))


def format_of(name: str, file: BinaryIO, limits: Limits) -> Format:
    """What kind of file this is, told by what is in it, or Unreadable."""
    size = file.seek(0, 2)
    if size > limits.most_bytes:
        raise Unreadable(f"{name} is larger than {limits.most_bytes // MEGABYTE} MB")
    file.seek(0)
    start = file.read(200)
    if start.startswith(b"PK\x03\x04"):
        return Format.PACKAGE
    start = start.removeprefix(codecs.BOM_UTF8).replace(b"\0", b"").lstrip(b" \t\r\n\xff\xfe")
    if not start:
        raise Unreadable(f"{name} is empty")
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable(f"{name} is a spreadsheet: save it as CSV and try again")
    if start.startswith((b"<", b"%PDF")):
        raise Unreadable(f"{name} is a web page or a document, not JSON or CSV")
    return Format.JSON if start.startswith((b"{", b"[")) else Format.SHEET


def look(file: BinaryIO) -> Look:
    """The top of a sheet, so that somebody can say what its columns are."""
    table = open_table(file, known=sheets.MEANT)
    rows = [row for _, row in islice(table.rows(), SAMPLES) if isinstance(row, list)]
    below = tuple(
        tuple(row[at].strip()[:80] if at < len(row) else "" for row in rows)
        for at in range(len(table.headings))
    )
    return Look(tuple(table.headings), below, sheets.guess(table.headings))


def _count(found: Iterator[object], limits: Limits) -> int:
    total = sum(1 for _ in islice(found, limits.most_rows + 1))
    if total > limits.most_rows:
        raise Unreadable(f"there are more than {limits.most_rows:,} services in it")
    return total


def _count_rows(file: BinaryIO, limits: Limits) -> int:
    file.seek(0)
    return _count((row for _, row in open_table(file, known=sheets.MEANT).rows()), limits)
