"""SQLite: full text search (FTS5), an R*Tree of the places, ordinary tables for the rest."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from pysqlite3 import dbapi2
from rapidfuzz.distance import OSA

from benchmarks.speed import asked
from benchmarks.speed.asked import ON_A_MAP, PAGE, Found, Question, square
from benchmarks.speed.engine import COUNTED, NEARER, Listing, codes_of, named
from directory.places import RADIUS_MILES
from directory.search.asking import COST, DAYS, KINDS, LANGUAGES
from directory.search.documents import WEEKDAYS
from directory.search.texts import FIELDS

FILE = "fts5.db"
MEMORY_KB, MAPPED = 64_000, 2_000_000_000
FREE = 0

TABLES = f"""
    PRAGMA journal_mode = wal; PRAGMA synchronous = off; PRAGMA cache_size = -400000;
    CREATE TABLE listing (
        id INTEGER PRIMARY KEY, cost INT, days INT, lat REAL, lon REAL, {", ".join(FIELDS)}
    );
    CREATE TABLE kind (code INT, id INT, PRIMARY KEY (id, code)) WITHOUT ROWID;
    CREATE TABLE language (code INT, id INT, PRIMARY KEY (id, code)) WITHOUT ROWID;
    CREATE VIRTUAL TABLE words USING fts5(
        {", ".join(FIELDS)}, content='listing', content_rowid='id', prefix='3 4'
    );
    CREATE VIRTUAL TABLE place USING rtree(id, south, north, west, east);
    BEGIN;
"""
AFTER = f"""
    BEGIN;
    INSERT INTO place SELECT id, lat, lat, lon, lon FROM listing;
    INSERT INTO words (rowid, {", ".join(FIELDS)}) SELECT id, {", ".join(FIELDS)} FROM listing;
    INSERT INTO words (words) VALUES ('optimize');
    INSERT INTO words (words, rank)
        VALUES ('rank', 'bm25({", ".join(map(str, FIELDS.values()))})');
    CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab(main, 'words', 'row');
    CREATE TABLE known (term TEXT PRIMARY KEY, often INT) WITHOUT ROWID;
    INSERT INTO known SELECT term, doc FROM temp.vocabulary;
    CREATE VIRTUAL TABLE letters USING fts5(term, tokenize='trigram', detail='none');
    INSERT INTO letters (term) SELECT term FROM known WHERE often >= 3 AND length(term) > 3;
    COMMIT;
    ANALYZE;
"""
AWAY = f"""{2 * RADIUS_MILES} * asin(sqrt(
    pow(sin(radians(l.lat - :lat) / 2), 2)
    + cos(radians(:lat)) * cos(radians(l.lat)) * pow(sin(radians(l.lon - :lon) / 2), 2)
))"""
BEST = f"SELECT rowid FROM words WHERE words MATCH ? ORDER BY rank LIMIT {PAGE}"
HOW_MANY = "SELECT count(*) FROM words WHERE words MATCH ?"
NEAR = f"""
    SELECT id, count(*) OVER () FROM (
        SELECT l.id, {AWAY} AS away FROM place JOIN listing l ON l.id = place.id
        WHERE south >= :south AND north <= :north AND west >= :west AND east <= :east
    ) WHERE away <= :miles ORDER BY away LIMIT {PAGE}
"""
COMBINED = f"""
    SELECT id, count(*) OVER () FROM (
        SELECT l.id, -w.rank AS score, {AWAY} AS away
        FROM words w JOIN listing l ON l.id = w.rowid
        WHERE w.words MATCH :match AND l.cost = {FREE} AND l.days & :days
            AND l.lat BETWEEN :south AND :north AND l.lon BETWEEN :west AND :east
    ) WHERE away <= :miles
    ORDER BY score * ({1 - NEARER} + {NEARER} * exp(-2 * away / :miles)) DESC LIMIT {PAGE}
"""
BY_COST_AND_DAYS = """
    SELECT l.cost, l.days, count(*) FROM words w JOIN listing l ON l.id = w.rowid
    WHERE w.words MATCH ? GROUP BY 1, 2
"""
BY_CODE = """
    SELECT t.code, count(*) FROM words w CROSS JOIN {} t ON t.id = w.rowid
    WHERE w.words MATCH ? GROUP BY 1
"""
ALIKE = """
    SELECT known.term, known.often FROM letters JOIN known ON known.term = letters.term
    WHERE letters MATCH ? ORDER BY bm25(letters) LIMIT 40
