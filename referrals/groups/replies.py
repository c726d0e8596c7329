"""Referrals, groups: what a group answers by text message or e-mail: "1 yes 2 no", "both came".

What is not quite clear is not guessed: the words go to a link worker, and nothing is noted.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from referrals.rules import Came

MOST_READ = 1000

_MARKS = (
    (Came.NOT_KNOWN, r"don'?t know|do not know|not sure|unsure|dunno|\?+|❓"),
    (
        Came.DID_NOT_COME,
        r"did not come|didn'?t come|did not|didn'?t|not come|no show|absent|none|no|n|x|✖|✗|✘|❌",
    ),
    (Came.CAME, r"was here|was there|came|here|yes|yep|yeah|y|✔|✓|✅|☑"),
)
_MARK = "|".join(f"(?P<{came.name}>{words})" for came, words in _MARKS)
_NUMBERS = r"(?P<numbers>\d{1,3}(?:\s*(?:,|;|\+|&|and|\s)\s*\d{1,3})*)"
_LINE = re.compile(rf"{_NUMBERS}\s*[:.)=–-]?\s*(?:{_MARK})(?![^\W\d_])", re.IGNORECASE)
_ALL = re.compile(
    r"(?:(?P<CAME>(?P<both>both)(?: of them)?(?: came| yes| here| were here)?"
    r"|(?:all|everyone|everybody)(?: of them)?(?: came| yes| here| were here| was here)?)"
    r"|(?P<DID_NOT_COME>nobody(?: came)?|no[ -]?one(?: came)?|none(?: of them)?(?: came)?))",
    re.IGNORECASE,
)
_ONE = re.compile(rf"(?:(?:she|he|they)\s+)?(?:{_MARK})", re.IGNORECASE)
_CHATTER = re.compile(
    r"\b(?:hello|hi|dear|please|thanks?|thank you|many|cheers|regards|kind|best|and|ok|okay|kith)\b"
    r"|[\s.,;:!&'’()-]+",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"^\s*(?:>|On .+wrote:$|-{2,}\s*$|_{5,}|From: |Sent from )", re.IGNORECASE)
_TELLING = re.compile(rf"\d|\b(?:{'|'.join(words for _, words in _MARKS[1:])})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a message says of each number, and whether it says something else besides."""

    marks: dict[int, Came]
    says_more: bool = False
    of_all: bool = False


def parse(words: str, numbers: Collection[int]) -> Reading | None:
    """What was said of the people expected, by their numbers; None when it is not quite clear."""
    said = _own_words(words)
    if not said:
        return None
    whole = _of_everybody(said, numbers)
    if whole is not None:
        return whole
    marks: dict[int, Came] = {}
    for line in _LINE.finditer(said):
        came = _came_in(line)
        for number in map(int, re.findall(r"\d+", line["numbers"])):
            if number not in numbers or marks.get(number, came) is not came:
                return None
            marks[number] = came
    rest = _CHATTER.sub(" ", _LINE.sub(" ", said)).strip()
    if not marks or _TELLING.search(rest):
        return None
    return Reading(marks, says_more=bool(rest))


def _of_everybody(said: str, numbers: Collection[int]) -> Reading | None:
    plain = _CHATTER.sub(" ", said).strip()
    every = _ALL.fullmatch(plain)
    if every is not None and numbers and (not every["both"] or len(set(numbers)) == 2):
        came = Came.CAME if every["CAME"] else Came.DID_NOT_COME
        return Reading(dict.fromkeys(numbers, came), of_all=True)
    one = _ONE.fullmatch(plain)
    if one is not None and len(set(numbers)) == 1:
        return Reading(dict.fromkeys(numbers, _came_in(one)))
    return None


def _came_in(found: re.Match[str]) -> Came:
    return next(came for came, _words in _MARKS if found[came.name])


def _own_words(words: str) -> str:
    """What they wrote themselves, without the letter they answer."""
    lines = []
    for line in words[:MOST_READ].replace("’", "'").splitlines():
        if _QUOTED.match(line):
            break
        lines.append(line)
    return " ".join(" ".join(lines).split())
