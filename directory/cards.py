"""Directory: what a card says of a listing, so that every list in Kith says it alike."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core import clock
from core.languages import _, lazy, ngettext, translated
from core.templating import pounds
from directory.models import CostOption, Location, Service
from directory.notices import is_full, is_resting
from directory.rules import (
    ACCESS_WORDS,
    Access,
    Answer,
    Attending,
    Life,
    LocationType,
    is_fresh,
)
from directory.taxonomy import KINDS
from directory.timing.sessions import next_sessions, when_words

COST_NOT_KNOWN = lazy("Ask about the cost")

_ELSEWHERE = {
    Attending.ONLINE: lazy("Online"),
    Attending.PHONE: lazy("By phone"),
    Attending.HOME_VISIT: lazy("At your home"),
}


@dataclass(frozen=True, slots=True)
class Card:
    """A listing in brief, in words that are ready to print."""

    id: uuid.UUID
    name: str
    slug: str
    organisation: str
    kind: str
    summary: str
    when: str
    next_on: date | None
    where: str
    miles: float | None
    cost: str
    is_free: bool
    places: str
    is_full: bool
    access: tuple[str, ...]
    checked_on: date | None
    is_fresh: bool
    is_doubted: bool
    is_paused: bool
    is_lost: bool


def card(service: Service, distance: float | None = None) -> Card:
    """The card of a listing, `distance` miles away."""
    coming = next_sessions(service, after=clock.now(), count=1)
    return Card(
        id=service.id,
        name=service.name,
        slug=service.slug,
        organisation=service.organisation.name,
        kind=kind_words(service),
        summary=service.summary,
        when=when_words(service),
        next_on=coming[0].on if coming else None,
        where=where_words(service),
        miles=distance,
        cost=cost_words(service),
        is_free=is_free(service),
        places=places_words(service),
        is_full=is_full(service, clock.today()),
        access=tuple(
            translated(ACCESS_WORDS[each])
            for each, answer in access_of(service).items()
            if answer is Answer.YES
        ),
        checked_on=service.assured_on,
        is_fresh=is_fresh(service.assured_on, clock.today()),
        is_doubted=service.life is Life.NEEDS_CHECKING,
        is_paused=is_resting(service, clock.today()),
        is_lost=_is_lost(service),
    )


def kind_words(service: Service) -> str:
    """What sort of thing it is: the name of its main kind, "" if it has none."""
    names = (each.term.name for each in service.attributes if each.term.taxonomy == KINDS)
    return translated(next(names, ""))


def where_words(service: Service) -> str:
    """Where it is, in a few words: the place and its town, or how else one takes part."""
    if service.attending in _ELSEWHERE:
        return str(_ELSEWHERE[service.attending])
    location = next(_places(service), None)
    if location is None:
        return _("Ask where it is")
    named = location.name or location.address_1 or location.postcode
    return ", ".join(dict.fromkeys(filter(None, (named, location.city))))


def cost_words(service: Service) -> str:
    """What it costs: "Free", "£2, includes tea", "£1.50 to £4"; asking, if it is not known."""
    options = service.cost_options
    sums = sorted({each.amount for each in options if each.amount is not None})
    if not sums:
        return next(filter(None, map(_notes, options)), str(COST_NOT_KNOWN))
    if len(sums) > 1:
        return _("%(least)s to %(most)s", least=pounds(sums[0]), most=pounds(sums[-1]))
    return ", ".join(filter(None, (pounds(sums[0]), _added(options[0], sums[0]))))


def is_free(service: Service) -> bool:
    """Whether it is known to cost nothing."""
    sums = [each.amount for each in service.cost_options]
    return bool(sums) and all(each == 0 for each in sums)


def places_words(service: Service) -> str:
    """How many places are free, if that is known, or that none is."""
    if is_full(service, clock.today()):
        return _("Full at the moment")
    free = service.places_free
    return "" if free is None else ngettext("%(num)s place left", "%(num)s places left", free)


def access_of(service: Service) -> dict[Access, Answer]:
    """Every access question and its answer, not known where nobody has said."""
    location = service.location
    told = {each.feature: each.answer for each in location.accessibility} if location else {}
    return {each: told.get(each, Answer.UNKNOWN) for each in Access}


def _places(service: Service) -> Iterator[Location]:
    return (
        each.location
        for each in service.places
        if each.location.location_type is not LocationType.VIRTUAL
    )


def _is_lost(service: Service) -> bool:
    """Whether one would have to go there, and nobody has told us where that is on the map."""
    spots = [each.location.latitude for each in service.places]
    return service.attending is Attending.VENUE and not any(each is not None for each in spots)


def _notes(option: CostOption) -> str:
    return option.amount_description or option.option


def _added(option: CostOption, amount: Decimal) -> str:
    """What the words add to the sum; many only say the sum again."""
    notes = _notes(option)
    # The notes are its group's, in English: so is what they are compared with.
    short = f"£{amount:.0f}" if amount == amount.to_integral() else f"£{amount:.2f}"
    again = {short, f"£{amount:.2f}", f"{amount:.2f}", f"{amount:.0f}"}
    if amount == 0:
        again.add("free")
    return "" if notes.casefold().strip(" .!") in again else notes
