"""Referrals in FHIR: what somebody may have of a practice's referrals, found through sight.py."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from accounts import Field, Organisation
from core import audit
from core.actors import Actor
from core.db import db
from core.errors import Forbidden, NotFound
from core.languages import _
from referrals.fhir.answers import is_told
from referrals.fhir.asking import Asked, Cursor
from referrals.fhir.states import statuses_of
from referrals.history import whole_record
from referrals.models import Consent, Measure, OwnerChange, Person, Referral, Step
from referrals.rules import Status
from referrals.sight import facts_shown, referrals_for

Row = TypeVar("Row", Consent, Measure)

Fields = frozenset[Field]

STATE: Fields = frozenset({Field.LOGISTICS})
WHO = STATE | {Field.MINIMUM, Field.IDENTITY}
WHY = STATE | {Field.NEEDS}
ALL = WHO | WHY


@dataclass(frozen=True, slots=True)
class Found:
    """A page of referrals, how many there are in all, and where the next page begins."""

    referrals: Sequence[Referral]
    total: int
    after: Cursor | None


def get_request(
    referral_id: uuid.UUID, *, seen_by: Actor, needs: Fields = STATE, tells: Fields = WHY
) -> Referral:
    """One referral with all that hangs on it; the look at it is written down.

    Forbidden to whoever may not read what it `needs`; of what it `tells` they get what they may.
    """
    found = whole_record(referral_id, seen_by=seen_by)
    if found.status is Status.DRAFT:
        raise NotFound
    _look(found, seen_by, needs, tells)
    return found


def get_patient(person_id: uuid.UUID, *, seen_by: Actor) -> Person:
    """Whom at least one referral that may be known of is about."""
    referral = db.session.scalar(
        _theirs(seen_by)
        .where(Referral.person_id == person_id)
        .order_by(Referral.created_at.desc())
        .limit(1)
    )
    if referral is None:
        raise NotFound
    _look(referral, seen_by, WHO, WHO)
    return referral.person


def get_answers(measure_id: uuid.UUID, *, seen_by: Actor) -> Measure:
    """One set of answers, to questions whose words we may give."""
    found = _part(Measure, measure_id, seen_by)
    if not is_told(found):
        raise NotFound
    return found


def get_consent(consent_id: uuid.UUID, *, seen_by: Actor) -> Consent:
    """One agreement."""
    return _part(Consent, consent_id, seen_by)


def get_organisation(organisation_id: uuid.UUID, *, seen_by: Actor) -> Organisation:
    """An organisation that sent or got a referral that may be known of."""
    party = or_(
        Referral.from_organisation_id == organisation_id,
        Referral.to_organisation_id == organisation_id,
    )
    if db.session.scalar(_theirs(seen_by).where(party).limit(1)) is None:
        raise NotFound
    return db.session.get_one(Organisation, organisation_id)


def find_tasks(asked: Asked, *, seen_by: Actor) -> Found:
    """A page of what was asked for, in the order in which they moved; each look written down."""
    moved = _moved_at()
    wanted = _theirs(seen_by).where(*_conditions(asked, moved))
    counted = wanted.with_only_columns(func.count(), maintain_column_froms=True)
    total = db.session.scalar(counted) or 0
    if asked.count == 0:
        return Found([], total, None)
    if asked.after:
        wanted = wanted.where(_behind(asked.after, moved))
    rows = db.session.execute(
        wanted.add_columns(moved)
        .order_by(moved, Referral.id)
        .limit(asked.count + 1)
        .options(*_for_tasks())
    ).all()
    shown, rest = rows[: asked.count], rows[asked.count :]
    for referral, _at in shown:
        _look(referral, seen_by, STATE, WHY)
    after = Cursor(shown[-1][1], shown[-1][0].id) if rest else None
    return Found([referral for referral, _at in shown], total, after)


def _theirs(actor: Actor) -> Select[Referral]:
    return referrals_for(actor).where(Referral.parent_id.is_(None), Referral.status != Status.DRAFT)


def _part(kind: type[Row], key: uuid.UUID, actor: Actor) -> Row:
    found = db.session.get(kind, key)
    if found is None:
        raise NotFound
    get_request(found.referral_id, seen_by=actor, needs=WHY)
    return found


def _look(referral: Referral, actor: Actor, needs: Fields, tells: Fields) -> None:
    shown = facts_shown(referral, actor)
    if not needs <= shown:
        raise Forbidden(_("Your key does not open this. It opens how referrals stand."))
    audit.looked(actor, about=referral.about, classes=sorted(tells & shown))


def _moved_at() -> ColumnElement[datetime]:
    """When a referral last moved, or came into other hands: `last_moved`, for the database."""
    stepped = select(func.max(Step.at)).where(Step.referral_id == Referral.id).scalar_subquery()
    handed = (
        select(func.max(OwnerChange.at))
        .where(OwnerChange.referral_id == Referral.id)
        .scalar_subquery()
    )
    latest = case((handed > stepped, handed), else_=stepped)
    return func.coalesce(latest, Referral.created_at, type_=Referral.created_at.type)


def _conditions(asked: Asked, moved: ColumnElement[datetime]) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for span in asked.spans:
        if span.since is not None:
            found.append(moved >= span.since)
        if span.until is not None:
            found.append(moved < span.until)
    if asked.states:
        found.append(Referral.status.in_(statuses_of(asked.states)))
    if asked.patient:
        found.append(Referral.person_id == asked.patient)
    return found


def _behind(cursor: Cursor, moved: ColumnElement[datetime]) -> ColumnElement[bool]:
    return or_(moved > cursor.at, and_(moved == cursor.at, Referral.id > cursor.id))


def _for_tasks() -> list[ORMOption]:
    """What a Task says, loaded at once for a page of them."""
    return [
        joinedload(Referral.from_organisation),
        joinedload(Referral.to_organisation),
        joinedload(Referral.service),
        selectinload(Referral.steps),
        selectinload(Referral.contacts),
        selectinload(Referral.measures),
        selectinload(Referral.owner_changes),
    ]
