"""Ground floor: attributes of models that are plain in the program and sealed in the database.

    class Note(Model):
        __sealed_by__ = SealedBy("case", "person")   # whose key: the person of the case
        words = sealed(Field.NEEDS)

`note.words` reads and writes text as ever. What is set waits in the object and is sealed when the
session flushes, when the row's id and its holder are known; what is read is opened then and there,
with the keys of everybody in the session fetched in one question.
"""

import hashlib
import hmac
import json
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar, overload

from sqlalchemy import ColumnElement, Dialect, LargeBinary, Select, event, func, select
from sqlalchemy.orm import (
    InstrumentedAttribute,
    QueryableAttribute,
    Session,
    mapped_column,
    object_session,
)
from sqlalchemy.types import TypeDecorator

from core import keys
from core.db import db
from core.sealing import data_keys
from core.sealing.boxes import Broken, generation_of, seal, unseal
from core.sealing.data_keys import GENERAL, Whose

T = TypeVar("T")

_OPENED = "_opened_columns"

ERASED = b"\x00"
"""What is left in a column of somebody who was erased: not nothing, which might mean something."""


@dataclass(frozen=True, slots=True)
class Unsealed:
    """What was set and waits for the flush."""

    plain: bytes


class SealedBytes(TypeDecorator[bytes]):
    """The column of a sealed attribute. It refuses what nobody has sealed."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, _dialect: Dialect) -> bytes | None:
        if isinstance(value, Unsealed):
            raise TypeError("not sealed: write it through the session, or through seal_rows()")
        found: bytes | None = value
        return found


class SealedBy:
    """Whose key seals the rows of a model: the holder at the end of these relationships.

    Without a path the row is the holder itself. The foreign key of a relationship `x` is `x_id`.
    `purpose` is for what is nobody's: a key derived from the base seals it.
    """

    def __init__(self, *path: str, kind: str = GENERAL, purpose: str = "") -> None:
        self.path, self.kind, self.purpose = path, kind, purpose

    def holder_of(self, row: Any) -> uuid.UUID:
        """Whose key seals this row; asks the database for what is not loaded."""
        for name in self.path[:-1]:
            row = getattr(row, name) or _by_key(row, name)
        return _id_of(row, self.path[-1]) if self.path else _own_id(row)

    def holder_if_loaded(self, session: Session, row: Any) -> uuid.UUID | None:
        """The same from what the session has, or None."""
        for name in self.path[:-1]:
            found = row.__dict__.get(name)
            row = found if found is not None else _in_session(session, row, name)
            if row is None:
                return None
        found = row.__dict__.get(f"{self.path[-1]}_id" if self.path else "id")
        return found if isinstance(found, uuid.UUID) else None


@dataclass(frozen=True, slots=True)
class Form(Generic[T]):
    """How a sort of value becomes bytes and comes back. `nothing` is kept plain, as `empty`."""

    write: Callable[[T], bytes]
    read: Callable[[bytes], T]
    nothing: T
    empty: bytes | None


TEXT: Form[str] = Form(str.encode, bytes.decode, "", b"")
TEXT_OR_NONE: Form[str | None] = Form(lambda said: (said or "").encode(), bytes.decode, None, None)
DAY: Form[date] = Form(
    lambda day: day.isoformat().encode(),
    lambda said: date.fromisoformat(said.decode()),
    date.min,
    b"",
)
FACTS: Form[dict[str, Any]] = Form(lambda said: json.dumps(said).encode(), json.loads, {}, b"")
LIST: Form[list[str]] = Form(lambda said: json.dumps(said).encode(), json.loads, [], b"")


class Sealed(Generic[T]):
    """One sealed attribute; the column has its name, the attribute that holds it an underscore."""

    name: str
    model: type[Any]

    def __init__(self, field: str, form: Form[T], *, needed: bool) -> None:
        self.field, self.form, self.needed = field, form, needed

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self.name, self.model, self.column = name, owner, f"_{name}"
        default: dict[str, Any] = {} if self.needed else {"default": self.form.empty}
        may_lack = self.form.empty is None
        kept = mapped_column(name, SealedBytes, nullable=may_lack, **default)
        setattr(owner, self.column, kept)
        REGISTER.append(self)
        _BY_MODEL.setdefault(owner, []).append(self)

    @property
    def by(self) -> SealedBy:
        """Whose key."""
        found: SealedBy = self.model.__sealed_by__
        return found

    @property
    def is_there(self) -> ColumnElement[bool]:
        """For queries: whether anything is written here."""
        held: QueryableAttribute[Any] = getattr(self.model, self.column)
        return func.coalesce(func.length(held), 0) > 0

    @property
    def table(self) -> str:
        """The table it is in."""
        found: str = self.model.__tablename__
        return found

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Sealed):
            return self is other
        raise TypeError(f"{self.table}.{self.name} is sealed: find it by blind(), or in Python")

    __hash__ = object.__hash__

    @overload
    def __get__(self, row: None, owner: type[Any]) -> "Sealed[T]": ...

    @overload
    def __get__(self, row: object, owner: type[Any]) -> T: ...

    def __get__(self, row: Any, owner: type[Any]) -> "Sealed[T] | T":
        if row is None:
            return self
        held = getattr(row, self.column)
        if not held or held == ERASED:
            return self.form.nothing
        if isinstance(held, Unsealed):
            return self.form.read(held.plain)
        opened = row.__dict__.setdefault(_OPENED, {})
        known = opened.get(self.name)
        if known is not None and known[0] == held:
            found: T = known[1]
            return found
        plain = self.form.read(self.open(row, held))
        opened[self.name] = (held, plain)
        return plain

    def __set__(self, row: Any, value: T) -> None:
        is_nothing = value == self.form.nothing
        new = self.form.empty if is_nothing else Unsealed(self.form.write(value))
        if is_nothing or row.id is None or self.__get__(row, self.model) != value:
            setattr(row, self.column, new)
        for index, parts in getattr(self.model, "__blind__", {}).items():
            if self.name in parts:
                _reindex(row, index, parts)

    def about(self, row_id: uuid.UUID) -> str:
        """Where it is sealed: it opens nowhere else."""
        return f"{self.table}.{self.name}|{row_id}"

    def open(self, row: Any, held: bytes) -> bytes:
        """What is sealed in this row."""
        if self.by.purpose:
            return unseal(held, purpose=self.by.purpose, about=self.about(row.id))
        session = object_session(row) or db.session()
        opened = data_keys.bunch_of(session).opened
        whose = (self.by.holder_of(row), self.by.kind)
        generation = generation_of(held)
        if whose not in opened:
            data_keys.fetch(session, {whose, *_wanted(session)})
        elif generation not in opened[whose].by_generation:  # renewed since it was fetched
            del opened[whose]
            data_keys.fetch(session, {whose})
        if whose not in opened:
            raise Broken(f"the key of what is sealed in {self.table}.{self.name} is gone")
        return opened[whose].unseal(held, self.about(row.id), generation)


REGISTER: list[Sealed[Any]] = []
"""Every sealed attribute of every model: its table, name, class of fact, and whose key."""

_BY_MODEL: dict[type[Any], list[Sealed[Any]]] = {}


def sealed(field: str, *, default: str | None = None) -> Sealed[str]:
    """Text. With a default (an empty one) it may be left out."""
    return Sealed(field, TEXT, needed=default is None)


def sealed_or_none(field: str) -> Sealed[str | None]:
    """Text that may be missing."""
    return Sealed(field, TEXT_OR_NONE, needed=False)


def sealed_day(field: str) -> Sealed[date]:
    """A day."""
    return Sealed(field, DAY, needed=True)


def sealed_facts(field: str) -> Sealed[dict[str, Any]]:
    """Names with values, as JSON has them."""
    return Sealed(field, FACTS, needed=False)


def sealed_words(field: str) -> Sealed[dict[str, str]]:
    """Names with words, as JSON has them."""
    return Sealed(field, FACTS, needed=False)


def sealed_list(field: str) -> Sealed[list[str]]:
    """A list of words."""
    return Sealed(field, LIST, needed=False)


def blind(index: InstrumentedAttribute[Any], *parts: object) -> bytes:
    """What an index column holds for these values: for finding what is equal, and nothing else."""
    return _blind(f"{index.class_.__tablename__}.{index.key}", [str(part) for part in parts])


def seal_now(row: Any, attribute: Sealed[Any], plain: bytes) -> bytes:
    """Seal for a row whose key is held, or that is nobody's."""
    if attribute.by.purpose:
        return seal(plain, purpose=attribute.by.purpose, about=attribute.about(row.id))
    whose = (attribute.by.holder_of(row), attribute.by.kind)
    opened = data_keys.bunch_of(object_session(row) or db.session()).opened[whose]
    return opened.seal(plain, attribute.about(row.id))


