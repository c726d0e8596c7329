"""Directory: what an import may change of a listing: never what a person has confirmed here."""

from collections.abc import Sequence
from dataclasses import fields, replace

from directory.facts import ListingFacts, PlaceFacts
from directory.rules import ASPECT_OF, Aspect

_APART = {"places", "assured_on"}


def merged(
    ours: ListingFacts, theirs: ListingFacts, confirmed: frozenset[Aspect]
) -> tuple[ListingFacts, frozenset[Aspect]]:
    """What the listing is to say, and in which aspects it keeps what people here said."""
    if not confirmed:
        return theirs, frozenset()
    kept = {
        each.name
        for each in fields(ListingFacts)
        if each.name not in _APART and ASPECT_OF.get(each.name, Aspect.ABOUT) in confirmed
    }
    places = _places(ours.places, theirs.places, confirmed)
    result = replace(theirs, places=places, **{name: getattr(ours, name) for name in kept})
    aspects = {
        ASPECT_OF.get(name, Aspect.ABOUT)
        for name in kept
        if getattr(result, name) != getattr(theirs, name)
    }
    if _bare(places) != _bare(theirs.places):
        aspects.add(Aspect.PLACE)
    if [each.access for each in places] != [each.access for each in theirs.places]:
        aspects.add(Aspect.ACCESS)
    return result, frozenset(aspects & confirmed)


def _places(
    ours: Sequence[PlaceFacts], theirs: Sequence[PlaceFacts], confirmed: frozenset[Aspect]
) -> tuple[PlaceFacts, ...]:
    """The places, where they are and what access they have being two things to confirm."""
    places = ours if Aspect.PLACE in confirmed else theirs
    answers = ours if Aspect.ACCESS in confirmed else theirs
    return tuple(
        replace(place, access=answers[at].access) if at < len(answers) else place
        for at, place in enumerate(places)
    )


def _bare(places: Sequence[PlaceFacts]) -> list[PlaceFacts]:
    return [replace(each, access={}) for each in places]
