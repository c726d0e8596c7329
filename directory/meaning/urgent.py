"""Directory meaning: whom to ring, where typed words speak of harm or despair.

It would rather show a number too often than once too seldom: what it finds is shown above the
answers to a search, and never instead of them. What is said how stands in `dangers/`.
"""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from directory.meaning.folding import tidy, words
from directory.meaning.helplines import HELPLINES, Helpline

SAYINGS = Path(__file__).parent / "dangers"

MOST_LINES = 6
LONGEST_TEXT = 500
SHORTEST_SLIP = 6
ANY_FEW_WORDS = ".."
MOST_BETWEEN = 3

# What people write together, apart or shorter, so that a saying need be written once.
_SAME = (
    (re.compile(r"\b(?:cannot|couldnt|can no longer|cannae|canny) "), "cant "),
    (re.compile(r"\b(?:do not|dinnae|dunt|dont wanna) "), "dont "),
    (re.compile(r"\bdoes not "), "doesnt "),
    (re.compile(r"\bdid not "), "didnt "),
    (re.compile(r"\bwill not "), "wont "),
    (re.compile(r"\b(?:wanna|wanne) "), "want to "),
    (re.compile(r"\bgonna "), "going to "),
    (re.compile(r"\b(?:my self|me self|meself|mesen) "), "myself "),
    (re.compile(r"\bhim self "), "himself "),
    (re.compile(r"\bher self "), "herself "),
    (re.compile(r"\ban? (?:over dose) "), "overdose "),
    (re.compile(r"\bi am "), "im "),
    (re.compile(r"\bany more "), "anymore "),
)


class _Part(NamedTuple):
    """One word of a saying, whichever of several; no words at all stand for any few."""

    words: frozenset[str]
    optional: bool = False


class _Saying(NamedTuple):
    """What one danger sounds like; `danger` is where it stands in the list, or none is."""

    parts: tuple[_Part, ...]
    danger: int | None


@dataclass(frozen=True, slots=True)
class _Sayings:
    lines: tuple[tuple[Helpline, ...], ...]
    by_first_word: Mapping[str, Sequence[_Saying]]
    padding: frozenset[str]
    watched: frozenset[str]


def helplines_for(text: str) -> tuple[Helpline, ...]:
    """Whom somebody should be shown who types this, the most needful first; mostly nobody."""
    known = _sayings()
    said = _said(text, known)
    dangers = sorted({found for found in _longest(said, known) if found is not None})
    return _in_turn([known.lines[each] for each in dangers])


def _said(text: str, known: _Sayings) -> list[str]:
    """The words of a text, as the sayings are written."""
    plain = [word.folded for word in words(tidy(text[:LONGEST_TEXT]))]
    kept = [_put_right(word, known.watched) for word in plain if word not in known.padding]
    said = "".join(f"{word} " for word in kept)
    for written, meant in _SAME:
        said = written.sub(meant, said)
    return said.split()


def _put_right(word: str, watched: frozenset[str]) -> str:
    if len(word) < SHORTEST_SLIP or word in watched:
        return word
    near = process.extractOne(word, watched, scorer=OSA.distance, score_cutoff=1)
    return word if near is None else str(near[0])


def _longest(said: Sequence[str], known: _Sayings) -> Iterable[int | None]:
    """The dangers spoken of, and None for what is harmless; of overlapping sayings the longest."""
    found = []
    for start, word in enumerate(said):
        for saying in known.by_first_word.get(word, ()):
            end = _end(saying.parts, said, start)
            if end is not None:
                found.append((start - end, start, end, saying.danger))
    found.sort(key=lambda each: each[:3])
    taken: set[int] = set()
    for _, start, end, danger in found:
        if taken.isdisjoint(range(start, end)):
            taken.update(range(start, end))
            yield danger


def _end(parts: Sequence[_Part], said: Sequence[str], at: int) -> int | None:
    """Where these parts end that begin at a word of a text; None if they do not fit."""
    for place, part in enumerate(parts):
        if not part.words or part.optional:
            most = MOST_BETWEEN if not part.words else int(_is_at(part, said, at))
            skips = range(most + 1) if not part.words else range(most, -1, -1)
            ends = (_end(parts[place + 1 :], said, at + skip) for skip in skips)
            return next((end for end in ends if end is not None), None)
        if not _is_at(part, said, at):
            return None
        at += 1
    return at


def _is_at(part: _Part, said: Sequence[str], at: int) -> bool:
    return at < len(said) and said[at] in part.words


def _in_turn(wanted: Sequence[Sequence[Helpline]]) -> tuple[Helpline, ...]:
    """The first lines of each danger before the second ones, so that none is pushed off the end."""
    turns = (line for turn in zip_longest(*wanted) for line in turn if line is not None)
    return tuple(dict.fromkeys(turns))[:MOST_LINES]


def read() -> tuple[dict[str, list[str]], list[dict[str, Any]]]:
    """What is harmless, padding and watched for; and the dangers from the gravest down."""
    said: dict[str, Any] = {}
    dangers: list[dict[str, Any]] = []
    for path in sorted(SAYINGS.glob("*.toml")):
        found = tomllib.loads(path.read_text(encoding="utf-8"))
        dangers += found.pop("danger", ())
        said.update(found)
    return said, dangers


@cache
def _sayings() -> _Sayings:
    said, dangers = read()
    by_first_word: dict[str, list[_Saying]] = defaultdict(list)
    groups = [(None, said["harmless"])] + [
        (place, danger["says"]) for place, danger in enumerate(dangers)
    ]
    for danger, sayings in groups:
        for each in sayings:
            parts = _parts(each)
            for word in parts[0].words:
                by_first_word[word].append(_Saying(parts, danger))
    return _Sayings(
        lines=tuple(tuple(HELPLINES[code] for code in danger["lines"]) for danger in dangers),
        by_first_word=dict(by_first_word),
        padding=frozenset(said["padding"]),
        watched=frozenset(said["watched"]),
    )


def _parts(saying: str) -> tuple[_Part, ...]:
    parts: list[_Part] = []
    for each in saying.split():
        if each == ANY_FEW_WORDS:
            parts.append(_Part(frozenset()))
            continue
        # Some scripts part into several words what is written as one.
        either = [_plain(one) for one in each.rstrip("?").split("/")]
        if len(either) == 1:
            parts += [_Part(frozenset({word}), each.endswith("?")) for word in either[0]]
        elif all(len(one) == 1 for one in either):
            parts.append(_Part(frozenset(one[0] for one in either), each.endswith("?")))
        else:
            raise ValueError(f"“{each}” holds a word that falls into several: write it on its own")
    if not parts or not parts[0].words or parts[0].optional:
        raise ValueError(f"“{saying}” must begin with a word that is always there")
    return tuple(parts)


def _plain(word: str) -> list[str]:
    return [each.folded for each in words(tidy(word))]
