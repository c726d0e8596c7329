"""How well each way of searching understands people, and what it takes.

    python -m benchmarks.understanding [--kept-back] [--write]

The queries are those of the judgement sets (tests/directory/judgements/README.md); the half that
is kept back is asked only with --kept-back. All ways answer the same query in turn, in one process,
over the same listings: stock Whoosh and SQLite FTS5 as most people would set them up (any of the
words, stemmed, BM25), and ours: the exact words, and the words as they are read without exactness,
alone, with the needs, with the sense, with both. A part is left out by having it understand
nothing; mistyped words are put right all the same.

One line of JSON a figure; `ratio` is to stock Whoosh. --write puts the table into docs/search.md.
Milliseconds are this machine's, now; at this size they tell only what is added to what.
"""

import json
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import flask_migrate
from pysqlite3 import dbapi2
from whoosh.analysis import StemmingAnalyzer
from whoosh.fields import ID, TEXT, Schema
from whoosh.filedb.filestore import RamStorage
from whoosh.qparser import MultifieldParser, OrGroup

from app import create_app
from core import clock
from core.actors import system
from core.db import db
from core.settings import Settings
from demo import seed
from directory import search
from directory.evaluating import PAGE, Ask, Judgement, Scores, evaluate, read
from directory.feeds.importing import import_file
from directory.judging import OURS, asked, here
from directory.meaning import Thesaurus, Understood, vectors
from directory.search import documents
from directory.search.documents import Document
from directory.search.segments import FIELDS

JUDGED = Path(__file__).parent.parent / "tests" / "directory" / "judgements"
DOCS = Path(__file__).parent.parent / "docs" / "search.md"
BEGIN, END = "<!-- scores: written by benchmarks/understanding.py -->\n", "<!-- end of scores -->\n"
STOCK, EXACT = "stock Whoosh", "our exact words"
ROUNDS = 3


@dataclass(frozen=True)
class Listings:
    """Some listings, how to load them, and the two halves of the queries about them."""

    name: str
    load: Callable[[], object]
    halves: Mapping[str, Path]


@dataclass(frozen=True)
class Asked:
    """How each way of searching did with one half of the queries, and its milliseconds a query."""

    listings: str
    half: str
    scores: Mapping[str, Scores]
    took: Mapping[str, float]


def load_open() -> None:
    """Bring in the openly licensed listings."""
    file = JUDGED / "open_listings.json"
    import_file(file.name, file, by=system("benchmark"), source="Trafford Data Lab")
    search.rebuild()


LISTINGS = [
    Listings("demo", seed.load, {"development": OURS, "kept back": JUDGED / "kept_back.json"}),
    Listings(
        "open",
        load_open,
        {
            "development": JUDGED / "open_development.json",
            "kept back": JUDGED / "open_kept_back.json",
        },
    ),
]


def main(*, kept_back: bool, write: bool) -> None:
    """Ask all of it."""
    found: list[Asked] = []
    for listings in LISTINGS:
        with a_site():
            listings.load()
            ways = ways_to_search()
            for half, path in listings.halves.items():
                if half == "development" or kept_back:
                    judgements = here(read(path.read_bytes())).judgements
                    found.append(ask_all(listings.name, half, judgements, ways))
                    say(found[-1])
    if write:
        text = DOCS.read_text(encoding="utf-8")
        before, after = text.split(BEGIN)[0], text.split(END)[1]
        table = in_markdown(found, kept_back=kept_back)
        DOCS.write_text(f"{before}{BEGIN}{table}{END}{after}", encoding="utf-8")


