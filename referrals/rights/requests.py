"""Referrals, rights: somebody asks to see what is kept about them, or that it be forgotten.

One calendar month is the law's time for an answer, and it runs from the day it was asked. Nothing
is shown to anybody before somebody has made sure of who asks.
"""

import uuid
from collections.abc import Sequence
from datetime import date, datetime, time

from dateutil.relativedelta import relativedelta
from sqlalchemy import select

from accounts import May
from core import audit, clock
from core.actors import Actor
from core.db import db, hold
from core.errors import Forbidden, NotFound, Refused
from core.languages import _
from referrals.models import AskedHow, Person, Referral, Right, RightsRequest, Stage
from referrals.rules import NOT_YOURS, Part
from referrals.sight import parts_of

ANSWERED_WITHIN = relativedelta(months=1)
OPEN_STAGES = (Stage.ASKED, Stage.CHECKED, Stage.READY)
BY_THEIR_PIN = "by the link and the PIN of their own page"


def ask(referral: Referral, right: Right, *, by: Actor) -> RightsRequest:
    """The person asks from their own page; a second time finds the first while that is open."""
    hold(referral)
    if Part.RESIDENT not in parts_of(by, referral):
        raise Forbidden(NOT_YOURS.reason)
    return _enter(referral, right, AskedHow.OWN_PAGE, by=by)


def begin(
    ref: str, born_on: date, right: Right, how: AskedHow, *, asked_on: date, by: Actor
) -> RightsRequest:
    """An officer writes down what somebody asked by telephone, letter or in person.

    They give the reference and the date of birth of whoever asks: neither is looked up for them.
    """
    if asked_on > clock.today():
        raise Refused(_("The day they asked cannot be to come."))
    referral = find_by_ref(ref, born_on, by=by)
    request = _enter(referral, right, how, by=by)
    request.due_on = asked_on + ANSWERED_WITHIN
    if asked_on < clock.today():
        request.asked_at = datetime.combine(asked_on, time(12), tzinfo=clock.LONDON)
    return request


def find_by_ref(ref: str, born_on: date, *, by: Actor) -> Referral:
    """The first referral with this reference, of somebody born on this day, to the own team."""
    found = db.session.scalar(
        select(Referral).where(
            Referral.ref == ref.strip().upper(),
            Referral.parent_id.is_(None),
            Referral.to_organisation_id.in_(by.where(May.HANDLE_RIGHTS)),
        )
    )
    if found is None or found.person.born_on != born_on:
        raise Refused(_("There is nobody with this reference and this date of birth. Check both."))
    return found


def requests_for(actor: Actor) -> Sequence[RightsRequest]:
    """What was asked of the officer's own team and is open, the most pressing first."""
    found = select(RightsRequest).where(
        RightsRequest.team_id.in_(actor.where(May.HANDLE_RIGHTS)),
        RightsRequest.stage.in_(OPEN_STAGES),
    )
    return db.session.scalars(found.order_by(RightsRequest.due_on, RightsRequest.id)).all()


def get_request(request_id: uuid.UUID, *, seen_by: Actor) -> RightsRequest:
    """The request, if it is the officer's to handle; NotFound otherwise."""
    found = db.session.get(RightsRequest, request_id)
    if found is None or found.team_id not in seen_by.where(May.HANDLE_RIGHTS):
        raise NotFound
    return found


def requests_of(person: Person) -> Sequence[RightsRequest]:
    """What somebody has asked, the newest first."""
    found = select(RightsRequest).where(RightsRequest.about == person.about)
    return db.session.scalars(found.order_by(RightsRequest.asked_at.desc())).all()


def confirm_identity(request: RightsRequest, how: str, *, by: Actor) -> None:
    """Say how it was made sure that it is they who ask, or somebody who may ask for them."""
    handles(request, by)
    if request.stage is not Stage.ASKED:
        raise Refused(_("That has been done already."))
    if not how.strip():
        raise Refused(_("Say how you made sure of who asks."))
    request.identity = how.strip()
    move(request, Stage.CHECKED, by=by)


def close(request: RightsRequest, why: str, *, by: Actor) -> None:
    """It ends without what was asked, or with it done by other means: why is told to the person."""
    handles(request, by)
    if request.stage not in OPEN_STAGES:
        raise Refused(_("This request is over."))
    if not why.strip():
        raise Refused(_("Say why."))
    request.outcome = why.strip()
    move(request, Stage.CLOSED, by=by)


def handles(request: RightsRequest, by: Actor) -> None:
    """Hold the request; Forbidden for everybody but the officer of its team."""
    hold(request)
    if request.team_id not in by.where(May.HANDLE_RIGHTS):
        raise Forbidden(NOT_YOURS.reason)


def move(request: RightsRequest, stage: Stage, *, by: Actor) -> None:
    """The next stage, written down. For this package."""
    request.stage, request.stage_at = stage, clock.now()
    db.session.flush()
    audit.record(by, "rights request moved", about=request.about, right=request.right, now=stage)


def _enter(referral: Referral, right: Right, how: AskedHow, *, by: Actor) -> RightsRequest:
    for earlier in requests_of(referral.person):
        if earlier.right is right and earlier.stage in OPEN_STAGES:
            return earlier
    request = RightsRequest(
        right=right,
        about=referral.person.about,
        ref=referral.ref,
        team_id=referral.to_organisation_id,
        how=how,
        asked_at=clock.now(),
        due_on=clock.today() + ANSWERED_WITHIN,
        stage_at=clock.now(),
        by=by.ref,
        by_name=by.name,
    )
    if how is AskedHow.OWN_PAGE:
        request.identity, request.stage = BY_THEIR_PIN, Stage.CHECKED
    else:
        request.stage = Stage.ASKED
    db.session.add(request)
    db.session.flush()
    audit.record(by, "rights request", about=request.about, right=right, how=how)
    return request
