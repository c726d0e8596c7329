"""Directory meaning: the thesaurus as it stands: what comes with the software, as editors left it.

Each process keeps it in memory and looks for a newer edit every few seconds, so that asking what a
text means costs no query.
"""

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from core.db import db
from directory.meaning.concept import Concept, concept, shipped
from directory.meaning.understanding import Thesaurus
from directory.models import ConceptEdit

LOOKED_FOR_EVERY = 2.0
"""Seconds until an edit made in another process is seen here."""

Stamp = tuple[int, uuid.UUID | None]


@dataclass(frozen=True, slots=True)
class _Kept:
    stamp: Stamp
    looked_at: float
    thesaurus: Thesaurus


_kept: dict[Engine, _Kept] = {}
_tried: ContextVar[Thesaurus | None] = ContextVar("tried", default=None)


def thesaurus(*, now: bool = False, session: Session | None = None) -> Thesaurus:
    """The thesaurus in force; `now` looks for newer edits at once."""
    tried = _tried.get()
    if tried is not None:
        return tried
    engine = db.engine if session is None else session.get_bind()
    if not isinstance(engine, Engine):
        engine = engine.engine
    kept = _kept.get(engine)
    if kept is not None and not now and time.monotonic() - kept.looked_at < LOOKED_FOR_EVERY:
        return kept.thesaurus
    asked = session or db.session()
    stamp = _stamp(asked)
    known = kept.thesaurus if kept is not None and kept.stamp == stamp else _read(asked)
    _kept[engine] = _Kept(stamp, time.monotonic(), known)
    return known


@contextmanager
def trying(other: Thesaurus) -> Iterator[None]:
    """Have this thesaurus in force here meanwhile, and nowhere else."""
    token = _tried.set(other)
    try:
        yield
    finally:
        _tried.reset(token)


def forget() -> None:
    """Look for edits when next asked: one was just committed here."""
    _kept.clear()


def as_edited(edit: ConceptEdit) -> Concept:
    """The concept as this edit left it."""
    return concept(edit.code, edit.content)


def _stamp(session: Session) -> Stamp:
    """Another one after every edit."""
    last = select(ConceptEdit.id).order_by(ConceptEdit.at.desc(), ConceptEdit.version.desc())
    count = select(func.count()).select_from(ConceptEdit).scalar_subquery()
    found = session.execute(select(count, last.limit(1).scalar_subquery())).one()
    return int(found[0]), found[1]


def _read(session: Session) -> Thesaurus:
    edits = session.scalars(select(ConceptEdit).order_by(ConceptEdit.code, ConceptEdit.version))
    latest = {edit.code: as_edited(edit) for edit in edits}
    return Thesaurus({**shipped(), **latest}) if latest else _as_shipped()


@cache
def _as_shipped() -> Thesaurus:
    """What comes with the software, made ready once: most deployments never edit it."""
    return Thesaurus(shipped())