def of_model(model: type[Any]) -> list[Sealed[Any]]:
    """The sealed attributes of a model."""
    return _BY_MODEL.get(model, [])


def rows_of(model: Any, holder: uuid.UUID) -> Select[Any]:
    """The id and the sealed columns of a holder's rows, as they are."""
    attributes = of_model(model)
    asked = select(model.id, *(getattr(model, each.column) for each in attributes))
    path, at = attributes[0].by.path, model
    if not path:
        return asked.where(model.id == holder)
    for name in path[:-1]:
        joined = getattr(at, name)
        asked, at = asked.join(joined), joined.property.mapper.class_
    return asked.where(getattr(at, f"{path[-1]}_id") == holder)


def kinds() -> list[str]:
    """The kinds of key that a holder has."""
    return sorted({each.by.kind for each in REGISTER if not each.by.purpose})


@event.listens_for(Session, "before_flush")
def _seal_what_waits(session: Session, _context: object, _instances: object) -> None:
    """Seal whatever was set since the last flush, under keys that are held until the commit."""
    rows = [row for row in {*session.new, *session.dirty} if hasattr(row, "__sealed_by__")]
    _make_keys(session, rows)
    waits = [(row, each) for row in rows for each in _waiting(row)]
    data_keys.hold(session, {whose for row, _ in waits for whose in _whose(row)})
    for row, attribute in waits:
        plain = getattr(row, attribute.column).plain
        held = seal_now(row, attribute, plain)
        setattr(row, attribute.column, held)
        row.__dict__.setdefault(_OPENED, {})[attribute.name] = (held, attribute.form.read(plain))


