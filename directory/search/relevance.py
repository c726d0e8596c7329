"""Directory search: what words, needs, sense and place of a text each say of each listing."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from directory.meaning import Concept, Understood, vectors
from directory.meaning.folding import CHATTER, Word, tidy, words
from directory.meaning.whereabouts import Whereabouts
from directory.search.asking import MOST_WORDS
from directory.search.columns import Columns, Mask
from directory.search.points import miles_of
from directory.search.texts import Rows, Scored, Scores, Texts

CHATTER_COUNTS = 0.2
"""What a word of chatter is worth beside one that matters."""

NEAR = 0.4
"""What it counts to speak of a need that is only near the one that is meant; several count once."""

CLEARLY = 0.4
"""So surely a listing must speak of a need to be found for that alone."""

ALIKE_AT_ALL = 0.5
"""Less alike than this, nothing is found for its sense alone."""

FEW_WORDS, LEFT_OVER = 4, 0.25
"""In so few words each is meant: so much of its score a listing owes to what no need explains."""

THERE, HALVED_IN_MILES, FAR = 0.6, 4.0, 30.0
"""How much of its score a listing owes to the place that is said, and how soon half of that."""


class Wording:
    """Which listings have the words of a text. Of a word nobody has, its beginning counts."""

    def __init__(self, texts: Texts, text: str, size: int) -> None:
        asked = _different(words(tidy(text)))
        mattering = [word for word in asked if matters(word)] or asked
        self.scores: Scores = np.zeros(size)
        had = np.zeros(size, dtype=np.uint8)
        worths = np.zeros(size)
        self.begun = False
        self._size, self._few = size, len(words(tidy(text))) <= FEW_WORDS
        self._rows: dict[str, Rows] = {}
        for word in asked:
            found = self._having(texts, word.folded)
            self._rows[word.root] = found.rows
            counts = 1.0 if word in mattering else CHATTER_COUNTS
            self.scores[found.rows] += counts * found.scores
            worths[found.rows] += counts * found.scores.max(initial=0.0)
            if word in mattering:
                had[found.rows] += 1
        self.has_all: Mask = had == len(mattering) if mattering else np.zeros(size, dtype=np.bool_)
        self.scores *= worths
        best = self.scores.max(initial=0.0)
        if best > 0:
            self.scores /= best
        if not had.any():  # Chatter alone is not much of a match.
            self.scores *= CHATTER_COUNTS

    def having(self, text: str) -> Scores | None:
        """What is left of a score for want of these words, by their rarity; None: all of it."""
        left = [rows for word in words(text) if matters(word) and len(rows := self._of(word))]
        if not left or not self._few:
            return None
        rarities = [np.log1p(self._size / len(rows)) for rows in left]
        found: Scores = np.full(self._size, 1 - LEFT_OVER)
        for rows, rarity in zip(left, rarities, strict=True):
            found[rows] += LEFT_OVER * rarity / sum(rarities)
        return found

    def _of(self, word: Word) -> Rows:
        return self._rows.get(word.root, np.zeros(0, dtype=np.int32))

    def _having(self, texts: Texts, word: str) -> Scored:
        if not texts.has_words(word):
            return Scored.none()
        found = texts.any_of(word)
        if not len(found):
            found = texts.any_of(f"{word}*")
            self.begun |= bool(len(found))
        return found


class Needs:
    """Which listings speak of the needs that were understood."""

    def __init__(
        self, columns: Columns, understood: Understood, concepts: Mapping[str, Concept]
    ) -> None:
        size = len(columns)
        self.clear: Mask = np.zeros(size, dtype=np.bool_)
        doubt = np.ones(size)
        meant = {each.code: each.weight for each in understood.concepts}
        for code, weight in meant.items():
            rows, surely = columns.concept_rows(code)
            doubt[rows] *= 1 - weight * surely
            self.clear[rows[surely >= CLEARLY]] = True
        near = np.zeros(size)
        for code, weight in _near(meant, concepts).items():
            rows, surely = columns.concept_rows(code)
            near[rows] = np.maximum(near[rows], weight * surely)
        self.scores: Scores = 1 - doubt * (1 - near)


class Sense:
    """How alike listings and a text are; nothing is, if none of its words is known."""

    def __init__(self, columns: Columns, text: str, most: int) -> None:
        self._columns = columns
        self._asked = vectors.vector(text)
        self._rows, self._alike = np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.float32)
        if self._asked is not None:
            rows, alike = columns.most_alike(self._asked, most)
            enough = alike >= ALIKE_AT_ALL
            self._rows, self._alike = rows[enough], alike[enough]

    def nearest(self, most: int) -> Rows:
        """Those most alike, as far as they are alike at all."""
        found: Rows = self._rows[highest(self._alike, most)]
        return found

    def is_near(self, rows: Rows) -> Mask:
        """Which of these are among those most alike."""
        return np.isin(rows, self._rows)

    def of(self, rows: Rows) -> Scores:
        """How alike each of these is."""
        if self._asked is None:
            return np.zeros(len(rows))
        alike = self._columns.likeness(rows, self._asked)
        return np.maximum(alike, 0.0).astype(np.float64)


def there(columns: Columns, texts: Texts, said: Whereabouts) -> Scores:
    """What is left of a score for being far from a place, unless a listing names it."""
    found: Scores = np.full(len(columns), 1 - THERE)
    rows, apart = columns.near(said.place, FAR)
    found[rows] += THERE * np.exp2(miles_of(apart) / -HALVED_IN_MILES)
    found[texts.all_of(said.place.name).rows] = 1.0
    return found


def matters(word: Word) -> bool:
    """Whether a word says something of what is looked for."""
    return word.folded not in CHATTER


def highest(scores: NDArray[np.floating], most: int) -> NDArray[np.intp]:
    """Where the highest of these scores are, in no order."""
    if len(scores) <= most:
        return np.arange(len(scores))
    return np.argpartition(scores, -most)[-most:]


def _different(said: list[Word]) -> list[Word]:
    return list({word.root: word for word in reversed(said)}.values())[::-1][:MOST_WORDS]


def _near(meant: Mapping[str, float], concepts: Mapping[str, Concept]) -> dict[str, float]:
    found: dict[str, float] = {}
    for code, weight in meant.items():
        for near in concepts[code].near:
            if near not in meant:
                found[near] = max(found.get(near, 0.0), NEAR * weight)
    return found
