"""What `make bench` prints: one line of JSON a figure, and a line of what it is doing meanwhile."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

MOST, LEAST = "most", "least"


@dataclass(frozen=True)
class Figure:
    """One figure: what was measured and, if it has one, its target.

    `ratio` is to what it is measured beside. The target is of the ratio if there is one, else of
    the value; `bound` says whether it is the most or the least that is wanted.
    """

    name: str
    listings: int
    value: float
    unit: str
    target: float | None = None
    ratio: float | None = None
    beside: str = ""
    bound: str = MOST

    @property
    def ok(self) -> bool | None:
        """Whether the target is met; None if there is none."""
        if self.target is None:
            return None
        reached = self.value if self.ratio is None else self.ratio
        return reached <= self.target if self.bound == MOST else reached >= self.target

    def as_json(self) -> str:
        """The line to print."""
        told = {"name": self.name, "value": _short(self.value), "target": self.target}
        told |= {"ratio": None if self.ratio is None else _short(self.ratio), "ok": self.ok}
        told |= {"listings": self.listings, "unit": self.unit}
        return json.dumps(told | ({"beside": self.beside} if self.beside else {}))


@dataclass
class Told:
    """All that was told."""

    figures: list[Figure] = field(default_factory=list)

    def say(self, figure: Figure) -> None:
        """Print a figure, and keep it."""
        self.figures.append(figure)
        print(figure.as_json(), flush=True)


@contextmanager
def progress(doing: str) -> Iterator[None]:
    """Say on the other channel what is done, and how long it took."""
    began = time.monotonic()
    yield
    print(f"# {doing}: {time.monotonic() - began:.1f} s", file=sys.stderr, flush=True)


def _short(value: float) -> float:
    """Four digits of it."""
    return float(f"{value:.4g}")
