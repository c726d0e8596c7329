"""Directory: finding listings; nobody else knows that there is an index.

`search` never fails: while the index is missing or damaged the database answers, and the index is
built anew meanwhile.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from typing import Protocol, TypeVar

from sqlalchemy import Engine

from core import clock, work
from core.db import db
from core.saving import afterwards
from core.settings import TEST, Settings
from directory.models import SearchJob, Service
from directory.outlines import Box
from directory.places import Place, PlaceKind
from directory.search import choosing, on_postgres, relaxing, suggesting, upkeep
from directory.search.asking import Answer, Explanation, Factor, Hit, Limit, Query, Relaxation
from directory.search.backlog import Progress
from directory.search.fallback import Everybody, FromSql
from directory.search.reading import Listings
from directory.search.shelf import Unusable
from directory.search.suggesting import Suggestion

__all__ = [
    "Answer",
    "Explanation",
    "Factor",
    "Hit",
    "Limit",
    "Query",
    "Relaxation",
    "Suggestion",
    "begin",
    "catch_up",
    "generation",
    "init_app",
    "mark",
    "meaning_counts",
    "rebuild",
    "relaxations",
    "search",
    "suggest",
    "within_box",
]

Told = TypeVar("Told")
Index = upkeep.Index | on_postgres.Index

log = logging.getLogger(__name__)

_indexes: dict[Engine, Index] = {}
_everybody: dict[Engine, Everybody] = {}
_names: dict[Engine, suggesting.Names] = {}


class Application(Protocol):
    """As much of the application as is needed here."""

    def app_context(self) -> AbstractContextManager[object]:
        """Makes the application the present one."""


def init_app(app: Application, settings: Settings) -> None:
    """Say where the index of this application's database lies, and have it kept by the loop."""
    with app.app_context():
        begin(settings)
    work.queue("search", lambda: _index().take_one())
    work.chore("compare the search index", timedelta(days=1), compare)


def begin(settings: Settings) -> None:
    """Know nothing yet of the present database: not its index, nor what went wrong with it."""
    # Tests stand still while the index is built, so that none disturbs the next.
    in_background = settings.env != TEST
    _indexes[db.engine] = _index_of(db.engine, settings, in_background=in_background)
    _everybody[db.engine] = Everybody(db.engine, in_background=in_background)
    _names[db.engine] = suggesting.Names(db.engine, in_background=in_background)


def search(query: Query) -> Answer:
    """The listings that fit, the best first, with what each further choice would find."""
    query = query.bounded()
    return _told(lambda listings: choosing.answer(listings, query), query, query.near)


def within_box(box: Box, query: Query) -> Answer:
    """The listings that fit and have a place in a piece of the map, wherever else was asked."""
    query = query.bounded()
    middle = Place("", PlaceKind.POINT, (box.south + box.north) / 2, (box.west + box.east) / 2)
    return _told(lambda listings: choosing.within_box(listings, box, query), query, middle)


def relaxations(query: Query) -> list[Relaxation]:
    """Of a question that finds nothing: which limit to let go, and how many that brings back."""
    query = query.bounded()
    texts = ["", query.text, *relaxing.texts_without_a_word(query.text).values()]
    return _ask(lambda listings: relaxing.relaxations(listings, query), texts, query.near)[0]


def suggest(
    text: str, near: Place | None = None, limit: int = 8, only: suggesting.Kind | None = None
) -> list[Suggestion]:
    """What somebody may be about to type who has typed this: some of each sort, by sort."""
    return suggesting.suggest(_names[db.engine], text, near, limit, only)


def meaning_counts(codes: Iterable[str]) -> dict[str, int]:
    """How many listings are good for each of these needs, as far as they have been read."""

    def counted(listings: Listings) -> dict[str, int]:
        found = {code: listings.columns.concept_rows(code)[0] for code in codes}
        return {code: int(listings.alive[rows].sum()) for code, rows in found.items()}

    return _ask(counted, [""])[0]


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


def compare() -> int:
    """Look for listings that the index has not as they are, and leave jobs for them; how many."""
    return _index().compare()


def generation() -> str:
    """Another word whenever answers may be others; none while the database answers."""
    return _index().generation()


def _told(question: Callable[[Listings], Answer], query: Query, near: Place | None) -> Answer:
    found, database = _ask(question, [query.text], near)
    if database is None:
        return found
    return replace(found, from_sql=True, partly=database.partly)


def _ask(
    question: Callable[[Listings], Told], texts: Sequence[str], near: Place | None = None
) -> tuple[Told, FromSql | None]:
    """What the index says to a question about these texts, or else the database, and that."""
    index, everybody = _index(), _everybody[db.engine]
    try:
        told = index.ask(question)
    except Unusable as reason:
        log.warning("the search index cannot be used: %s", reason)
    else:
        everybody.forget()
        return told, None
    spot = (near.latitude, near.longitude) if near else None
    with index.session() as session:
        database = FromSql(session, texts, everybody, spot)
        told = question(database)
    everybody.renew()  # not before: both would be told later
    index.mend()
    if index.generation():
        everybody.forget()
    return told, database


def _index() -> Index:
    return _indexes[db.engine]


def _index_of(engine: Engine, settings: Settings, *, in_background: bool) -> Index:
    """In PostgreSQL where that is the database; else in a folder, for the one machine there is."""
    if engine.dialect.name == "postgresql":
        return on_postgres.Index(engine, in_background=in_background)
    return upkeep.Index(engine, settings.data_dir, in_background=in_background)
