"""Referrals, rights: everything that is kept about one person, found by the tables themselves.

Nobody lists where to look: whatever has a foreign key that leads to the person, however many
tables away, is theirs, and so is whatever speaks of one of these by its reference. A table made
tomorrow is found tomorrow. `kept.toml` only says what each is called and how private it is.
"""

import tomllib
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Table, select

from accounts import Field
from core.db import Base, Model, db
from core.languages import _
from referrals.models import Person

AT_ONCE = 500
NOT_SAID = frozenset({"id", "version"})

BY_REFERENCE = ("about", "for_whom")
"""Columns by which rows without a foreign key say what they are about."""


@dataclass(frozen=True, slots=True)
class Sort:
    """One sort of thing that is kept: what it is called, and how private it is."""

    title: str
    field_class: Field
    other_people: frozenset[str]
    free: frozenset[str]
    skip: frozenset[str]
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Kept:
    """One row about somebody: each of its facts by its column."""

    table: str
    row: str
    facts: Mapping[str, Any]
    sort: Sort = field(repr=False)

    def place(self, column: str) -> str:
        """Where a fact lies."""
        return f"{self.table}|{column}|{self.row}"

    def word(self, column: str) -> str:
        """What a fact is called."""
        plain = column.replace("_", " ").capitalize()
        return self.sort.words.get(column, plain)


@cache
def sorts() -> Mapping[str, Sort]:
    """Every sort of thing that is kept about people, by its table."""
    said = tomllib.loads(Path(__file__).with_name("kept.toml").read_text())
    return {
        table: Sort(
            title=each["title"],
            field_class=Field(each["class"]),
            other_people=frozenset(each.get("else", ())),
            free=frozenset(each.get("free", ())),
            skip=frozenset(each.get("skip", ())),
            words=each.get("words", {}),
        )
        for table, each in said.items()
    }


def tables_about_people() -> set[str]:
    """Every table with rows about people: by foreign keys, by reference, or by one of these."""
    reached = {Person.__tablename__}
    while more := {each for each in _models() if _leads_to(each, reached)} - reached:
        reached |= more
    return reached


def rows_about(person_id: uuid.UUID) -> list[Model]:
    """Every row about somebody, nearest first."""
    found: dict[str, dict[Any, Model]] = {}
    person = db.session.get(Person, person_id)
    fresh: list[Model] = [person] if person is not None else []
    abouts = {f"person:{person_id}"}
    while fresh or abouts:
        for row in fresh:
            found.setdefault(_name(row), {})[_key(row)] = row
        abouts |= {said for row in fresh if (said := _about(row))}
        fresh = [row for row in _next(fresh, abouts) if _key(row) not in found.get(_name(row), {})]
        abouts = set()
    return [row for rows in found.values() for row in rows.values()]


def collect(person_id: uuid.UUID) -> list[Kept]:
    """What the rows about somebody say, without the marks of the machine."""
    known = sorts()
    return [
        Kept(_name(row), str(_key(row)), _facts(row, known[_name(row)]), known[_name(row)])
        for row in rows_about(person_id)
    ]


def plain_facts(row: Model) -> dict[str, Any]:
    """What a row says, without its keys; a sealed fact is read by its plain name."""
    names = (column.key.removeprefix("_") for column in row.__mapper__.column_attrs)
    facts = (name for name in names if name not in NOT_SAID)
    return {name: getattr(row, name) for name in facts if not name.endswith(("_id", "_index"))}


def as_words(value: object) -> str:
    """A fact as it stands on paper."""
    if isinstance(value, dict):
        return "; ".join(f"{key}: {as_words(each)}" for key, each in value.items() if each != "")
    if isinstance(value, (list, tuple)):
        return ", ".join(as_words(each) for each in value)
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return str(value)


def _facts(row: Model, sort: Sort) -> dict[str, Any]:
    said = plain_facts(row).items()
    nothing: tuple[Any, ...] = (None, "", [], {})
    return {name: value for name, value in said if value not in nothing and name not in sort.skip}


@cache
def _models() -> Mapping[str, type[Model]]:
    return {
        mapper.local_table.name: mapper.class_
        for mapper in Base.registry.mappers
        if isinstance(mapper.local_table, Table)
    }


def _leads_to(table: str, reached: set[str]) -> bool:
    return bool(_parents(table) & reached or _references(table))


@cache
def _parents(table: str) -> frozenset[str]:
    keys = _models()[table].__table__.foreign_keys
    return frozenset(key.column.table.name for key in keys) - {table}


@cache
def _references(table: str) -> tuple[str, ...]:
    """The columns by which rows of a table of ours say what they are about."""
    model = _models()[table]
    ours = model.__module__.startswith(("referrals.", "core."))
    return tuple(each for each in BY_REFERENCE if ours and each in _columns(model))


def _next(fresh: Sequence[Model], abouts: set[str]) -> Iterator[Model]:
    """The rows that hang on these, or speak of them."""
    ids: dict[str, list[Any]] = {}
    for row in fresh:
        ids.setdefault(_name(row), []).append(_key(row))
    for table, model in _models().items():
        for key in model.__table__.foreign_keys:
            yield from _where(model, key.parent.key, ids.get(key.column.table.name, ()))
        for column in _references(table):
            yield from _where(model, column, sorted(abouts))


def _where(model: type[Model], column: str, wanted: Sequence[Any]) -> Iterable[Model]:
    for start in range(0, len(wanted), AT_ONCE):
        some = wanted[start : start + AT_ONCE]
        yield from db.session.scalars(select(model).where(getattr(model, column).in_(some)))


def _columns(model: type[Model]) -> set[str]:
    return {column.key for column in model.__mapper__.column_attrs}


def _name(row: Model) -> str:
    return type(row).__table__.name  # type: ignore[attr-defined, no-any-return]


def _key(row: Model) -> Any:
    return row.__mapper__.primary_key_from_instance(row)[0]


def _about(row: Model) -> str:
    said = getattr(type(row), "about", None)
    return str(row.about) if isinstance(said, property) else ""  # type: ignore[attr-defined]
