"""Our own engine, as the search asks it."""

from collections.abc import Callable

from benchmarks.speed import asked
from benchmarks.speed.asked import ON_A_MAP, PAGE, Found, Question
from benchmarks.speed.engine import COUNTED
from directory.search.asking import Answer, Query
from directory.search.choosing import Listings, answer, within_box

UNWRITTEN = "zzyzx"
"""A word that is in no listing, so that only some of the words can be found."""


class Ours:
    """Kith's index. The words themselves are asked for, as from all the others."""

    name = "Kith"

    def __init__(self, listings: Listings) -> None:
        self._listings = listings
        self._ways: dict[str, Callable[[Question], Found]] = {
            asked.ALL_WORDS: lambda it: self._asked(_query(it.text)),
            asked.SOME_WORDS: lambda it: self._asked(_query(f"{it.text} {UNWRITTEN}")),
            asked.RADIUS: self._near,
            asked.COMBINED: self._near,
            asked.FACETS: lambda it: self._asked(_query(it.text, counting=frozenset(COUNTED))),
            asked.BEGUN: lambda it: self._asked(_query(f"{it.text}*")),
            asked.SLIP: self._meant,
            asked.BOX: self._inside,
        }

    def ask(self, question: Question) -> Found:
        """The answer."""
        return self._ways[question.kind](question)

    def _asked(self, query: Query) -> Found:
        return _found(answer(self._listings, query))

    def _near(self, question: Question) -> Found:
        days = frozenset({question.day}) if question.day else frozenset()
        return self._asked(
            _query(
                question.text,
                near=question.here,
                within=question.miles,
                days=days,
                free=bool(question.day),
            )
        )

    def _inside(self, question: Question) -> Found:
        assert question.box is not None
        return _found(within_box(self._listings, question.box, _query("", per_page=ON_A_MAP)))

    def _meant(self, question: Question) -> Found:
        words = self._listings.texts.nearest_words(question.text)
        return Found(len(words), tuple(word for word, _ in words))


def _query(text: str, **more: object) -> Query:
    settled = {"exact": True, "counting": frozenset(), "per_page": PAGE, **more}
    return Query(text, **settled)  # type: ignore[arg-type]


def _found(told: Answer) -> Found:
    facets = {facet: dict(counts) for facet, counts in told.facets.items()}
    return Found(told.total, tuple(hit.id for hit in told.hits), facets)
