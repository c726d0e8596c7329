"""Directory: listings as rows to be written many at a time, as `keeping` would write each."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any

from sqlalchemy import insert

from core.db import Model, db
from directory.facts import (
    ContactFacts,
    CostFacts,
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
from directory.taxonomy import AUDIENCES, KINDS, NEEDS, foreign_terms, own_terms, steady_code

Terms = Mapping[tuple[str, str], uuid.UUID]

_OWN = tuple({each.name for each in fields(ListingFacts)} & set(Service.__table__.columns.keys()))
_PLACE = tuple({each.name for each in fields(PlaceFacts)} & set(Location.__table__.columns.keys()))
_LISTS: tuple[tuple[str, type[Any], type[Model]], ...] = (
    ("schedules", ScheduleFacts, Schedule),
    ("cost_options", CostFacts, CostOption),
    ("contacts", ContactFacts, Contact),
    ("phones", PhoneFacts, Phone),
)
_FIELDS = {model: tuple(each.name for each in fields(kind)) for _, kind, model in _LISTS}
_SAID = {names: attrgetter(*names) for names in (_OWN, _PLACE, *_FIELDS.values())}
_NUMBERED = {model for _, _, model in _LISTS if "position" in model.__table__.columns}
_LISTS_OF_WORDS = (("kinds", KINDS), ("needs", NEEDS), ("audiences", AUDIENCES))


class Rows:
    """Rows of many tables, gathered to be written in the order the tables depend on each other."""

    def __init__(self) -> None:
        self._rows: dict[type[Model], list[dict[str, Any]]] = defaultdict(list)

    def add(self, model: type[Model], **columns: Any) -> None:
        """One more row."""
        self._rows[model].append(columns)

    def write(self) -> None:
        """Write them all, in the transaction of the caller."""
        tables = {model.__table__: rows for model, rows in self._rows.items()}
        for table in db.metadata.sorted_tables:
            if rows := tables.get(table):
                db.session.execute(insert(table), rows)

    def listing(self, service_id: uuid.UUID, facts: ListingFacts, terms: Terms, **own: Any) -> None:
        """The rows of a new listing; `own` are the columns of its own row that are no facts."""
        self.add(Service, id=service_id, version=1, **_said(_OWN, facts), **own)
        for name, _, model in _LISTS:
            self._list(model, service_id, getattr(facts, name))
        for code, words in {each.code: each.name for each in facts.languages}.items():
            self.add(Language, service_id=service_id, code=code, name=words)
        for position, place in enumerate(facts.places):
            self._place(service_id, position, place)
        for position, term_id in enumerate(dict.fromkeys(terms[key] for key in words_of(facts))):
            self.add(Attribute, service_id=service_id, taxonomy_term_id=term_id, position=position)

    def _list(self, model: type[Model], service_id: uuid.UUID, said: Sequence[Any]) -> None:
        for position, each in enumerate(said):
            columns = _said(_FIELDS[model], each)
            if model in _NUMBERED:
                columns["position"] = position
            self.add(model, service_id=service_id, **columns)

    def _place(self, service_id: uuid.UUID, position: int, said: PlaceFacts) -> None:
        own_id = part_id(service_id, "location", position)
        self.add(Location, id=own_id, **_said(_PLACE, said))
        self.add(
            ServiceAtLocation,
            id=part_id(service_id, "place", position),
            service_id=service_id,
            location_id=own_id,
            position=position,
        )
        for feature, answer in said.access.items():
            self.add(Accessibility, location_id=own_id, feature=feature, answer=answer)


def _said(names: tuple[str, ...], facts: object) -> dict[str, Any]:
    return dict(zip(names, _SAID[names](facts), strict=True))


def words_of(facts: ListingFacts) -> list[tuple[str, str]]:
    """What a listing is sorted by, as (list, code)."""
    ours = [(name, code) for field, name in _LISTS_OF_WORDS for code in getattr(facts, field)]
    return ours + [(name, steady_code(word)) for name, word in facts.categories]


def ids_of_words(listings: Iterable[ListingFacts]) -> Terms:
    """The ids of all words these listings are sorted by; new words of others are entered."""
    said = list(listings)
    found: list[TaxonomyTerm] = []
    for field, name in _LISTS_OF_WORDS:
        codes = dict.fromkeys(code for facts in said for code in getattr(facts, field))
        found += own_terms(name, list(codes))
    found += foreign_terms(list(dict.fromkeys(pair for facts in said for pair in facts.categories)))
    return {(each.taxonomy, each.code): each.id for each in found}
