"""Directory: turns what is said of a listing into rows and back; only differences are written."""

from dataclasses import asdict, fields
from typing import Any, TypeVar

from core.db import Model, db
from directory.facts import (
    ContactFacts,
    CostFacts,
    LanguageFacts,
    ListingFacts,
    PhoneFacts,
    PlaceFacts,
    ScheduleFacts,
)
from directory.identity import part_id
from directory.models import (
    Accessibility,
    Attribute,
    Contact,
    CostOption,
    Language,
    Location,
    Phone,
    Schedule,
    Service,
    ServiceAtLocation,
    TaxonomyTerm,
)
from directory.rules import Answer
from directory.taxonomy import AUDIENCES, KINDS, NEEDS, OWN, foreign_terms, own_terms

F = TypeVar("F")

_OWN = {each.name for each in fields(ListingFacts)} & set(Service.__table__.columns.keys())
_OF_A_PLACE = {each.name for each in fields(PlaceFacts)} & set(Location.__table__.columns.keys())
# Rows without an identity of their own: when one differs, the lot is written anew.
_LISTS: tuple[tuple[str, type[Any], type[Model]], ...] = (
    ("schedules", ScheduleFacts, Schedule),
    ("cost_options", CostFacts, CostOption),
    ("contacts", ContactFacts, Contact),
    ("phones", PhoneFacts, Phone),
)


def facts_of(service: Service) -> ListingFacts:
    """What a listing says now."""
    said = {name: getattr(service, name) for name in _OWN}
    for name, kind, _ in _LISTS:
        said[name] = _read_list(service, name, kind)
    terms = [each.term for each in service.attributes]
    return ListingFacts(
        **said,
        places=tuple(_read_place(each.location) for each in service.places),
        languages=tuple(_read(LanguageFacts, each) for each in service.languages),
        kinds=tuple(each.code for each in terms if each.taxonomy == KINDS),
        needs=tuple(each.code for each in terms if each.taxonomy == NEEDS),
        audiences=tuple(each.code for each in terms if each.taxonomy == AUDIENCES),
        categories=tuple((each.taxonomy, each.name) for each in terms if each.taxonomy not in OWN),
    )


def write(service: Service, facts: ListingFacts) -> None:
    """Make the rows of a listing say this."""
    for name in _OWN:
        setattr(service, name, getattr(facts, name))
    for name, kind, model in _LISTS:
        said = getattr(facts, name)
        if said != _read_list(service, name, kind):
            setattr(service, name, [_row(model, at, each) for at, each in enumerate(said)])
    _write_languages(service, facts)
    _write_places(service, facts)
    _write_terms(service, facts)


def _read(kind: type[F], row: Any) -> F:
    return kind(**{each.name: getattr(row, each.name) for each in fields(kind)})  # type: ignore[arg-type]


def _read_list(service: Service, name: str, kind: type[F]) -> tuple[F, ...]:
    return tuple(_read(kind, each) for each in getattr(service, name))


def _read_place(location: Location) -> PlaceFacts:
    return PlaceFacts(
        **{name: getattr(location, name) for name in _OF_A_PLACE},
        access={each.feature: each.answer for each in location.accessibility},
    )


def _row(model: type[Model], position: int, said: Any) -> Model:
    columns = asdict(said)
    if "position" in model.__table__.columns:
        columns["position"] = position
    return model(**columns)


def _write_languages(service: Service, facts: ListingFacts) -> None:
    # By code, not anew: the session inserts before it deletes, and a language is spoken once.
    held = {each.code: each for each in service.languages}
    service.languages = [
        held.get(code) or Language(code=code, name=name)
        for code, name in {each.code: each.name for each in facts.languages}.items()
    ]


def _write_places(service: Service, facts: ListingFacts) -> None:
    for surplus in service.places[len(facts.places) :]:
        db.session.delete(surplus.location)
    del service.places[len(facts.places) :]
    for position, said in enumerate(facts.places):
        if position == len(service.places):
            link = ServiceAtLocation(
                id=part_id(service.id, "place", position),
                position=position,
                location=Location(id=part_id(service.id, "location", position)),
            )
            service.places.append(link)
        _write_place(service.places[position].location, said)


def _write_place(location: Location, said: PlaceFacts) -> None:
    for name in _OF_A_PLACE:
        setattr(location, name, getattr(said, name))
    held = {each.feature: each for each in location.accessibility}
    location.accessibility = [
        held.get(feature) or Accessibility(feature=feature) for feature in said.access
    ]
    for each in location.accessibility:
        each.answer = Answer(said.access[each.feature])


def _write_terms(service: Service, facts: ListingFacts) -> None:
    terms = [
        *own_terms(KINDS, facts.kinds),
        *own_terms(NEEDS, facts.needs),
        *own_terms(AUDIENCES, facts.audiences),
        *foreign_terms(facts.categories),
    ]
    held: dict[TaxonomyTerm, Attribute] = {each.term: each for each in service.attributes}
    service.attributes = [held.get(each) or Attribute(term=each) for each in dict.fromkeys(terms)]
    for position, attribute in enumerate(service.attributes):
        attribute.position = position
