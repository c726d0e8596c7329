"""Directory search: the answer when there is no index: the database looks for the words itself.

It is slower, knows shortened words for stems, and takes words in quotes for words like others;
what is left out, filters, counts and order are the same. Who asks for more than can be read while
they wait is answered from some of the listings, until all are read behind their back.
"""

import time
import uuid
from collections.abc import Mapping, Sequence
from heapq import nlargest
from math import cos, radians
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Engine, Select, case, func, or_, select
from sqlalchemy.orm import Session

from accounts import Organisation
from directory.models import Location, SearchJob, Service, ServiceAtLocation
from directory.rules import SHOWN
from directory.search import documents
from directory.search.behind import Behind
from directory.search.columns import Columns
from directory.search.points import Floats
from directory.search.texts import Scored
from directory.search.words import Word, asked, asked_words

SHORTEST_SHORTENED = 3

KEPT_FOR = 30.0
"""For so many seconds, unless a change waits to be indexed that did not wait then."""

FEW = 1_000
"""So many listings are read while somebody waits: in a fifth of a second."""

Spot = tuple[float, float]

_SEARCHED = (
    (Service.name, 3.0),
    (Organisation.name, 1.5),
    (Service.summary, 1.0),
    (Service.description, 1.0),
)


class Everybody:
    """The columns of all listings, kept for a moment: while the index is lost, many ask."""

    def __init__(self, engine: Engine, *, in_background: bool) -> None:
        self._engine = engine
        self._in_background = in_background
        self._behind = Behind(in_background=True)
        self._kept: tuple[Any, float, Columns] | None = None
        self._is_due = False

    def columns(self, session: Session) -> Columns | None:
        """As the database had them a moment ago; None if they are still to be read."""
        kept, now = self._kept, time.monotonic()
        self._is_due = not kept or kept[0] != _state(session) or now > kept[1] + KEPT_FOR
        if self._is_due and not self._in_background:
            self._read()
        kept = self._kept
        return kept[2] if kept and now < kept[1] + 2 * KEPT_FOR else None

    def renew(self) -> None:
        """Have them read again if that is due, without waiting for it."""
        if self._is_due:
            self._behind.later(self._read)

    def settle(self) -> None:
        """Wait until they are read."""
        self._behind.settle()

    def _read(self) -> None:
        with Session(self._engine) as session:
            state, began = _state(session), time.monotonic()
            read = Columns.of(list(documents.facts(session, documents.shown_ids(session))))
        self._kept = state, began, read
        self._is_due = False

    def forget(self) -> None:
        """The index is back, and whatever is changed now leaves no trace here."""
        self._kept = None


class FromSql:
    """The listings as the database has them now, with what these texts would find among them.

    `partly`: these are only some, as there was no time to read all: those that best have the words,
    or the nearest to a spot.
    """

    def __init__(
        self,
        session: Session,
        texts: Sequence[str],
        everybody: Everybody,
        near: Spot | None = None,
    ) -> None:
        words = list(dict.fromkeys(word for text in texts for word in _any_words(text)))
        weights: dict[uuid.UUID, Sequence[float]] = {}
        if words:
            weights = {each: scores for each, *scores in session.execute(_looking_for(words))}
        # Who asks for nothing but words need not read what has none of them.
        has_all = all(asked_words(text) for text in texts) and len(weights) <= FEW
        columns = None if has_all else everybody.columns(session)
        self.partly = columns is None and not has_all
        if columns is None:
            some = _best(weights) if weights or has_all else _nearest(session, near)
            columns = Columns.of(list(documents.facts(session, some)))
        self.columns = columns
        size = len(self.columns)
        ids = self.columns.ids(np.arange(size, dtype=np.int32))
        none = [0.0] * len(words)
        scores = np.array([weights.get(each, none) for each in ids], dtype=np.float64)
        scores = scores.reshape(size, len(words))
        self.alive = np.ones(size, dtype=np.bool_)
        self.texts = _Words({word: scores[:, at] for at, word in enumerate(words)}, size)


class _Words:
    """What can be asked of the words that the database looked for."""

    def __init__(self, scores: dict[Word, Floats], size: int) -> None:
        self._scores = {word.stem: each for word, each in scores.items()}
        self._size = size

    def has_words(self, text: str) -> bool:
        """Whether there is any word in it to look for."""
        return bool(asked_words(text))

    def all_of(self, text: str) -> Scored:
        """Those that have all of it, most where it counts most first."""
        each = self._each(text)
        return self._sparse(text, np.where((each > 0).all(axis=0), each.sum(axis=0), 0.0))

    def any_of(self, text: str) -> Scored:
        """Those that have any of it, and none of what is to be left out."""
        return self._sparse(text, self._each(text).sum(axis=0))

    def begun(self, text: str) -> Scored:
        """Those that have all of it; here every word may be only begun."""
        return self.all_of(text)

    def nearest_words(self, word: str, most: int = 3) -> Sequence[tuple[str, int]]:
        """None: the database keeps no list of words."""
        del word, most
        return ()

    def _each(self, text: str) -> Floats:
        words = asked_words(text)
        each = [self._of(word) for word in words]
        return np.array(each).reshape(len(words), self._size)

    def _of(self, word: Word) -> Floats:
        """What a word is worth in each; nothing if the database was not asked for it."""
        found = self._scores.get(word.stem)
        return np.zeros(self._size) if found is None else found

    def _sparse(self, text: str, scores: Floats) -> Scored:
        for word in _any_words(text) - {*asked_words(text)}:
            scores = np.where(self._of(word) > 0, 0.0, scores)
        rows = np.flatnonzero(scores).astype(np.int32)
        return Scored(rows, scores[rows])


def _state(session: Session) -> Any:
    return session.execute(select(func.count(), func.max(SearchJob.at))).one()


def _best(weights: Mapping[uuid.UUID, Sequence[float]]) -> list[uuid.UUID]:
    return nlargest(FEW, weights, key=lambda each: sum(weights[each]))


def _nearest(session: Session, near: Spot | None) -> list[uuid.UUID]:
    """Some of those that everybody may see: the nearest, if it is known to what."""
    some = select(Service.id).where(Service.life.in_(SHOWN)).limit(FEW)
    if near is not None:
        up = Location.latitude - near[0]
        across = (Location.longitude - near[1]) * cos(radians(near[0]))
        there = some.join(Service.places).join(ServiceAtLocation.location)
        some = there.where(up.is_not(None)).order_by(up * up + across * across)
    return list(dict.fromkeys(session.scalars(some)))


def _any_words(text: str) -> set[Word]:
    """The words that a text speaks of, to find or to leave out."""
    return {word for each in asked(text) for word in each.words}


def _looking_for(words: Sequence[Word]) -> Select[Any]:
    scores = [
        sum(case((_has(column, word), weight), else_=0.0) for column, weight in _SEARCHED)
        for word in words
    ]
    anything = [_has(column, word) for column, _ in _SEARCHED for word in words]
    wanted = select(Service.id, *scores).join(Service.organisation)
    return wanted.where(Service.life.in_(SHOWN), or_(*anything))


def _has(column: Any, word: Word) -> ColumnElement[bool]:
    # "happily" and "happy" share no stem a database could look for, but they share "happ".
    looked_for = word.typed
    while not word.stem.startswith(looked_for) and len(looked_for) > SHORTEST_SHORTENED:
        looked_for = looked_for[:-1]
    found: ColumnElement[bool] = column.icontains(looked_for, autoescape=True)
    return found