def _make_keys(session: Session, rows: Iterable[Any]) -> None:
    holders = [
        _own_id(row)
        for row in rows
        if row in session.new and not row.__sealed_by__.path and not row.__sealed_by__.purpose
    ]
    opened = data_keys.bunch_of(session).opened
    new = [holder for holder in holders if (holder, GENERAL) not in opened]
    if new:
        data_keys.make(session, new, kinds())


def _waiting(row: Any) -> list[Sealed[Any]]:
    return [
        each for each in of_model(type(row)) if isinstance(row.__dict__.get(each.column), Unsealed)
    ]


def _whose(row: Any) -> list[Whose]:
    _own_id(row)
    by: SealedBy = row.__sealed_by__
    return [] if by.purpose else [(by.holder_of(row), by.kind)]


def _wanted(session: Session) -> set[Whose]:
    """The keys of every row in the session, so that a list asks once."""
    found = set()
    for row in session.identity_map.values():
        by: SealedBy | None = getattr(row, "__sealed_by__", None)
        if by is not None and not by.purpose:
            holder = by.holder_if_loaded(session, row)
            if holder is not None:
                found.add((holder, by.kind))
    return found


def index_of(model: type[Any], index: str, values: Sequence[Any]) -> bytes | None:
    """What an index column holds for these values; nothing unless all of them are there."""
    said = [str(value) for value in values if value]
    if len(said) < len(values):
        return None
    return _blind(f"{model.__tablename__}.{index}", said)


def _reindex(row: Any, index: str, parts: tuple[str, ...]) -> None:
    setattr(row, index, index_of(type(row), index, [getattr(row, part) for part in parts]))


def _blind(where: str, parts: Sequence[str]) -> bytes:
    said = "\x1f".join((where, *(part.strip().lower() for part in parts)))
    return hmac.new(keys.derive("blind-index"), said.encode(), hashlib.sha256).digest()


def _own_id(row: Any) -> uuid.UUID:
    if row.id is None:
        row.id = uuid.uuid4()
    found: uuid.UUID = row.id
    return found


def _id_of(row: Any, name: str) -> uuid.UUID:
    held = row.__dict__.get(name)  # of a new row the key is only known once it is written
    if held is not None:
        return _own_id(held)
    found: uuid.UUID = getattr(row, f"{name}_id")
    return found


def _by_key(row: Any, name: str) -> Any:
    model = type(row).__mapper__.relationships[name].mapper.class_
    session = object_session(row) or db.session()
    with session.no_autoflush:
        return session.get(model, getattr(row, f"{name}_id"))


def _in_session(session: Session, row: Any, name: str) -> Any:
    mapper = type(row).__mapper__.relationships[name].mapper
    key = row.__dict__.get(f"{name}_id")
    return session.identity_map.get(mapper.identity_key_from_primary_key((key,))) if key else None
