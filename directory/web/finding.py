"""The directory's search as an address: what was asked, and where asking otherwise leads."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import isfinite
from typing import Any

from flask import url_for
from werkzeug.datastructures import MultiDict

from core.errors import BadInput
from core.inputs import page_number
from directory.addresses import find_spot
from directory.places import Place, PlaceKind, place_around, places_named
from directory.rules import ACCESS_WORDS, Access, Attending
from directory.search import Answer, Query
from directory.taxonomy import kinds

LONGEST_WORDS = 200
LONGEST_PLACE = 100
SHORTEST_START = 4
PER_PAGE = 20
MOST_ON_MAP = 500
USUAL_MILES = 5.0
FURTHEST = 100.0

WITHIN = {
    1.0: "1 mile (about 20 minutes’ walk)",
    3.0: "3 miles",
    5.0: "5 miles",
    10.0: "10 miles",
    15.0: "15 miles",
    30.0: "30 miles",
}
DAYS = {
    "MO": "Monday",
    "TU": "Tuesday",
    "WE": "Wednesday",
    "TH": "Thursday",
    "FR": "Friday",
    "SA": "Saturday",
    "SU": "Sunday",
}
ATTENDING = {
    Attending.VENUE: "Somewhere you go",
    Attending.ONLINE: "Online",
    Attending.PHONE: "By phone",
    Attending.HOME_VISIT: "Somebody comes to you",
}
VIEWS = ("list", "map")


@dataclass(frozen=True, slots=True)
class Choice:
    """One box to tick: its value and words, how many it would show, whether it is ticked."""

    value: str
    words: str
    count: int
    ticked: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """One group of boxes."""

    name: str
    legend: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in use, and the address without it."""

    text: str
    href: str


@dataclass(frozen=True)
class Asked:
    """What somebody looks for, as the address of the page says it."""

    q: str = ""
    near: str = ""
    within: float = USUAL_MILES
    kind: tuple[str, ...] = ()
    day: tuple[str, ...] = ()
    cost: tuple[str, ...] = ()
    access: tuple[str, ...] = ()
    attending: tuple[str, ...] = ()
    view: str = "list"
    page: int = 1

    @cached_property
    def place(self) -> Place | None:
        """The place that was meant, if there is such a place."""
        return find_spot(self.near) if self.near else None

    @property
    def knows_place(self) -> bool:
        return not self.near or self.place is not None

    @property
    def anything(self) -> bool:
        """Whether anything at all was asked, or this is the page as one first meets it."""
        return self != Asked()

    @property
    def suggestions(self) -> list[Place]:
        """Places that may have been meant by one we do not know: those that begin like it."""
        if self.knows_place:
            return []
        longest = max(self.near.split(), key=len)
        tries = [self.near, *(longest[:end] for end in range(len(longest), SHORTEST_START - 1, -1))]
        found = (places_named(text, limit=4) for text in tries)
        return next((places for places in found if places), [])

    @property
    def place_words(self) -> str:
        """What to call the place in a heading; a spot on the map goes by what is around it."""
        if self.place is None:
            return ""
        if self.place.kind is PlaceKind.POINT:
            return place_around(self.place.latitude, self.place.longitude).name
        return self.place.name

    def query(self, *, per_page: int = PER_PAGE) -> Query:
        """The same as the search itself wants to hear it."""
        return Query(
            text=self.q,
            near=self.place,
            within=self.within,
            kinds=frozenset(self.kind),
            days=frozenset(self.day),
            free=bool(self.cost),
            access=frozenset(self.access),
            attending=frozenset(self.attending),
            page=self.page,
            per_page=per_page,
        )

    def address(self, endpoint: str = "directory.activities", **changes: Any) -> str:
        """The address of asking this, with something asked otherwise; what is usual is left out."""
        other = replace(self, **{"page": 1, **changes})
        usual = Asked()
        names = ("q", "near", "within", *FACETS, "view", "page")
        said = {name: getattr(other, name) for name in names}
        told: dict[str, Any] = {
            name: f"{value:g}" if name == "within" else value
            for name, value in said.items()
            if value != getattr(usual, name)
        }
        if not other.near:
            told.pop("within", None)
        return url_for(endpoint, **told)

    @property
    def distances(self) -> dict[str, str]:
        """The distances to choose from, with the present one among them whatever it is."""
        all_of_them = WITHIN | {self.within: WITHIN.get(self.within, f"{self.within:g} miles")}
        return {f"{number:g}": all_of_them[number] for number in sorted(all_of_them)}

    @property
    def wider(self) -> float | None:
        """The next longer distance, if there is one."""
        return next((number for number in WITHIN if number > self.within), None)

    def without_filters(self) -> str:
        """The address of the same search with every box unticked."""
        unticked: dict[str, Any] = dict.fromkeys(FACETS, ())
        return self.address(**unticked)

    def chips(self) -> list[Chip]:
        """The filters in use."""
        return [
            Chip(words[value], self._without(name, value))
            for name, (_, words) in _facets().items()
            for value in getattr(self, name)
        ]

    def _without(self, name: str, value: str) -> str:
        fewer: dict[str, Any] = {name: tuple(v for v in getattr(self, name) if v != value)}
        return self.address(**fewer)

    def facets(self, answer: Answer) -> list[Facet]:
        """The boxes to tick, with how many each would show; those that would show none are out."""
        whole = [
            Facet(name, legend, tuple(self._choices(name, words, answer.facets)))
            for name, (legend, words) in _facets().items()
        ]
        return [facet for facet in whole if facet.choices]

    def _choices(
        self, name: str, words: dict[str, str], facets: Mapping[str, Mapping[str, int]]
    ) -> Iterator[Choice]:
        ticked = getattr(self, name)
        counts = facets.get(COUNTED_AS[name], {})
        for value, text in words.items():
            if counts.get(value) or value in ticked:
                yield Choice(value, text, counts.get(value, 0), value in ticked)


