"""Directory: finding listings; nobody else knows that there is an index.

`search` never fails: while the index is missing or damaged the database answers, and the index is
built anew meanwhile.
"""

import logging
from contextlib import AbstractContextManager
from typing import Protocol

from sqlalchemy import Engine

from core import clock, work
from core.db import db
from core.saving import afterwards
from core.settings import TEST, Settings
from directory.models import SearchJob, Service
from directory.search.asking import Answer, Hit, Query
from directory.search.fallback import from_sql
from directory.search.shelf import Unusable
from directory.search.upkeep import Index, Progress

__all__ = ["Answer", "Hit", "Query", "catch_up", "init_app", "mark", "rebuild", "search"]

log = logging.getLogger(__name__)

_indexes: dict[Engine, Index] = {}


class Application(Protocol):
    """As much of the application as is needed here."""

    def app_context(self) -> AbstractContextManager[object]:
        """Makes the application the present one."""


def init_app(app: Application, settings: Settings) -> None:
    """Say where the index of this application's database lies, and have it kept by the loop."""
    with app.app_context():
        # Tests stand still while the index is built, so that none disturbs the next.
        in_background = settings.env != TEST
        _indexes[db.engine] = Index(db.engine, settings.data_dir, in_background=in_background)
    work.queue("search", lambda: _index().take_one())


def search(query: Query) -> Answer:
    """The listings that fit, the best first, with what each further choice would find."""
    query = query.bounded()
    index = _index()
    try:
        return index.answer(query)
    except Unusable as reason:
        log.warning("the search index cannot be used: %s", reason)
    with index.session() as session:
        answer = from_sql(session, query)
    index.mend()
    return answer


def mark(service: Service) -> None:
    """Note, in the transaction of the change itself, that this listing is to be indexed anew."""
    db.session.add(SearchJob(service_id=service.id, at=clock.now()))
    afterwards(catch_up)


def catch_up() -> None:
    """Bring the index up to date with the changes that are committed."""
    _index().catch_up()


def rebuild(progress: Progress | None = None) -> int:
    """Build the index anew, while the old one answers; returns how many listings are in it."""
    return _index().rebuild(progress)


def _index() -> Index:
    return _indexes[db.engine]
