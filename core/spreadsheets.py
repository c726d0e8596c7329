"""Ground floor: rows as a CSV file that a spreadsheet shows as words and never runs.

What it would calculate gets a quote before it; so does a text that looks quoted already, so that
`plain_cell` finds every text again as it was.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence

_DANGEROUS = re.compile(r"'*[=+\-@\t\r\n]")
_QUOTED = re.compile(r"'+[=+\-@\t\r\n]")


def as_csv(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The file, with the mark by which spreadsheets know UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(heading)
    writer.writerows([safe_cell(each) for each in row] for row in rows)
    return "\ufeff" + out.getvalue()


def safe_cell(said: object) -> str:
    """The words of a cell, with a quote before them if a spreadsheet could take them for a formula.

    A number is one whatever its sign.
    """
    text = "" if said is None else str(said)
    is_number = isinstance(said, (int, float))
    return f"'{text}" if _DANGEROUS.match(text) and not is_number else text


def plain_cell(text: str) -> str:
    """The text as it was before `safe_cell`."""
    return text[1:] if _QUOTED.match(text) else text
