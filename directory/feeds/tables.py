"""Directory: opens a table saved as CSV, in whatever way it was saved, and reads it row by row."""

import codecs
import csv
import io
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import BinaryIO, TextIO

from directory.feeds.limits import LONGEST_CELL
from directory.feeds.proposals import Problem, Unreadable

BLOCK = 1 << 20
FIRST_LINES = 1 << 16

Row = list[str] | Problem

_TOO_LONG = f"a cell of it is longer than {LONGEST_CELL:,} characters"
_CUT = "it ends in the middle of a row: is the whole file there?"
_AS_WINDOWS = "is not UTF-8, so it was read as Windows text: look at accents and quotation marks"


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose headings have been read and whose rows have not."""

    headings: list[str]
    note: Problem | None
    _below: Iterator[list[str]]
    _number: int

    def rows(self) -> Iterator[tuple[int, Row]]:
        """Each row with its number; a row that cannot be read is a problem."""
        number = self._number
        while True:
            number += 1
            try:
                row = next(self._below)
            except StopIteration:
                return
            except csv.Error as error:
                yield number, Problem(f"row {number}", None, _refused(error))
                continue
            yield number, row


def open_table(file: BinaryIO, known: Collection[str] = ()) -> Table:
    """The table in a file, from its start; `known` headings help to tell what divides its cells."""
    csv.field_size_limit(LONGEST_CELL)
    text, note = _text(file)
    below = csv.reader(text, delimiter=_delimiter(text, known), strict=True)
    try:
        found = next(each for each in enumerate(below, start=1) if any(map(str.strip, each[1])))
    except StopIteration:
        raise Unreadable("it is empty") from None
    except csv.Error:
        raise Unreadable("its first row cannot be read: look at the quotation marks") from None
    number, headings = found
    return Table(headings, note, below, number)


def heading(text: str) -> str:
    """A heading as it is compared: without case, marks and spaces."""
    return re.sub(r"[\W_]+", "_", text.strip(' "').lower()).strip("_")


def _refused(error: csv.Error) -> str:
    """Why a row cannot be read; Unreadable when nothing after it can be trusted either."""
    if "field larger" in str(error):
        raise Unreadable(_TOO_LONG)
    if "unexpected end" in str(error):
        raise Unreadable(_CUT)
    return "cannot be read: a quotation mark is missing or out of place"


def _text(file: BinaryIO) -> tuple[TextIO, Problem | None]:
    encoding, note = _encoding(file), None
    if encoding == "cp1252":
        note = Problem("the file", None, _AS_WINDOWS, fatal=False)
    return io.TextIOWrapper(_Kept(file), encoding=encoding, newline=""), note  # type: ignore[type-var]


def _encoding(file: BinaryIO) -> str:
    """How the text of a file is written down, found out by reading it once."""
    file.seek(0)
    utf16 = file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    for encoding in ["utf-16"] if utf16 else ["utf-8-sig", "cp1252"]:
        if _is(file, encoding):
            file.seek(0)
            return encoding
    raise Unreadable("it is not text")


def _is(file: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    try:
        while block := file.read(BLOCK):
            if "\0" in decoder.decode(block):
                raise Unreadable("it is not text")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(text: TextIO, known: Collection[str]) -> str:
    """The mark that makes the most known columns of the first line, or the most columns."""
    opening = text.read(FIRST_LINES).lstrip("\r\n")
    text.seek(0)
    first = opening.splitlines()[:1] or [""]

    def fit(mark: str) -> tuple[int, int]:
        cells = first[0].split(mark)
        return len({*known} & {*map(heading, cells)}), len(cells)

    return max(",;\t|", key=fit)


class _Kept(io.BufferedIOBase):
    """A file that stays open when the text over it is let go: it is somebody else's."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        return self._file.read(-1 if size is None else size)

    def read1(self, size: int = -1, /) -> bytes:
        return self._file.read(size)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()
