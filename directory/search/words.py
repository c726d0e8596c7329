"""Directory search: text to the words that are compared: folded, without fillers, stemmed.

In a question "words in quotes" stand together, a -word is to be left out, and begun* is only the
beginning of a word. Nothing else is a command: `(`, `~` and a dash between words only end a word,
as a space does.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from whoosh.lang.snowball.english import EnglishStemmer

from directory.search.asking import LONGEST_TEXT, MOST_WORDS

LONGEST_WORD = 40
SHORTEST_BEGINNING = 2

_APOSTROPHES = str.maketrans("", "", "'’‘ʼ`´")
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))
_WORD = re.compile(r"[^\W_]+")
_COMMAND = re.compile(r"""["*-]""")
# People write "help - please" and "e-mail": only a dash that begins a word leaves it out.
_ASKED = re.compile(
    r"""(?P<without>(?<!\S)-(?=[^\W_]|"))?
    (?:"(?P<quoted>[^"]*)" | (?P<word>[^\W_]+)(?P<begun>\*(?!\S))?)""",
    re.VERBOSE,
)
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


class Asked(NamedTuple):
    """Words that are asked for as one: together, or left out, or as a beginning."""

    words: tuple[Word, ...]
    without: bool = False
    begun: bool = False


def fold(text: str) -> str:
    """Without case, accents and apostrophes, so that people can type it anyhow."""
    plain = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES)).casefold()
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def written_words(text: str) -> list[str]:
    """The words of a text as people write them, in order and with repetitions."""
    return _split(fold(text))


def stems(text: str) -> list[str]:
    """What a text of a listing is found by, in order and with repetitions."""
    return [stem(word) for word in written_words(text)]


@lru_cache(maxsize=2_000)
def asked(text: str) -> tuple[Asked, ...]:
    """What a question asks for, each once: of the words to find and to leave out a dozen each."""
    found: dict[Asked, None] = {}
    seen: dict[bool, set[str]] = {True: set(), False: set()}
    for each in _asked(fold(text[:LONGEST_TEXT].translate(_QUOTES))):
        count = seen[each.without]
        count.update(word.stem for word in each.words)
        if len(count) > MOST_WORDS:
            break
        found.setdefault(each)
    return tuple(found)


def asked_words(text: str) -> tuple[Word, ...]:
    """The different words of a question that are to be found, the first dozen."""
    words: dict[str, Word] = {}
    for each in asked(text):
        if not each.without:
            for word in each.words:
                words.setdefault(word.stem, word)
    return tuple(words.values())


def _asked(folded: str) -> Iterator[Asked]:
    if not _COMMAND.search(folded):
        yield from (Asked((word,)) for word in _words(folded))
        return
    for match in _ASKED.finditer(folded):
        words = _words(match["word"] or match["quoted"] or "")
        begun = bool(match["begun"]) and len(match["word"]) >= SHORTEST_BEGINNING
        if words:
            yield Asked(words, bool(match["without"]), begun)


def _words(folded: str) -> tuple[Word, ...]:
    return tuple(Word(word, stem(word)) for word in _split(folded))


def _split(folded: str) -> list[str]:
    found = (word[:LONGEST_WORD] for word in _WORD.findall(folded))
    return [word for word in found if word not in _FILLERS]


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """What a word, already folded, is compared by."""
    found = str(_stemmer.stem(word))
    if found.endswith("iz"):  # organize and organise are one word
        found = found[:-1] + "s"
    return _SAME_STEM.get(found, found)