# Our names in the address, and what the search calls the same.
COUNTED_AS = {
    "cost": "cost",
    "kind": "kinds",
    "day": "days",
    "access": "access",
    "attending": "attending",
}
FACETS = tuple(COUNTED_AS)


def asked(args: MultiDict[str, str]) -> Asked:
    """What an address asks for, or BadInput for one that no page of ours leads to."""
    facets = {
        name: _known(args.getlist(name), words, legend)
        for name, (legend, words) in _facets().items()
    }
    view = args.get("view") or "list"
    if view not in VIEWS:
        raise BadInput("Results come as a list or as a map.")
    return Asked(
        q=_words(args.get("q", ""), LONGEST_WORDS),
        near=_words(args.get("near", ""), LONGEST_PLACE),
        within=_miles(args.get("within", "")),
        view=view,
        page=page_number(args.get("page")),
        **facets,
    )


def _facets() -> dict[str, tuple[str, dict[str, str]]]:
    """Each group of boxes: its heading and the words for its values, in the order of FACETS."""
    return {
        "cost": ("Cost", {"free": "Free"}),
        "kind": ("Kind of thing", {term.code: term.name for term in kinds()}),
        "day": ("Day", DAYS),
        "access": ("Access and comfort", {str(each): ACCESS_WORDS[each] for each in Access}),
        "attending": ("How to join in", {str(each): ATTENDING[each] for each in Attending}),
    }


def _words(text: str, longest: int) -> str:
    tidy = " ".join(text.split())
    if len(tidy) > longest:
        raise BadInput("That is a lot of words. Try again with a few.")
    return tidy


def _miles(text: str) -> float:
    if not text:
        return USUAL_MILES
    try:
        number = float(text) if text.isascii() and len(text) < 8 else 0.0
    except ValueError:
        number = 0.0
    if not (isfinite(number) and 0 < number <= FURTHEST):
        raise BadInput("The distance must be a number of miles.")
    return number


def _known(given: Sequence[str], words: dict[str, str], legend: str) -> tuple[str, ...]:
    chosen = [value for value in given if value]
    if any(value not in words for value in chosen):
        raise BadInput(f"There is no such choice under “{legend}”.")
    return tuple(value for value in words if value in chosen)
