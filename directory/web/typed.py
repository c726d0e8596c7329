"""The directory's search: reading an address that anybody may have typed, whatever is in it."""

import unicodedata
from collections.abc import Sequence
from math import isfinite
from typing import Any

from werkzeug.datastructures import MultiDict

from accounts import May
from core import actors
from core.errors import BadInput
from core.inputs import page_number
from core.languages import _
from directory.search.asking import MOST_MILES, USUAL_MILES
from directory.web.choices import GROUPS, Words
from directory.web.finding import Asked

LONGEST_WORDS = 200
LONGEST_PLACE = 100
VIEWS = ("list", "when", "map")

_UNSEEN = {"Cc", "Cf", "Cn", "Co", "Cs"}
_JOINERS = "\u200c\u200d"
"""Letters of Urdu, and pictures, are written with these; other marks that nobody sees are not."""


def asked(args: MultiDict[str, str]) -> Asked:
    """What an address asks for, or BadInput for one that no page of ours leads to.

    Too many words are cut, and a distance that is none is the usual one: `faults` says so.
    """
    ticked: dict[str, Any] = {
        group.name: _known(args.getlist(group.name), group.words(), group.legend)
        for group in GROUPS
    }
    view = args.get("view") or "list"
    if view not in VIEWS:
        raise BadInput(_("Results come as a list, day by day or as a map."))
    faults: dict[str, str] = {}
    return Asked(
        q=_words(args, "q", LONGEST_WORDS, faults),
        near=_words(args, "near", LONGEST_PLACE, faults),
        within=_miles(args.get("within", ""), faults),
        view=view,
        unknown=args.get("unknown") == "1",
        exact=args.get("exact") == "1",
        anywhere=args.get("anywhere") == "1",
        explain=args.get("explain") == "1" and actors.current().may(May.EDIT_DIRECTORY),
        page=page_number(args.get("page")),
        faults=faults,
        **ticked,
    )


def tidy(text: str) -> str:
    """A text in one line, without the marks that nobody sees."""
    # The marks that turn the direction of writing round would turn that of our own words, too.
    seen = (
        letter if letter in _JOINERS or unicodedata.category(letter) not in _UNSEEN else " "
        for letter in text
    )
    return " ".join("".join(seen).split())


def _words(args: MultiDict[str, str], name: str, longest: int, faults: dict[str, str]) -> str:
    text = tidy(args.get(name, ""))
    if len(text) > longest:
        faults[name] = _("That is a lot of words. This is what we find with the first of them.")
    return text[:longest].rstrip()


def _miles(text: str, faults: dict[str, str]) -> float:
    if not text:
        return USUAL_MILES
    try:
        number = float(text) if text.isascii() and len(text) < 8 else 0.0
    except ValueError:
        number = 0.0
    if not (isfinite(number) and 0 < number <= MOST_MILES):
        faults["within"] = _("The distance must be a number of miles.")
        return USUAL_MILES
    return number


def _known(given: Sequence[str], words: Words, legend: str) -> tuple[str, ...]:
    chosen = [value for value in given if value]
    if any(value not in words for value in chosen):
        raise BadInput(_("There is no such choice under “%(group)s”.", group=legend))
    return tuple(value for value in words if value in chosen)
