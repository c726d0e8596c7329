"""Whoosh as it comes: its schema, its query language, its own collectors, filters and facets."""

from collections.abc import Callable, Iterable
from heapq import nlargest, nsmallest
from itertools import islice
from math import ceil, exp, floor
from pathlib import Path
from typing import Any

from whoosh.analysis import SpaceSeparatedTokenizer
from whoosh.fields import ID, KEYWORD, NUMERIC, TEXT, Schema
from whoosh.index import create_in, open_dir
from whoosh.qparser import AndGroup, MultifieldParser, OrGroup
from whoosh.query import And, NumericRange, Prefix, Query, Term
from whoosh.query import Or as AnyOf
from whoosh.sorting import Count, FieldFacet

from benchmarks.speed import asked
from benchmarks.speed.asked import ON_A_MAP, PAGE, Found, Question, square
from benchmarks.speed.engine import NEARER, Listing, codes_of
from directory.places import miles
from directory.search.asking import COST, DAYS, KINDS, LANGUAGES
from directory.search.texts import FIELDS

MEMORY_MB = 512
MILLIONTHS = 1_000_000
SEVERAL = (KINDS, DAYS, LANGUAGES)


class StockWhoosh:
    """A searcher over it."""

    name = "stock Whoosh"

    def __init__(self, folder: Path) -> None:
        index = open_dir(str(folder))
        self._searcher = index.searcher()
        self._all = MultifieldParser(list(FIELDS), index.schema, group=AndGroup)
        self._some = MultifieldParser(list(FIELDS), index.schema, group=OrGroup)
        self._ways: dict[str, Callable[[Question], Found]] = {
            asked.ALL_WORDS: lambda it: self._matching(self._all.parse(" ".join(it.stems))),
            asked.SOME_WORDS: lambda it: self._matching(self._some.parse(" ".join(it.stems))),
            asked.RADIUS: self._near,
            asked.COMBINED: self._combined,
            asked.FACETS: self._counted,
            asked.BEGUN: lambda it: self._matching(
                AnyOf([Prefix(name, it.text) for name in FIELDS])
            ),
            asked.SLIP: self._meant,
            asked.BOX: self._inside,
        }

    @staticmethod
    def build(folder: Path, listings: Iterable[Listing]) -> None:
        """Make its files."""
        texts = {
            name: TEXT(analyzer=SpaceSeparatedTokenizer(), field_boost=boost)
            for name, boost in FIELDS.items()
        }
        facets = dict.fromkeys(SEVERAL, KEYWORD)
        # whoosh-reloaded 2.7.5 cannot write a column of floats.
        place = {name: NUMERIC(int, sortable=True) for name in ("latitude", "longitude")}
        schema = Schema(id=ID(stored=True), **{COST: ID(sortable=True)}, **texts, **facets, **place)
        writer = create_in(str(folder), schema).writer(limitmb=MEMORY_MB)
        codes = codes_of()
        for each in listings:
            told = {KINDS: each.kinds, DAYS: each.days, LANGUAGES: each.languages}
            writer.add_document(
                id=str(each.number),
                latitude=round(each.latitude * MILLIONTHS),
                longitude=round(each.longitude * MILLIONTHS),
                **each.texts,
                **{COST: codes[COST][each.cost]},
                **{facet: " ".join(codes[facet][n] for n in of) for facet, of in told.items()},
            )
        writer.commit(optimize=True)

    def ask(self, question: Question) -> Found:
        """The answer."""
        return self._ways[question.kind](question)

    def _matching(self, query: Query) -> Found:
        found = self._searcher.search(query, limit=PAGE)
        return Found(len(found), tuple(hit["id"] for hit in found))

    def _near(self, question: Question) -> Found:
        away = self._distances(question)
        rows = self._searcher.docs_for_query(_in_square(question))
        found = [(far, row) for row in rows if (far := away(row)) <= question.miles]
        return Found(len(found), tuple(row for _, row in nsmallest(PAGE, found)))

    def _combined(self, question: Question) -> Found:
        wanted = And([_in_square(question), Term(COST, "free"), Term(DAYS, question.day)])
        query = self._all.parse(" ".join(question.stems))
        away = self._distances(question)
        found = [
            (hit.score * (1 - NEARER + NEARER * exp(-2 * far / question.miles)), hit.docnum)
            for hit in self._searcher.search(query, filter=wanted, limit=None)
            if (far := away(hit.docnum)) <= question.miles
        ]
        return Found(len(found), tuple(row for _, row in nlargest(PAGE, found)))

    def _counted(self, question: Question) -> Found:
        grouped = {
            facet: FieldFacet(facet, allow_overlap=facet in SEVERAL, maptype=Count)
            for facet in codes_of()
        }
        query = self._all.parse(" ".join(question.stems))
        found = self._searcher.search(query, limit=PAGE, groupedby=grouped)
        facets = {facet: dict(found.groups(facet)) for facet in grouped}
        return Found(len(found), tuple(hit["id"] for hit in found), facets)

    def _meant(self, question: Question) -> Found:
        found = self._searcher.suggest("about", question.text, limit=3, maxdist=2, prefix=1)
        return Found(len(found), tuple(found))

    def _inside(self, question: Question) -> Found:
        rows = self._searcher.docs_for_query(_in_box(question.box))
        found = tuple(islice(rows, ON_A_MAP))
        return Found(len(found), found)

    def _distances(self, question: Question) -> Callable[[int], float]:
        assert question.here is not None
        here = question.here
        reader = self._searcher.reader()
        latitudes, longitudes = (reader.column_reader(n) for n in ("latitude", "longitude"))
        return lambda row: miles(
            here.latitude,
            here.longitude,
            latitudes[row] / MILLIONTHS,
            longitudes[row] / MILLIONTHS,
        )


def _in_square(question: Question) -> Query:
    assert question.here is not None
    return _in_box(square(question.here, question.miles))


def _in_box(box: Any) -> Query:
    return And(
        [
            NumericRange(name, ceil(low * MILLIONTHS), floor(high * MILLIONTHS))
            for name, low, high in (
                ("latitude", box.south, box.north),
                ("longitude", box.west, box.east),
            )
        ]
    )
