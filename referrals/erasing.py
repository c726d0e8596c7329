"""Referrals: to forget somebody: their key is destroyed, and every trace that has their words.

What stays says nothing about anybody: that there was a referral, its steps and days, what was
counted. Whoever decides on it keeps why (`referrals.rights`); audit holds references only.
"""

from typing import Any

from sqlalchemy import delete, or_, select, update

from accounts import May
from core import audit, clock, links, outbox, sealing
from core.actors import Actor, Kind
from core.db import Model, db
from core.errors import Forbidden, Refused
from referrals.models import (
    AboutVersion,
    AddedNote,
    Appointment,
    AskedFor,
    Asking,
    Barrier,
    ClosingMessage,
    Consent,
    Correction,
    Earlier,
    Ending,
    FirstVisit,
    Goal,
    GroupPlace,
    HowItStood,
    MeasureAsked,
    Person,
    Pledge,
    PrivatePage,
    RecordEntry,
    Referral,
    RiskStatement,
    SafetyNote,
    Step,
    Task,
    Telling,
    ToDiscuss,
    WaitingPlace,
)
from referrals.rights.consent import abouts_of
from referrals.rules import CLOSED, NOT_YOURS

DELETED: tuple[type[Any], ...] = (
    AboutVersion,
    AddedNote,
    Appointment,
    AskedFor,
    Asking,
    Barrier,
    ClosingMessage,
    Correction,
    Earlier,
    Ending,
    Goal,
    GroupPlace,
    HowItStood,
    MeasureAsked,
    Pledge,
    PrivatePage,
    RecordEntry,
    RiskStatement,
    SafetyNote,
    Task,
    Telling,
    ToDiscuss,
    WaitingPlace,
)
"""What nobody counts. The rows of all else stay without a word: evidence rests on them."""


def erase(person: Person, *, by: Actor, why: str) -> None:
    """Forget somebody for good. `why` is a word for the audit: `asked`, `retention` …

    Refused while anything is open: who is still being helped has to be known. Whoever decides
    keeps the stub, and looks whether a legal hold stands, before.
    """
    ways = db.session.scalars(select(Referral).where(Referral.person_id == person.id)).all()
    _check(ways, by)
    about = f"person:{person.id}"
    abouts = {about, *(each for way in ways for each in _abouts(way))}
    for model in DELETED:
        _delete(model, person)
    links.forget(abouts)
    outbox.forget(abouts)
    now = clock.now()
    mine = Referral.person_id == person.id
    ids = select(Referral.id).where(mine)
    agreed = update(Consent).where(Consent.referral_id.in_(ids), Consent.withdrawn_at.is_(None))
    db.session.execute(agreed.values(withdrawn_at=now))
    db.session.execute(update(Referral).where(mine).values(erased_at=now))
    sealing.erase(person.id)
    audit.record(by, "person erased", about=about, why=why, referrals=len(ways))


def _check(ways: Any, by: Actor) -> None:
    teams = {way.to_organisation_id for way in ways if not way.is_onward}
    if by.kind is not Kind.SYSTEM and not (teams and teams <= by.where(May.HANDLE_RIGHTS)):
        raise Forbidden(NOT_YOURS.reason)
    if any(way.status not in CLOSED for way in ways):
        raise Refused("Somebody is still being helped. End what is open first.")


def _abouts(referral: Referral) -> list[str]:
    pages = select(PrivatePage).where(PrivatePage.referral_id == referral.id)
    return [*abouts_of(referral), *(page.about for page in db.session.scalars(pages))]


def _delete(model: type[Model], person: Person) -> None:
    """The rows that hang on the person, on their referrals, on a visit or on a step."""
    columns = model.__table__.columns
    referrals = select(Referral.id).where(Referral.person_id == person.id)
    visits = select(FirstVisit.id).where(FirstVisit.referral_id.in_(referrals))
    steps = select(Step.id).where(Step.referral_id.in_(referrals))
    hangs = [
        column.in_(wanted) if column.name != "person_id" else column == person.id
        for name, wanted in (
            ("person_id", referrals),
            ("referral_id", referrals),
            ("visit_id", visits),
            ("step_id", steps),
        )
        if (column := columns.get(name)) is not None
    ]
    db.session.execute(delete(model).where(or_(*hangs)))
