"""Directory: cells that no spreadsheet takes for a formula, and how they are read back."""

import re

_SUSPECT = frozenset("'=+-@\t\r")
_DANGEROUS = re.compile(r"'*[=+\-@\t\r]")
_QUOTED = re.compile(r"'+[=+\-@\t\r]")


def safe_cell(text: str) -> str:
    """The text, with a quote before it if a spreadsheet could take it for a formula."""
    return f"'{text}" if text[:1] in _SUSPECT and _DANGEROUS.match(text) else text


def plain_cell(text: str) -> str:
    """The text as it was before `safe_cell`."""
    return text[1:] if _QUOTED.match(text) else text
