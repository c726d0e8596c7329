"""Directory search: one state of the index, open: finds texts by BM25F, exhaustively.

Whoosh's own collector leaves listings out of its first page that belong there, so its postings are
read once, kept as arrays, and scored here by its own formula: a sum over words and fields. A
segment never changes; what was read of it outlives the states it is part of.
"""

import threading
import weakref
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from math import log

import numpy as np
from numpy.typing import NDArray
from whoosh.index import FileIndex
from whoosh.reading import SegmentReader, TermNotFound

from directory.search.columns import Columns, Mask
from directory.search.points import Floats
from directory.search.segments import FIELDS, facts_in
from directory.search.texts import Scored
from directory.search.words import Word, asked_words

K1, B = 1.2, 0.75

MOST_BEGUN = 3
SHORTEST_BEGINNING = 2
MOST_COMPLETIONS = 15
MOST_LETTERS_DROPPED = 3

MOST_KEPT = 20_000
"""How many postings of a segment stay in memory: about the whole vocabulary of a county."""


@dataclass(frozen=True, slots=True)
class Postings:
    """The listings of a segment with a word in a field, and what the score is made of."""

    rows: NDArray[np.int32]
    weights: Floats
    lengths: Floats
    frequency: int


class Segment:
    """What was written to the index at once: its columns, and its postings as they are asked."""

    def __init__(self, reader: SegmentReader) -> None:
        self.size: int = reader.doc_count_all()
        self.columns = Columns.of([facts_in(reader.stored_fields(n)) for n in range(self.size)])
        self.field_lengths = {field: int(reader.field_length(field)) for field in FIELDS}
        for field in FIELDS:
            # Opens the file now: once a later state has replaced this one, it is gone.
            reader.doc_field_length(0, field)
        self._reader = reader
        self._postings: dict[tuple[str, str], Postings] = {}
        self._lengths: dict[str, Floats] = {}
        # Whoosh seeks, then reads, in files that all threads share.
        self._lock = threading.Lock()
        weakref.finalize(self, reader.close)

    def postings(self, field: str, stem: str) -> Postings | None:
        """Who has this word in this field, or None if nobody has."""
        found = self._postings.get((field, stem))
        if found is None:
            with self._lock:
                found = self._decode(field, stem)
            if found is not None:
                if len(self._postings) >= MOST_KEPT:
                    self._postings.clear()
                self._postings[field, stem] = found
        return found

    def beginning_with(self, field: str, beginning: str) -> Counter[str]:
        """The words of a field that begin so, and how many listings have each."""
        found: Counter[str] = Counter()
        with self._lock:
            for name, text in self._reader.terms_from(field, beginning):
                word = text.decode()
                if name != field or not word.startswith(beginning):
                    break
                found[word] = int(self._reader.doc_frequency(field, word))
        return found

    def _decode(self, field: str, stem: str) -> Postings | None:
        try:
            matcher = self._reader.postings(field, stem)
        except TermNotFound:
            return None
        rows, weights = [], []
        while matcher.is_active():
            rows.append(matcher.id())
            weights.append(matcher.weight())
            matcher.next()
        at = np.array(rows, dtype=np.int32)
        frequency = int(self._reader.doc_frequency(field, stem))
        return Postings(at, np.array(weights), self._lengths_of(field)[at], frequency)

    def _lengths_of(self, field: str) -> Floats:
        if field not in self._lengths:
            length = self._reader.doc_field_length
            lengths = [length(row, field) or 1 for row in range(self.size)]
            self._lengths[field] = np.array(lengths, dtype=np.float64)
        return self._lengths[field]


