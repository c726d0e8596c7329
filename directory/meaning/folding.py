"""Directory meaning: a text as words that can be compared, however people write them.

Case, accents, apostrophes, hyphens, doubled letters and the endings of words make no difference.
"""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from whoosh.lang.snowball.english import EnglishStemmer

LONGEST_WORD = 40

_APOSTROPHES = "'’‘ʼ`´"
_WORD = re.compile(rf"[^\W_]+(?:[{_APOSTROPHES}][^\W_]+)*")
_NO_APOSTROPHES = str.maketrans("", "", _APOSTROPHES)
_RUN = re.compile(r"(.)\1\1+")
_DOUBLED = re.compile(r"([^aeiou\d\W])\1")

PADDING = frozenset(
    _WORD.findall(
        """a again all also always am an and any are as be been being bit both but cos ever every
        had has have having he her him his i id im is it its ive just kind like lot lots may me more
        much my myself now of or our please quite really recently she so some sometimes still such
        that the their them they this those these too very was we were yeah you your"""
    )
)
"""Words that only pad a phrase: "so very lonely"."""

FILLERS = PADDING | frozenset(
    _WORD.findall(
        """about at because by could did do does doing done even feel feeling feels felt for from
        get gets getting go going got if in into keep keeps might need needs on since should than
        then there to us used want wants well what when which who will with would"""
    )
)
"""Words that say little beside those that matter, yet may make a phrase: "in need", "keep fit"."""

CHATTER = FILLERS | frozenset(
    _WORD.findall(
        """advice aint anybody anymore anyone anything anywhere cannae cannot cant class classes
        cope course courses day days dinnae dont down everyone find finding gonna gotta group
        groups grp help helping how join know lesson lessons local look looking lost near no
        nobody not nothing nowt off out owt people person place places please service services
        session sessions somebody someone something somewhere speak speaker speakers speaking
        speaks struggle struggling summat support tell thing things think thinks time today
        told try trying until up wanna where why without wont worried"""
    )
)
"""Words worried people put around what they look for."""

# The stemmer takes these for forms of another word, which means something else to us.
_APART = frozenset(
    _WORD.findall(
        """business busy counciling councilling dying evening evenings fitness fitted fitting
        fittings housing mobile mobiles news organ organs parking police poorly probation
        training universe"""
    )
)
# And these it parts from their own family.
_SAME = {
    "anxieti": "anxious",
    "autist": "autism",
    "cannot": "cant",
    "couldnt": "cant",
    "griev": "grief",
    "happili": "happi",
    "loneli": "lone",
    "lonesom": "lone",
    "pregnanc": "pregnant",
    "voluntari": "volunt",
}
_CAN = frozenset({"can", "could"})
_stemmer = EnglishStemmer()


class Word(NamedTuple):
    """A word of a text: folded, what it is compared by, and where it stands in the text."""

    folded: str
    root: str
    start: int
    end: int


def tidy(text: str) -> str:
    """The same text with every letter in one piece, so that places in it can be counted."""
    return unicodedata.normalize("NFC", text)


def fold(word: str) -> str:
    """A word without case, accents and apostrophes."""
    plain = unicodedata.normalize("NFKD", word.translate(_NO_APOSTROPHES)).casefold()
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def words(text: str) -> list[Word]:
    """The words of a tidied text, in order."""
    found: list[Word] = []
    for match in _WORD.finditer(text):
        folded, start = _folded(match.group()[:LONGEST_WORD]), match.start()
        if folded == "not" and found and found[-1].folded in _CAN:
            folded, start = "cannot", found.pop().start
        found.append(Word(folded, root(folded), start, match.end()))
    return found


@lru_cache(maxsize=50_000)
def root(folded: str) -> str:
    """What is left of a folded word without its ending and its doubled letters."""
    plain = _RUN.sub(_shortened, folded)
    if plain in _APART:
        return plain
    stem = str(_stemmer.stem(plain))
    if stem.endswith("iz"):  # organize and organise are one word
        stem = stem[:-1] + "s"
    return _DOUBLED.sub(r"\1", _SAME.get(stem, stem))


@lru_cache(maxsize=50_000)
def _folded(word: str) -> str:
    return fold(word)


def _shortened(run: re.Match[str]) -> str:
    letter = run[1]
    if letter.isdigit():
        return run[0]
    return letter * 2 if letter in "eo" else letter
