"""Directory search: a posting list of Whoosh read block by block, not posting by posting.

The only place that knows what Whoosh keeps to itself. It holds for the versions named here, of
which a test sees that they give what the public matchers give; for any other, those are asked.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import whoosh
from numpy.typing import NDArray
from whoosh.codec.whoosh3 import W3LeafMatcher
from whoosh.formats import Positions
from whoosh.matching import Matcher

KNOWN_VERSIONS = frozenset({(2, 7, 4), (2, 7, 5)})

_KNOWN = tuple(whoosh.__version__) in KNOWN_VERSIONS
_decode = Positions().decode_positions


class Block(NamedTuple):
    """Listings in rising order, the weight of a word in each, and its places there."""

    rows: NDArray[np.int64]
    weights: NDArray[np.float32]
    places: Sequence[Sequence[int]]


def blocks(matcher: Matcher) -> Iterator[Block]:
    """All that a matcher of one word in one field has, from where it is."""
    if _KNOWN and type(matcher) is W3LeafMatcher and type(matcher.format) is Positions:
        return _by_blocks(matcher)
    return posting_by_posting(matcher)


def posting_by_posting(matcher: Matcher) -> Iterator[Block]:
    """The same by the public interface of Whoosh."""
    while matcher.is_active():
        row, weight = np.array([matcher.id()]), np.array([matcher.weight()], dtype=np.float32)
        yield Block(row, weight, [matcher.value_as("positions")])
        matcher.next()


def _by_blocks(matcher: Any) -> Iterator[Block]:
    while matcher.is_active():
        matcher._read_data()
        gaps, said, values = matcher._data
        rows = np.cumsum(np.array(gaps, dtype=np.int64))
        weights = np.full(len(rows), 1.0 if said is None else said, dtype=np.float32)
        yield Block(rows, weights, [_places(value) for value in values])
        matcher._next_block()


@lru_cache(maxsize=20_000)
def _places(value: bytes) -> Sequence[int]:
    # Most words stand in a listing once, in one of few places.
    found: Sequence[int] = _decode(value)
    return found
