"""Directory search: text to the words that are compared: folded, without fillers, stemmed.

Nothing in a text is a command: `*`, `(` and `"` only end a word, as a space does.
"""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from whoosh.lang.snowball.english import EnglishStemmer

from directory.search.asking import LONGEST_TEXT, MOST_WORDS

LONGEST_WORD = 40

_APOSTROPHES = str.maketrans("", "", "'’‘ʼ`´")
_WORD = re.compile(r"[^\W_]+")
_FILLERS = frozenset(
    _WORD.findall(
        """a am an and are as at be been by do does for from had has have he i if im in into is it
        its ive me my of on or our she so some that the their them then there these they this to
        us was we were which will with would you your"""
    )
)
# The stemmer parts these from their own family, and "lonely" is what people come to us with.
_SAME_STEM = {"loneli": "lone", "happili": "happi"}
_stemmer = EnglishStemmer()


class Word(NamedTuple):
    """A word as typed (folded), and what it is compared by."""

    typed: str
    stem: str


def fold(text: str) -> str:
    """Without case, accents and apostrophes, so that people can type it anyhow."""
    plain = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES)).casefold()
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def stems(text: str) -> list[str]:
    """What a text of a listing is found by, in order and with repetitions."""
    return [_stem(word) for word in _split(text)]


def asked_words(text: str) -> tuple[Word, ...]:
    """The different words of a question, the first dozen."""
    words = {_stem(word): word for word in reversed(_split(text[:LONGEST_TEXT]))}
    return tuple(Word(typed, stem) for stem, typed in reversed(words.items()))[:MOST_WORDS]


def _split(text: str) -> list[str]:
    found = (word[:LONGEST_WORD] for word in _WORD.findall(fold(text)))
    return [word for word in found if word not in _FILLERS]


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    stem = str(_stemmer.stem(word))
    if stem.endswith("iz"):  # organize and organise are one word
        stem = stem[:-1] + "s"
    return _SAME_STEM.get(stem, stem)
