"""Ground floor: rows as a CSV file that a spreadsheet shows as words and never runs."""

import csv
import io
from collections.abc import Iterable, Sequence

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def as_csv(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The file, with the mark by which spreadsheets know UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(heading)
    writer.writerows([safe_cell(each) for each in row] for row in rows)
    return "\ufeff" + out.getvalue()


def safe_cell(said: object) -> str:
    """The words of a cell; what a spreadsheet would calculate gets an apostrophe before it."""
    text = "" if said is None else str(said)
    is_number = isinstance(said, (int, float))
    return f"'{text}" if text.startswith(_STARTS_A_FORMULA) and not is_number else text
