"""Directory meaning: texts as directions, so that what means the same lies near; only numpy.

A text's vector is the sum of its words' rows in a small table that `tools/distil.py` learned from a
larger model. A word that is not in the table is put together from its letters, three by three, so
that a slip of the pen lies near what was meant. The table is mapped into memory, once a process,
and shared by all that run.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Bytes = NDArray[np.int8]
Marks = NDArray[np.uint64]

TABLE = Path(__file__).parent / "data" / "words.npy"
SIZE = 128
ROW = np.dtype([("word", "S24"), ("scale", np.float16), ("row", np.int8, (SIZE,))])
LETTERS = "#"
"""Before three letters, so that they are not taken for a word."""

LONGEST = 1_000
MOST_UNKNOWN = 12
LISTING = {"name": 1.0, "categories": 1.0, "about": 2.0, "eligibility": 0.7}
"""How much each text of a listing says of what it is about."""

STEPS = 320.0
"""Stored vectors are whole numbers: this many make 1. No number in them comes near 0.4."""

AT_A_TIME = 2_048
SCREENED = 40_000
"""From so many listings on, the signs of their numbers say which are worth a closer look."""

CLOSER = 32
"""How many are looked at closely for one that is wanted."""

_WORD = re.compile(r"[^\W_]+")
_APOSTROPHES = str.maketrans("", "", "'’‘`´")


def tokens(text: str) -> list[str]:
    """The words of a text in small letters, without accents and apostrophes."""
    plain = text[:LONGEST].lower().translate(_APOSTROPHES)
    if not plain.isascii():
        taken_apart = unicodedata.normalize("NFKD", plain)
        plain = "".join(each for each in taken_apart if not unicodedata.combining(each))
    return _WORD.findall(plain)


def letters(word: str) -> list[str]:
    """A word three letters at a time, as the table names them."""
    whole = f"<{word[:30]}>"
    return [LETTERS + whole[at : at + 3] for at in range(len(whole) - 2)]


def knows(word: str) -> bool:
    """Whether a word is in the table, as somebody writes it who makes no slip."""
    return all(_table().find(tokens(word)) >= 0)


def vector(text: str) -> Floats | None:
    """What a text is about, at unit length; None if none of it is known."""
    return _unit(_sum(tokens(text)))


def of_listing(texts: Mapping[str, str]) -> Floats | None:
    """What a listing is about, from its texts by field."""
    parts = [
        weight * part
        for field, weight in LISTING.items()
        if (part := vector(texts.get(field, ""))) is not None
    ]
    return _unit(np.sum(parts, axis=0)) if parts else None


def stored(vector: Floats | None) -> bytes:
    """A vector as it is kept; of None, one that is like nothing."""
    if vector is None:
        return bytes(SIZE)
    whole: Bytes = np.clip(np.rint(vector * STEPS), -127, 127).astype(np.int8)
    return whole.tobytes()


def likeness(stored: Bytes, asked: Floats) -> Floats:
    """How like each stored vector is to what is asked, 1 being the same."""
    found = np.empty(len(stored), dtype=np.float32)
    scaled = asked / np.float32(STEPS)
    for start in range(0, len(stored), AT_A_TIME):
        part = stored[start : start + AT_A_TIME]
        np.dot(part.astype(np.float32), scaled, out=found[start : start + len(part)])
    return found


def marks(stored: Bytes) -> Marks:
    """The signs of stored vectors, a bit for each number; a column for each vector."""
    return np.ascontiguousarray(np.packbits(stored > 0, axis=1).view(np.uint64).T)


def nearest(
    stored: Bytes, asked: Floats, most: int, marked: Marks | None = None
) -> tuple[NDArray[np.intp], Floats]:
    """The rows most like what is asked, in rising order, and how like each is.

    With the `marks` of many rows only the most promising are looked at closely, which may miss a
    few of those that are only just near enough.
    """
    if marked is None or len(stored) < max(SCREENED, CLOSER * most):
        alike = likeness(stored, asked)
        best = _best(alike, most)
        return best, alike[best]
    rows = _promising(marked, asked, CLOSER * most)
    alike = likeness(stored[rows], asked)
    best = _best(alike, most)
    return rows[best], alike[best]


def _best(alike: Floats, most: int) -> NDArray[np.intp]:
    if len(alike) <= most:
        return np.arange(len(alike))
    return np.sort(np.argpartition(alike, -most)[-most:])


def _promising(marked: Marks, asked: Floats, wanted: int) -> NDArray[np.intp]:
    """The rows with the fewest signs unlike those of what is asked: so many, or some more."""
    signs = np.packbits(asked > 0).view(np.uint64)
    unlike = np.zeros(marked.shape[1], dtype=np.uint8)
    for column, sign in zip(marked, signs, strict=True):
        unlike += np.bitwise_count(column ^ sign)
    counted = np.bincount(unlike, minlength=SIZE + 1).cumsum()
    return np.flatnonzero(unlike <= np.searchsorted(counted, wanted))


@dataclass(frozen=True, slots=True)
class _Table:
    words: NDArray[np.bytes_]
    scales: Floats
    rows: Bytes

    def find(self, words: Sequence[str]) -> NDArray[np.intp]:
        """Where those of the words are that are known; -1 for the others."""
        wanted = np.array([word.encode() for word in words], dtype=self.words.dtype)
        at = np.searchsorted(self.words, wanted)
        at[at == len(self.words)] = 0
        return np.where(self.words[at] == wanted, at, -1)

    def sum(self, at: NDArray[np.intp], weights: Floats) -> Floats:
        """The rows at these places, each so many times, added up; -1 is nowhere."""
        known = at >= 0
        at = at[known]
        total: Floats = (self.scales[at] * weights[known]) @ self.rows[at].astype(np.float32)
        return total


@cache
def _table() -> _Table:
    # A plain array over the same mapped memory: numpy's own kind is slower to take from.
    mapped = np.asarray(np.load(TABLE, mmap_mode="r"))
    return _Table(
        np.ascontiguousarray(mapped["word"]), mapped["scale"].astype(np.float32), mapped["row"]
    )


def _sum(words: Sequence[str]) -> Floats:
    if not words:
        return np.zeros(SIZE, dtype=np.float32)
    table = _table()
    at = table.find(words)
    total = table.sum(at, np.ones(len(at), dtype=np.float32))
    unknown = [word for word, place in zip(words, at, strict=True) if place < 0]
    spelt = [letters(word) for word in unknown[:MOST_UNKNOWN]]
    if not spelt:
        return total
    weights = np.repeat([1 / len(each) for each in spelt], [len(each) for each in spelt])
    return total + table.sum(
        table.find(list(chain.from_iterable(spelt))), weights.astype(np.float32)
    )


def _unit(total: Floats) -> Floats | None:
    length = float(np.linalg.norm(total))
    return None if length < 1e-6 else (total / length).astype(np.float32)
