"""Directory: what people wish there were, and about where; never who wishes it."""

import re
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from core import audit, clock
from core.actors import Actor
from core.db import db
from core.errors import BadInput
from core.languages import _, lazy
from directory.models import Wish
from directory.places import find_place, roughly

TIMES_WORDS = {
    "morning": lazy("Mornings"),
    "afternoon": lazy("Afternoons"),
    "evening": lazy("Evenings"),
    "weekend": lazy("Weekends"),
}

_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_NUMBER = re.compile(r"\+?(?:[0-9][\s().-]{0,2}){9,}")
_POSTCODE = re.compile(r"\b[A-Z]{1,2}[0-9][A-Z0-9]?\s*[0-9][A-Z]{2}\b", re.IGNORECASE)

DECIMALS = 2
"""Decimals of a degree that a place is rounded to: about a kilometre."""


@dataclass(frozen=True, slots=True)
class PlaceWishes:
    """What is wished for around one place, the latest first."""

    place: str
    wishes: tuple[Wish, ...]


def tells_who(words: str) -> bool:
    """Whether the words hold something that leads to a person: an address, a number, a postcode."""
    return any(pattern.search(words) for pattern in (_EMAIL, _NUMBER, _POSTCODE))


def wish(words: str, place: str, times: Sequence[str], *, by: Actor) -> None:
    """Keep a wish, with about where and when. The place is coarsened before anything is kept."""
    if tells_who(words):
        raise BadInput(_("Leave out phone numbers, email addresses and postcodes."))
    found = find_place(place) if place.strip() else None
    if place.strip() and found is None:
        raise BadInput(_("We do not know that place. Try a town or a postcode."))
    made = Wish(
        id=uuid.uuid4(),
        words=words.strip(),
        place=roughly(found) if found else "",
        latitude=round(found.latitude, DECIMALS) if found else None,
        longitude=round(found.longitude, DECIMALS) if found else None,
        times=",".join(each for each in TIMES_WORDS if each in times),
        made_at=clock.now(),
    )
    db.session.add(made)
    audit.record(by, "wish kept", about=f"wish:{made.id}")


def wishes_by_place() -> list[PlaceWishes]:
    """All wishes, gathered by place; the places with most come first, those of nowhere last."""
    gathered: dict[str, list[Wish]] = defaultdict(list)
    for each in all_wishes():
        gathered[each.place].append(each)
    order = sorted(gathered, key=lambda place: (place == "", -len(gathered[place]), place))
    return [PlaceWishes(place, tuple(gathered[place])) for place in order]


def all_wishes() -> list[Wish]:
    """All wishes, the latest first."""
    return list(db.session.scalars(select(Wish).order_by(Wish.made_at.desc(), Wish.id)))


def times_of(wish: Wish) -> str:
    """When it is wished for, as people say it."""
    return ", ".join(str(TIMES_WORDS[each]) for each in wish.times.split(",") if each)
