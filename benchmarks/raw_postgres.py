"""The listings of a benchmark in a plain PostgreSQL table, with every index that helps, and asked.

It is what one would write instead of an index of one's own: a weighted `tsvector` with GIN, ranked
by `ts_rank`; GiST on points; GROUP BY for the counts; trigrams for slips.
"""

from collections.abc import Sequence
from math import cos, radians
from typing import Any

from sqlalchemy import Engine, text

from core.db import may_write
from directory.outlines import Box
from directory.places import Place
from directory.search.documents import Document
from directory.search.texts import FIELDS
from directory.search.words import asked_words, stems

TOP = 20
MILES_A_DEGREE = 69.1
ACROSS = MILES_A_DEGREE * cos(radians(52.5))
WEIGHTS = {"name": "A", "categories": "B", "organisation": "C"}

TABLES = """
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE TABLE raw_listing (
    id uuid PRIMARY KEY, words tsvector, at point, kinds text[], days text[], ages text[], cost text
);
CREATE TABLE raw_word (word text PRIMARY KEY, listings int);
"""
INDEXES = """
CREATE INDEX ON raw_listing USING gin (words);
CREATE INDEX ON raw_listing USING gist (at);
CREATE INDEX ON raw_listing (cost);
INSERT INTO raw_word SELECT word, ndoc FROM ts_stat('SELECT words FROM raw_listing');
CREATE INDEX ON raw_word USING gin (word gin_trgm_ops);
"""
ROW = f"""
INSERT INTO raw_listing VALUES (
    :id,
    {
    " || ".join(
        f"setweight(to_tsvector('simple', :{name}), '{WEIGHTS.get(name, 'D')}')" for name in FIELDS
    )
},
    point(:x, :y), :kinds, :days, :ages, :cost
)
"""


def fill(engine: Engine, documents: Sequence[Document]) -> None:
    """Put the listings in, index and analyse them."""
    _run(engine, *_parted(TABLES))
    for start in range(0, len(documents), 1_000):
        with may_write(), engine.begin() as connection:
            rows = [_row(each) for each in documents[start : start + 1_000]]
            connection.execute(text(ROW), rows)
    _run(engine, *_parted(INDEXES), "VACUUM ANALYZE")


def all_of(asked: str) -> str:
    """All words of a text, as tsquery."""
    return f"'{' & '.join(word.stem for word in asked_words(asked))}'::tsquery"


def any_of(asked: str) -> str:
    """Any word of a text."""
    return f"'{' | '.join(word.stem for word in asked_words(asked))}'::tsquery"


def begun(beginning: str) -> str:
    """Any word that begins so."""
    return f"'{beginning}:*'::tsquery"


def how_many(query: str) -> str:
    """How many have this."""
    return f"SELECT count(*) FROM raw_listing WHERE words @@ {query}"


def page(query: str, limits: str = "true") -> str:
    """The best that have this, within limits, and how many there are."""
    wanted = f"SELECT id, ts_rank(words, {query}) AS rank, count(*) OVER () FROM raw_listing"
    return f"{wanted} WHERE words @@ {query} AND {limits} ORDER BY rank DESC LIMIT {TOP}"


def nearest(here: Place, miles: float) -> str:
    """The nearest within so many miles, and how many there are."""
    wanted = f"SELECT id, count(*) OVER () FROM raw_listing WHERE {within(here, miles)}"
    return f"{wanted} ORDER BY at <-> {_point(here.longitude, here.latitude)} LIMIT {TOP}"


def within(here: Place, miles: float) -> str:
    """The limit of being within so many miles."""
    return f"at <@ circle({_point(here.longitude, here.latitude)}, {miles})"


def inside(piece: Box) -> str:
    """Some of those in a box, and how many there are."""
    corners = f"{_point(piece.west, piece.south)}, {_point(piece.east, piece.north)}"
    return f"SELECT id, count(*) OVER () FROM raw_listing WHERE at <@ box({corners}) LIMIT {TOP}"


def counts(query: str) -> list[str]:
    """How many of those that have this there are behind each choice of four facets."""
    hits = f"FROM raw_listing WHERE words @@ {query} GROUP BY 1"
    lists = [f"SELECT unnest({each}), count(*) {hits}" for each in ("kinds", "days", "ages")]
    return [*lists, f"SELECT cost, count(*) {hits}"]


def nearest_words(typed: str) -> str:
    """Words this may be a slip for."""
    near = f"word %% '{typed}' ORDER BY word <-> '{typed}', listings DESC LIMIT 3"
    return f"SELECT word, listings FROM raw_word WHERE {near}"


def _row(document: Document) -> dict[str, Any]:
    facts = document.facts
    latitude, longitude = facts.points[0] if facts.points else (0.0, 0.0)
    return {
        **{name: " ".join(stems(document.texts[name])) for name in FIELDS},
        "id": facts.id,
        "x": longitude * ACROSS,
        "y": latitude * MILES_A_DEGREE,
        "kinds": list(facts.kinds),
        "ages": list(facts.ages),
        "cost": facts.cost,
        "days": sorted({slot.partition("-")[0] for slot in facts.slots}),
    }


def _point(longitude: float, latitude: float) -> str:
    return f"point({longitude * ACROSS}, {latitude * MILES_A_DEGREE})"


def _parted(statements: str) -> list[str]:
    return [each for each in statements.split(";") if each.strip()]


def _run(engine: Engine, *statements: str) -> None:
    with may_write(), engine.connect() as connection:
        plainly = connection.execution_options(isolation_level="AUTOCOMMIT")
        plainly.execute(text("SET statement_timeout = 0"))
        for statement in statements:
            plainly.execute(text(statement))
