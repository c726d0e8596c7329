"""Directory: the search held against what somebody judged would help, with what is loaded now."""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from sqlalchemy import select

from core.db import db
from directory import search
from directory.evaluating import PAGE, Judgement, read
from directory.models import OldAddress, Service
from directory.rules import SHOWN

OURS = Path(__file__).parent / "data" / "judgements.json"
AT_A_TIME = 400


@dataclass(frozen=True, slots=True)
class Here:
    """Judgements whose listings are named by their ids, and how many names mean none of ours.

    An unknown name stays as it is: a listing that is not here is one that is not found.
    """

    judgements: tuple[Judgement, ...]
    unknown: int


@lru_cache(maxsize=1)
def judgements_of_ours() -> tuple[Judgement, ...]:
    """Those that come with Kith: about the listings of its demo."""
    return read(OURS.read_bytes())


def here(judgements: Iterable[Judgement]) -> Here:
    """The same, with the listings under the ids they have here.

    A listing may be named by its id, by the one its publisher gave it, or by the end of its
    address, also of one it had before.
    """
    judged = tuple(judgements)
    names = {name for each in judged for name in each.relevant}
    known = _ids(sorted(names))
    return Here(
        tuple(
            replace(each, relevant=frozenset(_under_ids(each.relevant, known))) for each in judged
        ),
        unknown=len(names - known.keys()),
    )


def make_ready() -> None:
    """Have the index answer, if it is not fit to: what the database finds in its place differs."""
    if search.search(search.Query(per_page=1)).from_sql:
        search.rebuild()


def asked(text: str, *, exact: bool = False) -> Sequence[str]:
    """The ids of what a text finds anywhere; `exact` leaves out what it was understood to mean."""
    query = search.Query(text, exact=exact, counting=frozenset(), per_page=PAGE)
    return [str(hit.id) for hit in search.search(query).hits]


def _under_ids(names: Iterable[str], known: Mapping[str, frozenset[str]]) -> Iterator[str]:
    for name in names:
        yield from known.get(name, (name,))


def _ids(names: Sequence[str]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for start in range(0, len(names), AT_A_TIME):
        for name, service_id in _named(names[start : start + AT_A_TIME]):
            found.setdefault(name, set()).add(str(service_id))
    return {name: frozenset(ids) for name, ids in found.items()}


def _named(names: Sequence[str]) -> Iterator[tuple[str, uuid.UUID]]:
    shown = Service.life.in_(SHOWN)
    ids = {name: service_id for name in names if (service_id := _uuid(name))}
    known = set(
        db.session.scalars(select(Service.id).where(Service.id.in_(set(ids.values())), shown))
    )
    yield from ((name, service_id) for name, service_id in ids.items() if service_id in known)
    for column in (Service.source_id, Service.slug):
        rows = db.session.execute(select(column, Service.id).where(column.in_(names), shown))
        yield from ((name, service_id) for name, service_id in rows if name)
    moved = select(OldAddress.slug, Service.id).join(Service)
    yield from map(tuple, db.session.execute(moved.where(OldAddress.slug.in_(names), shown)))


def _uuid(name: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(name)
    except ValueError:
        return None
