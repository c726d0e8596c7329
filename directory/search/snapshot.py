"""Directory search: one state of the index, open: its listings as columns, and their words.

A segment never changes; what is mapped of it outlives the states it is part of.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from directory.search import state
from directory.search.columns import Columns, Mask
from directory.search.parts import Part
from directory.search.scoring import Words


@dataclass(frozen=True, slots=True)
class Segment:
    """What was written to the index at once: the columns and the words of its listings."""

    columns: Columns
    words: Part
    digests: NDArray[np.uint64]

    @classmethod
    def of(cls, kept: state.Kept) -> "Segment":
        """What is kept of it."""
        return cls(Columns.from_arrays(kept.columns), Part(kept.words), kept.columns["digests"])


class Snapshot:
    """The index as it was at one commit. Any number of threads may ask it."""

    def __init__(self, segments: Sequence[Segment], alive: Mask) -> None:
        self.alive = alive
        self.columns = Columns.joined([each.columns for each in segments])
        self.texts = Words([each.words for each in segments], alive)
        self._segments = segments
        self._count = int(np.count_nonzero(alive))

    def __len__(self) -> int:
        return self._count

    def digests(self) -> dict[uuid.UUID, int]:
        """What was indexed of each listing, as a number, to be compared."""
        rows = np.flatnonzero(self.alive).astype(np.int32)
        told = np.concatenate([np.zeros(0, np.uint64), *(each.digests for each in self._segments)])
        return dict(zip(self.columns.ids(rows), told[rows].tolist(), strict=True))


def open_state(
    folder: Path, names: Iterable[str], known: Mapping[str, Segment]
) -> tuple[Snapshot, dict[str, Segment]]:
    """The latest state these files make up, with the segments already known read no second time."""
    segments: dict[str, Segment] = {}
    alive = [np.zeros(0, dtype=np.bool_)]
    for name, gone in state.gone(folder, names).items():
        segments[name] = known.get(name) or Segment.of(state.kept(folder, name))
        living = np.ones(segments[name].words.size, dtype=np.bool_)
        living[gone] = False
        alive.append(living)
    return Snapshot(list(segments.values()), np.concatenate(alive)), segments
