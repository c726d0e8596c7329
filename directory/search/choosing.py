"""Directory search: the page that answers a question: who fits, in order, counted and explained."""

import math
from collections.abc import Iterable
from dataclasses import replace
from itertools import repeat

import numpy as np

from directory.outlines import Box
from directory.search import ranking
from directory.search.asking import (
    LAST_PAGE,
    MAY_BE_UNKNOWN,
    NOTHING,
    Answer,
    Explanation,
    Hit,
    Query,
)
from directory.search.columns import Mask
from directory.search.points import Floats
from directory.search.ranking import Passing, Places
from directory.search.reading import Listings
from directory.search.sieve import Keeps, Reach, Sieve, together
from directory.search.tallying import counts

__all__ = ["Listings", "answer", "within_box"]


def answer(listings: Listings, query: Query) -> Answer:
    """The page asked for."""
    sieve = Sieve(listings)
    return _page(sieve, sieve.reach(query), query)


def within_box(listings: Listings, box: Box, query: Query) -> Answer:
    """Those that fit and have a place in a piece of the map; its edges take the place of `near`."""
    sieve = Sieve(listings)
    query = replace(query, near=None, counting=NOTHING)
    return _page(sieve, sieve.reach_of_box(query, box), query)


def _page(sieve: Sieve, reach: Reach, query: Query) -> Answer:
    keeps = sieve.keeps(reach, query)
    fits = together(keeps)
    perhaps = _only_perhaps(sieve, reach, keeps, query)
    total = len(reach.rows) if fits is None else int(np.count_nonzero(fits))
    return Answer(
        total=total,
        hits=_hits(sieve, reach, fits, perhaps if query.unknown else None, query),
        facets=counts(sieve, reach, keeps, query),
        page=query.page,
        pages=min(max(1, math.ceil(total / query.per_page)), LAST_PAGE),
        not_known=0 if perhaps is None else int(np.count_nonzero(perhaps)),
        loosened=reach.found is not None and reach.found.loosened,
        understood=reach.found.understood if reach.found else None,
        corrected=reach.found.corrected if reach.found else "",
    )


def _only_perhaps(sieve: Sieve, reach: Reach, keeps: Keeps, query: Query) -> Mask | None:
    """Who fits only if an answer nobody gave is a yes; None if no such answer was asked for."""
    if not MAY_BE_UNKNOWN & keeps.keys():
        return None
    return sieve.fits(reach, replace(query, unknown=True)) & ~sieve.fits(
        reach, replace(query, unknown=False)
    )


def _hits(
    sieve: Sieve, reach: Reach, fits: Mask | None, perhaps: Mask | None, query: Query
) -> list[Hit]:
    """The listings of the page, the best first."""
    last = query.page * query.per_page
    passing, at = _passing(reach, fits, perhaps, last)
    evidence = sieve.lasting.evidence
    contenders = ranking.contenders(passing, evidence, query, last)
    passing, at = passing.taken(contenders), at.take(contenders)
    scored = ranking.scores(passing, evidence, query)
    order = ranking.in_order(sieve.columns, passing, scored, last)[last - query.per_page :]
    shown = passing.taken(order)
    why: Iterable[Explanation | None] = repeat(None)
    if query.explain:
        factors = ranking.explained(sieve.columns, shown, query, sieve.today)
        parts = _parts(reach, at.take(order))
        why = map(Explanation, factors, parts)
    miles: Iterable[float | None] = repeat(None)
    if shown.miles is not None:
        miles = (None if away == math.inf else away for away in shown.miles.tolist())
    return list(map(Hit, sieve.columns.ids(shown.rows), scored.take(order).tolist(), miles, why))


def _passing(
    reach: Reach, fits: Mask | None, perhaps: Mask | None, last: int
) -> tuple[Passing, Places]:
    """Those who may stand on the page, and where in the reach they are."""
    at = np.arange(len(reach.rows)) if fits is None else np.flatnonzero(fits)
    if reach.nowhere and perhaps is None:
        # What is held nowhere comes last, so it need not be put in order for the pages before.
        somewhere = int(np.searchsorted(at, len(reach.rows) - reach.nowhere))
        at = at[:somewhere] if somewhere >= last else at
    passing = Passing(
        rows=reach.rows.take(at),
        relevance=None if reach.found is None else _shares(reach.found.scores, reach.at, at),
        apart=None if reach.apart is None else reach.apart.take(at),
        perhaps=None if perhaps is None else perhaps.take(at),
    )
    return passing, at


def _shares(scores: Floats, found_at: Places | None, at: Places) -> Floats:
    """What share of the score of the best each has."""
    scores = scores.take(at if found_at is None else found_at.take(at))
    return scores / scores.max() if len(scores) else scores


def _parts(reach: Reach, at: Places) -> list[dict[str, float]]:
    """What the words, the need and the sense of the text gave to each of these."""
    if reach.found is None:
        return [{} for _ in at]
    where = at if reach.at is None else reach.at.take(at)
    parts = {name: scores[where].tolist() for name, scores in reach.found.parts.items()}
    return [{name: scores[n] for name, scores in parts.items()} for n in range(len(at))]
