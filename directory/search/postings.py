"""Directory search: the words of a Whoosh segment turned into arrays, once, when it is written.

What a word adds to the score of a listing hangs on how often and in how long a text it stands, in
each field. Few such cases occur, over and over, so each is kept once (`case_weights`,
`case_lengths`, the first being that of no word at all) and a posting only names its case. Scores
stay exact whatever is written to other segments later: there is one small table to work out anew.

A place of a word is one number for the whole segment: field after field, listing after listing,
with a gap between texts, so that no phrase runs from one text into the next.
"""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from whoosh.reading import SegmentReader

from directory.search.sidecars import Arrays
from directory.search.texts import FIELDS
from directory.search.whoosh_blocks import Block, blocks

COMMON = 0.25
"""A word that so great a share of listings has is also kept as a row with a place for each."""

SMALL = 256
"""With fewer listings than this no word is kept as a row."""

FEW = 1 << 24
"""Up to so high, numbers are told apart by ticking them off, not by sorting."""

Ints = NDArray[np.int64]


class Field(NamedTuple):
    """The postings of one field: by word, then by listing; and every place, in the same order."""

    words: Sequence[bytes]
    per_word: Ints
    rows: Ints
    weights: NDArray[np.float32]
    lengths: Ints
    per_posting: Ints
    places: Ints


def arrays_of(reader: SegmentReader) -> Arrays:
    """All that is asked of the words of a segment."""
    totals = [int(reader.field_length(name)) for name in FIELDS]
    return joined(reader.doc_count_all(), totals, [_read(reader, name) for name in FIELDS])


def joined(size: int, totals: Sequence[int], fields: Sequence[Field]) -> Arrays:
    """The same of so many listings, from the postings of each field and how long it is in all."""
    words = np.unique(np.array([word for each in fields for word in each.words] or [b""]))
    numbers = [np.searchsorted(words, np.array(each.words, words.dtype)) for each in fields]
    ids = [np.repeat(of, each.per_word) for of, each in zip(numbers, fields, strict=True)]
    return {
        "size": np.array([size]),
        "totals": np.array(totals),
        "words": words,
        "frequencies": _frequencies(len(words), numbers, fields),
        **_postings(len(words), size, ids, fields),
        **_places(len(words), size, ids, fields),
    }


def _read(reader: SegmentReader, name: str) -> Field:
    words, per_word = [], []
    found: list[Block] = []
    for word in reader.lexicon(name):
        before = len(found)
        found += blocks(reader.postings(name, word))
        per_word.append(sum(len(each.rows) for each in found[before:]))
        words.append(word)
    rows = _joined([each.rows for each in found])
    texts = list(chain.from_iterable(each.places for each in found))
    length = reader.doc_field_length
    lengths = np.array([length(row, name, 1) or 1 for row in range(reader.doc_count_all())] or [1])
    return Field(
        words=words,
        per_word=np.array(per_word, dtype=np.int64),
        rows=rows,
        weights=np.concatenate([np.zeros(0, np.float32), *(each.weights for each in found)]),
        lengths=lengths[rows],
        per_posting=np.fromiter(map(len, texts), dtype=np.int64, count=len(texts)),
        places=np.fromiter(chain.from_iterable(texts), dtype=np.int64),
    )


def _frequencies(count: int, numbers: Sequence[Ints], fields: Sequence[Field]) -> NDArray[np.int32]:
    found = np.zeros((count, len(fields)), dtype=np.int32)
    for at, (of, each) in enumerate(zip(numbers, fields, strict=True)):
        found[of, at] = each.per_word
    return found


