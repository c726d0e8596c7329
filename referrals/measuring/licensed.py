"""Referrals, measuring: questions whose words belong to others, brought by who may use them.

The Short Warwick–Edinburgh Mental Wellbeing Scale is © NHS Health Scotland, University of Warwick
and University of Edinburgh, 2008, all rights reserved. An organisation registers with Warwick and
then puts the seven statements, the owner's notice and its own registration in a file (see
docs/measures.md). Without it, or after its last day, the scale cannot be chosen.
"""

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from core import clock
from referrals.measures import SWEMWBS, Instrument, Question

HOW_MANY = 7

NOBODY_HAS = (
    "Your organisation has not brought the words of this scale. They are not ours to print: ask "
    "whoever runs this site to register for it."
)
IS_OVER = "The licence for the words of this scale has run out. Ask whoever runs this site."


@dataclass(frozen=True, slots=True)
class Licence:
    """An instrument in its owner's words, who holds the licence, and how long."""

    instrument: Instrument
    holder: str
    reference: str
    expires_on: date


_held: list[Licence] = []


def set_up(path: str) -> None:
    """Read the licence from a file; without one hold none. ValueError says what is wrong."""
    _held[:] = [_read(Path(path))] if path else []


def swemwbs() -> Instrument | str:
    """The scale in its owner's words, or why it cannot be used."""
    if not _held:
        return NOBODY_HAS
    return _held[0].instrument if clock.today() <= _held[0].expires_on else IS_OVER


def _read(path: Path) -> Licence:
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))["swemwbs"]
        licence = _licence(said)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"MEASURES_FILE: {path} is not a file we can read: {error}") from error
    return licence


def _licence(said: dict[str, object]) -> Licence:
    statements, choices = said["statements"], said["choices"]
    if not isinstance(statements, list) or len(statements) != HOW_MANY:
        raise ValueError("it must have the seven statements")
    if not isinstance(choices, list) or len(choices) != 5:
        raise ValueError("it must have the five choices, from the least to the most often")
    expires_on = said["expires_on"]
    if type(expires_on) is not date:
        raise ValueError("expires_on must be a date")
    answers = tuple(enumerate(map(str, choices), start=1))
    words = {key: str(said[key]).strip() for key in ("holder", "reference", "copyright", "intro")}
    if not all(words.values()):
        raise ValueError("holder, reference, copyright and intro must not be empty")
    return Licence(
        Instrument(
            key=SWEMWBS,
            name="Seven statements about wellbeing (SWEMWBS)",
            intro=words["intro"],
            questions=tuple(
                Question(f"item_{number}", str(words_), str(words_), choices=answers)
                for number, words_ in enumerate(statements, start=1)
            ),
            attribution=f"{words['copyright']} ({words['holder']}, {words['reference']})",
            has_score=True,
        ),
        words["holder"],
        words["reference"],
        expires_on,
    )
