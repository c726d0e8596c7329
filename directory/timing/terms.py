"""Directory: whether schools are open on a day, as far as this deployment has said.

Every council sets its own terms, so there is no list of ours: a file of the deployment's gives the
first and last day of each. Past the ends of that file nobody knows but for the long holidays.
"""

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Term:
    """Days on which schools are open; a half-term holiday parts two of these."""

    first_day: date
    last_day: date


_terms: list[Term] = []


def set_up(path: str) -> None:
    """Read the terms from a file, or know none when it is empty. ValueError says what is wrong."""
    _terms[:] = _read(Path(path)) if path else []


def is_term(on: date) -> bool | None:
    """Whether a day is in term; None where nobody has said."""
    if any(term.first_day <= on <= term.last_day for term in _terms):
        return True
    if _terms and _terms[0].first_day <= on <= _terms[-1].last_day:
        return False
    # Half-terms differ from town to town; August and Christmas are holidays throughout England.
    if on.month == 8 or (on.month, on.day) >= (12, 22) or (on.month, on.day) <= (1, 2):
        return False
    return None


def _read(path: Path) -> list[Term]:
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
        terms = [Term(each["first_day"], each["last_day"]) for each in said["term"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"SCHOOL_TERMS: {path} is not a list of terms we can read") from error
    for each in terms:
        if type(each.first_day) is not date or type(each.last_day) is not date:
            raise ValueError(f"SCHOOL_TERMS: the days of a term in {path} must be dates")
        if each.first_day > each.last_day:
            raise ValueError(f"SCHOOL_TERMS: a term in {path} ends before it begins")
    return sorted(terms, key=lambda term: term.first_day)
