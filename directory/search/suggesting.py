"""Directory search: what somebody may be about to type: activities, needs, kinds and places.

Everything is looked up in sorted arrays, never in the database, but for one look at the few names
in the end whether everybody may still see them. The names of listings are read again, behind
everybody's back, when something has changed and they are a minute old.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, zip_longest
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from core.languages import translated
from directory import meaning, taxonomy
from directory.atlas import SCALE, atlas
from directory.models import Location, Service, ServiceAtLocation
from directory.places import Place, miles_from, place_in_row
from directory.rules import SHOWN
from directory.search.beginnings import Beginnings, words_of

SHORTEST, SHORTEST_NEED, SURELY_MEANT, LONGEST = 2, 3, 4, 100
MOST = 20
FAIR_SHARE = 3
"""So many of each sort come before the rest of any other."""

AT_ONCE = 40
"""So many of the likeliest names are looked at closely."""

NEARBY_MILES = 15.0
KEPT_SECONDS = 60.0

SQUARES_A_DEGREE, ROW_OF_SQUARES, STEPS = 10, 1_000, (-1, 0, 1)

Cells = NDArray[np.int32]
Kind = Literal["activity", "need", "kind", "place"]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One thing that may be meant: its name, and the slug, code or full name to ask for it by.

    A name that several activities share has no slug: all of them are meant. `because`: the words
    of a need that begin as typed.
    """

    kind: Kind
    text: str
    slug_or_code: str
    because: str = ""


class Names:
    """The names of the listings that everybody may see."""

    def __init__(self, engine: Engine, *, in_background: bool) -> None:
        self._engine = engine
        self._in_background = in_background
        self._held: _Held | None = None
        self._read_at = -KEPT_SECONDS
        self._reading = threading.Lock()

    def like(self, typed: str, near: Place | None, limit: int) -> Iterator[Suggestion]:
        """The activities with such a name, the likeliest first."""
        found = self._present().like(typed, near)[:AT_ONCE]
        with Session(self._engine) as session:
            # Their life is compared here: asked for both, SQLite goes through all that are alive.
            lives = select(Service.slug, Service.life)
            there = session.execute(lives.where(Service.slug.in_([slug for _, slug in found])))
            shown = {slug for slug, life in there if life in SHOWN}
        slugs_of: dict[str, list[tuple[str, str]]] = {}
        for name, slug in found:
            if slug in shown:
                slugs_of.setdefault(name.casefold(), []).append((name, slug))
        for several in islice(slugs_of.values(), limit):
            name, slug = several[0]
            yield Suggestion("activity", name, slug if len(several) == 1 else "")

    def is_about(self) -> Cells:
        """The squares of the map in or beside which there is anything."""
        return self._present().about

    def _present(self) -> "_Held":
        held = self._held
        if held is None or not self._in_background:
            with self._reading:
                held = self._held = _read(self._engine)
                self._read_at = time.monotonic()
        elif time.monotonic() - self._read_at > KEPT_SECONDS and self._reading.acquire(
            blocking=False
        ):
            threading.Thread(target=self._read_again, args=(held,), daemon=True).start()
        return held

    def _read_again(self, held: "_Held") -> None:
        try:
            if _state(self._engine) != held.state:
                self._held = _read(self._engine)
            self._read_at = time.monotonic()
        finally:
            self._reading.release()


class _Held:
    """The names as they were at one time. Kept as bytes: 200,000 of them take some 20 MB."""

    def __init__(self, state: object, rows: Sequence[tuple[str, str, float, float]]) -> None:
        self.state = state
        self._beginnings = Beginnings(name for name, *_ in rows)
        texts = [f"{name}\n{slug}".encode() for name, slug, *_ in rows]
        self._ends = np.cumsum([0, *map(len, texts)], dtype=np.int64)
        self._texts = b"".join(texts)
        self._points = np.array([row[2:] for row in rows], dtype=np.float32).reshape(-1, 2)
        around = np.array([(north, east) for north in STEPS for east in STEPS]) / SQUARES_A_DEGREE
        self.about = np.unique([_cells(self._points + step) for step in around])

    def like(self, typed: str, near: Place | None) -> list[tuple[str, str]]:
        rows, begins = self._beginnings.like(typed)
        far = np.zeros(len(rows), dtype=np.bool_)
        if near is not None:
            there = self._points[rows]
            away = miles_from(near.latitude, near.longitude, there[:, 0], there[:, 1])
            far = ~(away <= NEARBY_MILES)
        order = np.lexsort((self._ends[rows + 1] - self._ends[rows], ~begins, far))[:AT_ONCE]
        return [self._text(int(row)) for row in rows[order]]

    def _text(self, row: int) -> tuple[str, str]:
        name, _, slug = self._texts[self._ends[row] : self._ends[row + 1]].decode().rpartition("\n")
        return name, slug


