"""Directory search: the ways to take a text: its words, the need behind it, and its sense, as one.

    score = WORDS × words + NEED × need + SENSE × sense

words   BM25F of any of the words, times the part of their worth that a listing has, as a share of
        the best match's; chatter ("where", "help") counts CHATTER_COUNTS of other words; and
        CALLED_SO for who is called just that
need    1 - (1 - a)(1 - b)… over the needs that were understood: how surely the text speaks of
        each, times how surely the listing does; needs near those count NEAR of them
sense   how alike text and listing are as a whole

Found are the listings that have all the words that matter or clearly speak of a need, and a few of
those most alike; if these do not fill A_PAGE, the best of the others do. Where none of them will
do, the text is taken loosely: who has any of its words, any need, or is somewhat alike.
"""

import re
from collections.abc import Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from directory.meaning import Understood, thesaurus
from directory.meaning.folding import words
from directory.search.asking import Query
from directory.search.columns import Columns, Mask
from directory.search.correcting import corrected
from directory.search.relevance import Needs, Sense, Wording, matters
from directory.search.texts import Found, Rows, Scores, Texts
from directory.search.words import fold

WORDS, NEED, SENSE = 0.5, 1.0, 0.9

ALIKE, LOOSELY_ALIKE = 30, 300
"""How many of those most alike are found for that alone."""

A_PAGE = 10
MOST_TO_FILL_FROM = 300

FIT = 0.5
"""What fills up a page must have this share of the best score."""

CALLED_SO = 1.0

_COMMANDS = re.compile(r'["“”*]|(?:^|\s)-\w')
"""Who types one of these knows which words they look for."""


class Listings(Protocol):
    """What can be asked: listings as columns, which of them are there, and of their words."""

    columns: Columns
    alive: Mask

    @property
    def texts(self) -> Texts:
        """What can be asked of their words."""


def readings(listings: Listings, query: Query) -> Iterator[Found]:
    """The ways to take a text, the strictest first; none if there is nothing in it to look for."""
    if query.exact or _COMMANDS.search(query.text):
        return _by_words(listings.texts, query.text)
    return _by_meaning(listings, query.text)


def _by_words(texts: Texts, text: str) -> Iterator[Found]:
    """All of the words; all, the last of them only begun; some of them."""
    if not texts.has_words(text):
        return
    for loosened, read in ((False, texts.all_of), (True, texts.begun), (True, texts.any_of)):
        found = read(text)
        yield Found(found.rows, found.scores, {"words": found.scores}, loosened=loosened)


def _by_meaning(listings: Listings, typed: str) -> Iterator[Found]:
    if not typed.strip():
        return
    known = thesaurus()
    text = corrected(typed, listings.texts, known)
    understood = known.understand(text, slips=False)
    if understood.concepts or listings.texts.has_words(text):
        reader = _Reader(listings, text, understood)
        changed = text if text != typed else ""
        yield reader.found(reader.strictly(), changed)
        yield reader.found(reader.loosely(), changed)


class _Reader:
    """One text, worked out over the listings as far as is needed."""

    def __init__(self, listings: Listings, text: str, understood: Understood) -> None:
        self._alive = listings.alive
        self._understood = understood
        self._words = Wording(listings.texts, text, len(listings.alive))
        called = listings.columns.called(fold(text.strip()))
        self._words.scores[called] += CALLED_SO
        self._words.has_all[called] = True
        self._needs = Needs(listings.columns, understood, thesaurus().concepts)
        self._sense = Sense(listings.columns, text)

    def found(self, rows: Rows, changed: str) -> Found:
        """These listings with their scores."""
        rows = rows[self._alive.take(rows)]
        parts = self._parts(rows)
        return Found(
            rows,
            _sum(parts),
            parts,
            loosened=self._is_loosened(rows),
            understood=self._understood,
            corrected=changed,
        )

    def _is_loosened(self, rows: Rows) -> bool:
        """Whether something was asked that was not understood, and none of these has all of it."""
        understood = self._understood
        left = any(map(matters, words(understood.rest))) or not understood.concepts
        return left and (self._words.begun or not self._words.has_all.take(rows).any())

    def strictly(self) -> Rows:
        """Who has all the words, or clearly speaks of a need, or is most alike; a page at least."""
        rows = _rows(self._words.has_all | self._needs.clear)
        rows = _either(rows, self._sense.nearest(ALIKE))
        living = int(np.count_nonzero(self._alive.take(rows)))
        return rows if living >= A_PAGE else _either(rows, self._best_others(rows, A_PAGE - living))

    def loosely(self) -> Rows:
        """Who has anything of it."""
        return _either(
            _rows((self._words.scores > 0) | (self._needs.scores > 0)),
            self._sense.nearest(LOOSELY_ALIKE),
        )

    def _best_others(self, rows: Rows, most: int) -> Rows:
        plainly = WORDS * self._words.scores + NEED * self._needs.scores
        plainly[rows] = 0
        plainly[~self._alive] = 0
        some = _best(plainly, _rows(plainly > 0), MOST_TO_FILL_FROM)
        others = np.setdiff1d(_either(some, self._sense.nearest(LOOSELY_ALIKE)), rows)
        others = others[self._alive.take(others)]
        scores = _sum(self._parts(others))
        fit = scores >= FIT * _sum(self._parts(rows)).max(initial=0.0)
        others, scores = others[fit], scores[fit]
        chosen: Rows = others[_highest(scores, most)]
        return chosen

    def _parts(self, rows: Rows) -> dict[str, Scores]:
        return {
            "words": WORDS * self._words.scores.take(rows),
            "need": NEED * self._needs.scores.take(rows),
            "sense": SENSE * self._sense.of(rows),
        }


def _sum(parts: dict[str, Scores]) -> Scores:
    total: Scores = np.sum(list(parts.values()), axis=0)
    return total


def _rows(mask: NDArray[np.bool_]) -> Rows:
    return np.flatnonzero(mask).astype(np.int32)


def _either(some: Rows, others: Rows) -> Rows:
    return np.union1d(some, others).astype(np.int32)


def _best(scores: Scores, rows: Rows, most: int) -> Rows:
    return rows[_highest(scores.take(rows), most)]


def _highest(scores: Scores, most: int) -> NDArray[np.intp]:
    """Where the highest of these scores are, in rising order."""
    if len(scores) <= most:
        return np.arange(len(scores))
    return np.sort(np.argpartition(scores, -most)[-most:])
