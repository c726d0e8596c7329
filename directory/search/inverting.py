"""Directory search: the words of documents turned into arrays without Whoosh, with the same result.

Lengths of texts are kept as roughly as Whoosh keeps them, so that both engines score alike and few
cases occur.
"""

from array import array
from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.util.numeric import byte_to_length, length_to_byte

from directory.search import lexicon, postings
from directory.search.documents import Document
from directory.search.postings import Field, Ints
from directory.search.sidecars import Arrays
from directory.search.texts import FIELDS
from directory.search.words import stem, written_words

_ROUGHLY = np.array([byte_to_length(length_to_byte(length)) for length in range(1 << 17)])


class _Numbers(dict[str, int]):
    """Words as they are written, each with the number of what it is compared by."""

    def __init__(self) -> None:
        super().__init__()
        self.stems: dict[str, int] = {}

    def __missing__(self, word: str) -> int:
        number = self[word] = self.stems.setdefault(stem(word), len(self.stems))
        return number


def arrays_of(documents: Iterable[Document]) -> Arrays:
    """All that is asked of the words of these documents, in their order."""
    numbers, written = _Numbers(), Counter[str]()
    tokens = {name: array("i") for name in FIELDS}
    lengths = {name: array("i") for name in FIELDS}
    for document in documents:
        seen: set[str] = set()
        for name in FIELDS:
            text = written_words(document.texts[name])
            tokens[name].extend(map(numbers.__getitem__, text))
            lengths[name].append(len(text))
            seen.update(text)
        written.update(seen)
    words = np.array([each.encode() for each in numbers.stems] or [b""])
    order = np.argsort(words)
    rank = np.empty(len(words), dtype=np.int64)
    rank[order] = np.arange(len(words))
    fields = [
        _field(words[order], rank[_ints(tokens[name])], _ints(lengths[name]), boost)
        for name, boost in FIELDS.items()
    ]
    size = len(lengths["name"])
    found = postings.joined(size, [len(tokens[name]) for name in FIELDS], fields)
    return {**found, **lexicon.arrays_of(written, found["words"])}


def _field(words: NDArray[Any], tokens: Ints, lengths: Ints, boost: float) -> Field:
    """The postings of one field, of which these are the words of one text after the other."""
    row = np.repeat(np.arange(len(lengths)), lengths)
    place = np.arange(len(tokens)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    order = np.argsort(tokens * len(lengths) + row, kind="stable")
    tokens, row = tokens[order], row[order]
    begins = np.ones(len(order), dtype=np.bool_)
    begins[1:] = (tokens[1:] != tokens[:-1]) | (row[1:] != row[:-1])
    first = np.flatnonzero(begins)
    often = np.diff(first, append=len(order))
    there, per_word = np.unique(tokens[first], return_counts=True)
    rows = row[first]
    roughly = _ROUGHLY[np.minimum(lengths, len(_ROUGHLY) - 1)]
    return Field(
        words=words[there].tolist(),
        per_word=per_word,
        rows=rows,
        weights=(often * boost).astype(np.float32),
        lengths=np.maximum(roughly, 1)[rows],
        per_posting=often,
        places=place[order],
    )


def _ints(told: "array[int]") -> Ints:
    return np.frombuffer(told, dtype=np.int32).astype(np.int64)
