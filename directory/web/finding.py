"""The directory's search as an address: what was asked, and where asking otherwise leads."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Any

from flask import get_template_attribute, url_for
from markupsafe import Markup

from core.languages import _, language, lazy
from core.templating import miles
from directory.addresses import find_spot
from directory.meaning.whereabouts import Whereabouts, whereabouts_in
from directory.places import Place, PlaceKind, place_around, places_named
from directory.search import Answer, Limit, Query, Relaxation
from directory.search.asking import (
    MAY_BE_UNKNOWN,
    OFFERED_MILES,
    TEXT,
    USUAL_MILES,
    WITHIN,
)
from directory.web.choices import GROUPS, Group

SHORTEST_START = 4
PER_PAGE = 20
MOST_ON_MAP = 500
WALK = lazy("1 mile (about 20 minutes’ walk)")


@dataclass(frozen=True, slots=True)
class Choice:
    """One box to tick: its value, how many it would show, whether it is ticked.

    `box`: how it stands on the page, up to the count.
    """

    value: str
    box: Markup
    count: int
    ticked: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """One group of boxes. Without choices it is there for script alone, to fill in later."""

    name: str
    legend: str
    choices: tuple[Choice, ...]
    is_open: bool

    @property
    def ticked(self) -> int:
        """How many of the boxes are ticked."""
        return sum(each.ticked for each in self.choices)


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in use, and the address without it."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class WayOut:
    """What to ask instead of what finds nothing, without so many of its limits."""

    text: str
    href: str
    count: int
    limits: int


@dataclass(frozen=True)
class Asked:
    """What somebody looks for, as the address of the page says it.

    `exact`: the words themselves, whatever they mean. `anywhere`: whatever place the words name.
    `takes_place`: a place among the words is looked at as one. `faults`: what is wrong with a box.
    """

    q: str = ""
    near: str = ""
    within: float = USUAL_MILES
    kind: tuple[str, ...] = ()
    need: tuple[str, ...] = ()
    day: tuple[str, ...] = ()
    time: tuple[str, ...] = ()
    cost: tuple[str, ...] = ()
    age: tuple[str, ...] = ()
    who: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    access: tuple[str, ...] = ()
    attending: tuple[str, ...] = ()
    has: tuple[str, ...] = ()
    unknown: bool = False
    exact: bool = False
    anywhere: bool = False
    explain: bool = False
    view: str = "list"
    page: int = 1
    takes_place: bool = True
    faults: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def place(self) -> Place | None:
        """The place that was meant, if there is such a place."""
        if self.near:
            return find_spot(self.near)
        return self.said.place if self.said else None

    @cached_property
    def said(self) -> Whereabouts | None:
        """The place that is named among the words, if the search is to be near it."""
        if self.near or self.exact or self.anywhere or not self.takes_place:
            return None
        return whereabouts_in(self.q)

    @property
    def words(self) -> str:
        """What is looked for: the words without the place among them."""
        return self.said.rest if self.said else self.q

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

    @cached_property
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
            text=self.words,
            near=self.place,
            within=self.within,
            kinds=frozenset(self.kind),
            needs=frozenset(self.need),
            days=frozenset(self.day),
            times=frozenset(self.time),
            free=bool(self.cost),
            ages=frozenset(self.age),
            audiences=frozenset(self.who),
            languages=frozenset(self.language),
            access=frozenset(self.access),
            attending=frozenset(self.attending),
            offers=frozenset(self.has),
            unknown=self.unknown,
            exact=self.exact,
            explain=self.explain,
            page=self.page,
            per_page=per_page,
        )

    def address(self, endpoint: str = "directory.activities", **changes: Any) -> str:
        """The address of asking this, with something asked otherwise; what is usual is left out."""
        changes = {"page": 1, **changes}
        told: dict[str, Any] = {}
        for name, usual in _usual().items():
            value = changes.get(name, getattr(self, name))
            if value != usual:
                told[name] = _told(name, value)
        if "near" not in told and ("anywhere" in told or not self.said):
            told.pop("within", None)
        return url_for(endpoint, **told)

    @property
    def distances(self) -> dict[str, str]:
        """The distances to choose from, with the present one among them whatever it is."""
        numbers = sorted({*OFFERED_MILES, self.within})
        return {f"{number:g}": WALK if number == 1 else miles(number) for number in numbers}

    def without_filters(self) -> str:
        """The address of the same search with every box unticked."""
        unticked: dict[str, Any] = dict.fromkeys(NAMES, ())
        return self.address(**unticked, unknown=False, exact=False)

    def chips(self) -> list[Chip]:
        """The filters in use."""
        exact = [Chip(_("Exact words"), self.address(exact=False))] if self.exact and self.q else []
        return exact + [
            Chip(group.words()[value], self._without(group.name, value))
            for group in GROUPS
            for value in getattr(self, group.name)
        ]

    @property
    def may_be_unknown(self) -> list[str]:
        """The filters in use to which some have given no answer, in words."""
        return [
            str(group.words()[value])
            for group in GROUPS
            if group.facet in MAY_BE_UNKNOWN
            for value in getattr(self, group.name)
        ]

    def ways_out(self, relaxations: Sequence[Relaxation]) -> list[WayOut]:
        """The same search without a limit that left nothing."""
        apart = self.with_place_apart()
        return [
            WayOut(apart._words_without(each), apart._relaxed(each), each.count, len(each.limits))
            for each in relaxations
        ]

    def with_place_apart(self) -> "Asked":
        """The same, with a place that stands among the words in the box for places."""
        if self.said is None:
            return self
        place = self.said.place
        near = place.label if place.kind is PlaceKind.PLACE else place.name
        return replace(self, q=self.words, near=near)

    def _words_without(self, relaxation: Relaxation) -> str:
        said = [self._limit_words(each, relaxation.query) for each in relaxation.limits]
        return _(" and ").join(said)

    def _limit_words(self, limit: Limit, instead: Query) -> str:
        if limit.of == WITHIN:
            near = instead.near is not None
            return _("within %(miles)s", miles=miles(instead.within)) if near else _("anywhere")
        if limit.of == TEXT:
            return _("without “%(words)s”", words=limit.value or self.q)
        group = _group_of(limit.of)
        ticked = [limit.value] if limit.value else getattr(self, group.name)
        words = _(" or ").join(str(group.words()[value]) for value in ticked)
        return _("without “%(words)s”", words=words)

    def _relaxed(self, relaxation: Relaxation) -> str:
        other: dict[str, Any] = {}
        for limit in relaxation.limits:
            if limit.of == WITHIN:
                near = relaxation.query.near is not None
                other |= {"within": relaxation.query.within} if near else {"near": ""}
            elif limit.of == TEXT:
                other["q"] = relaxation.query.text
            else:
                name = _group_of(limit.of).name
                left = other.get(name, getattr(self, name)) if limit.value else ()
                other[name] = tuple(each for each in left if each != limit.value)
        return self.address(**other)

    def _without(self, name: str, value: str) -> str:
        fewer: dict[str, Any] = {name: tuple(v for v in getattr(self, name) if v != value)}
        return self.address(**fewer)

    def facets(self, answer: Answer) -> list[Facet]:
        """The boxes to tick, with how many each would show; those that would show none are out."""
        return [
            Facet(
                group.name,
                group.legend,
                tuple(self._choices(group, answer.facets)),
                group.starts_open or bool(self._ticked(group)),
            )
            for group in GROUPS
        ]

    def _ticked(self, group: Group) -> tuple[str, ...]:
        ticked: tuple[str, ...] = getattr(self, group.name)
        return ticked

    def _choices(self, group: Group, facets: Mapping[str, Mapping[str, int]]) -> Iterator[Choice]:
        ticked = self._ticked(group)
        counts = facets.get(group.facet, {})
        boxes = {each: _boxes(group.name, language().code, ticked=each) for each in (True, False)}
        for value in group.words():
            if counts.get(value) or value in ticked:
                on = value in ticked
                yield Choice(value, boxes[on][value], counts.get(value, 0), on)


NAMES = tuple(group.name for group in GROUPS)


@cache
def _boxes(name: str, _code: str, *, ticked: bool) -> dict[str, Markup]:
    box = get_template_attribute("directory/parts/box.html", "box")
    words = next(group for group in GROUPS if group.name == name).words()
    return {value: box(name, value, text, ticked) for value, text in words.items()}


def _group_of(facet: str) -> Group:
    return next(group for group in GROUPS if group.facet == facet)


@cache
def _usual() -> dict[str, Any]:
    """What an address says, in this order, and what goes without saying."""
    names = ("q", "near", "within", *NAMES, "unknown", "exact", "anywhere", "explain")
    return {name: getattr(Asked(), name) for name in (*names, "view", "page")}


def _told(name: str, value: Any) -> Any:
    """A value as the address says it."""
    if name == "within":
        return f"{value:g}"
    return "1" if value is True else value