@contextmanager
def a_site() -> Iterator[None]:
    """An empty site over a new database."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        settings = Settings(
            env="test", secret_key="b" * 40, data_dir=data, database_url=f"sqlite:///{data}/k.db"
        )
        with create_app(settings).app_context():
            flask_migrate.upgrade()
            yield
            db.session.remove()
            db.engine.dispose()


def ways_to_search() -> dict[str, Ask]:
    """Each way over the listings that are loaded; every one adds to those before it."""
    session = db.session()
    listed = list(documents.read(session, documents.shown_ids(session)))
    return {
        STOCK: stock_whoosh(listed),
        "SQLite FTS5": sqlite_fts5(listed),
        EXACT: partial(asked, exact=True),
        "words": knowing(needs=False, sense=False),
        "words, needs": knowing(sense=False),
        "words, sense": knowing(needs=False),
        "ours": asked,
    }


def knowing(*, needs: bool = True, sense: bool = True) -> Ask:
    """Ours, as it would be if it knew nothing of one part or both."""

    def ask(text: str) -> Sequence[str]:
        with ExitStack() as unknown:
            if not needs:
                unknown.enter_context(put(Thesaurus, "understand", nothing_meant))
            if not sense:
                unknown.enter_context(put(vectors, "vector", lambda _text: None))
            return asked(text)

    return ask


def nothing_meant(_known: Thesaurus, text: str, **_how: bool) -> Understood:
    return Understood(text, rest=text)


@contextmanager
def put(module: object, name: str, value: object) -> Iterator[None]:
    """Something else in its place, for a while."""
    kept = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, kept)


def stock_whoosh(listed: Sequence[Document]) -> Ask:
    """Whoosh with its own stemming, scoring and parsing: any of the words."""
    texts = {
        name: TEXT(analyzer=StemmingAnalyzer(), field_boost=boost) for name, boost in FIELDS.items()
    }
    index = RamStorage().create_index(Schema(id=ID(stored=True), **texts))
    writer = index.writer()
    for document in listed:
        writer.add_document(id=str(document.facts.id), **{n: document.texts[n] for n in FIELDS})
    writer.commit()
    searcher = index.searcher()
    parser = MultifieldParser(list(FIELDS), index.schema, group=OrGroup)

    def ask(text: str) -> list[str]:
        # A quotation mark, a bracket or a star is a command to it, which nobody here means.
        query = parser.parse(" ".join(words_in(text)).lower())
        return [hit["id"] for hit in searcher.search(query, limit=PAGE)]

    return ask


def sqlite_fts5(listed: Sequence[Document]) -> Ask:
    """SQLite's own full text search with Porter's stemmer and BM25: any of the words."""
    connection = dbapi2.connect(":memory:")
    columns = ", ".join(FIELDS)
    connection.execute(
        f"CREATE VIRTUAL TABLE listing USING fts5(id UNINDEXED, {columns}, tokenize='porter')"
    )
    rows = [[str(each.facts.id), *(each.texts[name] for name in FIELDS)] for each in listed]
    connection.executemany(f"INSERT INTO listing VALUES (?{', ?' * len(FIELDS)})", rows)
    weights = ", ".join(str(boost) for boost in (0.0, *FIELDS.values()))
    ranked = (
        "SELECT id FROM listing WHERE listing MATCH ? "
        f"ORDER BY bm25(listing, {weights}) LIMIT {PAGE}"
    )

    def ask(text: str) -> list[str]:
        either = " OR ".join(f'"{word}"' for word in words_in(text))
        return [each for (each,) in connection.execute(ranked, (either,))]

    return ask


def words_in(text: str) -> list[str]:
    return re.findall(r"\w+", text.replace("'", ""))


def ask_all(
    listings: str, half: str, judgements: Sequence[Judgement], ways: Mapping[str, Ask]
) -> Asked:
    """Every query to every way in turn; the first round warms up, and is the one that is scored."""
    answers: dict[str, dict[str, Sequence[str]]] = {way: {} for way in ways}
    took: dict[str, list[float]] = {way: [] for way in ways}
    for round_ in range(ROUNDS + 1):
        for judged in judgements:
            for way, ask in ways.items():
                began = time.perf_counter()
                found = ask(judged.query)
                if round_:
                    took[way].append((time.perf_counter() - began) * 1000)
                else:
                    answers[way][judged.query] = found
    scores = {way: evaluate(judgements, answers[way].__getitem__) for way in ways}
    return Asked(listings, half, scores, {way: statistics.median(took[way]) for way in ways})


def say(found: Asked) -> None:
    """One line a figure."""
    for way, scores in found.scores.items():
        stock = found.scores[STOCK]
        for group, of in [("all", scores.all), *scores.groups.items()]:
            other = stock.all if group == "all" else stock.groups[group]
            line(found, way, f"nDCG@{PAGE}, {group}", of.ndcg, of.ndcg / (other.ndcg or 1))
        line(found, way, f"recall@{PAGE}", scores.all.recall)
        line(found, way, "nothing found", scores.all.zero_results)
        line(found, way, "median ms", found.took[way], found.took[way] / found.took[STOCK])
        line(found, way, "ms more than our exact words", found.took[way] - found.took[EXACT])


def line(found: Asked, way: str, name: str, value: float, ratio: float | None = None) -> None:
    told = {
        "name": f"understanding: {name}",
        "listings": found.listings,
        "half": found.half,
        "by": way,
        "value": round(value, 3),
    }
    print(json.dumps(told | ({} if ratio is None else {"ratio": round(ratio, 2)})), flush=True)


def in_markdown(found: Sequence[Asked], *, kept_back: bool) -> str:
    """The same as tables."""
    options = " --kept-back" if kept_back else ""
    told = (
        f"Measured on {clock.today():%-d %B %Y} by "
        f"`python -m benchmarks.understanding{options} --write`.\n\n"
    )
    return told + "\n".join(one_table(each) for each in found)


def one_table(found: Asked) -> str:
    """One half: a row a group, a column a way of searching."""
    ways = list(found.scores)
    groups = list(found.scores[STOCK].groups.items())
    rows = [
        [f"{group} ({of.queries})", *(f"{found.scores[w].groups[group].ndcg:.3f}" for w in ways)]
        for group, of in groups
    ]
    whole = {way: found.scores[way].all for way in ways}
    rows += [
        [f"**all ({whole[STOCK].queries})**", *(f"**{whole[way].ndcg:.3f}**" for way in ways)],
        [f"recall@{PAGE}", *(f"{whole[way].recall:.3f}" for way in ways)],
        ["nothing found", *(f"{whole[way].zero_results:.1%}" for way in ways)],
        ["median ms", *(f"{found.took[way]:.2f}" for way in ways)],
    ]
    head = [f"### {found.listings.capitalize()} listings, {found.half} half\n"]
    head += [f"| nDCG@{PAGE} | {' | '.join(ways)} |", "|---" * (len(ways) + 1) + "|"]
    return "\n".join([*head, *(f"| {' | '.join(row)} |" for row in rows), ""])


if __name__ == "__main__":
    main(kept_back="--kept-back" in sys.argv, write="--write" in sys.argv)