class Snapshot:
    """The index as it was at one commit. Any number of threads may ask it."""

    def __init__(self, segments: Sequence[Segment], alive: Mask) -> None:
        self._segments = segments
        self._starts = [sum(each.size for each in segments[:n]) for n in range(len(segments))]
        self._size = len(alive)
        self.alive = alive
        self.columns = Columns.joined([each.columns for each in segments])
        self._averages = {
            field: sum(each.field_lengths[field] for each in segments) / max(self._size, 1)
            for field in FIELDS
        }

    def __len__(self) -> int:
        return int(np.count_nonzero(self.alive))

    def scores(self, stem: str) -> Floats:
        """What a word adds to the score of each listing: BM25 in every field, summed."""
        total = np.zeros(self._size)
        for field in FIELDS:
            found = [
                (start, postings)
                for start, segment in zip(self._starts, self._segments, strict=True)
                if (postings := segment.postings(field, stem)) is not None
            ]
            frequency = sum(postings.frequency for _, postings in found)
            rarity = log(self._size / (frequency + 1)) + 1 if found else 0.0
            for start, postings in found:
                relative = postings.lengths / self._averages[field]
                weight = postings.weights
                score = rarity * weight * (K1 + 1) / (weight + K1 * (1 - B + B * relative))
                total[start + postings.rows] += score
        return total

    @property
    def texts(self) -> "Snapshot":
        """What can be asked of its words."""
        return self

    def has_words(self, text: str) -> bool:
        """Whether there is any word in it to look for."""
        return bool(asked_words(text))

    def all_of(self, text: str) -> Scored:
        """Those that have all of it, by BM25F summed over words and fields."""
        each = [self.scores(word.stem) for word in asked_words(text)]
        return self._sparse(_all_of(each)) if each else Scored.none()

    def any_of(self, text: str) -> Scored:
        """Those that have any of it."""
        each = [self.scores(word.stem) for word in asked_words(text)]
        return self._sparse(sum(each, np.zeros(self._size)))

    def begun(self, text: str) -> Scored:
        """Those that have all of it, taking the last and the unknown words as only begun."""
        words = asked_words(text)
        if not words:
            return Scored.none()
        each = [self.scores(word.stem) for word in words]
        unknown = [at for at, scores in enumerate(each[:-1]) if not scores.any()]
        for at in [len(words) - 1, *unknown[: MOST_BEGUN - 1]]:
            each[at] = np.maximum(each[at], self._begun(words[at]))
        return self._sparse(_all_of(each))

    def nearest_words(self, word: str, most: int = 3) -> Sequence[tuple[str, int]]:
        """Known words that it may be a slip for."""
        return []

    def _sparse(self, scores: Floats) -> Scored:
        rows = np.flatnonzero((scores > 0) & self.alive).astype(np.int32)
        return Scored(rows, scores[rows])

    def _begun(self, word: Word) -> Floats:
        """Scores for the words this may be the beginning of; the commonest count."""
        # An index of stems knows "knit", not "knitting": of "knitti" a few letters must go.
        shortest = max(SHORTEST_BEGINNING, len(word.typed) - MOST_LETTERS_DROPPED)
        for length in range(len(word.typed), shortest - 1, -1):
            known: Counter[str] = Counter()
            for segment in self._segments:
                for field in FIELDS:
                    known.update(segment.beginning_with(field, word.typed[:length]))
            likely = [stem for stem, _ in known.most_common(MOST_COMPLETIONS)]
            if likely:
                return reduce(np.maximum, map(self.scores, likely))
        return np.zeros(self._size)


def _all_of(each: Sequence[Floats]) -> Floats:
    total = sum(each, np.zeros_like(each[0]))
    for scores in each:
        total = np.where(scores > 0, total, 0.0)
    return total


def open_segments(
    index: FileIndex, known: Mapping[str, Segment]
) -> tuple[Snapshot, dict[str, Segment]]:
    """The present state of an index, with the segments already known read no second time."""
    segments: dict[str, Segment] = {}
    alive = [np.zeros(0, dtype=np.bool_)]
    for reader, _ in index.reader().leaf_readers():
        if not reader.doc_count_all():
            continue
        living = np.zeros(reader.doc_count_all(), dtype=np.bool_)
        living[np.fromiter(reader.all_doc_ids(), dtype=np.intp)] = True
        alive.append(living)
        name = reader.segment().segment_id()
        if name in known:
            reader.close()
        segments[name] = known.get(name) or Segment(reader)
    return Snapshot(list(segments.values()), np.concatenate(alive)), segments
