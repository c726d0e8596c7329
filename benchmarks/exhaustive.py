"""What Whoosh itself finds if it scores everything: the measure of what the index answers."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import reduce
from pathlib import Path

from whoosh.query import And, AndNot, DisjunctionMax, Or, Phrase, Prefix, Query, Term
from whoosh.scoring import BM25F
from whoosh.searching import Searcher

from directory.search import segments
from directory.search.parts import K1, B
from directory.search.scoring import Words
from directory.search.texts import FIELDS

Scores = Mapping[int, float]


class Exhaustive:
    """Whoosh, asked for every listing that fits, so that it skips none."""

    def __init__(self, stock: Searcher, words: Words) -> None:
        self.stock = stock
        self._words = words

    def found(self, query: Query) -> Scores:
        """The score of each listing, by its row."""
        if isinstance(query, AndNot):
            unwanted = self._all(self._in_fields(query.b)).keys()
            found = self.found(query.a)
            return {row: score for row, score in found.items() if row not in unwanted}
        if isinstance(query, (And, Or)) and any(map(_is_beginning, query.subqueries)):
            return self._apart(query)
        return self._best(query) if _is_beginning(query) else self._all(self._in_fields(query))

    def _apart(self, query: Query) -> Scores:
        each = [self.found(part) for part in query.subqueries]
        rows = reduce(set.union, map(set, each))
        if isinstance(query, And):
            rows = reduce(set.intersection, map(set, each))
        return {row: sum(scores.get(row, 0.0) for scores in each) for row in rows}

    def _best(self, query: Query) -> Scores:
        # Whoosh has a query for this, but it adds what one listing has to what another has.
        best: dict[int, float] = {}
        for word in self._meant(query):
            for row, score in self._all(self._in_fields(Term("", word))).items():
                best[row] = max(score, best.get(row, 0.0))
        return best

    def _meant(self, query: Query) -> Iterator[str]:
        if isinstance(query, Prefix):
            yield from (word.decode() for word in self._words.completions(query.text))
        elif isinstance(query, Term):
            yield query.text
        else:
            for each in query.subqueries:
                yield from self._meant(each)

    def _in_fields(self, query: Query) -> Query:
        if isinstance(query, Term):
            return Or([Term(field, query.text) for field in FIELDS])
        if isinstance(query, Phrase):
            return Or([Phrase(field, query.words) for field in FIELDS])
        if isinstance(query, (Prefix, DisjunctionMax)):
            return Or([self._in_fields(Term("", word)) for word in self._meant(query)])
        return query.apply(self._in_fields)

    def _all(self, query: Query) -> Scores:
        found = self.stock.search(query, limit=None)
        return {int(hit.docnum): float(hit.score) for hit in found}


def differences(ours: Scores, right: Scores, top: int = 20) -> list[str]:
    """Where the totals or the best differ: none of the best may be missing, misplaced or extra."""
    if len(ours) != len(right):
        return [f"{len(ours)} found, not {len(right)}"]
    if any(abs(right.get(row, 0.0) - score) > 1e-9 * score for row, score in ours.items()):
        return ["other listings, or other scores"]
    if _best_rows(ours, top) != _best_rows(right, top):
        return ["another order"]
    return []


@contextmanager
def opened(folder: Path, names: Sequence[str], words: Words) -> Iterator[Exhaustive]:
    """Whoosh over the same files."""
    index = segments.open_index(folder, names)
    with index.searcher(weighting=BM25F(B=B, K1=K1)) as stock:
        yield Exhaustive(stock, words)


def _is_beginning(query: Query) -> bool:
    return isinstance(query, (Prefix, DisjunctionMax))


def _best_rows(scores: Scores, top: int) -> list[int]:
    # Of equal scores the first written comes first, as Whoosh has it; sums of equal parts may
    # differ in the last digit by the order they were added in.
    return sorted(scores, key=lambda row: (-round(scores[row], 9), row))[:top]
