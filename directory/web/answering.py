"""The directory's search: what an address finds, and what the page says above it of how it took it.

What somebody typed is shown to them and to nobody else: it is in no log, and in no count.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from directory import meaning
from directory.meaning.helplines import Helpline
from directory.meaning.urgent import helplines_for
from directory.meaning.whereabouts import is_about_here, whereabouts_in
from directory.search import Answer, Query, search
from directory.web.finding import Asked

MOST_MEANT = 2


@dataclass(frozen=True, slots=True)
class Meaning:
    """A need that was understood: what is shown for it, and the words that gave it away."""

    shown_as: str
    phrase: str


@dataclass(frozen=True, slots=True)
class Found:
    """A search and its answer: as it was taken, what was asked of the index, what that said."""

    asked: Asked
    query: Query
    answer: Answer


@dataclass(frozen=True, slots=True)
class Above:
    """What stands above the results: whom to ring at once, and how the words were taken.

    `near`, `elsewhere`: what to call the place the words name, if we look there, and if we do not
    though we could. `wants_place`: they say "near me", and nobody has said where that is.
    """

    helplines: Sequence[Helpline]
    meant: Sequence[Meaning]
    corrected: str
    near: str
    elsewhere: str
    wants_place: bool


def found(asked: Asked, *, per_page: int) -> Found:
    """What the address finds. A name that may be no place is one only if something is there."""
    query = asked.query(per_page=per_page)
    answer = search(query)
    said = asked.said
    # What is held nowhere (by phone, online) is in everybody's reach, and speaks for no place.
    is_there = any(hit.distance_miles is not None for hit in answer.hits)
    is_meant = is_there and (not answer.loosened or (said is not None and said.is_led))
    if said and not said.is_sure and not is_meant:
        return found(replace(asked, takes_place=False), per_page=per_page)
    return Found(asked, query, answer)


def above(it: Found) -> Above:
    """What the page says above what was found."""
    asked = it.asked
    other = whereabouts_in(asked.q) if asked.anywhere and not asked.near else None
    return Above(
        helplines=helplines_for(asked.q),
        meant=_meant(it.answer),
        corrected=it.answer.corrected,
        near=asked.place_words if asked.said else "",
        elsewhere=other.place.name if other else "",
        wants_place=not asked.near and not asked.said and is_about_here(asked.q),
    )


def _meant(answer: Answer) -> list[Meaning]:
    if answer.understood is None:
        return []
    concepts = meaning.thesaurus().concepts
    return [
        Meaning(concepts[each.code].shown_as, each.phrase)
        for each in answer.understood.concepts[:MOST_MEANT]
        if each.code in concepts
    ]
