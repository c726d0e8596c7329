"""Directory search: the ways to take a text: its words, the need behind it, and its sense, as one.

    score = (WORDS × words + NEED × need + SENSE × sense) × left over × there

words   BM25F of any of the words, times the part of their worth that a listing has, as a share of
        the best match's; chatter ("where", "help") counts CHATTER_COUNTS of other words; and
        CALLED_SO for who is called just that
need    1 - (1 - a)(1 - b)… over the needs that were understood: how surely the text speaks of
        each, times how surely the listing does; the best of needs near those counts NEAR of it
sense   how alike text and listing are as a whole

and what a listing loses for want of

left over   in a text of few words: those that no need explains ("gujarati elders"), by rarity
there       a place that the text names: being held near it, or naming it itself; only if nothing
            else says where to look

Found are the listings that have all the words that matter; who clearly speaks of a need, and a few
of those most alike, as far as they come near the best where some have all the words; if these do
not fill A_PAGE, the best of the others do. Where none of them will do, the text is taken loosely:
who has any of its words, any need, or is somewhat alike.
"""

import re
from collections.abc import Iterator
from typing import Protocol

import numpy as np

from directory.meaning import Understood, thesaurus
from directory.meaning.folding import words
from directory.meaning.whereabouts import Whereabouts, whereabouts_in
from directory.search.asking import Query
from directory.search.columns import Columns, Mask
from directory.search.correcting import corrected
from directory.search.relevance import Needs, Sense, Wording, highest, matters, there
from directory.search.texts import Found, Rows, Scores, Texts
from directory.search.words import fold

WORDS, NEED, SENSE = 0.5, 1.0, 1.1

ALIKE, LOOSELY_ALIKE = 30, 300
"""How many of those most alike are found for that alone."""

MOST_WEIGHED = 1_000
"""Of so many, the best by words and need, the sense is weighed, and of those most alike."""

A_PAGE = 10

NEAR_BEST, FIT = 0.5, 0.4
"""The share of the best score it takes to stand beside who has all the words, or to fill a page."""

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
    return _by_meaning(listings, query.text, _place_in(listings, query))


def _by_words(texts: Texts, text: str) -> Iterator[Found]:
    """All of the words; all, the last of them only begun; some of them."""
    if not texts.has_words(text):
        return
    for loosened, read in ((False, texts.all_of), (True, texts.begun), (True, texts.any_of)):
        found = read(text)
        yield Found(found.rows, found.scores, {"words": found.scores}, loosened=loosened)


def _place_in(listings: Listings, query: Query) -> Whereabouts | None:
    """The place a text names beside what it asks for, unless the whole of it is a name."""
    said = whereabouts_in(query.text) if query.near is None else None
    if said is None or not said.rest or len(listings.columns.called(fold(query.text.strip()))):
        return None
    return said


def _by_meaning(listings: Listings, typed: str, said: Whereabouts | None) -> Iterator[Found]:
    if not typed.strip():
        return
    known = thesaurus()
    asked = said.rest if said else typed
    text = corrected(asked, listings.texts, known)
    understood = known.understand(text, slips=False)
    if understood.concepts or listings.texts.has_words(text):
        reader = _Reader(listings, text, understood, said)
        place = f" {said.place.name}" if said else ""
        changed = text + place if text != asked else ""
        yield reader.found(reader.strictly(), changed)
        yield reader.found(reader.loosely(), changed)


class _Reader:
    """One text, worked out over the listings as far as is needed."""

    def __init__(
        self, listings: Listings, text: str, understood: Understood, said: Whereabouts | None
    ) -> None:
        self._alive = listings.alive
        self._understood = understood
        self._words = Wording(listings.texts, text, len(listings.alive))
        called = listings.columns.called(fold(text.strip()))
        self._words.scores[called] += CALLED_SO
        self._words.has_all[called] = True
        self._needs = Needs(listings.columns, understood, thesaurus().concepts)
        self._sense = Sense(listings.columns, text, LOOSELY_ALIKE)
        wanting = [self._words.having(understood.rest)]
        if said is not None:
            wanting.append(there(listings.columns, listings.texts, said))
        self._wanting = [each for each in wanting if each is not None]

    def strictly(self) -> Mask:
        """Who has all the words, or clearly speaks of a need, or is most alike; a page at least."""
        found = self._words.has_all | self._needs.clear
        found[self._sense.nearest(ALIKE)] = True
        found &= self._alive
        found[self._too_weak(found)] = False
        if np.count_nonzero(found) < A_PAGE:
            found[self._best_others(found)] = True
        return found

    def loosely(self) -> Mask:
        """Who has anything of it."""
        found: Mask = (self._words.scores > 0) | (self._needs.scores > 0)
        found[self._sense.nearest(LOOSELY_ALIKE)] = True
        found &= self._alive
        return found

    def found(self, mask: Mask, changed: str) -> Found:
        """These listings with their scores."""
        rows = _rows(mask)
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

    def _too_weak(self, found: Mask) -> Rows:
        """Where some have all the words: who has not, and does not come near the best either."""
        if not (found & self._words.has_all).any():
            return np.zeros(0, dtype=np.int32)
        rows = _rows(found)
        scores = _sum(self._parts(rows))
        weak = scores < NEAR_BEST * scores.max()
        left: Rows = rows[weak & ~self._words.has_all.take(rows)]
        return left

    def _best_others(self, found: Mask) -> Rows:
        """Those that best fill up a page on which these are."""
        rows, others = _rows(found), _rows(self.loosely() & ~found)
        scores = _sum(self._parts(others))
        fit = scores >= FIT * _sum(self._parts(rows)).max(initial=0.0)
        others, scores = others[fit], scores[fit]
        chosen: Rows = others[highest(scores, A_PAGE - len(rows))]
        return chosen

    def _parts(self, rows: Rows) -> dict[str, Scores]:
        said = WORDS * self._words.scores.take(rows)
        need = NEED * self._needs.scores.take(rows)
        weighed = self._sense.is_near(rows)
        weighed[highest(said + need, MOST_WEIGHED)] = True
        sense = np.zeros(len(rows))
        sense[weighed] = SENSE * self._sense.of(rows[weighed])
        left = np.ones(len(rows))
        for each in self._wanting:
            left *= each.take(rows)
        return {"words": said * left, "need": need * left, "sense": sense * left}


def _sum(parts: dict[str, Scores]) -> Scores:
    total: Scores = np.sum(list(parts.values()), axis=0)
    return total


def _rows(mask: Mask) -> Rows:
    return np.flatnonzero(mask).astype(np.int32)
