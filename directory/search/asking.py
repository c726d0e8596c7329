"""Directory search: what may be asked, within bounds, and what is answered."""

import math
import uuid
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from directory.meaning import Understood
from directory.places import Place

LONGEST_TEXT = 200
MOST_WORDS = 12
MOST_PER_PAGE = 500
LAST_PAGE = 1_000
USUAL_MILES, SHORTEST_MILES, MOST_MILES = 5.0, 0.1, 100.0
OFFERED_MILES = (1.0, 3.0, 5.0, 10.0, 15.0, 30.0)

KINDS, DAYS, TIMES, COST, AGES = "kinds", "days", "times", "cost", "ages"
AUDIENCES, LANGUAGES, ACCESS, ATTENDING = "audiences", "languages", "access", "attending"
NEEDS, OFFERS = "needs", "offers"

NEEDED_TOGETHER = frozenset({ACCESS, OFFERS})
"""Of these facets everything that is ticked must be met; of the others, anything."""

MAY_BE_UNKNOWN = frozenset({ACCESS, OFFERS, COST})
"""The facets that count whom nobody has asked apart from those who said no."""

TEXT, WITHIN = "text", "within"

NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Query:
    """What somebody looks for. Within a facet any choice will do; what one
    cannot do without (access, what is offered) must all be met.

    With a place, what is held further from it than so many miles is left out; what is held nowhere
    (online, by phone, or nobody said where) is not. What is not known is never taken as a yes,
    unless `unknown` asks for it too. `exact` looks for the words themselves, whatever they mean.
    `counting` names the facets whose choices are to be counted (all, if it names none); `explain`
    asks why each listing stands where it stands.
    """

    text: str = ""
    near: Place | None = None
    within: float = USUAL_MILES
    kinds: Set[str] = NOTHING
    needs: Set[str] = NOTHING
    days: Set[str] = NOTHING
    times: Set[str] = NOTHING
    free: bool = False
    ages: Set[str] = NOTHING
    audiences: Set[str] = NOTHING
    languages: Set[str] = NOTHING
    access: Set[str] = NOTHING
    attending: Set[str] = NOTHING
    offers: Set[str] = NOTHING
    unknown: bool = False
    exact: bool = False
    counting: frozenset[str] | None = None
    explain: bool = False
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
            NEEDS: frozenset(self.needs),
            DAYS: frozenset(self.days),
            TIMES: frozenset(self.times),
            COST: frozenset({"free"}) if self.free else NOTHING,
            AGES: frozenset(self.ages),
            AUDIENCES: frozenset(self.audiences),
            LANGUAGES: frozenset(self.languages),
            ACCESS: frozenset(self.access),
            ATTENDING: frozenset(self.attending),
            OFFERS: frozenset(self.offers),
        }

    def ticking(self, facet: str, codes: Set[str]) -> "Query":
        """The same with this ticked in a facet, and nothing else in it."""
        if facet == COST:
            return replace(self, free="free" in codes)
        ticked: dict[str, Any] = {facet: frozenset(codes)}
        return replace(self, **ticked)


@dataclass(frozen=True, slots=True)
class Factor:
    """One thing that moves a listing up or down: what it multiplies the score by, and why."""

    name: str
    value: float
    words: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a listing stands where it stands: the factors whose product is its score.

    `parts`: what the words, the need and the sense of the text each gave to its relevance.
    """

    factors: tuple[Factor, ...]
    parts: Mapping[str, float] = field(default_factory=dict)

    @property
    def score(self) -> float:
        """What the factors come to."""
        return math.prod(each.value for each in self.factors)


class Hit(NamedTuple):
    """One listing found: its id, how well it fits, and how far it is if both places are known."""

    id: uuid.UUID
    score: float
    distance_miles: float | None
    why: Explanation | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One page of what was found, and how many there would be behind each choice of a facet.

    `not_known`: how many fit only if what nobody has said is taken as a yes; they are among those
    found only if that was asked for. `loosened`: nothing has all the words, so this has some of
    them. `from_sql`: the index could not be read, so the database answered; `partly`: from some of
    the listings alone, so that there may be more of everything. `understood`: what the text was
    taken to mean; `corrected`: the text as it was probably meant, if a word was mistyped.
    """

    total: int
    hits: Sequence[Hit]
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    page: int = 1
    pages: int = 1
    not_known: int = 0
    loosened: bool = False
    from_sql: bool = False
    partly: bool = False
    understood: Understood | None = None
    corrected: str = ""


@dataclass(frozen=True, slots=True)
class Limit:
    """One thing that was asked: a facet, one need of several, one word, the text, the distance."""

    of: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Relaxation:
    """What to ask instead of a question that finds nothing: without so few limits, this many."""

    limits: tuple[Limit, ...]
    count: int
    query: Query