def suggest(
    names: Names, text: str, near: Place | None, limit: int, only: Kind | None
) -> list[Suggestion]:
    """What may be meant by what is typed so far: some of each sort, grouped by sort."""
    typed, limit = text[:LONGEST], max(0, min(limit, MOST))
    if len("".join(words_of(typed))) < SHORTEST:
        return []
    ways: dict[Kind, Callable[[], Iterator[Suggestion]]] = {
        "need": lambda: needs_like(typed),
        "kind": lambda: kinds_like(typed),
        "activity": lambda: names.like(typed, near, limit),
        "place": lambda: places_like(typed, names.is_about(), any_too=only is not None),
    }
    sorts = [list(islice(way(), limit)) for kind, way in ways.items() if only in {None, kind}]
    few = [sort[:FAIR_SHARE] for sort in sorts]
    more = [sort[FAIR_SHARE:] for sort in sorts]
    in_turn = (each for turn in (*zip_longest(*few), *zip_longest(*more)) for each in turn)
    chosen = set(islice((each for each in in_turn if each is not None), limit))
    return [each for sort in sorts for each in sort if each in chosen]


def needs_like(typed: str) -> Iterator[Suggestion]:
    """Needs of which a name or something that people say begins so."""
    if len("".join(words_of(typed))) < SHORTEST_NEED:
        return
    thesaurus = meaning.thesaurus()
    beginnings, said = _phrases(thesaurus.version)
    rows, begins = beginnings.like(typed)
    shortest_first = sorted(
        zip((~begins).tolist(), (said[row] for row in rows), strict=True),
        key=lambda each: (each[0], len(each[1][1])),
    )
    seen = set()
    for _, (code, phrase) in shortest_first:
        if code not in seen and (concept := thesaurus.concepts.get(code)):
            seen.add(code)
            because = "" if phrase == concept.name else phrase
            yield Suggestion("need", concept.name, code, because)


def kinds_like(typed: str) -> Iterator[Suggestion]:
    """Kinds of activity with such a name, in English or in the language of the page."""
    asked = words_of(typed)
    for term in taxonomy.kinds():
        own = _words_of_kind(f"{term.name} {translated(term.name)}")
        if all(any(word.startswith(each) for word in own) for each in asked):
            yield Suggestion("kind", str(term.name), term.code)


def places_like(typed: str, about: Cells, *, any_too: bool) -> Iterator[Suggestion]:
    """Places with such a name: first those where there is anything, then the best known.

    Those where there is nothing only if they were asked for, or hardly anything else is meant.
    """
    book, beginnings = atlas(), _place_names()
    rows, begins = beginnings.like(typed)
    there = np.isin(_cells(book.points[rows] / SCALE), about)
    if (there.any() and not any_too) or len(typed) < SURELY_MEANT:
        rows, begins, there = rows[there], begins[there], there[there]
    seen = set()
    for row in rows[np.lexsort((book.ranks[rows], ~begins, ~there))][:AT_ONCE]:
        label = place_in_row(int(row)).label
        if label not in seen:
            seen.add(label)
            yield Suggestion("place", label, label)


def _cells(points: NDArray[np.floating[Any]]) -> Cells:
    """The number of the square of the map in which each point lies; -1 for no point."""
    squares = np.floor(points * SQUARES_A_DEGREE)
    numbers = squares[:, 0] * ROW_OF_SQUARES + squares[:, 1]
    return np.asarray(np.nan_to_num(numbers, nan=-1), dtype=np.int32)


@lru_cache(maxsize=2)
def _phrases(_version: str) -> tuple[Beginnings, list[tuple[str, str]]]:
    said = [
        (code, text)
        for code, concept in meaning.thesaurus().concepts.items()
        for text in dict.fromkeys((concept.name, *concept.words, *concept.phrases))
    ]
    return Beginnings(text for _, text in said), said


@lru_cache(maxsize=200)
def _words_of_kind(name: str) -> tuple[str, ...]:
    return tuple(words_of(name))


@lru_cache(maxsize=1)
def _place_names() -> Beginnings:
    return Beginnings(atlas().names)


def _read(engine: Engine) -> _Held:
    first = ServiceAtLocation.position == 0
    wanted = (
        select(Service.name, Service.slug, Location.latitude, Location.longitude)
        .outerjoin(ServiceAtLocation, (ServiceAtLocation.service_id == Service.id) & first)
        .outerjoin(Location, Location.id == ServiceAtLocation.location_id)
        .where(Service.life.in_(SHOWN))
        .order_by(Service.name)
    )
    state = _state(engine)  # first: what changes while we read is read again
    with Session(engine) as session:
        rows = session.execute(wanted).all()
    return _Held(
        state, [(name, slug, _degrees(lat), _degrees(lon)) for name, slug, lat, lon in rows]
    )


def _degrees(said: float | None) -> float:
    return float("nan") if said is None else float(said)


def _state(engine: Engine) -> tuple[object, ...]:
    """Something that changes with every change of what is shown."""
    with Session(engine) as session:
        newest = select(func.count(), func.max(Service.last_modified))
        return tuple(session.execute(newest.where(Service.life.in_(SHOWN))).one())
