"""Directory: what differs between two states of a listing, in words for people."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from core.languages import _, lazy, translated
from core.templating import pounds
from directory.cleaning import plain_text
from directory.facts import (
    ContactFacts,
    CostFacts,
    LanguageFacts,
    ListingFacts,
    PhoneFacts,
    PlaceFacts,
    ScheduleFacts,
)
from directory.rules import ACCESS_WORDS, ASPECT_OF, Access, Answer, Aspect, Attending
from directory.taxonomy import audiences, kinds, needs
from directory.timing.sessions import schedule_words

LABELS = {
    "name": lazy("Name"),
    "summary": lazy("In one sentence"),
    "description": lazy("What it is like"),
    "kinds": lazy("Kind of thing"),
    "needs": lazy("What it helps with"),
    "categories": lazy("Other people’s words for it"),
    "before_you_come": lazy("Before you come"),
    "when_you_arrive": lazy("When you arrive"),
    "afterwards": lazy("Afterwards"),
    "meets_at_door": lazy("Met at the door"),
    "schedules": lazy("When"),
    "attending": lazy("How people join in"),
    "places": lazy("Where"),
    "cost_options": lazy("Cost"),
    "places_free": lazy("Places left"),
    "new_people_per_week": lazy("New people in a week"),
    "eligibility_description": lazy("Who it is for"),
    "minimum_age": lazy("Youngest age"),
    "maximum_age": lazy("Oldest age"),
    "audiences": lazy("Meant for"),
    "languages": lazy("Languages spoken"),
    "application_process": lazy("How to join"),
    "referral_needed": lazy("Somebody has to refer you"),
    "contacts": lazy("Who to ask for"),
    "phones": lazy("Phone number"),
    "email": lazy("Email address"),
    "url": lazy("Web page"),
    "assured_on": lazy("Checked on"),
}
"""What each fact is called, in the order people read them."""

_ATTENDING = {
    Attending.VENUE: lazy("At a place"),
    Attending.ONLINE: lazy("Online"),
    Attending.PHONE: lazy("By phone"),
    Attending.HOME_VISIT: lazy("At people’s homes"),
}
_ANSWERS = {Answer.YES: lazy("yes"), Answer.NO: lazy("no"), Answer.UNKNOWN: lazy("not known")}
_WAYS = {
    "bus": lazy("By bus"),
    "walk": lazy("On foot"),
    "park": lazy("Parking"),
    "lift": lazy("If people need a lift"),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that was said and is now said otherwise, a line for each part; "" for nothing."""

    aspect: Aspect
    label: str
    was: str
    now: str
    fact: str = ""

    @property
    def gone(self) -> list[str]:
        """The lines that are said no longer."""
        return [each for each in self.was.splitlines() if each not in self.now.splitlines()]

    @property
    def new(self) -> list[str]:
        """The lines that were not said before."""
        return [each for each in self.now.splitlines() if each not in self.was.splitlines()]

    @property
    def kept(self) -> list[str]:
        """The lines that are said as before."""
        return [each for each in self.now.splitlines() if each in self.was.splitlines()]


def differences(before: ListingFacts, after: ListingFacts) -> list[Difference]:
    """What is said otherwise, in the order people read a listing; the check date is none of it."""
    found: list[Difference] = []
    for name in changed_facts(before, after):
        was, now = getattr(before, name), getattr(after, name)
        if name == "places":
            found += _of_places(was, now)
        else:
            aspect = ASPECT_OF.get(name, Aspect.ABOUT)
            found.append(
                Difference(aspect, str(LABELS[name]), _words(name, was), _words(name, now), name)
            )
    return [each for each in found if each.was != each.now]


def changed_facts(before: ListingFacts, after: ListingFacts) -> list[str]:
    """The names of the facts that differ, in the order people read them."""
    names = {each.name for each in fields(ListingFacts)} - {"assured_on"}
    ordered = [name for name in LABELS if name in names]
    return [name for name in ordered if getattr(before, name) != getattr(after, name)]


def _words(name: str, said: Any) -> str:
    if said is None or said == "" or said == ():
        return ""
    special = _WORDS.get(name)
    if special is not None:
        return special(said)
    if isinstance(said, bool):
        return _("yes") if said else _("no")
    return str(said)


def _lines(words: Iterable[str]) -> str:
    return "\n".join(filter(None, words))


def _schedules(said: tuple[ScheduleFacts, ...]) -> str:
    return _lines(schedule_words(each) or _("A time we cannot put in words") for each in said)


def _prices(said: tuple[CostFacts, ...]) -> str:
    return _lines(_price(each) for each in said)


def _price(cost: CostFacts) -> str:
    amount = "" if cost.amount is None else pounds(cost.amount)
    return ", ".join(filter(None, (cost.option, amount, cost.amount_description)))


def _contacts(said: tuple[ContactFacts, ...]) -> str:
    return _lines(
        ", ".join(filter(None, (each.name, each.title, each.email, each.best_time)))
        for each in said
    )


def _phones(said: tuple[PhoneFacts, ...]) -> str:
    return _lines(", ".join(filter(None, (each.number, each.description))) for each in said)


def _languages(said: tuple[LanguageFacts, ...]) -> str:
    return _lines(each.name for each in said)


def _named(terms: Callable[[], Iterable[Any]]) -> Callable[[tuple[str, ...]], str]:
    def words(codes: tuple[str, ...]) -> str:
        names = {each.code: each.name for each in terms()}
        return _lines(names.get(code, code) for code in codes)

    return words


def _categories(said: tuple[tuple[str, str], ...]) -> str:
    return _lines(word for _list, word in said)


def _attending(said: Attending) -> str:
    return str(_ATTENDING[said])


_WORDS: dict[str, Callable[[Any], str]] = {
    "description": plain_text,
    "schedules": _schedules,
    "cost_options": _prices,
    "contacts": _contacts,
    "phones": _phones,
    "languages": _languages,
    "kinds": _named(kinds),
    "needs": _named(needs),
    "audiences": _named(audiences),
    "categories": _categories,
    "attending": _attending,
}


def _of_places(was: tuple[PlaceFacts, ...], now: tuple[PlaceFacts, ...]) -> Iterable[Difference]:
    """Where, how to get there and access: parts of a place that are read apart."""
    yield Difference(
        Aspect.PLACE, str(LABELS["places"]), _lines(map(_address, was)), _lines(map(_address, now))
    )
    yield Difference(
        Aspect.PLACE, _("How to get there"), _lines(map(_ways, was)), _lines(map(_ways, now))
    )
    yield Difference(
        Aspect.ACCESS, _("Access and comfort"), _lines(map(_access, was)), _lines(map(_access, now))
    )


def _address(place: PlaceFacts) -> str:
    parts = (place.name, place.address_1, place.address_2, place.city, place.county, place.postcode)
    return ", ".join(filter(None, parts))


def _ways(place: PlaceFacts) -> str:
    said = ((label, getattr(place, name)) for name, label in _WAYS.items())
    return _lines(f"{label}: {words}" for label, words in said if words)


def _access(place: PlaceFacts) -> str:
    answers: Mapping[Access, Answer] = place.access
    known = ((each, answers.get(each, Answer.UNKNOWN)) for each in Access)
    return _lines(
        f"{translated(ACCESS_WORDS[each])}: {_ANSWERS[answer]}"
        for each, answer in known
        if answer is not Answer.UNKNOWN
    )
