"""What every engine that is measured can do, and the listings as the others are given them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from benchmarks.speed.asked import Found, Question
from directory import taxonomy
from directory.search.asking import COST, DAYS, KINDS, LANGUAGES
from directory.search.documents import COSTS, WEEKDAYS, Document
from directory.search.texts import FIELDS
from directory.search.words import stems

COUNTED = (KINDS, COST, DAYS, LANGUAGES)

NEARER = 0.6
"""So much of the score of a listing depends on how far it is, within the radius."""


class Engine(Protocol):
    """Something that answers questions."""

    name: str

    def ask(self, question: Question) -> Found:
        """The answer."""


class Other(Engine, Protocol):
    """Something that is built from listings first."""

    @staticmethod
    def build(folder: Path, listings: "Iterable[Listing]") -> None:
        """Make its index in an empty folder."""


@dataclass(frozen=True)
class Listing:
    """What is searched of one listing, numbers standing for the codes of each facet."""

    number: int
    texts: Mapping[str, str]
    kinds: tuple[int, ...]
    cost: int
    days: tuple[int, ...]
    languages: tuple[int, ...]
    latitude: float
    longitude: float


def listings(documents: Iterable[Document]) -> Iterator[Listing]:
    """These listings. Their texts are stems already, so that all look for the same words."""
    at = {facet: {code: n for n, code in enumerate(codes)} for facet, codes in codes_of().items()}
    for number, each in enumerate(documents):
        facts = each.facts
        latitude, longitude = facts.points[0]
        yield Listing(
            number=number,
            texts={name: " ".join(stems(each.texts[name])) for name in FIELDS},
            kinds=tuple(at[KINDS][code] for code in facts.kinds),
            cost=at[COST][facts.cost],
            days=tuple(sorted({at[DAYS][slot[:2]] for slot in facts.slots})),
            languages=tuple(at[LANGUAGES][code] for code in facts.languages),
            latitude=latitude,
            longitude=longitude,
        )


def codes_of() -> dict[str, tuple[str, ...]]:
    """The codes of each facet that is counted, in the order of their numbers."""
    return {
        KINDS: tuple(term.code for term in taxonomy.kinds()),
        COST: COSTS,
        DAYS: WEEKDAYS,
        LANGUAGES: tuple(taxonomy.languages()),
    }


def named(counts: Mapping[str, Mapping[int, int]]) -> dict[str, dict[str, int]]:
    """Counts by number as counts by code."""
    codes = codes_of()
    return {
        facet: {codes[facet][number]: count for number, count in of.items()}
        for facet, of in counts.items()
    }
