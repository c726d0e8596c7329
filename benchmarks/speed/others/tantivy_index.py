"""tantivy: a search library in Rust, with aggregations; distances are worked out on its columns."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import tantivy
from numpy.typing import NDArray
from tantivy import FieldType, Occur, Query

from benchmarks.speed import asked
from benchmarks.speed.asked import ON_A_MAP, PAGE, Found, Question, square
from benchmarks.speed.engine import COUNTED, NEARER, Listing, codes_of, named
from directory.places import miles_from
from directory.search.asking import COST, DAYS, KINDS, LANGUAGES
from directory.search.documents import COSTS, WEEKDAYS
from directory.search.texts import FIELDS

MEMORY = 512_000_000
EVERYTHING = 1_000_000
Hits = list[tuple[float, Any]]


class Tantivy:
    """A searcher over it."""

    name = "tantivy"

    def __init__(self, folder: Path) -> None:
        self._index = tantivy.Index.open(str(folder))
        self._index.reload()
        self._searcher = self._index.searcher()
        self._schema = self._index.schema
        self._ways: dict[str, Callable[[Question], Found]] = {
            asked.ALL_WORDS: lambda it: self._matching(self._parsed(it, every=True)),
            asked.SOME_WORDS: lambda it: self._matching(self._parsed(it, every=False)),
            asked.RADIUS: self._near,
            asked.COMBINED: self._combined,
            asked.FACETS: self._counted,
            asked.BEGUN: self._begun,
            asked.SLIP: self._meant,
            asked.BOX: self._inside,
        }

    @staticmethod
    def build(folder: Path, listings: Iterable[Listing]) -> None:
        """Make its files."""
        builder = tantivy.SchemaBuilder()
        for name in FIELDS:
            builder.add_text_field(name, stored=False, tokenizer_name="default")
        for name in ("number", *COUNTED):
            builder.add_unsigned_field(name, stored=False, indexed=True, fast=True)
        for name in ("latitude", "longitude"):
            builder.add_float_field(name, stored=False, indexed=True, fast=True)
        index = tantivy.Index(builder.build(), path=str(folder))
        writer = index.writer(heap_size=MEMORY, num_threads=1)
        for each in listings:
            document = tantivy.Document(**each.texts)
            document.add_unsigned("number", each.number)
            numbers = {KINDS: each.kinds, COST: (each.cost,), DAYS: each.days}
            for facet, of in (numbers | {LANGUAGES: each.languages}).items():
                for number in of:
                    document.add_unsigned(facet, number)
            document.add_float("latitude", each.latitude)
            document.add_float("longitude", each.longitude)
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()

    def ask(self, question: Question) -> Found:
        """The answer."""
        return self._ways[question.kind](question)

    def _matching(self, query: Query) -> Found:
        found = self._searcher.search(query, PAGE, count=True)
        return Found(found.count, tuple(self._column("number", found.hits)))

    def _near(self, question: Question) -> Found:
        found = self._all(Query.boolean_query(self._in_square(question)))
        if not found:
            return Found(0)
        away = self._away(question, found)
        near = np.flatnonzero(away <= question.miles)
        first = near[np.argsort(away[near], kind="stable")[:PAGE]]
        return Found(len(near), tuple(self._column("number", [found[at] for at in first])))

    def _combined(self, question: Question) -> Found:
        cost = Query.term_query(self._schema, COST, COSTS.index("free"))
        day = Query.term_query(self._schema, DAYS, WEEKDAYS.index(question.day))
        parts = [(Occur.Must, self._parsed(question, every=True)), *self._in_square(question)]
        parts += [(Occur.Must, Query.const_score_query(each, 0.0)) for each in (cost, day)]
        found = self._all(Query.boolean_query(parts))
        if not found:
            return Found(0)
        away = self._away(question, found)
        near = np.flatnonzero(away <= question.miles)
        scores = np.array([score for score, _ in found])[near]
        scores *= 1 - NEARER + NEARER * np.exp(-2 * away[near] / question.miles)
        first = near[np.argsort(-scores, kind="stable")[:PAGE]]
        return Found(len(near), tuple(self._column("number", [found[at] for at in first])))

    def _counted(self, question: Question) -> Found:
        query = self._parsed(question, every=True)
        best = self._matching(query)
        wanted = {facet: {"terms": {"field": facet, "size": 200}} for facet in COUNTED}
        told = self._searcher.aggregate(query, wanted)
        counts = {
            facet: dict.fromkeys(range(len(codes)), 0)
            | {int(each["key"]): each["doc_count"] for each in told[facet]["buckets"]}
            for facet, codes in codes_of().items()
        }
        return Found(best.total, best.first, named(counts))

    def _begun(self, question: Question) -> Found:
        either = [
            (Occur.Should, Query.regex_query(self._schema, name, f"{question.text}.*"))
            for name in FIELDS
        ]
        return self._matching(Query.boolean_query(either))

    def _meant(self, question: Question) -> Found:
        query = Query.fuzzy_term_query(
            self._schema, "about", question.text, distance=1, transposition_cost_one=True
        )
        return Found(len(self._searcher.search(query, PAGE).hits))

    def _inside(self, question: Question) -> Found:
        query = Query.boolean_query(self._in_box(question.box))
        hits = self._searcher.search(query, ON_A_MAP, count=False).hits
        return Found(len(hits), tuple(self._column("number", hits)))

    def _parsed(self, question: Question, *, every: bool) -> Query:
        return self._index.parse_query(
            " ".join(question.stems),
            list(FIELDS),
            field_boosts=FIELDS,
            conjunction_by_default=every,
        )

    def _all(self, query: Query) -> Hits:
        found: Hits = self._searcher.search(query, EVERYTHING, count=False).hits
        return found

    def _away(self, question: Question, hits: Hits) -> NDArray[np.float64]:
        assert question.here is not None
        where = (self._column(name, hits) for name in ("latitude", "longitude"))
        return miles_from(question.here.latitude, question.here.longitude, *where)

    def _column(self, name: str, hits: Hits) -> list[Any]:
        addresses = [address for _, address in hits]
        return self._searcher.fast_field_values(name, addresses) if addresses else []

    def _in_square(self, question: Question) -> list[tuple[Occur, Query]]:
        assert question.here is not None
        return self._in_box(square(question.here, question.miles))

    def _in_box(self, box: Any) -> list[tuple[Occur, Query]]:
        edges = {"latitude": (box.south, box.north), "longitude": (box.west, box.east)}
        ranges = (
            Query.range_query(self._schema, name, FieldType.Float, *ends)
            for name, ends in edges.items()
        )
        return [(Occur.Must, Query.const_score_query(each, 0.0)) for each in ranges]
