"""Directory: what a group says of how it keeps people safe: facts with dates, never a badge.

Nobody can buy or earn anything here. The group says it, an editor may say that we have seen it, and
what has run out says so. Who leads on safeguarding is only named if they agreed.
"""

import uuid
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from accounts import Organisation
from core import audit, clock
from core.actors import Actor
from core.db import db
from core.errors import Forbidden, NotFound, Refused
from core.languages import _, lazy
from core.templating import day_long
from directory.cleaning import one_line
from directory.editing import is_editor
from directory.listings import may_keep
from directory.models import Assurance
from directory.rules import AssuranceKind

LABELS = {
    AssuranceKind.INSURANCE: lazy("Public liability insurance"),
    AssuranceKind.DBS: lazy("DBS checks for helpers"),
    AssuranceKind.SAFEGUARDING_LEAD: lazy("Somebody leads on safeguarding"),
    AssuranceKind.SAFEGUARDING_TRAINING: lazy("Safeguarding training"),
    AssuranceKind.FIRST_AID: lazy("A trained first aider"),
    AssuranceKind.FOOD_HYGIENE: lazy("Food hygiene rating or training"),
}
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Said:
    """What a group says of one kind: the words, and the dates on the paper."""

    words: str = ""
    dated_on: date | None = None
    expires_on: date | None = None
    may_be_named: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """One assurance in words for everybody."""

    kind: AssuranceKind
    label: str
    notes: tuple[str, ...]
    has_run_out: bool


def say(organisation: Organisation, kind: AssuranceKind, said: Said, *, by: Actor) -> Assurance:
    """Write down what a group says. Other dates are another paper, which nobody has seen yet."""
    _check_keeper(organisation.id, by)
    if said.dated_on and said.dated_on > clock.today():
        raise Refused(_("The date on the paper cannot be in the future."))
    if said.dated_on and said.expires_on and said.expires_on < said.dated_on:
        raise Refused(_("It cannot run out before its own date."))
    held = find(organisation.id, kind)
    words = one_line(said.words)[:LONGEST]
    if held is None:
        held = Assurance(organisation_id=organisation.id, kind=kind)
        db.session.add(held)
    elif (held.words, held.dated_on, held.expires_on) != (words, said.dated_on, said.expires_on):
        held.seen_on, held.seen_by_name = None, ""
    elif held.may_be_named == said.may_be_named:
        return held
    held.words, held.dated_on, held.expires_on = words, said.dated_on, said.expires_on
    held.may_be_named = said.may_be_named
    held.said_at, held.by, held.by_name = clock.now(), by.ref, by.name
    _record("assurance said", organisation.id, kind, by=by)
    return held


def unsay(organisation: Organisation, kind: AssuranceKind, *, by: Actor) -> None:
    """Take back what a group said; nothing when it said nothing."""
    _check_keeper(organisation.id, by)
    held = find(organisation.id, kind)
    if held is not None:
        db.session.delete(held)
        _record("assurance taken back", organisation.id, kind, by=by)


def mark_seen(
    organisation_id: uuid.UUID, kind: AssuranceKind, on: date | None = None, *, by: Actor
) -> None:
    """An editor has seen the paper, today unless another day is given."""
    if not is_editor(by):
        raise Forbidden(_("Only an editor says what we have seen."))
    held = find(organisation_id, kind)
    if held is None:
        raise NotFound
    on = on or clock.today()
    if on > clock.today():
        raise Refused(_("Nobody can have seen it on a day that is still to come."))
    held.seen_on, held.seen_by_name = on, by.name
    _record("assurance seen", organisation_id, kind, by=by)


def find(organisation_id: uuid.UUID, kind: AssuranceKind) -> Assurance | None:
    """What a group says of one kind, if it says anything."""
    held = select(Assurance).where(Assurance.organisation_id == organisation_id)
    return db.session.scalar(held.where(Assurance.kind == kind))


def said_by(organisation_id: uuid.UUID) -> dict[AssuranceKind, Assurance]:
    """All that a group says, in the order people read it."""
    rows = db.session.scalars(select(Assurance).where(Assurance.organisation_id == organisation_id))
    held = {each.kind: each for each in rows}
    return {kind: held[kind] for kind in AssuranceKind if kind in held}


def facts_for_everybody(organisation_id: uuid.UUID) -> list[Fact]:
    """What people read of it: the facts, their dates and who has seen them."""
    return [_fact(each) for each in said_by(organisation_id).values()]


def _fact(said: Assurance) -> Fact:
    has_run_out = said.expires_on is not None and said.expires_on < clock.today()
    return Fact(
        said.kind,
        str(LABELS[said.kind]),
        tuple(filter(None, _notes(said, has_run_out=has_run_out))),
        has_run_out,
    )


def _notes(said: Assurance, *, has_run_out: bool) -> tuple[str, ...]:
    is_a_name = said.kind is AssuranceKind.SAFEGUARDING_LEAD
    words = said.words if said.may_be_named or not is_a_name else ""
    dated = _("dated %(day)s", day=day_long(said.dated_on)) if said.dated_on else ""
    ends = ""
    if said.expires_on:
        day = day_long(said.expires_on)
        ends = _("ran out on %(day)s", day=day) if has_run_out else _("until %(day)s", day=day)
    if said.seen_on:
        seen = _("we have seen it on %(day)s", day=day_long(said.seen_on))
    else:
        seen = _("the group says so")
    return words, dated, ends, seen


def _check_keeper(organisation_id: uuid.UUID, by: Actor) -> None:
    if not may_keep(by, organisation_id):
        raise Forbidden(_("This group belongs to somebody else."))


def _record(what: str, organisation_id: uuid.UUID, kind: AssuranceKind, *, by: Actor) -> None:
    audit.record(by, what, about=f"organisation:{organisation_id}", kind=kind)
