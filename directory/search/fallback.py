"""Directory search: the answer when there is no index: the database looks for the words itself.

It is slower, and knows shortened words for stems; filters, counts and order are the same.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Select, case, or_, select
from sqlalchemy.orm import Session

from accounts import Organisation
from directory.models import Service
from directory.rules import SHOWN
from directory.search import documents
from directory.search.asking import Answer, Query
from directory.search.columns import Columns, Floats, Found, answer
from directory.search.words import Word, asked_words

SHORTEST_SHORTENED = 3

_SEARCHED = (
    (Service.name, 3.0),
    (Organisation.name, 1.5),
    (Service.summary, 1.0),
    (Service.description, 1.0),
)


def from_sql(session: Session, query: Query) -> Answer:
    """The page asked for, from the database alone."""
    words = asked_words(query.text)
    weights: dict[Any, Sequence[float]] = {}
    if words:
        weights = {each: scores for each, *scores in session.execute(_looking_for(words))}
    ids = list(weights) if words else documents.shown_ids(session)
    facts = [document.facts for document in documents.read(session, ids)]
    each = np.array([weights[one.id] for one in facts] if words else [], dtype=np.float64)
    readings = _readings(each.reshape(len(facts), len(words)).T)
    everybody = np.ones(len(facts), dtype=np.bool_)
    return replace(answer(Columns.of(facts), everybody, readings, query), from_sql=True)


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


def _readings(each: Floats) -> Iterator[Found]:
    """All of the words, then some of them; none if there are no words."""
    if not len(each):
        return
    total = each.sum(axis=0)
    yield Found(np.where((each > 0).all(axis=0), total, 0.0))
    yield Found(total, loosened=True)