"""
INSIDE = f"""
    SELECT id FROM place
    WHERE south >= :south AND north <= :north AND west >= :west AND east <= :east LIMIT {ON_A_MAP}
"""


class Fts5:
    """One connection to it."""

    name = "SQLite FTS5"

    def __init__(self, folder: Path) -> None:
        self._db = dbapi2.connect(folder / FILE)
        self._db.execute(f"PRAGMA mmap_size = {MAPPED}")
        self._db.execute(f"PRAGMA cache_size = -{MEMORY_KB}")
        self._ways: dict[str, Callable[[Question], Found]] = {
            asked.ALL_WORDS: lambda it: self._matching(_match(it, " ")),
            asked.SOME_WORDS: lambda it: self._matching(_match(it, " OR ")),
            asked.RADIUS: lambda it: self._paged(NEAR, _where(it)),
            asked.COMBINED: lambda it: self._paged(COMBINED, _where(it)),
            asked.FACETS: self._counted,
            asked.BEGUN: lambda it: self._matching(f'"{it.text}"*'),
            asked.SLIP: self._meant,
            asked.BOX: self._inside,
        }

    @staticmethod
    def build(folder: Path, listings: Iterable[Listing]) -> None:
        """Make its file."""
        db = dbapi2.connect(folder / FILE, isolation_level=None)
        db.executescript(TABLES)
        marks = ", ".join("?" * (5 + len(FIELDS)))
        for each in listings:
            days = sum(1 << day for day in each.days)
            facts = (each.number, each.cost, days, each.latitude, each.longitude)
            texts = (each.texts[name] for name in FIELDS)
            db.execute(f"INSERT INTO listing VALUES ({marks})", (*facts, *texts))
            for table, codes in (("kind", each.kinds), ("language", each.languages)):
                db.executemany(
                    f"INSERT INTO {table} VALUES (?, ?)", [(code, each.number) for code in codes]
                )
        db.executescript(AFTER)
        db.close()

    def ask(self, question: Question) -> Found:
        """The answer."""
        return self._ways[question.kind](question)

    def _matching(self, match: str) -> Found:
        best = tuple(id_ for (id_,) in self._db.execute(BEST, (match,)))
        return Found(self._db.execute(HOW_MANY, (match,)).fetchone()[0], best)

    def _paged(self, query: str, values: dict[str, Any]) -> Found:
        rows = self._db.execute(query, values).fetchall()
        return Found(rows[0][1] if rows else 0, tuple(id_ for id_, _ in rows))

    def _counted(self, question: Question) -> Found:
        match = _match(question, " ")
        best = tuple(id_ for (id_,) in self._db.execute(BEST, (match,)))
        counts: dict[str, dict[int, int]] = {
            facet: dict.fromkeys(range(len(codes)), 0) for facet, codes in codes_of().items()
        }
        total = 0
        for cost, days, count in self._db.execute(BY_COST_AND_DAYS, (match,)):
            total += count
            counts[COST][cost] += count
            for day in range(7):
                counts[DAYS][day] += count * (days >> day & 1)
        for facet, table in ((KINDS, "kind"), (LANGUAGES, "language")):
            counts[facet] |= dict(self._db.execute(BY_CODE.format(table), (match,)).fetchall())
        return Found(total, best, named({facet: counts[facet] for facet in COUNTED}))

    def _meant(self, question: Question) -> Found:
        word = question.text
        parts = " OR ".join(f'"{word[at : at + 3]}"' for at in range(len(word) - 2))
        alike = self._db.execute(ALIKE, (parts,)).fetchall()
        nearest = sorted(alike, key=lambda each: (OSA.distance(word, each[0]), -each[1]))[:3]
        return Found(len(nearest), tuple(term for term, _ in nearest))

    def _inside(self, question: Question) -> Found:
        rows = self._db.execute(INSIDE, _edges(question.box)).fetchall()
        return Found(len(rows), tuple(id_ for (id_,) in rows))


def _match(question: Question, between: str) -> str:
    return between.join(f'"{stem}"' for stem in question.stems)


def _where(question: Question) -> dict[str, Any]:
    assert question.here is not None
    return {
        "lat": question.here.latitude,
        "lon": question.here.longitude,
        "miles": question.miles,
        "match": _match(question, " "),
        "days": 1 << WEEKDAYS.index(question.day) if question.day else 0,
        **_edges(square(question.here, question.miles)),
    }


def _edges(box: Any) -> dict[str, float]:
    return {"south": box.south, "north": box.north, "west": box.west, "east": box.east}