def _postings(
    count: int, size: int, ids: Sequence[Ints], fields: Sequence[Field]
) -> Mapping[str, NDArray[Any]]:
    """Word by word the listings that have it in any field, and the case of each."""
    keys = np.concatenate([of * size + each.rows for of, each in zip(ids, fields, strict=True)])
    order = np.argsort(keys, kind="stable")
    first = np.flatnonzero(np.diff(keys[order], prepend=-1))
    of_posting = np.empty(len(keys), dtype=np.int64)
    of_posting[order] = np.repeat(np.arange(len(first)), np.diff(first, append=len(keys)))
    keys = keys[order][first]
    cases, weights, lengths = _cases(len(first), of_posting, fields)
    starts = np.searchsorted(keys, np.arange(count + 1) * size)
    rows = (keys % max(size, 1)).astype(np.int32)
    return {
        "starts": starts,
        "rows": rows,
        "cases": cases,
        "case_weights": weights,
        "case_lengths": lengths,
        **_dense(size, starts, rows, cases),
    }


def _cases(
    count: int, of_posting: Ints, fields: Sequence[Field]
) -> tuple[NDArray[Any], NDArray[np.float32], NDArray[np.float32]]:
    """The case of each posting; and of each case, by field, how often a word is in how long a text.

    Field after field, the postings that have the word in it go on to cases of their own.
    """
    case = np.zeros(count, dtype=np.int64)
    weights = lengths = np.zeros((1, len(fields)), dtype=np.float32)
    start = 0
    for at, each in enumerate(fields):
        if not len(each.rows):
            continue
        here = of_posting[start : start + len(each.rows)]
        start += len(each.rows)
        how_often, often = np.unique(each.weights, return_inverse=True)
        how_long, long_ = _numbered(each.lengths)
        pairs = len(how_often) * len(how_long)
        kinds, number = _numbered(case[here] * pairs + often * len(how_long) + long_)
        case[here] = len(weights) + number
        before, pair = np.divmod(kinds, pairs)
        weights = np.concatenate([weights, weights[before]])
        lengths = np.concatenate([lengths, lengths[before]])
        weights[-len(kinds) :, at] = how_often[pair // len(how_long)]
        lengths[-len(kinds) :, at] = how_long[pair % len(how_long)]
    return case.astype(np.min_scalar_type(len(weights))), weights, lengths


def _numbered(values: Ints) -> tuple[Ints, Ints]:
    """The different values in order, and the number of each among them."""
    highest = int(values.max())
    if highest > FEW:
        kinds, number = np.unique(values, return_inverse=True)
        return kinds, number
    known = np.zeros(highest + 1, dtype=np.bool_)
    known[values] = True
    return np.flatnonzero(known), (np.cumsum(known) - 1)[values]


def _dense(
    size: int, starts: Ints, rows: NDArray[np.int32], cases: NDArray[Any]
) -> Mapping[str, NDArray[Any]]:
    """Words that very many have, as a row with the case of every listing."""
    common = np.flatnonzero(np.diff(starts) > COMMON * size) if size > SMALL else starts[:0]
    dense = np.zeros((len(common), size), dtype=cases.dtype)
    for at, word in enumerate(common):
        run = slice(starts[word], starts[word + 1])
        dense[at, rows[run]] = cases[run]
    return {"common": common, "dense": dense}


def _places(
    count: int, size: int, ids: Sequence[Ints], fields: Sequence[Field]
) -> Mapping[str, NDArray[Any]]:
    """Word by word every place it stands in, and where each text begins."""
    texts = [np.repeat(each.rows, each.per_posting) + at * size for at, each in enumerate(fields)]
    text = np.concatenate(texts)
    place = np.concatenate([each.places for each in fields])
    long_ = np.zeros(len(fields) * size, dtype=np.int64)
    np.maximum.at(long_, text, place + 2)
    starts = np.concatenate([[0], np.cumsum(long_)])
    words = np.concatenate(
        [np.repeat(of, each.per_posting) for of, each in zip(ids, fields, strict=True)]
    )
    order = np.argsort(words, kind="stable")
    kind = np.min_scalar_type(int(starts[-1]))
    return {
        "places": (starts[text] + place)[order].astype(kind),
        "place_starts": np.searchsorted(words[order], np.arange(count + 1)),
        "text_starts": starts.astype(kind),
    }


def _joined(parts: Sequence[NDArray[Any]]) -> Ints:
    return np.concatenate([np.zeros(0, dtype=np.int64), *parts])
