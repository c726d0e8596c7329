"""Referrals, rights: what is put right keeps what it was before, who put it right, and why.

Nothing that is said of somebody is overwritten without a trace: what is changed inside `kept` is
noted, sealed with all else that is theirs.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from sqlalchemy import inspect, select

from core import audit, clock
from core.actors import Actor
from core.db import Model, db, hold
from core.errors import Forbidden, Refused
from core.languages import _
from referrals.models import Earlier, Person, Referral
from referrals.rights.gathering import as_words, plain_facts, sorts
from referrals.rules import NOT_YOURS, Part

MAY_BE_PUT_RIGHT = (
    "name",
    "preferred_name",
    "born_on",
    "phone",
    "email",
    "address",
    "postcode",
    "communication_needs",
)
NOT_FACTS = frozenset({"by", "by_name", "at", "changed_at"})


@dataclass(frozen=True, slots=True)
class PutRight:
    """One thing that was put right: what it was, and who did it."""

    word: str
    was: str
    by_name: str
    at: datetime
    why: str


@contextmanager
def kept(row: Model, person: Person, *, why: str = "", by: Actor) -> Iterator[None]:
    """Keep what the facts of a row were, of those that are changed inside; a new row had none."""
    if not inspect(row).persistent:
        yield
        return
    before = _facts(row)
    yield
    after = _facts(row)
    changed = {name: was for name, was in before.items() if after.get(name) != was}
    if not changed:
        return
    key = row.__mapper__.primary_key_from_instance(row)[0]
    db.session.add(
        Earlier(
            person=person,
            place=f"{row.__mapper__.local_table}|{key}",
            was=changed,
            why=why.strip(),
            by=by.ref,
            by_name=by.name,
            at=clock.now(),
        )
    )
    db.session.flush()


def put_right(
    referral: Referral, said: Mapping[str, Any], *, why: str, parts: frozenset[Part], by: Actor
) -> None:
    """The link worker puts right who somebody is and how they are reached."""
    if referral.is_onward or Part.RECEIVER not in parts:
        raise Forbidden(NOT_YOURS.reason)
    if not str(said.get("name", "")).strip():
        raise Refused(_("Enter their name."))
    person = referral.person
    hold(person)
    with kept(person, person, why=why, by=by):
        for fact in MAY_BE_PUT_RIGHT:
            if fact in said:
                setattr(person, fact, said[fact])
    db.session.flush()
    audit.record(by, "put right", about=person.about)


def put_right_of(person: Person) -> Sequence[PutRight]:
    """What was put right, the latest first."""
    found = select(Earlier).where(Earlier.person_id == person.id).order_by(Earlier.at.desc())
    return [
        PutRight(
            _word(each, name),
            as_words(was),
            each.by_name,
            each.at,
            each.why,
        )
        for each in db.session.scalars(found)
        for name, was in each.was.items()
    ]


def _word(earlier: Earlier, column: str) -> str:
    table = earlier.place.partition("|")[0]
    return sorts()[table].words.get(column, column.replace("_", " ").capitalize())


def _facts(row: Model) -> dict[str, Any]:
    said = plain_facts(row).items()
    return {name: _plain(value) for name, value in said if name not in NOT_FACTS}


def _plain(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    return value.isoformat() if isinstance(value, (date, time)) else value
