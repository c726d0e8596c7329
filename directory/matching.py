"""Directory: what of a listing answers what was asked, and what of that nobody has said."""

from collections.abc import Iterable, Iterator

from core.languages import _, translated
from directory.models import Service
from directory.rules import ACCESS_WORDS, Access, Answer
from directory.search import Query
from directory.search.documents import (
    MET_AT_DOOR,
    NO_REFERRAL,
    PLACES_NOW,
    UNKNOWN_COST,
    access_answer,
    cost_of,
)
from directory.taxonomy import AUDIENCES, NEEDS, language_words


def answers(service: Service, query: Query) -> list[str]:
    """The facts that meet what was asked, in words; those that every card says are left out."""
    return list(_meeting(service, query))


def not_said(service: Service, query: Query) -> list[str]:
    """What was asked and nobody has said of this listing, in words."""
    access = _asked(query.access, service, Answer.UNKNOWN)
    return [*_in_words(access), *_not_said_of(service, query)]


def ages_words(youngest: int | None, oldest: int | None) -> str:
    """The ages a listing is for."""
    if youngest is not None and oldest is not None:
        return _("Ages %(youngest)s to %(oldest)s", youngest=youngest, oldest=oldest)
    if youngest is not None:
        return _("Ages %(youngest)s and over", youngest=youngest)
    if oldest is not None:
        return _("Ages up to %(oldest)s", oldest=oldest)
    return _("No age limit given")


def _meeting(service: Service, query: Query) -> Iterator[str]:
    yield from _in_words(_asked(query.access, service, Answer.YES))
    if query.ages:
        yield ages_words(service.minimum_age, service.maximum_age)
    for each in service.attributes:
        chosen = {AUDIENCES: query.audiences, NEEDS: query.needs}.get(each.term.taxonomy, ())
        if each.term.code in chosen:
            yield translated(each.term.name)
    for language in service.languages:
        if language.code.lower().partition("-")[0] in query.languages:
            yield _("%(language)s spoken", language=language_words(language.code, language.name))
    if MET_AT_DOOR in query.offers and service.meets_at_door:
        yield _("Somebody meets you at the door")
    if NO_REFERRAL in query.offers and service.referral_needed is False:
        yield _("No referral needed")


def _in_words(access: Iterable[Access]) -> Iterator[str]:
    return (translated(ACCESS_WORDS[each]) for each in access)


def _not_said_of(service: Service, query: Query) -> Iterator[str]:
    if PLACES_NOW in query.offers and service.places_free is None:
        yield _("Places now")
    if MET_AT_DOOR in query.offers and service.meets_at_door is None:
        yield _("Somebody to meet you at the door")
    if NO_REFERRAL in query.offers and service.referral_needed is None:
        yield _("Whether you need a referral")
    if query.free and cost_of(each.amount for each in service.cost_options) == UNKNOWN_COST:
        yield _("Cost")


def _asked(needs: Iterable[str], service: Service, answer: Answer) -> list[Access]:
    """The needs that were asked for and have this answer here."""
    told: dict[Access, list[Answer]] = {each: [] for each in Access}
    for place in service.places:
        for each in place.location.accessibility:
            told[each.feature].append(each.answer)
    found = {
        each: access_answer(given, len(service.places), service.attending)
        for each, given in told.items()
    }
    return [each for each in Access if each in needs and found[each] is answer]
