"""Directory search: what may be asked, within bounds, and what is answered."""

import math
import uuid
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace

from directory.places import Place

LONGEST_TEXT = 200
MOST_WORDS = 12
MOST_PER_PAGE = 500
LAST_PAGE = 1_000
USUAL_MILES, SHORTEST_MILES, MOST_MILES = 5.0, 0.1, 100.0

KINDS, DAYS, COST, ACCESS, ATTENDING = "kinds", "days", "cost", "access", "attending"

NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Query:
    """What somebody looks for. Within a facet any choice will do; of access needs all must be met.

    With a place, what is held further from it than so many miles is left out; what is held nowhere
    (online, by phone, or nobody said where) is not.
    """

    text: str = ""
    near: Place | None = None
    within: float = USUAL_MILES
    kinds: Set[str] = NOTHING
    days: Set[str] = NOTHING
    free: bool = False
    access: Set[str] = NOTHING
    attending: Set[str] = NOTHING
    page: int = 1
    per_page: int = 20

    def bounded(self) -> "Query":
        """The same, with nothing in it that could take for ever."""
        miles = self.within if math.isfinite(self.within) else USUAL_MILES
        return replace(
            self,
            text=self.text[:LONGEST_TEXT],
            within=min(max(miles, SHORTEST_MILES), MOST_MILES),
            page=min(max(self.page, 1), LAST_PAGE),
            per_page=min(max(self.per_page, 1), MOST_PER_PAGE),
        )

    def chosen(self) -> dict[str, frozenset[str]]:
        """What is ticked in each facet."""
        return {
            KINDS: frozenset(self.kinds),
            DAYS: frozenset(self.days),
            COST: frozenset({"free"}) if self.free else NOTHING,
            ACCESS: frozenset(self.access),
            ATTENDING: frozenset(self.attending),
        }


@dataclass(frozen=True, slots=True)
class Hit:
    """One listing found: its id, how well it fits, and how far it is if both places are known."""

    id: uuid.UUID
    score: float
    distance_miles: float | None


@dataclass(frozen=True, slots=True)
class Answer:
    """One page of what was found, and how many there would be behind each choice of a facet.

    `loosened`: nothing has all the words, so this has some of them. `from_sql`: the index could
    not be read, so the database answered.
    """

    total: int
    hits: Sequence[Hit]
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    page: int = 1
    pages: int = 1
    loosened: bool = False
    from_sql: bool = False
